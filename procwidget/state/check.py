"""Looks at this host for some seconds and says what it is short of: for scripts, and for `procwidget status`.

Runs in the caller's thread, which it keeps for that time.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from procwidget.errors import SourceUnavailable, number_between
from procwidget.sources import default_source
from procwidget.sources.base import Source
from procwidget.sources.cgroup import read_file
from procwidget.sources.kernel_counts import PressureAverages
from procwidget.sources.pressure import PressureReader
from procwidget.state.alerts import Alerts
from procwidget.state.sentence import State
from procwidget.thresholds import Thresholds

_EVERY = 1.0


def status(
    seconds: float = 10.0,
    source: Source | None = None,
    averages: Callable[[], PressureAverages | None] | None = None,
) -> State:
    """Look at this host for some seconds and return what it is short of, and who causes it.

    It judges as a dashboard does that has been there for a minute: what Linux has measured of the last minute (PSI)
    counts too. What is not measured so, and must last for longer than is looked, counts if it lasts for all that time.

    Args:
        seconds: for how long to look, 0.5 to 600; below 10 no process is found that hangs.
        source: what to read; `None` is the best source for this system.
        averages: reads what was measured of the last minute; `None` is what this host has, for a `source` nothing.

    Returns:
        A dict with `level` ("normal", "warning" or "critical"), `text` (a sentence), `short_of` and `causes`.

    Raises:
        InvalidArgument: the seconds are out of range.
        SourceUnavailable: this host cannot be read.
    """
    seconds = number_between("seconds", seconds, 0.5, 600.0)
    reader = source if source is not None else default_source()
    every = min(_EVERY, seconds / 4)
    alerts = Alerts(Thresholds(), longest_hold=seconds)
    try:
        sample = reader.read()
        began = sample["monotonic"]
        alerts.update(sample, every)
        before = averages() if averages else _averages() if source is None else None
        if before is not None:
            alerts.assume(sample, before)
        while sample["monotonic"] - began < seconds:
            time.sleep(every)
            sample = reader.read()
            alerts.update(sample, every)
            reader.wanted = alerts.wanted
    finally:
        if source is None:
            reader.close()
    if sample["effective"]["cpu_usage"] is None and sample["effective"]["memory_usage"] is None:
        raise SourceUnavailable("CPU and memory cannot be read here.")
    return alerts.state


def _averages() -> PressureAverages | None:
    return PressureReader("/proc", read_file).averages()
