"""Keeps the live charts: what is drawn of each sample, and what of it goes to the browser. The poller's thread draws.

Each chart has a fixed number of slots, from `WINDOW` seconds ago to now; every tick shifts its values by as many slots
as have passed. How many of them are shown, and how high the axis is, each page decides: its visitor chooses the span.
Slots without a sample stay empty, so a stall is a gap and never a line; only where the history's samples lie regularly
further apart than slots, from a longer interval, is there a line between them.

What has moved goes to the browser with the table's frame: `Charts.part` says by how many slots, and the newest value
of each line; js/connection/chart_points.js gives them to the marks' models there. A mark's own traits are filled when
somebody asks for its state, as a page does that is opened or loaded again: bqplot sends all points for each new one.

Wire format, values in the order of the charts and of their lines: {"shift": slots, "values": [...]} with `null` for
unknown, or, when whole, {"slots": n, "window": seconds, "models": [[id, lines], ...], "charts": [...]} and a buffer of
32-bit floats, little-endian, NaN for unknown: of each line the same number of newest slots, oldest first. Those before
them, which have no value in any line, are left out. `charts` says what each chart is: see `Chart.words`. Either may
have "marks", see `procwidget.views.chart_marks`, and "cells", see `procwidget.views.cell_panel.Band`.
"""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

import numpy as np
from ipywidgets import Box

from procwidget.sample import Sample
from procwidget.state.events import Event
from procwidget.views.cell_panel import Band
from procwidget.views.chart import FEWEST_SLOTS, WINDOW, Chart
from procwidget.views.chart_marks import CHARTS, ChartMarks

_MOST_SLOTS = 1800
_MOST_CORE_LINES = 8
_FIRST, _SECOND, _FAINT = "var(--pw-series-1)", "var(--pw-series-2)", "var(--pw-series-faint)"

Part = tuple[dict[str, Any], list[bytes]]


def _slots(interval: float) -> int:
    return max(FEWEST_SLOTS, min(_MOST_SLOTS, int(WINDOW / interval)))


def _memory_and_swap(sample: Sample) -> tuple[float | None, float | None]:
    return sample["effective"]["memory_usage"], sample["memory"]["swap_usage"] if sample["memory"] else None


