"""Who may signal what: every refusal, each with its sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from procwidget.actions.adjustments import adjustment_of
from procwidget.actions.policy import SIGNALS, Protected, refusal
from procwidget.sample import Process

CONTEXT = Protected(
    pid=500,
    ancestors=frozenset({400, 300, 1}),
    server=frozenset({450, 300, 1}),
    user="ana",
    allowed=True,
    other_users=False,
)


def row(pid: int = 1234, **facts: object) -> Process:
    plain = {
        "pid": pid,
        "name": "sleep",
        "cpu": 0.0,
        "memory": 1.0,
        "ppid": 400,
        "user": "ana",
        "status": "sleeping",
        "threads": 1,
        "started": 0.0,
        "command": "sleep 9",
        "nice": 0,
        "cpu_time": 0.0,
        "identity": f"{pid}-1",
    }
    return plain | facts  # type: ignore[return-value]


REFUSALS = [
    ("pid 1", row(1, name="init", user="root"), "SIGTERM", "init (1) runs the whole system: it is never signalled."),
    ("pid 0", row(0, name="idle"), "SIGTERM", "idle (0) runs the whole system: it is never signalled."),
    ("a negative pid", row(-1, name="all"), "SIGTERM", "all (-1) runs the whole system: it is never signalled."),
    (
        "kthreadd",
        row(2, name="kthreadd", ppid=0, command=None, user="root"),
        "SIGKILL",
        "kthreadd (2) is part of the kernel: it is never signalled.",
    ),
    (
        "a kernel thread",
        row(33, name="kworker/0:1", ppid=2, command="", user="root"),
        "SIGKILL",
        "kworker/0:1 (33) is part of the kernel: it is never signalled.",
    ),
    ("itself", row(500), "SIGTERM", "sleep (500) is the process that shows this page: it does not signal itself."),
    ("a parent", row(400), "SIGINT", "sleep (400) runs the process that shows this page: it is never signalled."),
    (
        "the server",
        row(450),
        "SIGSTOP",
        "sleep (450) is the Jupyter server of this page, or runs it: it is never signalled.",
    ),
    (
        "what runs the server",
        row(300),
        "SIGCONT",
        "sleep (300) is the Jupyter server of this page, or runs it: it is never signalled.",
    ),
    (
        "another user's",
        row(user="ben"),
        "SIGTERM",
        "sleep (1234) belongs to ben: other users' processes are not signalled here.",
    ),
    (
        "an unknown user's",
        row(user=None),
        "SIGTERM",
        "sleep (1234) belongs to a user who could not be read: other users' processes are not signalled here.",
    ),
    (
        "an unknown signal",
        row(),
        "SIGSEGV",
        "There is no signal 'SIGSEGV' here; "
        "there are SIGTERM, SIGKILL, SIGINT, SIGSTOP, SIGCONT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2; "
        "renice from -20 to 19, ionice idle or best-effort 0 to 7, affinity with CPUs such as 0-3,7, and oom from 0 to "
        "1000; for Jupyter kernels kernel-interrupt, kernel-restart, kernel-shutdown.",
    ),
]


@pytest.mark.parametrize(
    ("shown", "action", "sentence"), [case[1:] for case in REFUSALS], ids=[case[0] for case in REFUSALS]
)
def test_every_no_has_its_sentence(shown: Process, action: str, sentence: str) -> None:
    """Each protected process is refused in words that name it and say why."""
    assert refusal(shown, action, CONTEXT) == sentence


def test_switched_off_refuses_everything() -> None:
    """With signals off even one's own child is refused."""
    assert refusal(row(), "SIGTERM", replace(CONTEXT, allowed=False)) == (
        "Signals are switched off here: this page only shows processes."
    )


@pytest.mark.parametrize("action", [*SIGNALS, "renice -20", "ionice idle", "affinity 0-3,7", "oom 1000"])
def test_own_processes_may_be_signalled(action: str) -> None:
    """A process of one's own that nothing protects is not refused."""
    assert refusal(row(), action, CONTEXT) is None


