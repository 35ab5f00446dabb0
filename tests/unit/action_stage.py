"""What the tests of actions share: children that end with their test, and samples that show them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from procwidget.actions.audit import AuditLog
from procwidget.actions.confirmations import MOST_CONFIRMATIONS, RATE_SECONDS
from procwidget.actions.service import SignalService
from procwidget.rate_limit import RateLimit
from procwidget.sample import Process, Sample
from procwidget.sources.portable.source import PortableSource
from tests.patience import PATIENCE, until
from tests.unit.source_stage import read_until

STUBBORN = (
    "import signal,sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); signal.pause()"
)


def needs_root() -> None:
    """Skip what only root can set up; in CI, which is root, that is a failure."""
    if os.geteuid() != 0:
        if os.environ.get("CI") == "true":
            pytest.fail("only root can start another user's process, and CI must")
        pytest.skip("only root can start another user's process")


def run_where_pids_can_be_given(what: str, options: list[str], *stage: str) -> Any:
    """What a stage reports as JSON from a pid namespace of its own, entered by unshare(1) with `options` too.

    Where none can be had the test is skipped for that reason, `what`; in CI that is a failure.
    """
    namespace = ["unshare", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"]), "--pid", "--fork", *options]
    why = None
    try:
        probe = subprocess.run([*namespace, "sh", "-c", "echo 1 > /proc/sys/kernel/ns_last_pid"], capture_output=True)
        if probe.returncode:
            why = f"{what}: {probe.stderr.decode(errors='replace').strip()}"
    except FileNotFoundError:
        why = f"{what}: there is no unshare(1)"
    if why is None:
        command = [*namespace, sys.executable, "-m", *stage]
        run = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=280)
        assert run.returncode == 0, run.stderr
        return json.loads(run.stdout)
    if os.environ.get("CI") == "true":
        pytest.fail(why)
    pytest.skip(why)


class Children:
    """Real child processes; `close` ends those that are left, by their pid."""

    def __init__(self) -> None:
        self._started: list[subprocess.Popen[bytes]] = []

    def start(self, *command: str, collected: bool = True, **options: Any) -> subprocess.Popen[bytes]:
        """Start a child; with `collected` a thread waits for it, as a good parent does."""
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **options)
        self._started.append(child)
        if collected:
            threading.Thread(target=child.wait, daemon=True).start()
        return child

    def sleeper(self, **options: Any) -> subprocess.Popen[bytes]:
        """Start a child that sleeps."""
        return self.start("sleep", "1000", **options)

    def stubborn(self) -> subprocess.Popen[bytes]:
        """Start a child that ignores SIGTERM, and wait until it does."""
        child = self.start(sys.executable, "-c", STUBBORN)
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        return child

    def close(self) -> None:
        for child in self._started:
            if child.poll() is None:
                child.send_signal(signal.SIGCONT)
                child.kill()
            child.wait()
            for pipe in (child.stdin, child.stdout):
                if pipe is not None:
                    pipe.close()


class Host:
    """The newest sample, as a monitor would have it, and services that look at it."""

    def __init__(self, log: AuditLog) -> None:
        self.log = log
        self.sample: Sample | None = None
        self._services: list[SignalService] = []

    def read(self) -> Sample:
        """Take a reading, not in the tick in which the youngest child started; nothing is at work after it."""
        time.sleep(0.025)
        before, source = set(threading.enumerate()), PortableSource()
        self.sample = read_until(source, lambda rows: all(row["user"] for row in rows.values()))
        source.close()
        until(lambda: set(threading.enumerate()) <= before)
        return self.sample

    def row(self, pid: int) -> Process:
        """Return the row of `pid`."""
        assert self.sample is not None
        return next(row for row in self.sample["processes"] if row["pid"] == pid)

    def identity(self, pid: int) -> str:
        """Return the identity of `pid` as shown."""
        return self.row(pid)["identity"]

    def service(self, **options: Any) -> SignalService:
        """Return a service with signals on."""
        settings: dict[str, Any] = {"allowed": True, "other_users": True, "audit": self.log, "patience": PATIENCE}
        # One of its own: the tests together send more than ten a minute.
        settings["rate"] = RateLimit(MOST_CONFIRMATIONS, RATE_SECONDS, options.get("clock", time.monotonic))
        service = SignalService(lambda: self.sample, **settings | options)
        self._services.append(service)
        return service

    def close(self) -> None:
        for service in self._services:
            service.close()


class Clock:
    """Monotonic seconds that move when told, from the real ones on."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead


def handles() -> int:
    """Return how many file descriptors this process has open."""
    return len(os.listdir("/proc/self/fd"))


def act(service: SignalService, identity: str, action: str) -> dict[str, Any]:
    """Ask and confirm; return the outcome of the one process."""
    answer = confirm(service, asked(service, identity, action))
    assert len(answer["outcomes"]) == 1
    return answer["outcomes"][0]


def asked(service: SignalService, identity: str, action: str = "SIGCONT", view: str = "view") -> dict[str, Any]:
    """Ask about one process and return the question."""
    question = service.ask([identity], action, view)
    assert question["result"] == "question", question
    return question


def confirm(service: SignalService, question: dict[str, Any], by: Any = "view", **said: Any) -> dict[str, Any]:
    """Confirm a question as the page does; `said` is what is said otherwise."""
    shown = {"signal": question["signal"], "identities": [target["identity"] for target in question["targets"]]}
    return service.confirm(question["nonce"], by, **shown | said)
