"""Records this host as long as a server runs, whether anybody looks or not, and outside the kernels.

The threads are those of a monitor and its recorder. Main thread.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from procwidget.monitor import Monitor
from procwidget.recording.limits import KEEP, MAX_SIZE
from procwidget.recording.recorder import Recorder
from procwidget.recording.this_host import RECORDING
from procwidget.sources.base import Source
from procwidget.sources.own_processes import OwnProcessesSource

if TYPE_CHECKING:
    from procwidget.server.options import Options


class ServedRecording:
    """A recording from now until it is closed; kernels that are started meanwhile find it.

    Args:
        folder: where it is; `None` is the usual place.
        keep: after which age a day is deleted, such as "7d".
        max_size: how large all of it may be, such as "1G".
        interval: seconds from reading to reading.
        source: what to read; `None` is the best for this system.

    Raises:
        InvalidArgument: an argument is wrong, or there can be no recording in that folder.
        SourceUnavailable: nothing can be written there.
    """

    def __init__(
        self,
        folder: str | None = None,
        *,
        keep: str = KEEP,
        max_size: str = MAX_SIZE,
        interval: float = 2.0,
        source: Source | None = None,
    ) -> None:
        self._monitor = Monitor(source, interval)
        self._recorder = Recorder(self._monitor, folder, keep=keep, max_size=max_size)
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
    recording = ServedRecording(
        None if options.record is True else str(options.record),
        keep=options.keep,
        max_size=options.max_size,
        interval=options.interval,
        source=OwnProcessesSource() if options.own_processes else None,
    )
    print(f"procwidget records into {recording.folder}.", flush=True)
    try:
        yield
    finally:
        recording.close()
