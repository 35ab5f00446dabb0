"""No signal ever reaches a process that took a pid over: reuse is forced for real, at every point of the protocol.

Run as a script this file is the stage: in a pid namespace of its own it makes the kernel give a dead process's pid to
an impostor (`ns_last_pid`), plays the protocol around it, and reports as JSON what reached whom.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.action_stage import confirm

TRIES = 72
POINTS = (
    "between sample and ask",
    "between policy and pidfd_open",
    "between pidfd_open and the look at it",
    "between ask and confirm",
    "between audit line and check",
    "between check and signal",
    "between SIGTERM and force kill",
)
ACTIONS = ("SIGTERM", "SIGKILL", "SIGINT", "renice 5")
REPORTED = {signal.SIGTERM, signal.SIGINT, signal.SIGCONT}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What happened on the stage; where no pid namespace can be had, the reason, and a failure if CI asks."""
    namespace = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]
    if os.geteuid() != 0:
        namespace[1:1] = ["--user", "--map-root-user"]
    why = None
    try:
        probe = subprocess.run([*namespace, "sh", "-c", "echo 1 > /proc/sys/kernel/ns_last_pid"], capture_output=True)
        if probe.returncode:
            why = f"pid reuse cannot be forced here: {probe.stderr.decode(errors='replace').strip()}"
    except FileNotFoundError:
        why = "pid reuse cannot be forced here: there is no unshare(1)"
    if why is None:
        log = tmp_path_factory.mktemp("audit") / "audit.jsonl"
        stage = subprocess.run(
            [*namespace, sys.executable, "-m", "tests.unit.test_pid_reuse", str(log)],
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            timeout=240,
        )
        assert stage.returncode == 0, stage.stderr
        return json.loads(stage.stdout)
    if os.environ.get("CI") == "true":
        pytest.fail(why)
    pytest.skip(why)


@pytest.mark.parametrize("point", POINTS)
def test_a_reused_pid_is_never_signalled(report: dict[str, Any], point: str) -> None:
    """Each time the pid went to an impostor, and no signal and no nice value reached it."""
    figures = report[point]
    assert figures["reused"] == figures["tries"] == TRIES
    assert figures["wrong"] == 0, figures
    assert figures["results"].keys() <= {"gone", "changed", "refused"}, figures


def test_reuse_was_forced_five_hundred_times_and_more(report: dict[str, Any]) -> None:
    """All points together make at least 500 forced reuses."""
    assert sum(report[point]["reused"] for point in POINTS) >= 500


def test_impostors_with_the_same_start_tick_were_among_them(report: dict[str, Any]) -> None:
    """The hard case: pid, start tick, user, parent and program all the same; the busier the host, the more tries."""
    assert sum(report[point]["twins"] for point in (*POINTS, "until a twin")) >= 1
    assert report["until a twin"]["wrong"] == 0


def test_without_pidfds_a_reused_pid_is_not_signalled_either(report: dict[str, Any]) -> None:
    """The fallback compares start times before each signal, and takes no process whose start tick was not over."""
    figures = report["without pidfds"]
    assert figures["reused"] == figures["tries"] > 0
    assert figures["wrong"] == 0, figures


def test_the_stage_would_notice_a_wrong_signal(report: dict[str, Any]) -> None:
    """Plain kill(2) by pid at the same moment does hit the impostor, and the count says so."""
    assert report["plain kill"]["wrong"] == report["plain kill"]["tries"] > 0


def test_without_reuse_the_signal_arrives(report: dict[str, Any]) -> None:
    """The refusals above are not for want of signals: untouched processes are hit every time."""
    assert report["no reuse"]["results"] == {"ended": report["no reuse"]["tries"]}


