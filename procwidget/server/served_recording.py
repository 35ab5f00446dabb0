"""Records this host as long as a server runs, whether anybody looks or not, and outside the kernels.

The threads are those of a monitor and its recorder. Main thread.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from procwidget.monitor import Monitor
from procwidget.recording.recorder import Recorder
from procwidget.recording.this_host import RECORDING
from procwidget.server.options import Options
from procwidget.sources.own_processes import OwnProcessesSource


class ServedRecording:
    """A recording from now until it is closed; kernels that are started meanwhile find it.

    Args:
        options: where and how; its `record` is a folder, or `True` for the usual one.

    Raises:
        InvalidArgument: there can be no recording in that folder.
        SourceUnavailable: nothing can be written there.
    """

    def __init__(self, options: Options) -> None:
        self._monitor = Monitor(OwnProcessesSource() if options.own_processes else None, options.interval)
        folder = None if options.record is True else str(options.record)
        self._recorder = Recorder(self._monitor, folder, keep=options.keep, max_size=options.max_size)
        self.folder = self._recorder.folder.absolute()
        os.environ[RECORDING] = str(self.folder)

    def close(self) -> None:
        """Record no more; what was read is on the disk afterwards, unless that hangs."""
        self._recorder.close()
        self._monitor.close()


@contextmanager
def recorded(options: Options) -> Iterator[None]:
    """Record while the block runs, if the options say so.

    Raises:
        InvalidArgument, SourceUnavailable: see `ServedRecording`.
    """
    if options.record is False:
        yield
        return
    recording = ServedRecording(options)
    print(f"procwidget records into {recording.folder}.", flush=True)
    try:
        yield
    finally:
        recording.close()
