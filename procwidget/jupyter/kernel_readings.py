"""Reads what is to be known of a kernel when it ends, while it lives and just after. In one thread, for it may block.

A process that has ended has no memory any more, so the last reading of the living one counts.
"""

from __future__ import annotations

import os
import re
import tempfile
import time
from collections.abc import Iterable
from typing import NamedTuple

from procwidget.jupyter.death import Evidence
from procwidget.jupyter.memory_in_reach import InReach, MemoryInReach
from procwidget.sources.cgroup import read_file
from procwidget.state.forecast import ENDERS

_HELD = re.compile(rb"^VmRSS:\s+(\d{1,20}) kB", re.MULTILINE)
_NO_ROOM = 1 << 20
"""Bytes: a disk with less is full."""


class _Last(NamedTuple):
    at: float
    memory: int
    in_reach: InReach


class KernelReadings:
    """The last reading of one kernel's process.

    Args:
        pid: the kernel's.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._memory = MemoryInReach(pid)
        self._last: _Last | None = None

    def read(self) -> None:
        """Read it now."""
        group = self._memory.group()
        held = _HELD.search(read_file(f"/proc/{self._pid}/status") or b"")
        if held is not None:  # so it lived when its groups were read
            self._memory.follow(group)
            self._last = _Last(time.monotonic(), 1024 * int(held[1]), self._memory.read())

    def evidence(self, code: int, folder: str | None = None) -> Evidence:
        """Return what there is to be known of the end of the process, just after it.

        Args:
            code: its return code.
            folder: where its notebook is: the disk of that may be full.
        """
        now, last = time.monotonic(), self._last
        enders = _running(ENDERS) if code in (-9, -15) else []
        folders = {tempfile.gettempdir(), "/dev/shm", *filter(None, [folder])}  # noqa: S108
        full = sorted(filter(_is_full, folders)) if code == -7 else []
        if last is None:
            return Evidence(enders=enders, full=full)
        before = last.in_reach
        rose, group = self._memory.rose(before)
        return Evidence(last.memory, now - last.at, before.used, before.limit, rose, now - last.at, group, enders, full)


def _running(names: Iterable[str]) -> list[str]:
    # The system keeps 15 characters of a name.
    wanted = {name[:15].encode(): name for name in names}
    found = {read_file(f"/proc/{pid}/comm") for pid in _pids()}
    return sorted(wanted[comm.strip()] for comm in found if comm and comm.strip() in wanted)


def _pids() -> list[str]:
    try:
        return [name for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return []


def _is_full(folder: str) -> bool:
    try:
        system = os.statvfs(folder)
    except (OSError, AttributeError):
        return False
    size, free = system.f_blocks * system.f_frsize, system.f_bavail * system.f_frsize
    return free < min(_NO_ROOM, size / 100)
