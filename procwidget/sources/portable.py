"""Reads a host with psutil alone: any platform enters, samples leave, in the caller's thread.

The reference for every other source, and the fallback where those cannot work. psutil lets go of the GIL for every
file it reads, so while a cell computes in pure Python a reading takes seconds here (see `procwidget.sources.linux`).
"""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Callable, Hashable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import psutil

from procwidget.errors import SourceUnavailable
from procwidget.sample import Memory, Process, Sample, clean_text
from procwidget.sources import cgroup
from procwidget.sources.reading import (
    HIDDEN,
    Counters,
    CpuTimes,
    Host,
    Processes,
    Reading,
    is_loopback,
    memory_of,
    refused_note,
    to_sample,
    whole_disks,
)

MIB = 2**20
_LINUX = sys.platform.startswith("linux")
_TICKS = os.sysconf("SC_CLK_TCK") if _LINUX else 100
_REFRESH = 10.0
"""Seconds after which a user and a command line are read again: both may change without a new program."""

# The last three are what psutil's own parsers raise on files that are cut off or odd.
_UNREADABLE = (psutil.Error, OSError, NotImplementedError, RuntimeError, ValueError, LookupError)

T = TypeVar("T")


@dataclass
class _Known:
    """What is remembered of a process from reading to reading."""

    handle: psutil.Process
    identity: str
    started: float | None
    name: str = ""
    user: str | None = None
    command: str | None = None
    attributes_at: float = 0.0
    cpu_time: float | None = None
    at: float = 0.0
    row: Process | None = None


class PortableSource:
    """Reads a host with psutil.

    CPU percent is the difference of psutil's CPU times, which advance in steps of 10 ms on Linux. A process has its
    first CPU figure in the second reading that shows it. Processes that live only between two readings are not
    counted in `started` and `ended`.

    Args:
        top: how many `top_processes` a sample carries.
    """

    name = "portable"

    def __init__(self, top: int = 15) -> None:
        self.top = top
        self.notes: list[str] = []
        self._host = Host(self.name, platform.node(), _boot_id())
        self._before: Reading | None = None
        self._known: dict[int, _Known] = {}
        self._limits = cgroup.Reader()
        self._closed = False

    def read(self) -> Sample:
        """Take one reading.

        Raises:
            SourceUnavailable: the processes cannot be listed, or the source is closed.
        """
        if self._closed:
            raise SourceUnavailable("This source is closed; make a new one.")
        reading = self._read_host()
        try:
            pids = psutil.pids()
        except (OSError, psutil.Error) as error:
            raise SourceUnavailable(f"The processes of this host cannot be listed: {error}.") from error
        known: dict[int, _Known] = {}
        started = refused = 0
        for pid in pids:
            try:
                process = self._known.get(pid)
                fresh = psutil.Process(pid)
                # psutil compares pid and start time, so a reused pid is another process here.
                if process is None or process.handle != fresh:
                    process = _Known(fresh, *_identity(fresh))
                    started += 1
                _read_row(process, fresh)
                known[pid] = process
            except psutil.AccessDenied:
                refused += 1
            except _UNREADABLE:
                continue
        stayed = sum(known.get(pid) is process for pid, process in self._known.items())
        ended = len(self._known) - stayed
        self._known = known
        hidden = _hidden_note(pids, refused)
        self.notes = [hidden] if hidden else []
        rows = [process.row for process in known.values() if process.row is not None]
        threads = [row["threads"] for row in rows if row["threads"] is not None]
        first = self._before is None
        processes = Processes(
            rows, self.top, sum(threads) if threads else None, None if first else started, None if first else ended
        )
        before, self._before = self._before, reading
        return to_sample(self._host, before, reading, processes)

    def close(self) -> None:
        """Forget all processes; reading afterwards is an error."""
        self._closed = True
        self._known.clear()

    def _read_host(self) -> Reading:
        now, monotonic = time.time(), time.monotonic()
        booted, cpus, memory = _attempt(psutil.boot_time), _attempt(_cpus) or {}, _attempt(_memory)
        return Reading(
            now,
            monotonic,
            max(0.0, now - booted) if booted is not None else None,
            cpus,
            memory,
            _attempt(lambda: list(os.getloadavg())) if hasattr(os, "getloadavg") else None,
            _attempt(_disks),
            _attempt(_networks),
            self._limits.read(memory and memory["total"], len(cpus)) if _LINUX else None,
        )


