"""The process table's kernel half: sends a frame for each sample, and answers what its views ask.

The poller's thread publishes samples. Messages from the browser are handled in whatever thread the kernel runs them
in, the main one or a subshell's; one lock keeps frames in order. Only the poller's thread writes traits.
docs/protocol.md describes every message.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

import traitlets

from procwidget import forking, threads
from procwidget.errors import InvalidArgument, ProcwidgetError
from procwidget.host import Closeup, Signals
from procwidget.rate_limit import RateLimit
from procwidget.sample import Sample
from procwidget.thresholds import Thresholds
from procwidget.views import ipython_state, kept_view, protocol
from procwidget.views.comm_guard import guard
from procwidget.views.demands import Demands
from procwidget.views.frames import FrameEncoder
from procwidget.views.panels import Panels
from procwidget.views.panels import found as found_panels
from procwidget.views.past import Past
from procwidget.views.presence import Presence
from procwidget.views.scripts import ScriptedWidget, script
from procwidget.views.shown import Arrangement

_MOST_ASIDES = 6
_MOST_WHOLES = 20, 10.0
"""Whole frames that are sent on request, in how many seconds."""

_MOST_PANELS = 20, 10.0
"""Times that open panels are sent at once when others are opened, in how many seconds."""

_MOST_REQUESTS = 40, 2.0
"""Requests that are answered, in how many seconds."""

_log = logging.getLogger("procwidget")

Beside = Callable[[bool], tuple[dict[str, Any], list[bytes]]]
"""Called with whether it must be whole; returns what goes into a frame's message beside it, and its buffers."""


