"""Counts the huge pages (hugetlbfs) that processes hold, which the kernel leaves out of their resident memory.

A database or a virtual machine may have nearly all of its memory there. To read it costs more than all else of a
process, so nothing is read where the host has no such pages. Runs in the caller's thread.
"""

from __future__ import annotations

import re

from procwidget.sources.linux.entry import SECOND, Entry
from procwidget.sources.linux.gil_held import GilHeldReader
from procwidget.sources.linux.proc import is_kernel_thread

_LOOKED_AFTER = 10 * SECOND
_HOST = re.compile(rb"^Hugetlb:\s+(\d{1,20}) kB", re.MULTILINE)
_PROCESS = re.compile(rb"^HugetlbPages:\s+(\d{1,20}) kB", re.MULTILINE)
_KIB_IN_MIB = 1024


class HugePages:
    """Knows whether this host has huge pages, and reads those of a process.

    Args:
        root: where /proc is.
        files: reads files of /proc.
    """

    def __init__(self, root: bytes, files: GilHeldReader) -> None:
        self._root, self._files = root, files
        self._looked_at = -_LOOKED_AFTER
        self._any = False

    def begin(self, now: int) -> None:
        """Begin a reading at the monotonic time `now` in ns; what the host has is looked up every 10 s."""
        if now - self._looked_at >= _LOOKED_AFTER:
            self._looked_at = now
            self._any = bool(_kib(_HOST, self._files.read(self._root + b"/meminfo")))

    def read(self, entry: Entry) -> bool:
        """Read those of a process; returns whether their number is another than before."""
        before = entry.huge
        if self._any and not is_kernel_thread(entry.stat):
            entry.huge = huge_pages_in(self._files.read_start(entry.folder + b"/status"))
        else:
            entry.huge = 0.0
        return entry.huge != before


def huge_pages_in(status: bytes | None) -> float:
    """Return the MiB of huge pages in a /proc/PID/status; 0 where it says nothing of them."""
    return _kib(_PROCESS, status) / _KIB_IN_MIB


def _kib(pattern: re.Pattern[bytes], raw: bytes | None) -> int:
    found = pattern.search(raw or b"")
    return int(found[1]) if found else 0
