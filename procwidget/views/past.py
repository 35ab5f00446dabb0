"""Answers a view that looks at a past moment: the table and the summary as they were then.

Each view looks at a moment of its own, so this is an answer to one request, and the poller and other views go on as
they do. Runs in the thread of a request.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from procwidget.errors import InvalidArgument
from procwidget.intervals import Between
from procwidget.masking import mask
from procwidget.moments import Moment, moment_of
from procwidget.sample import Sample
from procwidget.views.frames import COMMAND_LIMIT, FrameEncoder

_MOST_ROWS = 500
"""Processes of an interval that are sent, those with most CPU time and most growth first."""

_LONGEST_TEXT = 64


class Readings(Protocol):
    """A history or a recording."""

    def at(self, when: Moment) -> Sample:
        """Return the sample of a moment."""
        ...

    def between(self, begin: Moment, end: Moment) -> Between:
        """Return what each process did between two moments."""
        ...

    def columns(self, *keys: str) -> dict[str, list[Any]]:
        """Return one list a key."""
        ...


class Past:
    """What views are told of past moments.

    Args:
        readings: where they are kept.
        describe: returns the summary's reading of a sample.
        newest: returns the sample of now, to tell who has ended since.
    """

    def __init__(
        self,
        readings: Callable[[], Readings],
        describe: Callable[[Sample], dict[str, Any]],
        newest: Callable[[], Sample | None],
    ) -> None:
        self._readings, self._describe, self._newest = readings, describe, newest

    def moment(self, content: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        """Return the answer about one moment, and its buffer.

        Args:
            content: `when`, Unix seconds or a text such as "10:32" or "5m", and `step`: how many readings before (less
                than 0) or after that.

        Raises:
            InvalidArgument: `when` is no moment, or there is no reading from then.
        """
        readings = self._readings()
        times = readings.columns("time")["time"]
        if not times:
            raise InvalidArgument("There is no reading yet.")
        time = moment_of(_checked(content.get("when")), times[-1])
        step = content.get("step", 0)
        if step in (-1, 1):
            at = sum(1 for one in times if one <= time) - 1 + step
            time = times[max(0, min(at, len(times) - 1))]
        sample = readings.at(max(time, times[0]) if step else time)
        newest = self._newest()
        there = {row["identity"] for row in newest["processes"]} if newest else set[str]()
        frame, buffers = FrameEncoder().encode(sample, whole=True)
        return {
            "result": "moment",
            "time": sample["time"],
            "first": times[0],
            "last": times[-1],
            "frame": frame,
            "reading": self._describe(sample),
            "ended": [row["identity"] for row in sample["processes"] if row["identity"] not in there],
        }, buffers

    def interval(self, content: dict[str, Any]) -> dict[str, Any]:
        """Return the answer about what each process did between two moments.

        Args:
            content: `from` and `to`, each as `when` of a moment.

        Raises:
            InvalidArgument: one is no moment, they are in the wrong order, or there is no reading in between.
        """
        found = self._readings().between(_checked(content.get("from")), _checked(content.get("to")))
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


def _checked(when: object) -> Moment:
    """Return what a browser calls a moment, if it may be one."""
    if isinstance(when, str) and len(when) <= _LONGEST_TEXT:
        return when
    if isinstance(when, (int, float)) and not isinstance(when, bool):
        return float(when)
    raise InvalidArgument('A moment must be such as "10:32" or "5m", or Unix seconds.')
