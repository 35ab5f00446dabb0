"""The JSON routes: figures of this host and its top processes over HTTP. All on the event loop's thread.

They work in any Jupyter Server: in the page's own server and, as an extension, in everybody's.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any, get_args

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado import web

from procwidget.errors import InvalidArgument, SourceUnavailable
from procwidget.jupyter.death_log import DeathLog
from procwidget.sample import Sample, SortKey, top_processes
from procwidget.server.cached_reader import Reader
from procwidget.server.observed import OBSERVED, Observed

READER = "procwidget_reader"
DEATHS = "procwidget_deaths"
KERNEL_WATCH = "procwidget_kernel_watch"

MEDIA_TYPE = "application/openmetrics-text"
"""What Prometheus asks for."""

DEFAULT_COUNT = 10
LARGEST_COUNT = 10_000

_HOST_FIGURES = {
    *("time", "interval", "cpu_usage", "per_cpu", "cpu_numbers", "cpu_times", "pressure", "running", "blocked"),
    *("context_switches", "memory_usage", "memory", "swap_in", "swap_out", "major_faults", "oom_kills", "load_average"),
    *("disk", "disks", "network", "interfaces", "filesystems", "gpus", "limits", "effective"),
    *("interrupts", "throttled", "tcp", "sensors", "system"),
}
_FOR_EVERY_ROUTE = {"token"}


class JsonRoute(APIHandler):
    """What all routes share: GET alone, a known user, a sentence for every no."""

    auth_resource = "procwidget"
    # A monitoring script that asks every minute is no sign of a person at work.
    _track_activity = False

    @web.authenticated
    @authorized
    async def get(self, **_: str) -> None:
        """Answer with this route's JSON: 400 for bad parameters, 404 for what is not there, 503 for an unread host."""
        try:
            answer = await self.answer({name: self.get_query_arguments(name) for name in self.request.query_arguments})
        except InvalidArgument as error:
            self._say(400, str(error))
        except LookupError as error:
            self._say(404, str(error))
        except SourceUnavailable as error:
            self._say(503, str(error))
        else:
            self.set_header("Cache-Control", "no-store")
            if isinstance(answer, bytes):
                self.finish(answer, set_content_type=self.content_type)
            else:
                self.finish(json.dumps(answer, allow_nan=False))

    content_type = ""
    """Of an answer that is no JSON but bytes."""

    async def answer(self, parameters: Mapping[str, list[str]]) -> dict[str, Any] | bytes:
        """Return what GET answers.

        Raises:
            InvalidArgument: the parameters cannot be used.
            LookupError: what the address names is not there.
            SourceUnavailable: the host cannot be read.
        """
        raise NotImplementedError

    async def read(self) -> Sample:
        """Return a sample younger than a second."""
        reader: Reader = self.settings[READER]
        return await reader.sample()

    @web.authenticated
    def refuse_method(self, **_: str) -> None:
        """Answer 405."""
        self.set_header("Allow", "GET")
        self._say(405, "Only GET works here.")

    head = post = put = patch = delete = options = refuse_method  # type: ignore[assignment]

    def _say(self, status: int, sentence: str) -> None:
        self.set_status(status)
        self.finish(json.dumps({"message": sentence}))


class Metrics(JsonRoute):
    """`procwidget/metrics`: the host's figures, as JSON with its top processes by CPU, or as OpenMetrics when asked."""

    async def answer(self, parameters: Mapping[str, list[str]]) -> dict[str, Any] | bytes:
        """Return the figures of a sample but for its processes, and its first processes by CPU; or OpenMetrics."""
        only_known(parameters, "format")
        usual = "openmetrics" if MEDIA_TYPE in self.request.headers.get("Accept", "") else "json"
        kind = one_value(parameters, "format", usual)
        if kind not in ("json", "openmetrics"):
            raise InvalidArgument(f"format must be json or openmetrics, not {kind[:40]!r}.")
        self.set_header("Vary", "Accept")
        if kind == "openmetrics":
            # It takes a while to import.
            from procwidget.server.open_metrics import CONTENT_TYPE, HostFigures

            self.content_type = CONTENT_TYPE
            observed: Observed = self.settings[OBSERVED]
            await observed.sample()
            return await asyncio.to_thread(HostFigures(observed).text)
        sample = await self.read()
        figures = {key: value for key, value in sample.items() if key in _HOST_FIGURES}
        return {**figures, "top_processes": top_processes(sample["processes"], DEFAULT_COUNT, "cpu")}


class TopProcesses(JsonRoute):
    """`procwidget/top-processes?n=10&sort=cpu|memory`: the processes that take most."""

    async def answer(self, parameters: Mapping[str, list[str]]) -> dict[str, Any]:
        """Return `time`, `sort` and `top_processes`."""
        only_known(parameters, "n", "sort")
        count = read_count(one_value(parameters, "n", str(DEFAULT_COUNT)))
        sort = read_sort(one_value(parameters, "sort", "cpu"))
        sample = await self.read()
        return {"time": sample["time"], "sort": sort, "top_processes": top_processes(sample["processes"], count, sort)}


class Deaths(JsonRoute):
    """`procwidget/deaths`: how kernels of this user ended that nobody asked to end, the newest last."""

    async def answer(self, parameters: Mapping[str, list[str]]) -> dict[str, Any]:
        """Return `deaths`, and in a Jupyter Server what it takes to watch its kernels as `cost`."""
        only_known(parameters)
        log: DeathLog = self.settings[DEATHS]
        watch = self.settings.get(KERNEL_WATCH)
        # The file may be on a disk that hangs.
        deaths = await asyncio.to_thread(log.deaths)
        return {"deaths": deaths, "cost": watch.cost if watch else None}


def only_known(parameters: Mapping[str, list[str]], *known: str) -> None:
    """Raise InvalidArgument if there is a parameter that is not in `known`."""
    for name in parameters:
        if name not in known and name not in _FOR_EVERY_ROUTE:
            rest = f"it knows {' and '.join(known)}" if known else "it has none"
            raise InvalidArgument(f"This address has no parameter {name!r}: {rest}.")


def one_value(parameters: Mapping[str, list[str]], name: str, default: str) -> str:
    """Return the value of a parameter, or raise InvalidArgument if it is given more than once."""
    values = parameters.get(name, [default])
    if len(values) > 1:
        raise InvalidArgument(f"{name} must be given once, not {len(values)} times.")
    return values[0]


def read_count(text: str) -> int:
    """Return `n` as a number from 1 to 10,000, or raise InvalidArgument."""
    # int() would also take " 7 ", "1_0" and digits of other scripts.
    if not (text.isascii() and text.isdigit() and len(text) < 9 and 1 <= int(text) <= LARGEST_COUNT):
        raise InvalidArgument(f"n must be a whole number from 1 to {LARGEST_COUNT}, not {text[:40]!r}.")
    return int(text)


def read_sort(text: str) -> SortKey:
    """Return `sort`, or raise InvalidArgument."""
    for key in get_args(SortKey):
        if text == key:
            return key
    raise InvalidArgument(f"sort must be {' or '.join(get_args(SortKey))}, not {text[:40]!r}.")
