"""Reads what this process's control group allows it: `Limits`, from files of cgroup v1 or v2. Caller's thread.

The formats are the kernel's: Documentation/admin-guide/cgroup-v2.rst, cgroup-v1/memory.rst and cpuacct.rst,
scheduler/sched-bwc.rst, and proc(5) for mountinfo. A group is bound by its own limits and by those of every group
above it, so the tightest on the way up counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from procwidget.limits import Limits
from procwidget.sources.linux.proc import unescaped, whole
from procwidget.sources.throttling import Throttling, parse_throttling

ReadFile = Callable[[str], bytes | None]
"""Returns what a file holds, `None` where it cannot be read."""

_LOOK_AGAIN = 30
"""Readings after which limits are looked for again: they may be set while this process runs."""


class Group(NamedTuple):
    """A control group: its path as the kernel gives it, the directory that shows it, and its version, 1 or 2."""

    path: str
    directory: str
    version: int


class _Bound(NamedTuple):
    amount: float
    group: Group


def read_file(path: str) -> bytes | None:
    """Return what a file holds, `None` where it cannot be read."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return None


class Reader:
    """Reads the limits of a process again and again.

    Args:
        proc: where /proc is.
        read: how files are read.
        pid: whose limits; "self" is this process.
    """

    def __init__(self, proc: str = "/proc", read: ReadFile = read_file, pid: str = "self") -> None:
        self._proc, self._read, self._pid = proc, read, pid
        self.throttling: Throttling | None = None
        """What the last `read` found of the group with the tightest quota of CPU time; `None` without one."""
        self._quota: _Bound | None = None
        self._memory: _Bound | None = None
        self._cpus: _Bound | None = None
        self._counted: Group | None = None  # what counts the CPU time of the group that `_cpus` is of
        self._of_first: list[Group] = []  # the groups of the first process: those hold all that are shown
        self._reads = 0

    def read(self, host_memory: int | None, host_cpus: int) -> Limits | None:
        """Return the limits of now; `None` where they leave all of the host's memory (bytes) and CPUs.

        `cpu_usage` takes two readings, so it is `None` here.
        """
        if self._reads % _LOOK_AGAIN == 0:
            self._find()
        self._reads += 1
        quota = self._quota if self._quota and self._quota.amount < host_cpus else None
        stat = self._read(f"{quota.group.directory}/cpu.stat") if quota else None
        self.throttling = parse_throttling(quota.group.path, stat) if quota else None
        # Without the host's figures it is unknown whether a group has less.
        memory = self._memory if self._memory and self._memory.amount < (host_memory or 0) else None
        cpus = self._cpus if self._cpus and self._cpus.amount < host_cpus else None
        if memory is None and cpus is None:
            return None
        return {
            "memory_cgroup": memory.group.path if memory else None,
            "memory_total": int(memory.amount) if memory else None,
            "memory_used": self._memory_used(memory.group) if memory else None,
            "cpu_cgroup": cpus.group.path if cpus else None,
            "cpus": cpus.amount if cpus else None,
            "cpu_time": self._cpu_time(quota and quota.group, stat) if cpus else None,
            "cpu_usage": None,
            "contained": all(bound.group in self._of_first for bound in (memory, cpus) if bound),
        }

    def _find(self) -> None:
        own, mounts = self._read(f"{self._proc}/{self._pid}/cgroup"), self._read(f"{self._proc}/self/mountinfo")
        if own is None or mounts is None:
            return
        memory = [
            _Bound(limit, group) for group in groups("memory", own, mounts) if (limit := self._memory_limit(group))
        ]
        cpus = [_Bound(quota, group) for group in groups("cpu", own, mounts) if (quota := self._cpu_quota(group))]
        self._quota = min(cpus, key=lambda bound: bound.amount, default=None)
        sets = [_Bound(count, group) for group in groups("cpuset", own, mounts) if (count := self._cpu_count(group))]
        # The set of a group is within that of the group above it already, so the last of as few is who was given it.
        cpus += [bound for bound in sets if bound.amount == sets[0].amount][-1:]
        first = self._read(f"{self._proc}/1/cgroup") or b""
        self._of_first = [group for name in ("memory", "cpu", "cpuset") for group in groups(name, first, mounts)]
        self._memory = min(memory, key=lambda bound: bound.amount, default=None)
        self._cpus = min(cpus, key=lambda bound: bound.amount, default=None)
        counting = [self._cpus.group] if self._cpus else []
        if counting and counting[0].version == 1:
            # Version 1 counts in another controller, which may have groups of its own.
            counting = [group for group in groups("cpuacct", own, mounts) if group.path == counting[0].path]
        self._counted = counting[0] if counting else None

    def _memory_limit(self, group: Group) -> int | None:
        name = "memory.limit_in_bytes" if group.version == 1 else "memory.max"
        return parse_amount(self._read(f"{group.directory}/{name}"))

    def _cpu_quota(self, group: Group) -> float | None:
        if group.version == 2:
            quota, _, period = (self._read(f"{group.directory}/cpu.max") or b"").partition(b" ")
            return _quotient(quota, period)
        names = ("cpu.cfs_quota_us", "cpu.cfs_period_us")
        return _quotient(*(self._read(f"{group.directory}/{name}") for name in names))

    def _cpu_count(self, group: Group) -> int:
        name = "cpuset.effective_cpus" if group.version == 1 else "cpuset.cpus.effective"
        return parse_cpu_list(self._read(f"{group.directory}/{name}") or b"")

    def _cpu_time(self, read: Group | None, stat: bytes | None) -> float | None:
        """Return the CPU seconds that the group has used, given the cpu.stat of one that is read already."""
        group = self._counted
        if group is None:
            return None
        if group.version == 1:
            nanoseconds = parse_amount(self._read(f"{group.directory}/cpuacct.usage"))
            return None if nanoseconds is None else nanoseconds / 1e9
        stat = stat if group == read else self._read(f"{group.directory}/cpu.stat")
        found = re.search(rb"^usage_usec (\d{1,20})$", stat or b"", re.MULTILINE)
        return int(found[1]) / 1e6 if found else None

    def _memory_used(self, group: Group) -> int | None:
        first = group.version == 1
        usage = parse_amount(self._read(f"{group.directory}/{'memory.usage_in_bytes' if first else 'memory.current'}"))
        if usage is None:
            return None
        # Pages of files can be dropped, those read more than once too; those of tmpfs are counted elsewhere.
        key = rb"^total_(?:in)?active_file (\d{1,20})$" if first else rb"^(?:in)?active_file (\d{1,20})$"
        found = re.findall(key, self._read(f"{group.directory}/memory.stat") or b"", re.MULTILINE)
        return max(0, usage - sum(map(int, found)))


