"""Says how much CPU each thread of a process uses, from two looks at it. Any thread may call.

A thread's CPU time alone tells who was busy since the start; who is busy now is what it grew by between two looks.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypedDict

from procwidget.details.read import Thread

_MOST_REMEMBERED = 16
_SHORTEST = 1.0  # CPU time of threads goes in steps of 10 ms: less than a second apart, two looks say too little


class RatedThread(TypedDict):
    """A thread with its CPU in percent of a core since the look before; `None` if there was none, or it is new."""

    id: int
    name: str | None
    cpu_time: float | None
    cpu: float | None


class ThreadCpu:
    """Remembers the CPU times of the threads of the processes that are looked at.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._before: dict[str, tuple[float, dict[int, float]]] = {}

    def rate(self, identity: str, threads: list[Thread]) -> list[RatedThread]:
        """Return the threads of a process with their CPU, the busiest now first, then those with most CPU time."""
        now = self._clock()
        since, before = self._before.get(identity, (now, {}))
        passed = now - since
        rated: list[RatedThread] = []
        for thread in threads:
            spent, spent_before = thread["cpu_time"], before.get(thread["id"])
            cpu = None
            if passed >= _SHORTEST and spent is not None and spent_before is not None:
                cpu = max(0.0, 100.0 * (spent - spent_before) / passed)
            rated.append({**thread, "cpu": cpu})
        # Views may look at the same process at once: the next is to be compared with what is old enough.
        if passed >= _SHORTEST or identity not in self._before:
            self._before.pop(identity, None)
            self._before[identity] = now, {one["id"]: one["cpu_time"] for one in threads if one["cpu_time"] is not None}
            while len(self._before) > _MOST_REMEMBERED:
                del self._before[next(iter(self._before))]
        return sorted(rated, key=lambda one: (one["cpu"] or 0.0, one["cpu_time"] or 0.0), reverse=True)
