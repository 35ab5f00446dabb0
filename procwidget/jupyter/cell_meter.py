"""Follows the cells of one kernel from reading to reading, and says what each cost. One thread at a time may call."""

from __future__ import annotations

import os
from collections.abc import Callable

from procwidget.jupyter.cell_cost import CellCost, Usage, cost_of, read_usage
from procwidget.jupyter.executions import Execution

MOST = 1000
"""Cells that are kept."""

_BACKGROUND = 0.05
"""CPU seconds, and part of the time, that a kernel may use between cells without a thread of it being at work."""


class CellMeter:
    """Measures the cells of a kernel's process.

    Args:
        pid: the kernel's.
        read: reads what it has used.
    """

    def __init__(self, pid: int | str, read: Callable[[int | str], Usage | None] = read_usage) -> None:
        self._pid, self._read = pid, read
        self._last: Usage | None = None
        self._running: dict[str, tuple[Usage, bool]] = {}  # what was used before, and whether a thread is at work
        self._largest = 0

    def look(self) -> None:
        """Take a reading, between the cells or while one runs."""
        usage = self._read(self._pid)
        if usage is not None:
            self._last = usage
            self._largest = max(self._largest, usage.memory)

    def began(self, cell: Execution) -> None:
        """Take the beginning of a cell."""
        before = self._last
        self.look()
        now = self._last
        if now is None:
            return
        if not self._running:
            self._largest = now.memory
        busy = False
        if before is None or before.time > cell.began:
            before = now
        else:
            # Some of it ran before this reading came. What is more than that was used before the cell.
            late = (os.cpu_count() or 1) * max(0.0, now.time - cell.began)
            busy = now.cpu - before.cpu - late > _BACKGROUND * max(1.0, cell.began - before.time)
            before = now if busy else before
        self._running[cell.request] = before, busy

    def ended(self, cell: Execution, kernel: str | None = None) -> CellCost | None:
        """Take the end of a cell; return what it cost, if its beginning was seen."""
        before, busy = self._running.pop(cell.request, (None, False))
        self.look()
        if before is None or self._last is None or cell.ended is None:
            return None
        return cost_of(
            cell.number,
            max(0.0, cell.ended - cell.began),
            before,
            self._last,
            began=cell.began,
            largest=self._largest,
            shared=cell.shared or busy,
            kernel=kernel,
        )
