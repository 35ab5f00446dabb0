"""Reads a host with psutil alone, on any platform: `PortableSource`. Runs in the caller's thread.

The reference for every other source, and the fallback where those cannot work. psutil lets go of the GIL for every
file it reads, so while a cell computes in pure Python a reading takes seconds here (see `sources/linux`).
"""

from __future__ import annotations

import math
import os
import platform
import sys
import time
from collections.abc import Hashable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

import psutil

from procwidget.clean_text import TEXT_LIMIT, clean_command, clean_text
from procwidget.errors import SourceUnavailable
from procwidget.fields import ON_DEMAND
from procwidget.identity import TICKS_PER_SECOND, boot_id, identity_of, pid_namespace, ticks_of
from procwidget.sample import Process, Sample
from procwidget.sources import cgroup
from procwidget.sources.assemble import HIDDEN, Host, Processes, Reading, refused_note, to_sample
from procwidget.sources.devices import Devices
from procwidget.sources.filesystems import FilesystemReader, measure
from procwidget.sources.gpus import FIELDS as GPU_FIELDS
from procwidget.sources.gpus.choose_driver import gpu_reader
from procwidget.sources.kernel_counts import PressureAverages
from procwidget.sources.linux.proc import hides_others, long_names, shown_name
from procwidget.sources.notebooks import FIELDS as NOTEBOOK_FIELDS
from procwidget.sources.notebooks.reader import NotebookReader
from procwidget.sources.portable.host import (
    UNREADABLE,
    attempt,
    finite,
    list_mounts,
    measure_by_psutil,
    read_host,
    read_tcp,
)
from procwidget.sources.portable.idle_time import is_idle_time
from procwidget.sources.portable.on_demand import OnDemand
from procwidget.sources.portable.start_time import steady_start
from procwidget.sources.portable.state import state_and_memory
from procwidget.sources.pressure import PressureReader
from procwidget.sources.pss import candidate
from procwidget.sources.sensors import SensorReader
from procwidget.sources.slow_figures import SlowFiguresReader
from procwidget.sources.system_facts import read_system
from procwidget.sources.users_and_commands import UNKNOWN, AttributeReader, Attributes, Command, read_command, user_name

_LINUX = sys.platform.startswith("linux")
_REFRESH = 10.0
"""Seconds after which a user and a command line are read again: both may change without a new program."""


@dataclass(eq=False)
class _Known:
    """What is remembered of a process from reading to reading; `comm` is its name as the system cuts it off."""

    handle: psutil.Process
    identity: str
    started: float | None
    comm: str = ""
    name: str = ""
    attributes: Attributes = UNKNOWN
    asked_at: float = -math.inf
    cpu_time: float | None = None
    at: float = 0.0
    row: Process | None = None

    @property
    def pid(self) -> int:
        return int(self.handle.pid)


