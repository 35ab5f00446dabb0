"""Reads a Linux host from /proc: `LinuxSource`. Runs in the caller's thread, which keeps the GIL for it.

Processes are gated by their CPU clocks (`processes.py`), so a reading costs little; and nothing that happens every
tick lets go of the GIL (`gil_held.py`), so it is on time while a cell computes.
"""

from __future__ import annotations

import os
import platform
import time
from functools import partial
from pathlib import Path

from procwidget.errors import SourceUnavailable
from procwidget.fields import ON_DEMAND
from procwidget.identity import pid_namespace
from procwidget.machine import Exit
from procwidget.sample import Process, Sample
from procwidget.sources import cgroup
from procwidget.sources.assemble import HIDDEN, Host, Processes, Reading, refused_note, to_sample
from procwidget.sources.devices import Devices
from procwidget.sources.filesystems import FilesystemReader, measure, parse_mounts
from procwidget.sources.gpus import FIELDS as GPU_FIELDS
from procwidget.sources.gpus.choose_driver import gpu_reader
from procwidget.sources.gpus.reader import GpuReader
from procwidget.sources.kernel_counts import PressureAverages, TcpCounts
from procwidget.sources.linux import proc as parsers
from procwidget.sources.linux.entry import SECOND, Changes, Clock, Moment, Nice, clock_id
from procwidget.sources.linux.exits import ExitReader
from procwidget.sources.linux.host_files import parse_kernel, parse_tcp
from procwidget.sources.linux.kept_files import KeptFilesReader
from procwidget.sources.linux.processes import LinuxProcesses
from procwidget.sources.notebooks import FIELDS as NOTEBOOK_FIELDS
from procwidget.sources.notebooks.reader import NotebookReader
from procwidget.sources.pressure import PressureReader
from procwidget.sources.sensors import SensorReader
from procwidget.sources.slow_figures import SlowFiguresReader
from procwidget.sources.system_facts import read_system

_PAGE = os.sysconf("SC_PAGE_SIZE")


