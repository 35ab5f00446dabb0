"""Looks at this host for some seconds and says what it is short of: for scripts, and for `procwidget status`.

Runs in the caller's thread, which it keeps for that time.
"""

from __future__ import annotations

import time

from procwidget.errors import SourceUnavailable, number_between
from procwidget.sources import default_source
from procwidget.sources.base import Source, averages_of
from procwidget.state.alerts import Alerts
from procwidget.state.sentence import State
from procwidget.thresholds import Thresholds

_EVERY = 1.0


def status(seconds: float = 10.0, source: Source | None = None) -> State:
    """Look at this host for some seconds and return what it is short of, and who causes it.

    It judges as a dashboard does that has been there for a minute: what Linux has measured of the last minute (PSI)
    counts too. What is not measured so, and must last for longer than is looked, counts if it lasts for all that time.

    Args:
        seconds: for how long to look, 0.5 to 600; below 10 no process is found that hangs.
        source: what to read; `None` is the best source for this system.

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
        while sample["monotonic"] - began < seconds:
            time.sleep(every)
            sample = reader.read()
            alerts.update(sample, every, averages_of(reader))
            reader.wanted = alerts.wanted
    finally:
        if source is None:
            reader.close()
    if sample["effective"]["cpu_usage"] is None and sample["effective"]["memory_usage"] is None:
        raise SourceUnavailable("CPU and memory cannot be read here.")
    return alerts.state
