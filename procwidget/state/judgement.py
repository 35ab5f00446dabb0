"""Judges the samples of one monitor: its alerts and those of other thresholds, and notes in the log what happened.

The poller's thread calls `judge` and then `note` with each sample.
"""

from __future__ import annotations

import logging
import weakref
from collections.abc import Callable

from procwidget.sample import Sample
from procwidget.sources.base import Averages
from procwidget.state.alert_consequences import AlertConsequences
from procwidget.state.alerts import Alerts
from procwidget.state.events import EventLog
from procwidget.state.process_ends import ProcessEnds
from procwidget.thresholds import Thresholds

_log = logging.getLogger("procwidget")


class Judgement:
    """What is wrong, and what was.

    Args:
        thresholds: those of the monitor itself.
        latest: returns the newest sample.
        webhook: an address to which each alert of these thresholds is posted.
    """

    def __init__(self, thresholds: Thresholds, latest: Callable[[], Sample | None], webhook: str | None) -> None:
        self.event_log = EventLog()
        self.process_ends = ProcessEnds()
        self.alerts = Alerts(thresholds)
        self._alerting: AlertConsequences | None = None
        if webhook is not None:
            # Few want one, and what it imports takes a while.
            from procwidget.webhook import Webhook

            self._alerting = AlertConsequences(self.alerts, self.event_log, latest, Webhook(webhook))
        # Those of dashboards with thresholds of their own, which go with them.
        self._followers = weakref.WeakValueDictionary({thresholds: self.alerts})
        self._misjudged = False

    def after_fork(self) -> None:
        """In a forked child: who waits for the end of a process is the parent's, and it is the parent that posts."""
        self.process_ends, self._alerting = ProcessEnds(), None

    def follow(self, thresholds: Thresholds) -> Alerts:
        """Return what follows the samples with these thresholds; whoever asks for the same ones gets the same."""
        alerts = self._followers.get(thresholds)
        if alerts is None:
            alerts = self._followers[thresholds] = Alerts(thresholds)
        return alerts

    def judge(
        self,
        sample: Sample,
        planned: float,
        want: Callable[[Alerts, frozenset[str]], None],
        averages: Averages | None = None,
    ) -> None:
        """Have the sample judged by all that follow, and read next what they need to name who causes a shortage.

        Args:
            sample: the newest.
            planned: seconds from one reading to the next.
            want: called with alerts and what they want from now on to be read on demand.
            averages: returns what the system itself has measured of the last minute.
        """
        for alerts in tuple(self._followers.values()):
            before = alerts.wanted
            try:
                alerts.update(sample, planned, averages)
            except Exception:  # figures go on, whatever becomes of the sentence
                if not self._misjudged:
                    _log.exception("procwidget could not judge a reading; it tries again at each one")
                self._misjudged = True
            if alerts.wanted != before:
                want(alerts, alerts.wanted)

    def note(self, sample: Sample, planned: float) -> None:
        """Add what a sample says to the event log."""
        self.event_log.take(sample)
        for end in self.process_ends.take(sample):
            self.event_log.note(
                "process_end", end["text"], sample["time"], about=end["about"], process=end["process"].copy()
            )
            if self._alerting is not None:
                self._alerting.told(end)
        if self._alerting is not None:
            self._alerting.take(sample, planned)
        else:
            self.event_log.follow(sample, self.alerts.current, planned)