class Charts:
    """The dashboard's charts: CPU, memory, disk and network.

    Args:
        cores: how many CPUs this host has; up to eight get a line each, more are one line, the busiest.
    """

    def __init__(self, cores: int) -> None:
        each = cores <= _MOST_CORE_LINES
        core_lines = cores if each else 1

        def cpu(sample: Sample) -> list[float | None]:
            values = sample["per_cpu"]
            if not each:
                values = [max((value for value in values if value is not None), default=None)]
            return [sample["effective"]["cpu_usage"], *values]

        self.cpu = Chart(
            "cpu",
            "CPU",
            "percent",
            cpu,
            [("all", _FIRST, 1), ("each core" if each else "busiest core", _FAINT, core_lines)],
            faint=True,
        )
        self.memory = Chart(
            "memory", "Memory", "percent", _memory_and_swap, [("memory", _FIRST, 1), ("swap", _SECOND, 1)]
        )
        self.disk = Chart(
            "disk",
            "Disk",
            "rate",
            lambda sample: (sample["disk"]["read"], sample["disk"]["written"]),
            [("read", _FIRST, 1), ("written", _SECOND, 1)],
        )
        self.network = Chart(
            "network",
            "Network",
            "network_rate",
            lambda sample: (sample["network"]["received"], sample["network"]["sent"]),
            [("received", _FIRST, 1), ("sent", _SECOND, 1)],
        )
        self._all: tuple[Chart, ...] = (self.cpu, self.memory, self.disk, self.network)
        self._marks = ChartMarks()
        for chart, name in zip(self._all, CHARTS, strict=True):
            chart.mark(self._marks, name)
        self._cells: list[Band] = []
        self._told_cells: list[Band] = []
        self._time = 0.0  # of the newest sample, in Unix seconds
        self._slot = 0.0
        self._newest = self._edge = -math.inf  # the moments of the newest sample and of the newest slot
        self._passed = 0.0  # seconds between the newest two samples
        self._uptime: float | None = None
        self._moved = 0  # slots by which the newest sample moved everything
        self._untold = 0  # samples drawn of which the browser has not been told
        self._owes_whole = True
        self.box = Box([chart.box for chart in self._all])
        self.box.add_class("procwidget-charts")

    def part(self, *, whole: bool = False) -> Part:
        """Return what the browser is to draw since the part before, or everything: JSON-able, and its buffers."""
        if whole or self._owes_whole or self._untold > 1:
            models: list[list[Any]] = []
            for chart in self._all:
                models += chart.models
            content: dict[str, Any] = {
                "slots": round(WINDOW / self._slot) if self._slot else 0,
                "window": WINDOW,
                "models": models,
                "charts": [chart.words for chart in self._all],
            }
            filled = max((chart.filled for chart in self._all), default=0)
            buffers = [b"".join(chart.packed(filled) for chart in self._all)]
        elif self._untold:
            values: list[float | None] = []
            for chart in self._all:
                values += chart.newest
            content, buffers = {"shift": self._moved, "values": values}, []
        else:
            content, buffers = {}, []
        if (marks := self._marks.part(self._time, whole="models" in content)) is not None:
            content["marks"] = marks
        if "models" in content or self._cells != self._told_cells:
            content["cells"] = self._told_cells = self._cells
        self._owes_whole, self._untold = False, 0
        return content, buffers

    def mark(self, events: Iterable[Event], time: float) -> None:
        """Mark events, oldest first, at a moment in Unix seconds."""
        self._marks.show(events, time, WINDOW)

    def show_cells(self, cells: list[Band]) -> None:
        """Show when cells ran, the oldest first."""
        self._cells = cells

    def restart(self, history: Iterable[dict[str, Any]], interval: float) -> None:
        """Empty the charts and draw what `history` has, in slots of `interval` seconds."""
        slots = _slots(interval)
        self._slot = WINDOW / slots
        self._newest = self._edge = -math.inf
        self._owes_whole = True
        for chart in self._all:
            chart.clear(slots)
        for host in history:
            self._take(cast(Sample, host), bridge=True)

    def update(self, sample: Sample, history: Callable[[], Iterable[dict[str, Any]]], interval: float) -> None:
        """Draw the next sample; starts again from `history()` when `interval` is not as before."""
        if self._slot != WINDOW / _slots(interval):
            self.restart(history(), interval)
        self._take(sample)

    def _take(self, sample: Sample, *, bridge: bool = False) -> None:
        moment, uptime = sample["monotonic"], sample["uptime"]
        if moment <= self._newest:
            return
        passed, slots = moment - self._newest, 0
        if not math.isfinite(self._edge):
            self._edge = moment
        else:
            # The monotonic clock of Linux stands still while the host is suspended, the uptime does not.
            slept = uptime - self._uptime - passed if uptime is not None and self._uptime is not None else 0.0
            slept = slept if slept > 1 else 0.0
            slots = round((moment + slept - self._edge) / self._slot)
            if passed + slept < 1.5 * self._slot:
                # A tick that is a little early or late makes no gap.
                slots = min(slots, 1)
            self._edge += slots * self._slot - slept
            passed += slept
        regular, self._passed = passed < 1.5 * self._passed, passed if math.isfinite(passed) else 0.0
        self._newest, self._uptime, self._time = moment, uptime, sample["time"]
        self._moved = slots
        self._untold += 1
        for chart in self._all:
            chart.shift(sample, slots, bridge and regular)

    def past_part(self, hosts: Sequence[dict[str, Any]], until: float, events: Iterable[Event]) -> Part:
        """Return what the browser is to draw of a past time instead: as a whole `part`, up to a moment in Unix seconds.

        Any thread may call. Readings stand where their time says; what lies between two that are not far apart is
        drawn as the earlier one, anything else is a gap.
        """
        steps = [later["time"] - host["time"] for host, later in itertools.pairwise(hosts)]
        slots = _slots(max(0.1, statistics.median(steps))) if steps else _MOST_SLOTS
        slot = WINDOW / slots
        grid = np.full((sum(chart.lines for chart in self._all), slots), np.nan, dtype=np.float32)
        before = -math.inf
        for host in hosts:
            place = slots - 1 - round((until - host["time"]) / slot)
            if not 0 <= place < slots:
                continue
            values = [value for chart in self._all for value in chart.values_of(cast(Sample, host))]
            if 1 < place - before <= 2:
                grid[:, place - 1] = grid[:, place - 2]
            grid[:, place] = [math.nan if value is None else value for value in values]
            before = place
        there = np.flatnonzero(~np.isnan(grid).all(axis=0))
        filled = slots - int(there[0]) if len(there) else 0
        content: dict[str, Any] = {
            "slots": slots,
            "window": WINDOW,
            "models": [model for chart in self._all for model in chart.models],
            "charts": [chart.words for chart in self._all],
            "marks": self._marks.of(events, until),
        }
        return content, [grid[:, slots - filled :].astype("<f4").tobytes()]

    def release(self) -> None:
        """Let go of every widget; there is nothing to draw on afterwards."""
        self._all = ()
        self._marks.release()
        del self.cpu, self.memory, self.disk, self.network, self.box

    def widgets(self) -> Iterable[Any]:
        """Return every widget model made here, for closing."""
        for chart in self._all:
            yield from (*chart.figure.marks, chart._x, chart._y, chart.figure.scale_x)
            yield from (chart.figure.scale_y, chart.figure, chart.box)
        yield from self._marks.widgets()
        yield self.box
