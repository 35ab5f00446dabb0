"""Knows whether anybody watches, from what views say.

A view says that it comes and goes, and sends a heartbeat now and then. Any view's heartbeat keeps all views alive: only
presence matters, not identity, and twenty visitors need not all send one. When none is heard for a while all count as
gone: tabs closed, browsers crashed, networks cut. Pure but for the clock it is given; handlers and the poller call it
under the view's lock.
"""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 15.0
"""Seconds without a word from any view after which nothing is sent."""

_MOST = 1000
"""Views remembered at once; more than any page opens, and a bound for a hostile one."""

_EXPECTED = ""


class Presence:
    """The views that watch, by the name that each gave itself.

    Args:
        clock: monotonic seconds.
        busy: whether the kernel cannot hear views now, because it computes and its front end waits for that; then
            silence means nothing.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, busy: Callable[[], bool] = lambda: False) -> None:
        self._clock = clock
        self._busy = busy
        self._heard = clock()
        self._views: dict[str, None] = {}

    def expect(self) -> None:
        """Note that a view is about to come; until it does, that counts as one."""
        self.arrive(_EXPECTED)

    def arrive(self, view: str) -> None:
        """Note that `view` watches."""
        self._heard = self._clock()
        self.leave(_EXPECTED)
        if len(self._views) >= _MOST and view not in self._views:
            del self._views[next(iter(self._views))]
        self._views[view] = None

    def leave(self, view: str) -> None:
        """Note that `view` does not watch any more; unknown ones are ignored."""
        self._views.pop(view, None)

    def hear(self) -> None:
        """Note a sign of life; views that were given up stay away until they arrive."""
        self._heard = self._clock()

    def present(self) -> bool:
        """Return whether anybody watches, forgetting all when none was heard for `PATIENCE`."""
        now = self._clock()
        if self._busy():
            # Nobody can be heard: patience starts when the kernel listens again.
            self._heard = now
        elif now - self._heard >= PATIENCE:
            self._views.clear()
        return bool(self._views)

    @property
    def expecting(self) -> bool:
        """Whether no view has come yet of those that were expected."""
        return _EXPECTED in self._views

    def __len__(self) -> int:
        return len(self._views)
