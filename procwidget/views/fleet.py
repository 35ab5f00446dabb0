"""The fleet: one widget with all hosts of a cluster and, below, the dashboard of the one that is open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ipywidgets import VBox

from procwidget.actions.from_python import Target
from procwidget.errors import InvalidArgument, SourceUnavailable
from procwidget.fleet.hosts import Hosts
from procwidget.fleet.reading import FleetReading
from procwidget.fleet.remote_monitor import RemoteMonitor
from procwidget.views import ipython_state, reruns
from procwidget.views.comm_guard import guard
from procwidget.views.dashboard import Dashboard
from procwidget.views.fleet_overview import EVERYBODY, FleetOverview
from procwidget.views.opened_hosts import OpenedHosts
from procwidget.views.page_parts import PARTS
from procwidget.views.page_parts import part as page_part


class Fleet(VBox):
    """Every host of a Dask cluster, live: show it in a cell, or read it from Python.

    Args:
        client: a `distributed.Client`, or a scheduler's address such as "tcp://10.0.0.1:8786".
        interval: seconds between updates on all hosts, 0.5 to 60.
        allow_kill: whether processes of the hosts may be ended from here, as far as each host lets it.

    Raises:
        InvalidArgument: an argument is wrong; the message says what would be right.
        SourceUnavailable: the scheduler cannot be reached, or `procwidget[dask]` is not installed.
    """

    _closed = True

    def __init__(self, client: Any, interval: float = 2.0, *, allow_kill: bool = False) -> None:
        if allow_kill not in (True, False):
            raise InvalidArgument(f"allow_kill must be True or False, not {allow_kill!r}.")
        served = ipython_state.served_options()
        if served is not None:
            # A served page never gets more than the server was told to give.
            allow_kill = allow_kill and served.get("allow_kill") is True
        try:
            from procwidget.fleet.over_dask import DaskLink
        except ImportError as error:
            raise SourceUnavailable(f"A fleet needs Dask: pip install 'procwidget[dask]' ({error}).") from None
        reruns.close_earlier_runs()
        self._reading = FleetReading(Hosts(DaskLink(client), interval), allow_kill=bool(allow_kill))
        self._opened: OpenedHosts[Dashboard] = OpenedHosts(self._make, self._place)
        self.overview = FleetOverview(self._reading, self._opened)
        super().__init__([self.overview])
        self.add_class("procwidget-fleet")
        guard(self)
        for part in (self.layout, self.overview.layout):
            guard(part)
        self._closed = False
        reruns.note(self)

    def _repr_mimebundle_(self, **given: Any) -> dict[str, Any]:
        shown: dict[str, Any] = super()._repr_mimebundle_(**given)
        # The page's server asks for the name of what it is to show.
        return shown if ipython_state.served_options() is None else {**shown, PARTS: {"fleet": page_part(self)}}

    def __repr__(self) -> str:
        return f"<procwidget.Fleet of {self._reading.hosts.name}, {'closed' if self._closed else 'live'}>"

    @property
    def last(self) -> dict[str, Any]:
        """What is known of all hosts now, as plain dicts of your own; see `FleetReading.last`."""
        return self._reading.last

    def find(self, query: str = "", most: int = 50, sort_by: str = "cpu") -> list[dict[str, Any]]:
        """Return the processes of all hosts that a search finds; see `FleetReading.find`."""
        return self._reading.find(query, most, sort_by)

    def monitor(self, name: str) -> RemoteMonitor:
        """Return a monitor of one host; see `FleetReading.monitor`."""
        return self._reading.monitor(name)

    def end(
        self, name: str, process: Target | Sequence[Target], signal: str | int = "TERM"
    ) -> dict[str, Any] | list[dict[str, Any]]:
        """End a process of one host, or send it another signal; see `FleetReading.end`."""
        return self._reading.end(name, process, signal)

    def open_host(self, name: str) -> Dashboard:
        """Show a host below the others, in all views; return its dashboard.

        Raises:
            InvalidArgument: there is no such host; the message names those that there are.
        """
        opened = self._opened.open(EVERYBODY, name)
        self.overview.show_all(name)
        return opened

    def close_host(self) -> None:
        """Show no host below the others, in all views."""
        self._opened.close()
        self.overview.show_all("")

    def _make(self, name: str, place: int) -> Dashboard:
        made = Dashboard(monitor=self._reading.monitor(name), allow_kill=self._reading.allow_kill)
        reruns.forget(made)
        made.add_class(f"procwidget-place-{place}")
        return made

    def _place(self, dashboards: list[Dashboard]) -> None:
        self.children: tuple[Any, ...] = (self.overview, *dashboards)

    def diagnostics(self) -> dict[str, float]:
        """Return counters for tests and reports of trouble: `hosts`, `messages` to views, and CPU `seconds` of each."""
        return {
            "hosts": len(self._reading.hosts.all()),
            "messages": self.overview.sent,
            "seconds": self.overview.seconds,
        }

    def close(self) -> None:
        """Let the agents rest, and remove every widget."""
        if self._closed:
            return
        self._closed = True
        reruns.forget(self)
        self._opened.close()
        self.overview.close()
        self._reading.close()
        for part in (self.overview.layout, self.layout):
            part.close()
        super().close()
        self.children = ()
