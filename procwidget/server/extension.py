"""The Jupyter Server extension: adds the JSON routes to any Jupyter Server, and is set by `c.Procwidget`.

It records this host if it is told to, and tells dashboards of this user the names of its notebooks (`jupyter/`).
Installing the package puts a file into `etc/jupyter/jupyter_server_config.d` that enables it; `procwidget` itself
(`_jupyter_server_extension_points`) says that it is here. Event loop's thread.
"""

from __future__ import annotations

import asyncio
import dataclasses
import types
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import traitlets
from jupyter_server.extension.application import ExtensionApp
from prometheus_client import REGISTRY
from traitlets import TraitError, validate

from procwidget.errors import InvalidArgument, ProcwidgetError
from procwidget.jupyter.death_log import DeathLog
from procwidget.jupyter.kernel_watch import KernelWatch
from procwidget.jupyter.notebook_socket import Answers
from procwidget.jupyter.notebooks import ServerNotebooks
from procwidget.server.ask_routes import json_routes
from procwidget.server.cached_reader import Reader
from procwidget.server.host_state import HostState
from procwidget.server.kernels import cells_answer, watch_kernels
from procwidget.server.observed import OBSERVED, Observed
from procwidget.server.open_metrics import ServerFigures
from procwidget.server.options import Options
from procwidget.server.routes import DEATHS, KERNEL_WATCH, READER
from procwidget.server.settings import SETTINGS, from_text
from procwidget.sources import default_source
from procwidget.sources.base import Source
from procwidget.sources.own_processes import OwnProcessesSource
from procwidget.state.alerts import Alerts
from procwidget.thresholds import Thresholds

if TYPE_CHECKING:
    from procwidget.server.served_recording import ServedRecording

_LONGEST_END = 2.0
"""Seconds that a server that ends waits for a reading at most."""

_OF_DASHBOARD = ("interval", "top", "sort_by", "columns", "filter", "thresholds", "allow_kill", "preset", "panels")
_OF_RECORDING = ("record", "keep", "max_size")
_OTHERS = ("own_processes", *_OF_RECORDING)
_TRAITS = {setting.name: setting for setting in SETTINGS if setting.name in (*_OF_DASHBOARD, *_OTHERS)}
_USUAL = {field.name: field.default for field in dataclasses.fields(Options) if field.name in _TRAITS}

# Traits of their types would refuse what is wrong in words of their own, before the check that the page has too.
_Configured: Any = types.new_class(
    "_Configured",
    (ExtensionApp,),
    exec_body=lambda body: body.update(
        {name: traitlets.Any(_USUAL[name], help=setting.help).tag(config=True) for name, setting in _TRAITS.items()}
    ),
)


class Procwidget(_Configured):
    """procwidget in a Jupyter Server: its routes, and what its part of JupyterLab shows and opens."""

    name = "procwidget"

    _mistake = ""
    _kernel_watch: KernelWatch | None = None
    _recording: ServedRecording | None = None
    _figures: ServerFigures | None = None
    _answers: Answers | None = None

    @validate(*_TRAITS)
    def _check(self, proposal: Any) -> Any:
        name, value = proposal["trait"].name, proposal["value"]
        try:
            value = from_text(_TRAITS[name], value) if isinstance(value, str) else value
            return getattr(Options(**{name: value}), name)
        except InvalidArgument as error:
            raise TraitError(f"c.Procwidget.{name}: {error}") from None

    def update_config(self, config: Any) -> None:
        """Set the traits as a file or the command line says; what is wrong turns everything off."""
        try:
            super().update_config(config)
        except TraitError as error:
            # Other settings may not have come as far as to be set, such as which processes are shown.
            self._mistake = str(error)

    def initialize_settings(self) -> None:
        """Make what reads the host; nothing is read until somebody asks."""
        if self._mistake:
            self.log.error("procwidget is off until its configuration is right: %s", self._mistake)
            return
        make_source: Callable[[], Source] = OwnProcessesSource if self.own_processes else default_source
        self.alerts = Alerts(Thresholds.of(self.thresholds))
        self.settings[READER] = self.reader = Reader(make_source)
        self.settings[OBSERVED] = observed = Observed(self.reader, self.alerts, self.interval)
        self._figures = ServerFigures(observed)
        REGISTRY.register(self._figures)
        self.settings[DEATHS] = DeathLog()
        if self.record is not False:
            self._record()

    def _record(self) -> None:
        """Record from now on; what prevents that is no reason for the server not to start."""
        # Few record, and what it imports takes a while.
        from procwidget.server.served_recording import ServedRecording

        names = ("interval", "own_processes", *_OF_RECORDING)
        try:
            self._recording = ServedRecording(Options(**{name: getattr(self, name) for name in names}))
        except ProcwidgetError as error:
            self.log.error("procwidget does not record: %s", error)
            return
        self.log.info("procwidget records into %s", self._recording.folder)

    def initialize_handlers(self) -> None:
        """Add the routes."""
        if not self._mistake:
            self.handlers += [*json_routes("/"), (r"/procwidget/state", HostState)]

    def dashboard_code(self) -> str:
        """Return the cell that shows the dashboard as this server is configured; what is usual is not in it."""
        chosen = {name: getattr(self, name) for name in _OF_DASHBOARD if getattr(self, name) != _USUAL[name]}
        arguments = [f"{name}={value!r}" for name, value in chosen.items()]
        if not self.own_processes:
            return f"from procwidget import Dashboard\n\nDashboard({', '.join(arguments)})"
        arguments.append("monitor=Monitor(OwnProcessesSource())")
        return f"""\
from procwidget import Dashboard, Monitor
from procwidget.sources.own_processes import OwnProcessesSource

Dashboard({", ".join(arguments)})"""

    async def _start_jupyter_server_extension(self, serverapp: Any) -> None:
        """Watch the server's kernels from the moment on at which it runs, and tell of them.

        They and their sessions are this server's own, so dashboards of its user may know them.
        """
        if self._mistake:
            return
        notebooks, settings = ServerNotebooks.of_server(serverapp), serverapp.web_app.settings
        self._kernel_watch = settings[KERNEL_WATCH] = watch_kernels(serverapp, notebooks, settings[DEATHS])
        self._answers = Answers(notebooks)
        self._answers.add("cells", cells_answer(self._kernel_watch, notebooks))
        await self._answers.listen()

    async def stop_extension(self) -> None:
        """Give back the reader's thread and its files when the server ends, and close the recording."""
        if self._mistake:
            return
        if self._figures is not None:
            REGISTRY.unregister(self._figures)
        if self._kernel_watch is not None:
            self._kernel_watch.close()
        if self._answers is not None:
            await self._answers.close()
        if self._recording is not None:
            await asyncio.to_thread(self._recording.close)
        try:
            await asyncio.wait_for(asyncio.to_thread(self.reader.close), _LONGEST_END)
        except TimeoutError:
            self.log.warning("procwidget still reads this host: the server does not wait for it.")
