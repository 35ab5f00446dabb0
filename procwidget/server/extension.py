"""The Jupyter Server extension: adds the JSON routes to any Jupyter Server, and is set by `c.Procwidget`.

Installing the package puts a file into `etc/jupyter/jupyter_server_config.d` that enables it; `procwidget` itself
(`_jupyter_server_extension_points`) says that it is here. Event loop's thread.
"""

from __future__ import annotations

import asyncio
import dataclasses
import types
from collections.abc import Callable
from typing import Any

import traitlets
from jupyter_server.extension.application import ExtensionApp
from traitlets import TraitError, validate

from procwidget.errors import InvalidArgument
from procwidget.server.cached_reader import Reader
from procwidget.server.host_state import HostState
from procwidget.server.options import Options
from procwidget.server.routes import READER, json_routes
from procwidget.server.settings import SETTINGS, from_text
from procwidget.sources import default_source
from procwidget.sources.base import Source
from procwidget.sources.own_processes import OwnProcessesSource
from procwidget.state.alerts import Alerts
from procwidget.thresholds import Thresholds

_LONGEST_END = 2.0
"""Seconds that a server that ends waits for a reading at most."""

_OF_DASHBOARD = ("interval", "top", "sort_by", "columns", "filter", "thresholds", "allow_kill")
_TRAITS = {setting.name: setting for setting in SETTINGS if setting.name in (*_OF_DASHBOARD, "own_processes")}
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

    async def stop_extension(self) -> None:
        """Give back the reader's thread and its files when the server ends."""
        if self._mistake:
            return
        try:
            await asyncio.wait_for(asyncio.to_thread(self.reader.close), _LONGEST_END)
        except TimeoutError:
            self.log.warning("procwidget still reads this host: the server does not wait for it.")
