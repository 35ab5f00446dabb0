"""docs/own_source.md works as it stands, and its example keeps the rules that it names."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest

from procwidget.errors import SourceUnavailable
from procwidget.sources.base import Source
from tests.unit.action_stage import Children

PAGE = Path(__file__).parents[2] / "docs" / "own_source.md"


@pytest.fixture(scope="module")
def blocks() -> list[str]:
    """The page's code, block by block."""
    return re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)


@pytest.fixture
def job(blocks: list[str]) -> Any:
    """The class of the example."""
    names: dict[str, Any] = {}
    exec(blocks[0], names)
    return names["JobSource"]


def test_the_page_runs_from_its_beginning_to_its_end(blocks: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """One block after another, as a reader would type them."""
    assert len(blocks) == 2
    names: dict[str, Any] = {}
    for block in blocks:
        exec(block, names)
    names["monitor"].source.close()
    assert capsys.readouterr().out.startswith("[")


def test_the_example_is_a_source_and_shows_one_job(job: Any, children: Children) -> None:
    """This process and its children, and nobody else; what is read on demand is passed on, and so is `top`."""
    pids = {children.sleeper().pid, children.sleeper().pid}
    source: Source = job(os.getpid())
    source.top, source.wanted = 1, frozenset({"priority"})
    try:
        first = source.read()
        found = {row["pid"] for row in first["processes"]}
        assert {os.getpid(), *pids} <= found
        assert 1 not in found
        assert (first["interval"], first["source"], len(first["top_processes"])) == (None, "job", 1)
        second = source.read()
        assert second["interval"] is not None
        assert "priority" in second["processes"][0]
        before = {row["identity"]: row for row in first["processes"]}
        third = {row["identity"]: row for row in source.read()["processes"]}
        same = {row["identity"]: row for row in second["processes"]}
        assert any(third[identity] is row for identity, row in same.items() if identity in third)
        assert before.keys() & third.keys()
        assert any("Only process" in note for note in source.notes)
    finally:
        source.close()


def test_a_job_that_ended_is_said(job: Any) -> None:
    """The monitor shows the sentence and tries again."""
    source = job(4194305)
    try:
        with pytest.raises(SourceUnavailable, match=r"^The job 4194305 has ended\.$"):
            source.read()
    finally:
        source.close()
