"""Interrupts the cell of this kernel before memory is full and the kernel is lost, where somebody asked for that.

In a thread of its own, which reads a few small files ten times a second while a cell runs. A cell is interrupted that
itself has taken memory since it began; one that merely runs while others take it is left alone.
"""

from __future__ import annotations

import logging
import os
import re
import threading
from collections.abc import Callable
from typing import cast

from procwidget import forking, threads
from procwidget.actions.audit import AuditLog
from procwidget.actions.identity_check import read_facts
from procwidget.actions.signalling import SignalAttempt
from procwidget.actions.target import PidfdTarget, PsutilTarget, pidfds_work
from procwidget.errors import ActionRefused, InvalidArgument
from procwidget.jupyter.memory_in_reach import MemoryInReach
from procwidget.sample import Process
from procwidget.sources.cgroup import read_file
from procwidget.units import bytes_text

EVERY = 0.1
"""Seconds between two readings."""

BY = "interrupt_at"
"""Who it was, in the audit log."""

_ITS_PART = 0.05
"""Part of the memory that counts that the cell itself must have taken."""

_AGAIN = 5.0
"""Seconds until a cell that goes on is interrupted again."""

_log = logging.getLogger("procwidget")
_HELD = re.compile(rb"^VmRSS:\s+(\d{1,20}) kB", re.MULTILINE)


class MemoryGuard:
    """Watches the memory that this process can use, until it is closed.

    Args:
        percent: of it that must be in use for a cell to be interrupted.
        cell: returns what the cell is called that runs now, such as "In [12]"; `None` while none runs.
        told: called in the guard's thread with a sentence about each interrupt.
        memory: reads the memory.
        interrupt: interrupts this process; returns a sentence if it could not.

    Raises:
        InvalidArgument: this system does not say how much memory there is.
        NoThread: no thread can be started.
    """

    def __init__(
        self,
        percent: float,
        cell: Callable[[], str | None],
        told: Callable[[str], object],
        memory: MemoryInReach | None = None,
        interrupt: Callable[[], str | None] | None = None,
    ) -> None:
        self._percent, self._cell, self._told = percent, cell, told
        self._memory = MemoryInReach() if memory is None else memory
        self._interrupt = interrupt_this_process if interrupt is None else interrupt
        self._before: int | None = None  # what was held when the cell began
        self._rest = 0.0
        self._closed = threading.Event()
        if self._memory.read().limit is None:
            raise InvalidArgument("interrupt_at needs /proc/meminfo, which only Linux has: leave it out here.")
        forking.register(self)
        threads.start(threading.Thread(target=self._run, name="procwidget-memory-guard", daemon=True))

    def after_fork(self) -> None:
        """In a forked child: nobody watches there."""
        self._closed = threading.Event()

    def close(self) -> None:
        """Watch no more."""
        self._closed.set()

    def _run(self) -> None:
        while not self._closed.wait(EVERY):
            self.look()

    def look(self) -> None:
        """Read once, and interrupt the cell if it is time."""
        cell = self._cell()
        if cell is None:
            self._before, self._rest = None, 0.0
            return
        self._memory.follow(self._memory.group())
        reading, held = self._memory.read(), _held()
        if self._before is None:
            self._before = held
        self._rest = max(0.0, self._rest - EVERY)
        used, limit, taken = reading.used, reading.limit, held - self._before
        if not limit or used is None or used * 100 < self._percent * limit or self._rest:
            return
        if taken < _ITS_PART * limit:
            return
        self._rest = _AGAIN
        problem = self._interrupt()
        of = f"{bytes_text(used)} of {bytes_text(limit)} of memory were in use"
        what = f"{cell} could not be interrupted ({problem})" if problem else f"{cell} was interrupted (SIGINT)"
        self._told(f"{what}: {of}, of which it took {bytes_text(taken)}.")


def _held() -> int:
    found = _HELD.search(read_file("/proc/self/status") or b"")
    return 1024 * int(found[1]) if found else 0


def interrupt_this_process() -> str | None:
    """Send SIGINT to this very process; return why it was not sent, if it was not.

    The lines of the audit log are written after it: a busy disk may take longer than there is memory.
    """
    pid = os.getpid()
    target = (PidfdTarget if pidfds_work() else PsutilTarget)(pid)
    try:
        facts = read_facts(pid)
        if facts is None:
            return "it cannot be looked at"
        user = min(facts.users, default=None)
        row = cast(Process, {"pid": pid, "identity": facts.identity, "name": facts.name, "user": user})
        attempt = SignalAttempt(row, target, facts)
        attempt.do("SIGINT")
        outcome = attempt.line("outcome", "SIGINT", BY) | {"result": attempt.result}
        try:
            AuditLog().append(attempt.line("signal", "SIGINT", BY), outcome)
        except ActionRefused as error:
            _log.error("An interrupt is missing in the audit log: %s", error)
        return None if attempt.result == "sent" else attempt.text
    finally:
        target.close()
