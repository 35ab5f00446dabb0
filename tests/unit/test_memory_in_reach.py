"""The memory that one process can use, and how many were killed for want of it."""

from __future__ import annotations

from procwidget.jupyter.death import Evidence
from procwidget.jupyter.kernel_readings import KernelReadings
from procwidget.jupyter.memory_in_reach import InReach, MemoryInReach

MIB = 2**20
MOUNTS = b"30 1 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"


def files(group="/nb", kills=1):
    """A host of 1,000 MiB with one limited control group."""
    root = f"/sys/fs/cgroup{group}"
    return {
        "/proc/self/mountinfo": MOUNTS,
        "/proc/7/mountinfo": MOUNTS,
        "/proc/7/cgroup": f"0::{group}\n".encode(),
        "/proc/7/status": b"Name:\tpython\nVmRSS:\t    2048 kB\n",
        "/proc/meminfo": b"MemTotal: 1024000 kB\nMemFree: 512000 kB\nMemAvailable: 614400 kB\n",
        "/proc/vmstat": b"nr_free_pages 1\noom_kill 9\n",
        f"{root}/memory.max": str(100 * MIB).encode(),
        f"{root}/memory.current": str(40 * MIB).encode(),
        f"{root}/memory.stat": b"anon 1\ninactive_file 0\n",
        f"{root}/memory.events": f"low 0\noom_kill {kills}\n".encode(),
    }


def test_a_limited_groups_memory_and_counter_count_and_else_the_hosts():
    """Whoever is limited by a group dies of its limit."""
    at = files()
    memory = MemoryInReach(7, read=at.get)
    assert memory.read() == InReach(40 * MIB, 100 * MIB, 9, None, 9)
    memory.follow(memory.group())
    assert memory.read() == InReach(40 * MIB, 100 * MIB, 1, "/nb", 9)
    del at["/sys/fs/cgroup/nb/memory.max"], at["/sys/fs/cgroup/nb/memory.events"]
    assert MemoryInReach(7, read=at.get).read() == InReach(409_600 * 1024, 1_024_000 * 1024, 9, None, 9)


def test_of_a_process_that_has_ended_its_groups_of_before_count(monkeypatch):
    """What has ended is in the first group of all, whose counter is another: the difference would be of two groups."""
    at = files()
    monkeypatch.setattr("procwidget.jupyter.kernel_readings.read_file", at.get)
    readings = KernelReadings(7)
    readings._memory = MemoryInReach(7, read=at.get)
    readings.read()
    at["/proc/7/status"], at["/proc/7/cgroup"] = b"Name:\tpython\nState:\tZ (zombie)\n", b"0::/\n"
    at["/sys/fs/cgroup/memory.events"] = b"oom_kill 5\n"
    readings.read()
    seen = readings.evidence(-11)
    assert (seen.memory, seen.used, seen.limit, seen.oom_kills, seen.group) == (2 * MIB, 40 * MIB, 100 * MIB, 0, "/nb")
    assert isinstance(seen, Evidence) and seen.age == seen.watched


def test_of_a_group_that_is_gone_the_hosts_counter_counts_from_reading_to_reading():
    """Many a group goes with its last process; counters of two things have no difference."""
    at = files(kills=5)
    memory = MemoryInReach(7, read=at.get)
    memory.follow(memory.group())
    before = memory.read()
    assert memory.rose(before) == (0, "/nb")
    del at["/sys/fs/cgroup/nb/memory.events"]
    assert memory.rose(before) == (0, None)
    at["/proc/vmstat"] = b"oom_kill 10\n"
    assert memory.rose(before) == (1, None)
