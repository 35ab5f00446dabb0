"""Stores the processes of samples as columns of machine numbers, and makes rows of them again. No threads.

A sample that follows another keeps only the rows that differ from it; what seldom changes about a process (its name,
user, command …) is kept once for all samples, under a number.
"""

from __future__ import annotations

import marshal
import math
import sys
from array import array
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from operator import itemgetter
from typing import Any, NamedTuple, cast

from procwidget.fields import FLOATS, OFTEN, ON_DEMAND_TEXTS, SELDOM, WHOLES
from procwidget.sample import Process

Seldom = tuple[Any, ...]
"""What seldom changes about a process: the values of `fields.SELDOM`, then those of `fields.ON_DEMAND_TEXTS`."""

_NOT_READ = ...
"""Stands for a text that was not asked for."""

_NO_TEXTS = (_NOT_READ,) * len(ON_DEMAND_TEXTS)

_IDENTITY = SELDOM.index("identity")
_of_row = cast("Callable[[Process], Seldom]", itemgetter(*SELDOM))

Figures = tuple[Any, ...]
"""What often changes about a process: the number that stands for the rest, then `fields.OFTEN`, then what was read on
demand. Unknown is NaN, or -1 for a whole number; a status is its number."""

CPU, MEMORY, CPU_TIME = (1 + OFTEN.index(key) for key in ("cpu", "memory", "cpu_time"))
"""Where these are in `Figures`."""


def seldom_of(row: Process) -> Seldom:
    """Return what seldom changes about the process of a row."""
    seldom = _of_row(row)
    return seldom + tuple([row.get(key, _NOT_READ) for key in ON_DEMAND_TEXTS]) if ON_DEMAND_TEXTS else seldom


def identity_in(seldom: Seldom) -> str:
    """Return the identity of the process that this is about."""
    return cast(str, seldom[_IDENTITY])


def pid_in(seldom: Seldom) -> int:
    """Return its pid."""
    return cast(int, seldom[0])


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
        return process in (pid_in(seldom), identity_in(seldom))
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


class Packed(NamedTuple):
    """The rows of a sample, or only those that `left` and changed since the sample before if it is not `whole`.

    `data` is the columns of the rows, one after another, of the types that `codes` says, and then those that left.
    `extra` are the numbers that were read on demand.
    """

    whole: bool
    rows: int
    codes: str
    data: bytes
    extra: tuple[str, ...] = ()

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
            del known[identity_in(thaw(seldom, number))]
        for figures in zip(*self.columns, strict=True):
            who = seldom[figures[0]]
            known[identity_in(thaw(seldom, figures[0]) if isinstance(who, bytes) else who)] = figures

    def follow(self, numbers: set[int], before: Figures | None) -> Figures | None:
        """Return the figures of the one process that `numbers` stand for, given those in the sample before."""
        gone = self.whole or not numbers.isdisjoint(self.left)
        of_rows = self.numbers
        for number in numbers.intersection(of_rows):
            place = of_rows.index(number)
            return tuple([column[place] for column in self.columns])
        return None if gone else before


@cache
def _row_size(codes: str) -> int:
    return sum(_SIZES[code] for code in codes)


def pack(
    rows: list[Process],
    seldom: Iterable[int],
    left: Iterable[int],
    whole: bool,
    statuses: list[Any],
    extra: tuple[str, ...] = (),
) -> Packed:
    """Return `rows` as columns, with the numbers that were read on demand, `extra`.

    A status that is new is added to `statuses`, where it then has its number.
    """
    for row in rows:
        if row["status"] not in statuses:
            statuses.append(row["status"])
    values = cast("list[dict[str, Any]]", rows)
    columns: list[array[Any]] = [array("I", seldom)]
    for key in FLOATS:
        column = _column([row[key] for row in values])
        # Whole pages, as Linux counts memory, fit into half.
        half = array("f", column) if key == "memory" else None
        columns.append(half if half is not None and half == column else column)
    for key in WHOLES:
        wholes = [-1 if row[key] is None else row[key] for row in values]
        columns.append(array("h" if max(wholes, default=0) < 2**15 else "i", wholes))
    columns.append(array("B", [statuses.index(row["status"]) for row in rows]))
    columns += [_column([row[key] for row in values]) for key in extra]
    codes = sys.intern("".join([column.typecode for column in columns]))
    return Packed(whole, len(rows), codes, b"".join([*columns, array("I", left)]), extra)


def unpack(
    figures: Sequence[Figures], seldom: Sequence[Seldom], statuses: list[Any], extra: tuple[str, ...] = ()
) -> list[Process]:
    """Return the rows of processes, new dicts, from their figures and what seldom changes about them.

    They are put together column by column: a sample has a thousand rows.
    """
    if not figures:
        return []
    columns = list(zip(*figures, strict=True))[1:]
    values: dict[str, Any] = {}
    for key, column in zip((*OFTEN, *extra), columns, strict=True):
        if key == "status":
            values[key] = [statuses[value] for value in column]
        elif key in WHOLES:
            values[key] = [None if value < 0 else value for value in column]
        else:
            values[key] = [None if value != value else value for value in column]
    keys = (*SELDOM, *values)
    kept = [one[: len(SELDOM)] for one in seldom] if ON_DEMAND_TEXTS else seldom
    rows = [
        dict(zip(keys, who + often, strict=True))
        for who, often in zip(kept, zip(*values.values(), strict=True), strict=True)
    ]
    for row, who in zip(rows, seldom, strict=True):
        texts = who[len(SELDOM) :]
        if texts != _NO_TEXTS:
            row |= {key: text for key, text in zip(ON_DEMAND_TEXTS, texts, strict=True) if text is not _NOT_READ}
    return cast("list[Process]", rows)


def known(value: float) -> float | None:
    """Return a figure as it is in a row: `None` for NaN."""
    return None if value != value else value


def _column(values: list[float | None]) -> array[float]:
    try:
        return array("d", cast("list[float]", values))
    except TypeError:
        return array("d", [math.nan if value is None else value for value in values])
