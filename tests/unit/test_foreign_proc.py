"""In a pid namespace with the /proc of another one, where a pid means one process to rows and another to signals.

Run as a script this file is the stage: it lives in such a namespace, gives a child of its own the pid that it is told
of, which in /proc is an outer process, and reports as JSON what the service said and whether the child lived.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from procwidget.actions import service as module
from procwidget.actions.audit import AuditLog
from procwidget.actions.identity_check import proc_is_own
from procwidget.actions.service import SignalService
from procwidget.errors import ActionRefused
from procwidget.sources.portable.source import PortableSource
from tests.unit.action_stage import Children, confirm, run_where_pids_can_be_given

WHY = "Pids in /proc are those of another pid namespace: nothing is signalled here."


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What happened on the stage; where no pid namespace can be had, the reason, and a failure if CI asks."""
    log = tmp_path_factory.mktemp("audit") / "audit.jsonl"
    children = Children()
    shown = children.sleeper()
    try:
        stage = ["tests.unit.test_foreign_proc", str(shown.pid), str(log)]
        told = run_where_pids_can_be_given("no process can be given a pid here", ["--kill-child"], *stage)
        return {**told, "shown": {"lived": shown.poll() is None, "pid": shown.pid}}
    finally:
        children.close()


@pytest.mark.parametrize("target", ["pidfd", "psutil"])
def test_nothing_is_signalled_by_the_pids_of_another_namespace(report: dict[str, Any], target: str) -> None:
    """One sentence, with pidfds and without, and both processes of that pid live."""
    assert report[target] == {"said": WHY, "lived": True}
    assert report["shown"]["lived"]


def test_a_pidfd_says_itself_that_its_pid_is_another_one_in_proc(report: dict[str, Any]) -> None:
    """Should the namespaces look the same, the held process still is not the one of the row."""
    pid = report["shown"]["pid"]
    why = f"sleep ({pid}) cannot be looked at, so it is not signalled: its pid belongs to another process in /proc."
    assert report["pidfd alone"] == {"said": why, "lived": True}


def test_such_a_system_counts_as_one_without_pidfds(report: dict[str, Any]) -> None:
    """What is held by a pidfd could not be compared with any row."""
    assert report["pidfds work"] is False


def test_the_stage_would_notice_a_wrong_signal(report: dict[str, Any]) -> None:
    """With every guard away the inner process is ended for the outer one that was shown."""
    assert report["unguarded"]["lived"] is False


def test_here_proc_is_our_own() -> None:
    """Where the tests run nothing is refused for this reason."""
    assert proc_is_own()


def _play(pid: int, log: str) -> dict[str, Any]:
    Path("/proc/sys/kernel/ns_last_pid").write_text(str(pid - 1))
    children = Children()
    inner = children.sleeper(collected=False)
    assert inner.pid == pid
    sample = PortableSource().read()
    [row] = [row for row in sample["processes"] if row["pid"] == pid]

    def told(pidfds: bool) -> dict[str, Any]:
        service = SignalService(
            lambda: sample, allowed=True, other_users=True, audit=AuditLog(log), pidfds=pidfds, patience=1
        )
        try:
            answer = service.ask([row["identity"]], "SIGTERM", "view")
            said = answer["refusals"][0] if answer["refusals"] else confirm(service, answer)
        except ActionRefused as error:
            said = str(error)
        service.close()
        return {"said": said, "lived": inner.poll() is None}

    report: dict[str, Any] = {"pidfds work": module.pidfds_work()}
    report |= {"pidfd": told(True), "psutil": told(False)}
    with pytest.MonkeyPatch.context() as unguarded:
        unguarded.setattr(module, "proc_is_own", lambda: True)
        report |= {"pidfd alone": told(True), "unguarded": told(False)}
    children.close()
    return report


if __name__ == "__main__":
    print(json.dumps(_play(int(sys.argv[1]), sys.argv[2])))
