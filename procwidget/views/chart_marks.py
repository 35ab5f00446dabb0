"""Marks in the charts where events began. The poller's thread shows them; the browser moves them on.

A chart's time axis begins `WINDOW` seconds ago and ends now, so marks move with every tick. What goes to the browser,
with the charts' part of a frame and only when events changed, are their ages; js/connection/chart_marks.js moves them
on with the lines. Each chart shows the events that are about what it draws; what was done to processes is in those of
CPU and memory.

Wire format: [[model, [[age, level], ...]], ...], a chart each, ages in seconds.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from bqplot import Label, LinearScale

from procwidget.state.events import Event

MOST_MARKS = 40
"""Marks of one chart; the oldest are left out."""

CHARTS = ("cpu", "memory", "disk", "network")

_WORDS = {
    "memory": ("memory", "swap", "oom"),
    "disk": ("io", "disk", "filesystem", "space", "inode"),
    "network": ("network", "interface"),
    "cpu": ("cpu", "steal", "throttl"),
}


def charts_of(event: Event) -> tuple[str, ...]:
    """Return in which charts an event is marked."""
    kind = event["kind"]
    if kind in ("signal", "limit", "process_end", "kernel_death", "interrupt"):
        return "cpu", "memory"
    parts = kind.split("_")
    for chart, words in _WORDS.items():
        if any(part.startswith(word) for part in parts for word in words):
            return (chart,)
    return ("cpu",)


class ChartMarks:
    """The marks of the four charts."""

    def __init__(self) -> None:
        self._labels: dict[str, Label] = {}
        self._events: list[Event] = []
        self._time = 0.0
        self._changed = True

    def label(self, chart: str, x: LinearScale) -> Label:
        """Return the mark of a chart, to be put into its figure; it has an axis of its own from bottom to top."""
        self._labels[chart] = Label(
            x=[],
            y=[],
            text=np.array([], dtype=str),
            scales={"x": x, "y": LinearScale(min=0.0, max=1.0, allow_padding=False)},
            default_size=13,
            font_weight="bold",
            align="middle",
        )
        return self._labels[chart]

    def show(self, events: Iterable[Event], time: float, window: float) -> None:
        """Mark these events, the oldest first, as they stand `time` (Unix seconds), in charts of `window` seconds."""
        self._events = [event for event in events if 0 <= time - event["began"] <= window]
        self._time, self._changed = time, True

    def part(self, time: float, *, whole: bool) -> list[Any] | None:
        """Return what the browser is to mark at a moment, `None` where it knows that already."""
        if not whole and not self._changed:
            return None
        self._changed = False
        return self.of(self._events, time)

    def of(self, events: Iterable[Event], time: float) -> list[Any]:
        """Return what the browser is to mark of these events at a moment."""
        events = tuple(events)
        part: list[Any] = []
        for chart, label in self._labels.items():
            mine = [event for event in events if chart in charts_of(event)][-MOST_MARKS:]
            part.append([label.model_id, [[round(time - event["began"], 1), event["level"]] for event in mine]])
        return part

    def widgets(self) -> Iterable[Any]:
        """Return the models made here that no figure lists as its own."""
        return [label.scales["y"] for label in self._labels.values()]

    def release(self) -> None:
        """Let go of every widget; nothing is marked afterwards."""
        self._labels = {}
