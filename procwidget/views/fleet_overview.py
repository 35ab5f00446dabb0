"""The overview's kernel half: sends the hosts after each tick to who looks, and does what a view asks for.

A thread of its own waits until the rows of a tick have come, for they come together, and sends them in one message.
Messages from the browser are handled in whatever thread the kernel runs them in; anything may be in them.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

import traitlets

from procwidget import forking, threads, units
from procwidget.errors import InvalidArgument, ProcwidgetError, QueryError
from procwidget.fleet import host_search
from procwidget.fleet.reading import FleetReading
from procwidget.fleet.row import NUMBERS
from procwidget.query import Query
from procwidget.rate_limit import RateLimit
from procwidget.views import ipython_state, protocol
from procwidget.views.comm_guard import guard
from procwidget.views.opened_hosts import OpenedHosts
from procwidget.views.presence import Presence
from procwidget.views.scripts import ScriptedWidget, script

TOGETHER = 0.15
"""Seconds after the first row of a tick for which the others are waited for."""

_LATE = 1.25
"""Intervals without a row after which the hosts are sent all the same: it is said how long they are silent."""

_MOST_REQUESTS = 40, 4.0
_MOST_ASIDES = 4
_MOST_SEARCHES = 50
_LONGEST_TEXT = 1000
_MOST_PROCESSES = 100
_log = logging.getLogger("procwidget")

COLUMNS = (
    "host",
    "state",
    "text",
    "note",
    "age",
    "workers",
    *NUMBERS,
    "processes",
    "top_cpu",
    "top_memory",
    "short_of",
)
"""What a host's row has in a message, in this order."""


EVERYBODY = ""
"""The view by whose name Python opens a host, for all."""