class ProcessTable(ScriptedWidget):
    """The widget with the table of processes.

    Args:
        service: what answers requests to signal.
        closeup: what answers requests for one process's details.
        presence: who watches; this widget tells it what the browser says.
        on_arrival: called when a view arrives; returns the sample for its first frame, `None` if that is to come.
        thresholds: how the browser colours cells.
        options: the dashboard's `name`; `sort_by`, `rows`, `filter` as a view starts with; whether `actions` are on.
        beside: what else each frame's message has; called under this widget's lock.
        on_demand: called with the fields that are read on demand and that some view shows, sorts by or searches, and
            with the identities of processes in those views that do not show all.
        panels: the panels beside the table; they are called under this widget's lock.
        hanging: returns the processes that do not get on, by identity: since when, in Unix seconds.
        tell: called with an identity and whether the end of that process is to be told; raises `InvalidArgument`.
    """

    _esm = script("table.js")
    _css = script("table.css")
    thresholds = traitlets.Dict().tag(sync=True)
    options = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        service: Signals,
        closeup: Closeup,
        presence: Presence,
        on_arrival: Callable[[], Sample | None],
        thresholds: Thresholds,
        options: dict[str, Any],
        beside: Beside = lambda _whole: ({}, []),
        on_demand: Callable[[frozenset[str], frozenset[str]], object] = lambda _keys, _in_sight: None,
        panels: Panels | None = None,
        hanging: Callable[[], Mapping[str, float]] = dict,
        tell: Callable[[object, bool], object] = lambda _identity, _on: None,
    ) -> None:
        super().__init__(thresholds=thresholds.as_dict(), options=options)
        self._service = service
        self._closeup = closeup
        self.selection: list[str] = []
        """The identities that the view which selected last has selected."""
        self.arrangement: Arrangement | None = None
        """How the view is arranged that was arranged or opened last; `None` before any was."""
        self._on_selection: list[Callable[[], object]] = []
        self._presence = presence
        self._on_arrival = on_arrival
        self._beside = beside
        self._on_demand = on_demand
        self._hanging = hanging
        self._tell = tell
        self._demands, self._in_sight = Demands(), Demands()
        self._panels = Panels(thresholds) if panels is None else panels
        self._panels_at_once = RateLimit(*_MOST_PANELS)
        self.bytes_sent = 0
        """How many bytes the newest tick's message has, headers and all."""
        self._encoder = FrameEncoder()
        self._lock = threading.Lock()
        self._last: Sample | None = None
        self._asides = threading.Semaphore(_MOST_ASIDES)
        self._wholes = RateLimit(*_MOST_WHOLES)
        self._requests = RateLimit(*_MOST_REQUESTS)
        self._owes_whole = False
        self.past: Past | None = None
        """What answers a view that looks at a past moment."""
        self.on_msg(self._handle)
        guard(self, custom=True)
        forking.register(self)

    def after_fork(self) -> None:
        """In a forked child: make anew what threads wait for."""
        self._lock, self._asides = threading.Lock(), threading.Semaphore(_MOST_ASIDES)

    @property
    def frames_sent(self) -> int:
        """How many frames were sent so far."""
        return self._encoder.seq

    @property
    def answered(self) -> bool:
        """Whether a view has come since this widget was made."""
        return not self._presence.expecting

    def present(self) -> bool:
        """Return whether anybody watches."""
        with self._lock:
            return self._presence.present()

    def publish(self, sample: Sample, draw: Callable[[], object] = lambda: None) -> None:
        """Send the frame that leads from the sample before to this one.

        Args:
            sample: the newest.
            draw: brings up to date what `beside` tells of; no message leaves between that and this one.
        """
        with self._lock:
            draw()
            self._panels.draw(sample)
            self._last = sample
            self.bytes_sent = self._send_frame(whole=self._owes_whole)
            self._owes_whole = False

    def go(self, time: float | None) -> None:
        """Have all views show a past moment, in Unix seconds, or with `None` the present."""
        self.send({"type": "go", "when": time})

    def close(self) -> None:
        """Close the widget and let go of the rows."""
        super().close()
        with self._lock:
            self._last, self._encoder = None, FrameEncoder()

    def _send_frame(self, *, whole: bool) -> int:
        """Send a frame; return how many bytes that takes."""
        # In a forked child nothing is sent, and the comm is not its.
        if self._last is None or self.comm is None:
            return 0
        content, buffers = self._encoder.encode(self._last, whole=whole, hanging=self._hanging())
        # Until a view has come nobody can have asked for what it missed: in a busy kernel it may be long unheard.
        beside, more = self._beside(whole or self._presence.expecting)
        content.update(beside)
        if panels := self._panels.part(whole=whole):
            content["panels"] = panels
        if found := found_panels(self._last):
            content["found"] = found
        buffers += more
        self.send(content, buffers)
        return ipython_state.message_bytes(content, buffers)

    def _send_whole(self) -> None:
        # Every watcher gets it: whoever asks all the time waits for the next tick, so as not to flood the others.
        self._owes_whole = not self._wholes.take()
        if not self._owes_whole:
            self._send_frame(whole=True)

    def _handle(self, _widget: object, content: object, _buffers: object) -> None:
        """Take a message from the browser; anything may be in it."""
        match protocol.parse(content):
            case protocol.Heartbeat():
                with self._lock:
                    self._presence.hear()
            case protocol.Watch(view, on):
                self._watch(view, on)
            case protocol.Fields(view, keys, in_sight):
                self._demand(view, keys, in_sight)
            case protocol.OpenPanels(view, names):
                self._open_panels(view, names)
            case protocol.WholeFrame(view):
                with self._lock:
                    self._presence.arrive(view)
                    self._send_whole()
            case protocol.Select(identities):
                self.selection = identities
                for callback in self._on_selection:
                    callback()
            case protocol.Shows(arrangement):
                self.arrangement = arrangement
            case protocol.Cancel(view, nonce):
                self._service.cancel(nonce, view)
            case protocol.Request() as request:
                self._take_request(request)

    def _take_request(self, request: protocol.Request) -> None:
        """Have a request answered: it may wait for a directory server, or for a process to end."""
        if not self._requests.take():
            self._reply(request, protocol.refusal("Too many requests at once: try again."))
        elif not self._asides.acquire(blocking=False):
            self._reply(request, protocol.refusal("Other requests are still at work: try again."))
        else:
            # In a thread of its own, which may wait, and not in the one that handles messages.
            thread = threading.Thread(target=self._answer, args=(request,), name="procwidget-request", daemon=True)
            try:
                threads.start(thread)
            except threads.NoThread as error:
                self._asides.release()
                self._reply(request, protocol.refusal(str(error)))

    def _answer(self, request: protocol.Request) -> None:
        buffers: list[bytes] = []
        try:
            result, buffers = self._fulfil(request)
        except ProcwidgetError as error:
            result = protocol.refusal(str(error))
        except Exception:
            _log.exception("A request failed")
            unknown = request.kind == "confirm"
            done = "it may have been done all the same" if unknown else "nothing was done"
            result = protocol.refusal(
                f"procwidget failed here, and {done}; the kernel's log says how.", unknown=unknown
            )
        finally:
            self._asides.release()
        self._reply(request, result, buffers)

    def _fulfil(self, request: protocol.Request) -> tuple[dict[str, Any], list[bytes]]:
        get, view = request.content.get, request.view
        match request.kind:
            case "ask":
                return self._service.ask(get("identities"), get("signal"), view), []
            case "confirm":
                return self._service.confirm(get("nonce"), view, get("signal"), get("identities")), []
            case "details":
                return self._closeup.details(get("identity"), expensive=get("expensive") is True), []
            case "stack":
                return self._closeup.stack(get("identity")), []
            case "opened":
                return self._closeup.opened(get("identity")), []
            case "holders":
                return self._closeup.look_up(get("lookups")), []
            case "tell":
                self._tell(get("identity"), get("on") is True)
                return {"result": "told", "on": get("on") is True}, []
            case "keep":
                if self.options.get("my_view") is None:
                    raise InvalidArgument("Each visitor's browser keeps the view here.")
                # In place: who loads the page again gets it with the options, and nobody has to hear of it.
                self.options["my_view"] = kept_view.keep(get("chosen"))
                return {"result": "kept"}, []
            case kind if kind in protocol.PAST_REQUESTS:
                if self.past is None:
                    raise InvalidArgument("Nothing is kept of what was.")
                return self.past.answer(kind, request.content)
            case _:
                return self._closeup.command(get("identity")), []

    def _reply(self, request: protocol.Request, result: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        if request.name is not None:
            self.send(protocol.answer(request.name, result), buffers or [])

    def _watch(self, view: str, watches: bool) -> None:
        if not watches:
            with self._lock:
                self._presence.leave(view)
            self._open_panels(view, frozenset())
            self._demand(view, frozenset(), frozenset())
            return
        # What changed while a front end loaded the script may be lost for it.
        self.send_state(("options", "thresholds"))
        with self._lock:
            self._presence.arrive(view)
            self._owes_whole = True
        sample = self._on_arrival()
        with self._lock:
            # A poller that started meanwhile may have sent a whole frame already.
            if sample is not None and self._owes_whole:
                self._last = sample
                self._send_whole()

    def _demand(self, view: str, wanted: frozenset[str], in_sight: frozenset[str]) -> None:
        """Note which fields that are read on demand a view shows, sorts by or searches."""
        with self._lock:
            self._demands.set(view, wanted)
            self._in_sight.set(view, in_sight)
            union = self._demands.union | self._panels.wanted
        self._on_demand(union, self._in_sight.union)

    def _open_panels(self, view: str, names: frozenset[str]) -> None:
        """Note which panels a view has open, and send them at once: whoever opens one would wait for the next tick."""
        with self._lock:
            self._panels.open(view, names)
            union = self._demands.union | self._panels.wanted
            if names and self._last is not None and self.comm is not None and self._panels_at_once.take():
                self._panels.draw(self._last)
                self.send({"type": "panels", "panels": self._panels.part(whole=True)})
        self._on_demand(union, self._in_sight.union)

    def forget_demands(self) -> None:
        """Forget what views asked for: nobody watches any more."""
        with self._lock:
            self._demands.clear()
            self._in_sight.clear()
            self._panels.forget()

    def on_selection(self, callback: Callable[[], object]) -> None:
        """Call `callback()` when another selection is made, in the thread that handles the message."""
        self._on_selection.append(callback)
