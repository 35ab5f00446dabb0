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

_facts_of = cast("Callable[[Process], tuple[Any, ...]]", itemgetter(*_NAMES))


def facts_of(row: Process) -> tuple[Any, ...]:
    """Return what seldom changes about a process: its identity, then `schema.FACTS`."""
    return _facts_of(row)


def demanded_in(rows: list[Process]) -> list[str]:
    """Return which fields that are read on demand these rows have, of one sample."""
    return [key for key in _MORE if rows and key in rows[0]]


def kept_of(row: Process, status: int | None, demanded: list[str]) -> Kept:
    """Return what often changes about a process.

    Args:
        row: its row.
        status: the number that stands for its status.
        demanded: what `demanded_in` returned.
    """
    cpu, memory, time = row["cpu"], row["memory"], row["cpu_time"]
    values = cast("dict[str, Any]", row)
    more = {key: values[key] for key in demanded}
    return (
        None if cpu is None else round(cpu * 100),
        None if memory is None else round(memory * _MIB),
        None if time is None else round(time * 1000),
        row["threads"],
        status,
        json.dumps(more, separators=(",", ":")) if more else None,
    )


def row_of(facts: tuple[Any, ...], kept: Kept, statuses: Mapping[int, str]) -> Process:
    """Return the row of a process.

    Args:
        facts: what `facts_of` returned.
        kept: what `kept_of` returned.
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
