"""Records what a monitor reads, whether anybody watches or not, in a thread of its own.

The poller's thread hands samples over through a short queue and waits for nothing: where the disk hangs or is full,
readings are lost, that is said, and no tick is late.
"""

from __future__ import annotations

import logging
import os
import queue
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from procwidget import forking, threads
from procwidget.recording.folder import default_folder
from procwidget.recording.retention import KEEP, MAX_SIZE, bytes_of, seconds_of
from procwidget.recording.writer import RecordingWriter
from procwidget.sample import Sample
from procwidget.state.events import Event, EventLog
from procwidget.units import plural

_WAITING = 10
_END_WITHIN = 5.0
_log = logging.getLogger("procwidget")


class _Watched(Protocol):
    @property
    def event_log(self) -> EventLog:
        """What was wrong or done."""
        ...

    def watch(self, watcher: Callable[[Sample], None]) -> Callable[[], None]:
        """Call `watcher(sample)` after each tick; return a function that ends that."""
        ...


class Recorder:
    """Records a monitor from now on, and has it read until it is closed.

    Args:
        monitor: what to record.
        folder: where the files are; `None` is `default_folder()`.
        keep: after which age a day is deleted whole, such as "7d".
        max_size: how large all files may be together, such as "1G".

    Raises:
        InvalidArgument: an argument is wrong, the folder is on a network file system, or another recorder writes
            there.
        SourceUnavailable: nothing can be written there, or no thread can be started.
    """

    def __init__(
        self,
        monitor: _Watched,
        folder: str | os.PathLike[str] | None = None,
        *,
        keep: str = KEEP,
        max_size: str = MAX_SIZE,
    ) -> None:
        self.folder = default_folder() if folder is None else Path(folder).expanduser()
        self.written = self.lost = 0
        """How many readings are on the disk, and how many were given up."""
        self.problem: str | None = None
        """Why readings are lost, in a sentence; `None` while none are."""
        self._writer: RecordingWriter | None = RecordingWriter(self.folder, seconds_of(keep), bytes_of(max_size))
        self._queue: queue.Queue[tuple[Sample, list[Event]] | None] = queue.Queue(_WAITING)
        self._log, self._version = monitor.event_log, -1
        # What ended before there was a reading is of no use beside one.
        self._told = {event["number"]: event for event in self._log.copies() if event["ended"] is not None}
        self._unwritten: dict[int, Event] = {}
        self._thread = threading.Thread(target=self._run, name="procwidget-recorder", daemon=True)
        try:
            threads.start(self._thread)
            self._unwatch = monitor.watch(self._take)
        except BaseException:
            self._queue.put(None)
            raise
        forking.register(self)

    def after_fork(self) -> None:
        """In a forked child: nothing is recorded; the files are the parent's."""
        self._writer, self._queue = None, queue.Queue(_WAITING)

    @property
    def notes(self) -> list[str]:
        """What is the matter, in sentences."""
        if self.problem is None:
            return []
        lost = f" {plural(self.lost, 'reading')} lost so far." if self.lost else ""
        return [self.problem + lost]

    def close(self) -> None:
        """Record no more; what was read is on the disk afterwards, unless the disk hangs."""
        if self._writer is None:
            return
        self._unwatch()
        try:
            self._queue.put(None, timeout=_END_WITHIN)
        except queue.Full:
            return
        self._thread.join(_END_WITHIN)

    def _take(self, sample: Sample) -> None:
        if self._writer is None:
            return
        version = self._log.version
        news = self._news() if version != self._version else []
        try:
            self._queue.put_nowait((sample, news))
        except queue.Full:
            self._lose(f"The recording in {self.folder} falls behind: its disk does not answer in time.")
            return
        self._version = version
        self._told |= {event["number"]: event for event in news}

    def _news(self) -> list[Event]:
        """Return the events that are new, or others than when they were told of."""
        events = self._log.copies()
        oldest = events[0]["number"] if events else 0
        self._told = {number: event for number, event in self._told.items() if number >= oldest}
        return [event for event in events if self._told.get(event["number"]) != event]

    def _lose(self, why: str) -> None:
        self.lost += 1
        if self.problem is None:
            _log.warning("%s Readings are lost until that is over.", why)
        self.problem = why

    def _run(self) -> None:
        writer = self._writer
        if writer is None:
            return
        try:
            while (item := self._queue.get()) is not None:
                self._write(writer, *item)
        finally:
            writer.close()

    def _write(self, writer: RecordingWriter, sample: Sample, news: list[Event]) -> None:
        self._unwritten |= {event["number"]: event for event in news}
        try:
            writer.append(sample, [*self._unwritten.values()])
        except Exception as error:  # the recorder outlives whatever a disk does
            self._lose(f"The recording in {self.folder} cannot be written: {_reason(error)}.")
            return
        self._unwritten.clear()
        self.written += 1
        if self.problem is not None and not self._queue.qsize():
            _log.warning("The recording in %s goes on. %s lost so far.", self.folder, plural(self.lost, "reading"))
            self.problem = None


def _reason(error: Exception) -> str:
    return (isinstance(error, OSError) and error.strerror) or str(error).rstrip(".") or type(error).__name__
