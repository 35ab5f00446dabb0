"""Adds up processes by program, unit and user, for programs that keep series of figures over months.

Such a program keeps a series for each name that it ever saw, so names are few: those that were once among the first
stay, and all others are one, "other". CPU is a counter that only rises: it keeps what ended processes had. One thread
at a time may call.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Literal, NamedTuple, get_args

from procwidget.sample import Process, Sample

Kind = Literal["program", "unit", "user"]

FIRST = 10
"""Groups that are named: so many by CPU, and so many by memory."""

MOST = 50
"""Groups of a kind that are ever named; whatever comes later belongs to the others."""

OTHER = "other"

_KEYS: dict[Kind, Literal["name", "unit", "user"]] = {"program": "name", "unit": "unit", "user": "user"}
_LONGEST = 64
_MIB = 2**20


class Group(NamedTuple):
    """What the processes of one name take together: CPU seconds so far, bytes of memory, and how many they are."""

    name: str
    cpu_seconds: float
    memory: float
    processes: int


class ProcessGroups:
    """Follows samples, and has the groups of the newest."""

    def __init__(self) -> None:
        self._times: dict[str, float] = {}
        self._before: float | None = None
        self._cpu: dict[Kind, dict[str, float]] = {kind: {OTHER: 0.0} for kind in get_args(Kind)}
        self._groups: dict[Kind, list[Group]] = {kind: [] for kind in get_args(Kind)}

    def take(self, sample: Sample) -> None:
        """Take the next sample."""
        rows = sample["processes"]
        spent = [self._spent(row) for row in rows]
        times = {row["identity"]: row["cpu_time"] for row in rows}
        # One whose time is not known just now goes on later from where it was.
        self._times = {
            identity: time if time is not None else self._times[identity]
            for identity, time in times.items()
            if time is not None or identity in self._times
        }
        self._before = sample["time"]
        for kind in get_args(Kind):
            self._groups[kind] = self._grouped(kind, rows, spent)

    def of(self, kind: Kind) -> list[Group]:
        """Return the groups of a kind, the others last; empty before the first sample."""
        return self._groups[kind]

    def _spent(self, row: Process) -> float:
        """Return the CPU seconds of a process since the sample before."""
        time = row["cpu_time"]
        if time is None:
            return 0.0
        before = self._times.get(row["identity"])
        if before is not None:
            return max(0.0, time - before)
        started = row["started"]
        if self._before is not None and started is not None and started < self._before - 1:
            # It ran before and could not be seen: all its time at once would look like a storm.
            return 0.0
        return time

    def _grouped(self, kind: Kind, rows: list[Process], spent: Iterable[float]) -> list[Group]:
        cpu: defaultdict[str, float] = defaultdict(float)
        memory: defaultdict[str, float] = defaultdict(float)
        count: Counter[str] = Counter()
        for row, seconds in zip(rows, spent, strict=True):
            name = (row.get(_KEYS[kind]) or OTHER)[:_LONGEST]
            cpu[name] += seconds
            memory[name] += (row["memory"] or 0.0) * _MIB
            count[name] += 1
        totals = self._cpu[kind]
        for figures in (cpu, memory):
            for name in sorted(figures, key=lambda one: (-figures[one], one))[:FIRST]:
                if figures[name] > 0 and len(totals) <= MOST:
                    totals.setdefault(name, 0.0)
        for name in cpu.keys() - totals.keys():
            cpu[OTHER] += cpu[name]
            memory[OTHER] += memory[name]
            count[OTHER] += count[name]
        for name in totals:
            totals[name] += cpu[name]
        return [Group(name, totals[name], memory[name], count[name]) for name in sorted(totals, key=_other_last)]


def _other_last(name: str) -> tuple[bool, str]:
    return name == OTHER, name
