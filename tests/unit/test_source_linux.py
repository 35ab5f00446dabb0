"""The gated source on this very host: what only a real kernel, a real GIL and real limits can show."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from procwidget.fields import ON_DEMAND
from procwidget.sources import default_source, io_rates
from procwidget.sources.cgroup import Reader, read_file
from procwidget.sources.linux import processes
from procwidget.sources.linux.entry import SECOND, clock_id
from procwidget.sources.linux.gil_held import GilHeldReader
from procwidget.sources.linux.source import LinuxSource
from tests.patience import until
from tests.unit.population import Population, end
from tests.unit.source_stage import MIB, by_pid, read_until

MAPS = """
import mmap, os, sys, time
file = os.open(sys.argv[1], os.O_RDWR)
held = mmap.mmap(file, 0)
sum(held[::4096])
print("mapped", flush=True)
time.sleep(1000)
"""


@pytest.fixture
def source() -> Iterator[LinuxSource]:
    made = LinuxSource()
    yield made
    made.close()


@pytest.mark.parametrize("wanted", [frozenset(), frozenset(ON_DEMAND) - io_rates.KEYS], ids=["usual", "on demand"])
def test_reading_lets_no_other_thread_run(source: LinuxSource, population: Population, wanted: frozenset[str]):
    """A thread that counts in pure Python makes not one step during a reading: the GIL is never let go.

    But for the counters of disks, which may block, that holds for what is read on demand too.
    """
    source.wanted = wanted
    counted, stop = [0], threading.Event()

    def count() -> None:
        while not stop.is_set():
            counted[0] += 1
            if counted[0] % 1000 == 0:
                time.sleep(0)

    source.read()
    until(lambda: all(row["user"] for row in source.read()["processes"]))
    newcomer = population.sleeper()
    usual = sys.getswitchinterval()
    counter = threading.Thread(target=count, daemon=True)
    counter.start()
    try:
        # From its next pause on, the thread asks for the GIL only after minutes; a release would give it over at once.
        sys.setswitchinterval(1000)
        begun = counted[0]
        until(lambda: counted[0] > begun + 1000)
        before = counted[0]
        sample = source.read()
        after = counted[0]
    finally:
        sys.setswitchinterval(usual)
        stop.set()
        counter.join()
    assert newcomer in by_pid(sample)
    assert after == before


def test_cpu_is_between_two_readings_of_the_clock(source: LinuxSource, population: Population):
    """At 100 ms a spinner's figure lies between what its clock, read around each reading, allows."""
    pid = population.spinner()
    source.read()
    time.sleep(0.05)
    clocks = [time.clock_gettime_ns(clock_id(pid))]
    source.read()
    clocks.append(time.clock_gettime_ns(clock_id(pid)))
    time.sleep(0.1)
    clocks.append(time.clock_gettime_ns(clock_id(pid)))
    sample = source.read()
    clocks.append(time.clock_gettime_ns(clock_id(pid)))
    cpu, interval = by_pid(sample)[pid]["cpu"], sample["interval"]
    assert cpu is not None and interval is not None
    used = cpu / 100 * interval * SECOND
    assert clocks[2] - clocks[1] - 1000 <= used <= clocks[3] - clocks[0] + 1000


def test_new_processes_are_in_the_next_sample(source: LinuxSource, population: Population):
    """Whether few or many have started since, each is there at the next reading, and none after it has ended."""
    source.read()
    for count in (1, 3, 40):
        started = [population.start("sleep", "1000") for _ in range(count)]
        assert {child.pid for child in started} <= by_pid(source.read()).keys()
    for child in started:
        end(child)
    assert not {child.pid for child in started} & by_pid(source.read()).keys()


def test_short_lived_processes_are_counted(source: LinuxSource):
    """Ten that lived and died between two readings are among the started and the ended."""
    source.read()
    for _ in range(10):
        subprocess.run(["true"], check=True)
    sample = source.read()
    assert (sample["started"] or 0) >= 10 and (sample["ended"] or 0) >= 10