class PortableSource:
    """Reads a host with psutil.

    CPU percent is the difference of psutil's CPU times, which advance in steps of 10 ms on Linux. A process has its
    first CPU figure in the second reading that shows it. Processes that live only between two readings are not
    counted in `started` and `ended`. Users and command lines are `None` until they have been read, which may block and
    so is not waited for.

    Args:
        top: how many `top_processes` a sample carries.
    """

    name = "portable"

    def __init__(self, top: int = 15) -> None:
        self.top = top
        self.wanted: frozenset[str] = frozenset()
        self.in_sight: frozenset[str] = frozenset()
        self.notes: list[str] = []
        system = read_system(getattr(psutil, "PROCFS_PATH", "/proc"))
        self._host = Host(self.name, platform.node(), boot_id() or "", system, pid_namespace())
        self._before: Reading | None = None
        self._known: dict[int, _Known] = {}
        self._limits = cgroup.Reader()
        self._filesystems = FilesystemReader(list_mounts, measure if hasattr(os, "statvfs") else measure_by_psutil)
        self._pressure = PressureReader(psutil.PROCFS_PATH, cgroup.read_file)
        self._devices = Devices(cgroup.read_file, _list_names)
        self._slow = SlowFiguresReader(cgroup.read_file)
        self._sensors = SensorReader()
        self._notebooks = NotebookReader()
        self._gpus = gpu_reader(cgroup.read_file, _list_names, proc=psutil.PROCFS_PATH)
        self._attributes: AttributeReader[_Known] = AttributeReader(_read_owner, _read_name, _read_command)
        self._on_demand: OnDemand[_Known] = OnDemand()
        self._hides = _LINUX and _hidepid()
        self._booted = attempt(psutil.boot_time)
        self._closed = False

    def read(self) -> Sample:
        """Take one reading.

        Raises:
            SourceUnavailable: the processes cannot be listed, or the source is closed.
        """
        if self._closed:
            raise SourceUnavailable("This source is closed; make a new one.")
        reading = read_host(self._limits.read if _LINUX else lambda _memory, _cpus: None, self._devices)
        reading = reading._replace(
            filesystems=self._filesystems.read(),
            throttling=self._limits.throttling,
            gpus=self._gpus.read(self.wanted),
            sensors=self._sensors.read("sensors" in self.wanted),
        )
        if _LINUX:
            tcp = read_tcp() if "tcp" in self.wanted else None
            kernel = reading.kernel._replace(pressure=self._pressure.read(), tcp=tcp)
            slow = self._slow.read(reading.interfaces or (), reading.disks or ())
            reading = reading._replace(kernel=kernel, slow=slow)
        of_rows = self.wanted.intersection(ON_DEMAND) - GPU_FIELDS - NOTEBOOK_FIELDS
        self._follow_wall_clock()
        for asker, found in self._attributes.answers():
            asker.attributes = asker.attributes._replace(**found)
        pids = _list_pids()
        known: dict[int, _Known] = {}
        started = refused = 0
        for pid in pids:
            try:
                if is_idle_time(pid):
                    continue
                process, fresh = self._known.get(pid), psutil.Process(pid)
                # psutil compares pid and start time, so a reused pid is another process here.
                if process is None or process.handle != fresh:
                    process = _Known(fresh, *_identity(fresh))
                self._read_row(process, fresh, of_rows)
                if not is_idle_time(pid, process.name):
                    started += process is not self._known.get(pid)
                    known[pid] = process
            except psutil.AccessDenied:
                refused += 1
            except UNREADABLE:
                continue
        stayed = sum(known.get(pid) is process for pid, process in self._known.items())
        ended = len(self._known) - stayed
        self._known = known
        self._on_demand.keep(known.values() if of_rows else ())
        if "pss" in self.wanted:
            self._measure(known.values())
        self.notes = [HIDDEN] if self._hides or _hides_first(pids) else []
        self.notes += [refused_note(refused)] if refused else []
        self.notes += [*self._attributes.notes(), *self._on_demand.notes(), *self._sensors.notes(), *self._gpus.notes]
        rows = [process.row for process in known.values() if process.row is not None]
        rows = self._notebooks.fill(self._gpus.fill(rows, self.wanted), self.wanted)
        threads = [row["threads"] for row in rows if row["threads"] is not None]
        first = self._before is None
        processes = Processes(
            rows, self.top, sum(threads) if threads else None, None if first else started, None if first else ended
        )
        before, self._before = self._before, reading
        return to_sample(self._host, before, reading, processes)

    def pressure_averages(self) -> PressureAverages | None:
        """Return in how much of the last minute tasks have waited; `None` where that is not measured."""
        return self._pressure.averages()

    def close(self) -> None:
        """Forget all processes and end the threads that read what may block; reading afterwards is an error."""
        self._closed = True
        self._filesystems.close()
        self._slow.close()
        self._sensors.close()
        self._gpus.close()
        self._notebooks.close()
        self._attributes.close()
        self._on_demand.close()
        self._known.clear()

    @property
    def pending(self) -> bool:
        """Whether figures that take a while have not come for the first time and may yet."""
        return self._gpus.pending or self._notebooks.pending

    def _measure(self, known: Iterable[_Known]) -> None:
        """Have the PSS of the largest processes measured, which comes in later readings."""
        rows = ((process.row, process) for process in known if process.row is not None)
        self._on_demand.measure((candidate(row["memory"], row["identity"], self.in_sight), one) for row, one in rows)

    def _follow_wall_clock(self) -> None:
        """Move start times with the wall clock when it is set, so that ages stay right: the time of boot moves too."""
        before, booted = self._booted, attempt(psutil.boot_time)
        # It is in whole seconds, and may be rounded in either way.
        if before is not None and booted is not None and abs(booted - before) > 1:
            self._booted = booted
            for known in self._known.values():
                known.started += booted - before

    def _read_row(self, known: _Known, process: psutil.Process, wanted: frozenset[str]) -> None:
        with process.oneshot():
            now = time.monotonic()
            comm = attempt(lambda: _comm(process)) or ""
            if (comm != known.comm or now - known.asked_at > _REFRESH) and self._attributes.ask(known):
                known.comm, known.asked_at = comm, now
            known.name = shown_name(os.fsencode(comm), known.attributes.long_names)
            times = attempt(process.cpu_times)
            status, memory = state_and_memory(process)
            cpu_time = finite(times.user + times.system) if times else None
            cpu = None
            if cpu_time is not None and known.cpu_time is not None and cpu_time >= known.cpu_time and now > known.at:
                cpu = 100.0 * (cpu_time - known.cpu_time) / (now - known.at)
            known.cpu_time, known.at = cpu_time, now
            row: Process = {
                "pid": process.pid,
                "name": known.name,
                "cpu": cpu,
                "memory": memory,
                "ppid": attempt(process.ppid),
                "user": known.attributes.user,
                "status": status,
                "threads": attempt(process.num_threads),
                "started": known.started,
                "command": known.attributes.command,
                "nice": attempt(lambda: int(process.nice())),
                "session": attempt(lambda: os.getsid(process.pid)) if hasattr(os, "getsid") else None,
                "cpu_time": cpu_time,
                "stuck": known.attributes.stuck,
                "identity": known.identity,
            }
            if wanted:
                row = cast(Process, {**row, **self._on_demand.read(known, process, memory, wanted)})
        if row != known.row:
            known.row = row


