"""Writes samples into the files of a recording, one file a day. Runs in the recorder's thread, which alone may call.

A reading is one transaction, so whatever ends this process leaves whole readings. While a file is written, others may
read it (SQLite's write-ahead log); when it is done it is one plain file.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
import zlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from procwidget.errors import InvalidArgument, SourceUnavailable
from procwidget.masking import mask
from procwidget.moments import day_of
from procwidget.recording import event_rows, schema
from procwidget.recording.changes import changes
from procwidget.recording.folder import file_for, files_in, prepare
from procwidget.recording.patch import difference
from procwidget.recording.retention import delete_oldest
from procwidget.recording.rows import facts_of, written_rows
from procwidget.sample import Process, Sample
from procwidget.state.events import Event

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_INSERT_TICK = f"INSERT INTO tick VALUES ({', '.join('?' * 14)})"  # noqa: S608 - nothing of anybody else
_INSERT_PROCESS = f"INSERT INTO process VALUES (NULL, {', '.join('?' * (1 + len(schema.FACTS)))})"  # noqa: S608
_COMMAND = 1 + schema.FACTS.index("command")
_encoded = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
_OF_PROCESSES = ("processes", "top_processes")


class RecordingWriter:
    """Writes one recording.

    Args:
        folder: where its files are; it is made if need be, for this user alone.
        keep: seconds after which a day is deleted whole.
        max_bytes: how large all files may be together; the oldest days are deleted.

    Raises:
        InvalidArgument: the folder is on a network file system, or another recorder writes there.
        SourceUnavailable: nothing can be written there.
    """

    def __init__(self, folder: Path, keep: float, max_bytes: float) -> None:
        self.folder, self._keep, self._max_bytes = folder, keep, max_bytes
        prepare(folder)
        self._lock = _locked(folder / ".lock")
        self._day = 0.0, 0.0  # Unix seconds from which and up to which the file is for
        self._connection: sqlite3.Connection | None = None
        self._tick = self._since_whole = 0
        self._rows: list[Process] = []  # of the reading before
        self._run = f"{time.time_ns():x}"
        self._lasting: dict[int, Event] = {}  # events that the next day's file has to have, too
        self._facts: dict[str, tuple[tuple[Any, ...], int]] = {}
        self._host: dict[str, Any] = {}
        self._statuses: dict[str | None, int | None] = {}
        self._boot: str | None = None

    def append(self, sample: Sample, events: Sequence[Event] = ()) -> None:
        """Write a reading.

        Args:
            sample: the reading.
            events: those that are new, or others than before.

        Raises:
            sqlite3.Error, OSError: it cannot be written; the next one is whole.
        """
        connection = self._connection_for(sample)
        self._tick += 1
        try:
            with connection:
                self._write(connection, sample)
                if events:
                    event_rows.write(connection, self._run, events)
        except BaseException:
            self._tick -= 1
            self._begin_anew()
            raise
        for event in events:
            self._lasting.pop(event["number"], None)
            if event["ended"] is None:
                self._lasting[event["number"]] = event

    def close(self) -> None:
        """Make the file one plain file, and let another recorder write there."""
        self._close_file()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _begin_anew(self) -> None:
        """Have the next reading be whole."""
        self._since_whole = 0
        self._rows, self._host, self._facts, self._statuses = [], {}, {}, {}

    def _connection_for(self, sample: Sample) -> sqlite3.Connection:
        if self._connection is None or not self._day[0] <= sample["time"] < self._day[1]:
            file = file_for(self.folder, sample["time"])
            self._close_file()
            self._connection = self._opened(file)
            self._day = day_of(sample["time"])
            with self._connection as connection:
                event_rows.write(connection, self._run, self._lasting.values())
            delete_oldest(files_in(self.folder), self._keep, self._max_bytes, sample["time"], file)
        if sample["boot_id"] != self._boot:
            self._boot = sample["boot_id"]
            self._begin_anew()
        return self._connection

    def _opened(self, file: Path) -> sqlite3.Connection:
        new = not file.exists()
        if new:
            # SQLite would make it for everybody to read.
            os.close(os.open(file, os.O_CREAT | os.O_WRONLY, 0o600))
        connection = sqlite3.connect(file, timeout=1.0, isolation_level="DEFERRED")
        try:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version > schema.VERSION:
                raise InvalidArgument(
                    f"{file} was made by a newer procwidget (version {version} of its tables): choose another folder."
                )
            if version == 0:
                schema.create(connection)
            connection.execute("PRAGMA journal_mode = WAL")
            # A reading is safe when this process is killed; if the power fails, the last ones may be missing.
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA wal_autocheckpoint = 1000")
            self._tick = connection.execute("SELECT coalesce(max(id), 0) FROM tick").fetchone()[0]
            with connection:
                event_rows.end_those_left_open(connection)
        except BaseException:
            connection.close()
            raise
        self._begin_anew()
        return connection

    def _close_file(self) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            with suppress(sqlite3.Error):
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                connection.execute("PRAGMA journal_mode = DELETE")
        finally:
            connection.close()

    def _write(self, connection: sqlite3.Connection, sample: Sample) -> None:
        tick, whole = self._tick, self._since_whole == 0
        changed, gone = changes(self._rows, sample["processes"])
        if whole:
            changed = sample["processes"]
        host = {key: value for key, value in sample.items() if key not in _OF_PROCESSES}
        change = {"=": _shortened(host)} if whole else difference(self._host, host, _shortened)
        connection.execute(
            _INSERT_TICK,
            (tick, *_figures(sample, whole=whole), _deflated(change)),
        )
        for status in {row["status"] for row in changed}.difference(self._statuses):
            self._statuses[status] = self._status(connection, status)
        rows = written_rows(tick, changed, self._numbers(connection, changed), self._statuses)
        connection.executemany("INSERT INTO row VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
        if gone:
            why = {one["identity"]: one["text"] for one in sample["exits"] or []}
            connection.executemany(
                "INSERT OR REPLACE INTO ended VALUES (?, ?, ?)",
                [(tick, identity, why.get(identity)) for identity in gone],
            )
            for identity in gone:
                self._facts.pop(identity, None)
        self._rows, self._host = sample["processes"], host
        self._since_whole = (self._since_whole + 1) % schema.WHOLE_EACH

    @staticmethod
    def _status(connection: sqlite3.Connection, status: str | None) -> int | None:
        if status is None:
            return None
        connection.execute("INSERT OR IGNORE INTO status VALUES (NULL, ?)", (status,))
        return cast(int, connection.execute("SELECT id FROM status WHERE name = ?", (status,)).fetchone()[0])

    def _numbers(self, connection: sqlite3.Connection, rows: list[Process]) -> list[int]:
        """Return the numbers of what seldom changes about processes, writing what is new."""
        numbers = []
        for facts in map(facts_of, rows):
            known = self._facts.get(facts[0])
            numbers.append(known[1] if known and known[0] == facts else self._number(connection, facts))
        return numbers

    def _number(self, connection: sqlite3.Connection, facts: tuple[Any, ...]) -> int:
        shown = [*facts]
        if shown[_COMMAND] is not None:
            # A file is kept and sent to others: no more is in it than a table would show them.
            shown[_COMMAND] = mask(shown[_COMMAND])
        cursor = connection.execute(_INSERT_PROCESS, shown)
        number = cast(int, cursor.lastrowid)
        self._facts[facts[0]] = facts, number
        return number


def _locked(path: Path) -> int | None:
    """Return a lock file that is held until it is closed; `None` where there is no such lock.

    Raises:
        InvalidArgument: another process holds it.
        SourceUnavailable: it cannot be made.
    """
    try:
        file = os.open(path, os.O_CREAT | os.O_RDWR | getattr(os, "O_CLOEXEC", 0), 0o600)
    except OSError as error:
        raise SourceUnavailable(f"Nothing can be recorded in {path.parent}: {error.strerror}.") from error
    if fcntl is None:
        os.close(file)
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(file)
        raise InvalidArgument(
            f"Another procwidget records in {path.parent} already: open that recording, or choose another folder."
        ) from error
    return file


def _figures(sample: Sample, *, whole: bool) -> tuple[int | None, ...]:
    """Return what stands in the columns of a tick."""

    def scaled(value: float | None, factor: float = 1) -> int | None:
        return None if value is None else round(value * factor)

    memory, load = sample["memory"], sample["load_average"]
    return (
        round(sample["time"] * 1000),
        round(sample["monotonic"] * 1000),
        int(whole),
        scaled(sample["cpu_usage"], 100),
        scaled(sample["memory_usage"], 100),
        scaled(memory["used"] if memory else None, 1 / 1024),
        scaled(load[0] if load else None, 100),
        scaled(sample["disk"]["read"]),
        scaled(sample["disk"]["written"]),
        scaled(sample["network"]["received"]),
        scaled(sample["network"]["sent"]),
        sample["process_count"],
    )


def _deflated(change: dict[str, Any]) -> bytes:
    return zlib.compress(_encoded(change).encode(), 1)


def _shortened(value: Any) -> Any:
    """Return JSON with no more digits than anybody looks at."""
    if isinstance(value, float):
        return float(f"{value:.6g}") if abs(value) < 1e6 else round(value, 3)
    if isinstance(value, dict):
        return {key: _shortened(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_shortened(part) for part in value]
    return value
