"""What is set and not signalled: nice, I/O priority, CPUs and OOM score, for each thread, and the other signals."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from procwidget.actions.adjustments import Adjustment, adjustment_of, cpus_of
from tests.patience import PATIENCE
from tests.unit.action_stage import Children, Host, act

THREADED = """
import threading
for _ in range(3): threading.Thread(target=threading.Event().wait, daemon=True).start()
print('ready', flush=True)
threading.Event().wait()
"""


@pytest.fixture
def threaded(host: Host, children: Children) -> int:
    """The pid of a child with four threads."""
    child = children.start(sys.executable, "-c", THREADED)
    assert child.stdout is not None
    assert child.stdout.readline() == b"ready\n"
    host.read()
    return child.pid


def threads(pid: int) -> list[int]:
    return [int(name) for name in os.listdir(f"/proc/{pid}/task")]


@pytest.mark.parametrize(
    ("action", "text"),
    [
        ("renice 3", "runs at nice 3 now"),
        ("ionice idle", "has I/O priority idle now"),
        ("ionice best-effort 6", "has I/O priority best-effort 6 now"),
        ("affinity 0", "runs on CPU 0 now"),
        ("oom 700", "has 700 added to its OOM score now"),
    ],
)
def test_every_thread_gets_what_is_set(host: Host, threaded: int, action: str, text: str, pidfds: bool) -> None:
    """The system keeps the first three for each thread: a library's workers are not left out."""
    outcome = act(host.service(pidfds=pidfds), host.identity(threaded), action)
    assert (outcome["result"], outcome["text"]) == ("sent", f"{host.row(threaded)['name']} ({threaded}) {text}")
    assert len(threads(threaded)) == 4
    for thread in threads(threaded):
        found = {
            "renice 3": os.getpriority(os.PRIO_PROCESS, thread) == 3,
            "ionice idle": psutil.Process(thread).ionice().ioclass == psutil.IOPRIO_CLASS_IDLE,
            "ionice best-effort 6": psutil.Process(thread).ionice().value == 6,
            "affinity 0": os.sched_getaffinity(thread) == {0},
            "oom 700": Path(f"/proc/{threaded}/oom_score_adj").read_text() == "700\n",
        }
        assert found[action], (action, thread)


@pytest.mark.parametrize("action", ["SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"])
def test_other_signals_are_sent_and_named(host: Host, children: Children, action: str, pidfds: bool) -> None:
    """What a program does with them is its own, so nobody waits; the words name the signal."""
    default = getattr(signal, action)
    child = children.sleeper(preexec_fn=lambda: signal.signal(default, signal.SIG_DFL))
    host.read()
    outcome = act(host.service(pidfds=pidfds), host.identity(child.pid), action)
    assert (outcome["result"], outcome["text"]) == ("sent", f"Sent {action} to sleep ({child.pid})")
    assert child.wait(PATIENCE) == -signal.Signals[action]


def test_who_may_not_lower_an_oom_score_is_told_so(
    host: Host, children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Raising is free, lowering is an administrator's: the sentence says which it was, and what the figure is."""
    child = children.sleeper()
    host.read()
    service = host.service()
    act(service, host.identity(child.pid), "oom 500")

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Adjustment, "apply", refuse)
    outcome = act(service, host.identity(child.pid), "oom 400")
    assert outcome["result"] == "not permitted"
    assert outcome["text"] == (
        f"Only an administrator may lower what is added to the OOM score of sleep ({child.pid}), which is 500"
    )


def test_cpus_that_do_not_exist_are_refused_in_words(host: Host, children: Children) -> None:
    """The system takes no set without a CPU that is there."""
    child = children.sleeper()
    host.read()
    outcome = act(host.service(), host.identity(child.pid), "affinity 8000")
    assert outcome["result"] == "refused"
    assert outcome["text"] == f"sleep ({child.pid}) could not be signalled: Invalid argument"


@pytest.mark.parametrize(
    "text",
    [
        *("renice 20", "renice -21", "renice", "ionice realtime 0", "ionice best-effort 8", "affinity", "affinity 3-1"),
        *("affinity 0,", "affinity 9999", "oom -1", "oom 1001", "oom", "OOM 5", "affinity 0-3, 7"),
    ],
)
def test_what_cannot_be_set_is_none(text: str) -> None:
    """Nothing outside of what the system takes, and nothing that only an administrator may set, is an adjustment."""
    assert adjustment_of(text) is None


def test_a_list_of_cpus_is_read_as_the_kernel_writes_it() -> None:
    """Ranges and single ones, in any order."""
    assert cpus_of("7,0-2,2") == {0, 1, 2, 7}
