"""Interrupts the cell of this kernel before memory is full and the kernel is lost, where somebody asked for that.

In a thread of its own, which reads a few small files ten times a second while a cell runs. A cell is interrupted that
itself has taken memory since it began, with its workers; one that merely runs while others take it is left alone.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from typing import cast

from procwidget import forking, threads
from procwidget.actions.attempt import SignalAttempt
from procwidget.actions.audit import AuditLog
from procwidget.actions.hold_and_send import PidfdTarget, PsutilTarget, pidfds_work
from procwidget.actions.identity_check import read_facts
from procwidget.errors import ActionRefused, InvalidArgument
from procwidget.jupyter.cell_cost import held_memory
from procwidget.jupyter.memory_in_reach import MemoryInReach
from procwidget.sample import Process
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
        self._looked_at: str | None = None
        # The least that the kernel held since the cell began, that its workers did, and that was in use in all.
        self._before: tuple[int, ...] | None = None
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
        before, self._looked_at = self._looked_at, self._cell()
        cell = self._looked_at
        if cell != before:
            # One may begin as soon as another has ended.
            self._before, self._rest = None, 0.0
        if cell is None:
            return
        self._memory.follow(self._memory.group())
        reading, (held, workers) = self._memory.read(), held_memory()
        used, limit = reading.used, reading.limit
        if used is None or not limit:
            return
        now = held, workers, used
        self._before = now if self._before is None else tuple(map(min, self._before, now))
        self._rest = max(0.0, self._rest - EVERY)
        if used * 100 < self._percent * limit or self._rest:
            return
        taken = held - self._before[0]
        # What forked workers share with the kernel each of them holds, and nobody has taken.
        taken += max(0, min(workers - self._before[1], used - self._before[2] - taken))
        if taken < _ITS_PART * limit:
            return
        self._rest = _AGAIN
        problem = self._interrupt()
        of = f"{bytes_text(used)} of {bytes_text(limit)} of memory were in use"
        what = f"{cell} could not be interrupted ({problem})" if problem else f"{cell} was interrupted (SIGINT)"
        self._told(f"{what}: {of}, of which it took {bytes_text(taken)}.")


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
