"""The service with real processes: what is asked, confirmed and sent, and what becomes of it, in words."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from typing import Any

import psutil
import pytest

from procwidget.errors import ActionRefused
from procwidget.identity import identity_of, ticks_of
from procwidget.sources.portable.start_time import steady_start
from tests.patience import PATIENCE, until
from tests.unit.action_stage import Children, Clock, Host, act, asked, confirm


def test_a_question_names_its_processes(host: Host, children: Children) -> None:
    """What is asked comes back by name, pid and identity, with a nonce and both limits of time; nothing is sent yet."""
    child = children.sleeper()
    host.read()
    question = host.service().ask([host.identity(child.pid)], "SIGTERM", "view")
    nonce = question.pop("nonce")
    assert len(nonce) >= 32
    assert question == {
        "result": "question",
        "expires": 10,
        "patience": PATIENCE,
        "signal": "SIGTERM",
        "targets": [{"pid": child.pid, "name": "sleep", "identity": host.identity(child.pid)}],
        "refusals": [],
    }
    assert child.poll() is None
    assert host.log.read() == []


@pytest.mark.parametrize("action", ["SIGTERM", "SIGKILL"])
def test_ended_means_really_gone(host: Host, children: Children, action: str, pidfds: bool) -> None:
    """When the outcome says so, the process has ended by that signal."""
    child = children.sleeper()
    host.read()
    outcome = act(host.service(pidfds=pidfds), host.identity(child.pid), action)
    done = {"SIGTERM": "Ended", "SIGKILL": "Killed"}[action]
    assert (outcome["result"], outcome["text"]) == ("ended", f"{done} sleep ({child.pid})")
    assert child.wait(PATIENCE) == -signal.Signals[action]


def test_a_zombie_counts_as_ended_and_is_named(host: Host, children: Children, pidfds: bool) -> None:
    """A process that its parent does not collect has ended all the same; the words say whose turn it is."""
    child = children.sleeper(collected=False)
    host.read()
    outcome = act(host.service(pidfds=pidfds), host.identity(child.pid), "SIGTERM")
    assert outcome["result"] == "ended"
    assert outcome["text"] == f"Ended sleep ({child.pid}): its parent has not collected it yet"


MAIN_THREAD_ENDS = """
import ctypes, threading
threading.Thread(target=threading.Event().wait, daemon=True).start()
print('ready', flush=True)
ctypes.CDLL(None).pthread_exit(None)
"""


def test_a_process_whose_main_thread_ended_still_runs(host: Host, children: Children, pidfds: bool) -> None:
    """The system shows it as a zombie while its other threads go on: it can be ended, and then it has ended."""
    child = children.start(sys.executable, "-c", MAIN_THREAD_ENDS)
    until(lambda: psutil.Process(child.pid).status() == psutil.STATUS_ZOMBIE)
    host.read()
    assert act(host.service(pidfds=pidfds), host.identity(child.pid), "SIGTERM")["result"] == "ended"
    assert child.wait(PATIENCE) == -signal.SIGTERM


def test_force_kill_is_a_new_question_about_the_same_hold(
    host: Host, children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process still alive is offered for SIGKILL, on the pidfd opened at the first click."""
    opened: list[int] = []
    pidfd_open = os.pidfd_open
    child = children.stubborn()
    host.read()
    service = host.service(patience=1)
    monkeypatch.setattr(os, "pidfd_open", lambda pid: opened.append(pid) or pidfd_open(pid))
    first = service.ask([host.identity(child.pid)], "SIGTERM", "view")
    answer = confirm(service, first)
    assert answer["outcomes"][0]["result"] == "alive"
    assert "is still alive after 1 s" in answer["outcomes"][0]["text"]
    offer = answer["question"]
    assert (offer["signal"], offer["targets"], offer["patience"]) == ("SIGKILL", first["targets"], 1)
    assert offer["nonce"] != first["nonce"]
    assert child.poll() is None
    answer = confirm(service, offer)
    assert (answer["outcomes"][0]["result"], answer["question"]) == ("ended", None)
    assert child.wait(PATIENCE) == -signal.SIGKILL
    assert opened == [child.pid]


def test_force_kill_works_without_pidfds(host: Host, children: Children) -> None:
    """The fallback offers and does the same."""
    child = children.stubborn()
    host.read()
    service = host.service(pidfds=False, patience=1)
    answer = confirm(service, asked(service, host.identity(child.pid), "SIGTERM"))
    assert confirm(service, answer["question"])["outcomes"][0]["result"] == "ended"
    assert child.wait(PATIENCE) == -signal.SIGKILL


