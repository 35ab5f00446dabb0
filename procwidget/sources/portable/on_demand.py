"""Reads by psutil the fields that are read only while somebody asks for them; what it has not is `None`.

Runs in the caller's thread. What may block, the counters of disks, is read elsewhere (`procwidget.sources.io_rates`).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

import psutil

from procwidget.sources import io_rates
from procwidget.sources.cgroup import read_file
from procwidget.sources.group_names import group_names
from procwidget.sources.growth import Growth
from procwidget.sources.io_rates import IoCounters, IoReader
from procwidget.sources.linux.proc import POLICIES, parse_stat, terminal_name
from procwidget.sources.portable.host import UNREADABLE, attempt, finite
from procwidget.sources.pss import Candidate, PssReader, read_pss

MIB = 2**20
_LINUX = sys.platform.startswith("linux")
_COUNTS = not sys.platform.startswith(("win32", "darwin"))


class _Known(Protocol):
    """A process: one object for as long as it is the same process."""

    handle: psutil.Process
    name: str

    @property
    def pid(self) -> int: ...


Known = TypeVar("Known", bound=_Known)


class OnDemand(Generic[Known]):
    """Reads these fields, for one thread at a time."""

    def __init__(self) -> None:
        self._io: IoReader[Known] = IoReader(_io_of)
        self._counters: dict[Known, IoCounters | None] = {}
        self._rates: dict[Known, tuple[float | None, float | None]] = {}
        self._growth: dict[Known, Growth] = {}
        self._pss: PssReader[Known] = PssReader(lambda known: read_pss(psutil.PROCFS_PATH, known.pid))

    def read(
        self, known: Known, process: psutil.Process, memory: float | None, wanted: frozenset[str]
    ) -> dict[str, Any]:
        """Return the wanted fields of a process that has so many MiB of memory."""
        if not io_rates.KEYS.isdisjoint(wanted):
            self._take_answers()
            self._io.ask(known)
        values: dict[str, Any] = dict.fromkeys(wanted)
        for key in wanted & _READERS.keys():
            values[key] = attempt(partial(_READERS[key], process))
        followed = self._followed(known, process, memory, wanted)
        return values | {key: value for key, value in followed.items() if key in wanted}

    def keep(self, known: Iterable[Known]) -> None:
        """Forget all processes but these."""
        kept = set(known)
        for remembered in (self._counters, self._rates, self._growth):
            for gone in remembered.keys() - kept:
                del remembered[gone]
        self._pss.keep(kept)

    def measure(self, candidates: Iterable[tuple[Candidate, Known]]) -> None:
        """Have the PSS of the largest processes measured, where the system has it; it comes in later readings."""
        if _LINUX:
            self._pss.ask(lambda: candidates)

    def notes(self) -> list[str]:
        """Return a sentence for the processes that do not answer."""
        return [*self._io.notes(), *self._pss.notes()]

    def close(self) -> None:
        """End the threads that read what may block."""
        self._io.close()
        self._pss.close()

    def _followed(
        self, known: Known, process: psutil.Process, memory: float | None, wanted: frozenset[str]
    ) -> dict[str, Any]:
        """Return what is made of this reading and those before."""
        values: dict[str, Any] = {}
        if counters := self._counters.get(known):
            values |= {"read_total": counters.read, "written_total": counters.written}
            values["read"], values["written"] = self._rates[known]
        values["pss"] = self._pss.value(known)
        if "growth" in wanted and memory is not None:
            now = time.monotonic()
            values["growth"] = self._growth.setdefault(known, Growth.begin(now, memory)).per_minute(now, memory)
        if _LINUX and not wanted.isdisjoint(("container", "unit")):
            names = group_names(read_file(f"{psutil.PROCFS_PATH}/{process.pid}/cgroup"))
            values["container"], values["unit"] = names
        return values

    def _take_answers(self) -> None:
        for known, counters in self._io.answers():
            before = self._counters.get(known)
            self._rates[known] = io_rates.rates(before, counters, 0.0) if counters else (None, None)
            self._counters[known] = counters


def _io_of(known: _Known) -> IoCounters | None:
    try:
        counters = known.handle.io_counters()
    except (*UNREADABLE, AttributeError):
        return None
    return IoCounters(time.monotonic(), counters.read_bytes, counters.write_bytes)


def _time(process: psutil.Process, part: str) -> float | None:
    return finite(getattr(process.cpu_times(), part))


def _children_time(process: psutil.Process) -> float | None:
    times = process.cpu_times()
    # psutil has none on macOS and Windows, and says 0.
    return finite(times.children_user + times.children_system) if hasattr(times, "children_user") and _COUNTS else None


def _policy(process: psutil.Process) -> str | None:
    if not _LINUX:
        return None
    stat = parse_stat(read_file(f"{psutil.PROCFS_PATH}/{process.pid}/stat") or b"", more=True)
    return POLICIES.get(stat.policy) if stat else None


def _terminal(process: psutil.Process) -> str | None:
    if _LINUX:
        # psutil lists the terminals once, and knows none that was made since.
        stat = parse_stat(read_file(f"{psutil.PROCFS_PATH}/{process.pid}/stat") or b"", more=True)
        return terminal_name(stat.terminal) if stat else None
    name = process.terminal() if hasattr(process, "terminal") else None
    return name.removeprefix("/dev/") if name else None


def _shared(process: psutil.Process) -> float | None:
    shared = getattr(process.memory_info(), "shared", None)
    return None if shared is None else shared / MIB


def _last_cpu(process: psutil.Process) -> int | None:
    return process.cpu_num() if hasattr(process, "cpu_num") else None


_READERS: dict[str, Callable[[psutil.Process], Any]] = {
    "user_time": lambda process: _time(process, "user"),
    "system_time": lambda process: _time(process, "system"),
    "last_cpu": _last_cpu,
    "child_time": _children_time,
    "policy": _policy,
    "terminal": _terminal,
    "shared": _shared,
}
"""What psutil has. It has the nice value, not the kernel's priority."""
