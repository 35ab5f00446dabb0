"""What a process is doing and holding where the kernel's first word misleads, on real processes and by every source."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from procwidget.details.read import details
from procwidget.sources.base import Source
from procwidget.sources.linux.proc import parse_stat
from procwidget.sources.linux.states import misleads, state_of
from procwidget.sources.portable.source import PortableSource
from procwidget.statuses import HANGING
from tests.patience import until
from tests.unit.fake_proc import FakeHost, stat_line
from tests.unit.population import Population
from tests.unit.source_stage import HOST_SOURCES, LINUX, by_pid, read_until

pytestmark = pytest.mark.skipif(not LINUX, reason="these are states of Linux")

LEADERLESS = """
import ctypes, threading, time
held = b"x" * (50 << 20)
threading.Thread(target=time.sleep, args=(1000,)).start()
print("ready", flush=True)
ctypes.CDLL(None).pthread_exit(None)
"""
IN_VFORK = """
import os, sys
os.posix_spawn("/bin/true", ["true"], {}, file_actions=[(os.POSIX_SPAWN_OPEN, 0, sys.argv[1], os.O_RDONLY, 0)])
"""
HUGE = """
import mmap, time
held = mmap.mmap(-1, 8 << 20, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x40000)
for place in range(0, 8 << 20, 2 << 20): held[place] = 1
print("ready", flush=True)
time.sleep(1000)
"""


@pytest.fixture(params=HOST_SOURCES.values(), ids=HOST_SOURCES.keys())
def host(request: pytest.FixtureRequest) -> Iterator[Source]:
    """Every source that reads this host."""
    made = request.param()
    yield made
    made.close()


def state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_process_whose_main_thread_ended_is_alive(host: Source, population: Population):
    """While other threads run it is no zombie: it has their status, its memory and its command line."""
    child = population.start(sys.executable, "-c", LEADERLESS)
    assert child.stdout is not None and child.stdout.readline() == "ready\n"
    before = by_pid(host.read())[child.pid]
    until(lambda: state(child.pid) == "Z")
    rows = by_pid(read_until(host, lambda rows: rows[child.pid]["command"] and rows[child.pid]["memory"]))
    row = rows[child.pid]
    assert row["status"] == "sleeping" and row["status"] not in HANGING
    assert 50 < (row["memory"] or 0) < 500
    assert "pthread_exit" in (row["command"] or "")
    assert row["identity"] == before["identity"]
    found = details(row, [row])
    assert found["memory_resident"] == pytest.approx((row["memory"] or 0) * 2**20)
    assert found["command"] == row["command"]


def test_parent_in_vfork_does_not_hang(host: Source, population: Population, tmp_path: Path):
    """It waits for its child to start a program, in the state of uninterruptible sleep; what it does is sleep."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    child = population.start(sys.executable, "-c", IN_VFORK, str(fifo))
    until(lambda: state(child.pid) == "D")
    try:
        assert by_pid(host.read())[child.pid]["status"] == "sleeping"
    finally:
        fifo.open("w").close()


def test_vfork_is_seen_where_it_may_not_be_asked_for(tmp_path: Path):
    """Of another user's process wchan is secret: a child that has the same memory and runs no program yet tells it."""
    host = FakeHost(tmp_path)
    host.add(7, state="D")
    host.write("7/wchan", "0")
    host.write("7/task/7/children", "8 ")
    stat = parse_stat(stat_line(7, state="D"))
    folder = os.fsencode(host.proc / "7")
    assert stat is not None and misleads(stat)

    def status() -> str | None:
        return state_of(stat, folder, read, lambda _path: None)[0]

    def read(path: bytes) -> bytes | None:
        file = Path(os.fsdecode(path))
        return file.read_bytes() if file.exists() else None

    host.add(8, flags=0x40)
    assert status() == "sleeping"
    host.add(8, flags=0x40, pages=255)  # a fork has memory of its own
    assert status() == "disk-sleep"
    host.add(8)  # has started a program
    assert status() == "disk-sleep"
    host.add(8, flags=0x40)
    host.write("7/wchan", "folio_wait_bit_common")  # waits for a disk, and has a child in a vfork by chance
    assert status() == "disk-sleep"


