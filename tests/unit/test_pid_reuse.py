"""No signal ever reaches a process that took a pid over: reuse is forced for real, at every point of the protocol."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.unit.reuse_stage import ACTIONS, POINTS, WAYS


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
            [*namespace, sys.executable, "-m", "tests.unit.reuse_stage", str(log)],
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
@pytest.mark.parametrize("way", WAYS)
def test_a_reused_pid_is_never_signalled(report: dict[str, Any], way: str, point: str) -> None:
    """Each time the pid went to an impostor, and no signal and no nice value reached it: also without pidfds."""
    figures = report[way][point]
    if way == "no pidfds" and point != "between sample and ask":
        # Without pidfds a process that had only just started is refused before there is anything to reuse.
        assert 0 < figures["tries"] / 2 <= figures["reused"] <= figures["tries"]
    else:
        assert figures["reused"] == figures["tries"]
    assert figures["wrong"] == 0, figures
    assert figures["results"].keys() <= {"gone", "changed", "refused"}, figures


def test_reuse_was_forced_five_hundred_times_and_more(report: dict[str, Any]) -> None:
    """All points together make at least 500 forced reuses."""
    assert sum(figures["reused"] for figures in report["pidfds"].values()) >= 500


def test_impostors_with_the_same_start_tick_were_among_them(report: dict[str, Any]) -> None:
    """The hard case: pid, start tick, user, parent and program all the same; the busier the host, the more tries."""
    assert report["until a twin"]["twins"] >= 1
    assert report["until a twin"]["wrong"] == 0


@pytest.mark.parametrize("holder", ["PidfdTarget", "PsutilTarget"])
def test_what_held_a_process_does_not_take_another_for_it(report: dict[str, Any], holder: str) -> None:
    """Asked by itself, with no other check before it, the hold says that its process is gone, and sends nothing."""
    assert report["still held"][holder] == {"runs": False, "gone": len(ACTIONS), "wrong": False}


def test_the_stage_would_notice_a_wrong_signal(report: dict[str, Any]) -> None:
    """Plain kill(2) by pid at the same moment does hit the impostor, and the count says so."""
    assert report["plain kill"]["wrong"] == report["plain kill"]["tries"] > 0


@pytest.mark.parametrize("way", WAYS)
def test_without_reuse_the_signal_arrives(report: dict[str, Any], way: str) -> None:
    """The refusals above are not for want of signals: an untouched process is hit, once it is not all new."""
    assert report["no reuse"][way]["ended"] >= 1
    assert report["no reuse"][way].keys() <= {"ended", "refused"}
