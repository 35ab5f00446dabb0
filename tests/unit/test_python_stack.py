"""Where a Python process is just now: this one by itself, others of this user by py-spy, and nobody else's."""

from __future__ import annotations

import json
import os
import stat
import threading
from pathlib import Path

import pytest

from procwidget.details import python_stack as module
from procwidget.details.python_stack import can_be_asked, python_stack
from procwidget.details.read import read_identity
from procwidget.errors import ActionRefused, SourceUnavailable
from procwidget.history import History
from procwidget.identity import boot_id
from procwidget.process_details import ProcessDetails
from procwidget.sample import Process
from procwidget.sources.scripted import make_process, make_sample
from tests.unit.action_stage import Children

SAID = [
    {
        "thread_name": "MainThread",
        "os_thread_id": 7,
        "active": True,
        "owns_gil": True,
        "process_info": {"command_line": "python train.py --token=hunter2"},
        "frames": [
            {"name": "step", "filename": "train.py", "line": 12},
            {"name": "\x1b[31mevil", "filename": "x.py", "line": 1},
        ],
    }
]
DUMP = """#!/bin/sh
[ "$*" = "dump --nonblocking --json --pid {pid}" ] || exit 9
cat <<'END'
{said}
END
"""


@pytest.fixture
def child(children: Children) -> Process:
    """A child that is called python, as a sample shows it."""
    pid = children.sleeper().pid
    return make_process(pid=pid, identity=read_identity(pid) or "", name="python3.11", user="ana")


@pytest.fixture
def spy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Puts a program of this test in the place of py-spy."""

    def put(script: str) -> None:
        program = tmp_path / "py-spy"
        program.write_text(script)
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setattr(module, "py_spy", lambda: str(program))

    return put


def test_this_process_tells_where_its_own_threads_are() -> None:
    """No program is needed, and the innermost call comes first."""
    end = threading.Event()

    def waits_here() -> None:
        end.wait()

    thread = threading.Thread(target=waits_here, name="waiter")
    thread.start()
    try:
        text = python_stack(make_process(pid=os.getpid()), None)
    finally:
        end.set()
    lines = text.split("\n")
    at = next(place for place, line in enumerate(lines) if line.endswith(': "waiter"'))
    assert lines[at + 1].startswith("    wait (")
    assert any(line.startswith("    waits_here (") for line in lines[at:])


def test_another_process_is_read_by_py_spy_without_its_command_line(child: Process, spy) -> None:
    """Which has secrets in it; controls of a terminal do not get through."""
    spy(DUMP.format(pid=child["pid"], said=json.dumps(SAID)))
    text = python_stack(child, "ana")
    assert text == ('Thread 7: "MainThread", runs, has the GIL\n    step (train.py:12)\n    \ufffd[31mevil (x.py:1)')


def test_who_may_be_asked(child: Process, spy) -> None:
    """A Python of one's own where py-spy is installed; this process always; never somebody else's."""
    spy(DUMP.format(pid=child["pid"], said=json.dumps(SAID)))
    assert can_be_asked(child, "ana")
    assert not can_be_asked(child, "ben")
    assert not can_be_asked(child, None)
    assert not can_be_asked({**child, "name": "bash", "command": "bash"}, "ana")
    assert can_be_asked({**child, "name": "train", "command": "/usr/bin/python3 train.py"}, "ana")
    assert can_be_asked(make_process(pid=os.getpid()), None)


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("#!/bin/sh\necho 'Error: Failed to find python version' >&2; exit 1", "Failed to find python version."),
        ("#!/bin/sh\nexit 3", "exit code 3."),
    ],
)
def test_why_it_cannot_be_read_is_said(child: Process, spy, script: str, says: str) -> None:
    """In py-spy's words."""
    spy(script)
    with pytest.raises(SourceUnavailable) as caught:
        python_stack(child, "ana")
    assert str(caught.value) == f"py-spy cannot read python3.11 ({child['pid']}): {says}"


@pytest.mark.parametrize("said", ["no JSON", "[5]", '[{"frames": [{}]}]', "5"])
def test_what_cannot_be_understood_is_said(child: Process, spy, said: str) -> None:
    """An older py-spy, or another program of that name."""
    spy(f"#!/bin/sh\necho '{said}'")
    with pytest.raises(SourceUnavailable, match="what cannot be understood"):
        python_stack(child, "ana")


def test_noes_before_anything_is_run(child: Process, spy, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another user's, one whose pid another process has by now, and where there is no py-spy."""
    spy("#!/bin/sh\nexit 7")
    with pytest.raises(SourceUnavailable, match=r"is not a process of this user: its stack is not read\.$"):
        python_stack(child, "ben")
    with pytest.raises(SourceUnavailable, match=r"has ended\.$"):
        python_stack({**child, "identity": f"{child['pid']}-1"}, "ana")
    monkeypatch.setattr(module, "py_spy", lambda: None)
    with pytest.raises(SourceUnavailable, match=r"^py-spy is not installed here: pip install py-spy\.$"):
        python_stack(child, "ana")


def test_a_program_that_does_not_answer_is_given_up(child: Process, spy, monkeypatch: pytest.MonkeyPatch) -> None:
    """And ended: it is this process's child."""
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    spy("#!/bin/sh\nexec sleep 1000")
    with pytest.raises(SourceUnavailable, match="has not read"):
        python_stack(child, "ana")


def test_a_page_that_only_shows_shows_no_stack(child: Process) -> None:
    """Names of functions and files are the owner's."""
    own = make_process(pid=os.getpid(), identity=read_identity(os.getpid()) or "", user="ana")
    sample = make_sample(processes=[own, child], boot_id=boot_id() or "")
    shows = ProcessDetails(lambda: sample, History(), reveal=False)
    with pytest.raises(ActionRefused, match=r"^The stacks of processes are not shown on this page\.$"):
        shows.stack(own["identity"])
    reveals = ProcessDetails(lambda: sample, History(), reveal=True)
    assert "test_a_page_that_only_shows" in reveals.stack(own["identity"])["stack"]
    assert reveals.details(own["identity"], expensive=False)["details"]["stack"] is True
    assert shows.details(own["identity"], expensive=False)["details"]["stack"] is False
