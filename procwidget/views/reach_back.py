"""Finds how far back a dashboard can look: the last minutes of its monitor, and a recording of its host, if there is.

A recording is looked for when somebody looks at the past, never before. Runs in the threads of requests.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path

from procwidget import forking
from procwidget.errors import ProcwidgetError
from procwidget.monitor import Monitor
from procwidget.recording.folder import default_folder, files_in
from procwidget.recording.recording import Recording
from procwidget.views.readings import Kept, Reach, Recorded
from procwidget.views.replay import ReplayMonitor

_LOOK_EACH = 20.0
"""Seconds from one look for a recording, where there was none, to the next."""


class _OfHost:
    """The recording of a monitor's host: the monitor's own, or one of this boot in the usual folder."""

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
        recorder = self._monitor.recorder
        folder = recorder.folder if recorder is not None else default_folder()
        with self._lock:
            if folder != self._folder or (self._found is None and time.monotonic() - self._looked >= _LOOK_EACH):
                self._looked, self._folder = time.monotonic(), folder
                if self._found is not None:
                    self._found.close()
                self._found = self._opened(folder)
            return self._found

    def _opened(self, folder: Path) -> Recorded | None:
        newest = self._monitor.last
        try:
            if newest is None or not files_in(folder):
                return None
            recording = Recording(folder)
            last = recording.hosts(recording.times[1], recording.times[1])
            # Another host's, in a home that several share, or from before a restart: its processes are others.
            if last and last[-1]["boot_id"] == newest["boot_id"] and last[-1]["host"] == newest["host"]:
                return Recorded(recording)
            recording.close()
        except (ProcwidgetError, OSError):
            # Whoever opens it by its name is told what is the matter with it.
            return None
        return None


def reach_of(monitor: Monitor) -> Reach:
    """Return what the views of a monitor's dashboard can look back at."""
    if isinstance(monitor, ReplayMonitor):
        return Reach(None, lambda: monitor.recorded)
    return Reach(Kept(monitor.history, monitor.event_log.copies), _OfHost(monitor))
