"""What the kernel counts of the whole host, and the figures that two readings of it give. Pure."""

from __future__ import annotations

from typing import NamedTuple, cast

from procwidget.sample import CpuShares, Pressure, Tcp

SHARES = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal", "guest")
"""The keys of `CpuShares`, in the order of `KernelCounts.cpu`."""


class PressureTotals(NamedTuple):
    """For how many microseconds tasks have waited, some of them or all; `cgroup` is the group that it is of, if any."""

    cgroup: str | None
    cpu_some: int | None
    memory_some: int | None
    memory_full: int | None
    io_some: int | None
    io_full: int | None


class PressureAverages(NamedTuple):
    """In how many percent of the last minute tasks have waited; of the last 10 s where all waited for memory."""

    cpu_some: float | None
    memory_some: float | None
    memory_full: float | None
    io_full: float | None


class TcpCounts(NamedTuple):
    """TCP connections that are open now and that were closed not long ago, and segments sent and resent since boot."""

    established: int | None
    time_wait: int | None
    sent: int | None
    resent: int | None


class KernelCounts(NamedTuple):
    """What the kernel has counted since boot, and how many tasks there are now; `None` for what it does not count.

    `cpu` is the time of all CPUs by `SHARES`, in any one unit; `swapped_in` and `swapped_out` are bytes.
    """

    cpu: tuple[float | None, ...] | None = None
    running: int | None = None
    blocked: int | None = None
    context_switches: int | None = None
    swapped_in: int | None = None
    swapped_out: int | None = None
    major_faults: int | None = None
    oom_kills: int | None = None
    pressure: PressureTotals | None = None
    interrupts: int | None = None
    tcp: TcpCounts | None = None


def cpu_shares(before: KernelCounts, now: KernelCounts) -> CpuShares | None:
    """Return what all CPUs did between two readings, in percent that add up to 100; `None` where that is unknown."""
    if before.cpu is None or now.cpu is None:
        return None
    # proc(5): the time spent waiting for I/O may decrease; others may by a tick.
    spent = [
        None if later is None or earlier is None else max(0.0, later - earlier)
        for earlier, later in zip(before.cpu, now.cpu, strict=True)
    ]
    total = sum(time for time in spent if time is not None)
    if total <= 0:
        return None
    shares = {key: None if time is None else 100.0 * time / total for key, time in zip(SHARES, spent, strict=True)}
    return cast(CpuShares, shares)


def rate(before: int | None, now: int | None, interval: float | None) -> float | None:
    """Return by how much a counter grows in a second; `None` where it is unknown or ran backwards."""
    if before is None or now is None or now < before or not interval or interval <= 0:
        return None
    return (now - before) / interval


def grown(before: int | None, now: int | None) -> int | None:
    """Return by how much a counter has grown; `None` where it is unknown or ran backwards."""
    return now - before if before is not None and now is not None and now >= before else None


def pressure_shares(
    before: PressureTotals | None, now: PressureTotals | None, interval: float | None
) -> Pressure | None:
    """Return in how many percent of the interval tasks waited; `None` where the kernel does not measure it."""
    if now is None:
        return None
    known = before if before is not None and before.cgroup == now.cgroup else None

    def share(key: str) -> float | None:
        waited = rate(getattr(known, key, None), getattr(now, key), interval)
        # The kernel's clock is not quite that of the interval.
        return None if waited is None else min(100.0, waited / 1e4)

    return {
        "cgroup": now.cgroup,
        "cpu": {"some": share("cpu_some")},
        "memory": {"some": share("memory_some"), "full": share("memory_full")},
        "io": {"some": share("io_some"), "full": share("io_full")},
    }


def tcp_figures(before: TcpCounts | None, now: TcpCounts | None, interval: float | None) -> Tcp | None:
    """Return the connections of now and the segments a second; `None` where nobody wants them or none are counted."""
    if now is None:
        return None
    return {
        "established": now.established,
        "time_wait": now.time_wait,
        "sent": rate(before and before.sent, now.sent, interval),
        "resent": rate(before and before.resent, now.resent, interval),
    }
