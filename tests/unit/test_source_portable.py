"""What is the portable source's own: psutil's ways on a /proc of files, and failures put into words."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from procwidget.errors import SourceUnavailable
from procwidget.sample import Process
from procwidget.sources.portable.source import PortableSource
from tests.patience import until
from tests.unit.fake_proc import FakeHost, stat_line
from tests.unit.population import Population
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
    made.add(1, b"init")
    made.booted = 1_700_000_000
    made.publish()
    yield made


@pytest.fixture
def source(host: FakeHost) -> Iterator[PortableSource]:
    made = PortableSource()
    yield made
    made.close()


@pytest.fixture
def child() -> Iterator[int]:
    """The pid of a child: what psutil asks the kernel about a process there is needs one that there is."""
    with Population() as population:
        yield population.sleeper()


def read_until(source: PortableSource, pid: int, holds: Callable[[Process], object]) -> Process:
    return until(lambda: row if holds(row := by_pid(source.read())[pid]) else None)


def test_identity_stands_when_the_wall_clock_jumps(host: FakeHost):
    """An hour forwards moves psutil's create times, not the identity: the same process, with its row."""
    host.add(OWN, start=1234)
    source, later = PortableSource(), PortableSource()
    before = by_pid(source.read())[OWN]
    host.booted = 1_700_003_600
    host.publish()
    sample = source.read()
    assert (before["identity"], before["started"]) == (f"{OWN}-1234", 1_700_000_012.34)
    assert by_pid(sample)[OWN]["identity"] == by_pid(later.read())[OWN]["identity"] == before["identity"]
    assert (sample["started"], sample["ended"]) == (0, 0)


def test_reused_pid_starts_anew(host: FakeHost, source: PortableSource):
    """A pid with another start time is another process: one ended, one started, its CPU unknown."""
    host.add(OWN, start=1234)
    source.read()
    source.read()
    host.add(OWN, start=5678)
    sample = source.read()
    row = by_pid(sample)[OWN]
    assert (row["identity"], row["cpu"]) == (f"{OWN}-5678", None)
    assert (sample["started"], sample["ended"]) == (1, 1)


def test_cpus_that_come_or_go_are_unknown_once(host: FakeHost, source: PortableSource):
    """psutil does not say which CPU left, so no CPU is compared over that; from the next reading on all are."""
    source.read()
    host.cpus = {0: (150, 950)}
    host.publish()
    sample = source.read()
    assert (sample["per_cpu"], sample["cpu_usage"]) == ([None], None)
    host.cpus = {0: (175, 1025)}
    host.publish()
    assert source.read()["per_cpu"] == [pytest.approx(25.0)]


def test_missing_files_cost_their_own_figures(host: FakeHost, source: PortableSource):
    """Without meminfo, diskstats or loadavg the sample is there, and says that it does not know."""
    for name in ("meminfo", "diskstats", "net/dev"):
        (host.proc / name).unlink()
    sample = source.read()
    assert sample["memory"] is None and sample["memory_usage"] is None
    assert OWN in by_pid(sample)


@pytest.mark.parametrize("there", [False, True], ids=["missing", "empty"])
def test_host_without_processes_to_list_is_said(host: FakeHost, there: bool):
    """Where /proc is missing or empty, as in a chroot, reading is refused in a sentence that says what is missing."""
    nowhere = host.proc / "nowhere"
    if there:
        nowhere.mkdir()
    psutil.PROCFS_PATH = str(nowhere)
    with pytest.raises(SourceUnavailable) as refused:
        PortableSource().read()
    said = f"The processes of this host cannot be listed: {nowhere} has none; the proc file system must be"
    assert str(refused.value) == f"{said} mounted there."


def test_process_that_vanishes_between_list_and_read_leaves(host: FakeHost, source: PortableSource, child: int):
    """Its directory is there, its files are not, all or some: it is not in the sample, ended if it was, not refused."""
    host.add(child)
    assert child in by_pid(source.read())
    (host.proc / f"{child}/stat").unlink()
    sample = source.read()
    assert child not in by_pid(sample) and OWN in by_pid(sample)
    assert (sample["started"], sample["ended"], source.notes) == (0, 1, [])


def test_process_that_may_not_be_read_is_counted(host: FakeHost, source: PortableSource, child: int):
    """Without its start time it has no identity, so it is not shown; a note counts such processes."""
    host.add(child)
    host.deny(f"{child}/stat")
    assert child not in by_pid(source.read())
    assert source.notes == ["1 process of other users may not be read, so it is not shown."]
    host.add(child)
    assert child in by_pid(source.read())
    assert source.notes == []


