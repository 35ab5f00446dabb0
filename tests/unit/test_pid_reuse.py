"""No signal ever reaches a process that took a pid over: reuse is forced for real, at every point of the protocol."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.action_stage import run_where_pids_can_be_given
from tests.unit.reuse_stage import ACTIONS, POINTS, WAYS


@pytest.fixture(scope="module", params=[1, pytest.param(3, marks=pytest.mark.nightly)], ids=["1x", "3x"])
def times(request: pytest.FixtureRequest) -> int:
    """How many times as often as usual all is tried."""
    return int(request.param)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory, times: int) -> dict[str, Any]:
    """What happened on the stage; where no pid namespace can be had, the reason, and a failure if CI asks."""
    log = tmp_path_factory.mktemp("audit") / "audit.jsonl"
    options = ["--mount-proc", "--kill-child"]
    return run_where_pids_can_be_given(
        "pid reuse cannot be forced here", options, "tests.unit.reuse_stage", str(log), str(times)
    )


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("way", WAYS)
def test_a_reused_pid_is_never_signalled(report: dict[str, Any], way: str, point: str) -> None:
    """Each time the pid went to an impostor, and no signal and no nice value reached it; also without pidfds."""
    figures = report[way][point]
    if way in ("no pidfds", "held late") and point != "between sample and ask":
        # Without a pidfd kept a process that had only just started is refused before there is anything to reuse.
        assert 0 < figures["tries"] / 2 <= figures["reused"] <= figures["tries"]
    else:
        assert figures["reused"] == figures["tries"]
    assert figures["wrong"] == 0, figures
    assert figures["results"].keys() <= {"gone", "changed", "refused"}, figures


def test_reuse_was_forced_often(report: dict[str, Any], times: int) -> None:
    """All points together make at least 250 forced reuses; each night 750, of which 500 with pidfds."""
    reused = {way: sum(figures["reused"] for figures in report[way].values()) for way in WAYS}
    assert sum(reused.values()) >= 250 * times
    assert times < 3 or reused["pidfds"] >= 500


def test_impostors_with_the_same_start_tick_were_among_them(report: dict[str, Any]) -> None:
    """The hard case: pid, start tick, user, parent and program all the same; the busier the host, the more tries."""
    assert report["until a twin"]["twins"] >= 1
    assert report["until a twin"]["wrong"] == 0


@pytest.mark.parametrize("holder", ["PidfdTarget", "PsutilTarget", "LateTarget"])
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