class LinuxSource:
    """Reads a Linux host.

    CPU percent comes from the scheduler's clock of each process in nanoseconds, so short intervals are right. The
    first figure of a process that started since the reading before is its clock over its age.

    These can change without the process running, and are then up to 30 s old: its parent, nice, memory that the
    kernel took back. All else changes only when it runs, and is of the reading, except for its user and command line:
    these are read soon after it starts or starts another program, `None` until then, and where it gives itself others
    as it runs they are up to 30 s old. A zombie keeps those it had.

    `started` and `ended` count the processes seen to come and to go, and those that did both since the reading
    before: the ids that the kernel gave out, less the new processes and threads there are. The kernel counts threads
    alike, so those that came and went are among them, but only if some process has waited for a child in that time.

    Args:
        top: how many `top_processes` a sample carries.
        proc: where /proc is.
        clock: reads a clock in ns, as `time.clock_gettime_ns` does.
        nice: reads the nice value of a pid.
        sysfs: where /sys is.
        gpus: what reads GPUs; `None` is what can be read on this system.

    Raises:
        SourceUnavailable: the kernel refuses the clocks of processes, or /proc does not show this process.
    """

    name = "linux"

    def __init__(
        self,
        top: int = 15,
        *,
        proc: str = "/proc",
        clock: Clock = time.clock_gettime_ns,
        nice: Nice = partial(os.getpriority, os.PRIO_PROCESS),  # noqa: B008 - it holds nothing
        sysfs: str = "/sys",
        gpus: GpuReader | None = None,
    ) -> None:
        _check(proc, clock)
        self.top = top
        self.wanted: frozenset[str] = frozenset()
        self.in_sight: frozenset[str] = frozenset()
        self.notes: list[str] = []
        self._root, self._clock, self._files = os.fsencode(proc), clock, KeptFilesReader()
        boot_id = self._file("sys/kernel/random/boot_id") or b""
        name = boot_id.decode("ascii", "replace").strip()
        system = read_system(proc, str(Path(sysfs).parent))
        self._host = Host(self.name, platform.node(), name, system, pid_namespace(proc))
        self._processes = LinuxProcesses(proc, clock, nice, self._files)
        # Not of `self`: a source that nobody holds is to be gone at once, and its threads with it.
        files = self._files
        self._limits = cgroup.Reader(proc, lambda path: files.read(os.fsencode(path)))
        self._pressure = PressureReader(proc, lambda path: files.read(os.fsencode(path)))
        mountinfo = f"{proc}/self/mountinfo".encode()
        self._filesystems = FilesystemReader(lambda: parse_mounts(files.read(mountinfo)), measure)
        self._devices = Devices(
            lambda path: files.read(os.fsencode(path)), lambda path: files.list_names(os.fsencode(path)), sysfs
        )
        self._slow = SlowFiguresReader(cgroup.read_file, sysfs)
        self._sensors = SensorReader()
        self._notebooks = NotebookReader()
        self._gpus = gpus or gpu_reader(
            lambda path: files.read(os.fsencode(path)),
            lambda path: files.list_names(os.fsencode(path)),
            proc=proc,
            sysfs=sysfs,
        )
        self._hides = parsers.hides_others(self._file("self/mountinfo"), self._file("self/status"), self._root)
        self._most_ids = cgroup.parse_amount(self._file("sys/kernel/pid_max")) or 2**22
        self._before: Reading | None = None
        self._ns = 0
        self._ids: tuple[int | None, int | None] = (None, None)
        self._early = 0
        self._closed = False
        self._exits: ExitReader | None = None

    def read(self) -> Sample:
        """Take one reading.

        Raises:
            SourceUnavailable: /proc cannot be read, or the source is closed.
        """
        if self._closed:
            raise SourceUnavailable("This source is closed; make a new one.")
        clock, before = self._clock, self._before
        self._files.begin_turn()
        now = Moment(clock(time.CLOCK_MONOTONIC), clock(time.CLOCK_BOOTTIME), clock(time.CLOCK_REALTIME), self._ns)
        stat = self._file("stat")
        load_average, newest_id = parsers.parse_load(self._file("loadavg"))
        of_rows = self.wanted.intersection(ON_DEMAND) - GPU_FIELDS - NOTEBOOK_FIELDS
        rows_before = self._processes.rows
        changes = self._processes.update(now, newest_id, of_rows, self.in_sight, self.wanted & NOTEBOOK_FIELDS)
        cpus = parsers.parse_cpus(stat)
        memory = parsers.parse_memory(self._file("meminfo"), self._file("spl/kstat/zfs/arcstats"))
        devices, interfaces = (
            parsers.parse_disks(self._file("diskstats")),
            parsers.parse_networks(self._file("net/dev")),
        )
        disks = devices and {name: devices[name] for name in devices if name in self._devices.whole_disks(devices)}
        reading = Reading(
            now.realtime / SECOND,
            now.monotonic / SECOND,
            parsers.parse_uptime(self._file("uptime")),
            cpus,
            [*cpus],
            memory,
            load_average,
            disks,
            self._devices.disks(disks or ()),
            interfaces,
            self._devices.interfaces(interfaces or ()),
            self._limits.read(memory and memory["total"], len(cpus)),
            parse_kernel(stat, self._file("vmstat"), _PAGE)._replace(pressure=self._pressure.read(), tcp=self._tcp()),
            self._filesystems.read(),
            self._limits.throttling,
            self._sensors.read("sensors" in self.wanted),
            self._slow.read(interfaces or (), disks or ()),
            self._gpus.read(self.wanted),
        )
        self.notes = self._say(whole=stat is not None or memory is not None)
        unseen = self._unseen((parsers.parse_forks(stat), newest_id), changes)
        started, ended = (changes.appeared + unseen, changes.gone + unseen) if before else (None, None)
        self._before, self._ns = reading, now.monotonic
        rows = self._gpus.fill(self._processes.rows, self.wanted)
        rows = self._notebooks.fill(rows, self.wanted, kernels=bool(self._processes.kernels))
        threads, busy = self._processes.threads, self._processes.busy
        shown = Processes(rows, self.top, threads, started, ended, busy)
        sample = to_sample(self._host, before, reading, shown)
        sample["exits"] = self._exits_of(rows_before, sample) if before else []
        return sample

    def _exits_of(self, rows_before: list[Process], sample: Sample) -> list[Exit]:
        """Return how the processes ended that did so since the reading before."""
        gone: list[Process] = []
        if sample["ended"]:
            there = {row["identity"] for row in sample["processes"]}
            gone = [row for row in rows_before if row["identity"] not in there]
        if self._exits is None:
            self._exits = ExitReader()
        return self._exits.update(sample["processes"], gone, sample["oom_kills"])

    def pressure_averages(self) -> PressureAverages | None:
        """Return in how much of the last minute tasks have waited; `None` where that is not measured."""
        return self._pressure.averages()

    def close(self) -> None:
        """Give up the threads that read what may block, and all processes; reading afterwards is an error."""
        self._closed = True
        if self._exits is not None:
            self._exits.close()
        self._filesystems.close()
        self._slow.close()
        self._sensors.close()
        self._gpus.close()
        self._notebooks.close()
        self._processes.close()

    @property
    def pending(self) -> bool:
        """Whether figures that take a while have not come for the first time and may yet."""
        return self._gpus.pending or self._notebooks.pending

    def _tcp(self) -> TcpCounts | None:
        wanted = "tcp" in self.wanted
        return parse_tcp(self._file("net/snmp"), self._file("net/sockstat")) if wanted else None

    def _file(self, name: str) -> bytes | None:
        return self._files.read(self._root + b"/" + name.encode())

    def _unseen(self, ids: tuple[int | None, int | None], changes: Changes) -> int:
        """Return how many processes came and went since the reading before without being seen."""
        (forks, newest), (forks_before, newest_before) = ids, self._ids
        self._ids = ids
        given = []
        # The forks are the whole host's, the ids this pid namespace's; that some are taken makes the ids too many.
        if forks is not None and forks_before is not None:
            given.append(forks - forks_before)
        if newest is not None and newest_before is not None:
            given.append((newest - newest_before) % self._most_ids)
        if not given:
            return 0
        balance = min(given) - changes.tasks
        # What was seen before its id was counted must not count as unseen at the next reading.
        early, self._early = self._early, min(0, balance)
        known = changes.reaped and not self._processes.refused and not (self._hides or self._processes.hides)
        return max(0, balance + early) if known else 0

    def _say(self, *, whole: bool) -> list[str]:
        """Return the notes; `whole` is whether /proc shows the host too, not only processes."""
        processes, notes = self._processes, []
        if not whole and not self._files.exhausted:
            notes.append("CPU and memory of this host cannot be read: its /proc shows processes alone (subset=pid).")
        if self._hides or processes.hides:
            notes.append(HIDDEN)
        if processes.refused:
            notes.append(refused_note(len(processes.refused)))
        notes += [*processes.notes, *self._sensors.notes(), *self._gpus.notes]
        if self._files.exhausted:
            notes.append("No file descriptors are left in this process, so most figures are unknown.")
        return notes


def _check(proc: str, clock: Clock) -> None:
    """Make sure that process clocks work and that /proc is about the same processes."""
    own = os.getpid()
    try:
        clock(clock_id(own))
        shown = os.readlink(f"{proc}/self")
    except OSError as error:
        raise SourceUnavailable(
            f"The CPU clocks of processes or {proc} cannot be read here: {error.strerror}."
        ) from error
    if shown != str(own):
        raise SourceUnavailable(f"{proc} shows the processes of another pid namespace.")
