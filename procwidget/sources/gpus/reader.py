"""Asks the drivers of GPUs in threads of their own, so that one that hangs holds up no tick.

The tick asks, at most once a second, and takes what was answered meanwhile: figures are as old as the reading before.
Where there is no GPU a tick compares two numbers, and twice a minute looks whether there is one now. A driver that does
not answer keeps one thread, its devices stay listed without figures, and a note says so. One thread at a time may call.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from typing import Any, Final, cast

from procwidget.machine import Gpu
from procwidget.sample import Process
from procwidget.sources.blocking import BlockingReader
from procwidget.sources.gpus import FIELDS
from procwidget.sources.gpus.driver import Driver, DriverReading, Use, without_figures

LOOKED_AFTER: Final = 30.0
"""Seconds after which it is looked again whether there are GPUs."""

ASKED_AFTER: Final = 0.9
"""Seconds after which a driver is asked again: its own figures are averages of about a second."""

_MIB = 2**20
_NOTHING, _UNKNOWN = Use(0.0, 0), Use(None, None)


class GpuReader:
    """Reads the GPUs of a host.

    Args:
        drivers: whom to ask.
        complete: whether these know all GPUs there can be; else none being found does not mean that there is none.
        clock: monotonic seconds.
    """

    def __init__(
        self, drivers: Sequence[Driver], *, complete: bool = True, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._drivers, self._complete, self._clock = tuple(drivers), complete, clock
        self._reader: BlockingReader[Driver, DriverReading] = BlockingReader(_read, "procwidget-gpus")
        self._here: list[Driver] = []
        self._looked_at: float | None = None
        self._asked_at: dict[Driver, float] = {}
        self._readings: dict[Driver, DriverReading] = {}
        self._stuck: list[Driver] = []
        self._gpus: list[Gpu] | None = None
        self._uses: dict[int, Use] = {}
        self._unknown: Collection[int] | None = ()
        self._keys: frozenset[str] = frozenset()
        self._made: dict[int, tuple[Process, Use, Process]] = {}

    @property
    def pending(self) -> bool:
        """Whether a driver has not answered as fully as it can and may yet: some figures need two answers."""
        open_questions = [driver for driver in self._here if driver not in self._stuck]
        return any(driver not in self._readings or self._readings[driver].first for driver in open_questions)

    @property
    def notes(self) -> list[str]:
        """What is wrong with the devices, in sentences."""
        said = [f"The {driver.name} driver does not answer, so its GPUs have no figures." for driver in self._stuck]
        for driver in self._here:
            if driver not in self._stuck and driver in self._readings:
                said += self._readings[driver].notes
        return said

    def read(self, wanted: frozenset[str]) -> list[Gpu] | None:
        """Return the devices as they were at their last answer, `None` where it is not known which there are.

        Args:
            wanted: which fields of processes are read on demand; others' are ignored.
        """
        now = self._clock()
        if self._looked_at is None or now - self._looked_at >= LOOKED_AFTER:
            self._looked_at = now
            self._here = [driver for driver in self._drivers if driver.is_here()]
            self._readings = {driver: self._readings[driver] for driver in self._here if driver in self._readings}
            self._combine()
        if not self._here:
            return [] if self._complete else None
        answers = self._reader.answers()
        for driver in self._here:
            driver.with_processes = not FIELDS.isdisjoint(wanted)
            asked_at = self._asked_at.get(driver)
            if (asked_at is None or now - asked_at >= ASKED_AFTER) and self._reader.ask(driver):
                self._asked_at[driver] = now
        stuck = self._reader.stuck()
        if answers or stuck != self._stuck:
            self._readings.update((driver, reading) for driver, reading in answers if driver in self._here)
            self._stuck = stuck
            self._combine()
        return self._gpus

    def fill(self, rows: list[Process], wanted: frozenset[str]) -> list[Process]:
        """Return the rows with the wanted fields; the same objects as before where nothing changed."""
        keys = wanted & FIELDS
        if keys != self._keys:
            self._keys, self._made = keys, {}
        if not keys:
            return rows
        uses, unknown, before = self._uses, self._unknown, self._made
        made: dict[int, tuple[Process, Use, Process]] = {}
        for row in rows:
            pid = row["pid"]
            use = uses.get(pid)
            if use is None:
                use = _UNKNOWN if unknown is None or pid in unknown else _NOTHING
            known = before.get(pid)
            if known is None or known[0] is not row or known[1] != use:
                values: dict[str, Any] = {
                    "gpu": use.gpu,
                    "gpu_memory": None if use.memory is None else use.memory / _MIB,
                }
                known = row, use, cast(Process, {**row, **{key: values[key] for key in keys}})
            made[pid] = known
        self._made = made
        return [filled for _, _, filled in made.values()]

    def close(self) -> None:
        """End the threads and let go of the devices."""
        self._reader.close()
        for driver in self._here:
            driver.close()
        self._made.clear()

    def _combine(self) -> None:
        """Put together what the drivers said last."""
        gpus: list[Gpu] = []
        uses: dict[int, Use] = {}
        unknown: set[int] | None = set()
        for driver in self._here:
            reading = self._readings.get(driver)
            if reading is None or driver in self._stuck:
                unknown = None
                gpus += [without_figures(gpu) for gpu in reading.gpus] if reading else []
                continue
            gpus += reading.gpus
            unknown = None if unknown is None or reading.unknown is None else unknown.union(reading.unknown)
            for pid, use in reading.uses.items():
                uses[pid] = uses[pid].plus(use) if pid in uses else use
        # Where there is no GPU, nothing can be said of how much a process uses it.
        self._uses, self._unknown = uses, unknown if gpus else None
        answered = all(driver in self._readings and not self._readings[driver].notes for driver in self._here)
        self._gpus = gpus if gpus or (answered and self._complete) else None


def _read(driver: Driver) -> DriverReading:
    return driver.read()
