"""The open questions of a desk: held processes and an action enter, and leave again once, for whoever was asked.

Any thread may call. The lock guards the questions; what is not confirmed in time is given up by a timer's thread,
which there is as long as some are open.
"""

from __future__ import annotations

import secrets
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from procwidget import forking
from procwidget.actions.deed import Deed
from procwidget.actions.rate import Rate
from procwidget.errors import ActionRefused

NONCE_LIFE = 10.0
"""Seconds in which a question can be confirmed."""

MOST_OF_VIEW, MOST_QUESTIONS = 3, 12
"""Open questions of one view and of all; the oldest gives way."""

_GRACE = 0.05
_REMEMBERED = 64


@dataclass(frozen=True)
class Question:
    """Held processes, an action and whose it is to confirm with `nonce`, until `until` on the desk's clock."""

    nonce: str
    action: str
    view: str
    deeds: list[Deed]
    until: float

    def identities(self) -> list[str]:
        """Return the identities of its processes, in their order."""
        return [deed.row["identity"] for deed in self.deeds]

    def as_message(self, refusals: list[str]) -> dict[str, Any]:
        """Return the question as the browser gets it, with a sentence for each process that was left out."""
        rows = [deed.row for deed in self.deeds]
        return {
            "result": "question",
            "nonce": self.nonce,
            "expires": NONCE_LIFE,
            "signal": self.action,
            "targets": [{"pid": row["pid"], "name": row["name"], "identity": row["identity"]} for row in rows],
            "refusals": refusals,
        }

    def close(self) -> None:
        """Give back what holds the processes."""
        for deed in self.deeds:
            deed.target.close()


class Questions:
    """Keeps questions until they are taken, cancelled, too old or too many, and then gives back what they hold.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._open: dict[str, Question] = {}
        self._retired: deque[tuple[str, str]] = deque(maxlen=_REMEMBERED)
        self._timer: threading.Timer | None = None
        self._closed = False
        forking.register(self)

    def after_fork(self) -> None:
        """In a forked child: give up all questions, for it is the parent that was asked and asks."""
        self._lock, self._timer = threading.Lock(), None
        questions, self._open = self._open, {}
        for question in questions.values():
            question.close()

    def __len__(self) -> int:
        return len(self._open)

    def keep(self, action: str, view: str, deeds: list[Deed]) -> Question:
        """Open a question; what holds its processes is given back here from now on, or by whoever takes it."""
        question = Question(secrets.token_urlsafe(), action, view, deeds, self._clock() + NONCE_LIFE)
        with self._lock:
            self._drop_expired()
            of_view = [other for other in self._open.values() if other.view == view]
            # Dicts keep their order: the first is the oldest.
            for crowded, most in ((of_view, MOST_OF_VIEW), (list(self._open.values()), MOST_QUESTIONS)):
                if len(crowded) >= most:
                    self._retire(crowded[0], "gave way to newer ones")
            self._open[question.nonce] = question
            if self._closed:
                self._retire(question, "was given up")
            self._wait_for_the_oldest()
        return question

    def take(self, nonce: str, view: str, signal: object, identities: object, rate: Rate) -> Question:
        """Take a question out, for good, when all that is said about it is true, and spend its signals of `rate`.

        Raises:
            ActionRefused: it is not open, or not for this view, signal or these processes, or it is too many signals.
        """
        with self._lock:
            self._drop_expired()
            question = self._open.get(nonce)
            if question is None:
                why = dict(self._retired).get(nonce, "is not known")
            elif question.view != view:
                why = "belongs to another view"
            elif signal != question.action:
                why = f"is for {question.action} and nothing else"
            elif identities != question.identities():
                why = "is for other processes"
            else:
                rate.spend(len(question.deeds))
                del self._open[nonce]
                self._retired.append((nonce, "was used already"))
                return question
        raise ActionRefused(f"This confirmation {why}: ask again.")

    def cancel(self, nonce: object, view: object) -> None:
        """Give up a question of `view`; anything else is ignored."""
        with self._lock:
            question = self._open.get(nonce) if isinstance(nonce, str) else None
            if question is not None and question.view == view:
                self._retire(question, "was cancelled")

    def close(self) -> None:
        """Give up all, for good."""
        with self._lock:
            self._closed = True
            if self._timer is not None:
                self._timer.cancel()
            for question in list(self._open.values()):
                self._retire(question, "was given up")

    def _wait_for_the_oldest(self) -> None:
        """See to it that questions which nobody confirms are given up in time, though nobody asks anything again."""
        if self._timer is None and self._open:
            pause = min(question.until for question in self._open.values()) - self._clock()
            timer = threading.Timer(max(0.0, pause) + _GRACE, self._sweep)
            timer.name, timer.daemon = "procwidget-questions", True
            # Where no thread can be started, the next question sweeps.
            with suppress(RuntimeError):
                timer.start()
                self._timer = timer

    def _sweep(self) -> None:
        with self._lock:
            self._timer = None
            self._drop_expired()
            self._wait_for_the_oldest()

    def _drop_expired(self) -> None:
        now = self._clock()
        for question in [question for question in self._open.values() if now > question.until]:
            self._retire(question, f"came more than {NONCE_LIFE:.0f} s after its question")

    def _retire(self, question: Question, why: str) -> None:
        if self._open.pop(question.nonce, None) is not None:
            self._retired.append((question.nonce, why))
            question.close()
