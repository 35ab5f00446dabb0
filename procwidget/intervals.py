"""Says what each process did between two moments: CPU time, memory, bytes read, when it began and ended, and why.

A history or a recording tells what changed from reading to reading (`Change`); `between` adds it up, and `compare`
tells what differs between two of the results. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Generic, Literal, NamedTuple, TypedDict, TypeVar

from procwidget.errors import InvalidArgument
from procwidget.sample import Sample

Row = TypeVar("Row")


class Figures(NamedTuple):
    """One process at one reading: who it is, and what is added up. Unknown is `None`.

    `cpu_time` is seconds, `memory` MiB, `read` and `written` are bytes since it started.
    """

    identity: str
    pid: int
    name: str
    user: str | None
    command: str | None
    started: float | None
    cpu_time: float | None
    memory: float | None
    read: float | None
    written: float | None


class Change(NamedTuple, Generic[Row]):
    """What changed at a reading: `rows` of the processes that changed, of all if it is `whole`; and who `left`.

    All by identity. `why` says of some of those that left how they ended.
    """

    time: float
    whole: bool
    rows: Mapping[str, Row]
    left: Iterable[str]
    why: Mapping[str, str]


class Interval(TypedDict):
    """What one process did in an interval.

    `cpu_seconds` is CPU time, `memory` MiB at its last reading in it and `memory_change` how much more that is than at
    its start; `read` and `written` are bytes. `began` and `ended` are Unix seconds where it did so in the interval,
    else `None`; `why` is how it ended where that is known, "ended" where it is not. What is unknown is `None`.
    """

    pid: int
    name: str
    user: str | None
    command: str | None
    identity: str
    cpu_seconds: float | None
    memory: float | None
    memory_change: float | None
    read: float | None
    written: float | None
    began: float | None
    ended: float | None
    why: str | None


Between = TypedDict("Between", {"from": float, "to": float, "processes": list[Interval]})
"""What `between` returns: the moments in Unix seconds, and the processes with the most CPU time first."""


def require_order(begin: float, end: float) -> None:
    """See to it that an interval begins before it ends.

    Raises:
        InvalidArgument: it does not.
    """
    if not begin < end:
        raise InvalidArgument("An interval must begin before it ends: the earlier moment comes first.")


def between(changes: Iterable[Change[Row]], figures_of: Callable[[Row], Figures], begin: float, end: float) -> Between:
    """Return what each process did from `begin` to `end`.

    Args:
        changes: of the last reading at or before `begin`, a whole one, and of all from there to `end`; or of all from
            the first there is.
        figures_of: makes figures of what a change has of a process.
        begin: the first moment, in Unix seconds.
        end: the second.
    """
    first: Mapping[str, Row] = {}
    last: dict[str, Row] = {}
    present: set[str] = set()
    began: dict[str, float] = {}
    ended: dict[str, float] = {}
    why: dict[str, str] = {}
    base: float | None = None
    for change in changes:
        rows = change.rows
        if base is None:
            base, first, last, present = change.time, rows, {**rows}, set(rows)
            continue
        gone = present - rows.keys() if change.whole else present.intersection(change.left)
        for identity in gone:
            ended[identity] = change.time
            why[identity] = change.why.get(identity, "ended")
        for identity in rows.keys() - present:
            ended.pop(identity, None)
            if identity not in last:
                began[identity] = change.time
        last.update(rows)
        present = (present - gone) | rows.keys()
    intervals = []
    for identity, row in last.items():
        now = figures_of(row)
        # Most processes do nothing most of the time.
        before = (now if first[identity] == row else figures_of(first[identity])) if identity in first else None
        intervals.append(_interval(now, before, began.get(identity), ended.get(identity), why.get(identity)))
    intervals.sort(key=lambda one: (-(one["cpu_seconds"] or 0.0), -abs(one["memory_change"] or 0.0), one["pid"]))
    return {"from": begin, "to": end, "processes": intervals}


def _interval(
    last: Figures, first: Figures | None, began: float | None, ended: float | None, why: str | None
) -> Interval:
    def more(now: float | None, before: float | None) -> float | None:
        # What a process has of its own when it begins is 0; a total that falls was of something else.
        if now is None or (first is not None and before is None):
            return None
        return now - (before or 0.0)

    cpu = more(last.cpu_time, first and first.cpu_time)
    read, written = more(last.read, first and first.read), more(last.written, first and first.written)
    if began is not None and last.started is not None and last.started < began:
        # It was first seen at a reading, and knows better itself when it began.
        began = last.started
    return {
        "pid": last.pid,
        "name": last.name,
        "user": last.user,
        "command": last.command,
        "identity": last.identity,
        "cpu_seconds": None if cpu is None else max(0.0, round(cpu, 6)),
        "memory": last.memory,
        "memory_change": more(last.memory, first and first.memory),
        "read": None if read is None else max(0.0, read),
        "written": None if written is None else max(0.0, written),
        "began": began,
        "ended": ended,
        "why": why if ended is not None else None,
    }


def moment_as_interval(sample: Sample) -> Between:
    """Return a sample as an interval of the second before it, to compare moments as intervals are."""
    rows: list[Interval] = [
        {
            "pid": row["pid"],
            "name": row["name"],
            "user": row["user"],
            "command": row["command"],
            "identity": row["identity"],
            "cpu_seconds": None if row["cpu"] is None else row["cpu"] / 100,
            "memory": row["memory"],
            "memory_change": None,
            "read": None,
            "written": None,
            "began": None,
            "ended": None,
            "why": None,
        }
        for row in sample["processes"]
    ]
    return {"from": sample["time"] - 1.0, "to": sample["time"], "processes": rows}


class Difference(TypedDict):
    """How one process differs between two intervals: in CPU seconds a second, and in MiB at their ends."""

    pid: int
    name: str
    user: str | None
    identity: str
    what: Literal["born", "gone", "busier", "calmer", "grown", "shrunk", "same"]
    cpu_change: float | None
    memory_change: float | None


_CPU_SAME, _MEMORY_SAME = 0.05, 8.0
"""Below this, cores and MiB, a process is called the same."""


def compare(before: Between, after: Between) -> list[Difference]:
    """Return how the processes differ between two intervals, the largest differences first.

    What is "born" is only in the second, what is "gone" had ended before it or in the first. Busier and calmer is by
    CPU time a second, grown and shrunk by memory.
    """
    old = {row["identity"]: row for row in before["processes"]}
    new = {row["identity"]: row for row in after["processes"]}
    seconds = before["to"] - before["from"], after["to"] - after["from"]
    rows = [_difference(old.get(identity), new.get(identity), *seconds) for identity in {**old, **new}]
    rows.sort(
        key=lambda row: (row["what"] == "same", -abs(row["cpu_change"] or 0) * 1024 - abs(row["memory_change"] or 0))
    )
    return rows


def _difference(old: Interval | None, new: Interval | None, seconds: float, seconds_after: float) -> Difference:
    row = new or old
    assert row is not None
    cores = [
        None if one is None or one["cpu_seconds"] is None else one["cpu_seconds"] / length
        for one, length in ((old, seconds), (new, seconds_after))
    ]
    cpu = None if (old and cores[0] is None) or (new and cores[1] is None) else (cores[1] or 0.0) - (cores[0] or 0.0)
    sizes = (old and old["memory"]), (new and new["memory"])
    memory = None if (old and sizes[0] is None) or (new and sizes[1] is None) else (sizes[1] or 0.0) - (sizes[0] or 0.0)
    what: Literal["born", "gone", "busier", "calmer", "grown", "shrunk", "same"] = "same"
    if old is None:
        what = "born"
    elif new is None:
        what = "gone"
    elif cpu is not None and abs(cpu) >= _CPU_SAME:
        what = "busier" if cpu > 0 else "calmer"
    elif memory is not None and abs(memory) >= _MEMORY_SAME:
        what = "grown" if memory > 0 else "shrunk"
    return {
        "pid": row["pid"],
        "name": row["name"],
        "user": row["user"],
        "identity": row["identity"],
        "what": what,
        "cpu_change": cpu,
        "memory_change": memory,
    }
