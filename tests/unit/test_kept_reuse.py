"""A descriptor that stays open never speaks of a process that is gone, also where another one has its pid by now."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.action_stage import run_where_pids_can_be_given
from tests.unit.kept_stage import TRIES


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    """What happened on the stage; where no pid namespace can be had, the reason, and a failure if CI asks."""
    options = ["--mount-proc", "--kill-child"]
    return run_where_pids_can_be_given("pid reuse cannot be forced here", options, "tests.unit.kept_stage")


def test_a_kept_file_never_gives_what_the_process_before_left(report: dict[str, Any]) -> None:
    """Read again, it gives the new process's stat; the descriptor of the old process is closed."""
    assert report["reader"] == {"reused": TRIES, "kept": TRIES, "new": TRIES, "left": 0}


@pytest.mark.parametrize("way", ["source", "idle"])
def test_the_row_of_a_reused_pid_is_the_new_process_s(report: dict[str, Any], way: str) -> None:
    """At the first reading there is one row for the pid, and it is the new process's, whether that ran since or not."""
    assert report[way] == {"reused": TRIES, "kept": TRIES, "new": TRIES, "once": TRIES}
