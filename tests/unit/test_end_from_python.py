"""`procwidget.end`: code ends processes as a click does, with the same noes, and says what became of them."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

import procwidget
from procwidget import ActionRefused, Dashboard, InvalidArgument
from procwidget.actions.audit import read_log
from procwidget.actions.from_python import signal_name
from tests.patience import PATIENCE
from tests.unit.action_stage import Children


@pytest.fixture(autouse=True)
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A log of this test's own."""
    monkeypatch.setenv("PROCWIDGET_AUDIT", str(tmp_path / "audit.jsonl"))
    return tmp_path / "audit.jsonl"


def test_a_pid_ends_and_the_outcome_is_a_dict(children: Children, log: Path) -> None:
    """It says what happened, and the log says that it was Python code."""
    child = children.sleeper()
    outcome = procwidget.end(child.pid)
    assert outcome == {
        "pid": child.pid,
        "name": "sleep",
        "identity": outcome["identity"],
        "result": "ended",
        "text": f"Ended sleep ({child.pid})",
    }
    assert child.wait(PATIENCE) == -signal.SIGTERM
    assert [(line["event"], line["by"]) for line in read_log(log)] == [("signal", "python"), ("outcome", "python")]


def test_a_dict_of_a_sample_ends_that_process_alone(children: Children) -> None:
    """With another identity than the pid's now nothing is sent, and the reason is an exception."""
    child = children.sleeper()
    row = next(row for row in procwidget.snapshot()["processes"] if row["pid"] == child.pid)
    with pytest.raises(ActionRefused, match=rf"^Process {child.pid} as it was shown is not in the newest reading"):
        procwidget.end({**row, "identity": f"{child.pid}-1"})
    assert child.poll() is None
    assert procwidget.end(row, signal.SIGKILL)["text"] == f"Killed sleep ({child.pid})"
    assert child.wait(PATIENCE) == -signal.SIGKILL


def test_a_list_ends_with_one_outcome_each_and_no_limit_a_minute(children: Children) -> None:
    """More than ten, one of which cannot be: the others end, and that one is said."""
    pids = [children.sleeper().pid for _ in range(12)]
    outcomes = procwidget.end([*pids, os.getpid()])
    assert {outcome["pid"]: outcome["result"] for outcome in outcomes} == {
        **dict.fromkeys(pids, "ended"),
        os.getpid(): "refused",
    }
    for pid in [children.sleeper().pid for _ in range(12)]:
        assert procwidget.end(pid, "STOP")["result"] == "sent"


def test_a_no_is_an_exception_with_its_reason() -> None:
    """This process does not signal itself, and what is not there is not signalled."""
    with pytest.raises(ActionRefused, match=r"is the process that shows this page: it does not signal itself\.$"):
        procwidget.end(os.getpid())
    with pytest.raises(ActionRefused, match=r"^There is no process 4194305, or it is not shown to you\.$"):
        procwidget.end(4194305)


@pytest.mark.parametrize("given", ["1234", True, None, {"pid": 4}, [], [1.5]])
def test_what_is_no_process_is_refused_before_anything_is_read(given: object) -> None:
    """One sentence says what would be right."""
    with pytest.raises(InvalidArgument, match=r"^process must be a pid"):
        procwidget.end(given)  # type: ignore[arg-type]


def test_a_name_for_a_process_is_said_back_whole() -> None:
    """A text is no list of its letters."""
    with pytest.raises(InvalidArgument, match=r"not 'bash'; a program's processes are found by their name"):
        procwidget.end("bash")  # type: ignore[arg-type]


def test_signals_are_named_as_one_would() -> None:
    """Short, long, in any case, by number or as Python's own; a mistake gets the likely one."""
    for name in ("term", "SIGTERM", 15, signal.SIGTERM, " Term "):
        assert signal_name(name) == "SIGTERM"
    assert signal_name("renice 5") == "renice 5"
    with pytest.raises(InvalidArgument, match=r"did you mean 'KILL'\?$"):
        signal_name("KIL")
    with pytest.raises(InvalidArgument, match=r"^There is no signal 'SIGSEGV' here"):
        signal_name(11)


def test_a_dashboard_that_only_shows_refuses(children: Children) -> None:
    """`dashboard.end` has the switch of its dashboard."""
    child = children.sleeper()
    looking, acting = Dashboard(allow_kill=False), Dashboard()
    try:
        with pytest.raises(ActionRefused, match=r"^Signals are switched off here"):
            looking.end(child.pid)
        assert acting.end(child.pid)["result"] == "ended"
    finally:
        looking.close()
        acting.close()
