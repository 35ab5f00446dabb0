"""The gated source on a host of files, where anything can go wrong at will."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from procwidget.errors import SourceUnavailable
from procwidget.sample import Process, Sample, top_processes
from procwidget.sources.linux.source import LinuxSource
from tests.patience import until
from tests.unit.fake_proc import PAGE, SECOND, TICK, FakeHost, stat_line
from tests.unit.source_stage import by_pid

MIB, GIB = 2**20, 2**30
STEPS = st.sampled_from([0.1, 0.5, 1.0, 2.0, 2.001, 3.0, 7.0, 10.0, 30.0, 60.0])


@pytest.fixture
def host(tmp_path: Path) -> FakeHost:
    """A host with this process and no other."""
    return FakeHost(tmp_path)


@pytest.fixture
def source(host: FakeHost) -> Iterator[LinuxSource]:
    host.publish()
    made = host.source()
    yield made
    made.close()


def read(source: LinuxSource, host: FakeHost, seconds: float = 2.0) -> Sample:
    """Let time pass and take a reading."""
    host.pass_time(seconds)
    host.publish()
    return source.read()


def row_of(sample: Sample, pid: int) -> Process:
    return by_pid(sample)[pid]


def read_until_described(source: LinuxSource, host: FakeHost) -> None:
    """Read until process 7 has what a thread of the source reads in its own time."""
    until(lambda: (row := row_of(read(source, host, 0.1), 7))["command"] and row["user"])


def test_cpu_is_exact_at_short_intervals(host: FakeHost, source: LinuxSource):
    """At 100 ms, a process that ran for 12.345678 ms took 12.345678 %: no ticks, no rounding."""
    host.add(7)
    source.read()
    host.run(7, 0.012345678)
    assert row_of(read(source, host, 0.1), 7)["cpu"] == pytest.approx(12.345678, rel=1e-9)


def test_process_that_did_not_run_is_not_read(host: FakeHost, source: LinuxSource):
    """As long as the clock stands, so does the row, whatever the files say; once it moves they are read."""
    host.add(7)
    read_until_described(source, host)
    idle = row_of(read(source, host, 0.1), 7)
    host.write("7/stat", stat_line(7, threads=3))
    for _ in range(3):
        assert row_of(read(source, host, 0.1), 7) is idle
    host.run(7, 0.001)
    assert row_of(read(source, host, 0.1), 7)["threads"] == 3


@given(st.lists(STEPS, min_size=1, max_size=12), st.sampled_from(["ppid", "nice", "pages"]), st.integers(1, 40))
@settings(max_examples=40, deadline=None)
def test_nothing_is_more_than_thirty_seconds_stale(
    tmp_path_factory: pytest.TempPathFactory, steps: list[float], what: str, others: int
):
    """Parent, nice and memory of an idle process are in a sample within 30 s of changing, at any pace of reading."""
    host = FakeHost(tmp_path_factory.mktemp("host"))
    for pid in range(100, 100 + others):
        host.add(pid, ppid=1)
    host.add(1)
    host.publish()
    source = host.source()
    source.read()
    for step in steps:
        read(source, host, step)
    changed = host.now[time.CLOCK_MONOTONIC]
    if what == "ppid":
        host.end(1)
        host.add(100, **{"ppid": 100 + others})
        host.add(100 + others)
    else:
        host.add(100, **{"ppid": 1, what: 7})
    for step in [*steps, 30.0]:
        row = row_of(read(source, host, step), 100)
        if host.now[time.CLOCK_MONOTONIC] - changed >= 30 * SECOND:
            now = {"ppid": row["ppid"], "nice": row["nice"], "pages": round((row["memory"] or 0) * MIB / PAGE)}
            assert now[what] == (100 + others if what == "ppid" else 7)
            break
    source.close()


def test_reused_pid_starts_anew(host: FakeHost, source: LinuxSource):
    """A pid with another start time is another process: one ended, one started, and no CPU from the old one's clock."""
    host.add(7, b"old", ns=50 * SECOND, start=100)
    source.read()
    before = row_of(read(source, host), 7)
    host.add(7, b"new", ns=SECOND // 2, start=round(1003 * SECOND / TICK))
    sample = read(source, host)
    row = row_of(sample, 7)
    assert (before["identity"], row["identity"], row["name"]) == ("7-100", "7-100300", "new")
    assert (sample["started"], sample["ended"]) == (1, 1)
    assert row["cpu"] == pytest.approx(50.0)


def test_first_cpu_is_the_clock_over_the_age(host: FakeHost, source: LinuxSource):
    """For a process of this interval; for one that is older, its clock says nothing about now."""
    source.read()
    host.add(5001, ns=SECOND // 2, start=round(1001 * SECOND / TICK))
    host.add(5002, ns=SECOND // 2, start=100)
    host.newest = 5002
    rows = by_pid(read(source, host))
    assert rows[5001]["cpu"] == pytest.approx(50.0)
    assert rows[5002]["cpu"] is None


def test_clock_of_a_thread_that_ended_may_run_back(host: FakeHost, source: LinuxSource):
    """A clock a little behind itself, on the same process, is an unknown rate and not a negative one."""
    host.add(7)
    source.read()
    host.ran[7] -= 1000
    assert row_of(read(source, host), 7)["cpu"] is None


def test_process_that_vanishes_between_clock_and_files_leaves(host: FakeHost, source: LinuxSource):
    """Its clock still goes, its files are gone: it is not in the sample, and counted as ended."""
    host.add(7)
    source.read()
    host.run(7, 0.5)
    (host.proc / "7/stat").unlink()
    sample = read(source, host)
    assert 7 not in by_pid(sample) and sample["ended"] == 1


@pytest.mark.parametrize(
    ("file", "unknown"),
    [
        ("stat", {"ppid", "status", "threads", "nice", "session"}),
        ("statm", {"memory"}),
        ("status", {"user"}),
        ("cmdline", {"command"}),
    ],
)
def test_what_may_not_be_read_is_unknown(host: FakeHost, source: LinuxSource, file: str, unknown: set[str]):
    """A file that is refused costs its own values; the rest of the row, CPU included, is there."""
    host.add(7, ppid=1)
    if file == "stat":
        # Never readable, it would not be shown.
        read_until_described(source, host)
    host.deny(f"7/{file}")
    source.read()

    def row_after_work() -> Process:
        host.run(7, 1.0)
        return row_of(read(source, host), 7)

    until(lambda: {key for key, value in row_after_work().items() if value is None} == unknown)
    assert row_after_work()["cpu"] == pytest.approx(50.0)


@pytest.mark.parametrize(
    ("file", "unknown"),
    [
        ("stat", {"cpu_usage", "per_cpu", "cpu_numbers"}),
        ("meminfo", {"memory", "memory_usage"}),
        ("loadavg", {"load_average"}),
        ("uptime", {"uptime"}),
        ("diskstats", {"disk", "disks"}),
        ("net/dev", {"network", "interfaces"}),
    ],
)
def test_what_the_host_may_not_be_asked_is_unknown(host: FakeHost, source: LinuxSource, file: str, unknown: set[str]):
    """A file of the host that is refused costs its own figures, and the sample has all others."""
    source.read()
    host.cpus = {0: (150, 950), 1: (150, 950)}
    before = {key for key, value in read(source, host).items() if not known(value)}
    host.cpus = {0: (200, 1000), 1: (200, 1000)}
    host.pass_time(2.0)
    host.publish()
    host.deny(file)
    assert {key for key, value in source.read().items() if not known(value)} - before == unknown
    assert source.notes == []


def known(value: object) -> bool:
    """Return whether any of a value, which may be a dict, is known."""
    return any(part is not None for part in value.values()) if isinstance(value, dict) else value not in (None, [])


def test_process_that_was_never_readable_is_not_shown_but_said(host: FakeHost, source: LinuxSource):
    """Without stat there is no identity, so there is no row; a note counts such processes."""
    host.add(7)
    host.deny("7/stat")
    assert 7 not in by_pid(source.read())
    assert source.notes == ["1 process of other users may not be read, so it is not shown."]


def test_long_command_line_is_cut(host: FakeHost, source: LinuxSource):
    """Of 2 MB only the beginning is read and shown."""
    host.add(7)
    host.write("7/cmdline", b"x\x00" * 2**20)
    until(lambda: row_of(read(source, host, 0.1), 7)["command"])
    command = row_of(source.read(), 7)["command"]
    assert command is not None and command.startswith("x x x") and len(command) == 4096


@pytest.mark.parametrize("jump", [-3600, 3600])
def test_suspend_and_wall_clock_change_no_rate_and_no_age(host: FakeHost, source: LinuxSource, jump: int):
    """Ten minutes asleep and an hour's jump of the wall clock, to or fro: rates, identity and ages stay right."""
    host.add(7)
    host.add(8)
    source.read()
    before = row_of(read(source, host), 7)
    host.pass_time(600, [time.CLOCK_BOOTTIME, time.CLOCK_REALTIME])
    host.pass_time(jump, [time.CLOCK_REALTIME])
    host.run(7, 1.0)
    sample = read(source, host)
    row = row_of(sample, 7)
    assert (sample["interval"], row["cpu"]) == (2.0, pytest.approx(50.0))
    assert (row["identity"], row["started"]) == (before["identity"], (before["started"] or 0) + jump)
    # It began a tick after boot, and one that did not run is as old.
    assert {sample["time"] - (row_of(sample, pid)["started"] or 0) for pid in (7, 8)} == {1000 + 604 - 1}
    host.pass_time(0.4, [time.CLOCK_REALTIME])
    assert row_of(read(source, host), 8) is row_of(sample, 8)  # a drift is not worth new rows for all


def test_counter_that_runs_backwards_is_unknown(host: FakeHost, source: LinuxSource):
    """Disk, network and a CPU that count back have no rate; the others keep theirs."""
    source.read()
    host.disk, host.net, host.cpus = (1000, 2000), (200, 1700), {0: (50, 950), 1: (150, 1050)}
    sample = read(source, host)
    assert sample["disk"] == {"read": None, "written": 512 * 1000 / 2}
    assert sample["network"] == {"received": None, "sent": 500.0}
    assert sample["per_cpu"] == [None, 25.0]
    assert sample["cpu_usage"] == 25.0


def test_cpus_come_and_go(host: FakeHost, source: LinuxSource):
    """`per_cpu` has the online ones, each with its number; one that has just come is unknown for a reading."""
    assert source.read()["cpu_numbers"] == [0, 1]
    host.cpus = {0: (150, 950), 2: (10, 10)}
    sample = read(source, host)
    assert (sample["per_cpu"], sample["cpu_numbers"]) == ([50.0, None], [0, 2])
    host.cpus = {0: (200, 1000), 2: (20, 40)}
    sample = read(source, host)
    assert (sample["per_cpu"], sample["cpu_numbers"]) == ([50.0, 25.0], [0, 2])


def test_the_cache_of_zfs_is_not_used_memory(host: FakeHost, source: LinuxSource):
    """48 of 64 GiB are in its cache, which shrinks to 2 GiB on demand: the host is not full."""
    assert source.read()["memory_usage"] == 75.0
    host.write("meminfo", f"MemTotal: {64 * GIB >> 10} kB\nMemAvailable: {6 * GIB >> 10} kB\n")
    head = "13 1 0x01 96 4608 1 2\nname                            type data\n"
    names = {"arc_size": 1, "size": 48 * GIB, "c_min": 2 * GIB, "c_max": 50 * GIB, "hdr_size": 3}
    host.write("spl/kstat/zfs/arcstats", head + "".join(f"{name:<31} 4    {size}\n" for name, size in names.items()))
    sample = read(source, host)
    assert sample["memory"] is not None and sample["memory"]["available"] == (6 + 46) * GIB
    assert sample["memory_usage"] == 100 * 12 / 64


def test_those_that_lived_in_between_are_counted(host: FakeHost, source: LinuxSource):
    """Of five ids given out one is still there: four more came and went, if somebody waited for a child meanwhile."""
    host.add(7)
    source.read()
    for reaped, started in ((12, 5), (12, 1)):
        host.newest += 5
        host.forks += 5
        host.add(host.newest, start=100_100)
        host.add(7, ns=host.ran[7] + 1, child_faults=reaped)
        sample = read(source, host)
        assert (sample["started"], sample["ended"]) == (started, started - 1)


def test_clocks_that_are_refused_are_no_source(host: FakeHost):
    """Where the kernel refuses process clocks, or /proc is of other processes, the reason is said at once."""
    del host.ran[os.getpid()]
    with pytest.raises(SourceUnavailable, match="CPU clocks"):
        host.source()
    with pytest.raises(SourceUnavailable, match="cannot be read"):
        LinuxSource(proc="/nonexistent")


def test_proc_that_goes_away_is_said(host: FakeHost, source: LinuxSource, tmp_path: Path):
    """A /proc that cannot be listed at the first reading is an error in words, and readings work when it is back."""
    host.proc.rename(tmp_path / "away")
    with pytest.raises(SourceUnavailable, match="cannot be listed"):
        source.read()
    (tmp_path / "away").rename(host.proc)
    assert os.getpid() in by_pid(source.read())


@given(
    st.lists(
        st.lists(
            st.tuples(st.sampled_from(["add", "run", "end", "reuse", "refuse"]), st.integers(100, 106)), max_size=6
        ),
        min_size=1,
        max_size=8,
    )
)
@example([[("add", 100)], [("run", 100)], [("reuse", 100)]])
@settings(max_examples=60, deadline=None)
def test_what_is_counted_as_rows_change_is_what_the_rows_add_up_to(
    tmp_path_factory: pytest.TempPathFactory, turns: list[list[tuple[str, int]]]
):
    """Threads and the first by CPU, whoever comes, runs, goes, has its pid taken or may not be read any more."""
    host = FakeHost(tmp_path_factory.mktemp("host"))
    host.publish()
    source, start = host.source(top=1), 100
    source.read()
    for turn in turns:
        for what, pid in turn:
            start += 1
            if what == "end" and pid in host.ran:
                host.end(pid)
            elif what == "run" and pid in host.ran:
                host.run(pid, 0.1 + pid / 1000)
            elif what == "refuse" and pid in host.ran:
                host.run(pid, 0.2)
                host.deny(f"{pid}/stat")
            elif (pid in host.ran) == (what == "reuse"):
                host.newest = max(host.newest, pid)
                host.add(pid, threads=1 + start % 5, start=start, ns=start)
        host.newest += 1000  # so that all are listed
        sample = read(source, host)
        rows = sample["processes"]
        assert sample["thread_count"] == sum(row["threads"] or 0 for row in rows)
        assert sample["top_processes"] == top_processes(rows, 1)
    source.close()
