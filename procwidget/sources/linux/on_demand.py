"""Reads the fields of a process that are read only while somebody asks for them (`fields.ON_DEMAND`). Caller's thread.

Each is read where its process is: of one that ran, at once; of an idle one, in its turn. A rate of one that did not
run is 0, and nothing is read for it. What may block is read elsewhere (`procwidget.sources.io_rates`); all other files
here are answered by the kernel at once: stat, statm, status, schedstat, cgroup, oom_score.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from procwidget.identity import TICKS_PER_SECOND
from procwidget.sources import io_rates
from procwidget.sources.group_names import group_names
from procwidget.sources.growth import Growth
from procwidget.sources.io_rates import IoCounters, IoReader
from procwidget.sources.linux.entry import PAGE_MIB, SECOND, Clock, Entry, Moment
from procwidget.sources.linux.gil_held import GilHeldReader
from procwidget.sources.linux.proc import POLICIES, Stat, is_kernel_thread, terminal_name, whole
from procwidget.sources.pss import Candidate, PssReader, candidate, read_pss

_SWAP = re.compile(rb"^VmSwap:\s+(\d{1,20}) kB", re.MULTILINE)
_KIB_IN_MIB = 1024
_GROUPS_AFTER = 30 * SECOND
_SCORED_AFTER = 10 * SECOND
_REFUSED_FOR = 30 * SECOND


def _seconds(ticks: int | None) -> float | None:
    return None if ticks is None else ticks / TICKS_PER_SECOND


_FROM_STAT: dict[str, Callable[[Stat], Any]] = {
    "user_time": lambda stat: _seconds(stat.user_ticks),
    "system_time": lambda stat: _seconds(stat.system_ticks),
    "priority": lambda stat: stat.priority,
    "last_cpu": lambda stat: stat.last_cpu,
    "terminal": lambda stat: terminal_name(stat.terminal),
    "policy": lambda stat: POLICIES.get(stat.policy),
    "child_time": lambda stat: _seconds(stat.child_ticks),
}
_GROUPS = frozenset({"container", "unit"})
_ALL_THE_TIME = 100.0
_RATES = ("read", "written", "major_faults", "wait")


@dataclass(frozen=True, slots=True)
class Question:
    """A question for the counters of a process; there is one at a time.

    When it was asked the process had run or not (`ran`), and had not before `since`, in seconds.
    """

    entry: Entry
    since: float = field(compare=False)
    ran: bool = field(compare=False)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.entry.pid

    @property
    def name(self) -> str:
        """Its process's name."""
        return self.entry.name


@dataclass(slots=True)
class Known:
    """What is remembered of a process between readings, times in ns.

    `faults` were counted when it was read at `at`, and `waited` ns for a CPU at `waited_at`. `io` are its last
    counters, if any were asked for (`io_asked`). Since the last question it ran once more or not (`io_ran`); they were
    refused at `io_refused_at`.
    """

    at: int = 0
    faults: int | None = None
    waited: int | None = None
    waited_at: int = 0
    io: IoCounters | None = None
    io_asked: bool = False
    io_refused_at: int | None = None
    io_ran: bool = False
    growth: Growth | None = None
    names: tuple[str | None, str | None] = None, None
    named_at: int = -_GROUPS_AFTER
    score: int | None = None
    scored_at: int = -_SCORED_AFTER
    values: dict[str, Any] = field(default_factory=dict)


