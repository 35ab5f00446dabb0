"""One chart of the dashboard: its figure, the slots that it draws, and its marks, which the browser gets another way.

`charts.py` has the four of a dashboard, and says what of them goes to the browser.
"""

from __future__ import annotations

import functools
import math
import threading
from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np
from bqplot import Figure, LinearScale, Lines
from ipywidgets import Box, Layout

from procwidget import forking
from procwidget.sample import Sample
from procwidget.views.chart_marks import ChartMarks

WINDOW = 900.0
"""Seconds that a chart keeps."""

FEWEST_SLOTS = 15
_HEIGHT = "56px"
_OUT_OF_SIGHT = -1e15

Values = Callable[[Sample], Sequence[float | None]]


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
        self._grid = np.full((len(flat), FEWEST_SLOTS), np.nan, dtype=np.float32)
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
