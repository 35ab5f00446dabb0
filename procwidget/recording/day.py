"""Reads one file of a recording: what was at a tick, and what changed from one to another.

Opened for reading alone, also while it is written. One thread at a time may call.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path
from typing import Any, cast

from procwidget.errors import InvalidArgument, SourceUnavailable
from procwidget.intervals import Change
from procwidget.recording import event_rows, schema
from procwidget.recording.patch import applied
from procwidget.recording.rows import Kept, row_of
from procwidget.sample import Process, Sample, top_processes
from procwidget.state.events import Event

_MOST_AT_ONCE = 500  # names in a statement
_MOST_FACTS = 50_000  # of processes that are kept in memory
_LAST_ROWS = (
    # Of a group, what stands beside its one max() is of the row that has it.
    "SELECT max(tick), process, cpu, memory, cpu_time, threads, status, more FROM row WHERE tick BETWEEN ? AND ?"
)
_WHOLES = "SELECT id FROM tick WHERE whole = 1 AND id BETWEEN ? AND ?"
_TOP = 15


Seen = tuple[tuple[Any, ...], tuple[Any, ...]]
"""A process at a tick: what seldom changes about it, as `rows.facts_of` has it; and its number, then `rows.Kept`."""

AT_KEPT = 1
"""Where `rows.Kept` begins there."""


class Day:
    """One file.

    Args:
        file: where it is.

    Raises:
        InvalidArgument: it is no recording, or a newer version's.
        SourceUnavailable: it cannot be read.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._facts: dict[int, tuple[Any, ...]] = {}
        self._connection = self._opened(file)

    def _opened(self, file: Path) -> sqlite3.Connection:
        if not file.is_file():
            raise InvalidArgument(f"There is no recording {file}.")
        uri = file.resolve().as_uri()
        with self._readable():
            try:
                return self._checked(sqlite3.connect(f"{uri}?mode=ro", uri=True, check_same_thread=False))
            except sqlite3.OperationalError:
                # A log beside the file cannot be shared where nothing may be written; without one there is nothing to.
                if file.with_name(file.name + "-wal").exists():
                    raise
                alone = sqlite3.connect(f"{uri}?mode=ro&immutable=1", uri=True, check_same_thread=False)
                return self._checked(alone)

    def _checked(self, connection: sqlite3.Connection) -> sqlite3.Connection:
        try:
            ours = connection.execute("PRAGMA application_id").fetchone()[0] == schema.APPLICATION_ID
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if not ours or version < 1:
                raise InvalidArgument(f"{self.file} is no recording of procwidget.")
            if version > schema.VERSION:
                raise InvalidArgument(
                    f"{self.file} was made by a newer procwidget (version {version} of its tables, this one "
                    f"reads up to {schema.VERSION}): install a newer one."
                )
            connection.execute("SELECT count(*) FROM (SELECT 1 FROM tick LIMIT 1)")
        except BaseException:
            connection.close()
            raise
        return connection

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, zlib.error, ValueError, KeyError, IndexError, TypeError) as error:
            if isinstance(error, InvalidArgument):
                raise
            raise SourceUnavailable(
                f"The recording {self.file} cannot be read there: it is damaged ({error})."
            ) from error

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def __del__(self) -> None:
        # SQLite's connection is in a circle of its own, and would keep the file open until that is collected.
        if hasattr(self, "_connection"):
            self.close()

    def ticks(self) -> range:
        """Return the numbers of the ticks there are now."""
        with self._readable():
            # Both in one SELECT would look at every tick.
            ends = "SELECT (SELECT min(id) FROM tick), (SELECT max(id) FROM tick)"
            first, last = self._connection.execute(ends).fetchone()
        return range(first, last + 1) if first is not None else range(0)

    def tick_at(self, time: float) -> int | None:
        """Return the newest tick at or before a moment in Unix seconds, `None` for none."""
        with self._readable():
            found = self._connection.execute(
                "SELECT id FROM tick WHERE time <= ? ORDER BY time DESC, id DESC LIMIT 1", (round(time * 1000),)
            ).fetchone()
            return cast(int, found[0]) if found else None

    def ticks_within(self, begin: float, end: float) -> range:
        """Return the ticks from one moment to another; of a clock that was set back, all between the first and last."""
        with self._readable():
            first, last = self._connection.execute(
                "SELECT min(id), max(id) FROM tick WHERE time BETWEEN ? AND ?", (round(begin * 1000), round(end * 1000))
            ).fetchone()
        return range(first, last + 1) if first is not None else range(0)

    def times(self) -> tuple[float, float] | None:
        """Return the moments of the first and last tick, `None` where there is none."""
        ticks = self.ticks()
        if not ticks:
            return None
        with self._readable():
            first, last = (
                self._connection.execute("SELECT time FROM tick WHERE id = ?", (tick,)).fetchone()[0] / 1000
                for tick in (ticks[0], ticks[-1])
            )
        return first, last

    def boot_id(self) -> str | None:
        """Return the boot of the last tick, `None` where there is no tick."""
        ticks = self.ticks()
        return next(self.hosts(ticks[-1], ticks[-1]))["boot_id"] if ticks else None

    def sample(self, tick: int) -> Sample:
        """Return the sample of a tick."""
        with self._readable():
            *_, host = self._hosts(self._base(tick), tick)
            statuses = self._statuses()
            rows = [self._row(*seen, statuses) for seen in self._seen(tick).values()]
        rows.sort(key=itemgetter("pid"))
        return cast(Sample, {**host, "processes": rows, "top_processes": top_processes(rows, _TOP)})

    def samples(self, first: int, last: int) -> Iterator[Sample]:
        """Return the samples of these ticks, one after another; much faster than each alone."""
        for start in range(first, last + 1, schema.WHOLE_EACH):
            yield from self._run(start, min(start + schema.WHOLE_EACH - 1, last))

    def _run(self, first: int, last: int) -> Iterator[Sample]:
        among = (first + 1, last)
        with self._readable():
            hosts = [*self.hosts(first, last)]
            rows = self._by_tick("SELECT tick, process, cpu, memory, cpu_time, threads, status, more FROM row", among)
            ended = self._by_tick("SELECT tick, identity FROM ended", among)
            wholes = [tick for tick, *_ in self._connection.execute(_WHOLES, (self._base(first), last))]
            statuses = self._statuses()
            there: dict[str, Process] = {}
            for tick, host in enumerate(hosts, first):
                if tick == first or (tick in wholes and tick - schema.WHOLE_EACH not in wholes):
                    there = {name: self._row(*seen, statuses) for name, seen in self._seen(tick).items()}
                else:
                    self._learn({row[1] for row in rows.get(tick, ())})
                    for row in rows.get(tick, ()):
                        facts = self._facts[row[1]]
                        there[facts[0]] = self._row(facts, row[1:], statuses)
                    for _, identity in ended.get(tick, ()):
                        there.pop(identity, None)
                processes = sorted((row.copy() for row in there.values()), key=itemgetter("pid"))
                yield cast(Sample, {**host, "processes": processes, "top_processes": top_processes(processes, _TOP)})

    @staticmethod
    def _row(facts: tuple[Any, ...], row: tuple[Any, ...], statuses: dict[int, str]) -> Process:
        return row_of(facts, cast(Kept, row[AT_KEPT:]), statuses)

    def _by_tick(self, select: str, among: tuple[int, int]) -> dict[int, list[tuple[Any, ...]]]:
        found: dict[int, list[tuple[Any, ...]]] = {}
        for row in self._connection.execute(f"{select} WHERE tick BETWEEN ? AND ?", among):
            found.setdefault(row[0], []).append(row)
        return found

    def hosts(self, first: int, last: int) -> Iterator[dict[str, Any]]:
        """Return the samples of these ticks without their processes."""
        with self._readable():
            for tick, host in enumerate(self._hosts(base := self._base(first), last), base):
                if tick >= first:
                    yield host

    def figures(self, column: str, first: int, last: int) -> list[float | None]:
        """Return a column of the table `tick` as it stands there."""
        with self._readable():
            found = self._connection.execute(
                f"SELECT {column} FROM tick WHERE id BETWEEN ? AND ? ORDER BY id",  # noqa: S608 - one of ours
                (first, last),
            )
            return [value for (value,) in found]

    def changes(self, first: int, last: int) -> Iterator[Change[Seen]]:
        """Tell what became of the processes from one tick to another, as far as sums over them need it.

        The first tick is told whole, and the last. In between there are those that ended, as they were last, and all
        where a writer began anew: nobody knows when those that were gone then had ended.
        """
        with self._readable():
            found = self._connection.execute("SELECT id, time, whole FROM tick WHERE id BETWEEN ? AND ?", (first, last))
            moments = {tick: (time / 1000, whole) for tick, time, whole in found}
            ended = self._by_tick("SELECT tick, identity, why FROM ended", (first + 1, last))
            there, then = self._seen(first), self._seen(last)
            gone = self._gone(there, then, first + 1, last)
            yield Change(moments[first][0], True, there, (), {})
            base = self._base(first)
            for tick in range(first + 1, last + 1):
                time, whole = moments[tick]
                if whole:
                    if tick - base != schema.WHOLE_EACH:
                        yield Change(time, True, self._seen(tick), (), {})
                    base = tick
                if tick in gone or tick in ended:
                    left = {identity: why for _, identity, why in ended.get(tick, ())}
                    known = {identity: why for identity, why in left.items() if why}
                    yield Change(time, False, gone.get(tick, {}), left, known)
            yield Change(moments[last][0], True, then, (), {})

    def _gone(self, there: dict[str, Seen], then: dict[str, Seen], first: int, last: int) -> dict[int, dict[str, Seen]]:
        """Return those that are not there then any more: by the tick of the last row of each, by identity."""
        numbers = {identity: row[0] for identity, (_, row) in there.items()}
        # Numbers rise, so whoever came later has a higher one.
        newest = max(numbers.values(), default=0)
        leaving = ", ".join(str(number) for identity, number in numbers.items() if identity not in then)
        staying = ", ".join(str(row[0]) for _, row in then.values() if row[0] > newest)
        rows = self._connection.execute(
            f"{_LAST_ROWS} AND (process > ? AND process NOT IN ({staying}) OR process IN ({leaving})) GROUP BY process",
            (first, last, newest),
        ).fetchall()
        self._learn({row[1] for row in rows})
        gone: dict[int, dict[str, Seen]] = {}
        for row in rows:
            facts = self._facts[row[1]]
            if facts[0] not in then:
                gone.setdefault(row[0], {})[facts[0]] = facts, row[1:]
        return gone

    def process(self, process: int | str) -> list[tuple[float, Process]]:
        """Return the moments at which a process changed, with its rows; the newest one that had the pid."""
        key = "pid" if isinstance(process, int) else "identity"
        with self._readable():
            found = self._connection.execute(
                f"SELECT identity FROM process WHERE {key} = ? ORDER BY id DESC LIMIT 1",  # noqa: S608
                (process,),
            ).fetchone()
            if not found:
                return []
            rows = self._connection.execute(
                "SELECT tick.time, process, cpu, memory, cpu_time, threads, status, more FROM process"
                " JOIN row ON row.process = process.id JOIN tick ON tick.id = row.tick"
                " WHERE identity = ? ORDER BY row.tick",
                found,
            ).fetchall()
            self._learn({row[1] for row in rows})
            statuses = self._statuses()
            return [(row[0] / 1000, row_of(self._facts[row[1]], cast(Kept, row[2:]), statuses)) for row in rows]

    def time_beside(self, time: float, step: int) -> float | None:
        """Return the moment of the reading before (-1) or after (1) a moment, `None` for none; Unix seconds."""
        asked = "SELECT max(time) FROM tick WHERE time < ?" if step < 0 else "SELECT min(time) FROM tick WHERE time > ?"
        with self._readable():
            found = self._connection.execute(asked, (round(time * 1000),)).fetchone()[0]
        return None if found is None else cast(int, found) / 1000

    def shape(self, begin: float, end: float, width: float) -> list[tuple[int, float | None, float | None]]:
        """Return the highest CPU and memory usage in each stretch of `width` seconds that has a reading.

        Each is the number of the stretch, from 0 at `begin`, and two percentages.
        """
        with self._readable():
            found = self._connection.execute(
                "SELECT (time - ?) / ? AS part, max(cpu_usage) / 100.0, max(memory_usage) / 100.0 FROM tick"
                " WHERE time BETWEEN ? AND ? GROUP BY part",
                (start := round(begin * 1000), max(1, round(width * 1000)), start, round(end * 1000)),
            )
            return found.fetchall()

    def ends(self, first: int, last: int) -> list[tuple[float, str, str | None]]:
        """Return who was gone at these ticks: when, in Unix seconds, the identity, and why where that is known."""
        with self._readable():
            found = self._connection.execute(
                "SELECT time / 1000.0, identity, why FROM ended JOIN tick ON tick.id = ended.tick"
                " WHERE ended.tick BETWEEN ? AND ?",
                (first, last),
            )
            return found.fetchall()

    def figures_of(self, identity: str, first: int, last: int) -> list[tuple[float, float | None, float | None]]:
        """Return the CPU (percent of a core) and the memory (MiB) of a process at these ticks, with their moments.

        A tick before it was first seen among them is left out.
        """
        with self._readable():
            times = self._connection.execute(
                "SELECT id, time FROM tick WHERE id BETWEEN ? AND ? ORDER BY id", (first, last)
            )
            found = self._connection.execute(
                "SELECT tick, cpu / 100.0, memory / 1024.0 FROM row"
                " WHERE tick BETWEEN ? AND ? AND process IN (SELECT id FROM process WHERE identity = ?)",
                (first, last, identity),
            )
            changed = {tick: (cpu, memory) for tick, cpu, memory in found}
            figures, now = [], None
            for tick, time in times:
                now = changed.get(tick, now)
                if now is not None:
                    figures.append((time / 1000, *now))
            return figures

    def events(self) -> dict[str, Event]:
        """Return what happened, oldest first, by what names it in the files of all days."""
        with self._readable():
            return event_rows.read(self._connection)

    def _base(self, tick: int) -> int:
        found = self._connection.execute("SELECT max(id) FROM tick WHERE whole = 1 AND id <= ?", (tick,)).fetchone()
        if found[0] is None:
            raise ValueError("its beginning is missing")
        return cast(int, found[0])

    def _hosts(self, base: int, last: int) -> Iterator[dict[str, Any]]:
        host: Any = None
        found = self._connection.execute("SELECT host FROM tick WHERE id BETWEEN ? AND ? ORDER BY id", (base, last))
        for (packed,) in found.fetchall():
            host = applied(host, json.loads(zlib.decompress(packed)))
            yield host

    def _seen(self, tick: int) -> dict[str, Seen]:
        """Return the processes that there were at a tick, by identity."""
        base = self._base(tick)
        rows = self._connection.execute(f"{_LAST_ROWS} GROUP BY process", (base, tick)).fetchall()
        ended = self._connection.execute(
            "SELECT identity, max(tick) FROM ended WHERE tick > ? AND tick <= ? GROUP BY identity", (base, tick)
        )
        gone = dict(ended.fetchall())
        # What seldom changes may have changed, and the process have two numbers: the later one counts.
        rows.sort(key=itemgetter(0))
        self._learn({row[1] for row in rows})
        there: dict[str, Seen] = {}
        for row in rows:
            facts = self._facts[row[1]]
            if row[0] >= gone.get(facts[0], 0):
                there[facts[0]] = facts, row[1:]
        return there

    def _statuses(self) -> dict[int, str]:
        return dict(self._connection.execute("SELECT id, name FROM status").fetchall())

    def _learn(self, numbers: Any) -> None:
        if len(self._facts) > _MOST_FACTS:
            self._facts.clear()
        unknown = [number for number in numbers if number not in self._facts]
        for start in range(0, len(unknown), _MOST_AT_ONCE):
            some = unknown[start : start + _MOST_AT_ONCE]
            columns = ", ".join(("identity", *schema.FACTS))
            places = ", ".join("?" * len(some))
            found = self._connection.execute(f"SELECT id, {columns} FROM process WHERE id IN ({places})", some)  # noqa: S608
            self._facts.update((row[0], row[1:]) for row in found)
