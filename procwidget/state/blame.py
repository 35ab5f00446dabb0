"""Says who or what causes a shortage: a process, a program, something else, or nobody that is shown.

Whoever is named explains at least a quarter of what is used, over the time of the shortage and not only at its last
reading. Pure; looks at no clock. The poller's thread calls it, once a tick.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from procwidget.sample import Process, Sample
from procwidget.units import percent_text

_PART = 0.25
"""Who explains less than this part of what is used is not named."""

_SMALL = 0.02
"""Who used less than this part at a reading is not followed: most processes do, and to follow them takes time."""

_LEAD = 1.5
"""Another is named when it has this many times as much as who is named now …"""

_TURNS = 3
"""… at so many readings one after another: a sentence that changes its name with each reading tells nobody anything."""

_SPAN = 30.0
"""Seconds after which a reading counts for a third: what was busy half an hour ago explains nothing today."""

_LEAST = 10
"""A reading counts for no more than one in so many, however long the interval."""

_STORM = 10.0
"""Processes started a second, from which on those that are gone again before a reading may have used the CPU."""

_LONGEST = 64
_MIB = 2**20

_Key = tuple[str, ...]
"""("process", identity), ("program", name, user) or ("other", its name)."""


class Uses(NamedTuple):
    """Who used how much of something at one reading, all in one unit (cores, or bytes).

    Attributes:
        used: how much was used in all.
        amounts: how much each process did, those that did nothing left out.
        rows: all processes.
        others: how much something did that is no process, and how the sentence says that.
        unexplained: how the sentence goes where nothing that is known explains a quarter.
        verb: what a process that is named does with it.
        verb_together: what several do.
        passes: whether what was used is over (CPU time), so that it adds up; else it is still held (memory).
    """

    used: float
    amounts: list[tuple[Process, float]]
    rows: list[Process]
    others: Mapping[str, tuple[float, str]]
    unexplained: str
    verb: str
    verb_together: str
    passes: bool


def cpu_uses(sample: Sample) -> Uses | None:
    """Return who used the CPU that counts in this sample; `None` where that cannot be known."""
    counts, rows, interval = sample["effective"], sample["processes"], sample["interval"] or 0.0
    usage, cpus, times = counts["cpu_usage"], counts["cpus"], sample["cpu_times"]
    if not usage or not cpus or not _of_these(sample, counts["cpu_cgroup"]):
        return None
    if rows and all(row["cpu"] is None for row in rows):
        return None
    amounts = []
    for row in rows:
        if row["cpu"]:
            age = math.inf if row["started"] is None else sample["time"] - row["started"]
            # The first figure of a process is over its age.
            ran = age / interval if 0 <= age < interval else 1.0
            amounts.append((row, row["cpu"] / 100 * ran))
    others: dict[str, tuple[float, str]] = {}
    # A group's CPU time is that of its own processes.
    if times and counts["cpu_cgroup"] is None:
        steal, interrupts = times["steal"] or 0.0, (times["irq"] or 0.0) + (times["softirq"] or 0.0)
        others["steal"] = steal / 100 * cpus, f"taken by other virtual machines (steal {percent_text(steal)})"
        others["interrupts"] = interrupts / 100 * cpus, f"taken by interrupts ({percent_text(interrupts)})"
    unexplained = "by processes that are not shown here"
    if interval and (sample["started"] or 0) / interval >= _STORM:
        unexplained = "by processes that end before they can be shown"
    return Uses(usage / 100 * cpus, amounts, rows, others, unexplained, "takes", "takes", passes=True)


def memory_uses(sample: Sample) -> Uses | None:
    """Return who holds the memory that counts in this sample; `None` where that cannot be known."""
    counts, memory, rows = sample["effective"], sample["memory"], sample["processes"]
    used = counts["memory_used"]
    if not used or not _of_these(sample, counts["memory_cgroup"]):
        return None
    if rows and all(row["memory"] is None for row in rows):
        return None
    amounts = [(row, row["memory"] * _MIB) for row in rows if row["memory"]]
    others: dict[str, tuple[float, str]] = {}
    unexplained = "not by processes that are shown here"
    shared = (memory and memory["shared"]) or 0
    if counts["memory_cgroup"] is None:
        of_it = percent_text(min(100.0, 100 * shared / used))
        others["shared"] = shared, f"shared memory, such as files in /dev/shm, holds {of_it} of it"
        huge = (memory and memory["huge_pages_free"]) or 0
        of_it = percent_text(min(100.0, 100 * huge / used))
        others["huge"] = huge, f"huge pages that are set apart and not in use hold {of_it} of it"
    elif shared >= _PART * used:
        # How much of the host's shared memory is the group's is not known.
        unexplained += "; it may be files in /dev/shm"
    # Memory that several processes share is in the sum several times.
    return Uses(used, amounts, rows, others, unexplained, "holds", "holds up to", passes=False)


def _of_these(sample: Sample, cgroup: str | None) -> bool:
    """Tell whether the figure is of the processes in the sample: which of them are in a group is not known here."""
    return cgroup is None or sample["limits"] is None or sample["limits"]["contained"]


class Blame:
    """Follows who causes one shortage, from its first reading on."""

    def __init__(self) -> None:
        # All are sums over the readings so far, each amount times its seconds, where older readings count less.
        self._seconds = self._used = self._shown = 0.0
        self._sums: dict[_Key, float] = {}
        self._named: _Key | None = None
        self._rival: _Key | None = None
        self._turns = 0
        self._count: tuple[_Key, int] | None = None  # of how many processes the program that is named was last seen

    def update(self, uses: Uses, interval: float) -> tuple[Process | None, str]:
        """Take the next reading; return the process that is named, if one is, and how the sentence goes on.

        Args:
            uses: who used how much.
            interval: the seconds since the reading before.
        """
        now, rows = _largest(uses)
        before, first = self._sums, not self._seconds
        self._add(uses, now, interval or 1.0)
        # Who was not there before did not do for long what the sentence says goes on for long.
        amounts = {key: self._amount(uses, key, now[key]) for key in now if first or key in before}
        named = self._named
        if named and uses.passes and named not in amounts and named in self._sums:
            # It rests for a moment; or it is a program whose processes come and go.
            if named[0] == "process":
                rows.update((named, row) for row in uses.rows if _own(row) == named)
            if named in rows or named[0] == "program" or named[-1] in uses.others:
                amounts[named] = self._sums[named]
        self._choose({key: amount for key, amount in amounts.items() if amount >= _PART * self._used}, rows)
        return self._words(uses, now, rows)

    def _add(self, uses: Uses, now: Mapping[_Key, float], seconds: float) -> None:
        fades = math.exp(-seconds / max(_SPAN, _LEAST * seconds))
        self._seconds = self._seconds * fades + seconds
        self._used = self._used * fades + uses.used * seconds
        self._shown = self._shown * fades + sum(amount for _, amount in uses.amounts) * seconds
        little = self._used / 1000
        sums = {key: total * fades for key, total in self._sums.items() if key in now or total > little}
        for key, amount in now.items():
            sums[key] = sums.get(key, 0.0) + amount * seconds
        self._sums = sums

    def _amount(self, uses: Uses, key: _Key, now: float) -> float:
        """Return what counts for `key`: of what is held, no more than is held still."""
        total = self._sums[key]
        return total if uses.passes else min(total, now / uses.used * self._used)

    def _choose(self, able: Mapping[_Key, float], rows: Mapping[_Key, Process]) -> None:
        """Name one of those that explain enough: a process before a program, and whoever is named before another."""
        best: _Key | None = None
        for kind in ("process", "program"):
            best = best or max((key for key in able if key[0] == kind), key=able.__getitem__, default=None)
        other = max((key for key in able if key[0] == "other"), key=able.__getitem__, default=None)
        if other and (best is None or able[other] > able[best]):
            best = other
        named = self._named
        if named is None or named not in able:
            self._named, self._rival, self._turns = best, None, 0
            return
        if best is None or best == named:
            self._rival = None
            return
        rest = able[named]
        if best in rows and _program(rows[best]) == named:
            rest -= able[best]
        if able[best] < _LEAD * rest:
            self._rival = None
            return
        self._rival, self._turns = best, self._turns + 1 if self._rival == best else 1
        if self._turns >= _TURNS:
            self._named, self._rival = best, None

    def _words(self, uses: Uses, now: Mapping[_Key, float], rows: Mapping[_Key, Process]) -> tuple[Process | None, str]:
        key = self._named
        if key is None:
            much = self._shown >= _PART * self._used
            return None, "by many processes" if much else uses.unexplained
        if key[0] == "other":
            return None, uses.others[key[1]][1]
        share = self._sums[key] / self._used if uses.passes else now[key] / uses.used
        of_it = f"{percent_text(min(100.0, 100 * share))} of it"
        if key[0] == "process":
            return rows[key], f"{process_text(rows[key])} {uses.verb} {of_it}"
        _, name, user = key
        count, whose = sum(_program(row) == key for row, _ in uses.amounts), f" of {user}" if user else ""
        if count > 1:
            self._count = key, count
        if self._count and self._count[0] == key:
            those = f"{self._count[1]} processes{whose}"
        else:
            those = f"processes{whose}, one after another"
        return None, f"{name[:_LONGEST]} ({those}) {uses.verb_together} {of_it}"


def _largest(uses: Uses) -> tuple[dict[_Key, float], dict[_Key, Process]]:
    """Return how much each process, program and other thing used, and the processes' rows, the small ones left out."""
    rows: dict[_Key, Process] = {}
    now: dict[_Key, float] = {}
    programs: dict[tuple[str, str | None], float] = {}
    little = _SMALL * uses.used
    for row, amount in uses.amounts:
        program = row["name"], row["user"]
        programs[program] = programs.get(program, 0.0) + amount
        if amount >= little:
            now[_own(row)] = amount
            rows[_own(row)] = row
    now |= {("program", name, user or ""): amount for (name, user), amount in programs.items() if amount >= little}
    now |= {("other", name): amount for name, (amount, _) in uses.others.items() if amount}
    return now, rows


def _own(row: Process) -> _Key:
    return "process", row["identity"]


def _program(row: Process) -> _Key:
    return "program", row["name"], row["user"] or ""


def process_text(row: Process) -> str:
    """Return how a sentence names a process."""
    return f"{row['name'][:_LONGEST]} ({row['pid']})"
