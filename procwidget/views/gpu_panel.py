"""GPUs in words: a meter for each beside those of the host, and a panel with all their figures. Pure."""

from __future__ import annotations

from typing import Any

from procwidget.machine import Gpu, gpu_memory_usage
from procwidget.sample import Sample
from procwidget.thresholds import Thresholds
from procwidget.units import UNKNOWN, bytes_text, percent_text, temperature_text
from procwidget.views.panel_contents import Cell, Column, Content, Fact

MOST_METERS = 8
"""How many GPUs have meters: those with the fullest memory."""

_COLUMNS: list[Column] = [
    {"label": "GPU", "number": False},
    {"label": "Name", "number": False},
    {"label": "Use", "number": True, "hint": "Time in which anything ran on it"},
    {"label": "Memory", "number": True},
    {"label": "Temperature", "number": True},
    {"label": "Power", "number": True},
    {"label": "Processes", "number": True, "hint": "Those that hold its memory"},
]


def gpu_meters(sample: Sample, thresholds: Thresholds) -> list[dict[str, Any]]:
    """Return a meter for each GPU: of its memory, which is what runs out; of its use where that is not known."""
    gpus = sample["gpus"] or []
    labels = _labels(gpus)
    fullest = sorted(range(len(gpus)), key=lambda place: -(gpu_memory_usage(gpus[place]) or 0.0))[:MOST_METERS]
    return [_meter(gpus[place], labels[place], thresholds) for place in sorted(fullest)]


def has_gpus(sample: Sample) -> bool:
    """Return whether the host has GPUs, as far as is known yet."""
    return bool(sample["gpus"])


def describe_gpus(sample: Sample, thresholds: Thresholds) -> Content:
    """Return what each GPU does and holds; memory that is nearly full is marked."""
    gpus = sample["gpus"]
    if not gpus:
        return {
            "facts": [],
            "tables": [],
            "notes": ["No GPU has answered." if gpus is None else "There is no GPU."],
        }
    held = [gpu["memory_used"] for gpu in gpus if gpu["memory_used"] is not None]
    powers = [gpu["power"] for gpu in gpus if gpu["power"] is not None]
    facts: list[Fact] = [
        {"label": "GPUs", "text": f"{len(gpus):,}"},
        {"label": "Memory in use", "text": bytes_text(sum(held)) if held else UNKNOWN},
        {"label": "Power", "text": f"{sum(powers):.0f} W" if powers else UNKNOWN},
    ]
    rows = [_row(gpu, label, thresholds) for gpu, label in zip(gpus, _labels(gpus), strict=True)]
    return {"facts": facts, "tables": [{"caption": "GPUs", "columns": _COLUMNS, "rows": rows}], "notes": []}


def _meter(gpu: Gpu, label: str, thresholds: Thresholds) -> dict[str, Any]:
    value, level = gpu_memory_usage(gpu), thresholds.level("gpu_memory", gpu_memory_usage(gpu))
    bounds = list(thresholds.gpu_memory)
    # Where there is little room for these, the first are seen.
    key, parts = "gpu_memory", [f"busy {percent_text(gpu['usage'])}", _memory(gpu)]
    if value is None:
        # A GPU at work is what it is for, so this has no level.
        value, level, bounds = gpu["usage"], "normal", [100.0, 100.0]
        key, parts = "gpu_usage", parts[1:]
    else:
        label += " memory"
    parts += [temperature_text(gpu["temperature"]), _power(gpu)]
    return {
        "key": f"{key}_{gpu['id']}",
        "label": label,
        "value": value,
        "max": 100,
        "text": percent_text(value),
        "detail": "does not answer" if gpu["lost"] else ", ".join(part for part in parts if UNKNOWN not in part),
        "level": level,
        "bounds": bounds,
        "below": True,
    }


def _row(gpu: Gpu, label: str, thresholds: Thresholds) -> list[Cell]:
    level, memory = thresholds.level("gpu_memory", gpu_memory_usage(gpu)), _memory(gpu)
    return [
        label,
        gpu["name"],
        {"text": "no answer", "level": "critical"} if gpu["lost"] else percent_text(gpu["usage"]),
        memory if level == "normal" else {"text": memory, "level": level},
        temperature_text(gpu["temperature"]),
        _power(gpu),
        UNKNOWN if gpu["processes"] is None else f"{gpu['processes']:,}",
    ]


def _labels(gpus: list[Gpu]) -> list[str]:
    """Return how each is called: "GPU 0", with its maker where those of two have one number, or as a part of one."""
    labels: list[str] = []
    vendors = {gpu["vendor"] for gpu in gpus}
    for place, gpu in enumerate(gpus):
        name = f"{gpu['vendor']} GPU {gpu['index']}" if len(vendors) > 1 else f"GPU {gpu['index']}"
        same = [other for other in gpus if (other["vendor"], other["index"]) == (gpu["vendor"], gpu["index"])]
        if len(same) > 1:
            before = [other for other in gpus[:place] if other in same]
            name += f" part {len(before)}"
        labels.append(name)
    return labels


def _memory(gpu: Gpu) -> str:
    used, total = gpu["memory_used"], gpu["memory_total"]
    if used is None or total is None:
        return UNKNOWN
    value, unit = bytes_text(used).split()
    of = bytes_text(total)
    return f"{value} of {of}" if of.endswith(unit) else f"{value} {unit} of {of}"


def _power(gpu: Gpu) -> str:
    if gpu["power"] is None:
        return UNKNOWN
    limit = f" of {gpu['power_limit']:.0f}" if gpu["power_limit"] else ""
    return f"{gpu['power']:.0f}{limit} W"