class FleetOverview(ScriptedWidget):
    """The widget with all hosts.

    Args:
        reading: what knows them.
        opened: those that are shown below.
    """

    _esm = script("fleet.js")
    _css = script("fleet.css")

    units = traitlets.Dict().tag(sync=True)
    """Which units are shown; see `procwidget.units.Style`."""

    def __init__(self, reading: FleetReading, opened: OpenedHosts[Any]) -> None:
        super().__init__(units=units.chosen()._asdict())
        self._reading, self._opened = reading, opened
        self._presence = Presence(busy=ipython_state.executing)
        self._presence.expect()
        self._lock = threading.Lock()
        self._searches: dict[str, Query] = {}
        self._requests = RateLimit(*_MOST_REQUESTS)
        self._asides = threading.Semaphore(_MOST_ASIDES)
        self._wake, self._ended = threading.Event(), False
        self._looks = False
        self._for_all = (0, "")
        self.sent = 0
        """How many messages with hosts were sent so far."""
        self.seconds = 0.0
        """CPU seconds that such a message takes, smoothed."""
        self.on_msg(self._handle)
        guard(self, custom=True)
        forking.register(self)
        reading.hosts.call_at_rows(self._wake.set)
        threads.start(threading.Thread(target=self._run, name="procwidget-fleet-view", daemon=True))
        self._watch()

    def after_fork(self) -> None:
        """In a forked child: nothing is sent, and what is held there is made anew."""
        self._lock, self._asides, self._ended = threading.Lock(), threading.Semaphore(_MOST_ASIDES), True
        self.comm = None

    def close(self) -> None:
        """Close the widget; the fleet goes on for who else looks."""
        self._ended = True
        self._wake.set()
        self._reading.hosts.look_away(self)
        super().close()

    def _run(self) -> None:
        while not self._ended:
            came = self._wake.wait(max(1.0, _LATE * self._reading.hosts.interval))
            if came:
                time.sleep(TOGETHER)
            self._wake.clear()
            try:
                self._watch()
                if self._looks and not self._ended:
                    self.publish()
            except Exception:
                _log.exception("The overview of a fleet could not be sent; it tries again")

    def _watch(self) -> None:
        """Look, or look away when nobody watches any more."""
        with self._lock:
            present = self._presence.present()
        if present != self._looks:
            self._looks = present
            if present:
                self._reading.hosts.look(self)
            else:
                self._reading.hosts.look_away(self)

    def publish(self) -> None:
        """Send all hosts as they are now."""
        began, content = time.thread_time(), self.content()
        if self.comm is not None:
            self.send(content)
            self.sent += 1
        self.seconds += (time.thread_time() - began - self.seconds) * 0.2

    def content(self) -> dict[str, Any]:
        """Return the message with all hosts as they are now."""
        rows, now = self._reading.rows(), time.time()
        with self._lock:
            searches = dict(self._searches)
        hosts = self._reading.hosts
        return {
            "type": "hosts",
            "time": now,
            "interval": hosts.interval,
            "cluster": hosts.name,
            "headline": self._reading.headline_of(rows),
            "columns": COLUMNS,
            "rows": [[row[key] for key in COLUMNS] for row in rows],
            "found": {view: host_search.found(query, rows, now) for view, query in searches.items()},
            "opened": self._opened.places(),
            "for_all": self._for_all,
        }

    def _handle(self, _widget: object, content: object, _buffers: object) -> None:
        """Take a message from the browser; anything may be in it."""
        match content:
            case {"type": "ack"}:
                with self._lock:
                    self._presence.hear()
            case {"type": "watch", "view": str(view), "on": bool(on)} if 0 < len(view) <= 64:
                with self._lock:
                    if on:
                        self._presence.arrive(view)
                    else:
                        self._presence.leave(view)
                        self._searches.pop(view, None)
                self._wake.set()
            case {"type": "open", "view": str(view), "host": str(host)} if 0 < len(view) <= 64:
                self._aside(lambda: self._open(view, host))
            case {"type": "interval", "seconds": float() | int() as seconds}:
                self._aside(lambda: self._set_interval(seconds))
            case {"type": "search", "view": str(view), "text": str(text)} if 0 < len(view) <= 64:
                self._search(view, text)
            case {"type": "processes", "request": str(name), "query": str(query), "sort": str(sort)} if len(name) <= 64:
                self._aside(lambda: self._find(name, query, sort))

    def _set_interval(self, seconds: float) -> None:
        if 0.5 <= seconds <= 60:
            self._reading.hosts.interval = seconds

    def show_all(self, host: str) -> None:
        """Have all views show a host that is open, or with "" none."""
        self._for_all = (self._for_all[0] + 1, host)
        self.publish()

    def _open(self, view: str, host: str) -> None:
        if not host:
            self._opened.leave(view)
            return
        try:
            self._opened.open(view, host)
        except ProcwidgetError as error:
            self.send({"type": "refused", "view": view, "text": str(error)[:500]})
        self.publish()

    def _search(self, view: str, text: str) -> None:
        mistake: dict[str, Any] | None = None
        with self._lock:
            self._searches.pop(view, None)
            if text.strip() and len(text) <= _LONGEST_TEXT and len(self._searches) < _MOST_SEARCHES:
                try:
                    query = host_search.parse_hosts(text)
                    if query.lookups:
                        raise InvalidArgument("Ports and files are looked for in the dashboard of one host.")
                    self._searches[view] = query
                except QueryError as error:
                    mistake = {"text": str(error), "start": error.start, "end": error.end}
                except InvalidArgument as error:
                    mistake = {"text": str(error), "start": 0, "end": len(text)}
        self.send({"type": "searched", "view": view, "text": text[:_LONGEST_TEXT], "mistake": mistake})
        self._wake.set()

    def _find(self, name: str, query: str, sort: str) -> None:
        try:
            key = sort if sort in ("cpu", "memory", "cpu_time") else "cpu"
            rows, missing, total = self._reading.search(query[:_LONGEST_TEXT], _MOST_PROCESSES, key)
            keys = ("host", "pid", "name", "user", "status", "cpu", "memory", "cpu_time", "command", "identity")
            result: dict[str, Any] = {
                "result": "processes",
                "columns": keys,
                "rows": [[row[key] for key in keys] for row in rows[:_MOST_PROCESSES]],
                "missing": missing,
                "total": total,
            }
        except ProcwidgetError as error:
            result = protocol.refusal(str(error)[:500])
        self.send(protocol.answer(name, result))

    def _aside(self, act: Callable[[], object]) -> None:
        """Do what may wait for hosts, in a thread of its own."""
        if not self._requests.take() or not self._asides.acquire(blocking=False):
            self.send({"type": "refused", "text": "Too many requests at once: try again."})
            return

        def run() -> None:
            try:
                act()
            except Exception:
                _log.exception("A request to the overview of a fleet failed")
            finally:
                self._asides.release()

        try:
            threads.start(threading.Thread(target=run, name="procwidget-request", daemon=True))
        except threads.NoThread as error:
            self._asides.release()
            self.send({"type": "refused", "text": str(error)})
