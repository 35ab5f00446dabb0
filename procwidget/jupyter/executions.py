"""Which cells a kernel runs, as it says itself to all who listen (iopub). Pure; on the event loop of whoever listens.

Of a message only its kind, its time and the number of its cell are looked at; what a cell says and shows is not.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from typing import NamedTuple

_DELIMITER = b"<IDS|MSG>"
_WANTED = (b'"status"', b'"execute_input"')
_MOST_RUNNING = 100
_Part = dict[str, object]


class Execution(NamedTuple):
    """A cell that runs or ran: its number, `None` until the kernel says it, and Unix seconds of its begin and end.

    `shared` is whether another one ran at the same time.
    """

    request: str
    number: int | None
    began: float
    ended: float | None = None
    shared: bool = False


class Executions:
    """Follows what one kernel runs."""

    def __init__(self) -> None:
        self._running: dict[str, Execution] = {}
        self.heard = False
        """Whether the kernel said anything yet: who listens too late does not know whether a cell runs."""

    @property
    def current(self) -> Execution | None:
        """The cell that runs; of several that which began last."""
        return next(reversed(self._running.values()), None) if self._running else None

    def take(self, header: _Part, parent: _Part, content: _Part) -> Execution | None:
        """Take a message; return the cell that began or ended with it, if one did.

        A cell is taken to have begun when its number is known: what runs silently for a front end has none.
        """
        self.heard = True
        request, now = parent.get("msg_id"), _seconds(header.get("date"))
        if parent.get("msg_type") != "execute_request" or not isinstance(request, str) or now is None:
            return None
        if header.get("msg_type") == "execute_input":
            number = content.get("execution_count")
            shared = bool(self._running)
            for other, execution in self._running.items():
                self._running[other] = execution._replace(shared=True)
            began = Execution(request, number if isinstance(number, int) else None, now, shared=shared)
            if len(self._running) < _MOST_RUNNING:
                self._running[request] = began
            return began
        if header.get("msg_type") == "status" and content.get("execution_state") == "idle":
            ended = self._running.pop(request, None)
            return ended._replace(ended=now) if ended else None
        return None


def may_matter(parts: Sequence[bytes]) -> bool:
    """Return whether a message as it came may be one to take: the others need not be unpacked."""
    try:
        header = parts[list(parts).index(_DELIMITER) + 2]
    except (ValueError, IndexError):
        return False
    return any(kind in header for kind in _WANTED)


def content_of(parts: Sequence[bytes]) -> dict[str, object]:
    """Return the content of a message from which identities and delimiter were taken; nothing of one that is broken."""
    try:
        content = json.loads(parts[4])
    except (ValueError, IndexError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _seconds(date: object) -> float | None:
    if isinstance(date, datetime.datetime):
        return date.timestamp()
    try:
        return datetime.datetime.fromisoformat(str(date)).timestamp()
    except ValueError:
        return None
