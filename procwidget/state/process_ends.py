"""Tells when processes end of which somebody wants to know. The poller's thread looks; any thread may ask.

Nothing is looked at while nobody asked.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, NamedTuple, TypedDict

from procwidget.errors import InvalidArgument
from procwidget.sample import Process, Sample
from procwidget.state.alerts import Culprit
from procwidget.units import duration_text

MOST_TOLD = 100
"""Of how many processes the end is told at once."""

_LONGEST_NAME = 64
_log = logging.getLogger("procwidget")


class ProcessEnd(TypedDict):
    """The end of a process, in the shape of an alert.

    `kind` is "process_end", `about` its identity, `since` when it started (Unix seconds, when it was asked about where
    that is unknown), `seconds` how long it lasted.
    """

    kind: str
    about: str
    level: str
    value: None
    since: float
    seconds: float
    process: Culprit
    text: str
    state: str


Callback = Callable[[ProcessEnd], object]


class _Watched(NamedTuple):
    row: Process
    since: float
    callbacks: list[Callback]


class ProcessEnds:
    """The processes of which somebody wants to know when they end."""

    def __init__(self) -> None:
        self._watched: dict[str, _Watched] = {}
        self._listeners: list[Callback] = []

    def listen(self, callback: Callback) -> Callable[[], None]:
        """Call `callback` with every end that is told, whoever asked; returns a function that ends that."""
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback) if callback in self._listeners else None

    @property
    def waiting(self) -> list[str]:
        """The identities of those that have not ended yet."""
        return list(self._watched)

    def wait_for(self, process: object, newest: Sample | None, callback: Callback | None = None) -> Callable[[], None]:
        """Tell when the process ends that is meant by a pid, an identity or a row; return what takes that back.

        Raises:
            InvalidArgument: there is no such process in the newest sample, or the callback is no function.
        """
        if callback is not None and not callable(callback):
            raise InvalidArgument(f"The callback must be a function that takes the end of a process, not {callback!r}.")
        if newest is None:
            raise InvalidArgument("There is no reading of the processes yet: ask again in a moment.")
        row = _meant(process, newest)
        self.add(row, newest["time"], callback)
        return lambda: self.remove(row["identity"])

    def add(self, row: Process, time: float, callback: Callback | None = None) -> None:
        """Tell when the process of this row ends.

        Args:
            row: of the newest sample.
            time: of that, in Unix seconds.
            callback: called then, in the poller's thread.

        Raises:
            InvalidArgument: it has ended, or too many are waited for.
        """
        identity = row["identity"]
        if row["status"] == "zombie":
            raise InvalidArgument(f"{_called(row)} has ended already.")
        if identity not in self._watched and len(self._watched) >= MOST_TOLD:
            raise InvalidArgument(f"The end of at most {MOST_TOLD} processes is told: take one back first.")
        started = row["started"]
        watched = self._watched.setdefault(identity, _Watched(row, time if started is None else started, []))
        if callback is not None:
            watched.callbacks.append(callback)

    def remove(self, identity: str) -> None:
        """Take that back, for all who asked."""
        self._watched.pop(identity, None)

    def take(self, sample: Sample) -> list[ProcessEnd]:
        """Return who has ended, by the newest sample, of those asked about."""
        if not self._watched:
            return []
        # One that nobody has collected yet has ended, too.
        alive = {row["identity"] for row in sample["processes"] if row["status"] != "zombie"}
        ends = []
        for identity in [identity for identity in tuple(self._watched) if identity not in alive]:
            watched = self._watched.pop(identity, None)
            if watched is not None:
                ends.append(_end(watched, sample["time"]))
                for callback in [*watched.callbacks, *self._listeners]:
                    try:
                        callback(ends[-1])
                    except BaseException:  # somebody else's code must not cost the others their figures
                        _log.exception("A callback for the end of a process failed")
        return ends


def _meant(given: Any, sample: Sample) -> Process:
    wanted = given.get("identity") if isinstance(given, dict) else given
    if isinstance(wanted, bool) or not isinstance(wanted, (int, str)):
        raise InvalidArgument(f"A process is meant by its pid, its identity or its row, not by {given!r:.80}.")
    key = "pid" if isinstance(wanted, int) else "identity"
    for row in sample["processes"]:
        if row[key] == wanted:  # type: ignore[literal-required]
            return row
    raise InvalidArgument(f"There is no process {wanted!r:.80} in the newest reading.")


def _end(watched: _Watched, time: float) -> ProcessEnd:
    row, lasted = watched.row, max(0.0, time - watched.since)
    after = "" if row["started"] is None else f" after {duration_text(lasted)}"
    return {
        "kind": "process_end",
        "about": row["identity"],
        "level": "normal",
        "value": None,
        "since": watched.since,
        "seconds": lasted,
        "process": {"pid": row["pid"], "name": row["name"], "identity": row["identity"]},
        "text": f"{_called(row)} has ended{after}",
        "state": "ended",
    }


def _called(row: Process) -> str:
    return f"{row['name'][:_LONGEST_NAME]} ({row['pid']})"
