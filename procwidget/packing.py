"""The processes of samples as columns of machine numbers: rows enter, columns leave and become rows again. No threads.

A sample that follows another keeps only the rows that differ from it, about 37 bytes each; what seldom changes about a
process (its name, user, command …) is kept once for all samples, under a number.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, cast

from procwidget.sample import Process

SELDOM = ("pid", "name", "ppid", "user", "started", "command", "nice", "session", "stuck", "identity")
"""The keys of a process that seldom change; its identity is the last of them."""

Seldom = tuple[Any, ...]
"""The values of `SELDOM` for one process."""


class Figures(NamedTuple):
    """What often changes about a process, as numbers: unknown is NaN, or -1 threads; `seldom` stands for the rest."""

    seldom: int
    cpu: float
    memory: float
    cpu_time: float
    threads: int
    status: int


class Packed(NamedTuple):
    """The rows of a sample, or only those that `left` and changed since the sample before if it is not `whole`."""

    whole: bool
    left: array[int]
    columns: tuple[array[int], array[float], array[float], array[float], array[int], array[int]]

    def apply(self, known: dict[str, Figures], seldom: Mapping[int, Seldom]) -> None:
        """Bring the figures of the sample before, by identity, to those of this sample, in its order."""
        if self.whole:
            known.clear()
        for number in self.left:
            del known[seldom[number][-1]]
        for figures in map(Figures._make, zip(*self.columns, strict=True)):
            known[seldom[figures.seldom][-1]] = figures

    def follow(self, numbers: set[int], before: Figures | None) -> Figures | None:
        """Return the figures of the one process that `numbers` stand for, given those in the sample before."""
        gone = self.whole or not numbers.isdisjoint(self.left)
        for number in numbers.intersection(self.columns[0]):
            place = self.columns[0].index(number)
            return Figures(*(column[place] for column in self.columns))  # type: ignore[arg-type]
        return None if gone else before


def pack(rows: list[Process], seldom: Iterable[int], left: Iterable[int], whole: bool, statuses: list[Any]) -> Packed:
    """Return `rows` as columns; a status that is new is added to `statuses`, where it then has its number."""
    for row in rows:
        if row["status"] not in statuses:
            statuses.append(row["status"])
    columns = (
        array("I", seldom),
        _column([row["cpu"] for row in rows]),
        _column([row["memory"] for row in rows]),
        _column([row["cpu_time"] for row in rows]),
        array("i", [-1 if row["threads"] is None else row["threads"] for row in rows]),
        array("B", [statuses.index(row["status"]) for row in rows]),
    )
    return Packed(whole, array("I", left), columns)


def unpack(figures: Figures, seldom: Seldom, statuses: list[Any]) -> Process:
    """Return the row of a process, a new dict."""
    pid, name, ppid, user, started, command, nice, session, stuck, identity = seldom
    return {
        "pid": pid,
        "name": name,
        "cpu": known(figures.cpu),
        "memory": known(figures.memory),
        "ppid": ppid,
        "user": user,
        "status": statuses[figures.status],
        "threads": None if figures.threads < 0 else figures.threads,
        "started": started,
        "command": command,
        "nice": nice,
        "session": session,
        "cpu_time": known(figures.cpu_time),
        "stuck": stuck,
        "identity": identity,
    }


def known(value: float) -> float | None:
    """Return a figure as it is in a row: `None` for NaN."""
    return None if value != value else value


def _column(values: list[float | None]) -> array[float]:
    try:
        return array("d", cast("list[float]", values))
    except TypeError:
        return array("d", [math.nan if value is None else value for value in values])
