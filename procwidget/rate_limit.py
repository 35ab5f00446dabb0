"""A limit on how often something may happen: so many in any stretch of so many seconds. Any thread may call."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from procwidget import forking


class RateLimit:
    """At most `most` in any `seconds`: a sliding window.

    Args:
        most: how many, 1 or more.
        seconds: the length of the window.
        clock: monotonic seconds.
    """

    def __init__(self, most: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.most, self.seconds = most, seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._taken: deque[float] = deque(maxlen=most)
        self.total = 0
        """How many were counted so far, however long ago."""
        forking.register(self)

    def after_fork(self) -> None:
        """In a forked child: make the lock anew."""
        self._lock = threading.Lock()

    def take(self, count: int = 1) -> bool:
        """Count `count` as happening now if so many may; return whether they may. All or none are counted."""
        with self._lock:
            if self._wait(count) > 0:
                return False
            self._taken.extend([self._clock()] * count)
            self.total += count
            return True

    def wait(self, count: int = 1) -> float:
        """Return in how many seconds `count` more may happen: 0 for now, infinity when `count` is above `most`."""
        with self._lock:
            return self._wait(count)

    def _recent(self) -> list[float]:
        now = self._clock()
        return [moment for moment in self._taken if now - moment < self.seconds]

    def _wait(self, count: int) -> float:
        recent = self._recent()
        over = len(recent) + count - self.most
        if over <= 0:
            return 0.0
        return recent[over - 1] + self.seconds - self._clock() if over <= len(recent) else float("inf")
