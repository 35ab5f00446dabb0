"""What a history keeps of one sample, and what can be told of several without making them again. Pure.

`procwidget.history` keeps a list of these entries and alone changes it.
"""

from __future__ import annotations

import math
from array import array
from typing import Any, NamedTuple, cast

from procwidget.errors import InvalidArgument
from procwidget.fields import SELDOM
from procwidget.intervals import Figures as Totals
from procwidget.moments import before_the_first
from procwidget.nearest import did_you_mean
from procwidget.packing import CPU_TIME, MEMORY, Figures, Packed, Seldom, known
from procwidget.shapes import Shape, find, put_together

OF_PROCESSES = ("processes", "top_processes")
"""The keys of a sample that an entry's shape does not have."""

_ALSO = {"cpu": "cpu_usage", "mem": "memory_usage", "load": "load_average", "net": "network"}


class Entry(NamedTuple):
    """One sample; `top` is how many `top_processes` it has."""

    monotonic: float
    shape: Shape  # of the sample without its processes
    figures: array[float]
    top: int
    packed: Packed

    def host(self) -> dict[str, Any]:
        """Return the sample without its processes, a new dict."""
        return cast("dict[str, Any]", put_together(self.shape, self.figures))


def times_of(entries: list[Entry], places: range) -> list[float]:
    """Return the Unix seconds of the samples at `places`."""
    return cast("list[float]", column_of(entries[places.start : places.stop], "time"))


def place_of(times: list[float], moment: float) -> int:
    """Return the place of the newest reading at or before a moment: the clock may have been set back meanwhile.

    Raises:
        InvalidArgument: there is none.
    """
    for place in range(len(times) - 1, -1, -1):
        if times[place] <= moment:
            return place
    if not times:
        raise InvalidArgument("There is no reading yet.")
    raise before_the_first(moment, times[0])


def totals_of(row: Figures, extra: tuple[str, ...], who: Seldom) -> Totals:
    """Return what is added up of one process, see `procwidget.intervals.Figures`."""
    facts = dict(zip(SELDOM, who, strict=False))
    demanded = dict(zip(extra, row[len(row) - len(extra) :], strict=True))
    return Totals(
        **{key: facts[key] for key in ("identity", "pid", "name", "user", "command", "started")},
        cpu_time=known(row[CPU_TIME]),
        memory=known(row[MEMORY]),
        read=known(demanded.get("read_total", math.nan)),
        written=known(demanded.get("written_total", math.nan)),
    )


def base_of(entries: list[Entry], place: int) -> int:
    """Return the place of the whole sample that the one at `place` leans on."""
    while not entries[place].packed.whole:
        place -= 1
    return place


def column_of(entries: list[Entry], key: str) -> list[Any]:
    """Return what stands under `key` in each sample without its processes.

    Raises:
        InvalidArgument: a sample has no such key.
    """
    path, column, of = key.split("."), [], None
    for entry in entries:
        if entry.shape is not of:
            of = entry.shape
            try:
                part, start = find(of, path)
            except KeyError:
                known = sorted({*of.keys, *OF_PROCESSES})
                meant = did_you_mean(key, known, _ALSO)
                raise InvalidArgument(f"A sample has no key {key!r}{meant}; it has {', '.join(known)}.") from None
        column.append(entry.figures[start] if part.kind is float else put_together(part, entry.figures, start))
    return column
