"""A recording as a sequence of samples, like a history: `Recording("folder")[-1]`, `.at("10:32")`, `.between(…)`.

It may still be written meanwhile; what is new is there at the next access. One thread at a time may call.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any, overload

from procwidget.errors import InvalidArgument, check_place, number_between
from procwidget.export import What, to_csv
from procwidget.intervals import Between, Change, Figures, between, require_order
from procwidget.moments import Moment, before_the_first, moment_of
from procwidget.recording import event_rows
from procwidget.recording.day import AT_KEPT, Day, Seen
from procwidget.recording.folder import default_folder, files_in
from procwidget.recording.schema import FACTS
from procwidget.sample import Sample
from procwidget.state.events import Event

_COLUMNS = {
    "time": ("time", 1000),
    "cpu_usage": ("cpu_usage", 100),
    "memory_usage": ("memory_usage", 100),
    "disk.read": ("disk_read", 1),
    "disk.written": ("disk_written", 1),
    "network.received": ("network_received", 1),
    "network.sent": ("network_sent", 1),
    "process_count": ("processes", 1),
}
"""Keys that need no reading of whole samples: the column of `tick`, and what it is divided by."""

_NEVER = 1e11
_OF_PROCESSES = ("processes", "top_processes")
_PLACES = {key: place for place, key in enumerate(("identity", *FACTS))}
_FIRST = ("identity", "pid", "name", "user", "command", "started")
_named: Callable[[tuple[Any, ...]], tuple[Any, ...]] = itemgetter(*(_PLACES[key] for key in _FIRST))


class Recording(Sequence[Sample]):
    """Samples that were recorded, oldest first.

    Args:
        path: a folder of `procwidget record`, or one of its files; `None` is where this user's recordings are.
        host: read that host's files of the folder alone, named as in their names; `None` reads all.

    Raises:
        InvalidArgument: there is none, or it is a newer version's.
        SourceUnavailable: it cannot be read.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None, *, host: str | None = None) -> None:
        self.path = default_folder() if path is None else Path(path)
        self.host = host
        self._days: dict[Path, Day] = {}
        if not self._look():
            raise InvalidArgument(f"There is no recording in {self.path}: make one with procwidget record.")

    def close(self) -> None:
        """Close its files."""
        for day in self._days.values():
            day.close()
        self._days.clear()

    def __enter__(self) -> Recording:
        """Return itself; closed at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close its files."""
        self.close()

    def _look(self) -> list[Day]:
        """Return the days there are now, oldest first."""
        files = files_in(self.path) if self.path.is_dir() else [self.path]
        if self.host is not None:
            files = [file for file in files if file.stem[: -len("-2026-11-29")] == self.host]
        for file in self._days.keys() - set(files):
            self._days.pop(file).close()
        for file in files:
            # One that was begun and has nothing in it yet is no recording yet.
            if file not in self._days and (file == self.path or _holds_anything(file)):
                self._days[file] = Day(file)
        return [self._days[file] for file in files if file in self._days]

    def _ticks(self) -> list[tuple[Day, range]]:
        return [(day, ticks) for day in self._look() if (ticks := day.ticks())]

    def __len__(self) -> int:
        return sum(len(ticks) for _, ticks in self._ticks())

    @overload
    def __getitem__(self, index: int) -> Sample: ...
    @overload
    def __getitem__(self, index: slice) -> list[Sample]: ...
    def __getitem__(self, index: int | slice) -> Sample | list[Sample]:
        """Return one sample, or a list of them for a slice."""
        check_place(index)
        if isinstance(index, slice):
            places = range(len(self))[index]
            if places.step == 1:
                return [*self._samples(places.start, places.stop)]
            return [next(self._samples(place, place + 1)) for place in places]
        place = range(len(self))[index]
        return next(self._samples(place, place + 1))

    def __iter__(self) -> Iterator[Sample]:
        """Iterate over the samples there are now, one at a time."""
        return self._samples(0, len(self))

    def _samples(self, begin: int, end: int) -> Iterator[Sample]:
        """Return the samples from one place to before another."""
        for day, ticks in self._ticks():
            if some := ticks[max(0, begin) : max(0, end)]:
                yield from day.samples(some[0], some[-1])
            begin, end = begin - len(ticks), end - len(ticks)

    def __repr__(self) -> str:
        return f"<Recording of {len(self):,} samples in {self.path}>"

    @property
    def times(self) -> tuple[float, float]:
        """The moments of the first and the last sample, in Unix seconds.

        Raises:
            InvalidArgument: there is no sample yet.
        """
        days = [times for day in self._look() if (times := day.times())]
        if not days:
            raise InvalidArgument("There is no reading yet.")
        return days[0][0], days[-1][1]

    def at(self, when: Moment) -> Sample:
        """Return the sample of a moment, the newest one at or before it.

        Args:
            when: see `procwidget.moments.moment_of`; "5m" is 5 minutes before the newest sample.

        Raises:
            InvalidArgument: it is no moment, or from before the first sample.
        """
        first, last = self.times
        day, tick = self._found(moment_of(when, last, first))
        return day.sample(tick)

    def _found(self, moment: float) -> tuple[Day, int]:
        for day, _ in reversed(self._ticks()):
            tick = day.tick_at(moment)
            if tick is not None:
                return day, tick
        first = self.times[0]
        raise before_the_first(moment, first)

    def between(self, begin: Moment, end: Moment) -> Between:
        """Return what each process did between two moments, as `History.between` does.

        Raises:
            InvalidArgument: one is no moment, the interval does not begin before it ends, or there is no sample in it.
        """
        first, last = self.times
        start, stop = moment_of(begin, last, first), moment_of(end, last, first)
        require_order(start, stop)
        return between(self._changes(max(start, first), stop), _figures_of, start, stop)

    def _changes(self, begin: float, end: float) -> Iterator[Change[Seen]]:
        days = self._ticks()
        order = [day for day, _ in days]
        ends = [(order.index(day), tick) for day, tick in (self._found(begin), self._found(end))]
        # Where the clock was set back, the second moment may have been read first.
        (first_at, first_tick), (last_at, last_tick) = sorted(ends)
        first, last = order[first_at], order[last_at]
        for day, ticks in days[first_at : last_at + 1]:
            yield from day.changes(first_tick if day is first else ticks[0], last_tick if day is last else ticks[-1])

    def beside(self, time: float, step: int) -> float | None:
        """Return the moment of the reading before (-1) or after (1) a moment, `None` for none; Unix seconds."""
        found = [moment for day in self._look() if (moment := day.time_beside(time, step)) is not None]
        return (max(found) if step < 0 else min(found)) if found else None

    def hosts(self, begin: float, end: float) -> list[dict[str, Any]]:
        """Return the samples from one moment to another, in Unix seconds, without their processes, oldest first."""
        return [host for day, first, last in self._parts(begin, end) for host in day.hosts(first, last)]

    def shape(self, begin: float, end: float, width: float) -> list[tuple[int, float | None, float | None]]:
        """Return the highest CPU and memory usage in each stretch of `width` seconds that has a reading.

        Each is the number of the stretch, from 0 at `begin`, and two percentages. Where two days meet in a stretch it
        comes twice.
        """
        return [part for day in self._look() for part in day.shape(begin, end, width)]

    def ends(self, begin: float, end: float) -> list[tuple[float, str, str | None]]:
        """Return who ended after one moment and until another: when, the identity, and why where that is known."""
        parts = self._parts(begin, end)
        return [one for day, first, last in parts for one in day.ends(first, last) if one[0] > begin]

    def figures_of(self, identity: str, begin: float, end: float) -> list[tuple[float, float | None, float | None]]:
        """Return the CPU and the memory of a process at each reading from one moment to another, with its moment."""
        return [one for day, first, last in self._parts(begin, end) for one in day.figures_of(identity, first, last)]

    def columns(self, *keys: str) -> dict[str, list[Any]]:
        """Return one list a key, oldest first, such as `columns("time", "cpu_usage", "memory.used")`.

        Raises:
            InvalidArgument: no key is given, or a sample has no such key.
        """
        if not keys:
            raise InvalidArgument('columns() needs the names of keys, such as columns("time", "cpu_usage").')
        columns: dict[str, list[Any]] = {key: [] for key in keys}
        whole = [key for key in columns if key in _OF_PROCESSES]
        others = [key for key in columns if key not in _COLUMNS and key not in whole]
        for day, ticks in self._ticks():
            for key in columns.keys() & _COLUMNS.keys():
                column, divisor = _COLUMNS[key]
                values = day.figures(column, ticks[0], ticks[-1])
                exact = divisor == 1
                columns[key] += [value if value is None or exact else value / divisor for value in values]
            for host in day.hosts(ticks[0], ticks[-1]) if others else ():
                for key in others:
                    columns[key].append(_part(host, key))
            for sample in day.samples(ticks[0], ticks[-1]) if whole else ():
                for key in whole:
                    columns[key].append(sample[key])  # type: ignore[literal-required]
        return columns

    def process(self, process: int | str) -> dict[str, list[Any]]:
        """Return the lists `time`, `cpu` and `memory` of one process, a value where something of it changed.

        Args:
            process: a pid (the newest process that had it) or an identity. A recording of several boots may have
                several with one identity.
        """
        found: dict[str, list[Any]] = {"time": [], "cpu": [], "memory": []}
        for day in self._look():
            for time, row in day.process(process):
                found["time"].append(time)
                found["cpu"].append(row["cpu"])
                found["memory"].append(row["memory"])
        return found

    def since(self, seconds: float) -> list[Sample]:
        """Return the samples of the last `seconds` before the newest one, oldest first, as plain dicts.

        Raises:
            InvalidArgument: `seconds` is no number from 0 on.
        """
        reach = number_between("seconds", seconds, 0, math.inf)
        last = self.times[1]
        return [*self.during(last - reach, last)]

    def during(self, begin: Moment | None = None, end: Moment | None = None) -> Iterator[Sample]:
        """Iterate over the samples from one moment to another, oldest first, one at a time.

        Args:
            begin: the first moment, as in `at`; `None` is that of the first sample.
            end: the second; `None` is that of the last sample.

        Raises:
            InvalidArgument: one is no moment.
        """
        first, last = self.times
        start = 0.0 if begin is None else moment_of(begin, last, first)
        stop = _NEVER if end is None else moment_of(end, last, first)
        return (one for day, *ticks in self._parts(start, stop) for one in day.samples(*ticks))

    def _parts(self, begin: float, end: float) -> list[tuple[Day, int, int]]:
        """Return which ticks of which days are from one moment to another."""
        parts = [(day, day.ticks_within(begin, end)) for day in self._look()]
        return [(day, ticks[0], ticks[-1]) for day, ticks in parts if ticks]

    def to_csv(self, path: str | os.PathLike[str], what: What = "host") -> int:
        """Write it to a CSV file, as `History.to_csv` does; return how many lines it has below its heading.

        Raises:
            InvalidArgument: `what` is neither "host" nor "processes".
            ProcwidgetError: the file cannot be written.
        """
        return to_csv(self, path, what)

    @property
    def events(self) -> list[Event]:
        """What was wrong or done, oldest first, as `Monitor.events` has it; `ended` is `None` for what lasts still."""
        days = [(day.events(), day.times()) for day in self._look()]
        return event_rows.merged((events, times[1] if times else 0.0) for events, times in days)


def _holds_anything(file: Path) -> bool:
    try:
        return file.stat().st_size > 0
    except OSError:
        return False


def _part(host: dict[str, Any], key: str) -> Any:
    part: Any = host
    for name in key.split("."):
        if part is None:
            return None
        if not isinstance(part, dict) or name not in part:
            raise InvalidArgument(f"A sample has no key {key!r}; it has {', '.join(sorted(host))}.")
        part = part[name]
    return part


def _figures_of(seen: Seen) -> Figures:
    facts, row = seen
    _, memory, cpu_time, _, _, more = row[AT_KEPT:]
    demanded = json.loads(more) if more else {}
    identity, pid, name, user, command, started = _named(facts)
    return Figures(
        identity,
        pid,
        name,
        user,
        command,
        started,
        None if cpu_time is None else cpu_time / 1000,
        None if memory is None else memory / 1024,
        demanded.get("read_total"),
        demanded.get("written_total"),
    )
