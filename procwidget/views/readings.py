"""What views of the past read from: the history of the last minutes, or a recording on disk, by the same methods.

Moments are Unix seconds here. Runs in the threads of requests, several at once; a recording takes one at a time.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from procwidget import forking
from procwidget.errors import InvalidArgument
from procwidget.history import History
from procwidget.intervals import Between
from procwidget.moments import Moment, moment_of
from procwidget.recording.recording import Recording
from procwidget.sample import Sample

Stretch = tuple[int, float | None, float | None]
"""A stretch of a shape: its number, and the highest CPU and memory usage in it, in percent."""

End = tuple[float, str, str | None]
"""Who ended: when it was gone, its identity, and why where that is known."""

Figures = tuple[float, float | None, float | None]
"""A process at a moment: the moment, its CPU in percent of a core and its memory in MiB."""


class Readings(Protocol):
    """A history or a recording."""

    def times(self) -> tuple[float, float] | None:
        """Return the moments of the first and the last reading, `None` where there is none."""
        ...

    def at(self, moment: float) -> Sample:
        """Return the newest sample at or before a moment."""
        ...

    def beside(self, moment: float, step: int) -> float | None:
        """Return the moment of the reading before (-1) or after (1) a moment, `None` for none."""
        ...

    def between(self, begin: float, end: float) -> Between:
        """Return what each process did between two moments."""
        ...

    def hosts(self, begin: float, end: float) -> list[dict[str, Any]]:
        """Return the samples from one moment to another without their processes, oldest first."""
        ...

    def shape(self, begin: float, end: float, width: float) -> list[Stretch]:
        """Return the stretches of `width` seconds from `begin` on that have a reading."""
        ...

    def ends(self, begin: float, end: float) -> list[End]:
        """Return who ended after one moment and until another; of a history those whose reason is known."""
        ...

    def figures_of(self, identity: str, begin: float, end: float) -> list[Figures]:
        """Return the figures of a process between two moments, oldest first."""
        ...

    def events(self) -> list[Any]:
        """Return what was wrong or done, oldest first."""
        ...


class Kept:
    """The last minutes that a monitor keeps.

    Args:
        history: where they are.
        events: returns its events.
    """

    def __init__(self, history: History, events: Callable[[], list[Any]] = list) -> None:
        self._history, self._events = history, events

    def _times(self) -> list[float]:
        return self._history.columns("time")["time"]

    def times(self) -> tuple[float, float] | None:
        """Return the moments of the first and the last reading."""
        times = self._times()
        return (times[0], times[-1]) if times else None

    def at(self, moment: float) -> Sample:
        """Return the newest sample at or before a moment."""
        return self._history.at(moment)

    def beside(self, moment: float, step: int) -> float | None:
        """Return the moment of the reading before or after."""
        times = self._times()
        if step < 0:
            return max((time for time in times if time < moment), default=None)
        return min((time for time in times if time > moment), default=None)

    def between(self, begin: float, end: float) -> Between:
        """Return what each process did."""
        return self._history.between(begin, end)

    def hosts(self, begin: float, end: float) -> list[dict[str, Any]]:
        """Return the samples without their processes."""
        return [host for host in self._history.hosts(math.inf) if begin <= host["time"] <= end]

    def shape(self, begin: float, end: float, width: float) -> list[Stretch]:
        """Return the stretches that have a reading."""
        columns = self._history.columns("time", "cpu_usage", "memory_usage")
        parts: dict[int, tuple[float | None, float | None]] = {}
        for time, cpu, memory in zip(*columns.values(), strict=True):
            if begin <= time <= end:
                part = int((time - begin) / width)
                before = parts.get(part, (None, None))
                parts[part] = higher(before[0], cpu), higher(before[1], memory)
        return [(part, cpu, memory) for part, (cpu, memory) in parts.items()]

    def ends(self, begin: float, end: float) -> list[End]:
        """Return who ended, where the reason is known."""
        columns = self._history.columns("time", "exits")
        return [
            (time, one["identity"], one["text"])
            for time, exits in zip(*columns.values(), strict=True)
            if begin < time <= end
            for one in exits or ()
        ]

    def figures_of(self, identity: str, begin: float, end: float) -> list[Figures]:
        """Return the figures of a process."""
        found = self._history.process(identity)
        rows = zip(found["time"], found["cpu"], found["memory"], strict=True)
        return [row for row in rows if begin <= row[0] <= end]

    def events(self) -> list[Any]:
        """Return what was wrong or done."""
        return self._events()


class Recorded:
    """A recording, for several threads at once.

    Args:
        recording: read by this object alone.
    """

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._lock = threading.Lock()
        forking.register(self)

    def after_fork(self) -> None:
        """In a forked child: make the lock anew, and open files of its own: SQLite's may not be used across a fork."""
        self._lock = threading.Lock()
        self._recording = Recording(self._recording.path, host=self._recording.host)

    def close(self) -> None:
        """Close its files."""
        with self._lock:
            self._recording.close()

    def times(self) -> tuple[float, float] | None:
        """Return the moments of the first and the last reading."""
        with self._lock:
            return self._recording.times if len(self._recording) else None

    def at(self, moment: float) -> Sample:
        """Return the newest sample at or before a moment."""
        with self._lock:
            return self._recording.at(moment)

    def beside(self, moment: float, step: int) -> float | None:
        """Return the moment of the reading before or after."""
        with self._lock:
            return self._recording.beside(moment, step)

    def between(self, begin: float, end: float) -> Between:
        """Return what each process did."""
        with self._lock:
            return self._recording.between(begin, end)

    def hosts(self, begin: float, end: float) -> list[dict[str, Any]]:
        """Return the samples without their processes."""
        with self._lock:
            return self._recording.hosts(begin, end)

    def shape(self, begin: float, end: float, width: float) -> list[Stretch]:
        """Return the stretches that have a reading."""
        with self._lock:
            return self._recording.shape(begin, end, width)

    def ends(self, begin: float, end: float) -> list[End]:
        """Return who ended."""
        with self._lock:
            return self._recording.ends(begin, end)

    def figures_of(self, identity: str, begin: float, end: float) -> list[Figures]:
        """Return the figures of a process."""
        with self._lock:
            return self._recording.figures_of(identity, begin, end)

    def events(self) -> list[Any]:
        """Return what was wrong or done."""
        with self._lock:
            return self._recording.events


