"""Makes the rows of a Linux host's processes, reading only those that ran. Runs in the caller's thread.

One system call reads the CPU clock of a process, of any user. Where it did not move the process has not run and its
row stands; only the others are read from /proc, and a few idle ones each tick. A clock is always read before the
files, so whatever happens after that moves it again and is seen at the next tick.
"""

from __future__ import annotations

import os
import threading
import time
from math import ceil
from operator import attrgetter
from typing import Any, cast

from procwidget.sample import Process
from procwidget.sources.linux.entry import SECOND, Changes, Clock, Entry, Moment, Nice, clock_id
from procwidget.sources.linux.huge_pages import HugePages
from procwidget.sources.linux.kept_files import KeptFilesReader
from procwidget.sources.linux.new_pids import NewPids
from procwidget.sources.linux.on_demand import OnDemand
from procwidget.sources.linux.proc import Stat, is_kernel_thread, parse_stat, runs_another, shown_name
from procwidget.sources.linux.shown_rows import ShownRows
from procwidget.sources.linux.states import misleads, state_of
from procwidget.sources.notebooks.kernels import kernel_id_of
from procwidget.sources.users_and_commands import AttributeReader, proc_reader

STALE_AFTER = 30 * SECOND
"""Nanoseconds after which anything about a process is read again, whether it ran or not."""

DESCRIBED_AFTER = 30 * SECOND
"""Nanoseconds after which the user and command line of a process that runs are read again."""

_YOUNGEST = SECOND // 20  # younger, an age is too short to divide by: starts are in hundredths of a second


