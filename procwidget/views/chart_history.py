"""What the charts begin with: the history of a monitor, and in its holes the recording of its host, where there is one.

A recording is on a disk, which may be slow: it is read once each time that the charts begin, in a thread of its own.
The poller's thread draws what came at its next tick, and what nobody recorded stays a hole.
"""

from __future__ import annotations

import bisect
import threading
from typing import Any

from procwidget import threads
from procwidget.errors import ProcwidgetError
from procwidget.monitor import Monitor
from procwidget.sample import Sample
from procwidget.views.chart import WINDOW
from procwidget.views.readings import Reach

_Host = dict[str, Any]


class ChartHistory:
    """The samples of the charts' time, without their processes.

    Args:
        monitor: whose charts these are.
        reach: finds the recording of its host.
    """

    def __init__(self, monitor: Monitor, reach: Reach) -> None:
        self._monitor, self._reach = monitor, reach
        self._recorded: list[_Host] = []
        self._thread: threading.Thread | None = None
        self.came = False
        """Whether there is more than `hosts` returned last."""

    def begin(self, sample: Sample) -> None:
        """Have the recording read; `sample` is the newest."""
        if self._monitor.replays or (self._thread is not None and self._thread.is_alive()):
            return
        self._thread = threading.Thread(
            target=self._read, args=(sample["time"], sample["boot_id"]), name="procwidget-chart-history", daemon=True
        )
        try:
            threads.start(self._thread)
        except threads.NoThread:
            self._thread = None

    def hosts(self) -> list[_Host]:
        """Return them, oldest first."""
        self.came = False
        return merged(self._monitor.hosts(WINDOW), self._recorded)

    def _read(self, now: float, boot: str) -> None:
        """Read the recording; in a thread of its own."""
        try:
            recorded = self._reach.recorded()
            hosts = recorded.hosts(now - WINDOW, now) if recorded else []
        except ProcwidgetError:
            # Whoever looks at the past is told why.
            return
        # What another boot has on its monotonic clock is no time of this one.
        self._recorded = [host for host in hosts if host["boot_id"] == boot]
        self.came = bool(self._recorded)


def merged(kept: list[_Host], recorded: list[_Host]) -> list[_Host]:
    """Return both, oldest first; of the recorded those alone that are an interval or more away from all that was kept.

    The same moment is in both where the monitor itself is recorded.
    """
    moments = [host["monotonic"] for host in kept]

    def is_missing(host: _Host) -> bool:
        moment, interval = host["monotonic"], host["interval"] or 0.0
        at = bisect.bisect(moments, moment)
        return all(abs(moment - near) > interval for near in moments[max(0, at - 1) : at + 1])

    missing = [host for host in recorded if is_missing(host)]
    return sorted([*kept, *missing], key=lambda host: host["monotonic"]) if missing else kept