def test_other_users_are_allowed_when_switched_on() -> None:
    """An administrator's dashboard may signal anybody's processes, but still not the protected ones."""
    wide = replace(CONTEXT, other_users=True)
    assert refusal(row(user="ben"), "SIGTERM", wide) is None
    assert refusal(row(400, user="ben"), "SIGTERM", wide) is not None


def test_pid_2_of_a_container_is_an_ordinary_process() -> None:
    """Without a kernel's pid 2, what has that pid, or has it as parent, is not of the kernel."""
    inside = replace(CONTEXT, kthreadd=False)
    for command in ("sleep 9", None, ""):
        assert refusal(row(2, command=command), "SIGTERM", inside) is None
        assert refusal(row(7, ppid=2, command=command), "SIGTERM", inside) is None
    assert refusal(row(7, ppid=2), "SIGTERM", CONTEXT) is None


def test_what_may_be_above_a_hidden_parent_is_refused() -> None:
    """Where the chain above this process cannot be seen to its end, what did not start after its last link is."""
    cut = replace(CONTEXT, hidden_until=1000)
    said = (
        "sleep (1234) may be one of those that run the process that shows this page, "
        "some of which are hidden here (hidepid): it is not signalled."
    )
    for ticks in (1, 999, 1000):
        assert refusal(row(identity=f"1234-{ticks}"), "SIGTERM", cut) == said
    assert refusal(row(identity="1234-1001"), "SIGTERM", cut) is None


@given(st.text())
def test_only_listed_signals_pass(action: str) -> None:
    """Whatever text comes as a signal, only those of the list are let through."""
    passes = refusal(row(), action, CONTEXT) is None
    assert passes == (action in SIGNALS or adjustment_of(action) is not None)


@pytest.mark.parametrize(
    "action", ["renice", "renice 20", "renice -21", "renice 1.5", "renice ٣", "renice 1 ", "9", "sigterm"]
)
def test_nearly_right_signals_are_refused(action: str) -> None:
    """A number out of range, another script's digits or lower case are not guessed at."""
    assert refusal(row(), action, CONTEXT) is not None


@given(st.sampled_from([1, 2, 300, 400, 450, 500]), st.sampled_from(SIGNALS), st.booleans())
def test_protected_pids_are_never_let_through(pid: int, action: str, other_users: bool) -> None:
    """No combination of switches opens the way to a protected process."""
    shown = row(pid, command=None if pid == 2 else "x")
    assert refusal(shown, action, replace(CONTEXT, other_users=other_users)) is not None


def test_the_facts_name_this_process_and_all_above_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gathered for real: this pid, its parent and so on up to the first."""
    monkeypatch.delenv("JPY_PARENT_PID", raising=False)
    facts = Protected.now(allowed=True, other_users=False)
    assert facts.pid == os.getpid()
    assert facts.ancestors == {parent.pid for parent in psutil.Process().parents()}
    assert os.getppid() in facts.ancestors
    assert facts.server == frozenset()
    assert facts.user == psutil.Process().username()
    assert facts.hidden_until is None


def test_the_jupyter_server_and_all_above_it_are_protected(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server need not be an ancestor: a kernel can be started through a provisioner."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as server:
        monkeypatch.setenv("JPY_PARENT_PID", str(server.pid))
        facts = Protected.now(allowed=True, other_users=False)
        server.communicate(b"\n")
    assert {server.pid, os.getpid()} <= facts.server


@pytest.mark.parametrize("told", ["", "0", "1", "-1", "abc", "٣٤", "9" * 30, "9" * 5000, "4194305"])
def test_a_server_pid_that_names_nothing_protects_nothing(monkeypatch: pytest.MonkeyPatch, told: str) -> None:
    """A stale or broken variable is no error."""
    monkeypatch.setenv("JPY_PARENT_PID", told)
    assert Protected.now(allowed=True, other_users=False).server == frozenset()
