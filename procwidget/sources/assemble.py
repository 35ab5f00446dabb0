"""Makes a sample of what a source read: percentages and rates from the counters of two readings. Pure.

Every source reads counters in its own way and hands them to `to_sample`, so the differences are taken in one place:
a counter that ran backwards, or that was not there before, gives `None`, never a negative rate and never a spike.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from procwidget.effective import effective_of
from procwidget.limits import Limits
from procwidget.machine import Gpu, Sensors, System
from procwidget.sample import Filesystem, Memory, Process, Sample, top_processes
from procwidget.sources.counters import Disks, Interfaces, disk_rates, interface_rates, total_rates
from procwidget.sources.kernel_counts import KernelCounts, cpu_shares, grown, pressure_shares, rate, tcp_figures
from procwidget.sources.slow_figures import SlowFigures
from procwidget.sources.throttling import Throttling, throttled_share

HIDDEN = "Processes of other users are hidden (hidepid), so they are not shown."


_NOTHING_COUNTED = KernelCounts()
_NOT_READ = SlowFigures()


class CpuTimes(NamedTuple):
    """How long a CPU was busy and idle since boot, both in the same unit; waiting for a disk is idle."""

    busy: float
    idle: float


Cpus = Mapping[Any, CpuTimes]
"""The times of each online CPU, in their order, by what tells them apart."""


class Reading(NamedTuple):
    """What a source read of the host itself, at one moment; what it could not read is `None` or empty.

    `cpu_numbers` has a number for each of `cpus`, `None` where the system does not number them.
    `disks` and `interfaces` hold all but partitions and loopback, `counted_disks` and `counted_interfaces` the names of
    those that are added up to the host's totals (`sources/devices.py`).
    """

    time: float
    monotonic: float
    uptime: float | None
    cpus: Cpus
    cpu_numbers: list[int] | None
    memory: Memory | None
    load_average: list[float] | None
    disks: Disks | None
    counted_disks: frozenset[str]
    interfaces: Interfaces | None
    counted_interfaces: frozenset[str]
    limits: Limits | None
    kernel: KernelCounts = _NOTHING_COUNTED
    filesystems: list[Filesystem] | None = None
    throttling: Throttling | None = None
    sensors: Sensors | None = None
    slow: SlowFigures = _NOT_READ
    gpus: list[Gpu] | None = None


class Host(NamedTuple):
    """What stays the same from sample to sample: the source's name, the host's, the boot's id and what it runs.

    `pid_namespace` is the one that its pids are of.
    """

    source: str
    name: str
    boot_id: str
    system: System
    pid_namespace: int | None = None


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
    read, written = total_rates(before and before.disks, now.disks, now.counted_disks, interval)
    received, sent = total_rates(before and before.interfaces, now.interfaces, now.counted_interfaces, interval)
    earlier, kernel = before.kernel if before else _NOTHING_COUNTED, now.kernel
    memory = now.memory
    if memory and now.slow.zram:
        memory = {**memory, "zram": now.slow.zram.taken, "zram_stored": now.slow.zram.stored}
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
        "pid_namespace": host.pid_namespace,
        "uptime": now.uptime,
        "cpu_usage": cpu_usage,
        "per_cpu": per_cpu,
        "cpu_numbers": now.cpu_numbers,
        "cpu_times": cpu_shares(earlier, kernel),
        "pressure": pressure_shares(earlier.pressure, kernel.pressure, interval),
        "running": kernel.running,
        "blocked": kernel.blocked,
        "context_switches": rate(earlier.context_switches, kernel.context_switches, interval),
        "interrupts": rate(earlier.interrupts, kernel.interrupts, interval),
        "throttled": throttled_share(before and before.throttling, now.throttling),
        "memory_usage": memory_usage,
        "memory": memory,
        "swap_in": rate(earlier.swapped_in, kernel.swapped_in, interval),
        "swap_out": rate(earlier.swapped_out, kernel.swapped_out, interval),
        "major_faults": rate(earlier.major_faults, kernel.major_faults, interval),
        "oom_kills": grown(earlier.oom_kills, kernel.oom_kills),
        "load_average": now.load_average,
        "disk": {"read": read, "written": written},
        "disks": disk_rates(before and before.disks, now.disks, now.counted_disks, interval),
        "network": {"received": received, "sent": sent},
        "interfaces": interface_rates(
            before and before.interfaces, now.interfaces, now.counted_interfaces, interval, now.slow.link_speeds
        ),
        "filesystems": now.filesystems,
        "tcp": tcp_figures(earlier.tcp, kernel.tcp, interval),
        "sensors": now.sensors,
        "system": host.system,
        "gpus": now.gpus,
        "limits": limits,
        "effective": effective_of(cpu_usage, per_cpu, memory_usage, memory, limits),
        "process_count": len(processes.rows),
        "thread_count": processes.threads,
        "started": processes.started,
        "ended": processes.ended,
        "exits": None,
        "processes": processes.rows,
        "top_processes": top_processes(rows, processes.top),
    }


def memory_of(
    total: int, available: int, swap_total: int, swap_free: int, parts: Mapping[str, int | None] | None = None
) -> Memory:
    """Return the memory of a host from what it has, all in bytes; what is not available counts as used.

    Args:
        total: how much there is.
        available: how much could be had at once.
        swap_total: how much swap there is.
        swap_free: how much of it is free.
        parts: what memory holds, by the keys of `Memory`, where that is known.
    """
    available = min(max(available, 0), total)
    swap_used = min(max(swap_total - swap_free, 0), swap_total)
    known = parts or {}
    return {
        "total": total,
        "available": available,
        "used": total - available,
        "swap_total": swap_total,
        "swap_used": swap_used,
        "swap_usage": 100.0 * swap_used / swap_total if swap_total else None,
        "cached": known.get("cached"),
        "buffers": known.get("buffers"),
        "shared": known.get("shared"),
        "slab": known.get("slab"),
        "dirty": known.get("dirty"),
        "committed": known.get("committed"),
        "huge_pages": known.get("huge_pages"),
        "huge_pages_free": known.get("huge_pages_free"),
        "arc": known.get("arc"),
        "zram": known.get("zram"),
        "zram_stored": known.get("zram_stored"),
        "zswap": known.get("zswap"),
        "zswap_stored": known.get("zswap_stored"),
    }


def refused_note(count: int) -> str:
    """Return the sentence that says that so many processes are not shown."""
    what, they = ("1 process", "it is") if count == 1 else (f"{count:,} processes", "they are")
    return f"{what} of other users may not be read, so {they} not shown."


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
