"""Filters what browsers say to a widget: custom messages and some requests for its state pass, changes of it do not.

Everybody who may open a page may send what they like to every widget on it, and in a served page all visitors share
the widgets: a trait that one of them overwrites, such as a script or markup, would run in the others' browsers. So
Python alone sets traits here. Runs in the kernel's main thread and its subshells.
"""

from __future__ import annotations

from typing import Any

from comm import get_comm_manager
from ipywidgets import Widget

from procwidget.rate_limit import RateLimit
from procwidget.views import ipython_state

_MOST_STATES = 20, 4.0
"""Requests for a widget's state that are answered, in how many seconds."""


def guard(widget: Widget, *, custom: bool = False) -> None:
    """Let browsers read `widget` and not change it: its state and its connection are Python's from now on.

    Args:
        widget: an open widget.
        custom: whether its handlers get custom messages; they must take any JSON.
    """
    states = RateLimit(*_MOST_STATES)

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
    # Not every front end has one that its browser can close, such as Shiny outside of a session.
    if hasattr(widget.comm, "on_close"):
        widget.comm.on_close(reopen)
    if custom:
        ipython_state.hear_in_any_subshell(widget)
