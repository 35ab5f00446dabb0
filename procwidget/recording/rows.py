"""Turns the rows of processes into those of a recording, and back. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any, cast

from procwidget.fields import FIELDS
from procwidget.recording.schema import FACTS
from procwidget.sample import Process

_MORE = tuple(field.key for field in FIELDS if field.on_demand)
_MIB = 1024  # KiB
_NAMES = ("identity", *FACTS)

Kept = tuple[int | None, int | None, int | None, int | None, int | None, str | None]
"""`cpu`, `memory`, `cpu_time`, `threads`, `status`, `more`, as the table `row` has them."""

_encoded = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode

facts_of = cast("Callable[[Process], tuple[Any, ...]]", itemgetter(*_NAMES))
"""Returns what seldom changes about a process: its identity, then `schema.FACTS`."""


def written_rows(
    tick: int, rows: list[Process], numbers: list[int], statuses: Mapping[str | None, int | None]
) -> list[tuple[int | str | None, ...]]:
    """Return what the table `row` gets of a tick, in the order of its key: pages become full then, not two thirds.

    Args:
        tick: its number.
        rows: of one sample.
        numbers: which number of the table `process` each has.
        statuses: the numbers that stand for their statuses.
    """
    demanded = [key for key in _MORE if rows and key in rows[0]]
    # In one expression: a function call for each would take as long again.
    written: list[tuple[int | str | None, ...]] = [
        (
            tick,
            number,
            None if (cpu := row["cpu"]) is None else round(cpu * 100),
            None if (memory := row["memory"]) is None else round(memory * _MIB),
            None if (time := row["cpu_time"]) is None else round(time * 1000),
            row["threads"],
            statuses[row["status"]],
            _encoded({key: cast("dict[str, Any]", row)[key] for key in demanded}) if demanded else None,
        )
        for number, row in zip(numbers, rows, strict=True)
    ]
    written.sort(key=itemgetter(1))
    return written


def row_of(facts: tuple[Any, ...], kept: Kept, statuses: Mapping[int, str]) -> Process:
    """Return the row of a process.

    Args:
        facts: what `facts_of` returned.
        kept: what stands of it in the table `row`.
        statuses: what the numbers of statuses stand for.
    """
    cpu, memory, time, threads, status, more = kept
    row = cast("dict[str, Any]", dict(zip(_NAMES, facts, strict=True)))
    row["stuck"] = bool(row["stuck"])
    row["cpu"] = None if cpu is None else cpu / 100
    row["memory"] = None if memory is None else memory / _MIB
    row["cpu_time"] = None if time is None else time / 1000
    row["threads"] = threads
    row["status"] = None if status is None else statuses[status]
    if more:
        row.update(json.loads(more))
    return cast(Process, row)
