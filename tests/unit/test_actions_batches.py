"""Many processes at once: one confirmation, one order, one write to the log, and few file descriptors."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Mapping
from typing import Any

import pytest

from procwidget.actions import late_hold
from procwidget.actions.audit import AuditLog
from procwidget.actions.late_hold import Holder, LateTarget, most_kept
from procwidget.actions.order import in_order
from procwidget.actions.service import MOST_AT_ONCE
from procwidget.errors import InvalidArgument
from procwidget.sources.scripted import make_process
from tests.patience import PATIENCE
from tests.unit.action_stage import Children, Host, confirm, handles


def test_parents_are_signalled_before_children_and_continued_after_them() -> None:
    """One rule for every tree: root to leaf, and "continue" the other way; what is not there keeps its place."""
    rows = [make_process(pid=pid, ppid=ppid) for pid, ppid in ((30, 20), (20, 10), (40, 10), (10, 1), (7, 7))]
    by_identity = {row["identity"]: row for row in rows}
    names = {row["pid"]: row["identity"] for row in rows}
    wanted = [names[30], names[40], names[10], names[20], names[7], "99-1"]
    down = in_order(wanted, by_identity, "SIGTERM")
    assert [down.index(names[pid]) for pid in (10, 20, 30)] == sorted(down.index(names[pid]) for pid in (10, 20, 30))
    assert down.index(names[40]) < down.index(names[20])
    up = in_order(wanted, by_identity, "SIGCONT")
    assert [up.index(names[pid]) for pid in (30, 20, 10)] == sorted(up.index(names[pid]) for pid in (30, 20, 10))
    assert sorted(up) == sorted(wanted)


@pytest.fixture
def crowd(host: Host, children: Children) -> list[str]:
    """Sixty-four sleeping children, as the newest reading shows them."""
    pids = [children.sleeper().pid for _ in range(64)]
    host.read()
    return [host.identity(pid) for pid in pids]


def test_sixty_four_workers_end_with_one_confirmation(host: Host, children: Children, crowd: list[str]) -> None:
    """A question and its confirmation: all have ended, each with its outcome, and the log was written to twice."""
    writes: list[int] = []

    class Counting(AuditLog):
        def append(self, *records: Mapping[str, Any]) -> None:
            writes.append(len(records))
            super().append(*records)

    service = host.service(audit=Counting(host.log.path))
    question = service.ask(crowd, "SIGTERM", "view")
    assert len(question["targets"]) == 64
    outcomes = confirm(service, question)["outcomes"]
    assert {outcome["result"] for outcome in outcomes} == {"ended"}
    assert writes == [64, 64]
    assert len(host.log.read()) == 128


def test_few_descriptors_hold_many(
    host: Host, children: Children, crowd: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond a share of what may be opened no process keeps a descriptor, and all are signalled and waited for."""
    holder = Holder(most=5)
    monkeypatch.setattr("procwidget.actions.service.BY_PIDFD", holder)
    service = host.service(pidfds=True)
    before = handles()
    question = service.ask(crowd, "SIGTERM", "view")
    assert (handles() - before, holder.kept) == (5, 5)
    assert {outcome["result"] for outcome in confirm(service, question)["outcomes"]} == {"ended"}
    assert (handles(), holder.kept) == (before, 0)


def test_a_process_held_late_is_never_another_one(children: Children) -> None:
    """A pid that another process has by then gets nothing: its identity is another."""
    child = children.sleeper()
    held = LateTarget(child.pid)
    assert held.runs()
    held._identity = f"{child.pid}-1"
    assert not held.runs()
    with pytest.raises(ProcessLookupError, match="was gone already"):
        held.send("SIGKILL")
    assert child.poll() is None


def test_a_process_held_late_that_ended_is_gone(children: Children) -> None:
    """It is not signalled, and does not run."""
    child = children.sleeper()
    held = LateTarget(child.pid)
    held.send("SIGKILL")
    assert child.wait(PATIENCE) == -signal.SIGKILL
    assert not held.runs()
    with pytest.raises(ProcessLookupError):
        held.send("SIGKILL")


def test_a_small_limit_keeps_a_small_share() -> None:
    """A kernel that may open 256 files keeps 32 for its own use here at most."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, limits[1]))
    try:
        assert most_kept() == 32
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert most_kept() <= late_hold._MOST_KEPT


def test_more_than_can_be_selected_are_refused(host: Host) -> None:
    """The sentence says how many there may be."""
    with pytest.raises(InvalidArgument, match=r"^The identities must be a list of 1 to 500: "):
        host.service().ask(["1-1"] * (MOST_AT_ONCE + 1), "SIGTERM", "view")


def test_what_is_left_out_is_named_with_its_reason(host: Host, children: Children) -> None:
    """Of three that were selected one is this process, and one was never there: two sentences, one target."""
    child = children.sleeper()
    host.read()
    own = host.identity(os.getpid())
    question = host.service().ask([own, host.identity(child.pid), "5-5"], "SIGTERM", "view")
    assert [target["pid"] for target in question["targets"]] == [child.pid]
    assert len(question["refusals"]) == 2
