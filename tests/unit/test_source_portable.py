"""What is the portable source's own: psutil's ways on a /proc of files, and failures put into words."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from procwidget.errors import SourceUnavailable
from procwidget.sources.portable import PortableSource
from tests.unit.fake_proc import FakeHost
from tests.unit.source_stage import LINUX, by_pid

pytestmark = [
    pytest.mark.skipif(not LINUX, reason="psutil can be pointed at other files on Linux only"),
    pytest.mark.filterwarnings("ignore:.*memory stats couldn.t be determined"),
]
OWN = os.getpid()


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHost]:
    """A host of files, with this process in it, that psutil reads."""
    made = FakeHost(tmp_path)
    monkeypatch.setattr(psutil, "PROCFS_PATH", str(made.proc))
    publish(made, booted=1_700_000_000)
    yield made


def publish(host: FakeHost, booted: int) -> None:
    host.publish()
    with (host.proc / "stat").open("a") as file:
        file.write(f"btime {booted}\n")


def add(host: FakeHost, start: int) -> None:
    host.add(OWN, b"python", start=start)
    host.write(f"{OWN}/status", "Name:\tpython\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nThreads:\t1\n")


def test_identity_stands_when_the_wall_clock_jumps(host: FakeHost):
    """An hour forwards moves psutil's create times, not the identity: the same process, with its row."""
    add(host, start=1234)
    source, later = PortableSource(), PortableSource()
    before = by_pid(source.read())[OWN]
    publish(host, booted=1_700_003_600)
    sample = source.read()
    assert (before["identity"], before["started"]) == (f"{OWN}-1234", 1_700_000_012.34)
    assert by_pid(sample)[OWN]["identity"] == by_pid(later.read())[OWN]["identity"] == before["identity"]
    assert (sample["started"], sample["ended"]) == (0, 0)


def test_reused_pid_starts_anew(host: FakeHost):
    """A pid with another start time is another process: one ended, one started, its CPU unknown."""
    add(host, start=1234)
    source = PortableSource()
    source.read()
    source.read()
    add(host, start=5678)
    sample = source.read()
    row = by_pid(sample)[OWN]
    assert (row["identity"], row["cpu"]) == (f"{OWN}-5678", None)
    assert (sample["started"], sample["ended"]) == (1, 1)


def test_cpus_that_come_or_go_are_unknown_once(host: FakeHost):
    """psutil does not say which CPU left, so no CPU is compared over that; from the next reading on all are."""
    source = PortableSource()
    source.read()
    host.cpus = {0: (150, 950)}
    publish(host, booted=1_700_000_000)
    sample = source.read()
    assert (sample["per_cpu"], sample["cpu_usage"]) == ([None], None)
    host.cpus = {0: (175, 1025)}
    publish(host, booted=1_700_000_000)
    assert source.read()["per_cpu"] == [pytest.approx(25.0)]


def test_missing_files_cost_their_own_figures(host: FakeHost):
    """Without meminfo, diskstats or loadavg the sample is there, and says that it does not know."""
    add(host, start=1234)
    for name in ("meminfo", "diskstats", "net/dev"):
        (host.proc / name).unlink()
    sample = PortableSource().read()
    assert sample["memory"] is None and sample["memory_usage"] is None
    assert OWN in by_pid(sample)


def test_host_without_processes_to_list_is_said(host: FakeHost):
    """Where the pids cannot be listed, reading is refused in a sentence."""
    psutil.PROCFS_PATH = str(host.proc / "nowhere")
    with pytest.raises(SourceUnavailable, match="cannot be listed"):
        PortableSource().read()
