"""Reads for how long tasks have waited for CPU, memory and I/O: pressure stall information (PSI). Caller's thread.

In a container it is that of the container: of the control group, of version 2, that holds everything that is shown.
The formats are those of the kernel's Documentation/accounting/psi.rst.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from procwidget.sources.cgroup import groups
from procwidget.sources.kernel_counts import PressureAverages, PressureTotals
from procwidget.sources.linux.host_files import parse_averages, parse_pressure

_LOOK_AGAIN: Final = 30
"""Readings after which the group is looked for again."""


class PressureReader:
    """Reads the pressure of the host, or of the container that this process and all others shown are in.

    Args:
        proc: where /proc is.
        read: how files are read.
    """

    def __init__(self, proc: str, read: Callable[[str], bytes | None]) -> None:
        self._proc, self._read = proc, read
        self._reads = 0
        self._cgroup: str | None = None
        self._files: tuple[str, ...] = ()

    def read(self) -> PressureTotals | None:
        """Return the times since boot, or since the group was made; `None` where the kernel measures none."""
        if self._reads % _LOOK_AGAIN == 0:
            self._find()
        self._reads += 1
        if not self._files:
            return None
        (cpu, _), memory, io = (parse_pressure(self._read(file)) for file in self._files)
        if cpu is None and memory == io == (None, None):
            return None
        return PressureTotals(self._cgroup, cpu, *memory, *io)

    def averages(self) -> PressureAverages | None:
        """Return what the kernel itself has kept of the time before; `None` where it measures none."""
        self._find()
        if not self._files:
            return None
        unknown = None, None
        cpu, memory, io = (parse_averages(self._read(file)) for file in self._files)
        return PressureAverages(
            cpu.get("some", unknown)[1],
            memory.get("some", unknown)[1],
            memory.get("full", unknown)[0],
            io.get("full", unknown)[1],
        )

    def _find(self) -> None:
        self._cgroup, self._files = None, ()
        container = self._container()
        for cgroup, pattern in (container, (None, f"{self._proc}/pressure/%s")):
            # A kernel without it, or that was told not to measure, has no such files or refuses to read them.
            if pattern and self._read(pattern % "cpu"):
                self._cgroup, self._files = cgroup, tuple([pattern % kind for kind in ("cpu", "memory", "io")])
                return

    def _container(self) -> tuple[str | None, str]:
        """Return the group that holds all that is shown and how its files are called, if that is not the whole host."""
        own, first, mounts = (
            self._read(f"{self._proc}/{name}") for name in ("self/cgroup", "1/cgroup", "self/mountinfo")
        )
        if own is None or first is None or mounts is None or b".." in first:
            return None, ""
        # No controller is called that, so these are the groups of version 2.
        visible, of_first = groups("pressure", own, mounts), groups("pressure", first, mounts)
        top = visible[-1:]
        # The group of the whole host has no such file.
        if not top or top != of_first[-1:] or self._read(f"{top[0].directory}/cgroup.events") is None:
            return None, ""
        return top[0].path, f"{top[0].directory.replace('%', '%%')}/%s.pressure"
