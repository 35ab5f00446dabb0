"""What a dashboard of a recording has where another has a poller: it reads the recording's end, and notes nothing.

What its views look at they ask for, moment by moment, as they do for the past of a live dashboard (`past.py`). This
tells them how the recording ends, also while it is still written. Runs in a monitor's thread.
"""

from __future__ import annotations

import os
from typing import Any

from procwidget.errors import InvalidArgument, SourceUnavailable
from procwidget.host import LocalHost
from procwidget.monitor import Monitor
from procwidget.process_details import ProcessDetails
from procwidget.recording.recording import Recording
from procwidget.sample import Sample
from procwidget.state.events import Event, EventLog
from procwidget.state.judgement import Judgement
from procwidget.thresholds import Thresholds
from procwidget.views.readings import Recorded
from procwidget.views.said import said_then

_LOOK_EACH = 5.0
"""Seconds from one look for newer readings to the next."""


def opened(recording: object) -> Recording:
    """Return the recording that is meant by a path, or by a `Recording`, with files of its own.

    Raises:
        InvalidArgument: it is neither, or there is no reading in it.
        SourceUnavailable: it cannot be read.
    """
    if isinstance(recording, Recording):
        recording = recording.path
    if not isinstance(recording, (str, os.PathLike)):
        raise InvalidArgument(f"recording must be a procwidget.Recording or its path, not {recording!r:.80}.")
    found = Recording(recording)
    if not len(found):
        found.close()
        raise InvalidArgument(f"The recording {found.path} has no reading yet.")
    return found


class _RecordedSource:
    """Gives the newest sample of a recording; the same one until there is a newer."""

    name = "recording"

    def __init__(self, recorded: Recorded) -> None:
        self.top = 15
        self.wanted: frozenset[str] = frozenset()
        self.in_sight: frozenset[str] = frozenset()
        self.notes: list[str] = []
        self._recorded = recorded
        self._last: Sample | None = None

    def read(self) -> Sample:
        times = self._recorded.times()
        if times is None:
            raise SourceUnavailable("The recording has no reading any more")
        if self._last is None or self._last["time"] != times[1]:
            self._last = self._recorded.at(times[1])
        return self._last

    def close(self) -> None:
        self._recorded.close()


class _RecordedEvents(EventLog):
    """The events of a recording; nothing is added to them."""

    def __init__(self, recorded: Recorded) -> None:
        super().__init__()
        self._recorded = recorded

    def copies(self) -> list[Event]:
        return self._recorded.events()

    def follow(self, *_: Any) -> None:
        return


class _AlreadyJudged(Judgement):
    """What was said of the recording's end when it was read, as its views say it of each moment."""

    def __init__(self, recorded: Recorded) -> None:
        super().__init__(Thresholds(), lambda: None, None)
        self.event_log = _RecordedEvents(recorded)
        self._recorded = recorded

    def judge(self, sample: Sample, *_: Any) -> None:
        for alerts in tuple(self._followers.values()):
            alerts.current, alerts.state = said_then(sample, self._recorded, alerts.thresholds)

    def note(self, *_: Any) -> None:
        return


class _RecordedHost(LocalHost):
    """What was recorded may be of another host, or boot: its pids are nobody's here."""

    may_signal = here = False

    def closeup(self, *, reveal: bool) -> ProcessDetails:
        return ProcessDetails(lambda: None, self.monitor.history, reveal=False)


class ReplayMonitor(Monitor):
    """The monitor of a dashboard that shows a recording.

    Args:
        recording: read by this alone.
    """

    replays = True

    def __init__(self, recording: Recording) -> None:
        self._recording = Recording(recording.path)
        self.recorded = Recorded(recording)
        """For views, whose threads need files of their own."""
        super().__init__(_RecordedSource(self.recorded), _LOOK_EACH)
        self._judgement = _AlreadyJudged(self.recorded)
        self.host = _RecordedHost(self)

    @property
    def samples(self) -> Recording:
        """The recording."""
        return self._recording

    def hosts(self, seconds: float) -> list[dict[str, Any]]:
        """Return the samples of the last `seconds` without their processes, oldest first."""
        times = self.recorded.times()
        return self.recorded.hosts(times[1] - seconds, times[1]) if times else []

    def close(self) -> None:
        """End its thread, and close the recording's files."""
        super().close()
        self.recorded.close()
        self._recording.close()

    def _keep(self, sample: Sample) -> None:
        # The recording keeps it.
        return
