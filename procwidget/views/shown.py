"""What a view of the table shows, as plain dicts: its search, sorting and columns applied to a sample. Pure.

The view says how it is arranged whenever that changes; nothing is asked of it when somebody wants the rows, for a cell
that computes could not hear the answer in every kernel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from procwidget.query import parse
from procwidget.sample import Process

_KTHREADD = 2


class Arrangement(NamedTuple):
    """How a view is arranged.

    `sort` has the keys that count, the first most, and whether each falls; `columns` the keys shown, in order;
    `kernel_threads` is whether threads of the kernel are shown.
    """

    sort: tuple[tuple[str, bool], ...]
    filter: str
    columns: tuple[str, ...]
    kernel_threads: bool


def shown(rows: Sequence[Process], now: float, arrangement: Arrangement) -> list[dict[str, Any]]:
    """Return the processes that a view shows, in its order, each with the columns that it shows.

    Args:
        rows: those of a sample.
        now: its time, Unix seconds.
        arrangement: the view's.

    Returns:
        A dict a process; what is unknown, or read on demand and not there yet, is `None`. Groups and trees are their
        processes, in the order of a plain list.
    """
    wanted = parse(arrangement.filter)
    found: list[Mapping[str, Any]] = [
        row
        for row in rows
        if (wanted.all or wanted.matches(row, now)) and (arrangement.kernel_threads or not _of_kernel(row))
    ]
    found.sort(key=lambda row: row["pid"])
    for key, falls in reversed(arrangement.sort):
        known = [(value, row) for row in found if (value := _value(row, key, now)) is not None]
        unknown = [row for row in found if _value(row, key, now) is None]
        known.sort(key=lambda pair: pair[0], reverse=falls)
        found = [row for _, row in known] + unknown
    keys = [key for key in arrangement.columns if key != "trace"]
    return [
        {key: now - row["started"] if key == "age" and row["started"] else row.get(key) for key in keys}
        for row in found
    ]


def _value(row: Mapping[str, Any], key: str, now: float) -> Any:
    if key == "age":
        return None if row["started"] is None else now - row["started"]
    value = row.get(key)
    return value.lower() if isinstance(value, str) else value


def _of_kernel(row: Process) -> bool:
    return _KTHREADD in (row["pid"], row["ppid"]) and not row["command"]
