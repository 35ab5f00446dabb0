"""Signalling one process that is held: the last check, the signal, and what became of it, in words for people.

`hold` makes a `SignalAttempt` of a row. Nothing here locks: an attempt belongs to one confirmation, and a confirmation
to one thread at a time.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import psutil

from procwidget.actions.adjustments import adjustment_of, oom_score
from procwidget.actions.audit import AuditLog
from procwidget.actions.hold_and_send import Target
from procwidget.actions.identity_check import Facts, read_facts
from procwidget.actions.kernel_deeds import deed_of
from procwidget.actions.policy import Protected, called, refusal
from procwidget.errors import ActionRefused
from procwidget.identity import boot_id
from procwidget.sample import Process

Result = Literal["ended", "gone", "changed", "not permitted", "alive", "sent", "refused", "unknown"]

_log = logging.getLogger("procwidget")
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.002, 0.05
_COLLECTING = 0.2
"""Seconds that a parent gets to collect its child before it is said that it did not."""

_SENT = {"SIGSTOP": "Stopped {}", "SIGCONT": "Continued {}", "SIGINT": "Sent an interrupt to {}"}
_ENDED = {"SIGKILL": "Killed {}"}
_WHY_ALIVE = {
    psutil.STATUS_STOPPED: ": it is stopped, and would act on the signal when continued",
    psutil.STATUS_DISK_SLEEP: ": it waits in the kernel, and ends when that answers",
}


@dataclass(eq=False)
class SignalAttempt:
    """One process of a confirmation: its row, what holds it, and the facts when it was asked for."""

    row: Process
    target: Target
    asked: Facts
    result: Result = "refused"
    text: str = ""
    action: str = field(default="", init=False)
    """What was sent to it last."""
    logged: bool = field(default=False, init=False)
    """Whether the audit log has a line of what is to be sent."""

    def end(self, result: Result, text: str) -> None:
        """Note what became of it."""
        self.result, self.text = result, text

    def permit(self, action: str, context: Protected) -> bool:
        """Ask the policy once more; return whether `action` may be sent, and note why if it may not."""
        self.logged = False
        problem = refusal(self.row, action, context)
        if problem:
            self.end("refused", problem)
        return problem is None

    def do(self, action: str) -> None:
        """Check once more and send `action`; whatever happens becomes the result.

        The audit line is written before, for it may take a while on a busy disk; this check stands directly before the
        signal.
        """
        who = called(self.row)
        try:
            facts = read_facts(self.target.pid)
            # While the process runs its pid is its own, so this says that the facts were of this process.
            if facts is None or not self.target.runs():
                self.end("gone", f"{who} was gone already")
            elif difference := facts.difference_since(self.asked):
                self.end("changed", f"{who} changed: not signalled, {difference}")
            else:
                self.target.send(action)
                self.action = action
                adjustment, deed = adjustment_of(action), deed_of(action)
                done = "{} " + adjustment.done if adjustment else _SENT.get(action, f"Sent {action} to {{}}")
                self.end("sent", deed.done(self.row) if deed else done.replace("{}", who))
        except ProcessLookupError as error:
            self.end("gone", f"{who} {error.strerror}")
        except PermissionError:
            self.end("not permitted", _not_permitted(self.row, action))
        except OSError as error:
            self.end("refused", f"{who} could not be signalled: {error.strerror or error}")
        except Exception:
            # The others of its batch were promised an outcome too.
            _log.exception("A signal failed")
            self.end("unknown", f"procwidget failed at {who}, which may have been signalled; the kernel's log says how")

    def line(self, event: str, action: str, by: str) -> dict[str, Any]:
        """Return a line for the audit log."""
        return {
            "time": time.time(),
            "event": event,
            "signal": action,
            "pid": self.row["pid"],
            "identity": self.row["identity"],
            "boot_id": boot_id(),
            "name": self.row["name"],
            "owner": self.row["user"],
            "by": by,
            "by_pid": os.getpid(),
        }

    def outcome(self) -> dict[str, Any]:
        """Return what happened, as the browser gets it."""
        row = self.row
        return {
            "pid": row["pid"],
            "name": row["name"],
            "identity": row["identity"],
            "result": self.result,
            "text": self.text,
        }


def hold(row: Process, begun: float, holder: Callable[[int], Target]) -> SignalAttempt:
    """Hold the process that `row` shows, of a sample begun at monotonic `begun`: first hold its pid, then look.

    Raises:
        ActionRefused: it is gone, it is not what was shown, or this cannot be told.
    """
    who = called(row)
    target = None
    attempt = None
    try:
        target = holder(row["pid"])
        facts = read_facts(row["pid"])
        if not target.runs():
            ended = facts is not None and facts.identity == row["identity"] and facts.status == psutil.STATUS_ZOMBIE
            why = "has ended: only its parent can collect it" if ended else "was gone already"
            raise ActionRefused(f"{who} {why}.")
        if facts is None:
            raise ActionRefused(f"{who} cannot be looked at: not signalled.")
        if difference := facts.difference_from_row(row):
            raise ActionRefused(f"{who} changed: not signalled, {difference}.")
        if not facts.surely_read_at(begun):
            raise ActionRefused(f"{who} had only just started: it can be signalled after the next reading.")
        if not target.may_be_signalled():
            raise ActionRefused(f"{_not_permitted(row)}.")
        attempt = SignalAttempt(row, target, facts)
        return attempt
    except ProcessLookupError as error:
        raise ActionRefused(f"{who} was gone already.") from error
    except OSError as error:
        raise ActionRefused(f"{who} cannot be looked at, so it is not signalled: {error.strerror or error}.") from error
    finally:
        if target is not None and attempt is None:
            target.close()


def log_all(attempts: Sequence[SignalAttempt], action: str, by: str, audit: AuditLog) -> None:
    """Write to the audit log what is to be sent to these, all in one go; if that fails all of them are refused."""
    try:
        if attempts:
            audit.append(*[attempt.line("signal", action, by) for attempt in attempts])
        for attempt in attempts:
            attempt.logged = True
    except ActionRefused as error:
        for attempt in attempts:
            attempt.end("refused", str(error))


def record_all(attempts: Sequence[SignalAttempt], action: str, by: str, audit: AuditLog) -> None:
    """Write the outcomes of those that stand in the audit log; a failure is added to their texts."""
    logged = [attempt for attempt in attempts if attempt.logged]
    try:
        if logged:
            audit.append(*[one.line("outcome", action, by) | {"result": one.result} for one in logged])
    except ActionRefused:
        for attempt in logged:
            attempt.text += "; this outcome is missing in the audit log, which could not be written"


def _not_permitted(row: Process, action: str = "") -> str:
    adjustment = adjustment_of(action)
    if adjustment is not None:
        # Who raised the nice value or the OOM score of their own process may not take it back.
        if adjustment.nice is not None and row["nice"] is not None and adjustment.nice < row["nice"]:
            return f"Only an administrator may lower the nice value of {called(row)}"
        before = oom_score(row["pid"]) if adjustment.text else None
        if before is not None and int(adjustment.text) < before:
            return f"Only an administrator may lower what is added to the OOM score of {called(row)}, which is {before}"
    owner = f"it belongs to {row['user']}" if row["user"] else "it belongs to another user"
    return f"Not permitted to signal {called(row)}: {owner}"


def wait_until_ended(attempts: Sequence[SignalAttempt], patience: float, hurry: threading.Event) -> None:
    """Wait for all that were signalled, together, for `patience` seconds or until `hurry` is set."""
    began = time.monotonic()
    waiting = _still_running([attempt for attempt in attempts if attempt.result == "sent"])
    pause = _SHORTEST_PAUSE
    while waiting and time.monotonic() - began < patience and not hurry.wait(pause):
        waiting = _still_running(waiting)
        pause = min(2 * pause, _LONGEST_PAUSE)
    elapsed = time.monotonic() - began
    for attempt in waiting:
        facts = _facts_or_none(attempt)
        why = _WHY_ALIVE.get(facts.status, "") if facts else ""
        attempt.end("alive", f"{called(attempt.row)} is still alive after {elapsed:.0f} s{why}")
    _name_the_uncollected([attempt for attempt in attempts if attempt.result == "ended"], hurry)


def _still_running(attempts: list[SignalAttempt]) -> list[SignalAttempt]:
    for attempt in attempts:
        if not attempt.target.runs():
            deed = deed_of(attempt.action)
            ended = _ENDED.get(attempt.action, "Ended {}").replace("{}", called(attempt.row))
            attempt.end("ended", deed.done(attempt.row) if deed else ended)
    return [attempt for attempt in attempts if attempt.result != "ended"]


def _name_the_uncollected(attempts: list[SignalAttempt], hurry: threading.Event) -> None:
    until = time.monotonic() + _COLLECTING
    while attempts := [attempt for attempt in attempts if _is_zombie(attempt)]:
        if time.monotonic() >= until or hurry.wait(0.01):
            break
    for attempt in attempts:
        attempt.text += ": its parent has not collected it yet"


def _is_zombie(attempt: SignalAttempt) -> bool:
    facts = _facts_or_none(attempt)
    return facts is not None and facts.identity == attempt.asked.identity and facts.status == psutil.STATUS_ZOMBIE


def _facts_or_none(attempt: SignalAttempt) -> Facts | None:
    try:
        return read_facts(attempt.target.pid)
    except OSError:
        return None
