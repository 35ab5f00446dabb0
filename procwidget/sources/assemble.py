"""Makes a sample of what a source read: percentages and rates from the counters of two readings. Pure.

Every source reads counters in its own way and hands them to `to_sample`, so the differences are taken in one place:
a counter that ran backwards, or that was not there before, gives `None`, never a negative rate and never a spike.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from procwidget.effective import effective_of
from procwidget.sample import Limits, Memory, Process, Sample, top_processes

Counters = Mapping[str, tuple[int, int]]
"""Bytes in and out since boot, by device."""

HIDDEN = "Processes of other users are hidden (hidepid), so they are not shown."

_LOOPBACK = re.compile(r"lo\d*|Loopback.*")
_NOT_A_DISK = re.compile(r"(loop|ram|zram|dm-|md)\d.*")


class CpuTimes(NamedTuple):
    """How long a CPU was busy and idle since boot, both in the same unit; waiting for a disk is idle."""

    busy: float
    idle: float


Cpus = Mapping[Any, CpuTimes]
"""The times of each online CPU, in their order, by what tells them apart."""


class Reading(NamedTuple):
    """What a source read of the host itself, at one moment; what it could not read is `None` or empty.

    `disks` holds whole disks only, `networks` all interfaces but loopback.
    """

    time: float
    monotonic: float
    uptime: float | None
    cpus: Cpus
    memory: Memory | None
    load_average: list[float] | None
    disks: Counters | None
    networks: Counters | None
    limits: Limits | None


class Host(NamedTuple):
    """What stays the same from sample to sample: the source's name, the host's name and the boot's id."""

    source: str
    name: str
    boot_id: str


class Processes(NamedTuple):
    """The rows of a reading; `started` and `ended` since the one before, `None` in the first.

    All rows that do not say 0 % CPU are among those that are `busy`: a source that knows them saves the look for them.
    """

    rows: list[Process]
    top: int
    threads: int | None
    started: int | None
    ended: int | None
    busy: list[Process] | None = None


def to_sample(host: Host, before: Reading | None, now: Reading, processes: Processes) -> Sample:
    """Return the sample of the reading `now`, its rates since the reading `before`."""
    interval = None if before is None else now.monotonic - before.monotonic
    cpu_usage, per_cpu = _cpu_percent(before.cpus if before else {}, now.cpus)
    read, written = _rates(before and before.disks, now.disks, interval)
    received, sent = _rates(before and before.networks, now.networks, interval)
    memory = now.memory
    memory_usage = 100.0 * memory["used"] / memory["total"] if memory and memory["total"] else None
    limits = _limits(before and before.limits, now.limits, interval)
    busy = [row for row in processes.busy or () if row["cpu"]]
    rows = busy if len(busy) >= processes.top else processes.rows
    return {
        "time": now.time,
        "monotonic": now.monotonic,
        "interval": interval,
        "source": host.source,
        "host": host.name,
        "boot_id": host.boot_id,
        "uptime": now.uptime,
        "cpu_usage": cpu_usage,
        "per_cpu": per_cpu,
        "memory_usage": memory_usage,
        "memory": memory,
        "load_average": now.load_average,
        "disk": {"read": read, "written": written},
        "network": {"received": received, "sent": sent},
        "limits": limits,
        "effective": effective_of(cpu_usage, per_cpu, memory_usage, memory, limits),
        "process_count": len(processes.rows),
        "thread_count": processes.threads,
        "started": processes.started,
        "ended": processes.ended,
        "processes": processes.rows,
        "top_processes": top_processes(rows, processes.top),
    }


def memory_of(total: int, available: int, swap_total: int, swap_free: int) -> Memory:
    """Return the memory of a host from what it has, all in bytes; what is not available counts as used."""
    available = min(max(available, 0), total)
    swap_used = min(max(swap_total - swap_free, 0), swap_total)
    return {
        "total": total,
        "available": available,
        "used": total - available,
        "swap_total": swap_total,
        "swap_used": swap_used,
        "swap_usage": 100.0 * swap_used / swap_total if swap_total else None,
    }


def whole_disks(names: Iterable[str]) -> set[str]:
    """Return which of these block devices are disks, so that each byte counts once.

    Left out are partitions, which the kernel names after their disk and lists after it ("sda1", "nvme0n1p1"), and
    devices on top of others or of memory (loop, ram, zram, device mapper, md).
    """
    disks: set[str] = set()
    for name in names:
        if not _NOT_A_DISK.fullmatch(name):
            # A disk whose own name ends in a digit has a "p" before the partition's number.
            partition = re.fullmatch(r"(.*\d)p\d+|(.*\D)\d+", name)
            if not partition or (partition[1] or partition[2]) not in disks:
                disks.add(name)
    return disks


def refused_note(count: int) -> str:
    """Return the sentence that says that so many processes are not shown."""
    what, they = ("1 process", "it is") if count == 1 else (f"{count:,} processes", "they are")
    return f"{what} of other users may not be read, so {they} not shown."


def is_loopback(interface: str) -> bool:
    """Return whether a network interface of this name only leads back to the host."""
    return _LOOPBACK.fullmatch(interface) is not None


def _cpu_percent(before: Cpus, now: Cpus) -> tuple[float | None, list[float | None]]:
    per_cpu: list[float | None] = []
    all_busy = all_idle = 0.0
    for cpu, times in now.items():
        earlier = before.get(cpu)
        percent = None
        if earlier is not None and times.busy >= earlier.busy:
            busy = times.busy - earlier.busy
            # proc(5): the time spent waiting for I/O may decrease.
            idle = max(times.idle - earlier.idle, 0.0)
            percent = _percent(busy, idle)
            all_busy += busy
            all_idle += idle
        per_cpu.append(percent)
    return _percent(all_busy, all_idle), per_cpu


def _percent(busy: float, idle: float) -> float | None:
    return 100.0 * busy / (busy + idle) if busy + idle > 0 else None


def _limits(before: Limits | None, now: Limits | None, interval: float | None) -> Limits | None:
    if now is None or before is None or now["cpu_cgroup"] != before["cpu_cgroup"] or not interval or interval <= 0:
        return now
    earlier, later, cpus = before["cpu_time"], now["cpu_time"], now["cpus"]
    if earlier is None or later is None or later < earlier or not cpus:
        return now
    # A group may run a little over its quota, and catch up later.
    return {**now, "cpu_usage": min(100.0, 100.0 * (later - earlier) / (interval * cpus))}


def _rates(before: Counters | None, now: Counters | None, interval: float | None) -> tuple[float | None, float | None]:
    if before is None or now is None or interval is None or interval <= 0:
        return None, None
    kept = now.keys() & before.keys()
    incoming = [now[name][0] - before[name][0] for name in kept]
    outgoing = [now[name][1] - before[name][1] for name in kept]
    return _rate(incoming, interval), _rate(outgoing, interval)


def _rate(differences: list[int], interval: float) -> float | None:
    return None if any(difference < 0 for difference in differences) else sum(differences) / interval
