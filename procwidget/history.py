"""The ring of samples: samples enter with `append`, in the poller's thread; plain dicts leave, in anybody's.

Inside, the processes of a sample are columns of machine numbers, about 30 bytes a process, and what seldom changes
about a process (its name, user, command …) is kept once for all samples. A dict made on access is a copy: changing
it changes nothing here.
"""

from __future__ import annotations

import copy
import math
import threading
from array import array
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, cast, overload

from procwidget.errors import InvalidArgument, number_between
from procwidget.sample import Process, Sample, top_processes

_SELDOM = ("pid", "name", "ppid", "user", "started", "command", "nice", "session", "identity")


_OF_PROCESSES = ("processes", "top_processes")


class _Entry(NamedTuple):
    host: dict[str, Any]  # the sample without its processes
    top: int
    seldom: array[int]  # indices into History._seldom
    cpu: array[float]
    memory: array[float]
    cpu_time: array[float]
    threads: array[int]
    status: array[int]


def _column(values: list[float | None]) -> array[float]:
    try:
        return array("d", cast("list[float]", values))
    except TypeError:
        return array("d", [math.nan if value is None else value for value in values])


def _known(value: float) -> float | None:
    return None if value != value else value


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
        self._entries: deque[_Entry] = deque()
        self._seldom: dict[int, tuple[Any, ...]] = {}
        self._index: dict[tuple[Any, ...], int] = {}
        self._by_row: dict[int, tuple[Process, int]] = {}
        self._next = 0
        self._used: set[int] = set()
        self._left: dict[int, float] = {}
        self._leaving: deque[tuple[float, int]] = deque()
        self._statuses: list[str | None] = [None]

    def append(self, sample: Sample) -> None:
        """Add the newest sample; the sample itself is not kept."""
        with self._lock:
            rows = sample["processes"]
            by_row: dict[int, tuple[Process, int]] = {}
            before = self._by_row
            for row in rows:
                place = id(row)
                known = before.get(place)
                # The row before is held in `before`, so an equal id() is the same, unchanged row.
                by_row[place] = known if known is not None else (row, self._intern(row))
            entry = _Entry(
                {key: copy.deepcopy(value) for key, value in sample.items() if key not in _OF_PROCESSES},
                len(sample["top_processes"]),
                array("I", [index for _, index in by_row.values()]),
                _column([row["cpu"] for row in rows]),
                _column([row["memory"] for row in rows]),
                _column([row["cpu_time"] for row in rows]),
                array("i", [-1 if row["threads"] is None else row["threads"] for row in rows]),
                array("B", [self._status(row["status"]) for row in rows]),
            )
            self._by_row = by_row
            self._entries.append(entry)
            oldest = sample["monotonic"] - self.seconds
            while self._entries[0].host["monotonic"] < oldest:
                self._entries.popleft()
            self._forget(set(entry.seldom), sample["monotonic"])

    def _forget(self, used: set[int], moment: float) -> None:
        """Note which rows are not in the newest sample, and drop those that are in no sample any more."""
        for index in used - self._used:
            self._left.pop(index, None)
        for index in self._used - used:
            self._left[index] = moment
            self._leaving.append((moment, index))
        self._used = used
        oldest = self._entries[0].host["monotonic"]
        while self._leaving and self._leaving[0][0] <= oldest:
            moment, index = self._leaving.popleft()
            # It may have come back since, or have left once more.
            if self._left.get(index) == moment:
                del self._left[index]
                del self._index[self._seldom.pop(index)]

    def _intern(self, row: Process) -> int:
        seldom = tuple(row[key] for key in _SELDOM)  # type: ignore[literal-required]
        index = self._index.get(seldom)
        if index is None:
            index = self._index[seldom] = self._next
            self._seldom[index] = seldom
            self._next += 1
        return index

    def _status(self, status: str | None) -> int:
        try:
            return self._statuses.index(status)
        except ValueError:
            self._statuses.append(status)
            return len(self._statuses) - 1

    def _sample(self, entry: _Entry) -> Sample:
        seldom, statuses = self._seldom, self._statuses
        rows: list[Process] = []
        for index, cpu, memory, cpu_time, threads, status in zip(*entry[2:], strict=True):
            pid, name, ppid, user, started, command, nice, session, identity = seldom[index]
            rows.append(
                {
                    "pid": pid,
                    "name": name,
                    "cpu": _known(cpu),
                    "memory": _known(memory),
                    "ppid": ppid,
                    "user": user,
                    "status": statuses[status],
                    "threads": None if threads < 0 else threads,
                    "started": started,
                    "command": command,
                    "nice": nice,
                    "session": session,
                    "cpu_time": _known(cpu_time),
                    "identity": identity,
                }
            )
        host = copy.deepcopy(entry.host)
        return cast(Sample, {**host, "processes": rows, "top_processes": top_processes(rows, entry.top)})

    def __len__(self) -> int:
        return len(self._entries)

    @overload
    def __getitem__(self, index: int) -> Sample: ...
    @overload
    def __getitem__(self, index: slice) -> list[Sample]: ...
    def __getitem__(self, index: int | slice) -> Sample | list[Sample]:
        """Return one sample as a new dict, or a list of them for a slice."""
        with self._lock:
            if isinstance(index, slice):
                return [self._sample(entry) for entry in list(self._entries)[index]]
            return self._sample(self._entries[index])

    def __iter__(self) -> Iterator[Sample]:
        """Iterate over the samples there are now; those that arrive meanwhile are not among them."""
        with self._lock:
            newest = [entry.host["monotonic"] for entry in self._entries]
        for moment in newest:
            with self._lock:
                entry = next((entry for entry in self._entries if entry.host["monotonic"] == moment), None)
                sample = None if entry is None else self._sample(entry)
            if sample is not None:
                yield sample

    def __repr__(self) -> str:
        return f"<History of {len(self)} samples, at most {self.seconds:g} s>"

    def hosts(self, seconds: float) -> list[dict[str, Any]]:
        """Return the samples of the last `seconds` without their processes, oldest first: cheap, and not copied."""
        with self._lock:
            entries = list(self._entries)
        if not entries:
            return []
        oldest = entries[-1].host["monotonic"] - seconds
        return [entry.host for entry in entries if entry.host["monotonic"] >= oldest]

    def columns(self, *keys: str) -> dict[str, list[Any]]:
        """Return one list a key, oldest first, such as `columns("time", "cpu_usage", "memory.used")`.

        A dot reaches into a dict. Without processes, this is cheap: no sample is rebuilt.

        Raises:
            InvalidArgument: no key is given, or a sample has no such key.
        """
        if not keys:
            raise InvalidArgument('columns() needs the names of keys, such as columns("time", "cpu_usage").')
        with self._lock:
            entries = list(self._entries)
            whole = any(key in _OF_PROCESSES for key in keys)
            hosts = [cast("dict[str, Any]", self._sample(entry)) if whole else entry.host for entry in entries]
        return {key: [copy.deepcopy(_reach(host, key)) for host in hosts] for key in keys}

    def process(self, process: int | str) -> dict[str, list[Any]]:
        """Return the lists `time`, `cpu` and `memory` of one process, oldest first; empty if it was never seen.

        Args:
            process: a pid (the newest process that had it) or an identity.
        """
        found: dict[str, list[Any]] = {"time": [], "cpu": [], "memory": []}
        with self._lock:
            field = _SELDOM.index("pid" if isinstance(process, int) else "identity")
            wanted = {index: row for index, row in self._seldom.items() if row[field] == process}
            if not wanted:
                return found
            identity = wanted[max(wanted)][-1]
            indices = {index for index, row in wanted.items() if row[-1] == identity}
            for entry in self._entries:
                for place, index in enumerate(entry.seldom):
                    if index in indices:
                        found["time"].append(entry.host["time"])
                        found["cpu"].append(_known(entry.cpu[place]))
                        found["memory"].append(_known(entry.memory[place]))
                        break
        return found


def _reach(host: dict[str, Any], key: str) -> Any:
    value: Any = host
    for part in key.split("."):
        if value is None:
            return None
        if not isinstance(value, dict) or part not in value:
            known = sorted({*host, "processes", "top_processes"})
            raise InvalidArgument(f"A sample has no key {key!r}; it has {', '.join(known)}.")
        value = value[part]
    return value
