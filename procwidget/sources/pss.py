"""Measures the memory of processes so that what several share counts once: PSS, the proportional set size.

The kernel looks at every page for that (proc(5), smaps_rollup), for a process of some GiB tens of milliseconds, and
waits for a lock of the process. So it is measured for the few that matter, `MOST` of them, in a thread of its own
(`procwidget.sources.blocking`), seldom, and most seldom where it takes long. Runs in the caller's thread.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterable, Set
from heapq import nlargest
from typing import Generic, NamedTuple, TypeVar

from procwidget.sources.blocking import BlockingReader
from procwidget.sources.io_rates import HasIo

MOST = 20
"""How many processes are measured: those with most memory among those in sight."""

AGAIN_AFTER, AT_LATEST = 10.0, 120.0
"""Seconds from one measurement of a process to the next: longer where measuring all of them takes long."""

_CHOSEN_AFTER = 5.0
_PAUSE = 400.0  # so many times what measuring all of them takes: a quarter percent of a CPU
_COUNTED = re.compile(rb"^(?:Pss|Private_Hugetlb):\s+(\d{1,20}) kB", re.MULTILINE)
_KIB_IN_MIB = 1024


class Candidate(NamedTuple):
    """A process that may be measured: its resident memory in MiB, whether it is in sight, and who asks."""

    memory: float
    in_sight: bool


Asker = TypeVar("Asker", bound=HasIo)


class PssReader(Generic[Asker]):
    """Measures PSS, for one thread at a time.

    Args:
        read: measures that of a process in MiB; it may block, and returns `None` where it may not be read.
        clock: monotonic seconds.
    """

    def __init__(self, read: Callable[[Asker], float | None], clock: Callable[[], float] = time.monotonic) -> None:
        def measure(asker: Asker) -> tuple[float | None, float]:
            began = clock()
            return read(asker), clock() - began

        self._reader: BlockingReader[Asker, tuple[float | None, float]] = BlockingReader(measure, "procwidget-pss")
        self._clock = clock
        self._chosen_at = -_CHOSEN_AFTER
        self._due: dict[Asker, float] = {}  # of those chosen, when they are to be measured again
        self._values: dict[Asker, float | None] = {}
        self._took: dict[Asker, float] = {}
        self.close = self._reader.close

    def value(self, asker: Asker) -> float | None:
        """Return the newest PSS of a process in MiB; `None` if it is not one of those measured, or not measured yet."""
        return self._values.get(asker)

    def restart(self) -> None:
        """Forget everything, and choose at the next call of `ask`."""
        self._reader.answers()
        self._values.clear()
        self._took.clear()
        self._due.clear()
        self._chosen_at = -_CHOSEN_AFTER

    def forget(self, asker: Asker) -> None:
        """Forget a process that is gone."""
        self._values.pop(asker, None)
        self._took.pop(asker, None)
        self._due.pop(asker, None)

    def keep(self, askers: Set[Asker]) -> None:
        """Forget all processes but these."""
        for gone in self._due.keys() - askers:
            self.forget(gone)

    def ask(self, candidates: Callable[[], Iterable[tuple[Candidate, Asker]]]) -> list[Asker]:
        """Have those measured that are due, and choose anew whom when it is time.

        Returns:
            Those whose values changed: measured, or not one of the largest any more.
        """
        now, changed = self._clock(), []
        for asker, (value, took) in self._reader.answers():
            if asker in self._due:
                self._took[asker] = took
                self._due[asker] = now + min(max(AGAIN_AFTER, _PAUSE * sum(self._took.values())), AT_LATEST)
                if asker not in self._values or self._values[asker] != value:
                    self._values[asker] = value
                    changed.append(asker)
        if now - self._chosen_at >= _CHOSEN_AFTER:
            self._chosen_at = now
            changed += self._choose(candidates())
        for asker, due in self._due.items():
            if due <= now:
                self._reader.ask(asker)
        return changed

    def _choose(self, candidates: Iterable[tuple[Candidate, Asker]]) -> list[Asker]:
        # Those in sight come first, each part by its memory.
        largest = nlargest(MOST, candidates, key=lambda one: (one[0].in_sight, one[0].memory))
        chosen = {asker for candidate, asker in largest if candidate.memory > 0}
        self._due = {asker: self._due.get(asker, 0.0) for asker in chosen}
        dropped = [asker for asker in self._values if asker not in chosen]
        for asker in dropped:
            del self._values[asker]
            self._took.pop(asker, None)
        return dropped

    def notes(self) -> list[str]:
        """Return a sentence for the processes that do not answer."""
        what = " and ".join(f"{process.name[:64]} ({process.pid})" for process in self._reader.stuck())
        return [f"The PSS of {what} is unknown: it does not answer."] if what else []


def candidate(memory: float | None, identity: str, in_sight: Set[str]) -> Candidate:
    """Return what is to be known of a process to choose it; where nothing is said to be in sight, everything is."""
    return Candidate(memory or 0.0, not in_sight or identity in in_sight)


def read_pss(proc: str, pid: int) -> float | None:
    """Return the PSS of a process in MiB, its own huge pages too; `None` where it cannot be read."""
    try:
        file = os.open(f"{proc}/{pid}/smaps_rollup", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        raw = os.read(file, 4096)
    except OSError:
        return None
    finally:
        os.close(file)
    # The kernel counts huge pages in no share; it says of each process which are its own.
    counts = [int(count) for count in _COUNTED.findall(raw)]
    return sum(counts) / _KIB_IN_MIB if counts else None
