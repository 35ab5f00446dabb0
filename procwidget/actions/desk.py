"""The desk where signals are asked for, confirmed and sent: for one dashboard, the whole of the protocol.

Requests enter from any thread and may hold anything; plain dicts leave, in the shape that the browser gets. `ask`
holds the processes and returns a question with a nonce; `confirm` checks everything again, writes the audit line,
signals, and waits up to `PATIENCE` for all of them together, so it must not be called in a thread that is needed.
The lock guards the open questions and the rate; it is not held while processes are looked at or waited for. A timer's
thread gives up questions in time, as long as some are open.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import Any

import psutil

from procwidget.actions import policy
from procwidget.actions.audit import AuditLog
from procwidget.actions.deed import NONCE_LIFE, Deed, Question, hold, wait_until_ended
from procwidget.actions.facts import host_boot_id, proc_is_own
from procwidget.actions.policy import Protected
from procwidget.actions.target import PidfdTarget, PsutilTarget, Target, pidfds_work
from procwidget.errors import ActionRefused, InvalidArgument
from procwidget.sample import Sample

PATIENCE = 5.0
"""Seconds to wait for signalled processes to end."""

MOST_SIGNALS, RATE_SECONDS = 10, 60.0
"""How many signals are sent in how many seconds at most."""

MOST_OF_VIEW, MOST_QUESTIONS = 3, 12
"""Open questions of one view and of all; the oldest gives way."""

_GRACE = 0.05
_OLDEST_READING = 30.0
_REMEMBERED = 64
_LONGEST_TEXT = 64


class ActionDesk:
    """Takes requests to signal processes; answers each with a question, outcomes, or an error that says why not.

    Args:
        latest: returns the newest sample, `None` before the first. Only what it shows can be signalled.
        allowed: whether signals are on at all.
        other_users: whether processes of other users may be signalled, as far as the system permits it.
        audit: where signals are recorded; `None` is the log of this host and user.
        clock: monotonic seconds, the clock of `sample["monotonic"]`.
        pidfds: whether processes are held by pidfds; `None` is yes if this system can.
        patience: seconds to wait for signalled processes to end.
    """

    def __init__(
        self,
        latest: Callable[[], Sample | None],
        *,
        allowed: bool,
        other_users: bool,
        audit: AuditLog | None = None,
        clock: Callable[[], float] = time.monotonic,
        pidfds: bool | None = None,
        patience: float = PATIENCE,
    ) -> None:
        self._latest = latest
        self._allowed = allowed
        self._other_users = other_users
        self._audit = audit or AuditLog()
        self._clock = clock
        by_pidfd = pidfds_work() if pidfds is None else pidfds
        self._holder: Callable[[int], Target] = PidfdTarget if by_pidfd else PsutilTarget
        self._patience = patience
        self._lock = threading.Lock()
        self._open: dict[str, Question] = {}
        self._retired: deque[tuple[str, str]] = deque(maxlen=_REMEMBERED)
        self._sent: deque[float] = deque(maxlen=MOST_SIGNALS)
        self._timer: threading.Timer | None = None
        self._closed = threading.Event()

    def ask(self, identities: object, signal: object, by: object) -> dict[str, Any]:
        """Hold processes of the newest sample and return the question whether to signal them.

        Args:
            identities: a list of 1 to 10 identities, as in a sample's rows.
            signal: one of `policy.SIGNALS`, or "renice N".
            by: the view that asks; only it can confirm.

        Returns:
            `{"result": "question", "nonce", "expires", "signal", "targets": [{"pid", "name", "identity"}],
            "refusals"}`, with a sentence in `refusals` for each process that is left out. When none is left:
            `{"result": "refused", "refusals"}`.

        Raises:
            InvalidArgument: an argument has the wrong type or size.
            ActionRefused: nothing can be signalled now, whichever process it is.
        """
        view, wanted, action = _text("view", by), _identities(identities), _text("signal", signal)
        context = self._context()
        if problem := policy.switched_off(context) or policy.unknown_signal(action):
            raise ActionRefused(problem)
        with self._lock:
            self._drop_expired()
            self._require_rate(len(wanted))
        sample = self._recent_sample()
        deeds: list[Deed] = []
        refusals: list[str] = []
        with ExitStack() as unkept:
            for identity in wanted:
                try:
                    deed = self._hold(identity, action, sample, context)
                except ActionRefused as error:
                    refusals.append(str(error))
                else:
                    unkept.callback(deed.target.close)
                    deeds.append(deed)
            if not deeds:
                return {"result": "refused", "refusals": refusals}
            question = self._keep(action, view, deeds)
            unkept.pop_all()
        return question.as_message(refusals)

    def confirm(self, nonce: object, by: object, signal: object = None, identities: object = None) -> dict[str, Any]:
        """Signal the processes of a question, wait for them together and return what happened to each.

        Args:
            nonce: that of the question; it is good for one confirmation within `NONCE_LIFE`.
            by: the view that asked.
            signal: what the view takes the question for, if it says so; any other than asked for is refused.
            identities: likewise.

        Returns:
            `{"result": "outcome", "outcomes": [{"pid", "name", "identity", "result", "text"}], "question"}`, where
            `result` is ended, gone, changed, not permitted, alive, sent or refused. `question` is a new one, for
            SIGKILL, when some are still alive after SIGTERM, else `None`.

        Raises:
            InvalidArgument: an argument has the wrong type or size.
            ActionRefused: the nonce is not good for this; nothing was sent.
        """
        view, token, context = _text("view", by), _text("nonce", nonce), self._context()
        question = self._take(token, view, signal, identities)
        action, deeds = question.action, question.deeds
        still_held: list[Deed] = []
        try:
            for deed in deeds:
                deed.do(action, view, context, self._audit)
            if action in ("SIGTERM", "SIGKILL"):
                wait_until_ended(deeds, self._patience, self._closed)
            for deed in deeds:
                deed.record(action, view, self._audit)
            outcomes = [deed.outcome() for deed in deeds]
            alive = [deed for deed in deeds if deed.result == "alive"]
            offer = None
            if alive and action == "SIGTERM" and not self._closed.is_set():
                # The same hold goes on, so that force kill can only reach what SIGTERM reached.
                still_held = alive
                offer = self._keep("SIGKILL", view, alive).as_message([])
            return {"result": "outcome", "outcomes": outcomes, "question": offer}
        finally:
            for deed in deeds:
                if deed not in still_held:
                    deed.target.close()

    def cancel(self, nonce: object, by: object) -> None:
        """Give up a question of the view `by`; anything else is ignored."""
        with self._lock:
            question = self._open.get(nonce) if isinstance(nonce, str) else None
            if question is not None and question.view == by:
                self._retire(question, "was cancelled")

    def close(self) -> None:
        """Give up all questions, for good; a confirmation at work stops waiting."""
        self._closed.set()
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            for question in list(self._open.values()):
                self._retire(question, "was given up")

    def _context(self) -> Protected:
        if self._closed.is_set():
            raise ActionRefused("This dashboard is closed: nothing is signalled from it.")
        try:
            if not proc_is_own():
                raise ActionRefused("Pids in /proc are those of another pid namespace: nothing is signalled here.")
            return Protected.now(allowed=self._allowed, other_users=self._other_users)
        except (OSError, psutil.Error) as error:
            raise ActionRefused(
                f"What must not be signalled cannot be found out ({error}): nothing is sent."
            ) from error

    def _recent_sample(self) -> Sample:
        sample = self._latest()
        if sample is None:
            raise ActionRefused("There is no reading of the processes yet: ask again in a moment.")
        here = host_boot_id()
        if here is not None and sample["boot_id"] != here:
            raise ActionRefused("The processes shown are not those of this host since its last start: not signalled.")
        age = self._clock() - sample["monotonic"]
        if age > max(_OLDEST_READING, 3 * (sample["interval"] or 0.0)):
            raise ActionRefused(f"The newest reading is {age:.0f} s old: wait for the next before you signal anything.")
        return sample

    def _hold(self, identity: str, action: str, sample: Sample, context: Protected) -> Deed:
        row = next((row for row in sample["processes"] if row["identity"] == identity), None)
        if row is None:
            pid = identity.partition("-")[0]
            raise ActionRefused(f"Process {pid} as it was shown is not in the newest reading: not signalled.")
        if problem := policy.refusal(row, action, context):
            raise ActionRefused(problem)
        return hold(row, sample["monotonic"], self._holder)

    def _keep(self, action: str, view: str, deeds: list[Deed]) -> Question:
        question = Question(secrets.token_urlsafe(), action, view, deeds, self._clock() + NONCE_LIFE)
        with self._lock:
            self._drop_expired()
            of_view = [other for other in self._open.values() if other.view == view]
            # Dicts keep their order: the first is the oldest.
            for crowded, most in ((of_view, MOST_OF_VIEW), (list(self._open.values()), MOST_QUESTIONS)):
                if len(crowded) >= most:
                    self._retire(crowded[0], "gave way to newer ones")
            self._open[question.nonce] = question
            if self._closed.is_set():
                self._retire(question, "was given up")
            self._wait_for_the_oldest()
        return question

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

    def _take(self, nonce: str, view: str, signal: object, identities: object) -> Question:
        with self._lock:
            self._drop_expired()
            question = self._open.get(nonce)
            if question is None:
                why = dict(self._retired).get(nonce, "is not known")
            elif question.view != view:
                why = "belongs to another view"
            elif signal is not None and signal != question.action:
                why = f"is for {question.action} and nothing else"
            elif identities is not None and identities != [deed.row["identity"] for deed in question.deeds]:
                why = "is for other processes"
            else:
                self._require_rate(len(question.deeds))
                self._sent.extend([self._clock()] * len(question.deeds))
                del self._open[nonce]
                self._retired.append((nonce, "was used already"))
                return question
        raise ActionRefused(f"This confirmation {why}: ask again.")

    def _drop_expired(self) -> None:
        now = self._clock()
        for question in [question for question in self._open.values() if now > question.until]:
            self._retire(question, f"came more than {NONCE_LIFE:.0f} s after its question")

    def _retire(self, question: Question, why: str) -> None:
        if self._open.pop(question.nonce, None) is not None:
            self._retired.append((question.nonce, why))
            question.close()

    def _require_rate(self, more: int) -> None:
        now = self._clock()
        recent = [moment for moment in self._sent if now - moment < RATE_SECONDS]
        over = len(recent) + more - MOST_SIGNALS
        if over > 0:
            wait = RATE_SECONDS - (now - recent[over - 1])
            raise ActionRefused(f"At most {MOST_SIGNALS} signals a minute are sent: try again in {wait:.0f} s.")


def _text(name: str, value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_TEXT or not value.isprintable():
        raise InvalidArgument(f"The {name} must be a text of 1 to {_LONGEST_TEXT} printable characters.")
    return value


def _identities(value: object) -> list[str]:
    if not isinstance(value, list) or not 0 < len(value) <= MOST_SIGNALS:
        raise InvalidArgument(f"The identities must be a list of 1 to {MOST_SIGNALS}: so many are signalled at once.")
    return list(dict.fromkeys(_text("identity", identity) for identity in value))
