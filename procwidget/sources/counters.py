"""What a source counts of disks and network interfaces, and the rates over two readings. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple


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
    """What a network interface has counted since it is there: bytes, and packets that were bad or dropped."""

    received: int
    sent: int
    errors: int | None = None
    drops: int | None = None


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


def _rate(differences: list[int], interval: float) -> float | None:
    return None if any(difference < 0 for difference in differences) else sum(differences) / interval
