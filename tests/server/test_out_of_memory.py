"""No memory left in the page's own control group: the kernel ends, the server goes on and starts another one."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from procwidget.oom_score import STEP, go_first
from tests.patience import until
from tests.server.visitor import Visitor

LIMIT = 420 * 2**20
ENTER = 'echo $$ > "$0/cgroup.procs" && exec "$@"'
COUNTERS = ("memory.oom_control", "memory.events")
FILL = """
import os, re, sys
counters, file_in_memory = os.open(sys.argv[1], os.O_RDONLY), os.memfd_create("fill")
def killed():
    return re.search(b"^oom_kill [1-9]", os.pread(counters, 4096, 0), re.MULTILINE)
# What was killed leaves its room a moment later: to want more than a page by then would kill another.
while not killed():
    os.write(file_in_memory, bytes(4096))
"""


@pytest.fixture
def group():
    """A control group of its own that may take `LIMIT` bytes; removed afterwards."""
    mounted = Path("/sys/fs/cgroup")
    first = (mounted / "memory").is_dir()
    path = (mounted / "memory" if first else mounted) / f"procwidget-test-{os.getpid()}"
    try:
        path.mkdir()
    except OSError:
        pytest.skip("no control group can be made here: this needs root")
    try:
        limit = path / ("memory.limit_in_bytes" if first else "memory.max")
        if not limit.exists():
            pytest.skip("control groups do not limit memory here")
        limit.write_text(str(LIMIT))
        with contextlib.suppress(OSError):
            (path / "memory.swap.max").write_text("0")
        yield path
    finally:
        until(lambda: not (path / "cgroup.procs").read_text())
        path.rmdir()


def test_where_memory_runs_out_the_kernel_ends_and_the_page_comes_back(group, start):
    """What fills the group is a file, no process's memory, so that Linux chooses one of ours: the kernel."""
    server = start(under=("sh", "-c", ENTER, str(group)))
    kernel_id, _ = server.visit()
    (kernel,) = server.kernels()
    figure = [int(Path(f"/proc/{pid}/oom_score_adj").read_text()) for pid in (server.process.pid, kernel.pid)]
    assert figure[1] == figure[0] + STEP
    counters = next(file for name in COUNTERS if (file := group / name).exists())
    command = ["sh", "-c", ENTER, str(group), sys.executable, "-S", "-E", "-c", FILL, str(counters)]
    assert subprocess.run(command, check=False).returncode == 0
    until(lambda: not kernel.is_running() or kernel.status() == psutil.STATUS_ZOMBIE)
    assert server.process.poll() is None

    async def come_back():
        again, cookie = server.visit()
        visitor = await Visitor.enter(server, again, cookie)
        await visitor.kernel_lives()
        visitor.leave()
        return again

    assert asyncio.run(come_back()) != kernel_id
    assert server.stop() == 0


@pytest.mark.parametrize(("before", "after"), [("0", "100"), ("-500", "-400"), ("950", "1000"), ("x", "x")])
def test_the_figure_is_raised_by_a_step_and_never_too_far(tmp_path, before, after):
    """What the server was given counts for its kernel too; the system takes nothing above 1,000."""
    file = tmp_path / "oom_score_adj"
    file.write_text(before)
    go_first(file)
    assert file.read_text() == after


def test_a_system_without_the_file_is_none_the_worse(tmp_path):
    """Other systems than Linux choose in other ways."""
    go_first(tmp_path / "missing")
    assert not (tmp_path / "missing").exists()
