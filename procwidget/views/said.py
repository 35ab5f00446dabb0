"""Says of a past moment what was said then: the sentence and the alerts of its reading.

Of a moment of which nothing was noted, as in a recording, the log of events and the figures of the seconds before it
say it. The poller's thread notes; threads of requests ask.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, cast

from procwidget.sample import Sample
from procwidget.state.alerts import Alert, Alerts
from procwidget.state.events import Event
from procwidget.state.sentence import State
from procwidget.statuses import HANGING
from procwidget.thresholds import Thresholds
from procwidget.views.readings import Readings
from procwidget.views.summary import describe

_MOST = 1200
"""Readings of which is kept what was said."""

_LOOKED_BACK = 12.0
"""Seconds before a moment whose figures are looked at, where nothing was noted of it."""

_RANK = {"critical": 0, "warning": 1}


class Said:
    """What was said of the last readings.

    Args:
        thresholds: returns from which values on something is wrong.
        interval: returns the seconds from reading to reading.
    """

    def __init__(self, thresholds: Callable[[], Thresholds], interval: Callable[[], float]) -> None:
        self._thresholds, self._interval = thresholds, interval
        self._said: deque[tuple[float, list[Alert], State]] = deque(maxlen=_MOST)

    def note(self, sample: Sample, alerts: list[Alert], state: State) -> None:
        """Note what is said of the newest sample."""
        self._said.append((sample["time"], alerts, state))

    def describe(self, sample: Sample, readings: Readings) -> dict[str, Any]:
        """Return what the summary shows of a past sample.

        Args:
            sample: of then.
            readings: what it is from.
        """
        said = next((one for one in reversed(self._said) if one[0] == sample["time"]), None)
        alerts, state = said[1:] if said else said_then(sample, readings, self._thresholds())
        return describe(sample, alerts, state, self._thresholds(), self._interval(), [], None)


def said_then(sample: Sample, readings: Readings, thresholds: Thresholds) -> tuple[list[Alert], State]:
    """Return the alerts of a sample of which nothing was noted, and what they come to.

    Args:
        sample: of then.
        readings: what it is from.
        thresholds: from which values on something is wrong.
    """
    return _as_logged(sample, readings.events()) or _judged(sample, readings, thresholds)


def _judged(sample: Sample, readings: Readings, thresholds: Thresholds) -> tuple[list[Alert], State]:
    """Return what the figures of the seconds before it say, and who is named by the sample itself."""
    alerts = Alerts(thresholds, longest_hold=_LOOKED_BACK / 2)
    # To read the processes of each would take too long. Who hangs now need not have hung then.
    rows = [row for row in sample["processes"] if row["status"] not in HANGING]
    for host in readings.hosts(sample["time"] - _LOOKED_BACK, sample["time"] - 0.001):
        alerts.update(cast(Sample, host | {"processes": rows, "top_processes": []}))
    return alerts.update(sample), alerts.state


def _as_logged(sample: Sample, events: list[Event]) -> tuple[list[Alert], State] | None:
    """Return what the log of events says of a sample, `None` if nothing lasted then."""
    time = sample["time"]
    lasted = [
        event
        for event in events
        if event["began"] <= time
        and event["level"] in _RANK
        and (event["ended"] is None or event["began"] < event["ended"] >= time)
    ]
    if not lasted:
        return None
    lasted.sort(key=lambda event: (_RANK[event["level"]], event["began"]))
    alerts = [{key: event[key] for key in ("level", "text", "kind", "about")} | {"cause": None} for event in lasted]
    state = {"level": lasted[0]["level"], "text": lasted[0]["text"], "short_of": [], "causes": []}
    return cast("list[Alert]", alerts), cast(State, state)
