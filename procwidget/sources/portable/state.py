"""Reads the status and memory of a process by psutil, and looks closer where Linux's words mislead. Caller's thread.

See `procwidget.sources.linux.states` for what misleads, and `linux.huge_pages` for what the kernel leaves out.
"""

from __future__ import annotations

import os
import sys

import psutil

from procwidget.sources.cgroup import read_file
from procwidget.sources.linux.huge_pages import huge_pages_in
from procwidget.sources.linux.proc import parse_stat, parse_statm
from procwidget.sources.linux.states import misleads, state_of
from procwidget.sources.portable.host import attempt

MIB = 2**20
_LINUX = sys.platform.startswith("linux")


def state_and_memory(process: psutil.Process) -> tuple[str | None, float | None]:
    """Return the status of a process and its resident memory in MiB, huge pages too; `None` for what is unknown."""
    status, memory = attempt(process.status), attempt(process.memory_info)
    mebibytes = memory.rss / MIB if memory else None
    if not _LINUX:
        return status, mebibytes
    folder = os.fsencode(f"{psutil.PROCFS_PATH}/{process.pid}")
    if status in (psutil.STATUS_ZOMBIE, psutil.STATUS_DISK_SLEEP):
        stat = parse_stat(_read(folder + b"/stat") or b"")
        if stat is not None and misleads(stat):
            status, statm = state_of(stat, folder, _read, _list_ids)
            pages = parse_statm(statm)
            mebibytes = None if pages is None else pages * os.sysconf("SC_PAGE_SIZE") / MIB
    return status, None if mebibytes is None else mebibytes + huge_pages_in(_read(folder + b"/status"))


def _read(path: bytes) -> bytes | None:
    return read_file(os.fsdecode(path))


def _list_ids(path: bytes) -> list[int] | None:
    try:
        return [int(name) for name in os.listdir(path) if name.isdigit()]
    except OSError:
        return None
