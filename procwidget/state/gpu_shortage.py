"""Says which GPUs are short of memory, and who holds it. Pure.

A GPU does not swap: where its memory is full, the next allocation of any program fails. So who holds it is named with
less than the quarter that `blame.py` asks for: two programs that share a GPU are both the cause.
"""

from __future__ import annotations

from typing import NamedTuple

from procwidget.sample import Gpu, Process, Sample
from procwidget.thresholds import Level, Thresholds
from procwidget.units import percent_text

_MOST_NAMED = 3
_PART = 0.1
"""Who holds less than this part of what is used is not named."""

_LONGEST = 64
_MIB = 2**20
NOT_SHOWN = "by processes that are not shown here"


class Holding(NamedTuple):
    """What a program holds of a GPU's memory.

    Attributes:
        name: the program's.
        user: whose, `None` where that is unknown.
        rows: its processes, the one with most first.
        memory: bytes of all together.
        share: the part of what is used, 0 to 1.
    """

    name: str
    user: str | None
    rows: list[Process]
    memory: int
    share: float


class GpuShortage(NamedTuple):
    """A GPU whose memory is nearly full: percent in use, and who holds it, the largest first."""

    gpu: Gpu
    level: Level
    usage: float
    holdings: list[Holding]

    @property
    def what(self) -> str:
        """Which figure it is, such as "Memory of GPU 0 97 %"."""
        return f"Memory of GPU {self.gpu['index']} {percent_text(self.usage)}"

    @property
    def cause(self) -> str:
        """Who holds it, as the end of a sentence such as "train.py (1234) holds 82 % of it"."""
        named = [holding for holding in self.holdings if holding.share >= _PART][:_MOST_NAMED]
        if not named:
            return NOT_SHOWN
        said = [_said(holding) for holding in named]
        return " and ".join([*([", ".join(said[:-1])] if said[:-1] else []), said[-1]]) + " of it"


def gpu_shortages(sample: Sample, thresholds: Thresholds) -> list[GpuShortage]:
    """Return the GPUs whose memory is above its threshold, the fullest first."""
    found = []
    for gpu in sample["gpus"] or ():
        usage = memory_usage(gpu)
        level = thresholds.level("gpu_memory", usage)
        if usage is not None and level != "normal":
            found.append(GpuShortage(gpu, level, usage, holdings(sample, gpu)))
    return sorted(found, key=lambda shortage: -shortage.usage)


def memory_usage(gpu: Gpu) -> float | None:
    """Return how much of a GPU's memory is in use, in percent; `None` where it is not known or it has none."""
    used, total = gpu["memory_used"], gpu["memory_total"]
    return 100.0 * used / total if used is not None and total else None


def holdings(sample: Sample, gpu: Gpu) -> list[Holding]:
    """Return what each program holds of a GPU's memory, the largest first; who is not in the sample is left out.

    Processes of one program and user are one: they are workers of one job, and each alone explains little.
    """
    rows = {row["pid"]: row for row in sample["processes"]}
    held = [(rows[one["pid"]], one["memory"]) for one in gpu["holders"] if one["pid"] in rows]
    if not gpu["holders"] and len(sample["gpus"] or ()) == 1:
        # Of an only GPU it is what the rows say, where those are asked for.
        known = [(row, row.get("gpu_memory")) for row in sample["processes"]]
        held = [(row, int(memory * _MIB)) for row, memory in known if memory]
    programs: dict[tuple[str, str | None], list[tuple[Process, int]]] = {}
    for row, memory in held:
        programs.setdefault((row["name"], row["user"]), []).append((row, memory))
    used = gpu["memory_used"] or sum(memory for _, memory in held)
    found = []
    for (name, user), own in programs.items():
        own.sort(key=lambda one: -one[1])
        memory = sum(memory for _, memory in own)
        share = min(1.0, memory / used) if used else 0.0
        found.append(Holding(name, user, [row for row, _ in own], memory, share))
    return sorted(found, key=lambda holding: -holding.memory)


def _said(holding: Holding) -> str:
    name, count = holding.name[:_LONGEST], len(holding.rows)
    share = percent_text(100 * holding.share)
    if count == 1:
        return f"{name} ({holding.rows[0]['pid']}) holds {share}"
    of = f" of {holding.user[:_LONGEST]}" if holding.user else ""
    return f"{name} ({count} processes{of}) holds {share}"
