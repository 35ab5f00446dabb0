"""Limits of control groups, over trees of files as version 1, version 2 and containers show them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procwidget.sources.cgroup import Group, Reader, groups, parse_amount, parse_cpu_list

GIB = 2**30
NO_LIMIT_V1 = "9223372036854771712"


class Tree:
    """A /proc/self with control groups; `limits` reads them as on a host with 16 GiB and 8 CPUs."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.mounts: list[str] = []

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def mount(self, point: str, kind: str, options: str = "rw", root: str = "/") -> None:
        at = f"{self.root / point}".replace(" ", r"\040")
        self.mounts.append(f"35 24 0:30 {root} {at} rw,nosuid shared:9 - {kind} {kind} {options}")
        self.write("proc/self/mountinfo", "\n".join(["22 1 0:5 / / rw - ext4 /dev/sda1 rw", *self.mounts, ""]))

    def reader(self) -> Reader:
        return Reader(proc=str(self.root / "proc"))

    def limits(self) -> tuple[object, ...] | None:
        limits = self.reader().read(16 * GIB, 8)
        return limits and tuple(limits[key] for key in ("memory_total", "memory_used", "cpus"))

    def names(self) -> tuple[object, ...]:
        limits = self.reader().read(16 * GIB, 8)
        assert limits is not None
        return limits["memory_cgroup"], limits["cpu_cgroup"]


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def test_version_2_limits_are_read(tree: Tree):
    """Memory without what can be dropped from it, and a quota as a number of CPUs."""
    tree.mount("cgroup", "cgroup2")
    tree.write("proc/self/cgroup", "0::/user/job\n")
    tree.write("cgroup/user/job/memory.max", f"{2 * GIB}\n")
    tree.write("cgroup/user/job/memory.current", f"{GIB}\n")
    tree.write("cgroup/user/job/memory.stat", f"anon 5\nshmem 9\ninactive_file {GIB // 8}\nactive_file {GIB // 8}\n")
    tree.write("cgroup/user/job/cpu.max", "150000 100000\n")
    assert tree.limits() == (2 * GIB, GIB - GIB // 4, 1.5)
    assert tree.names() == ("/user/job", "/user/job")


def test_version_1_limits_are_read(tree: Tree):
    """The same from the files of version 1, each controller in a tree of its own."""
    tree.mount("memory", "cgroup", "rw,memory")
    tree.mount("cpu,cpuacct", "cgroup", "rw,cpu,cpuacct")
    tree.write("proc/self/cgroup", "4:memory:/job\n3:cpu,cpuacct:/job\n1:name=systemd:/x\n0::/x\n")
    tree.write("memory/job/memory.limit_in_bytes", f"{GIB}\n")
    tree.write("memory/job/memory.usage_in_bytes", f"{GIB // 2}\n")
    stat = f"inactive_file 7\nactive_file 7\ntotal_inactive_file {GIB // 16}\ntotal_active_file {GIB // 16}\n"
    tree.write("memory/job/memory.stat", stat)
    tree.write("cpu,cpuacct/job/cpu.cfs_quota_us", "50000\n")
    tree.write("cpu,cpuacct/job/cpu.cfs_period_us", "100000\n")
    assert tree.limits() == (GIB, GIB // 2 - GIB // 8, 0.5)
    assert tree.names() == ("/job", "/job")


@pytest.mark.parametrize("memory", ["max", str(16 * GIB), str(64 * GIB)])
def test_no_limit_or_one_above_the_host_is_none(tree: Tree, memory: str):
    """What leaves all of the host's memory and CPUs is not shown as a limit."""
    tree.mount("cgroup", "cgroup2")
    tree.write("proc/self/cgroup", "0::/job\n")
    tree.write("cgroup/job/memory.max", memory + "\n")
    tree.write("cgroup/job/cpu.max", "max 100000\n")
    assert tree.limits() is None


def test_version_1_says_no_limit_with_a_number(tree: Tree):
    """Version 1 writes the largest number of pages for memory and -1 for a quota."""
    tree.mount("cg", "cgroup", "rw,memory,cpu")
    tree.write("proc/self/cgroup", "4:memory,cpu:/job\n")
    tree.write("cg/job/memory.limit_in_bytes", NO_LIMIT_V1)
    tree.write("cg/job/cpu.cfs_quota_us", "-1")
    tree.write("cg/job/cpu.cfs_period_us", "100000")
    assert tree.limits() is None


def test_tightest_limit_on_the_way_up_counts(tree: Tree):
    """A group's own generous limit is bound by a tighter one above it, which is the one named."""
    tree.mount("cgroup", "cgroup2")
    tree.write("proc/self/cgroup", "0::/slice/service\n")
    tree.write("cgroup/slice/service/memory.max", f"{8 * GIB}")
    tree.write("cgroup/slice/memory.max", f"{GIB}")
    tree.write("cgroup/slice/memory.current", "1000")
    assert tree.limits() == (GIB, 1000, None)
    assert tree.names() == ("/slice", None)


def test_set_of_cpus_is_a_limit(tree: Tree):
    """A group that may run on some CPUs only has at most those, even with a larger quota."""
    tree.mount("cgroup", "cgroup2")
    tree.write("proc/self/cgroup", "0::/job\n")
    tree.write("cgroup/job/cpu.max", "600000 100000")
    tree.write("cgroup/job/cpuset.cpus.effective", "0-1,7\n")
    assert tree.limits() == (None, None, 3)
    assert tree.names() == (None, "/job")


def test_set_of_cpus_is_of_the_group_that_was_given_it(tree: Tree):
    """A job's steps have its CPUs too, and what counts is how much the whole job takes of them."""
    tree.mount("cgroup", "cgroup2")
    tree.write("proc/self/cgroup", "0::/job/step/task\n")
    for group, cpus in (("", "0-7"), ("/job", "0-1"), ("/job/step", "0-1"), ("/job/step/task", "0-1")):
        tree.write(f"cgroup{group}/cpuset.cpus.effective", f"{cpus}\n")
    tree.write("cgroup/job/cpu.stat", "usage_usec 2000000\n")
    limits = tree.reader().read(16 * GIB, 8)
    assert limits is not None
    assert (limits["cpu_cgroup"], limits["cpus"], limits["cpu_time"]) == ("/job", 2, 2.0)


def test_without_the_hosts_figures_nothing_is_called_a_limit(tree: Tree):
    """Where the host's memory or CPUs are unknown, so is whether the group has less."""
    tree.mount("memory", "cgroup", "rw,memory")
    tree.write("proc/self/cgroup", "4:memory:/job\n")
    tree.write("memory/job/memory.limit_in_bytes", NO_LIMIT_V1)
    assert tree.reader().read(None, 0) is None


@pytest.mark.parametrize(("first", "contained"), [("/job", True), ("/job/init", True), ("/", False), (None, False)])
def test_a_group_holds_all_that_is_shown_where_it_holds_the_first_process(tree: Tree, first: str, contained: bool):
    """In a container it does; a user's slice on a host holds some processes only."""
    tree.mount("cgroup", "cgroup2")
    tree.write("proc/self/cgroup", "0::/job\n")
    if first is not None:
        tree.write("proc/1/cgroup", f"0::{first}\n")
    tree.write("cgroup/job/memory.max", f"{2 * GIB}\n")
    limits = tree.reader().read(16 * GIB, 8)
    assert limits is not None and limits["contained"] is contained


@pytest.mark.parametrize(("path", "root"), [("/", "/"), ("/docker/abc", "/docker/abc"), ("/../../other", "/")])
def test_container_sees_its_own_group(tree: Tree, path: str, root: str):
    """In a container the mount's root is the group itself, whatever path /proc/self/cgroup gives."""
    tree.mount("with space", "cgroup2", root=root)
    tree.write("proc/self/cgroup", f"0::{path}\n")
    tree.write("with space/memory.max", f"{GIB}")
    assert tree.limits() == (GIB, None, None)
    assert tree.names() == (root, None)


def test_limit_set_while_running_is_found(tree: Tree):
    """The limits are looked for again after a while, and what is used is read each time."""
    tree.mount("cgroup", "cgroup2")
    tree.write("proc/self/cgroup", "0::/job\n")
    tree.write("cgroup/job/memory.max", "max")
    reader = tree.reader()
    assert reader.read(16 * GIB, 8) is None
    tree.write("cgroup/job/memory.max", f"{GIB}")
    found = [reader.read(16 * GIB, 8) for _ in range(30)][-1]
    assert found is not None and (found["memory_total"], found["memory_used"]) == (GIB, None)
    tree.write("cgroup/job/memory.current", "4096")
    again = reader.read(16 * GIB, 8)
    assert again is not None and again["memory_used"] == 4096


def test_host_without_control_groups_has_no_limits(tree: Tree):
    """Nothing mounted, nothing in /proc: no limit, and no error."""
    assert tree.limits() is None
    tree.write("proc/self/cgroup", "0::/job\n")
    tree.write("proc/self/mountinfo", "nonsense\n")
    assert tree.limits() is None


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_no_bytes_make_the_parsers_fail(own: bytes, mounts: bytes):
    """Anything at all in these files is groups or none, an amount or none."""
    assert all(isinstance(group, Group) for group in groups("memory", b"0::/" + own, mounts))
    assert all(isinstance(group, Group) for group in groups("memory", own, b"1 2 3 / /cg rw - cgroup2 x " + mounts))
    assert parse_amount(own) is None or own.strip().isdigit()
    assert parse_cpu_list(own) >= 0


@given(st.sets(st.integers(0, 300), min_size=1))
def test_cpu_list_counts_each(cpus: set[int]):
    """A list counts as many CPUs as it names, in ranges or singly."""
    assert parse_cpu_list(",".join(str(cpu) for cpu in cpus).encode()) == len(cpus)
    assert parse_cpu_list(b"%d-%d\n" % (min(cpus), max(cpus))) == max(cpus) - min(cpus) + 1
