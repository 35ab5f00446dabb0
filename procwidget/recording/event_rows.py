"""The events of one file of a recording: what was wrong, since when and until when, and what was done about it.

An event that lasts over midnight is in the files of both days, under one id; the later one counts. Whoever has the
connection calls.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from typing import cast

from procwidget.state.events import Event


def write(connection: sqlite3.Connection, run: str, events: Iterable[Event]) -> None:
    """Write events, also those that were written before and are others now.

    Args:
        connection: to the file.
        run: names the log that they are of, among all that write into this recording.
        events: have a `number` of their own in that log.
    """
    connection.executemany(
        "INSERT OR REPLACE INTO event VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (
                f"{run}-{event['number']}",
                round(event["began"] * 1000),
                None if event["ended"] is None else round(event["ended"] * 1000),
                event["kind"],
                event["level"],
                event["text"],
                json.dumps(event, separators=(",", ":")),
            )
            for event in events
        ],
    )


def end_those_left_open(connection: sqlite3.Connection) -> None:
    """End what lasted when an earlier writer was cut off: nothing is known of it after the last reading."""
    connection.execute("UPDATE event SET ended = (SELECT time FROM tick ORDER BY id DESC LIMIT 1) WHERE ended IS NULL")


def read(connection: sqlite3.Connection) -> dict[str, Event]:
    """Return the events by id, oldest first."""
    found = connection.execute("SELECT id, ended, event FROM event ORDER BY began, id")
    return {
        name: cast(Event, {**json.loads(event), "ended": None if ended is None else ended / 1000})
        for name, ended, event in found
    }


def merged(days: Iterable[tuple[Mapping[str, Event], float]]) -> list[Event]:
    """Return the events of several days, oldest first, numbered from 1.

    Args:
        days: of each day, oldest first, its events by id and the moment of its last reading.
    """
    found: dict[str, Event] = {}
    end = 0.0
    for events, last in days:
        for name, event in found.items():
            # Whoever recorded it was cut off, or the next day would have it too.
            if event["ended"] is None and name not in events:
                event["ended"] = end
        found.update(events)
        end = last
    for number, event in enumerate(found.values(), 1):
        event["number"] = number
    return [*found.values()]
