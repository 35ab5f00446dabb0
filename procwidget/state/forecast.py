"""Says when memory will be full, where it grows steadily, and who grows. Pure; the poller's thread calls it."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from procwidget.sample import Process, Sample
from procwidget.state.causes import Cause, notebook_of, of_group, of_process, of_program, process_text
from procwidget.units import plural

_EVERY = 5.0
_POINTS = 13
"""A minute is looked at, in points `_EVERY` seconds apart."""

_FEWEST = 5
SOON = 600.0
"""Seconds: what is further away may well not come."""

_STEADY = 0.5
"""Each half of the time must bring so much of what it brings on average: one that loads a file grows once."""

_LEAST = 0.02
"""Part of memory that must have been taken meanwhile."""

_PART = 0.5
"""Who took less than this part of it is not named."""

_ROUND = 5
_MIB = 2**20
ENDERS = ("earlyoom", "systemd-oomd", "nohang", "oomd")
"""Programs that end processes when memory is short."""


class Forecast(NamedTuple):
    """In how many seconds memory is full, who grows, and how a sentence says both."""

    seconds: float
    cause: Cause | None
    process: Process | None
    text: str


class _Point(NamedTuple):
    time: float
    used: float
    rows: list[Process]


class Trend:
    """Follows the memory that counts."""

    def __init__(self) -> None:
        self._points: deque[_Point] = deque(maxlen=_POINTS)
        self._whose: tuple[str | None, int | None] = None, None
        self.rising = False
        """Whether memory may be full soon, so that it is good to know which notebook a process belongs to."""

    def update(self, sample: Sample, *, gap: bool) -> Forecast | None:
        """Take the next reading; return what is to be expected, if memory is full soon."""
        counts, now = sample["effective"], sample["monotonic"]
        used, total = counts["memory_used"], counts["memory_total"]
        whose = counts["memory_cgroup"], total
        if gap or used is None or whose != self._whose:
            self._points.clear()
            self._whose = whose
        self.rising = False
        if used is None or not total:
            return None
        points = self._points
        if not points or now - points[-1].time >= _EVERY:
            points.append(_Point(now, used, sample["processes"]))
        first, middle = points[0], points[len(points) // 2]
        passed, grown = now - first.time, used - first.used
        self.rising = 2 * grown >= _LEAST * total and used >= total / 2
        # What was taken in a minute says nothing of hours; a machine that is half empty is not looked at at all.
        if len(points) < _FEWEST or grown < _LEAST * total or used < total / 2:
            return None
        usual = grown / passed
        halves = ((middle, first), (_Point(now, used, []), middle))
        if any(late.used - early.used < _STEADY * usual * (late.time - early.time) for late, early in halves):
            return None
        seconds = (total - used) / usual
        if seconds > SOON:
            return None
        process, cause, who = _growing(first.rows, sample["processes"], grown)
        about = f"in about {plural(round(seconds / 60), 'min', 'min')}" if seconds >= 60 else _seconds_text(seconds)
        text = f"{about}{who}{_ender(sample['processes'])}"
        return Forecast(seconds, cause, process, text)


def _seconds_text(seconds: float) -> str:
    # Nobody knows it to the second.
    return f"in about {max(1, round(seconds / _ROUND)) * _ROUND} s"


def _growing(before: list[Process], now: list[Process], grown: float) -> tuple[Process | None, Cause | None, str]:
    held = {row["identity"]: row["memory"] or 0.0 for row in before}
    taken = [(((row["memory"] or 0.0) - held.get(row["identity"], 0.0)) * _MIB, row) for row in now]
    most, row = max(taken, key=lambda one: one[0], default=(0.0, None))
    if row is not None and most >= _PART * grown:
        return row, of_process(row, min(100.0, 100 * most / grown)), f": {process_text(row)} grows"
    notebooks: dict[str, list[tuple[float, Process]]] = {}
    for amount, each in taken:
        if notebook := notebook_of(each):
            notebooks.setdefault(notebook, []).append((amount, each))
    sums = {notebook: sum(amount for amount, _ in few) for notebook, few in notebooks.items()}
    if sums and (most := max(sums.values())) >= _PART * grown:
        notebook = max(sums, key=sums.__getitem__)
        members = [each for _, each in notebooks[notebook]]
        cause = of_group("notebook", notebook, members, min(100.0, 100 * most / grown))
        return None, cause, f": {notebook} ({plural(len(members), 'process', 'processes')}) grows"
    programs: dict[tuple[str, str | None], float] = {}
    for amount, each in taken:
        key = each["name"], each["user"]
        programs[key] = programs.get(key, 0.0) + amount
    name, user = max(programs, key=programs.__getitem__, default=("", None))
    if not programs or programs[name, user] < _PART * grown:
        return None, None, ""
    rows = [each for each in now if (each["name"], each["user"]) == (name, user)]
    share = min(100.0, 100 * programs[name, user] / grown)
    return (
        None,
        of_program(name, user, rows, share),
        f": {name[:64]} ({plural(len(rows), 'process', 'processes')}) grows",
    )


def _ender(rows: list[Process]) -> str:
    """Return who ends processes before the kernel does, if one runs."""
    running = {row["name"] for row in rows}
    found = next((name for name in ENDERS if name in running), None)
    return f"; {found} may end processes before" if found else ""
