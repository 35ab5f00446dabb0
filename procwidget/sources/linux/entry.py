"""What is remembered of one Linux process between readings, and the row made of it. Plain data; no threads."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

from procwidget.identity import identity_of
from procwidget.sample import Process
from procwidget.sources.linux.proc import Stat, make_stat, parse_statm, shown_name, split_stat
from procwidget.sources.users_and_commands import UNKNOWN, Attributes

SECOND = 1_000_000_000
PAGE_MIB = os.sysconf("SC_PAGE_SIZE") / 2**20
"""The MiB of a page of memory."""


Clock = Callable[[int], int]
"""Reads a clock in ns, as `time.clock_gettime_ns` does."""

Nice = Callable[[int], int]
"""Reads the nice value of a pid."""


def clock_id(pid: int) -> int:
    """Return the id of a process's CPU clock, as clock_getcpuclockid(3) makes it."""
    return (~pid << 3) | 2


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
    any more; `status` is the one of that stat, or a truer one (`states.py`). It holds `huge` MiB of huge pages.
    `extra` has its fields that are read on demand, those that are wanted.
    Its attributes were asked for at `asked_at`, when its CPU clock was `asked_ns`. `counted` and `head` are what of its
    stat was parsed last, and where in the file that is (`split_stat`); empty if that is not kept.
    """

    pid: int
    folder: bytes
    ns: int
    at: int
    stat: Stat
    started: float
    statm: bytes | None
    status: str | None = None
    huge: float = 0.0
    extra: dict[str, Any] = field(default_factory=dict)
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
    counted: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        self.clock, self.identity = clock_id(self.pid), identity_of(self.pid, self.stat.start)
        self.stat_path, self.statm_path = self.folder + b"/stat", self.folder + b"/statm"
        self.name = shown_name(self.stat.name)
        self.since = self.read_at = self.asked_at = self.at

    def parse(self, raw: bytes | None, *, more: bool = False) -> Stat | None:
        """Return what its stat holds; the very `stat` that it has if nothing that counts differs from the last call.

        Most of what changes in it as a process runs does not count: its page faults and, but for `more`, its CPU time.
        """
        if raw and self.head and raw.startswith(self.head):
            return self.stat
        parts, counted = split_stat(raw, more=more) if raw else None, self.counted
        self.counted, self.head = parts or ((), b"")
        if self.counted and self.counted == counted:
            return self.stat
        stat = make_stat(self.counted) if self.counted else None
        if stat is None:
            self.forget_parsed()
        return stat

    def forget_parsed(self) -> None:
        """Have its stat parsed anew at the next call of `parse`, whatever it is like."""
        self.counted, self.head = (), b""

    @property
    def memory(self) -> float | None:
        """Its resident memory in MiB, huge pages too."""
        pages = parse_statm(self.statm)
        return None if pages is None else pages * PAGE_MIB + self.huge

    def make_row(self, cpu: float | None) -> Process:
        """Return the row of now."""
        stat = self.stat if self.readable else None
        row: Process = {
            "pid": self.pid,
            "name": self.name,
            "cpu": cpu,
            "memory": self.memory,
            "ppid": stat.ppid if stat else None,
            "user": self.attributes.user,
            "status": self.status if stat else None,
            "threads": stat.threads if stat else None,
            "started": self.started,
            "command": self.attributes.command,
            "nice": stat.nice if stat else None,
            "session": stat.session if stat else None,
            "cpu_time": self.ns / SECOND,
            "stuck": self.attributes.stuck,
            "identity": self.identity,
        }
        row.update(cast(Process, self.extra))
        return row
