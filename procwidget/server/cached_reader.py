"""Reads this host on demand for the JSON routes, and hands a young reading to everyone who asks.

Nothing polls. The event loop's thread hands out the last reading while it is young; otherwise one worker thread reads,
and everyone who asks meanwhile gets that same reading.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from procwidget.fields import HOST_ON_DEMAND
from procwidget.sample import Sample
from procwidget.sources import default_source
from procwidget.sources.base import Source, averages_of
from procwidget.state.alerts import Alerts

YOUNG = 1.0
"""Seconds for which a reading is handed out again."""
LONG_PAUSE = 10.0
"""Seconds after which the reading before says too little about now, and two new ones are taken."""
APART = 0.25
"""Seconds between those two."""

_WANTED = frozenset(HOST_ON_DEMAND)
_log = logging.getLogger("procwidget")


class Reader:
    """Reads one source when asked, at most once at a time.

    Args:
        make_source: makes the source, in the worker thread, at the first request.
        sleep: waits between the two readings of a cold start.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        make_source: Callable[[], Source] = default_source,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._make_source = make_source
        self._sleep = sleep
        self._clock = clock
        self._source: Source | None = None
        self._last: Sample | None = None
        self._last_at = 0.0
        self._reading: asyncio.Future[Sample] | None = None
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="procwidget-reader")
        self._alerts: Alerts | None = None
        self._planned = 0.0
        self._wanted = _WANTED
        self._follower: Callable[[Sample], None] | None = None
        self.cpu_seconds = 0.0
        """CPU that all readings took."""
        self._sharing: frozenset[str] = frozenset()

    def judge(self, alerts: Alerts, planned: float) -> None:
        """Have each reading from now on judged, in the worker thread; the first of them is read when next asked.

        Args:
            alerts: what judges them, the same at each call.
            planned: after how many seconds readings are asked for.
        """
        if self._alerts is None:
            self._alerts, self._planned, self._last = alerts, planned, None

    def follow(self, take: Callable[[Sample], None], wanted: frozenset[str]) -> None:
        """Have `take(sample)` called with each reading from now on, in the worker thread, and fields on demand read."""
        self._follower, self._wanted, self._last = take, _WANTED | wanted, None

    def measure_shares(self, identities: Iterable[str]) -> None:
        """Have readings from now on measure the PSS of these processes; of none costs nothing."""
        self._sharing = frozenset(identities)

    async def sample(self) -> Sample:
        """Return a sample not older than a second, with CPU figures of an interval that ended with it.

        Raises:
            SourceUnavailable: the host cannot be read at all.
        """
        if self._last is not None and self._clock() - self._last_at < YOUNG:
            return self._last
        if self._reading is None or self._reading.done():
            self._reading = asyncio.get_running_loop().run_in_executor(self._worker, self._read)
        # One impatient client that goes away must not cancel the reading for the others.
        return await asyncio.shield(self._reading)

    def close(self) -> None:
        """Give back the thread and the source; the reader must not be asked again."""
        self._worker.shutdown(wait=True)
        if self._source is not None:
            self._source.close()

    def _read(self) -> Sample:
        if self._source is None:
            self._source = self._make_source()
        began = time.thread_time()
        of_alerts = self._alerts.wanted if self._alerts is not None else frozenset[str]()
        self._source.wanted = self._wanted | of_alerts | ({"pss"} if self._sharing else set[str]())
        self._source.in_sight = self._sharing
        if self._last is None or self._clock() - self._last_at > LONG_PAUSE:
            self._source.read()
            self._sleep(APART)
        self._last = sample = self._source.read()
        self._last_at = self._clock()
        if self._alerts is not None:
            try:
                self._alerts.update(sample, self._planned, averages_of(self._source))
            except Exception:  # figures go on, whatever becomes of the sentence
                _log.exception("procwidget could not judge a reading")
        if self._follower is not None:
            self._follower(sample)
        self.cpu_seconds += time.thread_time() - began
        return sample
