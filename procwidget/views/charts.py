"""Keeps the live charts: what is drawn of each sample, and what of it goes to the browser. The poller's thread draws.

Each chart has a fixed number of slots on a fixed axis, from `WINDOW` seconds ago to now; every tick shifts its values
by as many slots as have passed. Slots without a sample stay empty, so a stall is a gap and never a line; only where
the history's samples lie regularly further apart than slots, from a longer interval, is there a line between them.

What has moved goes to the browser with the table's frame: `Charts.part` says by how many slots, and the newest value
of each line; js/connection/chart_points.js gives them to the marks' models there. A mark's own traits are filled when
somebody asks for its state, as a page does that is opened or loaded again: bqplot sends all points for each new one.

Wire format, values in the order of the charts and of their lines: {"shift": slots, "values": [...]} with `null` for
unknown, or, when whole, {"slots": n, "models": [[id, lines], ...]} and a buffer of `n` 32-bit floats a line,
little-endian, oldest first, NaN for unknown. Either may have "marks", see `procwidget.views.chart_marks`.
"""

from __future__ import annotations

import functools
import math
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

import numpy as np
from bqplot import Axis, Figure, LinearScale, Lines
from ipywidgets import HTML, Box, Layout, VBox

from procwidget import forking
from procwidget.sample import Sample
from procwidget.state.events import Event
from procwidget.thresholds import Bounds, Thresholds
from procwidget.units import network_rate_text, rate_text
from procwidget.views.chart_marks import CHARTS, ChartMarks

WINDOW = 300.0
"""Seconds that a chart shows."""

_MOST_SLOTS, _FEWEST_SLOTS = 600, 5
_MOST_CORE_LINES = 8
_SMALLEST_TOP = 65536.0
_OUT_OF_SIGHT = -1e15
_FIRST, _SECOND, _FAINT = "var(--pw-series-1)", "var(--pw-series-2)", "var(--pw-series-faint)"
_WARNING, _CRITICAL = "var(--pw-warning)", "var(--pw-critical)"

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
    """One figure: `lines` drawn over time from what `values(sample)` gives, one value a line.

    Args:
        heading: constant markup above the figure, ours alone; nothing from a process may enter it.
        values: what to draw of a sample; unknown is `None`.
        colors: one CSS colour a line.
        bounds: the warning and critical level to draw; `None` makes an axis in bytes per second that fits itself.
        faint: draws the lines after the first thinly.
        rate: the words for bytes per second on its axis.
    """

    def __init__(
        self,
        heading: str,
        values: Values,
        colors: list[str],
        bounds: Bounds | None = None,
        *,
        faint: bool = False,
        rate: Callable[[float], str] = rate_text,
    ) -> None:
        self._values = values
        self._bounds = bounds
        self._grid = np.full((len(colors), _FEWEST_SLOTS), np.nan, dtype=np.float32)
        self._lock = threading.Lock()
        forking.register(self)
        self._x = LinearScale(min=-WINDOW, max=0.0, allow_padding=False)
        self._y = LinearScale(min=0.0, max=100.0 if bounds else _SMALLEST_TOP, allow_padding=False)
        groups = [colors[:1], colors[1:]] if faint else [colors]
        self._lines = [
            _Line(
                x=np.array([-WINDOW, 0.0]),
                y=np.full((len(group), 2), np.nan),
                scales={"x": self._x, "y": self._y},
                colors=group,
                stroke_width=1.0 if place else 2.0,
            )
            for place, group in enumerate(groups)
            if group
        ]
        at = 0
        for line in self._lines:
            line.points = functools.partial(self._rows, at, at + len(line.colors))
            at += len(line.colors)
        self._limits = [
            Lines(
                x=np.array([-WINDOW, 0.0]),
                y=np.array([value, value]),
                scales={"x": self._x, "y": self._y},
                colors=[color],
                line_style="dashed",
                stroke_width=1.0,
            )
            for value, color in zip(bounds or (), (_WARNING, _CRITICAL), strict=False)
        ]
        self._axis = Axis(
            scale=self._y, orientation="vertical", tick_labels=_labels(bounds, rate), grid_color="var(--pw-grid)"
        )
        self.figure = Figure(
            marks=[*self._limits, *reversed(self._lines)],
            axes=[
                Axis(
                    scale=self._x,
                    tick_values=np.array([-240.0, -120.0, 0.0]),
                    tick_labels={"-240": "4 min", "-120": "2 min", "0": "now"},
                    grid_lines="none",
                ),
                self._axis,
            ],
            animation_duration=0,
            display_toolbar=False,
            fig_margin={"top": 6, "bottom": 22, "left": 40 if bounds else 68, "right": 16},
            layout=Layout(width="100%", height="140px", min_width="0"),
            padding_y=0,
            background_style={"fill": "transparent"},
        )
        self._place_ticks()
        self.box = VBox([HTML(heading), self.figure], layout=Layout(min_width="0", overflow="hidden"))

    def after_fork(self) -> None:
        """In a forked child: make the lock anew."""
        self._lock = threading.Lock()

    def set_bounds(self, bounds: Bounds) -> None:
        """Draw other warning and critical levels."""
        self._bounds = bounds
        for line, value in zip(self._limits, bounds, strict=True):
            cast(Any, line).y = np.array([value, value])
        self._axis.tick_labels = _labels(bounds, rate_text)
        self._place_ticks()

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
    def newest(self) -> list[float | None]:
        """The newest value of each line, as exact as can be seen."""
        return [None if value != value else float(f"{value:.5g}") for value in self._grid[:, -1].tolist()]

    def packed(self) -> bytes:
        """Return all points, as they go over the wire."""
        return self._grid.astype("<f4", copy=False).tobytes()

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

    def fit(self) -> None:
        """Make the axis as high as what is drawn needs."""
        if self._bounds is None:
            top = float(np.nanmax(self._grid, initial=0.0))
            wanted = max(_SMALLEST_TOP, 2.0 ** math.ceil(math.log2(top)) if top > 0 else 0.0)
            if wanted != self._y.max:
                self._y.max = wanted
                self._place_ticks()

    def _rows(self, first: int, end: int) -> np.ndarray[Any, Any]:
        with self._lock:
            return self._grid[first:end].copy()

    def _place_ticks(self) -> None:
        top = self._y.max
        self._axis.tick_values = np.array([0.0, *self._bounds] if self._bounds else [0.0, top / 2, top])


