"""The JSON routes for more: processes by a search, one process, events, figures of the past, the state.

Event loop's thread; what may block is asked in another one.
"""

from __future__ import annotations

import asyncio
import os
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from typing import Any

from jupyter_server.utils import url_path_join

from procwidget.errors import InvalidArgument
from procwidget.masking import mask
from procwidget.moments import Moment, moment_of
from procwidget.query import parse
from procwidget.recording.recording import Recording
from procwidget.recording.this_host import RECORDING
from procwidget.sample import Process
from procwidget.server.observed import OBSERVED, Observed
from procwidget.server.routes import (
    Deaths,
    JsonRoute,
    Metrics,
    TopProcesses,
    one_value,
    only_known,
    read_count,
    read_sort,
)

MOST_POINTS = 1000
"""Points of a history that are sent: of more, each second one, or third …"""

_LONGEST_SEARCH = 500
_LONGEST_COMMAND = 4096
_MOST_ALERTS = 100
_KEYS = (
    *("cpu_usage", "memory_usage", "disk.read", "disk.written", "network.received", "network.sent", "process_count"),
)


class Asked(JsonRoute):
    """What the routes here share."""

    @property
    def observed(self) -> Observed:
        """What this server has observed."""
        observed: Observed = self.settings[OBSERVED]
        return observed


class Processes(Asked):
    """`procwidget/processes?query=…&n=10&sort=cpu|memory`: the processes that a search finds."""

    async def answer(self, parameters: Mapping[str, list[str]]) -> dict[str, Any]:
        """Return `time`, how many were `found`, and the first `n` of them as `processes`."""
        only_known(parameters, "query", "n", "sort")
        text = one_value(parameters, "query", "")
        count = read_count(one_value(parameters, "n", "10"))
        sort = read_sort(one_value(parameters, "sort", "cpu"))
        if len(text) > _LONGEST_SEARCH:
            raise InvalidArgument(f"A search has at most {_LONGEST_SEARCH} characters.")
        query = parse(text)
        if query.lookups:
            raise InvalidArgument("Who has a port or a file is not found here: look in the dashboard.")
        sample = await self.observed.sample()
        # Masked before it is searched: what is found must not tell what was masked.
        rows = await asyncio.to_thread(
            lambda: [row for row in map(_masked, sample["processes"]) if query.matches(row, sample["time"])]
        )
        rows.sort(key=lambda row: (-(row[sort] or 0.0), row["pid"]))
        return {"time": sample["time"], "found": len(rows), "processes": rows[:count]}


class OneProcess(Asked):
    """`procwidget/process/IDENTITY`: one process, and its CPU and memory in the readings of the last hour."""

    async def answer(self, parameters: Mapping[str, list[str]]) -> dict[str, Any]:
        """Return `time`, `process` and `history`; 404 where there is no such process now."""
        only_known(parameters)
        sample = await self.observed.sample()
        wanted = self.path_kwargs["identity"]
        row = next((row for row in sample["processes"] if row["identity"] == wanted), None)
        if row is None:
            raise LookupError(f"There is no process {wanted[:40]!r} now: an identity is such as 1234-56789.")
        history = await asyncio.to_thread(self.observed.history.process, wanted)
        return {
            "time": sample["time"],
            "process": _masked(row),
            "history": {key: values[-MOST_POINTS:] for key, values in history.items()},
        }


class State(Asked):
    """`procwidget/state`: what is wrong, in a sentence and as data."""

    async def answer(self, parameters: Mapping[str, list[str]]) -> dict[str, Any]:
        """Return `time`, the state and the alerts of the newest sample."""
        only_known(parameters)
        sample = await self.observed.sample()
        alerts = self.observed.alerts
        return {"time": sample["time"], **alerts.state, "alerts": alerts.current[:_MOST_ALERTS]}


class Events(Asked):
    """`procwidget/events?n=100`: what was wrong or done, as far as this server recorded or observed it."""

    async def answer(self, parameters: Mapping[str, list[str]]) -> dict[str, Any]:
        """Return the last `n` `events`, the newest last."""
        only_known(parameters, "n")
        count = read_count(one_value(parameters, "n", "100"))
        await self.observed.sample()
        folder = os.environ.get(RECORDING)
        events = await asyncio.to_thread(_recorded_events, folder) if folder else self.observed.events.copies()
        return {"events": events[-count:]}


class PastFigures(Asked):
    """`procwidget/history?from=10m&to=…`: the host's figures from one moment to another, as far as they are known."""

    async def answer(self, parameters: Mapping[str, list[str]]) -> dict[str, Any]:
        """Return `time` and each figure as a list, oldest first, with at most a thousand points."""
        only_known(parameters, "from", "to")
        begin, end = one_value(parameters, "from", "10m"), one_value(parameters, "to", "0s")
        sample = await self.observed.sample()
        folder = os.environ.get(RECORDING)
        columns = await asyncio.to_thread(_recorded_columns, folder) if folder else self._kept_columns()
        now = sample["time"]
        first, last = moment_of(_moment(begin), now), moment_of(_moment(end), now)
        times = columns["time"]
        some = slice(bisect_left(times, first), bisect_right(times, last))
        step = max(1, -(-len(times[some]) // MOST_POINTS))
        return {key: values[some][::step] for key, values in columns.items()}

    def _kept_columns(self) -> dict[str, list[Any]]:
        return self.observed.history.columns("time", *_KEYS)


def _moment(text: str) -> Moment:
    """Return a moment as an address has it: a number is Unix seconds or seconds ago."""
    try:
        return float(text)
    except ValueError:
        return text[:40]


def _recorded_events(folder: str) -> list[Any]:
    with Recording(folder) as recording:
        return recording.events


def _recorded_columns(folder: str) -> dict[str, list[Any]]:
    with Recording(folder) as recording:
        return recording.columns("time", *_KEYS)


def _masked(row: Process) -> Process:
    command = row["command"]
    return row if command is None else {**row, "command": mask(command)[:_LONGEST_COMMAND]}


def json_routes(base_url: str) -> list[tuple[str, type[JsonRoute]]]:
    """Return all JSON routes below `base_url`, as tornado takes them."""
    routes: dict[str, type[JsonRoute]] = {
        "metrics": Metrics,
        "top-processes": TopProcesses,
        "deaths": Deaths,
        "processes": Processes,
        r"process/(?P<identity>[^/]+)": OneProcess,
        "events": Events,
        "history": PastFigures,
    }
    return [(url_path_join(base_url, "procwidget", path), route) for path, route in routes.items()]