@pytest.mark.parametrize(
    ("file", "unknown"), [("statm", {"memory"}), ("status", {"user", "threads"}), ("cmdline", {"command"})]
)
def test_what_may_not_be_read_is_unknown(
    host: FakeHost, source: PortableSource, child: int, file: str, unknown: set[str]
):
    """A file that is refused costs its own values; the rest of the row is there."""
    host.add(child)
    host.deny(f"{child}/{file}")
    read_until(source, child, lambda row: {key for key, value in row.items() if value is None} == unknown)


def test_hidden_processes_are_said(host: FakeHost, source: PortableSource):
    """The first process exists and is not shown: a sentence says what is not visible, as long as it is so."""
    host.end(1)
    assert 1 not in by_pid(source.read())
    assert source.notes == ["Processes of other users are hidden (hidepid), so they are not shown."]
    host.add(1)
    source.read()
    assert source.notes == []


def test_long_command_line_is_cut(host: FakeHost, source: PortableSource):
    """Of 2 MB only the beginning is shown."""
    host.write(f"{OWN}/cmdline", b"x\x00" * 2**20)
    command = read_until(source, OWN, lambda row: row["command"])["command"]
    assert command is not None and command.startswith("x x x") and len(command) == 4096 and command[-1] == "…"


def test_undecodable_bytes_are_harmless(host: FakeHost, source: PortableSource):
    """Lone surrogates, which stand for them in Python, reach neither name nor command line."""
    host.add(OWN, b"a\xff\xfe")
    row = read_until(source, OWN, lambda row: row["command"])
    assert (row["name"], row["command"]) == ("a��", "a�� 1000")
    json.dumps(row, ensure_ascii=False).encode()


def test_name_that_the_kernel_cut_off_is_shown_whole(host: FakeHost, source: PortableSource):
    """As soon as the command line is known; until then it is shown as it was cut off."""
    host.write(f"{OWN}/stat", stat_line(OWN, b"a-program-with-"))
    host.write(f"{OWN}/cmdline", b"/bin/a-program-with-a-long-name\x00")
    assert by_pid(source.read())[OWN]["name"] == "a-program-with-"
    read_until(source, OWN, lambda row: row["name"] == "a-program-with-a-long-name")


def test_what_is_no_number_is_unknown(host: FakeHost, source: PortableSource):
    """NaN where the host counts time: unknown, not NaN, and only there; when it is a number again it counts again."""
    source.read()
    host.cpus = {0: ("nan", 900), 1: (150, "nan")}  # type: ignore[dict-item]
    host.publish()
    host.write(f"{OWN}/stat", stat_line(OWN, b"python", utime="nan"))
    sample = source.read()
    assert (sample["cpu_usage"], sample["per_cpu"]) == (None, [None, None])
    assert (by_pid(sample)[OWN]["cpu_time"], by_pid(sample)[OWN]["cpu"]) == (None, None)
    json.dumps(sample, allow_nan=False)
    host.cpus = {0: (100, 900), 1: (100, 900)}
    for busy in (100, 150):
        host.cpus = {0: (busy, 950), 1: (busy, 950)}
        host.publish()
        sample = source.read()
    assert sample["cpu_usage"] == 100.0


def test_a_boot_time_that_is_no_number_stops_nothing(host: FakeHost, source: PortableSource):
    """The uptime is unknown then, and so are the processes, which have no identity; the reading is there."""
    host.booted = "nan"
    host.publish()
    sample = source.read()
    assert (sample["uptime"], sample["processes"]) == (None, [])
    assert sample["memory"] is not None


def test_memory_and_cpus_are_told_as_by_the_other_source(host: FakeHost, source: PortableSource):
    """The cache of ZFS is no used memory, and a CPU has its own number, of which psutil knows nothing."""
    host.cpus = {0: (150, 950), 2: (10, 10)}
    host.publish()
    host.write("spl/kstat/zfs/arcstats", f"name type data\nsize 4 {500 * 1024}\nc_min 4 {50 * 1024}\n")
    sample = source.read()
    assert (sample["memory_usage"], sample["cpu_numbers"]) == (100 * (1 - 0.25 - 0.45), [0, 2])
    linux = host.source()
    other = linux.read()
    assert (other["memory_usage"], other["cpu_numbers"]) == (sample["memory_usage"], sample["cpu_numbers"])
    linux.close()
