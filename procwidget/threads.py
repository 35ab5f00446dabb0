"""Starts threads, or says in one sentence that none can be started. Any thread may call."""

from __future__ import annotations

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
