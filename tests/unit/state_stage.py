"""Plays a host's readings to `Alerts`, for the tests of what it says."""

from __future__ import annotations

from typing import Any

from procwidget.sample import Sample
from procwidget.sources.scripted import make_sample
from procwidget.state.alerts import Alert, Alerts
from procwidget.state.sentence import State
from procwidget.thresholds import Thresholds

GIB = 2**30


def pressed(cgroup: str | None = None, **some_or_full: float) -> dict[str, Any]:
    """The pressure of a host or of a group: `cpu` is some, `memory` and `io` are full, the others 0."""
    shares = {"cpu": 0.0, "memory": 0.0, "io": 0.0} | some_or_full
    memory, io = ({"some": shares[kind], "full": shares[kind]} for kind in ("memory", "io"))
    return {"cgroup": cgroup, "cpu": {"some": shares["cpu"]}, "memory": memory, "io": io}


def holding(used: float, **parts: Any) -> dict[str, Any]:
    """The memory of a host with 100 GiB, so many of them in use."""
    memory = dict(make_sample()["memory"] or {})
    return {**memory, "total": 100 * GIB, "used": int(used * GIB), "available": int((100 - used) * GIB), **parts}


class Story:
    """Readings of one host, two seconds apart, and what is said of them.

    It looks from the beginning: a calm reading comes first, so that what is told later began in sight.
    """

    def __init__(self, thresholds: Thresholds | None = None, *, looked: bool = True) -> None:
        self.alerts = Alerts(thresholds or Thresholds())
        self.now = 0.0
        self.last: Sample | None = None
        if looked:
            self.play(1)

    def play(self, readings: int = 1, every: float = 2.0, more: dict[str, Any] | None = None, **changes: Any) -> State:
        """Take so many readings with these changes; return the state then. `more` are keys that not every host has."""
        for _ in range(readings):
            self.now += every
            sample = make_sample(monotonic=100.0 + self.now, time=5000.0 + self.now, interval=every, **changes)
            self.last = {**sample, **(more or {})}  # type: ignore[typeddict-item]
            self.alerts.update(self.last, every)
        return self.alerts.state

    @property
    def kinds(self) -> list[str]:
        """The kinds of the alerts of now."""
        return [alert["kind"] for alert in self.alerts.current]

    @property
    def first(self) -> Alert:
        """The first of them."""
        return self.alerts.current[0]
