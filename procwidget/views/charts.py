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

import functools
import itertools
import math
import statistics
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

import numpy as np
from bqplot import Figure, LinearScale, Lines
from ipywidgets import Box, Layout

from procwidget import forking
from procwidget.sample import Sample
from procwidget.state.events import Event
from procwidget.views.cell_panel import Band
from procwidget.views.chart_marks import CHARTS, ChartMarks

WINDOW = 900.0
"""Seconds that a chart keeps."""

_MOST_SLOTS, _FEWEST_SLOTS = 1800, 15
_MOST_CORE_LINES = 8
_HEIGHT = "56px"
_OUT_OF_SIGHT = -1e15
_FIRST, _SECOND, _FAINT = "var(--pw-series-1)", "var(--pw-series-2)", "var(--pw-series-faint)"

Values = Callable[[Sample], Sequence[float | None]]
Part = tuple[dict[str, Any], list[bytes]]


def _slots(interval: float) -> int:
    return max(_FEWEST_SLOTS, min(_MOST_SLOTS, int(WINDOW / interval)))


class _Line(Lines):
    """A bqplot mark of some lines whose points the browser gets in another way.

    `points()`, once it is there, gives all points for a state that somebody asks for; any thread may ask.
    """

    points: Callable[[], np.ndarray[Any, Any]] | None = None

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> Any:
        if self.points is not None:
            y = _drawable(self.points())
            if np.shape(cast(Any, self).x) != y.shape[1:]:
                self.x = np.linspace(-WINDOW, 0.0, y.shape[1], dtype=np.float32)
            self.y = y
        return super().get_state(key, drop_defaults)

    def send_state(self, key: Any = None) -> None:
        # A single key is a trait that changed, and these change for those who ask only.
        if key not in ("x", "y"):
            super().send_state(key)


class Chart:
    """One figure: lines drawn over time from what `values(sample)` gives, one value a line.

    Its axes are drawn by js/charts/chart_frame.js, beside what else belongs to a chart in the browser.

    Args:
        key: what it is of, such as "cpu".
        label: its name.
        unit: what its values are: "percent", or "rate" and "network_rate" for bytes per second.
        values: what to draw of a sample; unknown is `None`.
        series: the name, the colour and the number of lines of each series.
        faint: draws the series after the first thinly.
    """

    def __init__(
        self,
        key: str,
        label: str,
        unit: str,
        values: Values,
        series: Sequence[tuple[str, str, int]],
        *,
        faint: bool = False,
    ) -> None:
        self.words: dict[str, Any] = {
            "key": key,
            "label": label,
            "unit": unit,
            "series": [[name, lines] for name, _, lines in series if lines],
        }
        self._values = values
        colors = [[color] * lines for _, color, lines in series]
        flat = [color for group in colors for color in group]
        self._grid = np.full((len(flat), _FEWEST_SLOTS), np.nan, dtype=np.float32)
        self._lock = threading.Lock()
        forking.register(self)
        self._x = LinearScale(min=-WINDOW, max=0.0, allow_padding=False)
        self._y = LinearScale(min=0.0, max=100.0, allow_padding=False)
        groups = [flat[: len(colors[0])], flat[len(colors[0]) :]] if faint else [flat]
        self._lines = [
            _Line(
                x=np.array([-WINDOW, 0.0]),
                y=np.full((len(group), 2), np.nan),
                scales={"x": self._x, "y": self._y},
                colors=group,
                stroke_width=1.0 if place else 1.5,
                **({} if place else {"fill": "bottom", "fill_opacities": [0.13] + [0.0] * (len(group) - 1)}),
            )
            for place, group in enumerate(groups)
            if group
        ]
        at = 0
        for line in self._lines:
            line.points = functools.partial(self._rows, at, at + len(line.colors))
            at += len(line.colors)
        self.figure = Figure(
            marks=self._lines[::-1],
            axes=[],
            animation_duration=0,
            display_toolbar=False,
            fig_margin={"top": 1, "bottom": 1, "left": 0, "right": 0},
            # The page decides its shape, by its style sheet.
            min_aspect_ratio=0.01,
            max_aspect_ratio=1000.0,
            layout=Layout(width="100%", height=_HEIGHT, min_width="0", min_height="0"),
            padding_y=0,
            background_style={"fill": "transparent"},
        )
        self.box = Box([self.figure], layout=Layout(min_width="0", overflow="visible"))
        self.box.add_class("procwidget-chart")
        self.box.add_class(f"procwidget-chart-{key}")

    def after_fork(self) -> None:
        """In a forked child: make the lock anew."""
        self._lock = threading.Lock()

    def mark(self, marks: ChartMarks, chart: str) -> None:
        """Have marks over the lines."""
        self.figure.marks = [*self.figure.marks, marks.label(chart, self._x)]

    @property
    def points(self) -> list[list[float | None]]:
        """What is drawn, a list a line, oldest first; `None` where there is a gap."""
        return [[None if math.isnan(value) else float(value) for value in line] for line in self._grid]

    @property
    def models(self) -> list[list[Any]]:
        """The name of each mark's model and how many lines it has, in the order of the lines."""
        return [[line.model_id, len(line.colors)] for line in self._lines]

    @property
    def lines(self) -> int:
        """How many lines it has."""
        return sum(len(line.colors) for line in self._lines)

    def values_of(self, sample: Sample) -> list[float | None]:
        """Return what is drawn of a sample, a value a line; a host with other cores has as many lines as this one."""
        values = list(self._values(sample))[: self.lines]
        return values + [None] * (self.lines - len(values))

    @property
    def newest(self) -> list[float | None]:
        """The newest value of each line, as exact as can be seen."""
        return [None if value != value else float(f"{value:.5g}") for value in self._grid[:, -1].tolist()]

    @property
    def filled(self) -> int:
        """How many slots there are from the oldest with any value on."""
        slots = np.flatnonzero(~np.isnan(self._grid).all(axis=0))
        return self._grid.shape[1] - int(slots[0]) if len(slots) else 0

    def packed(self, slots: int) -> bytes:
        """Return the points of the newest slots, as they go over the wire."""
        return self._grid[:, self._grid.shape[1] - slots :].astype("<f4").tobytes()

    def clear(self, slots: int) -> None:
        """Empty all slots, and make them `slots` many."""
        with self._lock:
            self._grid = np.full((len(self._grid), slots), np.nan, dtype=np.float32)

    def shift(self, sample: Sample, slots: int, bridge: bool = False) -> None:
        """Move everything `slots` slots into the past and put `sample` into the newest; `bridge` the slots between."""
        values = [np.nan if value is None else value for value in self._values(sample)]
        with self._lock:
            grid = self._grid
            slots = min(slots, grid.shape[1])
            before = grid[:, -1].copy()
            grid[:, : grid.shape[1] - slots] = grid[:, slots:]
            grid[:, grid.shape[1] - max(1, slots) :] = np.nan
            values = values[: len(grid)]
            grid[: len(values), -1] = values
            if bridge and slots > 1:
                grid[:, -slots:] = np.linspace(before, grid[:, -1], slots + 1, axis=1)[:, 1:]

    def _rows(self, first: int, end: int) -> np.ndarray[Any, Any]:
        with self._lock:
            return self._grid[first:end].copy()


def _drawable(lines: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return the lines; one without any value gets its ends out of sight, because bqplot cannot draw nothing."""
    empty = np.isnan(lines).all(axis=1)
    lines[empty, 0] = lines[empty, -1] = _OUT_OF_SIGHT
    return lines


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
