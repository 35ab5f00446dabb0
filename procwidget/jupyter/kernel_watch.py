"""Watches the kernels of a Jupyter Server: what each cell costs, and how a kernel ends that nobody asked to end.

On the server's event loop; readings are taken in a thread of its own, for they may block. A kernel that is shut down or
restarted from a front end is none of its business, and a kernel on another host is not either. It reads the rows of the
kernels alone, and nothing while there are none.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
import weakref
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from procwidget.jupyter.cell_cost import CellCost
from procwidget.jupyter.cell_meter import MOST, CellMeter
from procwidget.jupyter.death import death_of
from procwidget.jupyter.death_log import DeathLog
from procwidget.jupyter.executions import Execution, Executions, content_of, may_matter
from procwidget.jupyter.kernel_readings import KernelReadings

EVERY = 1.0
"""Seconds from one reading of a kernel that runs a cell to the next."""

IDLE_EACH = 5
"""In readings of these: how often one is read that runs none."""

_FEW_DIGESTS = 256
_RECONNECT = 10
"""Milliseconds."""

_SMOOTHED = 0.2
_log = logging.getLogger("procwidget")

NameOf = Callable[[str], Awaitable[tuple[str, str] | None]]
"""Returns the name and path of a kernel's notebook."""


class _Kernel:
    """One kernel process, from its start to its end."""

    def __init__(self, kernel_id: str, manager: Any, process: Any, pid: int) -> None:
        self.id, self.manager, self.process, self.pid = kernel_id, manager, process, pid
        self.readings = KernelReadings(pid)
        self.meter = CellMeter(pid)
        self.executions = Executions()
        self.pidfd: int | None = None
        self.stream: Any = None
        self.over = False


