"""What is remembered of one process between readings, and the row made of it. Plain data; no threads."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import InitVar, dataclass, field
from typing import Any, NamedTuple

from procwidget.identity import TICKS_PER_SECOND, identity_of
from procwidget.sample import Process
from procwidget.sources.attributes import UNKNOWN, Attributes
from procwidget.sources.proc import Stat, parse_stat, parse_statm, shown_name, stat_head

SECOND = 1_000_000_000
_PAGE_MIB = os.sysconf("SC_PAGE_SIZE") / 2**20


Clock = Callable[[int], int]
"""Reads a clock in ns, as `time.clock_gettime_ns` does."""

Nice = Callable[[int], int]
"""Reads the nice value of a pid."""


def clock_id(pid: int) -> int:
    """Return the id of a process's CPU clock, as clock_getcpuclockid(3) makes it."""
    return (~pid << 3) | 2


_ON_DEMAND: dict[str, Callable[[Stat], Any]] = {
    "user_time": lambda stat: stat.user_ticks / TICKS_PER_SECOND,
    "system_time": lambda stat: stat.system_ticks / TICKS_PER_SECOND,
    "priority": lambda stat: stat.priority,
}
"""How each field that is read on demand comes from a process's stat."""


class Moment(NamedTuple):
    """The time of a reading in ns; `before` is the monotonic time of the one before, 0 for the first."""

    monotonic: int
    boottime: int
    realtime: int
    before: int


class Changes(NamedTuple):
    """What came and went since the reading before: processes, and tasks (each thread is one).

    `reaped` says whether some process has waited for a child.
    """

    appeared: int
    gone: int
    tasks: int
    reaped: bool


@dataclass(slots=True, eq=False)
class Entry:
    """A process, the same one for as long as its identity; all times in ns but `started`.

    Its files of /proc are in `folder`. It was first seen at `since`; `ns` is its CPU clock as it was read at `at`.
    `stat` and `statm` are those files as they were read at `read_at`, `stat` an older one when it is not `readable`
    any more. Its attributes were asked for at `asked_at`, when its CPU clock was `asked_ns`. `head` is the part of its
    stat that counts, as it was parsed last, empty if that is not kept.
    """

    pid: int
    folder: InitVar[bytes]
    ns: int
    at: int
    stat: Stat
    started: float
    statm: bytes | None
    clock: int = field(init=False)
    stat_path: bytes = field(init=False)
    statm_path: bytes = field(init=False)
    identity: str = field(init=False)
    name: str = field(init=False)
    attributes: Attributes = UNKNOWN
    since: int = field(init=False)
    read_at: int = field(init=False)
    asked_at: int = field(init=False)
    asked_ns: int = -1
    readable: bool = True
    row: Process = field(init=False)
    head: bytes = b""

    def __post_init__(self, folder: bytes) -> None:
        self.clock, self.identity = clock_id(self.pid), identity_of(self.pid, self.stat.start)
        self.stat_path, self.statm_path = folder + b"/stat", folder + b"/statm"
        self.name = shown_name(self.stat.name, "")
        self.since = self.read_at = self.asked_at = self.at

    def parse(self, raw: bytes | None) -> Stat | None:
        """Return what its stat holds; the very `stat` that it has if that is the same as at the last call.

        Few processes run for long enough between two readings to have anything else in it.
        """
        if raw and self.head and raw.startswith(self.head):
            return self.stat
        stat = parse_stat(raw) if raw else None
        self.head = stat_head(raw) if raw and stat else b""
        return stat

    def make_row(self, cpu: float | None, wanted: frozenset[str]) -> Process:
        """Return the row of now, with the `wanted` ones of the fields that are read on demand."""
        stat, pages = self.stat if self.readable else None, parse_statm(self.statm)
        row: Process = {
            "pid": self.pid,
            "name": self.name,
            "cpu": cpu,
            "memory": None if pages is None else pages * _PAGE_MIB,
            "ppid": stat.ppid if stat else None,
            "user": self.attributes.user,
            "status": stat.status if stat else None,
            "threads": stat.threads if stat else None,
            "started": self.started,
            "command": self.attributes.command,
            "nice": stat.nice if stat else None,
            "session": stat.session if stat else None,
            "cpu_time": self.ns / SECOND,
            "stuck": self.attributes.stuck,
            "identity": self.identity,
        }
        if wanted:
            for key in wanted:
                row[key] = _ON_DEMAND[key](stat) if stat else None  # type: ignore[literal-required]
        return row