class Victim:
    """A forked child that waits for its pipe to close, then says by its exit what had reached it."""

    def __init__(self, blocked: bool) -> None:
        ready, told = os.pipe()
        reading, self._pipe = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            if blocked:
                signal.pthread_sigmask(signal.SIG_BLOCK, REPORTED)
            os.close(self._pipe)
            os.write(told, b"1")
            os.read(reading, 1)
            touched = bool(signal.sigpending() & REPORTED) or os.getpriority(os.PRIO_PROCESS, 0) != 0
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

    def __init__(self, point: str, number: int, log: str) -> None:
        from procwidget.actions import deed, facts, target
        from procwidget.actions.audit import AuditLog
        from procwidget.actions.desk import ActionDesk
        from procwidget.actions.rate import Rate
        from procwidget.sources.portable import PortableSource

        self.point = point
        self.impostor: Victim | None = None
        self.action = ACTIONS[number % len(ACTIONS)]
        if point == "between check and signal" and self.action.startswith("renice"):
            self.action = "SIGTERM"  # renice has no pidfd: its last microseconds are documented as open
        if point == "between SIGTERM and force kill":
            self.action = "SIGTERM"
        early = POINTS.index(point) < 3 if point in POINTS else False
        hurried = number % 2 == 1
        self.victim = Victim(blocked=point == "between SIGTERM and force kill")
        if not hurried or point == "without pidfds":
            time.sleep(0.021)
        self.sample = PortableSource().read()
        log_of_try = AuditLog(log)
        patched: list[tuple[Any, str, Any]] = []

        def patch(place: Any, name: str, value: Any) -> None:
            patched.append((place, name, getattr(place, name)))
            setattr(place, name, value)

        if not early and hurried and point != "without pidfds":
            # Take the guard of young processes away, so that only the pidfd stands between a twin and the signal.
            patch(facts.Facts, "surely_read_at", lambda _facts, _begun: True)
        if point == "between policy and pidfd_open":
            patch(target.os, "pidfd_open", self.before(os.pidfd_open))
        if point == "between pidfd_open and the look at it":
            patch(deed, "read_facts", self.before(deed.read_facts))
        if point == "between audit line and check":
            patch(log_of_try, "append", self.after(log_of_try.append))
        if point == "between check and signal":
            patch(signal, "pidfd_send_signal", self.before(signal.pidfd_send_signal, only=lambda *call: call[1] != 0))
        pidfds = point != "without pidfds"
        patience = 0.01 if point == "between SIGTERM and force kill" else 60.0
        self.desk = ActionDesk(
            lambda: self.sample,
            allowed=True,
            other_users=True,
            audit=log_of_try,
            pidfds=pidfds,
            patience=patience,
            rate=Rate(),
        )
        try:
            self.result = self.play()
        finally:
            self.desk.close()
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
        question = self.desk.ask([row["identity"]], self.action, "view")
        if question["result"] == "refused":
            return "refused"
        if self.point in ("between ask and confirm", "without pidfds"):
            self.reuse()
        answer = confirm(self.desk, question)
        if self.point == "between SIGTERM and force kill":
            assert answer["outcomes"][0]["result"] == "alive", answer
            self.reuse()
            answer = confirm(self.desk, answer["question"])
        return answer["outcomes"][0]["result"]


def played(point: str, tries: int, log: str) -> dict[str, Any]:
    """Play one point so many times and return what happened."""
    figures: dict[str, Any] = {"tries": tries, "reused": 0, "twins": 0, "wrong": 0, "results": Counter()}
    for number in range(tries):
        one = Try(point, number, log)
        figures["results"][one.result] += 1
        if one.impostor is not None:
            figures["reused"] += one.impostor.pid == one.victim.pid
            figures["twins"] += one.impostor.ticks == one.victim.ticks
            figures["wrong"] += one.impostor.let_go()
        else:
            one.victim.let_go()
    return figures


def stage(log: str) -> dict[str, Any]:
    """Play all points and return what happened at each."""
    report = {point: played(point, TRIES, log) for point in POINTS} | {
        "without pidfds": played("without pidfds", 24, log)
    }
    report["until a twin"] = {"twins": 0, "wrong": 0}
    deadline = time.monotonic() + 60
    while not any(report[point]["twins"] for point in (*POINTS, "until a twin")) and time.monotonic() < deadline:
        report["until a twin"] = played(POINTS[0], TRIES, log)
    report["plain kill"] = {"tries": 4, "wrong": 0}
    for name in ("SIGTERM", "SIGKILL", "SIGINT", "SIGCONT"):
        victim = Victim(blocked=False)
        impostor = victim.give_pid_to_another()
        os.kill(victim.pid, signal.Signals[name])
        report["plain kill"]["wrong"] += impostor.let_go()
    results: Counter[str] = Counter()
    for number in (0, 1):
        one = Try("no reuse", number, log)
        results[one.result] += 1
        one.victim.let_go()
    report["no reuse"] = {"tries": 2, "results": results}
    return report


if __name__ == "__main__":
    json.dump(stage(sys.argv[1]), sys.stdout)
