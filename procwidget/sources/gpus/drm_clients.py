"""Finds which processes have files of GPUs open and reads what the kernel counts for them.

To find such a file means to look where each open file of each process leads. So that is done every ten seconds, and
without letting go of the GIL, for none of it can block; in between only the files that were found are read. Those can
block, for a driver that is being reset holds its locks: a thread of its own reads them and lets go of the GIL.
"""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import Final, NamedTuple

from procwidget.sources.gpus.driver import Use
from procwidget.sources.gpus.fdinfo import Client, Engine, caught_up, parse_client, shares
from procwidget.sources.linux.gil_held import GilHeldReader

FOUND_AFTER: Final = 10.0
"""Seconds after which it is looked anew which processes have files of GPUs."""

_DEVICES = b"/dev/dri/"
_LONGEST = 60.0
_LONGEST_INFO = 1 << 14


class ClientsReading(NamedTuple):
    """Who uses the GPUs of the kernel's drivers.

    Attributes:
        uses: of each process, by pid.
        memory: of each device, by its PCI address, the bytes each process holds, by pid.
        busy: of each device how many percent its busiest engine worked for all clients; missing at first.
        refused: the processes that may not be looked at.
        first: whether nothing is known of the time before.
    """

    uses: dict[int, Use]
    memory: dict[str, dict[int, int | None]]
    busy: dict[str, float]
    refused: Collection[int]
    first: bool


class DrmClients:
    """Follows the clients of all devices.

    Args:
        proc: where /proc is.
        clock: monotonic seconds.
    """

    def __init__(self, proc: str = "/proc", clock: Callable[[], float] = time.monotonic) -> None:
        self._proc, self._clock = os.fsencode(proc), clock
        self._files = GilHeldReader()
        self._readlink = ctypes.PyDLL(None).readlink
        # No longer than what is looked for: the kernel cuts the rest off.
        self._target = ctypes.create_string_buffer(len(_DEVICES))
        self._size = ctypes.c_size_t(len(_DEVICES))
        self._found: dict[int, list[bytes]] = {}
        self._refused: set[int] = set()
        self._found_at: float | None = None
        self._before: dict[tuple[str, int], dict[str, Engine]] = {}
        self._read_at: float | None = None

    def read(self) -> ClientsReading:
        """Return who uses what now; it may block."""
        now = self._clock()
        if self._found_at is None or now - self._found_at >= FOUND_AFTER:
            self._found_at = now
            self._find()
        seconds = None if self._read_at is None else now - self._read_at
        if seconds is not None and seconds > _LONGEST:
            seconds = None  # what was done long ago says nothing about now
        self._read_at = now
        before, self._before = self._before, {}
        uses: dict[int, Use] = {}
        memory: dict[str, dict[int, int | None]] = {}
        engines: dict[str, dict[str, float]] = {}
        for pid in sorted(self._found):
            # One that several processes share, as after a fork, is the first one's; several files are one client's too.
            own = {
                client.key: client
                for path in self._found[pid]
                if (client := self._client(path)) and client.key not in self._before
            }
            busiest: dict[str, float] = {}
            known = True
            for client in own.values():
                self._before[client.key] = caught_up(before.get(client.key, {}), client.engines)
                device = client.key[0]
                held = memory.setdefault(device, {})
                held[pid] = _sum(held.get(pid), client.memory)
                if seconds is None or client.key not in before:
                    known = False
                    continue
                worked = shares(before[client.key], self._before[client.key], seconds)
                together = engines.setdefault(device, {})
                for name, share in worked.items():
                    together[name] = together.get(name, 0.0) + share
                busiest[device] = busiest.get(device, 0.0) + max(worked.values(), default=0.0)
            if own:
                sizes = [held[pid] for held in memory.values() if held.get(pid) is not None]
                uses[pid] = Use(
                    sum((min(100.0, share) for share in busiest.values()), 0.0) if known or busiest else None,
                    sum(size or 0 for size in sizes) if sizes else None,
                )
        busy = {device: min(100.0, max(parts.values(), default=0.0)) for device, parts in engines.items()}
        return ClientsReading(uses, memory, busy, frozenset(self._refused), seconds is None)

    def _find(self) -> None:
        self._found, self._refused = {}, set()
        for pid in self._files.list_pids(self._proc) or ():
            folder = b"%b/%d" % (self._proc, pid)
            numbers = self._files.list_pids(folder + b"/fd")
            if numbers is None:
                if not self._files.gone:
                    self._refused.add(pid)
                continue
            paths = [b"%b/fdinfo/%d" % (folder, fd) for fd in numbers if self._is_of_gpu(b"%b/fd/%d" % (folder, fd))]
            clients = {client.key: path for path in paths if (client := self._client(path))}
            if clients:
                self._found[pid] = [*clients.values()]

    def _is_of_gpu(self, path: bytes) -> bool:
        return self._readlink(path, self._target, self._size) == self._size.value and self._target.raw == _DEVICES

    @staticmethod
    def _client(path: bytes) -> Client | None:
        with suppress(OSError):
            file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                return parse_client(os.read(file, _LONGEST_INFO))
            finally:
                os.close(file)
        return None


def _sum(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else one + other