def _attempt(read: Callable[[], T]) -> T | None:
    """Return what `read` returns, `None` where that cannot be had; a process that is gone still raises."""
    try:
        return read()
    except psutil.ZombieProcess:
        return None
    except psutil.NoSuchProcess:
        raise
    except _UNREADABLE:
        return None


def _boot_id() -> str:
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    return ""


def _identity(process: psutil.Process) -> tuple[str, float]:
    created = process.create_time()
    if not _LINUX:
        return f"{process.pid}-{round(created * _TICKS)}", created
    # psutil adds the boot time, which moves with the wall clock, to the start ticks; they alone are wanted. The clock
    # may move in between, so the boot time has to be the same before and after.
    while True:
        booted = psutil.boot_time()
        created = psutil.Process(process.pid).create_time()
        if booted == psutil.boot_time():
            return f"{process.pid}-{round((created - booted) * _TICKS)}", created


def _read_row(known: _Known, process: psutil.Process) -> None:
    with process.oneshot():
        now = time.monotonic()
        name = clean_text(_attempt(process.name) or "")
        if name != known.name or now - known.attributes_at > _REFRESH:
            known.name, known.attributes_at = name, now
            user, arguments = _attempt(process.username), _attempt(process.cmdline)
            known.user = clean_text(user) if user else None
            # A zombie has no command line any more; what it was is still worth knowing.
            if arguments:
                known.command = clean_text(" ".join(arguments).rstrip()) or None
        times, memory = _attempt(process.cpu_times), _attempt(process.memory_info)
        cpu_time = times.user + times.system if times else None
        cpu = None
        if cpu_time is not None and known.cpu_time is not None and cpu_time >= known.cpu_time and now > known.at:
            cpu = 100.0 * (cpu_time - known.cpu_time) / (now - known.at)
        known.cpu_time, known.at = cpu_time, now
        row: Process = {
            "pid": process.pid,
            "name": known.name,
            "cpu": cpu,
            "memory": memory.rss / MIB if memory else None,
            "ppid": _attempt(process.ppid),
            "user": known.user,
            "status": _attempt(process.status),
            "threads": _attempt(process.num_threads),
            "started": known.started,
            "command": known.command,
            "nice": _attempt(lambda: int(process.nice())),
            "session": _attempt(lambda: os.getsid(process.pid)) if hasattr(os, "getsid") else None,
            "cpu_time": cpu_time,
            "identity": known.identity,
        }
    if row != known.row:
        known.row = row


def _cpus() -> dict[Hashable, CpuTimes]:
    all_times: list[Any] = psutil.cpu_times(percpu=True)
    cpus: dict[Hashable, CpuTimes] = {}
    for place, times in enumerate(all_times):
        idle = times.idle + getattr(times, "iowait", 0.0)
        # user and nice hold the time of guests already.
        guests = getattr(times, "guest", 0.0) + getattr(times, "guest_nice", 0.0)
        # psutil does not number the CPUs, so when one comes or goes none can be compared.
        cpus[place, len(all_times)] = CpuTimes(sum(times) - idle - guests, idle)
    return cpus


def _memory() -> Memory:
    memory, swap = psutil.virtual_memory(), psutil.swap_memory()
    return memory_of(memory.total, memory.available, swap.total, swap.free)


def _disks() -> Counters | None:
    # nowrap would use a cache that all of the interpreter shares.
    counters = psutil.disk_io_counters(perdisk=True, nowrap=False)
    disks = whole_disks(counters)
    return {name: (count.read_bytes, count.write_bytes) for name, count in counters.items() if name in disks} or None


def _networks() -> Counters | None:
    counters = psutil.net_io_counters(pernic=True, nowrap=False)
    return {name: (count.bytes_recv, count.bytes_sent) for name, count in counters.items() if not is_loopback(name)}


def _hidden_note(pids: list[int], refused: int) -> str | None:
    if refused:
        return refused_note(refused)
    if not _LINUX or 1 in pids:
        return None
    # That it exists and may not be signalled is known of a process that is hidden, too.
    with suppress(ProcessLookupError):
        with suppress(PermissionError):
            os.kill(1, 0)
        return HIDDEN
    return None
