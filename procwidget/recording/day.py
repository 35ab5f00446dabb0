"""Reads one file of a recording: what was at a tick, and what changed from one to another.

Opened for reading alone, also while it is written. One thread at a time may call.
"""

from __future__ import annotations

import itertools
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
from procwidget.recording import schema
from procwidget.recording.patch import applied
from procwidget.recording.rows import Kept, row_of
from procwidget.sample import Process, Sample, top_processes

_MOST_AT_ONCE = 500  # names in a statement
_ROWS = "SELECT tick, process, cpu, memory, cpu_time, threads, status, more FROM row WHERE tick BETWEEN ? AND ?"
_TOP = 15


Seen = tuple[tuple[Any, ...], tuple[Any, ...]]
"""A process at a tick: what seldom changes about it, as `rows.facts_of` has it, and its row of the table `row`."""

AT_KEPT = 2
"""Where `rows.Kept` begins in a row of that table."""


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
            first, last = self._connection.execute("SELECT min(id), max(id) FROM tick").fetchone()
        return range(first, last + 1) if first is not None else range(0)

    def tick_at(self, time: float) -> int | None:
        """Return the newest tick at or before a moment in Unix seconds, `None` for none."""
        with self._readable():
            found = self._connection.execute("SELECT max(id) FROM tick WHERE time <= ?", (round(time * 1000),))
            return cast("int | None", found.fetchone()[0])

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
            rows = [row_of(facts, cast(Kept, row[AT_KEPT:]), statuses) for facts, row in self._seen(tick).values()]
        rows.sort(key=itemgetter("pid"))
        return cast(Sample, {**host, "processes": rows, "top_processes": top_processes(rows, _TOP)})

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
        """Tell what changed at each tick from the first, which is told whole, to the last."""
        with self._readable():
            ticks = self._connection.execute("SELECT id, time, whole FROM tick WHERE id BETWEEN ? AND ?", (first, last))
            rows = self._grouped(self._connection.execute(f"{_ROWS} ORDER BY tick", (first + 1, last)))
            ended = self._grouped(
                self._connection.execute(
                    "SELECT tick, identity, why FROM ended WHERE tick BETWEEN ? AND ? ORDER BY tick", (first + 1, last)
                )
            )
            for tick, time, whole in ticks.fetchall():
                if tick == first:
                    yield Change(time / 1000, True, self._seen(first), (), {})
                    continue
                seen = self._by_identity(rows.get(tick, ()))
                left = {identity: why for _, identity, why in ended.get(tick, ())}
                why = {identity: text for identity, text in left.items() if text}
                yield Change(time / 1000, bool(whole), seen, left, why)

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
            return [(row[0] / 1000, row_of(self._facts[row[1]], cast(Kept, row[AT_KEPT:]), statuses)) for row in rows]

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

    def events(self) -> list[dict[str, Any]]:
        """Return what happened, oldest first."""
        with self._readable():
            return [json.loads(event) for (event,) in self._connection.execute("SELECT event FROM event ORDER BY time")]

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
        rows = self._connection.execute(f"{_ROWS} ORDER BY tick", (base, tick)).fetchall()
        ended = self._connection.execute(
            "SELECT identity, max(tick) FROM ended WHERE tick > ? AND tick <= ? GROUP BY identity", (base, tick)
        )
        gone = dict(ended.fetchall())
        newest = {row[1]: row for row in rows}
        self._learn(newest)
        there: dict[str, tuple[Any, ...]] = {}
        # What seldom changes may have changed, and the process have two numbers: the later one counts.
        for row in sorted(newest.values(), key=itemgetter(0)):
            there[self._facts[row[1]][0]] = row
        return {
            identity: (self._facts[row[1]], row) for identity, row in there.items() if gone.get(identity, 0) <= row[0]
        }

    def _by_identity(self, rows: Any) -> dict[str, Seen]:
        self._learn({row[1] for row in rows})
        facts = self._facts
        return {(who := facts[row[1]])[0]: (who, row) for row in rows}

    def _statuses(self) -> dict[int, str]:
        return dict(self._connection.execute("SELECT id, name FROM status").fetchall())

    def _learn(self, numbers: Any) -> None:
        unknown = [number for number in numbers if number not in self._facts]
        for start in range(0, len(unknown), _MOST_AT_ONCE):
            some = unknown[start : start + _MOST_AT_ONCE]
            columns = ", ".join(("identity", *schema.FACTS))
            places = ", ".join("?" * len(some))
            found = self._connection.execute(f"SELECT id, {columns} FROM process WHERE id IN ({places})", some)  # noqa: S608
            self._facts.update((row[0], row[1:]) for row in found)

    @staticmethod
    def _grouped(found: sqlite3.Cursor) -> dict[int, list[tuple[Any, ...]]]:
        return {tick: list(rows) for tick, rows in itertools.groupby(found.fetchall(), itemgetter(0))}
