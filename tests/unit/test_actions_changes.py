"""A process that is not what was shown, or no longer what was asked for, is not signalled."""

from __future__ import annotations

import os
import pwd
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from procwidget.actions.identity_check import Facts, read_facts
from procwidget.sources.users_and_commands import user_name
from tests.patience import until
from tests.unit.action_stage import Children, Host, asked, confirm, needs_root


def test_one_that_became_another_program_is_not_signalled(host: Host, children: Children, pidfds: bool) -> None:
    """The same process can run another program at the confirmation than at the question; that is not what was shown."""
    child = children.start("bash", "-c", "read line; exec sleep 1000")
    host.read()
    service = host.service(pidfds=pidfds)
    question = service.ask([host.identity(child.pid)], "SIGTERM", "view")
    _exec(child)
    outcome = confirm(service, question)["outcomes"][0]
    assert outcome["result"] == "changed"
    assert outcome["text"] == f"bash ({child.pid}) changed: not signalled, it runs another program now"
    assert child.poll() is None


def test_one_that_became_another_program_since_it_was_shown_is_refused(host: Host, children: Children) -> None:
    """At the question it is compared with the row that the user saw."""
    child = children.start("bash", "-c", "read line; exec sleep 1000")
    host.read()
    _exec(child)
    answer = host.service().ask([host.identity(child.pid)], "SIGTERM", "view")
    assert answer["refusals"] == [f"bash ({child.pid}) changed: not signalled, it runs another program now."]


def _exec(child: object) -> None:
    child.stdin.write(b"\n")  # type: ignore[attr-defined]
    child.stdin.flush()  # type: ignore[attr-defined]
    until(lambda: psutil.Process(child.pid).name() == "sleep")  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("user", "nobody-like", "its user"),
        ("ppid", 999_999, "its parent"),
        ("name", "slept", "it runs another program"),
    ],
)
def test_one_that_differs_from_its_row_is_refused(
    host: Host, children: Children, key: str, value: object, words: str
) -> None:
    """User, parent and name are compared besides pid and start ticks."""
    child = children.sleeper()
    sample = host.read()
    host.sample = sample | {"processes": [host.row(child.pid) | {key: value}]}  # type: ignore[assignment]
    refusals = host.service().ask([host.identity(child.pid)], "SIGTERM", "view")["refusals"]
    assert len(refusals) == 1
    assert "changed: not signalled, " + words in refusals[0]


def test_long_and_hostile_names_are_still_compared(host: Host, children: Children, tmp_path: Path) -> None:
    """The kernel cuts names at 15 bytes, within a character too; sources show more, cleaned."""
    for name in ("a-rather-long-name-indeed", "näääääääääääm", "x\x1b[31m", "ab) R 1 (cd", "\udcff\udcfe"):
        program = tmp_path / name
        program.symlink_to(sys.executable)
        child = children.start(str(program), "-c", "print('ready', flush=True); input()")
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        host.read()
        assert host.service().ask([host.identity(child.pid)], "SIGTERM", "view")["result"] == "question", name


BECOMES_NOBODY = """
import os
print('ready', flush=True)
input()
os.setresuid(-1, 65534, -1)
print('done', flush=True)
input()
"""


def test_one_that_became_another_users_is_not_signalled(host: Host, children: Children, pidfds: bool) -> None:
    """Between the question and its confirmation it took another effective user, as sudo and su do."""
    needs_root()
    child = children.start(sys.executable, "-c", BECOMES_NOBODY)
    assert child.stdin is not None and child.stdout is not None
    assert child.stdout.readline() == b"ready\n"
    host.read()
    service = host.service(pidfds=pidfds)
    question = asked(service, host.identity(child.pid), "SIGTERM")
    child.stdin.write(b"\n")
    child.stdin.flush()
    assert child.stdout.readline() == b"done\n"
    facts = read_facts(child.pid)
    assert facts is not None and facts.users == {"root", "nobody"}
    outcome = confirm(service, question)["outcomes"][0]
    name = host.row(child.pid)["name"]
    assert outcome["result"] == "changed"
    assert outcome["text"] == f"{name} ({child.pid}) changed: not signalled, its user is another now"
    assert child.poll() is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"identity": "7-9"}, "its pid belongs to another process now"),
        ({"users": frozenset({"ana", "root"})}, "its user is another now"),
        ({"executable": "/bin/other"}, "it runs another program now"),
        ({"parent": 1, "name": "other", "status": "stopped"}, None),
    ],
)
def test_what_was_asked_for_is_compared_with_what_is_there(change: dict[str, object], words: str | None) -> None:
    """Identity, users and executable each by itself; a parent that ended and a new name do not make another process."""
    asked_for = Facts("7-8", 0.08, 3, "sleep", frozenset({"ana"}), "/bin/sleep", "running")
    assert replace(asked_for, **change).difference_since(asked_for) == words  # type: ignore[arg-type]


def test_a_user_whose_name_cannot_be_printed_is_the_same_user(
    host: Host, children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row shows the name cleaned; what is read before the signal is cleaned alike, so nothing has changed."""
    monkeypatch.setattr(pwd, "getpwuid", lambda uid: SimpleNamespace(pw_name=f"an\u200ba\u202e{uid}"))
    child = children.start("sleep", "1000")
    facts = read_facts(child.pid)
    row = {**host.read()["processes"][0], "identity": facts.identity, "ppid": os.getpid(), "name": "sleep"}  # type: ignore[union-attr]
    assert facts is not None
    assert facts.difference_from_row({**row, "user": user_name(os.getuid())}) is None  # type: ignore[typeddict-item]
    assert facts.difference_from_row({**row, "user": "somebody"}) == "its user is another now"  # type: ignore[typeddict-item]