def _labels(bounds: Bounds | None, rate: Callable[[float], str]) -> dict[str, str]:
    # All that can be needed, once: bqplot does not put new labels on ticks that it has drawn.
    if bounds:
        return {f"{value:g}": f"{value:g} %" for value in (0.0, *bounds)}
    return {"0": rate(0), **{str(2**power): rate(2**power).replace(".0", "") for power in range(50)}}


def _drawable(lines: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return the lines; one without any value gets its ends out of sight, because bqplot cannot draw nothing."""
    empty = np.isnan(lines).all(axis=1)
    lines[empty, 0] = lines[empty, -1] = _OUT_OF_SIGHT
    return lines


def _memory_and_swap(sample: Sample) -> tuple[float | None, float | None]:
    return sample["effective"]["memory_usage"], sample["memory"]["swap_usage"] if sample["memory"] else None


def _key(text: str, series: str) -> str:
    return f'<span class="pw-key pw-key-{series}">{text}</span>'


class Charts:
    """The dashboard's charts: CPU, memory, disk and network.

    Args:
        thresholds: drawn as dashed lines.
        cores: how many CPUs this host has; up to eight get a line each, more are one line, the busiest.
    """

    def __init__(self, thresholds: Thresholds, cores: int) -> None:
        each = cores <= _MOST_CORE_LINES
        core_lines = cores if each else 1

        def cpu(sample: Sample) -> list[float | None]:
            values = sample["per_cpu"]
            if not each:
                values = [max((value for value in values if value is not None), default=None)]
            return [sample["effective"]["cpu_usage"], *values]

        self.cpu = Chart(
            f"<b>CPU</b> {_key('all', '1')} {_key('each core' if each else 'busiest core', 'faint')}",
            cpu,
            [_FIRST] + [_FAINT] * core_lines,
            thresholds.cpu,
            faint=True,
        )
        self.memory = Chart(
            f"<b>Memory</b> {_key('memory', '1')} {_key('swap', '2')}",
            _memory_and_swap,
            [_FIRST, _SECOND],
            thresholds.memory,
        )
        self.disk = Chart(
            f"<b>Disk</b> {_key('read', '1')} {_key('written', '2')}",
            lambda sample: (sample["disk"]["read"], sample["disk"]["written"]),
            [_FIRST, _SECOND],
        )
        self.network = Chart(
            f"<b>Network</b> {_key('received', '1')} {_key('sent', '2')}",
            lambda sample: (sample["network"]["received"], sample["network"]["sent"]),
            [_FIRST, _SECOND],
            rate=network_rate_text,
        )
        self._all: tuple[Chart, ...] = (self.cpu, self.memory, self.disk, self.network)
        self._marks = ChartMarks()
        for chart, name in zip(self._all, CHARTS, strict=True):
            chart.mark(self._marks, name)
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
            slots, models = round(WINDOW / self._slot) if self._slot else 0, []
            for chart in self._all:
                models += chart.models
            content: dict[str, Any] = {"slots": slots, "models": models}
            buffers = [b"".join(chart.packed() for chart in self._all)]
        elif self._untold:
            values: list[float | None] = []
            for chart in self._all:
                values += chart.newest
            content, buffers = {"shift": self._moved, "values": values}, []
        else:
            content, buffers = {}, []
        if (marks := self._marks.part(self._time, whole="models" in content)) is not None:
            content["marks"] = marks
        self._owes_whole, self._untold = False, 0
        return content, buffers

    def set_thresholds(self, thresholds: Thresholds) -> None:
        """Draw other levels."""
        self.cpu.set_bounds(thresholds.cpu)
        self.memory.set_bounds(thresholds.memory)

    def mark(self, events: Iterable[Event], time: float) -> None:
        """Mark events, oldest first, at a moment in Unix seconds."""
        self._marks.show(events, time, WINDOW)

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
        for chart in self._all:
            chart.fit()

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

    def release(self) -> None:
        """Let go of every widget; there is nothing to draw on afterwards."""
        self._all = ()
        self._marks.release()
        del self.cpu, self.memory, self.disk, self.network, self.box

    def widgets(self) -> Iterable[Any]:
        """Return every widget model made here, for closing."""
        for chart in self._all:
            yield from (*chart.figure.marks, *chart.figure.axes, chart._x, chart._y, chart.figure.scale_x)
            yield from (chart.figure.scale_y, chart.figure, *chart.box.children, chart.box)
        yield from self._marks.widgets()
        yield self.box
