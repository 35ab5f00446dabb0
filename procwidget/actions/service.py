"""The service that asks for confirmation and signals processes: one for each dashboard, the whole of the protocol.

`ask` holds the processes and returns a question with a nonce. `confirm` checks everything again, writes the audit
line, signals, and waits up to `PATIENCE` for all of them together, so do not call it in a thread that is needed.
Requests may come from any thread and may hold anything; answers are plain dicts in the shape that the browser gets.
No lock is held while processes are looked at or waited for.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import Any

import psutil

from procwidget import forking
from procwidget.actions import policy
from procwidget.actions.attempt import SignalAttempt, hold, log_all, record_all, wait_until_ended
from procwidget.actions.audit import AuditLog
from procwidget.actions.confirmations import MOST_CONFIRMATIONS, RATE_SECONDS, Confirmations, too_many
from procwidget.actions.hold_and_send import PsutilTarget, Target, pidfds_work
from procwidget.actions.identity_check import proc_is_own
from procwidget.actions.kernel_deeds import deed_of, refusal_of_deed
from procwidget.actions.late_hold import BY_PIDFD
from procwidget.actions.order import in_order
from procwidget.actions.policy import Protected
from procwidget.errors import ActionRefused, InvalidArgument
from procwidget.identity import is_of_here, pid_of
from procwidget.rate_limit import RateLimit
from procwidget.sample import Process, Sample

PATIENCE = 5.0
"""Seconds to wait for signalled processes to end."""

MOST_AT_ONCE = 500
"""How many processes one confirmation is about at most."""

OF_THIS_PROCESS = RateLimit(MOST_CONFIRMATIONS, RATE_SECONDS)
"""The limit that all dashboards here share: another dashboard is no way to confirm more."""

_OLDEST_READING = 30.0
_LONGEST_TEXT = 64
_LONGEST_SIGNAL = 256


class SignalService:
    """Takes requests to signal processes; answers each with a question, outcomes, or an error that says why not.

    Args:
        latest: returns the newest sample, `None` before the first. Only what it shows can be signalled.
        allowed: whether signals are on at all.
        other_users: whether processes of other users may be signalled, as far as the system permits it.
        audit: where signals are recorded; `None` is the log of this host and user.
        clock: monotonic seconds, the clock of `sample["monotonic"]`.
        pidfds: whether processes are held by pidfds; `None` is yes if this system can.
        patience: seconds to wait for signalled processes to end.
        rate: what limits how many confirmations are taken; `None` is the one that all services of this process share.
        told: called with the outcomes of each confirmed question.
        cluster: returns the pids of the cluster that this process works for, which are never signalled.
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
        rate: RateLimit | None = None,
        told: Callable[[list[dict[str, Any]]], object] = lambda _outcomes: None,
        cluster: Callable[[], Iterable[int]] = lambda: (),
    ) -> None:
        self._latest = latest
        self._allowed = allowed
        self._other_users = other_users
        self._audit = audit or AuditLog()
        self._clock = clock
        by_pidfd = pidfds_work() if pidfds is None else pidfds
        self._holder: Callable[[int], Target] = BY_PIDFD if by_pidfd else PsutilTarget
        self._patience = patience
        self._told = told
        self._cluster = cluster
        self.rate = rate or OF_THIS_PROCESS
        self.confirmations = Confirmations(clock)
        self.sent = 0
        """How many signals were sent so far."""
        self._closed = threading.Event()
        forking.register(self)

    def after_fork(self) -> None:
        """In a forked child: make anew what threads wait for."""
        closed, self._closed = self._closed.is_set(), threading.Event()
        if closed:
            self._closed.set()

    def ask(self, identities: object, signal: object, by: object) -> dict[str, Any]:
        """Hold processes of the newest sample and return the question whether to signal them.

        Args:
            identities: a list of 1 to 500 identities, as in a sample's rows.
            signal: one of `policy.SIGNALS`, an adjustment such as "renice N", or one of `kernel_deeds.DEEDS`.
            by: the view that asks; only it can confirm.

        Returns:
            `{"result": "question", "nonce", "expires", "patience", "signal", "targets": [{"pid", "name",
            "identity"}], "refusals"}`, with its targets in the order in which they are signalled (see `order`), and a
            sentence in `refusals` for each process that is left out. When none is left: `{"result": "refused",
            "refusals"}`.

        Raises:
            InvalidArgument: an argument has the wrong type or size.
            ActionRefused: nothing can be signalled now, whichever process it is.
        """
        view, wanted, action = _text("view", by), _identities(identities), _text("signal", signal, _LONGEST_SIGNAL)
        context = self._context()
        if problem := policy.switched_off(context) or policy.unknown_signal(action):
            raise ActionRefused(problem)
        if self.rate.wait() > 0:
            raise too_many(self.rate)
        with ExitStack() as unkept:
            attempts, left_out = self._hold_all(wanted, action, context, unkept)
            refusals = list(left_out.values())
            if not attempts:
                return {"result": "refused", "refusals": refusals}
            question = self.confirmations.keep(action, view, attempts)
            unkept.pop_all()
        return question.as_message(refusals, self._patience)

    def signal(self, identities: list[str], signal: str, by: str) -> list[dict[str, Any]]:
        """Signal processes of the newest sample at once: for Python code, which is its own confirmation.

        Returns:
            Outcomes as `confirm` has them, of those too that were left out ("refused").

        Raises:
            InvalidArgument: an argument has the wrong type or size.
            ActionRefused: nothing can be signalled now, whichever process it is.
        """
        wanted, context = _identities(identities), self._context()
        if problem := policy.switched_off(context) or policy.unknown_signal(signal):
            raise ActionRefused(problem)
        with ExitStack() as held:
            attempts, left_out = self._hold_all(wanted, signal, context, held)
            self._signal(signal, by, attempts, context)
        refused = [
            {"pid": pid_of(identity), "name": None, "identity": identity, "result": "refused", "text": text}
            for identity, text in left_out.items()
        ]
        return [*(attempt.outcome() for attempt in attempts), *refused]

    def confirm(self, nonce: object, by: object, signal: object, identities: object) -> dict[str, Any]:
        """Signal the processes of a question, wait for them together and return what happened to each.

        Args:
            nonce: that of the question; it is good for one confirmation within `confirmations.NONCE_LIFE`.
            by: the view that asked.
            signal: what the view takes the question for; any other than asked for is refused.
            identities: likewise, those of its `targets` in their order.

        Returns:
            `{"result": "outcome", "outcomes": [{"pid", "name", "identity", "result", "text"}], "question"}`, where
            `result` is ended, gone, changed, not permitted, alive, sent, refused or unknown. `question` is a new one,
            for SIGKILL, when some are still alive after SIGTERM, else `None`.

        Raises:
            InvalidArgument: an argument has the wrong type or size.
            ActionRefused: the nonce is not good for this; nothing was sent.
        """
        view, token, context = _text("view", by), _text("nonce", nonce), self._context()
        question = self.confirmations.take(token, view, signal, identities, self.rate)
        action, attempts = question.action, question.attempts
        still_held: list[SignalAttempt] = []
        try:
            self._signal(action, view, attempts, context)
            outcomes = [attempt.outcome() for attempt in attempts]
            self._told(outcomes)
            alive = [attempt for attempt in attempts if attempt.result == "alive"]
            offer = None
            if alive and action == "SIGTERM" and not self._closed.is_set():
                # The same hold goes on, so that force kill can only reach what SIGTERM reached.
                offer = self.confirmations.keep("SIGKILL", view, alive).as_message([], self._patience)
                still_held = alive
            return {"result": "outcome", "outcomes": outcomes, "question": offer}
        finally:
            for attempt in attempts:
                if attempt not in still_held:
                    attempt.target.close()

    def _signal(self, action: str, view: str, attempts: list[SignalAttempt], context: Protected) -> None:
        try:
            log_all([attempt for attempt in attempts if attempt.permit(action, context)], action, view, self._audit)
            for attempt in attempts:
                if not attempt.logged:
                    continue
                if self._closed.is_set():
                    who = policy.called(attempt.row)
                    attempt.end("refused", f"{who} was not signalled: this dashboard was closed meanwhile")
                else:
                    attempt.do(action)
                    self.sent += attempt.result == "sent"
            deed = deed_of(action)
            if action in ("SIGTERM", "SIGKILL") or (deed and deed.ends):
                wait_until_ended(attempts, self._patience, self._closed)
        finally:
            record_all(attempts, action, view, self._audit)

    def cancel(self, nonce: object, by: object) -> None:
        """Give up a question of the view `by`; anything else is ignored."""
        self.confirmations.cancel(nonce, by)

    def close(self) -> None:
        """Give up all questions, for good; a confirmation at work stops waiting."""
        self._closed.set()
        self.confirmations.close()

    def _context(self) -> Protected:
        if self._closed.is_set():
            raise ActionRefused("This dashboard is closed: nothing is signalled from it.")
        try:
            if not proc_is_own():
                raise ActionRefused("Pids in /proc are those of another pid namespace: nothing is signalled here.")
            return Protected.now(allowed=self._allowed, other_users=self._other_users, cluster=self._cluster())
        except (OSError, psutil.Error) as error:
            raise ActionRefused(
                f"What must not be signalled cannot be found out ({error}): nothing is sent."
            ) from error

    def _recent_sample(self) -> Sample:
        sample = self._latest()
        if sample is None:
            raise ActionRefused("There is no reading of the processes yet: ask again in a moment.")
        if not is_of_here(sample["boot_id"], sample.get("pid_namespace")):
            raise ActionRefused("The processes shown are not those of this host since its last start: not signalled.")
        age = self._clock() - sample["monotonic"]
        if age > max(_OLDEST_READING, 3 * (sample["interval"] or 0.0)):
            raise ActionRefused(f"The newest reading is {age:.0f} s old: wait for the next before you signal anything.")
        return sample

    def _hold_all(
        self, wanted: list[str], action: str, context: Protected, held: ExitStack
    ) -> tuple[list[SignalAttempt], dict[str, str]]:
        """Hold processes until `held` ends; return them in order, and by identity why others are left out."""
        sample = self._recent_sample()
        rows = {row["identity"]: row for row in sample["processes"]}
        attempts: list[SignalAttempt] = []
        left_out: dict[str, str] = {}
        for identity in in_order(wanted, rows, action):
            try:
                attempt = self._hold(identity, rows.get(identity), action, sample["monotonic"], context)
            except ActionRefused as error:
                left_out[identity] = str(error)
            else:
                held.callback(attempt.target.close)
                attempts.append(attempt)
        return attempts, left_out

    def _hold(self, identity: str, row: Process | None, action: str, begun: float, context: Protected) -> SignalAttempt:
        if row is None:
            pid = pid_of(identity) or identity
            raise ActionRefused(f"Process {pid} as it was shown is not in the newest reading: not signalled.")
        if problem := policy.refusal(row, action, context) or (deed_of(action) and refusal_of_deed(row)):
            raise ActionRefused(problem)
        return hold(row, begun, self._holder)


def _text(name: str, value: object, longest: int = _LONGEST_TEXT) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= longest or not value.isprintable():
        raise InvalidArgument(f"The {name} must be a text of 1 to {longest} printable characters.")
    return value


def _identities(value: object) -> list[str]:
    if not isinstance(value, list) or not 0 < len(value) <= MOST_AT_ONCE:
        raise InvalidArgument(f"The identities must be a list of 1 to {MOST_AT_ONCE}: so many are signalled at once.")
    return list(dict.fromkeys(_text("identity", identity) for identity in value))
