"""Says of a past moment what was said then: the sentence and the alerts of its reading.

The poller's thread notes them; threads of requests ask.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, cast

from procwidget.sample import Sample
from procwidget.state.alerts import Alert, Alerts
from procwidget.state.events import Event
from procwidget.state.sentence import State
from procwidget.thresholds import Thresholds
from procwidget.views.summary import describe

_MOST = 1200
"""Readings of which is kept what was said."""

_SHORTEST_HOLD = 1.0
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

    def describe(self, sample: Sample, events: list[Event]) -> dict[str, Any]:
        """Return what the summary shows of a past sample.

        Args:
            sample: of then.
            events: what was wrong, of which those count that lasted then; for samples of which nothing was noted.
        """
        said = next((one for one in reversed(self._said) if one[0] == sample["time"]), None)
        alerts, state = said[1:] if said else _as_logged(sample, events) or self._alone(sample)
        return describe(sample, alerts, state, self._thresholds(), self._interval(), [], None)

    def _alone(self, sample: Sample) -> tuple[list[Alert], State]:
        """Return what one reading alone says."""
        alone = Alerts(self._thresholds(), longest_hold=_SHORTEST_HOLD)
        return alone.update(sample), alone.state


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