class OnDemand:
    """Fills `Entry.extra` with the wanted fields.

    Args:
        root: where /proc is.
        clock: reads a clock in ns.
        files: reads files of /proc.
    """

    def __init__(self, root: bytes, clock: Clock, files: GilHeldReader) -> None:
        self._files = files
        self._io: IoReader[Question] = IoReader(lambda question: _io_of(os.fsdecode(root), clock, question.pid))
        self._pss: PssReader[Entry] = PssReader(
            lambda entry: read_pss(os.fsdecode(root), entry.pid), lambda: clock(time.CLOCK_MONOTONIC) / SECOND
        )
        self._in_sight: frozenset[str] = frozenset()
        self._now = Moment(0, 0, 0, 0)
        self._known: dict[Entry, Known] = {}
        self._moving: dict[Entry, None] = {}  # those whose rates are not 0, or may not be at the next reading
        self.wanted: frozenset[str] = frozenset()
        """The fields to read."""

    @property
    def needs_all_of_stat(self) -> bool:
        """Whether what is wanted stands in parts of stat that are not parsed otherwise."""
        return not self.wanted.isdisjoint({*_FROM_STAT, "major_faults"})

    @property
    def notes(self) -> list[str]:
        """Which processes do not answer, in sentences."""
        return [*self._io.notes(), *self._pss.notes()]

    def want(self, wanted: frozenset[str]) -> None:
        """Have these fields read from now on; each process is to be filled anew."""
        self.wanted = wanted
        self._moving.clear()
        self._known.clear()
        self._io.answers()
        self._pss.restart()

    def begin(self, now: Moment, in_sight: frozenset[str]) -> None:
        """Begin a reading; `in_sight` is as a source's."""
        self._now, self._in_sight = now, in_sight

    def forget(self, entry: Entry) -> None:
        """Forget a process that is gone."""
        self._known.pop(entry, None)
        self._moving.pop(entry, None)
        self._pss.forget(entry)

    def close(self) -> None:
        """End the threads that read what may block."""
        self._io.close()
        self._pss.close()
        self._known.clear()
        self._moving.clear()

    def fill(self, entry: Entry, stat: Stat | None, *, ran: bool) -> None:
        """Give a process its values of now.

        Args:
            entry: the process, whose stat and statm were just read.
            stat: that stat; `None` if it may not be read.
            ran: whether it ran since the reading before, or is new.
        """
        wanted = self.wanted
        if not wanted:
            entry.extra = {}
            return
        if stat is None:
            entry.extra = dict.fromkeys(wanted)
            return
        known = self._known.get(entry)
        if known is None:
            known = self._known[entry] = Known()
        values = {key: _FROM_STAT[key](stat) for key in wanted if key in _FROM_STAT}
        # It did nothing in the time before the interval in which it ran.
        since = max(known.at, self._now.before)
        if "major_faults" in wanted:
            faults = stat.major_faults
            values["major_faults"] = _rate(known.faults, faults, self._now.monotonic - since)
            known.faults = faults
        if "wait" in wanted:
            values["wait"] = self._wait(entry, known) if ran or known.waited is None else _idle_wait(entry)
        if not _GROUPS.isdisjoint(wanted):
            values.update(zip(("container", "unit"), self._names(entry, known), strict=True))
        if "swap" in wanted:
            values["swap"] = self._swap(entry, stat)
        if "shared" in wanted:
            values["shared"] = _shared(entry.statm)
        if "oom_score" in wanted:
            values["oom_score"] = self._score(entry, known)
        if "growth" in wanted:
            values["growth"] = self._growth(entry, known)
        if "pss" in wanted:
            values["pss"] = self._pss.value(entry)
        if not io_rates.KEYS.isdisjoint(wanted):
            self._ask_io(entry, known, ran)
            values.update({key: known.values.get(key) for key in io_rates.KEYS})
        known.at, known.values = self._now.monotonic, values
        entry.extra = {key: values[key] for key in wanted}
        self._moving[entry] = None

    def settle(self) -> list[Entry]:
        """Let the rates of those that did not run be 0; returns those whose values changed."""
        changed: list[Entry] = []
        now = self._now.monotonic
        for entry in list(self._moving):
            known = self._known.get(entry)
            if known is None or entry.at == now:
                continue
            values = known.values.copy()
            values.update({key: 0.0 for key in _RATES if key in values and self._counts(known, key)})
            if values.get("wait") is not None:
                values["wait"] = _idle_wait(entry)
            if "growth" in values:
                values["growth"] = self._growth(entry, known)
            if all(not values.get(key) for key in (*_RATES, "growth")) and values.get("growth", 0.0) is not None:
                del self._moving[entry]
            if values != known.values:
                self._give(entry, known, values)
                changed.append(entry)
        return changed

    def answers(self) -> Iterable[Entry]:
        """Yield the processes whose counters have come, with their new values; each must be asked for only if alive."""
        for question, counters in self._io.answers():
            entry = question.entry
            known = self._known.get(entry)
            if known is None:
                continue
            read, written = None, None
            if counters is not None:
                read, written = io_rates.rates(known.io, counters, question.since)
                if known.io is None and not (question.ran or known.io_ran):
                    read = written = 0.0
            known.io, known.io_refused_at = counters, None if counters else self._now.monotonic
            totals = (counters.read, counters.written) if counters else (None, None)
            found = dict(zip(("read", "written", "read_total", "written_total"), (read, written, *totals), strict=True))
            self._give(entry, known, {**known.values, **found})
            self._moving[entry] = None
            yield entry
        if "pss" in self.wanted:
            for entry in self._pss.ask(self._candidates):
                if known := self._known.get(entry):
                    self._give(entry, known, {**known.values, "pss": self._pss.value(entry)})
                    yield entry
        for question in self._io.stuck():
            if known := self._known.get(question.entry):
                self._give(question.entry, known, {**known.values, "read": None, "written": None})
                yield question.entry

    def _candidates(self) -> Iterable[tuple[Candidate, Entry]]:
        for entry in self._known:
            yield candidate(entry.row["memory"], entry.identity, self._in_sight), entry

    def _give(self, entry: Entry, known: Known, values: dict[str, Any]) -> None:
        known.values = values
        if entry.extra:
            entry.extra = {key: values[key] for key in self.wanted}

    def _counts(self, known: Known, key: str) -> bool:
        """Return whether a rate can be 0: what may not be read is unknown, also of one that does nothing."""
        if key in ("read", "written"):
            return known.io is not None
        return known.waited is not None if key == "wait" else True

    def _ask_io(self, entry: Entry, known: Known, ran: bool) -> None:
        refused_at = known.io_refused_at
        if refused_at is not None and self._now.monotonic - refused_at < _REFUSED_FOR:
            return
        if ran or not known.io_asked:
            if self._io.ask(Question(entry, self._now.before / SECOND, ran)):
                known.io_asked, known.io_ran = True, False
            elif ran:
                known.io_ran = True

    def _wait(self, entry: Entry, known: Known) -> float | None:
        fields = (self._files.read_start(entry.folder + b"/schedstat") or b"").split()
        waited = whole(fields[1]) if len(fields) == 3 else None
        before, known.waited = known.waited, waited
        # One that slept did not wait before this interval; one that was seen wanting to run may have all the time.
        since = known.waited_at
        if known.values.get("wait") != _ALL_THE_TIME:
            since = max(since, self._now.before)
        known.waited_at = self._now.monotonic
        rate = _rate(before, waited, self._now.monotonic - since)
        return None if rate is None else min(_ALL_THE_TIME, 100.0 * rate / SECOND)

    def _names(self, entry: Entry, known: Known) -> tuple[str | None, str | None]:
        # It may be moved, mostly in its first seconds.
        known_for = known.named_at - entry.since
        if self._now.monotonic - known.named_at >= min(_GROUPS_AFTER, max(SECOND, known_for)):
            known.named_at = self._now.monotonic
            known.names = group_names(self._files.read_start(entry.folder + b"/cgroup"))
        return known.names

    def _swap(self, entry: Entry, stat: Stat) -> float | None:
        if is_kernel_thread(stat):
            return 0.0
        found = _SWAP.search(self._files.read_start(entry.folder + b"/status") or b"")
        return int(found[1]) / _KIB_IN_MIB if found else None

    def _score(self, entry: Entry, known: Known) -> int | None:
        if self._now.monotonic - known.scored_at >= _SCORED_AFTER:
            known.scored_at = self._now.monotonic
            known.score = whole((self._files.read_start(entry.folder + b"/oom_score") or b"").strip())
        return known.score

    def _growth(self, entry: Entry, known: Known) -> float | None:
        memory, now = entry.memory, self._now.monotonic / SECOND
        if memory is None:
            known.growth = None
            return None
        if known.growth is None:
            known.growth = Growth.begin(now, memory)
        return known.growth.per_minute(now, memory)


def _idle_wait(entry: Entry) -> float:
    """Return the wait of a process that did not run: that which wants to run waited all the time."""
    return _ALL_THE_TIME if entry.status == "running" and entry.readable else 0.0


def _rate(before: int | None, now: int | None, passed: int) -> float | None:
    """Return how much a second a counter went on in `passed` ns."""
    if before is None or now is None or now < before or passed <= 0:
        return None
    return (now - before) * SECOND / passed


def _shared(statm: bytes | None) -> float | None:
    fields = statm.split(None, 3) if statm else []
    pages = whole(fields[2]) if len(fields) == 4 else None
    return None if pages is None else pages * PAGE_MIB


def _io_of(proc: str, clock: Clock, pid: int) -> IoCounters | None:
    counters = io_rates.read_counters(proc, pid)
    return IoCounters(clock(time.CLOCK_MONOTONIC) / SECOND, *counters) if counters else None
