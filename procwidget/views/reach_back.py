"""Finds how far back a dashboard can look: the last minutes of its monitor, and a recording of its host, if there is.

A recording is looked for when somebody looks at the past or charts begin, never before. Runs in the threads of
requests, and in that of `chart_history.py`.
"""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path

from procwidget import forking
from procwidget.errors import ProcwidgetError
from procwidget.identity import boot_id
from procwidget.monitor import Monitor
from procwidget.recording.folder import host_name
from procwidget.recording.recording import Recording
from procwidget.recording.this_host import of_this_host
from procwidget.sources.own_processes import OwnProcessesSource
from procwidget.views.readings import Kept, Reach, Recorded
from procwidget.views.replay import ReplayMonitor

_LOOK_EACH = 20.0
"""Seconds from one look for a recording, where there was none, to the next."""


class _OfHost:
    """The recording of a monitor's host: what the monitor itself records, or else what somebody else does."""

    def __init__(self, monitor: Monitor) -> None:
        self._monitor = monitor
        self._found: Recorded | None = None
        self._folder: Path | None = None
        self._looked = -_LOOK_EACH
        self._lock = threading.Lock()
        forking.register(self)

    def after_fork(self) -> None:
        """In a forked child: make the lock anew."""
        self._lock = threading.Lock()

    def __call__(self) -> Recorded | None:
        own = self._monitor.recorder.folder if self._monitor.recorder else None
        with self._lock:
            if own is not None and own != self._folder:
                self._open(own)
            elif self._found is None and time.monotonic() - self._looked >= _LOOK_EACH:
                self._looked = time.monotonic()
                if (folder := own or self._folder_of_host()) is not None:
                    self._open(folder)
            return self._found

    def close(self) -> None:
        """Close its files."""
        with self._lock:
            if self._found is not None:
                self._found.close()
            self._found = None

    def _folder_of_host(self) -> Path | None:
        newest = self._monitor.last
        if newest is None or isinstance(self._monitor.source, OwnProcessesSource):
            # A recording has the processes of all users.
            return None
        # What is shown may be of elsewhere, by a source of one's own.
        return of_this_host() if newest["boot_id"] == boot_id() and newest["host"] == socket.gethostname() else None

    def _open(self, folder: Path) -> None:
        if self._found is not None:
            self._found.close()
        self._found, self._folder = None, folder
        try:
            self._found = Recorded(Recording(folder, host=host_name()))
        except ProcwidgetError:
            # Whoever opens it by its name is told what is the matter with it.
            return


def reach_of(monitor: Monitor) -> Reach:
    """Return what the views of a monitor's dashboard can look back at."""
    if isinstance(monitor, ReplayMonitor):
        return Reach(None, lambda: monitor.recorded)
    return Reach(Kept(monitor.history, monitor.event_log.copies), _OfHost(monitor))
