"""Says how fast the memory of a process grows, from readings in any order of times. Pure; no threads."""

from __future__ import annotations

from dataclasses import dataclass

SHORTEST = 10.0
"""Seconds for which a process must have been watched until anything is said."""

_TURN = 30.0
_LONGEST = 2 * _TURN


@dataclass(slots=True)
class Growth:
    """The memory of a process at two moments, `_TURN` seconds apart, that growth is counted from; times in seconds.

    What a process allocates and gives back comes and goes within seconds: growth is over the last 30 to 60 of them.
    """

    since: float
    held: float
    turned: float
    held_then: float

    @classmethod
    def begin(cls, now: float, memory: float) -> Growth:
        """Return what begins at `now` with so much `memory`."""
        return cls(now, memory, now, memory)

    def per_minute(self, now: float, memory: float) -> float | None:
        """Return how much the memory grew a minute, in the unit it has, now that there is so much; `None` at first."""
        if now - self.turned >= _TURN:
            # Where there was no reading in between, nothing had changed until now.
            self.since, self.held = max(self.turned, now - _LONGEST), self.held_then
            self.turned, self.held_then = now, memory
        passed = now - self.since
        return (memory - self.held) / passed * 60 if passed >= SHORTEST else None
