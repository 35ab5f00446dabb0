"""Starts threads, or says in one sentence that none can be started. Any thread may call."""

from __future__ import annotations

import sys
import threading

from procwidget.errors import SourceUnavailable


class NoThread(SourceUnavailable):
    """The system starts no more threads for this process."""


def start(thread: threading.Thread) -> None:
    """Start a thread.

    Raises:
        NoThread: none can be started now, as under a limit of processes; later there may be one.
    """
    try:
        thread.start()
    except RuntimeError as error:
        raise NoThread("No thread can be started here: end some programs and try again.") from error


def gevent_note() -> str | None:
    """Return a sentence where gevent has put greenlets in the place of threads; `None` everywhere else.

    A greenlet runs only when what runs now gives way to it, and a cell that computes does not: nothing of ours can
    mend that.
    """
    # Of a module that is not loaded nothing is patched, and it must not be loaded for the question.
    patched = getattr(sys.modules.get("gevent.monkey"), "is_module_patched", None)
    if patched is None or not patched("threading"):
        return None
    return "gevent has replaced threads in this process (monkey.patch_all): no figures come while a cell computes."