def _identity(process: psutil.Process) -> tuple[str, float]:
    if not _LINUX:
        created = steady_start(process)
        return identity_of(process.pid, ticks_of(created)), created
    # psutil adds the boot time, which moves with the wall clock, to the start ticks; they alone are wanted. The clock
    # may move in between, so the boot time has to be the same before and after.
    while True:
        booted = psutil.boot_time()
        created = psutil.Process(process.pid).create_time()
        # So that it ends where that is no number at all.
        if not abs(booted - psutil.boot_time()) > 0:
            return identity_of(process.pid, round((created - booted) * TICKS_PER_SECOND)), created


def _comm(process: psutil.Process) -> str:
    # Where the system cut the name off, psutil's own `name` reads the command line, which may block.
    return str(process._proc.name() if psutil.POSIX else process.name())


def _read_owner(known: _Known) -> Hashable:
    # Without uids, each process has a user of its own as far as one can know without asking.
    return attempt(lambda: known.handle.uids().real) if psutil.POSIX else known


def _read_name(owner: Any) -> str | None:
    if psutil.POSIX:
        return user_name(owner)
    with suppress(*UNREADABLE):
        return clean_text(owner.handle.username())
    return None


def _read_command(known: _Known) -> Command:
    with suppress(*UNREADABLE):
        try:
            arguments = known.handle.cmdline()
        except psutil.ZombieProcess:
            return read_command(psutil.PROCFS_PATH, known.pid)
        # Cut off first: cleaning megabytes would hold up all other threads.
        text = " ".join(arguments).rstrip()[: TEXT_LIMIT + 1]
        return clean_command(text).rstrip() or None, long_names(arguments)
    return None, ()


def _list_names(path: str) -> list[str] | None:
    try:
        return os.listdir(path)
    except OSError:
        return None


def _list_pids() -> list[int]:
    try:
        pids: list[int] = psutil.pids()
        return pids
    except (FileNotFoundError, NotADirectoryError, LookupError):
        # Of a list without any entry psutil wants the first one.
        missing = f"{psutil.PROCFS_PATH} has none; the proc file system must be mounted there"
        why = missing if _LINUX else "there is none"
        raise SourceUnavailable(f"The processes of this host cannot be listed: {why}.") from None
    except (OSError, psutil.Error) as error:
        raise SourceUnavailable(f"The processes of this host cannot be listed: {error}.") from error


def _hidepid() -> bool:
    proc = psutil.PROCFS_PATH
    mounts, status = (cgroup.read_file(f"{proc}/self/{name}") for name in ("mountinfo", "status"))
    return hides_others(mounts, status, os.fsencode(proc))


def _hides_first(pids: list[int]) -> bool:
    """Return whether the first process is left out: that it exists is known all the same, as it may be signalled."""
    if not _LINUX or 1 in pids:
        return False
    try:
        os.kill(1, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