class KernelWatch:
    """Watches the kernels of one server.

    Args:
        kernels: the server's kernel manager.
        log: where deaths are kept.
        name_of: tells the notebook of a kernel id.
        clock: Unix seconds.
    """

    def __init__(self, kernels: Any, log: DeathLog, name_of: NameOf, clock: Callable[[], float] = time.time) -> None:
        self._kernels, self._log, self._name_of, self._clock = kernels, log, name_of, clock
        self._watched: dict[str, _Kernel] = {}
        self._heard = weakref.WeakSet[Any]()  # managers whose restarts are heard of
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="procwidget-kernels")
        self._tasks: set[asyncio.Task[None]] = set()
        self._turn = 0
        self._closed = False
        self.costs: deque[CellCost] = deque(maxlen=MOST)
        """What cells cost, the oldest first; without names of notebooks, which change."""
        self.seconds = 0.0
        """CPU seconds that a reading takes, smoothed."""

    @property
    def cost(self) -> str:
        """What this takes, in words."""
        count = len(self._watched)
        if not count:
            return "procwidget watches no kernel of this server."
        which = "the one kernel" if count == 1 else f"{count} kernels"
        return f"procwidget watches {which} of this server: {self.seconds * 1000:.1f} ms of CPU a second."

    async def tick(self) -> None:
        """Find the kernels that there are, and read those whose turn it is; to be called every second."""
        ids = [] if self._closed else self._kernels.list_kernel_ids()
        for kernel_id in self._watched.keys() - set(ids):
            self._let_go(self._watched.pop(kernel_id))
        for kernel_id in ids:
            self.adopt(kernel_id)
        idle_too = self._turn % IDLE_EACH == 0
        self._turn += 1
        due = [one for one in self._watched.values() if not one.over and (idle_too or one.executions.current)]
        took = await asyncio.get_running_loop().run_in_executor(self._worker, self._read, due) if due else 0.0
        self.seconds += _SMOOTHED * (took - self.seconds)

    def adopt(self, kernel_id: str) -> None:
        """Watch a kernel, from now on or anew if it was restarted."""
        if self._closed:
            return
        try:
            manager = self._kernels.get_kernel(kernel_id)
        except Exception:  # each kind of server has its own error for a kernel that is gone
            return
        process = getattr(getattr(manager, "provisioner", None), "process", None)
        pid = getattr(process, "pid", None)
        before = self._watched.get(kernel_id)
        if not isinstance(pid, int) or not hasattr(process, "poll") or (before and before.process is process):
            if before and before.pidfd is None and before.process.poll() is not None:
                self._ended(before)
            return
        if before:
            self._let_go(before)
        kernel = self._watched[kernel_id] = _Kernel(kernel_id, manager, process, pid)
        self._listen(kernel)
        if manager not in self._heard:
            self._heard.add(manager)
            # Said before the new process is started: afterwards the old one is not to be found any more.
            manager.add_restart_callback(lambda: self._hear_restart(kernel_id), "restart")
        with suppress(OSError, AttributeError):
            kernel.pidfd = os.pidfd_open(pid)
            asyncio.get_running_loop().add_reader(kernel.pidfd, self._ended, kernel)
        self._spawn(self._read_now(kernel))

    def close(self) -> None:
        """Watch no more: the server ends, and its kernels with it."""
        self._closed = True
        for kernel in self._watched.values():
            self._let_go(kernel)
        self._watched.clear()
        self._worker.shutdown(wait=False, cancel_futures=True)

    def _listen(self, kernel: _Kernel) -> None:
        """Hear of the cells of a kernel."""
        manager = kernel.manager
        try:
            session = type(manager.session)(config=manager.session.config, key=manager.session.key)
            session.digest_history_size = _FEW_DIGESTS
            kernel.stream = manager.connect_iopub()
            self._connect_at_once(kernel.stream.socket)
            kernel.stream.on_recv(lambda parts: self._hear(kernel, session, parts))
        except Exception:  # a kernel of another kind: its end is watched all the same
            _log.debug("The cells of kernel %s are not followed", kernel.id, exc_info=True)

    @staticmethod
    def _connect_at_once(socket: Any) -> None:
        """Have a socket connect as soon as the kernel listens: ZeroMQ tries again after 0.1 to 0.2 s, and cells run."""
        address = socket.last_endpoint.decode()
        socket.disconnect(address)
        socket.reconnect_ivl = _RECONNECT
        socket.connect(address)

    def _hear(self, kernel: _Kernel, session: Any, parts: list[bytes]) -> None:
        if not may_matter(parts):
            return
        try:
            _, message = session.feed_identities(parts)
            heads = session.deserialize(message, content=False)
        except Exception:  # not a message of this kernel
            return
        cell = kernel.executions.take(heads["header"], heads["parent_header"], content_of(message))
        if cell is not None:
            # What it holds when the cell begins, and the counters of then: it may end before its turn comes.
            self._spawn(self._read_now(kernel, cell))

    def _hear_restart(self, kernel_id: str) -> None:
        kernel = self._watched.get(kernel_id)
        if kernel is not None:
            self._ended(kernel)

    def _ended(self, kernel: _Kernel) -> None:
        """Take the end of a kernel's process."""
        if kernel.over:
            return
        if kernel.stream is not None:
            # What it said last may still wait to be heard, and tells which cell ran.
            kernel.stream.flush()
        now, cell, code = self._clock(), kernel.executions.current, kernel.process.poll()
        self._let_go(kernel)
        manager = kernel.manager
        # Who shuts it down or restarts it knows: that began before the process ended, or has put another in its place.
        asked_for = manager.shutting_down or getattr(manager.provisioner, "process", None) is not kernel.process
        if code is not None and not asked_for and kernel.id in self._kernels.list_kernel_ids():
            self._spawn(self._report(kernel, code, now, cell))

    async def _report(self, kernel: _Kernel, code: int, now: float, cell: Execution | None) -> None:
        loop = asyncio.get_running_loop()
        name = await self._name_of(kernel.id)
        folder = os.path.dirname(name[1]) if name else None
        seen = await loop.run_in_executor(self._worker, kernel.readings.evidence, code, folder)
        ran = (cell.number, cell.began) if cell else None
        death = death_of(code, now, kernel.id, name, ran, seen, kernel.executions.heard)
        problem = await loop.run_in_executor(self._worker, self._log.add, death)
        _log.warning("%s", death["text"])
        if problem:
            _log.error("%s", problem)

    async def _read_now(self, kernel: _Kernel, cell: Execution | None = None) -> None:
        await asyncio.get_running_loop().run_in_executor(self._worker, self._read_at, kernel, cell)

    def _read_at(self, kernel: _Kernel, cell: Execution | None) -> None:
        """Read a kernel as a cell begins or ends."""
        if cell is None:
            kernel.meter.look()
        elif cell.ended is not None:
            cost = kernel.meter.ended(cell, kernel.id)
            if cost is not None:
                self.costs.append(cost)
            return
        else:
            kernel.meter.began(cell)
        kernel.readings.read()

    def _read(self, due: list[_Kernel]) -> float:
        began = time.thread_time()
        for kernel in due:
            kernel.readings.read()
            kernel.meter.look()
        return time.thread_time() - began

    def _let_go(self, kernel: _Kernel) -> None:
        kernel.over = True
        if kernel.pidfd is not None:
            asyncio.get_running_loop().remove_reader(kernel.pidfd)
            os.close(kernel.pidfd)
            kernel.pidfd = None
        if kernel.stream is not None:
            kernel.stream.close()
            kernel.stream = None

    def _spawn(self, work: Any) -> None:
        # The event loop holds tasks weakly.
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
