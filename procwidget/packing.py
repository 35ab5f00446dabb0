"""The processes of samples as columns of machine numbers: rows enter, columns leave and become rows again. No threads.

A sample that follows another keeps only the rows that differ from it, about 27 bytes each; what seldom changes about a
process (its name, user, command …) is kept once for all samples, under a number. All is in few and large pieces: many
small ones cost more than what is in them, and keep what lies between them from being used again.
"""

from __future__ import annotations

import marshal
import math
import sys
from array import array
from collections.abc import Callable, Iterable
from functools import cache
from operator import itemgetter
from typing import Any, NamedTuple, cast

from procwidget.sample import Process

SELDOM = ("pid", "name", "ppid", "user", "started", "command", "nice", "session", "stuck", "identity")
"""The keys of a process that seldom change; its identity is the last of them."""

Seldom = tuple[Any, ...]
"""The values of `SELDOM` for one process."""

seldom_of = cast("Callable[[Process], Seldom]", itemgetter(*SELDOM))
"""Returns them of a row."""

_SIZES = {code: array(code).itemsize for code in "IBdfhi"}


def freeze(seldom: Seldom) -> bytes | Seldom:
    """Return what seldom changes in a fourth of its memory; what is not of the usual types as it is."""
    try:
        # In this version equal values are equal bytes, whoever else holds them.
        return marshal.dumps(seldom, 2)
    except ValueError:
        return seldom


def may_be_of(seldom: bytes | Seldom, process: int | str) -> bool:
    """Return whether this may be of the process with such a pid or identity; says no to nearly all others."""
    if not isinstance(seldom, bytes):
        return process in (seldom[0], seldom[-1])
    if isinstance(process, str):
        return process.encode("utf-8", "surrogatepass") in seldom
    # Larger ones are written in another way.
    return not 0 <= process < 2**31 or process.to_bytes(4, "little") in seldom


def thaw(kept: dict[int, bytes | Seldom], number: int) -> Seldom:
    """Return what `number` stands for; from now on it is in `kept` as it was before `freeze`."""
    seldom = kept[number]
    if isinstance(seldom, bytes):
        # Made by `freeze` in this process, and never written anywhere.
        seldom = kept[number] = marshal.loads(seldom)  # noqa: S302
    return seldom


class Figures(NamedTuple):
    """What often changes about a process, as numbers: unknown is NaN, or -1 threads; `seldom` stands for the rest."""

    seldom: int
    cpu: float
    memory: float
    cpu_time: float
    threads: int
    status: int


class Packed(NamedTuple):
    """The rows of a sample, or only those that `left` and changed since the sample before if it is not `whole`.

    `data` is the columns of the rows, one after another, of the types that `codes` says, and then those that left.
    """

    whole: bool
    rows: int
    codes: str
    data: bytes

    @property
    def left(self) -> array[int]:
        """The numbers of those that left."""
        return array("I", self.data[self.rows * _row_size(self.codes) :])

    @property
    def numbers(self) -> array[int]:
        """The numbers of the rows."""
        return array("I", self.data[: self.rows * _SIZES["I"]])

    @property
    def columns(self) -> list[array[Any]]:
        """The columns of the rows."""
        columns, at = [], 0
        for code in self.codes:
            end = at + self.rows * _SIZES[code]
            columns.append(array(code, self.data[at:end]))
            at = end
        return columns

    def apply(self, known: dict[str, Figures], seldom: dict[int, bytes | Seldom]) -> None:
        """Bring the figures of the sample before, by identity, to those of this sample, in its order."""
        if self.whole:
            known.clear()
        for number in self.left:
            del known[thaw(seldom, number)[-1]]
        for figures in map(Figures._make, zip(*self.columns, strict=True)):
            who = seldom[figures.seldom]
            known[(thaw(seldom, figures.seldom) if isinstance(who, bytes) else who)[-1]] = figures

    def follow(self, numbers: set[int], before: Figures | None) -> Figures | None:
        """Return the figures of the one process that `numbers` stand for, given those in the sample before."""
        gone = self.whole or not numbers.isdisjoint(self.left)
        of_rows = self.numbers
        for number in numbers.intersection(of_rows):
            place = of_rows.index(number)
            return Figures(*(column[place] for column in self.columns))
        return None if gone else before


@cache
def _row_size(codes: str) -> int:
    return sum(_SIZES[code] for code in codes)


def pack(rows: list[Process], seldom: Iterable[int], left: Iterable[int], whole: bool, statuses: list[Any]) -> Packed:
    """Return `rows` as columns; a status that is new is added to `statuses`, where it then has its number."""
    for row in rows:
        if row["status"] not in statuses:
            statuses.append(row["status"])
    memory = _column([row["memory"] for row in rows])
    # Whole pages, as Linux counts them, fit into half.
    half = array("f", memory)
    threads = [-1 if row["threads"] is None else row["threads"] for row in rows]
    columns: list[array[Any]] = [
        array("I", seldom),
        _column([row["cpu"] for row in rows]),
        half if half == memory else memory,
        _column([row["cpu_time"] for row in rows]),
        array("h" if max(threads, default=0) < 2**15 else "i", threads),
        array("B", [statuses.index(row["status"]) for row in rows]),
    ]
    codes = sys.intern("".join([column.typecode for column in columns]))
    return Packed(whole, len(rows), codes, b"".join([*columns, array("I", left)]))


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
