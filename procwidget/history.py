"""The ring of the last samples, kept small.

The poller's thread appends samples; any thread reads them back as plain dicts. Inside, most samples keep only the
processes that differ from the sample before, as numbers (`procwidget.packing`); now and then one keeps all of them (a
keyframe), from which the others are worked out. A dict made on access is a copy: changing it changes nothing here.
"""

from __future__ import annotations

import math
import os
import threading
from array import array
from collections.abc import Callable, Iterator, Sequence
from itertools import takewhile
from typing import Any, cast, overload

from procwidget import forking
from procwidget.errors import InvalidArgument, check_place, number_between
from procwidget.export import What, to_csv
from procwidget.fields import ON_DEMAND_NUMBERS
from procwidget.history_entries import OF_PROCESSES, Entry, base_of, column_of, place_of, times_of, totals_of
from procwidget.intervals import Between, Change, between, require_order
from procwidget.moments import Moment, moment_of
from procwidget.packing import (
    CPU,
    MEMORY,
    Figures,
    Seldom,
    freeze,
    identity_in,
    known,
    may_be_of,
    pack,
    pid_in,
    seldom_of,
    thaw,
    unpack,
)
from procwidget.sample import Process, Sample, top_processes
from procwidget.shapes import take_apart

_Kept = tuple[Figures, tuple[str, ...]]
"""What is kept of a process at a reading, and which of it were read on demand."""

_LONGEST_RUN = 30
"""Most deltas after a keyframe; a keyframe and its deltas are evicted together."""


