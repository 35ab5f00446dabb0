"""The part of a monitor that says what is wrong, and was: its sentence, alerts and events, and who waits for an end."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable

from procwidget.sample import Sample
from procwidget.state.alerts import Alerts
from procwidget.state.events import Event, EventLog
from procwidget.state.judgement import Judgement
from procwidget.state.process_ends import ProcessEnd, ProcessEnds
from procwidget.state.sentence import State
from procwidget.thresholds import Thresholds


class Judged:
    """What has samples and judges them; the class itself makes what is named here."""

    last: Sample | None
    _judgement: Judgement
    _lock: threading.Lock

    @property
    def headline(self) -> State:
        """What this host is short of, and who causes it: a dict with `level`, `text`, `short_of` and `causes`.

        It is that of the newest sample, followed from the first on; see `state.sentence.State`.
        """
        return copy.deepcopy(self._judgement.alerts.state)

    def follow(self, thresholds: Thresholds) -> Alerts:
        """Return what follows the samples with these thresholds; whoever asks for the same ones gets the same."""
        with self._lock:
            return self._judgement.follow(thresholds)

    @property
    def event_log(self) -> EventLog:
        """What was wrong or done: `events` has copies."""
        return self._judgement.event_log

    @property
    def process_ends(self) -> ProcessEnds:
        """The processes of which somebody wants to know when they end."""
        return self._judgement.process_ends

    @property
    def events(self) -> list[Event]:
        """What was wrong or done, as plain dicts, oldest first: alerts, OOM kills, signals sent, limits changed.

        They are noted at each reading, while somebody watches.
        """
        return self.event_log.copies()

    def tell_when_ended(
        self, process: object, callback: Callable[[ProcessEnd], object] | None = None
    ) -> Callable[[], None]:
        """Note in `events` when a process ends, and call `callback(end)` then, in the poller's thread, while it runs.

        Args:
            process: its pid, its identity or its row in the newest sample.
            callback: what to call with a plain dict.

        Returns:
            A function that takes it back.

        Raises:
            InvalidArgument: there is no such process in the newest sample, or the callback is no function.
        """
        return self.process_ends.wait_for(process, self.last, callback)