def higher(one: float | None, other: float | None) -> float | None:
    """Return the higher of two figures of which either may be unknown."""
    return max((value for value in (one, other) if value is not None), default=None)


class Reach:
    """The last minutes, and the recording for what is older.

    Args:
        kept: the last minutes; `None` where a recording is all there is.
        recorded: returns the recording, `None` while there is none; called when somebody looks further back.
    """

    def __init__(self, kept: Kept | None, recorded: Callable[[], Recorded | None]) -> None:
        self._kept = kept
        self.recorded = recorded
        """Returns the recording, `None` while there is none."""

    def all(self) -> Iterable[Readings]:
        """Return what there is, that which reaches back furthest first."""
        return [one for one in (self.recorded(), self._kept) if one is not None and one.times()]

    def times(self) -> tuple[float, float] | None:
        """Return the moments of the first and the last reading there is, `None` where there is none."""
        found = [times for one in self.all() if (times := one.times())]
        return (min(first for first, _ in found), max(last for _, last in found)) if found else None

    def of(self, moment: float) -> Readings | None:
        """Return what has the readings from a moment on: the last minutes if they reach back so far."""
        kept = self._kept and self._kept.times()
        if kept and kept[0] <= moment:
            return self._kept
        return next(iter(self.all()), None)

    def at(self, when: Moment) -> Sample:
        """Return the newest sample at or before a moment, given as `moment_of` takes it.

        Raises:
            InvalidArgument: it is no moment, or from before the first reading.
        """
        times = self.times()
        moment = moment_of(when, times[1], times[0]) if times else moment_of(when, 0.0)
        readings = self.of(moment)
        if readings is None:
            raise InvalidArgument("There is no reading yet.")
        return readings.at(moment)

    def events(self) -> list[Any]:
        """Return what was wrong or done, oldest first: that of the log, and before it that of the recording."""
        known: dict[tuple[Any, ...], Any] = {}
        # The log may have more than is on the disk yet, and the disk older ones.
        for readings in (self.recorded(), self._kept):
            if readings is not None:
                known |= {(event["kind"], event["about"], event["began"]): event for event in readings.events()}
        return sorted(known.values(), key=lambda event: event["began"])

    def beside(self, moment: float, step: int) -> float | None:
        """Return the moment of the reading before (-1) or after (1) a moment, `None` for none."""
        # The newest readings may not be on the disk yet, so what was kept tells what comes after them.
        found = [time for one in self.all() if (time := one.beside(moment, step)) is not None]
        return (max(found) if step < 0 else min(found)) if found else None
