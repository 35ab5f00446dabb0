"""Tells dashboards of deaths of kernels: those that the user's file has, and each new one within a tick.

One for each event log; the poller's thread calls it. While nothing died, it looks at one file's date a tick.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

from procwidget.jupyter.death import Death
from procwidget.jupyter.death_log import DeathLog, default_path
from procwidget.state.events import EventLog

_LONGEST_AGO = 86400.0
"""Seconds: what is longer ago is in the file alone."""

TOLD_FOR = 600.0
"""Seconds for which a dashboard has a line about the death of a kernel."""

TOLD_FOR_OWN = 3600.0
"""The same about the kernel that its own notebook had before."""


class DeathNews:
    """Takes deaths into one event log.

    Args:
        events: where they are noted, each once.
        log: where they come from; `None` is the user's file.
    """

    def __init__(self, events: EventLog, log: DeathLog | None = None) -> None:
        self._events = events
        # Where that is takes longer to find than a tick should wait.
        self._log = DeathLog(default_path()) if log is None else log
        self._stamp: object = None
        self._noted: set[tuple[str, float]] = set()
        self.deaths: list[Death] = []
        """The deaths that are known, the oldest first."""

    @classmethod
    def of(cls, events: EventLog) -> DeathNews:
        """Return the one of an event log, which dashboards of one monitor share."""
        if events not in _news:
            _news[events] = cls(events)
        return _news[events]

    def take(self, now: float) -> None:
        """Note what is new; `now` in Unix seconds."""
        stamp = self._log.stamp
        if stamp == self._stamp:
            return
        self._stamp = stamp
        self.deaths = [death for death in self._log.deaths() if now - death["time"] < _LONGEST_AGO]
        for death in self.deaths:
            key = death["kernel"], death["time"]
            if key not in self._noted:
                self._noted.add(key)
                self._events.note("kernel_death", death["text"], death["time"], level="critical", about=death["kernel"])

    def newest(self, now: float, own: tuple[str | None, str | None]) -> Death | None:
        """Return the newest death that a dashboard has a line about.

        Args:
            now: Unix seconds.
            own: the id of the dashboard's own kernel, and the path of its notebook.
        """
        kernel, path = own
        for death in reversed(self.deaths):
            mine = death["kernel"] == kernel or (path is not None and death["path"] == path)
            if now - death["time"] < (TOLD_FOR_OWN if mine else TOLD_FOR):
                return death
        return None


_news: WeakKeyDictionary[EventLog, DeathNews] = WeakKeyDictionary()
