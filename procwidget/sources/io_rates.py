"""Reads how much processes read from disks and write to them, without holding up a tick.

/proc/PID/io waits for a lock that its process holds while it starts a program, so it is read in a thread of its own
(`procwidget.sources.blocking`): figures are of the moment of their reading, and come a tick later. Of another user's
process they need root. Runs in the caller's thread.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, NamedTuple, Protocol, TypeVar

from procwidget.sources.blocking import BlockingReader

_COUNTED = re.compile(rb"^read_bytes: (\d{1,20})\nwrite_bytes: (\d{1,20})$", re.MULTILINE)

KEYS = frozenset({"read", "written", "read_total", "written_total"})
"""The fields of a process that are made of these."""


class IoCounters(NamedTuple):
    """Bytes read and written since a process started, at a moment in seconds of the monotonic clock."""

    at: float
    read: int
    written: int


class HasIo(Protocol):
    """A process: one object for as long as it is the same process."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def pid(self) -> int:
        """Its process id."""
        ...


Asker = TypeVar("Asker", bound=HasIo)


class IoReader(Generic[Asker]):
    """Reads counters of processes, for one thread at a time.

    Args:
        read: reads those of a process; it may block, and returns `None` where they may not be read.
    """

    def __init__(self, read: Callable[[Asker], IoCounters | None]) -> None:
        self._reader: BlockingReader[Asker, IoCounters | None] = BlockingReader(read, "procwidget-io")
        self.ask = self._reader.ask
        self.answers = self._reader.answers
        self.stuck = self._reader.stuck
        self.close = self._reader.close

    def notes(self) -> list[str]:
        """Return a sentence for the processes that do not answer."""
        names = [f"{process.name[:64]} ({process.pid})" for process in self._reader.stuck()]
        what = " and ".join(names)
        return [f"What {what} reads from disks and writes to them is unknown: it does not answer."] if names else []


def rates(before: IoCounters | None, now: IoCounters, since: float) -> tuple[float | None, float | None]:
    """Return bytes read and written a second between two readings, of a process that did neither before `since`."""
    if before is None or now.read < before.read or now.written < before.written:
        return None, None
    passed = now.at - max(before.at, since)
    if passed <= 0:
        return None, None
    return (now.read - before.read) / passed, (now.written - before.written) / passed


def read_counters(proc: str, pid: int) -> tuple[int, int] | None:
    """Return the bytes read and written in a /proc/PID/io; `None` where they cannot be read."""
    with suppress(OSError):
        file = os.open(f"{proc}/{pid}/io", os.O_RDONLY | os.O_CLOEXEC)
        try:
            found = _COUNTED.search(os.read(file, 4096))
        finally:
            os.close(file)
        return (int(found[1]), int(found[2])) if found else None
    return None
