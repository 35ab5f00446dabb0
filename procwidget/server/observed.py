"""What a server knows of the readings that were asked of it: alerts, events, groups, the last minutes.

Nothing polls: who asks for a route makes a reading, and what is kept begins with the first request for any of it.
Readings are taken in in the reader's thread; any thread may ask.
"""

from __future__ import annotations

import threading

from procwidget.history import History
from procwidget.sample import Sample
from procwidget.server.cached_reader import Reader
from procwidget.server.process_groups import ProcessGroups
from procwidget.state.alerts import Alerts
from procwidget.state.events import EventLog

OBSERVED = "procwidget_observed"
"""The setting of a server that has it."""

_WANTED = frozenset({"unit"})


class Observed:
    """Follows a reader from the first request on.

    Args:
        reader: makes the readings.
        alerts: judge each of them.
        planned: after how many seconds one who asks regularly asks.
    """

    def __init__(self, reader: Reader, alerts: Alerts, planned: float) -> None:
        self.reader, self.alerts, self.planned = reader, alerts, planned
        self.groups, self.history, self.events = ProcessGroups(), History(3600), EventLog()
        self.last: Sample | None = None
        self.oom_kills = 0
        self.lock = threading.Lock()
        """Held while a reading is taken in, and by whoever wants all figures to be of one."""
        self._begun = False

    async def sample(self) -> Sample:
        """Return a young sample, which has been taken in.

        Raises:
            SourceUnavailable: the host cannot be read at all.
        """
        if not self._begun:
            self._begun = True
            self.reader.judge(self.alerts, self.planned)
            self.reader.follow(self._take, _WANTED)
        return await self.reader.sample()

    def _take(self, sample: Sample) -> None:
        with self.lock:
            self.last = sample
            self.history.append(sample)
            self.groups.take(sample)
            self.oom_kills += sample["oom_kills"] or 0
            self.events.take(sample)
            self.events.follow(sample, self.alerts.current, self.planned)
