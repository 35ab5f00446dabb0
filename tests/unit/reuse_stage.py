"""The stage of test_pid_reuse: in a pid namespace of its own, a dead process's pid is given to an impostor.

Run as a module it makes the kernel do that (`ns_last_pid`) at each point of the protocol, plays the protocol around it,
and reports as JSON what reached whom.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from procwidget.actions import attempt, hold_and_send, identity_check, late_hold
from procwidget.actions.audit import AuditLog
from procwidget.actions.confirmations import MOST_CONFIRMATIONS, RATE_SECONDS
from procwidget.actions.service import SignalService
from procwidget.identity import TICKS_PER_SECOND
from procwidget.rate_limit import RateLimit
from procwidget.sources.linux.source import LinuxSource
from procwidget.sources.portable.source import PortableSource
from tests.unit.action_stage import confirm

POINTS = (
    "between sample and ask",
    "between policy and hold",
    "between hold and the look at it",
    "between ask and confirm",
    "between audit line and check",
    "between check and signal",
    "between SIGTERM and force kill",
)
WAYS = {
    "pidfds": (PortableSource, hold_and_send.PidfdTarget, 24),
    "no pidfds": (PortableSource, hold_and_send.PsutilTarget, 12),
    "held late": (PortableSource, late_hold.LateTarget, 12),
    "rows of the gated source": (LinuxSource, hold_and_send.PidfdTarget, 12),
}
"""How rows are read, processes held, and how often each point is tried."""

ACTIONS = ("SIGTERM", "SIGKILL", "SIGINT", "renice 5")
_TICK = 1_000_000_000 // TICKS_PER_SECOND
"""Nanoseconds of a clock tick."""

REPORTED = {signal.SIGTERM, signal.SIGINT, signal.SIGCONT}


class Victim:
    """A forked child that waits for its pipe to close, then says by its exit what had reached it."""

    def __init__(self, blocked: bool) -> None:
        ready, told = os.pipe()
        reading, self._pipe = os.pipe()
        nice = os.getpriority(os.PRIO_PROCESS, 0)
        self.pid = os.fork()
        if self.pid == 0:
            if blocked:
                signal.pthread_sigmask(signal.SIG_BLOCK, REPORTED)
            os.close(self._pipe)
            os.write(told, b"1")
            os.read(reading, 1)
            touched = bool(signal.sigpending() & REPORTED) or os.getpriority(os.PRIO_PROCESS, 0) != nice
            os._exit(7 if touched else 0)
        os.read(ready, 1)
        for end in (ready, told, reading):
            os.close(end)
        self.ticks = Path(f"/proc/{self.pid}/stat").read_bytes().rpartition(b")")[2].split()[19]

    def let_go(self) -> bool:
        """End it and return whether anything had reached it."""
        os.close(self._pipe)
        return os.waitpid(self.pid, 0)[1] != 0

    def give_pid_to_another(self) -> Victim:
        """End it and have the kernel give its pid to a new process."""
        os.kill(self.pid, signal.SIGKILL)
        self.let_go()
        Path("/proc/sys/kernel/ns_last_pid").write_text(str(self.pid - 1))
        return Victim(blocked=True)


class Try:
    """One run of the protocol with, at one point, the pid given to an impostor."""

    def __init__(self, way: str, point: str, number: int, log: str) -> None:
        source, holder, _ = WAYS[way]
        pidfds = holder is hold_and_send.PidfdTarget
        self.point = point
        self.impostor: Victim | None = None
        self.action = ACTIONS[number % len(ACTIONS)]
        if point == "between SIGTERM and force kill" or (
            # Renice has no pidfd: its last microseconds are documented as open.
            point == "between check and signal" and pidfds and self.action.startswith("renice")
        ):
            self.action = "SIGTERM"
        hurried = number % 2 == 1
        # All that takes time comes first, for a twin must start within the tick of the victim.
        reader = source()
        reader.read()
        log_of_try = AuditLog(log)
        patched: list[tuple[Any, str, Any]] = []

        def patch(place: Any, name: str, value: Any) -> None:
            patched.append((place, name, getattr(place, name)))
            setattr(place, name, value)

        if pidfds and hurried and point not in POINTS[:3]:
            # Take the guard of young processes away, so that only the pidfd stands between a twin and the signal.
            patch(identity_check.Facts, "surely_read_at", lambda _facts, _begun: True)
        if point == "between policy and hold":
            patch(holder, "__init__", self.before(holder.__init__))
        if point == "between hold and the look at it":
            patch(attempt, "read_facts", self.before(attempt.read_facts))
        if point == "between audit line and check":
            patch(log_of_try, "append", self.after(log_of_try.append))
        if point == "between check and signal" and pidfds:
            patch(signal, "pidfd_send_signal", self.before(signal.pidfd_send_signal, only=lambda *call: call[1] != 0))
        elif point == "between check and signal":
            patch(holder, "send", self.before(holder.send))
        self.service = SignalService(
            lambda: self.sample,
            allowed=True,
            other_users=True,
            audit=log_of_try,
            pidfds=pidfds,
            patience=0.01 if point == "between SIGTERM and force kill" else 60.0,
            rate=RateLimit(MOST_CONFIRMATIONS, RATE_SECONDS),
        )
        if holder is late_hold.LateTarget:
            # As beyond the share of file descriptors that are kept.
            self.service._holder = holder
        try:
            if hurried:
                # At the beginning of a tick: who takes the pid within the same one is a twin.
                while time.clock_gettime_ns(time.CLOCK_BOOTTIME) % _TICK > _TICK // 20:
                    pass
            self.victim = Victim(blocked=point == "between SIGTERM and force kill")
            if not hurried:
                time.sleep(0.021)
            self.sample = reader.read()
            self.result = self.play()
        finally:
            self.service.close()
            reader.close()
            for place, name, value in reversed(patched):
                setattr(place, name, value)

    def reuse(self) -> None:
        if self.impostor is None:
            self.impostor = self.victim.give_pid_to_another()

    def before(self, act: Callable[..., Any], only: Callable[..., bool] = lambda *_: True) -> Callable[..., Any]:
        def wrapped(*call: Any) -> Any:
            if only(*call):
                self.reuse()
            return act(*call)

        return wrapped

    def after(self, act: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*call: Any) -> Any:
            act(*call)
            self.reuse()

        return wrapped

    def play(self) -> str:
        row = next(row for row in self.sample["processes"] if row["pid"] == self.victim.pid)
        if self.point == "between sample and ask":
            self.reuse()
        question = self.service.ask([row["identity"]], self.action, "view")
        if question["result"] == "refused":
            return "refused"
        if self.point == "between ask and confirm":
            self.reuse()
        answer = confirm(self.service, question)
        if self.point == "between SIGTERM and force kill":
            assert answer["outcomes"][0]["result"] == "alive", answer
            self.reuse()
            answer = confirm(self.service, answer["question"])
        return answer["outcomes"][0]["result"]


def played(way: str, point: str, tries: int, log: str, *, hurried: bool = False) -> dict[str, Any]:
    """Play one point so many times, all `hurried` or every second one, and return what happened."""
    figures: dict[str, Any] = {"tries": tries, "reused": 0, "twins": 0, "wrong": 0, "results": Counter()}
    for number in range(tries):
        one = Try(way, point, 2 * number + 1 if hurried else number, log)
        figures["results"][one.result] += 1
        if one.impostor is not None:
            figures["reused"] += one.impostor.pid == one.victim.pid
            figures["twins"] += one.impostor.ticks == one.victim.ticks
            figures["wrong"] += one.impostor.let_go()
        else:
            one.victim.let_go()
    return figures


def stage(log: str, times: int) -> dict[str, Any]:
    """Play all points in all ways, so many times as often as usual, and return what happened at each."""
    # A twin has 10 ms to come: where that is allowed, before whatever else this machine does.
    with suppress(OSError):
        os.nice(-20)
    report: dict[str, Any] = {
        way: {point: played(way, point, times * tries, log) for point in POINTS} for way, (_, _, tries) in WAYS.items()
    }
    twins = sum(figures["twins"] for figures in report["pidfds"].values())
    report["until a twin"] = {"twins": twins, "wrong": 0}
    deadline = time.monotonic() + 180
    while not report["until a twin"]["twins"] and time.monotonic() < deadline:
        report["until a twin"] = played("pidfds", POINTS[0], 24, log, hurried=True)
    report["no reuse"] = {way: played(way, "no reuse", 2, log)["results"] for way in WAYS}
    report["plain kill"] = {"tries": 4, "wrong": 0}
    for name in ("SIGTERM", "SIGKILL", "SIGINT", "SIGCONT"):
        victim = Victim(blocked=False)
        impostor = victim.give_pid_to_another()
        os.kill(victim.pid, signal.Signals[name])
        report["plain kill"]["wrong"] += impostor.let_go()
    report["still held"] = {holder.__name__: _still_held(holder) for _, holder, _ in WAYS.values()}
    return report


def _still_held(holder: Callable[[int], hold_and_send.Target]) -> dict[str, Any]:
    """Hold a process, give its pid to another, and return what the hold itself says then."""
    victim = Victim(blocked=False)
    time.sleep(0.021)
    held = holder(victim.pid)
    impostor = victim.give_pid_to_another()
    said = {"runs": held.runs(), "gone": 0}
    for action in ACTIONS:
        try:
            held.send(action)
        except ProcessLookupError:
            said["gone"] += 1
    held.close()
    return said | {"wrong": impostor.let_go()}


if __name__ == "__main__":
    json.dump(stage(sys.argv[1], int(sys.argv[2])), sys.stdout)
