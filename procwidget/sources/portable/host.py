"""Reads the host's own figures by psutil alone, on any platform: a `Reading`. Caller's thread."""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

import psutil

from procwidget.limits import Limits
from procwidget.sample import Memory
from procwidget.sources import cgroup
from procwidget.sources.assemble import CpuTimes, Reading, memory_of
from procwidget.sources.counters import MOST_LISTED, DiskCounts, InterfaceCounts
from procwidget.sources.devices import Devices, is_loopback
from procwidget.sources.filesystems import Mount, Usage, parse_mounts
from procwidget.sources.kernel_counts import KernelCounts, TcpCounts
from procwidget.sources.linux.host_files import parse_kernel, parse_tcp
from procwidget.sources.linux.proc import parse_cpus, parse_memory

# The last three are what psutil's own parsers raise on files that are cut off or odd.
UNREADABLE = (psutil.Error, OSError, NotImplementedError, RuntimeError, ValueError, LookupError)

_LINUX = sys.platform.startswith("linux")

T = TypeVar("T")


def read_host(limits: Callable[[int | None, int], Limits | None], devices: Devices) -> Reading:
    """Return the host's figures of now; those that cannot be had are `None` or empty.

    Args:
        limits: returns the limits of this process, given the host's memory in bytes and its number of CPUs.
        devices: knows which devices are counted.
    """
    now, monotonic = time.time(), time.monotonic()
    booted, cpus, memory = attempt(psutil.boot_time), attempt(_cpus) or {}, attempt(_memory)
    disks, interfaces = attempt(_disks), attempt(_interfaces)
    if disks:
        whole = devices.whole_disks(disks)
        disks = {name: counts for name, counts in disks.items() if name in whole}
    return Reading(
        now,
        monotonic,
        finite(max(now - booted, 0.0)) if booted is not None else None,
        cpus,
        _numbers(len(cpus)),
        memory,
        attempt(lambda: list(os.getloadavg())) if hasattr(os, "getloadavg") else None,
        disks,
        devices.disks(disks or ()),
        interfaces,
        devices.interfaces(interfaces or ()),
        limits(memory and memory["total"], len(cpus)),
        attempt(_kernel) or KernelCounts(),
    )


def attempt(read: Callable[[], T]) -> T | None:
    """Return what `read` returns, `None` where that cannot be had; a process that is gone still raises."""
    try:
        return read()
    except psutil.ZombieProcess:
        return None
    except psutil.NoSuchProcess:
        raise
    except UNREADABLE:
        return None


def finite(value: float) -> float | None:
    """Return `value`, `None` where it is no number or without end."""
    return value if math.isfinite(value) else None


def _cpus() -> dict[Hashable, CpuTimes]:
    all_times: list[Any] = psutil.cpu_times(percpu=True)
    cpus: dict[Hashable, CpuTimes] = {}
    for place, times in enumerate(all_times):
        idle = times.idle + getattr(times, "iowait", 0.0)
        # user and nice hold the time of guests already.
        guests = getattr(times, "guest", 0.0) + getattr(times, "guest_nice", 0.0)
        # psutil does not number the CPUs, so when one comes or goes none can be compared.
        cpus[place, len(all_times)] = CpuTimes(sum(times) - idle - guests, idle)
    return cpus


def _numbers(count: int) -> list[int] | None:
    """Return the numbers of so many CPUs that are online; psutil has them in their order, without numbers."""
    if not _LINUX:
        return [*range(count)]
    numbers = [*parse_cpus(_proc("stat"))]
    return numbers if len(numbers) == count else None


def _kernel() -> KernelCounts:
    if _LINUX:
        return parse_kernel(_proc("stat"), _proc("vmstat"), os.sysconf("SC_PAGE_SIZE"))
    times: Any = psutil.cpu_times()
    # Windows counts what serves interrupts in `system` too.
    irq, softirq = getattr(times, "interrupt", getattr(times, "irq", None)), getattr(times, "dpc", None)
    system = times.system - (irq or 0.0) - (softirq or 0.0) if hasattr(times, "dpc") else times.system
    nice = getattr(times, "nice", None)
    return KernelCounts(
        (times.user, nice, system, times.idle, None, irq, softirq, None, None),
        context_switches=attempt(lambda: int(psutil.cpu_stats().ctx_switches)) or None,
        interrupts=attempt(lambda: int(psutil.cpu_stats().interrupts)) or None,
    )


def read_tcp() -> TcpCounts | None:
    """Return what Linux counts of TCP connections."""
    return parse_tcp(_proc("net/snmp"), _proc("net/sockstat"))


def _memory() -> Memory:
    memory, swap = psutil.virtual_memory(), psutil.swap_memory()
    parts: dict[str, int | None] = {key: getattr(memory, key, None) for key in ("cached", "buffers", "shared")}
    if not _LINUX:
        return memory_of(memory.total, memory.available, swap.total, swap.free, parts)
    # psutil knows less of it, and nothing of the cache of ZFS.
    return parse_memory(_proc("meminfo"), _proc("spl/kstat/zfs/arcstats")) or memory_of(
        memory.total, memory.available, swap.total, swap.free, parts
    )


def _proc(name: str) -> bytes | None:
    return cgroup.read_file(f"{psutil.PROCFS_PATH}/{name}")


def _disks() -> dict[str, DiskCounts] | None:
    # nowrap would use a cache that all of the interpreter shares.
    counters = psutil.disk_io_counters(perdisk=True, nowrap=False)
    return {
        name: DiskCounts(
            count.read_bytes,
            count.write_bytes,
            count.read_count,
            count.write_count,
            count.read_time + count.write_time if hasattr(count, "read_time") else None,
            getattr(count, "busy_time", None),
        )
        for name, count in counters.items()
        if count.read_count or count.write_count
    } or None


def _interfaces() -> dict[str, InterfaceCounts]:
    counters = psutil.net_io_counters(pernic=True, nowrap=False)
    return {
        name: InterfaceCounts(
            count.bytes_recv,
            count.bytes_sent,
            count.errin + count.errout,
            count.dropin + count.dropout,
            count.packets_recv + count.packets_sent,
        )
        for name, count in counters.items()
        if not is_loopback(name)
    }


def list_mounts() -> list[Mount]:
    """Return the filesystems that can become full."""
    if _LINUX:
        return parse_mounts(_proc("self/mountinfo"))
    found: list[Any] = attempt(lambda: psutil.disk_partitions(all=False)) or []
    mounts = [
        Mount(part.mountpoint, part.mountpoint, part.device, part.fstype, "ro" in part.opts.split(","))
        for part in found
        # An empty drive has no type.
        if part.fstype and "cdrom" not in part.opts
    ]
    return mounts[:MOST_LISTED]


def measure_by_psutil(point: str) -> Usage | None:
    """Return what the filesystem at a place holds, on systems without statvfs(3), which count no inodes."""
    found: Any = attempt(lambda: psutil.disk_usage(point))
    return Usage(found.total, found.used, found.free, None, None) if found and found.total else None