def test_a_stopped_process_says_why_it_is_alive(host: Host, children: Children) -> None:
    """SIGTERM waits for a stopped process to go on; the words say so."""
    child = children.sleeper()
    host.read()
    service = host.service(patience=1)
    outcome = act(service, host.identity(child.pid), "SIGSTOP")
    assert (outcome["result"], outcome["text"]) == ("sent", f"Stopped sleep ({child.pid})")
    os.waitid(os.P_PID, child.pid, os.WSTOPPED | os.WNOWAIT)
    outcome = act(service, host.identity(child.pid), "SIGTERM")
    assert outcome["text"].endswith(": it is stopped, and would act on the signal when continued")
    outcome = act(service, host.identity(child.pid), "SIGCONT")
    assert (outcome["result"], outcome["text"]) == ("sent", f"Continued sleep ({child.pid})")
    assert child.wait(PATIENCE) == -signal.SIGTERM


def test_interrupt_is_sent(host: Host, children: Children, pidfds: bool) -> None:
    """SIGINT is sent and not waited for: what a program does with it is its own."""
    # Who starts the tests in the background of a shell has SIGINT ignored, and children inherit that.
    child = children.sleeper(preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    host.read()
    outcome = act(host.service(pidfds=pidfds), host.identity(child.pid), "SIGINT")
    assert (outcome["result"], outcome["text"]) == ("sent", f"Sent an interrupt to sleep ({child.pid})")
    assert child.wait(PATIENCE) == -signal.SIGINT


def test_stop_and_continue_work_without_pidfds(host: Host, children: Children) -> None:
    """The fallback stops and continues."""
    child = children.sleeper()
    host.read()
    service = host.service(pidfds=False)
    assert act(service, host.identity(child.pid), "SIGSTOP")["result"] == "sent"
    os.waitid(os.P_PID, child.pid, os.WSTOPPED | os.WNOWAIT)
    assert act(service, host.identity(child.pid), "SIGCONT")["result"] == "sent"


def test_renice_sets_the_nice_value(host: Host, children: Children, pidfds: bool) -> None:
    """The value arrives, and the outcome says which."""
    child = children.sleeper()
    host.read()
    outcome = act(host.service(pidfds=pidfds), host.identity(child.pid), "renice 7")
    assert (outcome["result"], outcome["text"]) == ("sent", f"sleep ({child.pid}) runs at nice 7 now")
    assert os.getpriority(os.PRIO_PROCESS, child.pid) == 7


def test_renice_that_may_have_hit_another_says_so(
    host: Host, children: Children, monkeypatch: pytest.MonkeyPatch, pidfds: bool
) -> None:
    """The one race that stays open is noticed: a process that ended while its nice value was set."""
    child = children.sleeper()
    host.read()
    service = host.service(pidfds=pidfds)
    set_value = os.setpriority

    def end_then_set(which: int, pid: int, value: int) -> None:
        set_value(which, pid, value)
        child.kill()
        child.wait()

    monkeypatch.setattr(os, "setpriority", end_then_set)
    monkeypatch.setattr(psutil._psplatform.cext, "proc_priority_set", lambda pid, value: end_then_set(0, pid, value))
    outcome = act(service, host.identity(child.pid), "renice 7")
    assert outcome["result"] == "gone"
    assert "ended while its nice value was set" in outcome["text"]


def test_one_that_ends_before_the_confirmation_was_gone_already(host: Host, children: Children, pidfds: bool) -> None:
    """A process that ends by itself while the dialog is open is no error."""
    child = children.sleeper()
    host.read()
    service = host.service(pidfds=pidfds)
    question = service.ask([host.identity(child.pid)], "SIGTERM", "view")
    child.kill()
    child.wait(PATIENCE)
    outcome = confirm(service, question)["outcomes"][0]
    assert (outcome["result"], outcome["text"]) == ("gone", f"sleep ({child.pid}) was gone already")


def test_a_zombie_at_the_confirmation_was_gone_already(host: Host, children: Children, pidfds: bool) -> None:
    """The system takes a signal for a zombie; it is not said to have ended by it."""
    child = children.sleeper(collected=False)
    host.read()
    service = host.service(pidfds=pidfds)
    question = service.ask([host.identity(child.pid)], "SIGTERM", "view")
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert confirm(service, question)["outcomes"][0]["result"] == "gone"


def test_without_proc_psutil_tells_processes_apart(
    host: Host, children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on macOS and Windows: facts and identities from psutil's start times alone."""
    child, other = children.sleeper(), children.sleeper()
    sample = host.read()
    monkeypatch.setattr("procwidget.actions.identity_check.LINUX", False)

    def named(pid: int, ticks_later: int) -> dict[str, Any]:
        start = ticks_of(steady_start(psutil.Process(pid)))
        return host.row(pid) | {"identity": identity_of(pid, start + ticks_later)}

    rows = [named(child.pid, 0), named(other.pid, 1)]
    host.sample = sample | {"processes": rows}  # type: ignore[assignment]
    service = host.service(pidfds=False)
    assert act(service, host.identity(child.pid), "SIGTERM")["result"] == "ended"
    refused = service.ask([rows[1]["identity"]], "SIGTERM", "view")["refusals"]
    assert refused == [f"sleep ({other.pid}) changed: not signalled, its pid belongs to another process now."]


def test_a_parent_that_ends_does_not_change_its_child(host: Host, children: Children) -> None:
    """After the question the process is held, so it keeps its identity when its parent ends first."""
    shell = children.start("bash", "-c", "sleep 1000 & echo $!; wait", "shell")
    assert shell.stdout is not None
    pid = int(shell.stdout.readline())
    until(lambda: psutil.Process(pid).name() == "sleep")
    host.read()
    service = host.service()
    question = service.ask([host.identity(pid)], "SIGTERM", "view")
    shell.kill()
    shell.wait(PATIENCE)
    assert confirm(service, question)["outcomes"][0]["result"] == "ended"


def test_several_are_waited_for_together_each_with_its_outcome(host: Host, children: Children) -> None:
    """One confirmation for a batch: the wait is that of one, and nobody's outcome is mixed up."""
    stubborn = [children.stubborn() for _ in range(3)]
    sleeper, gone = children.sleeper(), children.sleeper()
    everybody = [*stubborn, sleeper, gone]
    host.read()
    service = host.service(patience=2)
    wanted = [host.identity(child.pid) for child in everybody]
    question = service.ask([*wanted, "1-2"], "SIGTERM", "view")
    assert [target["pid"] for target in question["targets"]] == [child.pid for child in everybody]
    assert question["refusals"] == ["Process 1 as it was shown is not in the newest reading: not signalled."]
    gone.kill()
    gone.wait(PATIENCE)
    began = time.monotonic()
    answer = confirm(service, question)
    assert time.monotonic() - began < 6
    assert [outcome["result"] for outcome in answer["outcomes"]] == ["alive"] * 3 + ["ended", "gone"]
    assert [target["pid"] for target in answer["question"]["targets"]] == [child.pid for child in stubborn]


def test_closing_stops_waiting_and_gives_up_everything(host: Host, children: Children) -> None:
    """A confirmation at work returns at once, with no new question, and no question stands afterwards."""
    child, other = children.stubborn(), children.sleeper()
    host.read()
    service = host.service(patience=1000)
    waiting = service.ask([host.identity(child.pid)], "SIGTERM", "view")
    open_one = service.ask([host.identity(other.pid)], "SIGTERM", "view")
    answers: list[dict[str, object]] = []
    thread = threading.Thread(target=lambda: answers.append(confirm(service, waiting)))
    thread.start()
    until(host.log.path.exists)
    service.close()
    thread.join(PATIENCE)
    assert answers[0]["question"] is None
    with pytest.raises(ActionRefused, match="This dashboard is closed"):
        confirm(service, open_one)
    with pytest.raises(ActionRefused, match="This dashboard is closed"):
        service.ask([host.identity(other.pid)], "SIGTERM", "view")


def test_a_clock_that_jumps_ahead_does_not_shorten_the_wait(host: Host, children: Children) -> None:
    """The wait for an end is real time, whatever the clock of nonces does."""
    clock = Clock()
    child = children.sleeper()
    host.read()
    service = host.service(clock=clock)
    question = service.ask([host.identity(child.pid)], "SIGTERM", "view")
    clock.ahead = 9
    assert confirm(service, question)["outcomes"][0]["result"] == "ended"
