"""Processes have the terminals of their sessions, by the names that these have in /dev."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from procwidget.sources.base import Source
from procwidget.sources.linux.proc import terminal_name
from tests.unit.source_stage import HOST_SOURCES, LINUX, by_pid

pytestmark = [
    pytest.mark.skipif(not LINUX, reason="these are files of Linux"),
    pytest.mark.filterwarnings("ignore:.*memory stats couldn.t be determined"),
]

TTY = "import os, sys; os.open(sys.argv[1], os.O_RDWR); print('ready', flush=True); sys.stdin.read()"


@pytest.fixture(params=HOST_SOURCES.values(), ids=HOST_SOURCES.keys())
def host(request: pytest.FixtureRequest) -> Iterator[Source]:
    """Every source that reads this host."""
    made = request.param()
    yield made
    made.close()


@pytest.mark.parametrize(
    ("device", "name"),
    [
        (0, None),
        (None, None),
        (-1, None),
        (0x8800, "pts/0"),
        (0x108804, "pts/260"),
        (0x401, "tty1"),
        (0x440, "ttyS0"),
        (0xCC40, "ttyAMA0"),
        (0xFF01, "255:1"),
    ],
)
def test_terminals_have_their_names(device: int | None, name: str | None) -> None:
    """By the kernel's numbers of devices; one that is not known is said as a number."""
    assert terminal_name(device) == name


def test_terminal_is_that_of_the_session(host: Source) -> None:
    """One that began a session on a terminal has it, and one without a terminal has none."""
    control, terminal = os.openpty()
    name = os.ttyname(terminal)
    child = subprocess.Popen(
        [sys.executable, "-c", TTY, name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    other = subprocess.Popen(["sleep", "1000"], start_new_session=True)
    try:
        assert child.stdout is not None and child.stdout.readline() == "ready\n"
        host.wanted = frozenset({"terminal"})
        rows = by_pid(host.read())
        assert rows[child.pid]["terminal"] == name.removeprefix("/dev/")
        assert rows[other.pid]["terminal"] is None
    finally:
        for process in (child, other):
            process.kill()
            process.wait()
        os.close(control)
        os.close(terminal)
