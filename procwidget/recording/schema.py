"""The tables of a recording, and what their numbers mean. See docs/recording.md.

A recording is a folder with one SQLite file a day. Any program that reads SQLite may read it, also while it is written.
Pure but for `create`.
"""

from __future__ import annotations

import sqlite3

from procwidget.fields import SELDOM

VERSION = 1
"""`PRAGMA user_version` of a file."""

APPLICATION_ID = 0x50575247
"""`PRAGMA application_id` of a file: "PWRG"."""

WHOLE_EACH = 75
"""Ticks from one that has the rows of all processes to the next."""

SUFFIX = ".sqlite"

FACTS = tuple(key for key in SELDOM if key != "identity")
"""What seldom changes about a process; each is a column of `process`."""

TABLES = """
CREATE TABLE tick (
    id INTEGER PRIMARY KEY,
    time INTEGER NOT NULL,          -- Unix milliseconds
    monotonic INTEGER NOT NULL,     -- milliseconds on a clock that never jumps
    whole INTEGER NOT NULL,         -- 1 where the rows of all processes follow, 0 where only those that changed do
    cpu_usage INTEGER,              -- hundredths of a percent of all CPUs
    memory_usage INTEGER,           -- hundredths of a percent
    memory_used INTEGER,            -- KiB
    load_1 INTEGER,                 -- hundredths
    disk_read INTEGER,              -- bytes a second, as the next three
    disk_written INTEGER,
    network_received INTEGER,
    network_sent INTEGER,
    processes INTEGER NOT NULL,     -- how many there were
    host BLOB NOT NULL              -- the sample but its processes: deflated JSON, what differs from the tick before
);
CREATE INDEX tick_time ON tick (time);
CREATE TABLE process (              -- what seldom changes; a process has several rows where something of it did
    id INTEGER PRIMARY KEY,
    identity TEXT NOT NULL,         -- PID-STARTTICKS, unique in one boot of one host
    {facts}
);
CREATE TABLE row (                  -- a process at a tick; the last one before a moment holds until it has ended
    tick INTEGER NOT NULL,
    process INTEGER NOT NULL,
    cpu INTEGER,                    -- hundredths of a percent of one core
    memory INTEGER,                 -- KiB resident
    cpu_time INTEGER,               -- milliseconds since it started
    threads INTEGER,
    status INTEGER,                 -- a number of the table status
    more TEXT,                      -- JSON: what was read on demand
    PRIMARY KEY (tick, process)
) WITHOUT ROWID;
CREATE TABLE status (               -- psutil's words, such as sleeping
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);
CREATE TABLE ended (                -- who was gone at a tick
    tick INTEGER NOT NULL,
    identity TEXT NOT NULL,
    why TEXT,                       -- how it ended, where that is known
    PRIMARY KEY (tick, identity)
) WITHOUT ROWID;
CREATE TABLE event (                -- what was wrong or done
    id TEXT PRIMARY KEY,            -- the same in the files of all days that it lasted
    began INTEGER NOT NULL,         -- Unix milliseconds
    ended INTEGER,                  -- the same as began for a moment; nothing while it lasts
    kind TEXT NOT NULL,
    level TEXT NOT NULL,            -- normal, warning, critical
    text TEXT NOT NULL,
    event TEXT NOT NULL             -- JSON: all that is known of it
) WITHOUT ROWID;
"""

_INTEGERS = ("pid", "ppid", "nice", "session", "stuck")


def _type_of(fact: str) -> str:
    return "INTEGER" if fact in _INTEGERS else "REAL" if fact == "started" else "TEXT"


def create(connection: sqlite3.Connection) -> None:
    """Make the tables in a new file, all at once: whoever opens it meanwhile finds an empty file or a recording."""
    facts = ",\n    ".join(f"{fact} {_type_of(fact)}" for fact in FACTS)
    numbers = f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION};"
    connection.executescript(f"BEGIN; {TABLES.format(facts=facts)} {numbers} COMMIT;")