def test_state_is_followed_where_the_stat_stays_the_same(tmp_path: Path):
    """One that leaves a vfork for a disk between two readings has the same stat, and hangs now."""
    host = FakeHost(tmp_path)
    host.add(7, state="D")
    host.write("7/wchan", "kernel_clone")
    host.publish()
    source = host.source()
    assert by_pid(source.read())[7]["status"] == "sleeping"
    host.write("7/wchan", "folio_wait_bit_common")
    for status in ("disk-sleep", "disk-sleep"):
        host.run(7, 0.001)
        host.pass_time(1)
        host.publish()
        assert by_pid(source.read())[7]["status"] == status
    source.close()


def test_memory_of_a_process_without_its_main_thread_is_unknown_where_no_thread_tells(tmp_path: Path):
    """Its own files say 0: that is not its memory."""
    host = FakeHost(tmp_path)
    host.add(7, state="Z", threads=2, pages=0)
    host.add(8, state="Z", pages=0)
    host.publish()
    source = host.source()
    rows = by_pid(source.read())
    assert (rows[7]["status"], rows[7]["memory"]) == (None, None)
    assert (rows[8]["status"], rows[8]["memory"]) == ("zombie", 0.0)
    source.close()


def test_huge_pages_are_part_of_what_a_process_holds(tmp_path: Path):
    """Where the host has such pages each process that runs is asked for its own; where it has none nobody is."""
    host = FakeHost(tmp_path)
    host.add(7, pages=256)
    host.write("7/status", "Uid:\t0\t0\t0\t0\nHugetlbPages:\t  204800 kB\n")
    source = host.source()
    host.publish()
    assert by_pid(source.read())[7]["memory"] == 1.0
    host.write("meminfo", (host.proc / "meminfo").read_text() + "Hugetlb:  262144 kB\n")
    host.pass_time(10)
    host.run(7, 0.001)
    assert by_pid(source.read())[7]["memory"] == 201.0
    host.write("7/status", "Uid:\t0\t0\t0\t0\nHugetlbPages:\t  102400 kB\n")
    host.pass_time(1)
    host.run(7, 0.001)
    assert by_pid(source.read())[7]["memory"] == 101.0
    source.close()


def test_real_huge_pages_are_counted_once(population: Population):
    """A process that holds 8 MiB of them has 8 MiB more, in its row and its details."""
    pool = Path("/proc/sys/vm/nr_hugepages")
    before = pool.read_text()
    if os.geteuid() or not os.access(pool, os.W_OK):
        pytest.skip("needs root to have huge pages")
    try:
        pool.write_text(str(int(before) + 4))
        if int(pool.read_text()) < int(before) + 4:
            pytest.skip("this host has no memory in one piece for huge pages")
        child = population.start(sys.executable, "-c", HUGE)
        assert child.stdout is not None and child.stdout.readline() == "ready\n"
        sources = [make() for make in HOST_SOURCES.values()]
        row, other = (by_pid(source.read())[child.pid] for source in sources)
        status = Path(f"/proc/{child.pid}/status").read_text()
        small, huge = (int((re.search(rf"{key}:\s+(\d+)", status) or [0, 0])[1]) for key in ("VmRSS", "HugetlbPages"))
        assert huge == 8192
        assert row["memory"] == pytest.approx((small + huge) / 1024, abs=0.5)
        assert other["memory"] == pytest.approx(row["memory"], abs=0.5)
        for source in sources:
            source.close()
        found = details(row, [row])
        assert found["memory_resident"] == pytest.approx((row["memory"] or 0) * 2**20, abs=2**19)
        assert (found["memory_proportional"] or 0) > 8 * 2**20
        assert (found["memory_unique"] or 0) <= (found["memory_resident"] or 0)
    finally:
        pool.write_text(before)


def test_ages_stay_right_for_the_portable_source_when_the_clock_is_set(
    population: Population, monkeypatch: pytest.MonkeyPatch
):
    """Linux's time of boot moves with the wall clock, and start times with it."""
    import psutil

    source, booted = PortableSource(), psutil.boot_time()
    pid = population.sleeper()
    before = by_pid(source.read())[pid]
    monkeypatch.setattr(psutil, "boot_time", lambda: booted + 3600)
    after = by_pid(source.read())[pid]
    assert after["started"] == pytest.approx((before["started"] or 0) + 3600)
    assert after["identity"] == before["identity"]
    source.close()
