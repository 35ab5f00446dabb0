"""IPython extension of the served kernel: answers each visitor's page that asks for all widget states.

A page asks over a comm of its own. ipywidgets expects one front end and remembers only the comm that was opened last;
with two pages loading at once, one would never be answered. One client that opens many comms must not slow the others.
Runs on the kernel's main thread.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from comm import get_comm_manager
from ipywidgets import Widget
from ipywidgets.widgets.widget import _instances

from procwidget.oom_score import go_first
from procwidget.priority import raise_session
from procwidget.rate_limit import RateLimit
from procwidget.views import ipython_state

_MOST_OPEN = 100
_MOST_STATES = 30, 2.0
"""Requests for all states that are answered, in how many seconds."""


def load_ipython_extension(shell: Any) -> None:
    """Answer each page on the comm that it opened; and end before the server does, where memory runs out."""
    go_first()
    if (ipython_state.served_options() or {}).get("priority"):
        raise_session()
    get_comm_manager().register_target("jupyter.widget.control", _ControlComms().opened)


class _ControlComms:
    def __init__(self) -> None:
        self._open: deque[Any] = deque()
        self._states = RateLimit(*_MOST_STATES)

    def opened(self, comm: Any, message: dict[str, Any]) -> None:
        """Take a new comm; the oldest gives way, for a page needs its own for a moment only."""
        if (widget := _instances.get(comm.comm_id)) is not None:
            # Under a widget's name it would take the widget's place, and take the widget along when it ends.
            comm._closed = True
            get_comm_manager().register_comm(widget.comm)
            return
        Widget.handle_control_comm_opened(comm, message)
        self._open.append(comm)
        if len(self._open) > _MOST_OPEN:
            self._open.popleft().close()

        def answer(request: dict[str, Any]) -> None:
            data = request["content"].get("data")
            # A page that gets no answer asks each widget for itself.
            if isinstance(data, dict) and data.get("method") == "request_states" and self._states.take():
                Widget._control_comm = comm
                Widget._handle_control_comm_msg(request)

        comm.on_msg(answer)
        comm.on_close(lambda _: self._open.remove(comm) if comm in self._open else None)
