"""How often a control group had to wait because it had used up the CPU time that its limit allows. Pure.

The kernel deals out a group's time by periods, of 0.1 s usually, and lets all of the group wait for the next one when
it is used up (Documentation/scheduler/sched-bwc.rst): so a group may be slow while it uses a small part of its limit.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_PERIODS = re.compile(rb"^nr_periods (\d{1,20})$", re.MULTILINE)
_THROTTLED = re.compile(rb"^nr_throttled (\d{1,20})$", re.MULTILINE)


class Throttling(NamedTuple):
    """In how many periods the group `cgroup` ran since it was made, and in how many of them its time was used up."""

    cgroup: str
    periods: int
    throttled: int


def parse_throttling(cgroup: str, stat: bytes | None) -> Throttling | None:
    """Return what a group's cpu.stat, of version 1 or 2, says of it; `None` where it does not count periods."""
    periods, throttled = _PERIODS.search(stat or b""), _THROTTLED.search(stat or b"")
    return Throttling(cgroup, int(periods[1]), int(throttled[1])) if periods and throttled else None


def throttled_share(before: Throttling | None, now: Throttling | None) -> float | None:
    """Return in how many percent of the periods between two readings the time was used up.

    It is 0 where there was no period: the kernel counts none while the group does not run.
    """
    if before is None or now is None or before.cgroup != now.cgroup:
        return None
    periods, throttled = now.periods - before.periods, now.throttled - before.throttled
    if periods < 0 or throttled < 0:
        return None
    return min(100.0, 100.0 * throttled / periods) if periods else 0.0