def groups(controller: str, own: bytes, mounts: bytes) -> list[Group]:
    """Return the groups of this process that `controller` ("memory", "cpu" …) works on, its own first, then upwards.

    Args:
        controller: as /proc/self/cgroup calls it.
        own: /proc/self/cgroup; a controller that it does not list is one of version 2.
        mounts: /proc/self/mountinfo.
    """
    version, path = 2, None
    for line in own.decode("utf-8", "replace").splitlines():
        number, _, rest = line.partition(":")
        controllers, _, group = rest.partition(":")
        if controller in controllers.split(","):
            version, path = 1, group
            break
        if number == "0" and not controllers:
            path = group
    mount = _mount(controller if version == 1 else None, mounts)
    if path is None or mount is None:
        return []
    root, point = mount
    # In a container the mount shows only the part from its root down, and the path may lie above that ("/../..").
    inside = path[len(root.rstrip("/")) :] if (path + "/").startswith(root.rstrip("/") + "/") else ""
    names = [name for name in inside.split("/") if name]
    if ".." in names:
        names = []
    found = []
    for depth in range(len(names), -1, -1):
        below = "".join(f"/{name}" for name in names[:depth])
        found.append(Group((root.rstrip("/") + below) or "/", point + below, version))
    return found


def _mount(controller: str | None, mounts: bytes) -> tuple[str, str] | None:
    for line in mounts.decode("utf-8", "replace").splitlines():
        before, separator, after = line.partition(" - ")
        place, kind = before.split(" "), after.split(" ")
        if not separator or len(place) < 5:
            continue
        if kind[0] == "cgroup2" if controller is None else kind[0] == "cgroup" and controller in kind[-1].split(","):
            return unescaped(place[3]), unescaped(place[4])
    return None


def parse_amount(text: bytes | None) -> int | None:
    """Return the whole number a file holds; `None` for "max", for anything else and for no file."""
    return whole((text or b"").strip())


def _quotient(quota: bytes | None, period: bytes | None) -> float | None:
    part, whole = parse_amount(quota), parse_amount(period)
    return part / whole if part and whole else None


def parse_cpu_list(text: bytes) -> int:
    """Return how many CPUs a list such as "0-3,7" names; 0 for none or what is not such a list."""
    if not re.fullmatch(rb"\d{1,9}(-\d{1,9})?(,\d{1,9}(-\d{1,9})?)*", text := text.strip()):
        return 0
    count = 0
    for part in text.split(b","):
        first, _, last = part.partition(b"-")
        count += max(0, int(last or first) - int(first) + 1)
    return count
