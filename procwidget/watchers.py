"""Who is told of each reading of a monitor: functions that get the sample, or the sentence why there is none.

They are called in the poller's thread. One that fails is logged once, and called again; the lock is the monitor's.
Whether anybody looks at a page is known in `views/presence.py`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from procwidget.sample import Sample

Watcher = Callable[[Sample], None]
Teller = Callable[[str], None]
Entry = tuple[Watcher, Teller | None]

_log = logging.getLogger("procwidget")


class Watchers:
    """The watchers of one monitor, in the order in which they came."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._failing: set[Entry] = set()

    def __bool__(self) -> bool:
        """Return whether there is any."""
        return bool(self._entries)

    def add(self, entry: Entry) -> None:
        """Tell one more."""
        self._entries.append(entry)

    def remove(self, entry: Entry) -> None:
        """Tell one no more; whoever is not told is ignored."""
        if entry in self._entries:
            self._entries.remove(entry)
        self._failing.discard(entry)

    def tell(self, sample: Sample | None, problem: str) -> None:
        """Give all of them a sample, or the sentence why there is none; whatever they raise, the next one is told."""
        for entry in tuple(self._entries):
            watcher, teller = entry
            try:
                if sample is not None:
                    watcher(sample)
                elif teller is not None:
                    teller(problem)
            except BaseException:  # not even SystemExit ends the poller
                if entry not in self._failing:
                    _log.exception("A watcher of procwidget's poller failed; it is called again at each tick")
                self._failing.add(entry)
            else:
                self._failing.discard(entry)
