"""The way in for what browsers say to a widget: comm messages enter; custom ones and requests for state pass, bounded.

Everybody who may open a page may send what they like to every widget on it, and in a served page all visitors share
the widgets: a trait that one of them overwrites, such as a script or markup, would run in the others' browsers. So
Python alone sets traits here. Runs in the kernel's main thread and its subshells.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from comm import get_comm_manager
from ipywidgets import Widget

from procwidget import forking
from procwidget.views import kernel

_STATES_AT_ONCE, _STATES_A_SECOND = 50, 5.0


class Allowance:
    """So many at once, and so many a second after that; any thread may take.

    Args:
        at_once: how many may be taken in a row.
        per_second: how many come back.
        clock: monotonic seconds.
    """

    def __init__(self, at_once: int, per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._per_second, self._clock = at_once, per_second, clock
        self._left = float(at_once)
        self._counted = clock()
        self._lock = threading.Lock()
        forking.register(self)

    def after_fork(self) -> None:
        """In a forked child: make the lock anew."""
        self._lock = threading.Lock()

    def take(self) -> bool:
        """Take one; return whether there was one."""
        with self._lock:
            now = self._clock()
            self._left = min(self._most, self._left + (now - self._counted) * self._per_second)
            self._counted = now
            if self._left < 1:
                return False
            self._left -= 1
            return True


def seal(widget: Widget, *, custom: bool = False) -> None:
    """Let browsers read `widget` and not change it: its state and its connection are Python's from now on.

    Args:
        widget: an open widget.
        custom: whether its handlers get custom messages; they must take any JSON.
    """
    states = Allowance(_STATES_AT_ONCE, _STATES_A_SECOND)

    def take(message: dict[str, Any]) -> None:
        data = message["content"].get("data")
        if not isinstance(data, dict):
            return
        method = data.get("method")
        if (method == "custom" and custom) or (method == "request_state" and states.take()):
            widget._handle_msg(message)

    def reopen(_message: dict[str, Any]) -> None:
        # The library forgets a comm that one browser closed, and then nobody reaches the widget any more.
        if widget.comm is not None:
            widget.comm._closed = False
            get_comm_manager().register_comm(widget.comm)

    widget.comm.on_msg(take)
    widget.comm.on_close(reopen)
    if custom:
        kernel.hear_in_any_subshell(widget)