def test_orphan_has_its_new_parent_at_once(source: LinuxSource, population: Population):
    """When a parent ends, its sleeping child shows the new one in the same sample, although it has not run."""
    shell, child = population.with_child()
    assert by_pid(source.read())[child]["ppid"] == shell.pid
    end(shell)
    rows = by_pid(source.read())
    assert shell.pid not in rows and rows[child]["ppid"] == psutil.Process(child).ppid()


def test_what_others_do_to_a_sleeper_is_seen_in_its_turn(
    population: Population, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Reniced, and a file that it has mapped cut off: it does not run, yet its row follows, by its turn."""
    monkeypatch.setattr(processes, "STALE_AFTER", SECOND // 5)
    mapped = tmp_path / "mapped"
    mapped.write_bytes(bytes(50 * MIB))
    child = population.start(sys.executable, "-c", MAPS, str(mapped))
    assert child.stdout is not None and child.stdout.readline() == "mapped\n"
    source = LinuxSource()
    row = by_pid(read_until(source, lambda rows: rows[child.pid]["command"] and rows[child.pid]["cpu"] == 0))[child.pid]
    assert row["nice"] == 0 and (row["memory"] or 0) > 50
    os.truncate(mapped, 0)
    os.setpriority(os.PRIO_PROCESS, child.pid, 5)
    rows = by_pid(read_until(source, lambda rows: rows[child.pid]["nice"] == 5 and rows[child.pid]["memory"] < 50))
    assert (rows[child.pid]["cpu"], rows[child.pid]["cpu_time"]) == (0.0, row["cpu_time"])
    source.close()


def test_without_file_descriptors_the_clocks_still_go(source: LinuxSource, population: Population):
    """When none is left, CPU figures go on, what stands in files is unknown, a note says why; later all is back."""
    pid = population.spinner()
    source.read()
    ran = time.clock_gettime_ns(clock_id(pid))
    until(lambda: time.clock_gettime_ns(clock_id(pid)) > ran + SECOND // 100)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, limits[1]))
    try:
        sample = source.read()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    row = by_pid(sample)[pid]
    assert row["cpu"] and row["memory"] is None and sample["memory"] is None
    assert source.notes == ["No file descriptors are left in this process, so most figures are unknown."]
    time.sleep(0.1)
    sample = source.read()
    assert by_pid(sample)[pid]["memory"] and sample["memory"] and source.notes == []


def test_large_files_and_directories_are_read_whole(tmp_path: Path):
    """A file of over one buffer is read to its end, and a directory of thousands is listed whole."""
    files = GilHeldReader()
    (tmp_path / "large").write_bytes(b"x" * 200_000 + b"end")
    assert files.read(os.fsencode(tmp_path / "large")) == b"x" * 200_000 + b"end"
    for number in range(3000):
        (tmp_path / str(number)).touch()
    assert sorted(files.list_pids(os.fsencode(tmp_path)) or []) == list(range(3000))
    assert files.read(os.fsencode(tmp_path / "missing")) is None and files.gone
    assert files.read(os.fsencode(tmp_path)) is None and not files.gone


def test_limits_of_this_host_are_below_what_it_has():
    """Whatever the control groups of this process say here, they are no limit or one below the host's."""
    memory, cpus = psutil.virtual_memory().total, psutil.cpu_count()
    limits = Reader(read=read_file).read(memory, cpus)
    if limits is not None:
        assert limits["memory_total"] is not None or limits["cpus"] is not None
        assert (limits["memory_total"] or 0) < memory and (limits["cpus"] or 0) < cpus
    source = default_source()
    assert source.read()["limits"] == limits
    source.close()


def test_the_thread_that_reads_is_no_process():
    """The kernel takes the reading thread's own id for its process: it must not be shown as another one."""
    seen = []

    def read():
        source = LinuxSource()
        try:
            source.read()
            seen.append((threading.get_native_id(), source.read()))
        finally:
            source.close()

    before = LinuxSource()
    before.read()

    def read_on():
        seen.append((threading.get_native_id(), before.read()))

    for work in (read, read_on, read_on):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    before.close()
    assert len(seen) == 3
    for own, sample in seen:
        pids = [row["pid"] for row in sample["processes"]]
        assert own not in pids
        assert os.getpid() in pids