class History(Sequence[Sample]):
    """A sequence of samples, oldest first, that forgets those older than `seconds` before the newest.

    Args:
        seconds: how far back it reaches, 1 to 86,400.

    Raises:
        InvalidArgument: `seconds` is out of range.
    """

    def __init__(self, seconds: float = 600.0) -> None:
        self.seconds = number_between("The length of the history in seconds", seconds, 1, 86400)
        self._lock = threading.Lock()
        self._entries: list[Entry] = []
        self._too_old = 0  # the first of them, which are there only because others lean on them
        self._newest: dict[str, Process] = {}  # the rows of the newest sample by identity
        self._numbers: dict[str, int] = {}  # the keys of theirs in `_seldom`
        self._run = self._run_rows = 0  # samples, and rows in them, since one was whole
        self._seldom: dict[int, bytes | Seldom] = {}
        self._index: dict[bytes | Seldom, int] = {}
        self._next = 0
        self._left: dict[int, float] = {}
        self._statuses: list[str | None] = [None]
        self._extra: tuple[str, ...] = ()  # what is read on demand, in the newest sample
        forking.register(self)

    def after_fork(self) -> None:
        """In a forked child: make the lock anew, and mend what an append left half done if it was cut off."""
        cut_off, self._lock = self._lock.locked(), threading.Lock()
        if cut_off:
            self._mend()
            self._too_old = 0
            if self._entries:
                self._forget(self._entries[-1].monotonic - self.seconds)

    def append(self, sample: Sample) -> None:
        """Add the newest sample; the sample itself is not kept."""
        with self._lock:
            try:
                self._entries.append(self._entry(sample))
            except BaseException:
                self._mend()
                raise
            self._forget(sample["monotonic"] - self.seconds)

    def _mend(self) -> None:
        """Make an append that ended anywhere harmless: the next sample is whole, and nothing is kept for ever."""
        newest = self._entries[-1].monotonic if self._entries else -math.inf
        self._newest, self._numbers = {}, {}
        self._index = {seldom: number for number, seldom in self._seldom.items()}
        self._next = max(self._next, max(self._seldom, default=-1) + 1)
        self._left = {}
        for number in self._seldom:
            self._leave(number, math.nextafter(newest, math.inf))

    def _entry(self, sample: Sample) -> Entry:
        rows = sample["processes"]
        before, newest = self._newest, {row["identity"]: row for row in rows}
        extra = tuple([key for key in ON_DEMAND_NUMBERS if rows and key in rows[0]])
        changed = [row for identity, row in newest.items() if before.get(identity) is not row]
        gone = [identity for identity in before if identity not in newest]
        for row in changed:
            self._number(row, sample["monotonic"])
        left = [self._numbers.pop(identity) for identity in gone]
        for number in left:
            self._leave(number, sample["monotonic"])
        for identity in gone:
            del before[identity]
        in_order = list({**before, **newest}) == list(newest)
        self._newest, self._run, self._run_rows = newest, self._run + 1, self._run_rows + len(changed)
        whole = not in_order or extra != self._extra or self._run >= _LONGEST_RUN or self._run_rows >= len(newest)
        if whole:
            changed, left, self._run, self._run_rows = [*newest.values()], [], 0, 0
        numbers = [self._numbers[row["identity"]] for row in changed]
        packed = pack(changed, numbers, left, whole, self._statuses, extra)
        self._extra = extra
        figures = array("d")
        shape = take_apart({key: value for key, value in sample.items() if key not in OF_PROCESSES}, figures)
        if self._entries and shape == self._entries[-1].shape:
            shape = self._entries[-1].shape
        return Entry(sample["monotonic"], shape, figures, len(sample["top_processes"]), packed)

    def _number(self, row: Process, moment: float) -> None:
        """Find or make the number that stands for what seldom changes about a process."""
        seldom = seldom_of(row)
        number = self._index.get(seldom)
        if number is None:
            # One that comes back is frozen.
            number = self._index.pop(freeze(seldom), self._next)
            self._index[seldom], self._seldom[number] = number, seldom
            self._next = max(self._next, number + 1)
        before = self._numbers.get(row["identity"])
        self._numbers[row["identity"]] = number
        if before != number:
            self._left.pop(number, None)
            if before is not None:
                self._leave(before, moment)

    def _leave(self, number: int, moment: float) -> None:
        seldom = self._seldom[number]
        if not isinstance(seldom, bytes):
            self._index.pop(seldom, None)
            self._seldom[number] = seldom = freeze(seldom)
            self._index[seldom] = number
        self._left[number] = moment

    def _forget(self, oldest: float) -> None:
        """Drop the samples from before `oldest`, and what is in no sample any more."""
        entries = self._entries
        while entries[self._too_old].monotonic < oldest:
            self._too_old += 1
        base = base_of(entries, self._too_old)
        if base:
            del entries[:base]
            self._too_old -= base
        oldest = entries[0].monotonic
        # In the order in which they left.
        for number in [number for number, _ in takewhile(lambda one: one[1] <= oldest, self._left.items())]:
            del self._left[number]
            self._index.pop(self._seldom.pop(number), None)

    def _now(self) -> tuple[list[Entry], dict[int, bytes | Seldom], range]:
        """Return what the samples of now are made of, and the places of those to show; nothing in it changes."""
        with self._lock:
            return self._entries.copy(), self._seldom.copy(), range(self._too_old, len(self._entries))

    def _samples(self, entries: list[Entry], seldom: dict[int, bytes | Seldom], places: range) -> Iterator[Sample]:
        """Make the samples at rising `places`, without the lock: the poller must not wait for it."""
        figures: dict[str, Figures] = {}
        done = -1
        for place in places:
            for entry in entries[max(base_of(entries, place), done + 1) : place + 1]:
                entry.packed.apply(figures, seldom)
            done = place
            extra = entries[place].packed.extra
            shown = list(figures.values())
            rows = unpack(shown, [thaw(seldom, each[0]) for each in shown], self._statuses, extra)
            host, top = entries[place].host(), top_processes(rows, entries[place].top)
            yield cast(Sample, {**host, "processes": rows, "top_processes": top})

    def diagnostics(self) -> dict[str, int]:
        """Return how much is kept: `samples`, different `rows` of processes, and how many rows are `indexed`."""
        with self._lock:
            samples = len(self._entries) - self._too_old
            return {"samples": samples, "rows": len(self._seldom), "indexed": len(self._index)}

    def __len__(self) -> int:
        with self._lock:
            return len(self._entries) - self._too_old

    @overload
    def __getitem__(self, index: int) -> Sample: ...
    @overload
    def __getitem__(self, index: slice) -> list[Sample]: ...
    def __getitem__(self, index: int | slice) -> Sample | list[Sample]:
        """Return one sample as a new dict, or a list of them for a slice."""
        check_place(index)
        entries, seldom, there = self._now()
        if not isinstance(index, slice):
            return next(self._samples(entries, seldom, range(there[index], there[index] + 1)))
        places = there[index]
        if places.step > 0:
            return list(self._samples(entries, seldom, places))
        return list(self._samples(entries, seldom, places[::-1]))[::-1]

    def __iter__(self) -> Iterator[Sample]:
        """Iterate over the samples there are now; those that arrive meanwhile are not among them."""
        return self._samples(*self._now())

    def __repr__(self) -> str:
        return f"<History of {len(self)} samples, at most {self.seconds:g} s>"

    def at(self, when: Moment) -> Sample:
        """Return the sample of a moment, the newest one at or before it, as a new dict.

        Args:
            when: see `procwidget.moments.moment_of`; "5m" is 5 minutes before the newest sample.

        Raises:
            InvalidArgument: it is no moment, or from before the oldest sample.
        """
        entries, seldom, there = self._now()
        times = times_of(entries, there)
        place = there[place_of(times, moment_of(when, times[-1] if times else 0.0))]
        return next(self._samples(entries, seldom, range(place, place + 1)))

    def between(self, begin: Moment, end: Moment) -> Between:
        """Return what each process did between two moments: `{"from", "to", "processes": [...]}`.

        A process is a dict with `pid`, `name`, `user`, `command`, `identity`, `cpu_seconds`, `memory` and
        `memory_change` in MiB, `read` and `written` in bytes (where they were read at the time), `began`, `ended` and
        `why` it ended; see `procwidget.intervals.Interval`. Most CPU time comes first.

        Args:
            begin: the first moment, as in `at`; one from before the oldest sample is that of the oldest.
            end: the second.

        Raises:
            InvalidArgument: one is no moment, the interval does not begin before it ends, or there is no sample in it.
        """
        entries, seldom, there = self._now()
        times = times_of(entries, there)
        now = times[-1] if times else 0.0
        first, second = moment_of(begin, now), moment_of(end, now)
        require_order(first, second)
        last = there[place_of(times, second)]
        base = there[place_of(times, max(first, times[0]))]
        changes = self._changes(entries, seldom, range(base, last + 1))
        return between(changes, lambda kept: totals_of(*kept, thaw(seldom, kept[0][0])), first, second)

    def _changes(
        self, entries: list[Entry], seldom: dict[int, bytes | Seldom], places: range
    ) -> Iterator[Change[_Kept]]:
        """Tell what changed at each of the samples at `places`, of which the first is told whole."""
        first: dict[str, Figures] = {}
        for entry in entries[base_of(entries, places.start) : places.start + 1]:
            entry.packed.apply(first, seldom)
        identities: dict[int, str] = {}

        def identity(number: int) -> str:
            if number not in identities:
                identities[number] = identity_in(thaw(seldom, number))
            return identities[number]

        for place in places:
            packed, host = entries[place].packed, entries[place].host()
            begins = place == places.start
            rows = first.values() if begins else zip(*packed.columns, strict=True)
            named = {identity(row[0]): (row, packed.extra) for row in rows}
            why = {one["identity"]: one["text"] for one in host.get("exits") or []}
            left = [identity(number) for number in packed.left]
            yield Change(host["time"], begins or packed.whole, named, left, why)

    def hosts(self, seconds: float) -> list[dict[str, Any]]:
        """Return the samples of the last `seconds` without their processes, oldest first."""
        with self._lock:
            entries = self._entries[self._too_old :]
        return [entry.host() for entry in entries if entry.monotonic >= entries[-1].monotonic - seconds]

    def since(self, seconds: float) -> list[Sample]:
        """Return the samples of the last `seconds` before the newest one, oldest first, as plain dicts.

        Raises:
            InvalidArgument: `seconds` is no number from 0 on.
        """
        reach = number_between("seconds", seconds, 0, math.inf)
        entries, seldom, there = self._now()
        newest = entries[-1].monotonic if entries else 0.0
        places = range(there.start, there.stop)
        first = next((place for place in places if entries[place].monotonic >= newest - reach), there.stop)
        return list(self._samples(entries, seldom, range(first, there.stop)))

    def to_csv(self, path: str | os.PathLike[str], what: What = "host") -> int:
        """Write it to a CSV file, a line a sample, or with `what="processes"` a line a process of each sample.

        Returns:
            How many lines the file has below its heading; see `procwidget.to_csv`.

        Raises:
            InvalidArgument: `what` is neither.
            ProcwidgetError: the file cannot be written.
        """
        return to_csv(self, path, what)

    def columns(self, *keys: str) -> dict[str, list[Any]]:
        """Return one list a key, oldest first, such as `columns("time", "cpu_usage", "memory.used")`.

        A dot reaches into a dict. Without processes, this is cheap: no sample is rebuilt.

        Raises:
            InvalidArgument: no key is given, or a sample has no such key.
        """
        if not keys:
            raise InvalidArgument('columns() needs the names of keys, such as columns("time", "cpu_usage").')
        entries, seldom, places = self._now()
        columns = {key: column_of(entries[places.start :], key) for key in keys if key not in OF_PROCESSES}
        columns |= {key: [] for key in keys if key in OF_PROCESSES}
        if not columns.keys().isdisjoint(OF_PROCESSES):
            # One at a time: all of them with their processes together are hundreds of megabytes.
            for sample in self._samples(entries, seldom, places):
                for key in columns.keys() & OF_PROCESSES:
                    columns[key].append(sample[key])  # type: ignore[literal-required]
        return {key: columns[key] for key in keys}

    def process(self, process: int | str) -> dict[str, list[Any]]:
        """Return the lists `time`, `cpu` and `memory` of one process, oldest first; empty if it was never seen.

        Args:
            process: a pid (the newest process that had it) or an identity.
        """
        found: dict[str, list[Any]] = {"time": [], "cpu": [], "memory": []}
        entries, known_by, places = self._now()
        whose: Callable[[Seldom], Any] = pid_in if isinstance(process, int) else identity_in
        candidates = [number for number, seldom in known_by.items() if may_be_of(seldom, process)]
        wanted = {number: seldom for number in candidates if whose(seldom := thaw(known_by, number)) == process}
        if not wanted:
            return found
        identity = identity_in(wanted[max(wanted)])
        numbers = {number for number, seldom in wanted.items() if identity_in(seldom) == identity}
        figures: Figures | None = None
        moments: list[Entry] = []
        for place, entry in enumerate(entries):
            figures = entry.packed.follow(numbers, figures)
            if figures and place in places:
                moments.append(entry)
                found["cpu"].append(known(figures[CPU]))
                found["memory"].append(known(figures[MEMORY]))
        found["time"] = column_of(moments, "time")
        return found
