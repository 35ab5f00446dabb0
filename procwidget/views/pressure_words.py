"""Puts pressure into words for a line of the head: for what tasks waited, in how much of the last interval. Pure."""

from __future__ import annotations

from typing import Any

from procwidget.sample import Pressure
from procwidget.units import percent_text

NOT_MEASURED = "is not measured on this system (pressure stall information, PSI)"


def pressure_words(pressure: Pressure | None) -> dict[str, Any]:
    """Return the `label` of the line and its `parts`, or a `text` where there is nothing to part."""
    if pressure is None:
        return {"label": "How long tasks wait", "text": NOT_MEASURED, "parts": []}
    cpu, memory, io = pressure["cpu"], pressure["memory"], pressure["io"]
    whose = "Tasks" if pressure["cgroup"] is None else f"Tasks of {pressure['cgroup']}"
    shares = (
        ("CPU", cpu["some"], None),
        ("memory", memory["some"], memory["full"]),
        ("I/O", io["some"], io["full"]),
    )
    return {
        "label": f"{whose} waited for",
        "text": "",
        "parts": [{"label": label, "text": _words(some, full)} for label, some, full in shares],
    }


def _words(some: float | None, full: float | None) -> str:
    # Where all waited for less than a percent of the time there is nothing to say of it.
    return percent_text(some) if full is None or full < 1 else f"{percent_text(some)} (all {percent_text(full)})"
