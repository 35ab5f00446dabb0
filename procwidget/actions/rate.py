"""How many signals may be sent: numbers of them enter, a refusal leaves when they are too many. Any thread may call."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from procwidget.errors import ActionRefused

MOST_SIGNALS, RATE_SECONDS = 10, 60.0
"""How many signals are sent in how many seconds at most."""


class Rate:
    """At most `MOST_SIGNALS` in any `RATE_SECONDS`.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._sent: deque[float] = deque(maxlen=MOST_SIGNALS)
        self.total = 0
        """How many were counted so far, however long ago."""

    def require(self, more: int) -> None:
        """Raise `ActionRefused` unless so many more could be sent now."""
        with self._lock:
            self._require(more)

    def spend(self, more: int) -> None:
        """Count so many as sent now.

        Raises:
            ActionRefused: they are too many; none is counted.
        """
        with self._lock:
            self._require(more)
            self._sent.extend([self._clock()] * more)
            self.total += more

    def _require(self, more: int) -> None:
        now = self._clock()
        recent = [moment for moment in self._sent if now - moment < RATE_SECONDS]
        over = len(recent) + more - MOST_SIGNALS
        if over > 0:
            wait = RATE_SECONDS - (now - recent[over - 1])
            raise ActionRefused(f"At most {MOST_SIGNALS} signals a minute are sent: try again in {wait:.0f} s.")


OF_THIS_PROCESS = Rate()
"""The one rate of all dashboards here: another dashboard is no way to send more."""
