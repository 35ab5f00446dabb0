"""Answers a view that looks at a past moment: the table and the summary as they were then, the charts around it.

Each view looks at a moment of its own, so this is an answer to one request, and the poller and other views go on as
they do. Runs in the thread of a request.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from procwidget.errors import InvalidArgument
from procwidget.intervals import Between, compare, moment_as_interval, require_order
from procwidget.masking import mask
from procwidget.moments import clock_text, day_of, moment_of
from procwidget.sample import Sample
from procwidget.thresholds import Thresholds
from procwidget.units import duration_text
from procwidget.views import panels
from procwidget.views.chart import WINDOW
from procwidget.views.charts import Charts
from procwidget.views.frames import COMMAND_LIMIT, FrameEncoder
from procwidget.views.readings import Reach, Readings, higher

_MOST_ROWS = 500
"""Processes of an interval that are sent, those with most CPU time and most growth first."""

_LONGEST_TEXT = 64
_DAY = 86400.0
_LONGEST_WHOLE = 26 * 3600.0
"""Seconds up to which the strip shows all there is; of more it shows a day."""

_STRETCHES = 400
_MOST_MARKS = 200
_HOLE = 10.0
"""Seconds without a reading from which on that is said; three intervals if that is longer."""

_ENDS_WITHIN = 3600.0
"""Seconds after a moment in which is looked for why its processes ended."""

_FIGURES_BEFORE = 1800.0
"""Seconds before a moment for which a process's details have its figures."""


