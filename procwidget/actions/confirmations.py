"""Confirmations that are pending: processes that are held, and the signal that somebody is to confirm for them.

A confirmation is kept until the view that asked takes it, or until it is cancelled, too old, or is replaced by a newer
one; then its process handles are closed. Any thread may call. The lock guards what is pending. A timer's thread closes
what is not confirmed in time; it exists only while something is pending.
"""

from __future__ import annotations

import secrets
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from procwidget import forking, threads
from procwidget.actions.attempt import SignalAttempt
from procwidget.errors import ActionRefused
from procwidget.rate_limit import RateLimit

NONCE_LIFE = 10.0
"""Seconds within which a signal must be confirmed."""

MOST_CONFIRMATIONS, RATE_SECONDS = 10, 60.0
"""How many confirmations are taken in how many seconds at most, however many processes each is about."""

MOST_OF_VIEW, MOST_PENDING = 3, 12
"""Pending confirmations of one view and of all; a newer one replaces the oldest."""

_GRACE = 0.05
_REMEMBERED = 64


@dataclass(frozen=True)
class PendingConfirmation:
    """Held processes, an action and whose it is to confirm with `nonce`, until `until` on the service's clock."""

    nonce: str
    action: str
    view: str
    attempts: list[SignalAttempt]
    until: float

    def identities(self) -> list[str]:
        """Return the identities of its processes, in their order."""
        return [attempt.row["identity"] for attempt in self.attempts]

    def as_message(self, refusals: list[str], patience: float) -> dict[str, Any]:
        """Return the confirmation as the browser gets it.

        Args:
            refusals: a sentence for each process that was left out.
            patience: seconds that processes are given to end once it is confirmed.
        """
        rows = [attempt.row for attempt in self.attempts]
        return {
            "result": "question",
            "nonce": self.nonce,
            "expires": NONCE_LIFE,
            "patience": patience,
            "signal": self.action,
            "targets": [{"pid": row["pid"], "name": row["name"], "identity": row["identity"]} for row in rows],
            "refusals": refusals,
        }

    def close(self) -> None:
        """Give back what holds the processes."""
        for attempt in self.attempts:
            attempt.target.close()


def too_many(rate: RateLimit) -> ActionRefused:
    """Return the refusal that says when the next confirmation is taken."""
    return ActionRefused(f"At most {rate.most} confirmations a minute are taken: try again in {rate.wait():.0f} s.")


class Confirmations:
    """Keeps questions until they are taken, cancelled, too old or too many, and then gives back what they hold.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._open: dict[str, PendingConfirmation] = {}
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

    def keep(self, action: str, view: str, attempts: list[SignalAttempt]) -> PendingConfirmation:
        """Open a confirmation; what holds its processes is given back here from now on, or by whoever takes it."""
        pending = PendingConfirmation(secrets.token_urlsafe(), action, view, attempts, self._clock() + NONCE_LIFE)
        with self._lock:
            self._drop_expired()
            of_view = [other for other in self._open.values() if other.view == view]
            # Dicts keep their order: the first is the oldest.
            for crowded, most in ((of_view, MOST_OF_VIEW), (list(self._open.values()), MOST_PENDING)):
                if len(crowded) >= most:
                    self._retire(crowded[0], "gave way to newer ones")
            self._open[pending.nonce] = pending
            if self._closed:
                self._retire(pending, "was given up")
            self._wait_for_the_oldest()
        return pending

    def take(self, nonce: str, view: str, signal: object, identities: object, rate: RateLimit) -> PendingConfirmation:
        """Take a confirmation out, for good, when all that is said about it is true, and count it in `rate`.

        Raises:
            ActionRefused: it is not open, or not for this view, signal or these processes, or it is one too many.
        """
        with self._lock:
            self._drop_expired()
            pending = self._open.get(nonce)
            if pending is None:
                why = dict(self._retired).get(nonce, "is not known")
            elif pending.view != view:
                why = "belongs to another view"
            elif signal != pending.action:
                why = f"is for {pending.action} and nothing else"
            elif identities != pending.identities():
                why = "is for other processes"
            else:
                if not rate.take():
                    raise too_many(rate)
                del self._open[nonce]
                self._retired.append((nonce, "was used already"))
                return pending
        raise ActionRefused(f"This confirmation {why}: ask again.")

    def cancel(self, nonce: object, view: object) -> None:
        """Give up a confirmation of `view`; anything else is ignored."""
        with self._lock:
            pending = self._open.get(nonce) if isinstance(nonce, str) else None
            if pending is not None and pending.view == view:
                self._retire(pending, "was cancelled")

    def close(self) -> None:
        """Give up all, for good."""
        with self._lock:
            self._closed = True
            if self._timer is not None:
                self._timer.cancel()
            for pending in list(self._open.values()):
                self._retire(pending, "was given up")

    def _wait_for_the_oldest(self) -> None:
        """See to it that questions which nobody confirms are given up in time, though nobody asks anything again."""
        if self._timer is None and self._open:
            pause = min(pending.until for pending in self._open.values()) - self._clock()
            timer = threading.Timer(max(0.0, pause) + _GRACE, self._sweep)
            timer.name, timer.daemon = "procwidget-confirmations", True
            # Where no thread can be started, the next confirmation sweeps.
            with suppress(threads.NoThread):
                threads.start(timer)
                self._timer = timer

    def _sweep(self) -> None:
        with self._lock:
            self._timer = None
            self._drop_expired()
            self._wait_for_the_oldest()

    def _drop_expired(self) -> None:
        now = self._clock()
        for pending in [pending for pending in self._open.values() if now > pending.until]:
            self._retire(pending, f"came more than {NONCE_LIFE:.0f} s after its question")

    def _retire(self, pending: PendingConfirmation, why: str) -> None:
        if self._open.pop(pending.nonce, None) is not None:
            self._retired.append((pending.nonce, why))
            pending.close()
