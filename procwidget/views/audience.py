"""Who is watching: the browser's words enter, the answer to "is anybody there?" leaves.

A view says that it watches, and acknowledges every frame. One that was not heard for a while is gone: its tab was
closed, its browser crashed, its network was cut. Pure but for the clock it is given; handlers and the poller call it
under the view's lock.
"""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 15.0
"""Seconds without a word from a view after which nothing is sent to it."""

_MOST = 1000
"""Views remembered at once; more than any page opens, and a bound for a hostile one."""


class Audience:
    """The views that watch, by the name that each gave itself.

    Args:
        clock: monotonic seconds.
        busy: whether the kernel cannot hear views now, because it computes and its front end waits for that; then
            silence means nothing.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, busy: Callable[[], bool] = lambda: False) -> None:
        self._clock = clock
        self._busy = busy
        self._heard: dict[str, float] = {}

    def arrive(self, view: str) -> None:
        """Note that `view` watches."""
        if len(self._heard) >= _MOST and view not in self._heard:
            del self._heard[min(self._heard, key=self._heard.__getitem__)]
        self._heard[view] = self._clock()

    def leave(self, view: str) -> None:
        """Note that `view` does not watch any more; unknown ones are ignored."""
        self._heard.pop(view, None)

    def hear(self, view: str) -> None:
        """Note a sign of life; a view that was given up, or never arrived, stays away until it arrives."""
        if view in self._heard:
            self._heard[view] = self._clock()

    def present(self) -> bool:
        """Return whether anybody watches, forgetting those that were silent for `PATIENCE`."""
        now = self._clock()
        if self._busy():
            # Nobody can be heard: their patience starts when the kernel listens again.
            self._heard = dict.fromkeys(self._heard, now)
        else:
            self._heard = {view: heard for view, heard in self._heard.items() if now - heard < PATIENCE}
        return bool(self._heard)

    def __len__(self) -> int:
        return len(self._heard)
