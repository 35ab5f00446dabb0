"""Fixtures of several modules: children and processes of a test, this host as a monitor shows it, ways to hold one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from procwidget.actions.audit import AuditLog
from tests.unit.action_stage import Children, Host
from tests.unit.population import Population


@pytest.fixture
def children() -> Iterator[Children]:
    """Children of the test, ended with it."""
    stage = Children()
    yield stage
    stage.close()


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    """This host, as a monitor would show it, with an audit log of the test's own."""
    stage = Host(AuditLog(tmp_path / "audit.jsonl"))
    yield stage
    stage.close()


@pytest.fixture
def identity(host: Host, children: Children) -> str:
    """A sleeping child, as the newest reading shows it."""
    child = children.sleeper()
    host.read()
    return host.identity(child.pid)


@pytest.fixture(params=[True, False], ids=["pidfd", "psutil"])
def pidfds(request: pytest.FixtureRequest) -> bool:
    """With pidfds, and with the fallback that other systems get."""
    return bool(request.param)


@pytest.fixture
def population() -> Iterator[Population]:
    """Processes of the test's own, ended with it."""
    with Population() as processes:
        yield processes