class Past:
    """What views are told of past moments.

    Args:
        reach: where the readings are.
        describe: returns the summary's reading of a sample; called with where it is from, too.
        newest: returns the sample of now, or the last of a recording, to tell who has ended since.
        charts: returns the charts, `None` where there are none.
        thresholds: returns from which values on a figure is marked.
    """

    def __init__(
        self,
        reach: Reach,
        describe: Callable[[Sample, Readings], dict[str, Any]],
        newest: Callable[[], Sample | None],
        charts: Callable[[], Charts | None] = lambda: None,
        thresholds: Callable[[], Thresholds] = Thresholds,
    ) -> None:
        self.reach = reach
        self._describe, self._newest, self._charts, self._thresholds = describe, newest, charts, thresholds

    def answer(self, kind: str, content: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        """Return the answer to one of `protocol.PAST_REQUESTS`, and its buffers.

        Raises:
            InvalidArgument: what it asks for is no moment, or there is no reading from then.
        """
        match kind:
            case "moment":
                return self.moment(content)
            case "interval_of":
                return self.interval(content), []
            case "compare":
                return self.comparison(content), []
            case "past_charts":
                return self.charts(content)
            case "overview":
                return self.overview(content), []
            case _:
                return self.details(content), []

    def moment(self, content: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        """Return the answer about one moment, and its buffer.

        Args:
            content: `when`, Unix seconds or a text such as "10:32" or "5m"; `step`: how many readings before (less than
                0) or after that; and `panels`, the names of those that are open.

        Raises:
            InvalidArgument: `when` is no moment, or there is no reading from then.
        """
        first, last = self._times()
        time = asked = _moment(content.get("when"), last, first)
        step = content.get("step", 0)
        if step in (-1, 1):
            beside = self.reach.beside(time, step)
            time = asked = max(first, min(last, time if beside is None else beside))
        readings = self._of(time)
        sample = readings.at(time)
        frame, buffers = FrameEncoder().encode(sample, whole=True)
        return {
            "result": "moment",
            "time": sample["time"],
            "first": first,
            "last": last,
            "next": self.reach.beside(sample["time"], 1),
            "note": _hole_note(asked, last, sample),
            "host": sample["host"],
            "frame": frame,
            "reading": self._describe(sample, readings),
            "panels": self._panels(sample, content.get("panels")),
            **self._ended(sample, readings),
        }, buffers

    def interval(self, content: dict[str, Any]) -> dict[str, Any]:
        """Return the answer about what each process did between two moments.

        Args:
            content: `from` and `to`, each as `when` of a moment.

        Raises:
            InvalidArgument: one is no moment, they are in the wrong order, or there is no reading in between.
        """
        found = self._between(content.get("from"), content.get("to"))
        rows = found["processes"]
        shown = [
            {**row, "command": None if row["command"] is None else mask(row["command"])[:COMMAND_LIMIT]}
            for row in rows[:_MOST_ROWS]
        ]
        return {
            "result": "interval",
            "from": found["from"],
            "to": found["to"],
            "processes": shown,
            "left_out": len(rows) - len(shown),
        }

    def comparison(self, content: dict[str, Any]) -> dict[str, Any]:
        """Return the answer about what differs between two moments, or two intervals.

        Args:
            content: `before` and `after`, each a moment or a list of two.

        Raises:
            InvalidArgument: one is no moment, an interval is in the wrong order, or there is no reading from then.
        """
        before, after = (self._side(content.get(name)) for name in ("before", "after"))
        rows = [row for row in compare(before, after) if row["what"] != "same"]
        return {
            "result": "comparison",
            "before": [before["from"], before["to"]],
            "after": [after["from"], after["to"]],
            "processes": rows[:_MOST_ROWS],
            "left_out": max(0, len(rows) - _MOST_ROWS),
        }

    def charts(self, content: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        """Return the charts of the quarter of an hour up to a moment, as a frame has them, and their buffer.

        Args:
            content: `until`, in Unix seconds.

        Raises:
            InvalidArgument: it is no moment, or there are no charts.
        """
        first, last = self._times()
        until = _moment(content.get("until"), last)
        charts, readings = self._charts(), self._of(max(first, until))
        if charts is None:
            raise InvalidArgument("There are no charts here.")
        if (times := readings.times()) and times[0] > until - WINDOW:
            # Where the last minutes begin within it, what reaches back further has all of it.
            readings = next(iter(self.reach.all()), readings)
        events = [event for event in self.reach.events() if until - WINDOW <= event["began"] <= until]
        part, buffers = charts.past_part(readings.hosts(until - WINDOW, until), until, events)
        return {"result": "charts", "until": until, "charts": part}, buffers

    def overview(self, content: dict[str, Any]) -> dict[str, Any]:
        """Return the shape of all there is, or of the day around a moment: stretch by stretch, with the holes.

        Args:
            content: `around`, a moment.

        Raises:
            InvalidArgument: it is no moment, or there is no reading.
        """
        first, last = begin, end = self._times()
        if last - first > _LONGEST_WHOLE:
            begin, end = day_of(_moment(content.get("around"), last))
        readings = next(iter(self.reach.all()))
        before = readings.beside(last, -1)
        # Every stretch of a time without holes has a reading.
        width = max((end - begin) / _STRETCHES, 2 * min(60.0, last - before if before else 2.0))
        count = max(1, int((end - begin) // width) + 1)
        cpu: list[float | None] = [None] * count
        memory: list[float | None] = [None] * count
        there = [0] * count
        for part, one, other in readings.shape(begin, end, width):
            if 0 <= part < count:
                there[part] = 1
                cpu[part], memory[part] = higher(cpu[part], one), higher(memory[part], other)
        marks = [event for event in self.reach.events() if begin <= event["began"] <= end][-_MOST_MARKS:]
        return {
            "result": "overview",
            "first": first,
            "last": last,
            "from": begin,
            "to": end,
            "width": width,
            "there": there,
            "cpu": cpu,
            "memory": memory,
            "marks": [[event["began"], event["level"], str(event["text"])[:COMMAND_LIMIT]] for event in marks],
        }

    def details(self, content: dict[str, Any]) -> dict[str, Any]:
        """Return what is known of a process up to a moment: its figures, and when and why it ended after that.

        Args:
            content: `identity`, and `when` in Unix seconds.

        Raises:
            InvalidArgument: one of them is wrong, or there is no reading from then.
        """
        _, last = self._times()
        identity, moment = content.get("identity"), _moment(content.get("when"), last)
        if not isinstance(identity, str):
            raise InvalidArgument("The identity must be a text.")
        readings = self._of(moment)
        figures = readings.figures_of(identity, moment - _FIGURES_BEFORE, moment)
        end = next((one for one in readings.ends(moment, moment + _DAY) if one[1] == identity), None)
        time, cpu, memory = (list(column) for column in zip(*figures, strict=True)) if figures else ([], [], [])
        return {
            "result": "past_details",
            "history": {"time": time, "cpu": cpu, "memory": memory},
            "ended": end and end[0],
            "why": end and end[2],
        }

    def _times(self) -> tuple[float, float]:
        times = self.reach.times()
        if times is None:
            raise InvalidArgument("There is no reading yet.")
        return times

    def _of(self, moment: float) -> Readings:
        readings = self.reach.of(moment)
        if readings is None:
            raise InvalidArgument("There is no reading yet.")
        return readings

    def _between(self, begin: object, end: object) -> Between:
        first, last = self._times()
        start, stop = _moment(begin, last, first), _moment(end, last, first)
        require_order(start, stop)
        return self._of(max(first, start)).between(start, stop)

    def _side(self, asked: object) -> Between:
        if isinstance(asked, list) and len(asked) == 2:
            return self._between(*asked)
        first, last = self._times()
        moment = max(first, _moment(asked, last, first))
        return moment_as_interval(self._of(moment).at(moment))

    def _panels(self, sample: Sample, names: object) -> dict[str, Any]:
        wanted = {name for name in names if isinstance(name, str)} if isinstance(names, list) else set()
        return panels.contents(sample, self._thresholds(), wanted) if wanted else {}

    def _ended(self, sample: Sample, readings: Readings) -> dict[str, Any]:
        """Return who of a sample has ended since, and why where that is known."""
        newest, time = self._newest(), sample["time"]
        # An identity names one process in one boot.
        same = newest is not None and newest["boot_id"] == sample["boot_id"]
        there = {row["identity"] for row in newest["processes"]} if newest and same else set[str]()
        ended = [row["identity"] for row in sample["processes"] if row["identity"] not in there]
        why: dict[str, str] = {}
        if ended:
            gone = set(ended)
            for _, identity, text in readings.ends(time, time + _ENDS_WITHIN):
                if text and identity in gone:
                    why.setdefault(identity, text)
        return {"ended": ended, "why": why}


def _hole_note(asked: float, last: float, sample: Sample) -> str | None:
    """Return a sentence where nothing was read at the moment that was asked for."""
    missing = asked - sample["time"]
    if missing <= max(_HOLE, 3 * (sample["interval"] or 0.0)):
        return None
    then = clock_text(asked, sample["time"])
    if asked > last:
        return f"There is no reading from {then}: this is the last one."
    return f"Nothing was read at {then}: this is the reading before, {duration_text(missing)} earlier."


def _moment(when: object, now: float, first: float | None = None) -> float:
    """Return the moment that a browser names, in Unix seconds; see `moment_of`."""
    number = isinstance(when, (int, float)) and not isinstance(when, bool)
    try:
        if number or (isinstance(when, str) and len(when) <= _LONGEST_TEXT):
            return moment_of(when, now, first)  # type: ignore[arg-type]
    except InvalidArgument:
        pass
    # Who types there has no Python: of a datetime nothing is said.
    shown = f", not {when!r}" if isinstance(when, str) and len(when) <= _LONGEST_TEXT else ""
    raise InvalidArgument(f"A moment is such as 10:32, 10:32:14, 5m (ago) or 2026-11-29 10:32{shown}.")