class LinuxProcesses:
    """Follows all processes of a host.

    Args:
        proc: where /proc is.
        clock: reads a clock in ns, that of a process too, or raises `OSError`.
        nice: reads the nice value of a process, or raises `OSError`.
        files: reads files of /proc.
    """

    def __init__(self, proc: str, clock: Clock, nice: Nice, files: KeptFilesReader) -> None:
        self._root, self._clock, self._nice, self._files = os.fsencode(proc), clock, nice, files
        self._attributes: AttributeReader[Entry] = proc_reader(proc, files.read_start)
        self._huge_pages = HugePages(self._root, files)
        self._tick = SECOND // os.sysconf("SC_CLK_TCK")
        self._on_demand = OnDemand(self._root, clock, files)
        self._entries: dict[int, Entry] = {}
        self._rows = ShownRows(self._entries)
        self._turns: dict[int, Entry] = {}  # the same, in the order in which they were read
        self._restless: list[Entry] = []  # those whose rows do not say 0 % CPU
        self._new_pids = NewPids(self._root, files)
        self._now = Moment(0, 0, 0, 0)
        self._booted = 0  # the wall clock's time of boot, in ns, that start times are counted from
        self._left: set[int] = set()
        self._appeared = self._tasks = 0
        self._reaped = False
        self.kernels: set[int] = set()
        """The pids of Jupyter kernels, as their command lines say."""

    @property
    def rows(self) -> list[Process]:
        """The rows of now; the same objects as before where nothing changed."""
        return self._rows.all

    @property
    def threads(self) -> int:
        """How many threads the processes have, as far as that is known."""
        return self._rows.threads

    @property
    def refused(self) -> set[int]:
        """The pids that exist but may not be read, as of the last listing."""
        return self._new_pids.refused

    @property
    def busy(self) -> list[Process]:
        """The rows among which are all that do not say 0 % CPU."""
        return [entry.row for entry in self._restless if self._entries.get(entry.pid) is entry]

    @property
    def hides(self) -> bool:
        """Whether hidepid hides processes: pid 1 has a CPU clock but no entry in /proc."""
        if 1 in self._entries or 1 in self.refused:
            return False
        try:
            return self._clock(clock_id(1)) >= 0
        except OSError:
            return False

    @property
    def notes(self) -> list[str]:
        """Which processes do not answer when their users or command lines are read, in sentences."""
        return [*self._attributes.notes(), *self._on_demand.notes]

    def update(
        self,
        now: Moment,
        newest_id: int | None,
        wanted: frozenset[str],
        in_sight: frozenset[str],
        blank: frozenset[str] = frozenset(),
    ) -> Changes:
        """Bring the rows to the moment `now`, as shortly after it as can be.

        Args:
            now: when it is.
            newest_id: the newest id that a process or thread was given, `None` if that is not known.
            wanted: the fields of rows that are read on demand.
            in_sight: as a source's.
            blank: the fields that rows have for somebody else to fill.

        Raises:
            SourceUnavailable: the processes cannot be listed.
        """
        self._now = now
        self._appeared = self._tasks = 0
        self._left.clear()
        self._reaped = False
        self._huge_pages.begin(now.monotonic)
        self._follow_wall_clock()
        self._on_demand.begin(now, in_sight)
        self._rows.leave_blank(blank)
        if wanted != self._on_demand.wanted:
            self._on_demand.want(wanted)
            for entry in list(self._entries.values()):
                entry.forget_parsed()
                self._load(entry, entry.row["cpu"])
        # Taken before the clocks are read: a process whose clock has gone on since then is still the one asked about.
        answers = self._attributes.answers()
        restless, self._restless = self._restless, []
        for entry, ns in self._gate():
            self._run(entry, ns)
        settled = self._on_demand.settle()
        for entry in restless:
            if entry.at != now.monotonic:
                self._rows.show_figures(entry, 0.0, entry.row["memory"])
        for entry in settled:
            self._rows.show_figures(entry, entry.row["cpu"], entry.row["memory"])
        if self._left:
            for entry in [entry for entry in self._entries.values() if entry.stat.ppid in self._left]:
                self._load(entry, entry.row["cpu"])
        self._reread_stalest()
        # The kernel takes the id of the calling thread for its process, and that process is here already.
        own_thread = threading.get_native_id()
        for pid in self._new_pids.find(newest_id, now.monotonic, required=not self._entries):
            if pid not in self._entries and (pid != own_thread or pid == os.getpid()):
                self._admit(pid)
        for entry, found in answers:
            self._describe(entry, found)
        for entry in self._on_demand.answers():
            self._rows.show_figures(entry, entry.row["cpu"], entry.row["memory"])
        return Changes(self._appeared, len(self._left), self._tasks, self._reaped)

    def close(self) -> None:
        """Forget all processes and end the threads that read their attributes."""
        self._attributes.close()
        self._on_demand.close()
        self._files.release()
        self._entries.clear()
        self._rows.clear()
        self.kernels.clear()
        self._turns.clear()
        self._restless.clear()

    def _gate(self) -> list[tuple[Entry, int]]:
        """Return the processes that ran, with their clocks; those that are gone leave."""
        clocks: list[int | None] = []
        # One call from Python for all, where none is gone: a call for each would take as long again as the kernel does.
        probes = map(self._clock, map(attrgetter("clock"), self._entries.values()))
        while True:
            try:
                clocks.extend(probes)
                break
            except OSError:
                clocks.append(None)
        gone: list[Entry] = []
        moved: list[tuple[Entry, int]] = []
        for entry, ns in zip(self._entries.values(), clocks, strict=True):
            if ns is None:
                gone.append(entry)
            elif ns != entry.ns:
                moved.append((entry, ns))
        for entry in gone:
            self._remove(entry)
        return moved

    def _run(self, entry: Entry, ns: int) -> None:
        """Give a process that ran its new row."""
        now = self._now
        since = max(entry.at, now.before)
        ran, elapsed = ns - entry.ns, now.monotonic - since
        entry.ns, entry.at = ns, now.monotonic
        self._restless.append(entry)
        self._load(entry, 100.0 * ran / elapsed if ran > 0 and elapsed > 0 else None)

    def _load(self, entry: Entry, cpu: float | None) -> None:
        """Read the files of a process and give it a new row if anything changed."""
        pid, files, more = entry.pid, self._files, self._on_demand.needs_all_of_stat
        # Those that run now are likely to run again soon.
        ran = entry.at == self._now.monotonic
        read = files.read_often if ran else files.read_start
        raw = read(entry.stat_path)
        stat = entry.parse(raw, more=more)
        if stat is not None and stat.stack != entry.stat.stack and self._forget_files(entry):
            # It runs another program since, which this process may not be allowed to read: the path knows.
            raw = read(entry.stat_path)
            stat = entry.parse(raw, more=more)
        if raw is None and files.gone:
            self._remove(entry)
            return
        odd = stat is not None and misleads(stat)
        statm, status = entry.statm, entry.status
        if stat is not None and odd:
            self._look_closely(entry, stat)
        elif statm is None or not is_kernel_thread(entry.stat):
            entry.statm = read(entry.statm_path)
        held = self._huge_pages.read(entry)
        entry.read_at = self._now.monotonic
        self._turns[pid] = self._turns.pop(pid)
        if stat is entry.stat and entry.readable and (not odd or entry.status == status):
            if self._is_due(entry):
                self._ask(entry)
            same = entry.statm == statm and not held
            self._on_demand.fill(entry, stat, ran=ran)
            self._rows.show_figures(entry, cpu, entry.row["memory"] if same else entry.memory)
            return
        if stat is not None:
            if stat.start != entry.stat.start:
                self._remove(entry)
                self._admit(pid)
                return
            before, entry.stat = entry.stat, stat
            if not odd:
                entry.status = stat.status
            self._tasks += max(0, stat.threads - before.threads)
            self._reaped = self._reaped or stat.child_faults != before.child_faults
            if stat.name != before.name:
                entry.name = shown_name(stat.name, entry.attributes.long_names)
            if runs_another(before, stat) or self._is_due(entry):
                self._ask(entry)
        entry.readable = stat is not None
        self._on_demand.fill(entry, stat, ran=ran)
        row = self._rows.make(entry, cpu)
        if row != entry.row:
            self._rows.show(entry, row)

    def _look_closely(self, entry: Entry, stat: Stat) -> None:
        entry.status, entry.statm = state_of(stat, entry.folder, self._files.read_start, self._files.list_pids)

    def _follow_wall_clock(self) -> None:
        """Move all start times with the wall clock when it is set, so that ages stay right; less is its drift."""
        booted = self._now.realtime - self._now.boottime
        if abs(booted - self._booted) >= SECOND:
            self._booted = booted
            for entry in self._entries.values():
                entry.started = self._started(entry.stat)
                self._rows.show(entry, cast(Process, {**entry.row, "started": entry.started}))

    def _started(self, stat: Stat) -> float:
        return round((self._booted + stat.start * self._tick) / SECOND, 2)

    def _reread_stalest(self) -> None:
        """Look at the idle processes in turn, so that no row has anything older than `STALE_AFTER`."""
        now = self._now.monotonic
        ticks = max(1, int(STALE_AFTER / max(1, now - self._now.before) + 0.1))
        share = ceil((len(self._turns) - len(self._restless)) / ticks)
        turns = self._turns
        turn: list[Entry] = []
        for entry in turns.values():
            if entry.read_at >= now or (len(turn) >= share and entry.read_at > now - STALE_AFTER):
                break
            turn.append(entry)
        for entry in turn:
            self._forget_files(entry)
            if entry.asked_ns != entry.ns and self._is_due(entry):
                self._ask(entry)
            if self._is_as_before(entry):
                entry.read_at = now
                turns[entry.pid] = turns.pop(entry.pid)
                self._on_demand.fill(entry, entry.stat, ran=False)
                self._rows.show_figures(entry, entry.row["cpu"], entry.row["memory"])
            else:
                self._load(entry, entry.row["cpu"])

    def _is_as_before(self, entry: Entry) -> bool:
        """Return whether nothing has happened to an idle process that others can do to it."""
        parent, stat = self._entries.get(entry.stat.ppid), entry.stat
        # Its pid may belong to another process since, which is younger than the child then.
        if stat.ppid and (parent is None or parent.stat.start > stat.start):
            return False
        try:
            if self._nice(entry.pid) != stat.nice or not entry.readable:
                return False
        except OSError:
            return False
        if is_kernel_thread(stat):
            return True
        return self._files.read_start(entry.statm_path) == entry.statm

    def _admit(self, pid: int) -> None:
        """Take up a process that was not there before."""
        now, files = self._now, self._files
        try:
            # Ids of threads have no such clock, nor have those that nobody has.
            ns = self._clock(clock_id(pid))
        except OSError:
            return
        folder = b"%b/%d" % (self._root, pid)
        raw = files.read_start(folder + b"/stat")
        stat = parse_stat(raw, more=self._on_demand.needs_all_of_stat) if raw else None
        if stat is None:
            if raw is None and not files.gone and not files.exhausted:
                self.refused.add(pid)
            return
        age = now.boottime - stat.start * self._tick
        statm = files.read_start(folder + b"/statm")
        moment = self._clock(time.CLOCK_MONOTONIC)
        entry = Entry(pid, folder, ns, moment, stat, self._started(stat), statm, stat.status)
        if misleads(stat):
            self._look_closely(entry, stat)
        self._huge_pages.read(entry)
        age += moment - now.monotonic
        # Of one that is older than the interval, the clock says nothing about the interval.
        fresh = now.before and _YOUNGEST <= age <= 2 * (now.monotonic - now.before)
        self._entries[pid] = self._turns[pid] = entry
        self._on_demand.fill(entry, stat, ran=True)
        self._rows.show(entry, self._rows.make(entry, (100.0 * ns / age or None) if fresh else None))
        self._restless.append(entry)
        self._appeared += 1
        self._tasks += stat.threads
        self._reaped = self._reaped or stat.child_faults > 0
        self._ask(entry)

    def _is_due(self, entry: Entry) -> bool:
        """Return whether a process may have another user or command line since it was asked for them.

        It may give itself others as it runs, mostly in its first seconds, so these are asked for more often then.
        """
        if entry.asked_ns == entry.ns or is_kernel_thread(entry.stat):
            return False
        known_for = entry.asked_at - entry.since
        return self._now.monotonic - entry.asked_at >= min(DESCRIBED_AFTER, max(SECOND, known_for))

    def _ask(self, entry: Entry) -> None:
        if self._attributes.ask(entry):
            entry.asked_at, entry.asked_ns = self._now.monotonic, entry.ns

    def _describe(self, entry: Entry, found: dict[str, Any]) -> None:
        """Put what was found of a process into its row."""
        attributes = entry.attributes._replace(**found)
        if attributes == entry.attributes or self._entries.get(entry.pid) is not entry:
            return
        entry.attributes, entry.name = attributes, shown_name(entry.stat.name, attributes.long_names)
        (self.kernels.add if kernel_id_of(attributes.command) else self.kernels.discard)(entry.pid)
        described = {"name": entry.name, "user": attributes.user, "command": attributes.command}
        self._rows.show(entry, cast(Process, {**entry.row, **described, "stuck": attributes.stuck}))

    def _remove(self, entry: Entry) -> None:
        if self._entries.get(entry.pid) is entry:
            del self._entries[entry.pid], self._turns[entry.pid]
            self._rows.remove(entry.pid)
            self._left.add(entry.pid)
            self.kernels.discard(entry.pid)
        self._on_demand.forget(entry)
        self._forget_files(entry)

    def _forget_files(self, entry: Entry) -> bool:
        """Have the files of a process opened and parsed anew the next time; returns whether any was kept."""
        entry.forget_parsed()
        return self._files.forget(entry.stat_path) | self._files.forget(entry.statm_path)
