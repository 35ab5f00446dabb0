"""What the kernel around a dashboard is doing: which cell runs, whether it computes, how it was served.

Everything here also works without a kernel (in a plain script or a test) and then says so. Any thread may call it.
"""

from __future__ import annotations

import functools
import json
import os
import re
import sys
import threading
from typing import Any

from procwidget.jupyter.own_cells import observe

_A_DATE = "2026-01-01T00:00:00.000000Z"
_COMM_ID = 32
_AROUND = (
    (1 + 2 + 4) * 8  # the table: its length, both ends of the channel's name, and the ends of four parts
    + len('iopub{}{"data": {"method": "custom", "content": }, "comm_id": ""}')
    + _COMM_ID
    + 4  # the WebSocket's head of a message of 126 bytes to 64 KiB
)

_KERNEL_FILE = re.compile(r"kernel-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.json$")

_executing = False
_watched: Any = None


def _shell() -> Any:
    try:
        from IPython import get_ipython
    except ImportError:
        return None
    return get_ipython()


def has_front_end() -> bool:
    """Return whether outputs go to a front end that can change them later: a Jupyter kernel's, not a terminal."""
    return hasattr(_shell(), "kernel")


def in_terminal() -> bool:
    """Return whether this is IPython in a terminal, which shows text alone."""
    terminal = sys.modules.get("IPython.terminal.interactiveshell")
    return terminal is not None and isinstance(_shell(), terminal.TerminalInteractiveShell)


def in_plain_python() -> bool:
    """Return whether somebody types at the prompt of Python itself, which shows what `repr` returns."""
    return hasattr(sys, "ps1") and _shell() is None


def watch_execution() -> None:
    """Follow whether a cell computes, from now on."""
    global _executing, _watched
    shell = _shell()
    if shell is None or shell is _watched:
        return
    _watched = shell
    _executing = _in_a_cell(shell)
    observe(shell)
    shell.events.register("pre_execute", _began)
    shell.events.register("post_execute", _ended)


def _in_a_cell(shell: Any) -> bool:
    """Return whether the main thread runs a cell: a callback, a task or another thread may call us when none does."""
    # What other front ends have for a shell, such as Solara's, runs no cells.
    runs_cells = getattr(getattr(type(shell), "run_cell_async", None), "__code__", None)
    if runs_cells is None:
        return False
    frame = sys._current_frames().get(threading.main_thread().ident or 0)
    while frame is not None and frame.f_code is not runs_cells:
        frame = frame.f_back
    return frame is not None


def _began() -> None:
    global _executing
    _executing = True


def _ended() -> None:
    global _executing
    _executing = False


def executing() -> bool:
    """Return whether a cell computes now, as far as is known."""
    return _executing


def running_cell() -> str | None:
    """Return what the cell is called that computes now, such as "In [12]"; `None` while none does."""
    if not _executing:
        return None
    # Some versions count the cell that runs in `execution_count` already, and others do not.
    return f"In [{len(_shell().history_manager.input_hist_parsed) - 1}]"


def in_subshell() -> bool:
    """Return whether the calling thread is not the main one: a message handled there came while a cell may compute."""
    return threading.current_thread() is not threading.main_thread()


def hear_in_any_subshell(widget: Any) -> None:
    """Let messages to `widget` be handled in the subshell that its browser chose, also while a cell computes.

    Since 7.4 ipykernel sends them where the comm's newest message came from instead, which for widgets made in a
    cell is the main thread, so that a cell can wait for an answer. No cell waits for ours. Other kernels have no such
    routing, and this changes nothing there.
    """
    if widget.comm is not None:
        widget.comm._reply_subshell_for = None


def message_bytes(content: object, buffers: list[bytes]) -> int:
    """Return how many bytes a widget's message takes on a page's WebSocket, headers and all.

    That is Jupyter's framing (v1.kernel.websocket.jupyter.org): a table of 8 bytes a part, the channel's name, four
    parts in JSON and the buffers; then the WebSocket's own head. Without a kernel nothing is sent and counted but what
    is ours.
    """
    size = len(json.dumps(content, ensure_ascii=False).encode("utf-8", "surrogateescape")) + sum(map(len, buffers))
    kernel = getattr(_shell(), "kernel", None)
    session = getattr(kernel, "session", None)
    if kernel is None or session is None:
        return size
    mine = {
        "msg_id": f"{session.session}_{os.getpid()}_{session.message_count}",
        "msg_type": "comm_msg",
        "username": session.username,
        "session": session.session,
        "date": _A_DATE,
        "version": "5.4",
    }
    theirs = kernel.get_parent().get("header", {})
    heads = sum(len(json.dumps(head, default=lambda _date: _A_DATE)) for head in (mine, theirs))
    return size + heads + _AROUND + 8 * len(buffers)


def current_cell() -> tuple[str, str] | None:
    """Return (cell id, execution id) of the running cell; `None` where the front end does not name cells."""
    shell = _shell()
    parent = getattr(getattr(shell, "kernel", None), "get_parent", lambda _channel: None)("shell")
    if not isinstance(parent, dict):
        return None
    cell = parent.get("metadata", {}).get("cellId")
    execution = parent.get("header", {}).get("msg_id")
    return (cell, execution) if isinstance(cell, str) and isinstance(execution, str) else None


def own_notebook() -> tuple[str | None, str | None]:
    """Return the id of this kernel, and the path of the notebook that it was started for, as its server says it."""
    config = getattr(getattr(_shell(), "config", None), "IPKernelApp", None) or {}
    found = _KERNEL_FILE.search(str(config.get("connection_file", "")))
    return found[1] if found else None, os.environ.get("JPY_SESSION_NAME") or None


@functools.cache
def served_options() -> dict[str, Any] | None:
    """Return what `procwidget` said when it started this kernel to serve a page; `None` in any other kernel.

    It is taken out of the environment: what this kernel starts, such as py-spy, must not get a webhook's address.
    """
    text = os.environ.pop("PROCWIDGET_SERVED", None)
    return json.loads(text) if text else None


def priority_raised() -> bool:
    """Return whether this kernel serves a page and runs before others; of a notebook's own kernel nothing is said."""
    return served_options() is not None and sys.platform == "linux" and os.getpriority(os.PRIO_PROCESS, 0) < 0
