"""What a source counts of disks and network interfaces, and the rates over two readings. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from procwidget.sample import Disk, Interface
from procwidget.sources.kernel_counts import grown, rate

MOST_LISTED = 64
"""The most disks, and the most interfaces, of a sample: a host of many containers has hundreds."""


class DiskCounts(NamedTuple):
    """What a block device has counted since boot; `None` where the system does not count it.

    `read` and `written` are bytes, `reads` and `writes` finished requests, `waited` the milliseconds that all of them
    took together, `busy` the milliseconds in which there was any, `queued` the same times how many there were.
    """

    read: int
    written: int
    reads: int | None = None
    writes: int | None = None
    waited: int | None = None
    busy: int | None = None
    queued: int | None = None


class InterfaceCounts(NamedTuple):
    """What a network interface has counted since it is there: bytes, and packets, all and those bad or dropped."""

    received: int
    sent: int
    errors: int | None = None
    drops: int | None = None
    packets: int | None = None


Disks = Mapping[str, DiskCounts]
"""By name."""

Interfaces = Mapping[str, InterfaceCounts]
"""By name."""


def total_rates(
    before: Disks | Interfaces | None,
    now: Disks | Interfaces | None,
    counted: Collection[str],
    interval: float | None,
) -> tuple[float | None, float | None]:
    """Return the bytes per second in and out of all devices that are `counted` and were there before."""
    if before is None or now is None or interval is None or interval <= 0:
        return None, None
    kept = [name for name in now if name in before and name in counted]
    incoming = [now[name][0] - before[name][0] for name in kept]
    outgoing = [now[name][1] - before[name][1] for name in kept]
    return _rate(incoming, interval), _rate(outgoing, interval)


def disk_rates(
    before: Disks | None, now: Disks | None, counted: Collection[str], interval: float | None
) -> list[Disk] | None:
    """Return the figures of each disk; those that are counted first where there are too many."""
    return None if now is None else [_disk(name, before, now, counted, interval) for name in _listed(now, counted)]


def interface_rates(
    before: Interfaces | None,
    now: Interfaces | None,
    counted: Collection[str],
    interval: float | None,
    speeds: Mapping[str, int] | None = None,
) -> list[Interface] | None:
    """Return the figures of each interface; those that are counted first where there are too many."""
    if now is None:
        return None
    known = speeds or {}
    return [_interface(name, before, now, counted, interval, known.get(name)) for name in _listed(now, counted)]


def _listed(names: Collection[str], counted: Collection[str]) -> Collection[str]:
    if len(names) <= MOST_LISTED:
        return names
    return sorted(names, key=lambda name: name not in counted)[:MOST_LISTED]


_NO_DISK, _NO_INTERFACE = DiskCounts(None, None), InterfaceCounts(None, None)  # type: ignore[arg-type]


def _disk(name: str, before: Disks | None, now: Disks, counted: Collection[str], interval: float | None) -> Disk:
    earlier, later = (before or {}).get(name, _NO_DISK), now[name]
    reads, writes = grown(earlier.reads, later.reads), grown(earlier.writes, later.writes)
    waited, busy = grown(earlier.waited, later.waited), rate(earlier.busy, later.busy, interval)
    queued = rate(earlier.queued, later.queued, interval)
    requests = None if reads is None or writes is None else reads + writes
    return {
        "name": name,
        "read": rate(earlier.read, later.read, interval),
        "written": rate(earlier.written, later.written, interval),
        "reads": rate(earlier.reads, later.reads, interval),
        "writes": rate(earlier.writes, later.writes, interval),
        # Milliseconds a second. Both clocks tick, so it may be a little more than all of the time.
        "busy": None if busy is None else min(100.0, busy / 10),
        "latency": waited / requests if waited is not None and requests else None,
        "queue": None if queued is None else queued / 1000,
        "counted": name in counted,
    }


def _interface(
    name: str,
    before: Interfaces | None,
    now: Interfaces,
    counted: Collection[str],
    interval: float | None,
    speed: int | None,
) -> Interface:
    earlier, later = (before or {}).get(name, _NO_INTERFACE), now[name]
    return {
        "name": name,
        "received": rate(earlier.received, later.received, interval),
        "sent": rate(earlier.sent, later.sent, interval),
        "packets": rate(earlier.packets, later.packets, interval),
        "errors": rate(earlier.errors, later.errors, interval),
        "drops": rate(earlier.drops, later.drops, interval),
        "speed": speed,
        "counted": name in counted,
    }


def _rate(differences: list[int], interval: float) -> float | None:
    return None if any(difference < 0 for difference in differences) else sum(differences) / interval
