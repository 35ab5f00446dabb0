"""The part of a dashboard that is about alerts: its methods in Python, and what the head's requests and readings need.

What the browser asks for arrives in the kernel's threads. It changes what counts from the next reading on, and the
poller's thread then writes the traits that show it.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Mapping
from typing import Any

from procwidget.errors import InvalidArgument
from procwidget.jupyter.death_news import DeathNews
from procwidget.jupyter.memory_guard import MemoryGuard
from procwidget.monitor import Monitor
from procwidget.sample import Sample
from procwidget.state.alert_consequences import AlertConsequences
from procwidget.state.alerts import Alert, Alerts
from procwidget.state.events import Event
from procwidget.state.expected import ExpectedAlert
from procwidget.state.process_ends import ProcessEnd
from procwidget.state.sentence import State
from procwidget.thresholds import Thresholds
from procwidget.views import ipython_state, protocol
from procwidget.views.charts import Charts
from procwidget.views.readings import Reach, Readings
from procwidget.views.said import Said
from procwidget.views.summary import Summary
from procwidget.views.table import ProcessTable

NOTIFIED_FOR = 180.0
"""Seconds for which a page that wants to show notifications is told of alerts while it is hidden."""

MOST_EVENTS_SHOWN = 200
_TOLD_FOR = 600.0
_WAIT_FOR_FIRST = 5.0
_LONGEST_TEXT = 300


class DashboardAlerts:
    """What a `Dashboard` knows of alerts; the class itself makes what is named here."""

    monitor: Monitor
    summary: Summary
    charts: Charts | None
    table: ProcessTable
    _said: Said
    _reach: Reach
    _alerts: Alerts
    _alerting: AlertConsequences
    _arrive: Callable[[], Sample | None]

    def _begin_alerting(self, webhook: str | None) -> None:
        hook = None
        if webhook is not None:
            from procwidget.webhook import Webhook

            hook = Webhook(webhook)
        self._alerting = AlertConsequences(self._alerts, self.monitor.event_log, lambda: self.monitor.last, hook)
        self._shown_thresholds = self._alerts.thresholds
        self._marked: int | None = None  # the version of the event log that the charts show
        self._telling: list[str] = []  # the processes that the browser knows to be waited for
        self._told_end: dict[str, Any] | None = None
        self._ends_told = 0
        self._deaths = DeathNews.of(self.monitor.event_log)
        self._told_death: dict[str, Any] | None = None
        self._guard: MemoryGuard | None = None
        self._own_notebook = ipython_state.own_notebook()
        self._notified_until = 0.0
        self._stop_listening = self.monitor.process_ends.listen(self._hear_end)

    @property
    def alerts(self) -> list[Alert]:
        """What is wrong now and since when, the worst first."""
        return [alert.copy() for alert in self._alerts.current]

    @property
    def headline(self) -> State:
        """What this host is short of and who causes it: a dict with `level`, `text`, `short_of` and `causes`."""
        return copy.deepcopy(self._alerting.state)

    def on_alert(self, callback: Callable[[Alert], object]) -> None:
        """Call `callback(alert)` with a plain dict when an alert begins, changes its level or ends.

        It is called in the poller's thread: be quick, and see `alert["state"]` for which of the three it is.
        """
        if not callable(callback):
            raise InvalidArgument(f"on_alert needs a function that takes one alert, not {callback!r}.")
        self._alerting.register(callback)
        self._arrive()

    def _begin_guard(self, interrupt_at: float | None) -> None:
        """Have cells interrupted from so many percent of the memory on."""
        if interrupt_at is not None:
            self._guard = MemoryGuard(interrupt_at, ipython_state.running_cell, self._tell_of_interrupt)

    def _end_alerting(self) -> None:
        self._stop_listening()
        self._alerting.close()
        if self._guard is not None:
            self._guard.close()

    @property
    def thresholds(self) -> Thresholds:
        """From which values on there is an alert, and for how long it must be so; set it to a dict of some of them.

        Raises:
            InvalidArgument: when set: a value cannot be used; the message says what would be right.
        """
        return self._alerts.thresholds

    @thresholds.setter
    def thresholds(self, value: Thresholds | Mapping[str, Any]) -> None:
        self._alerts = self.monitor.follow(self._alerts.thresholds.changed(value))
        self._alerting.follow(self._alerts)

    @property
    def events(self) -> list[Event]:
        """What was wrong or done earlier, as plain dicts, oldest first.

        They are kept with the history, so a cell that is run again has them still, and those of this host's recording
        come before them, as in the page. It reads a disk then: not for a callback of `on_alert`, which has
        `Monitor.events`.
        """
        return self._reach.events()

    @property
    def expected(self) -> list[ExpectedAlert]:
        """The alerts that are expected, as plain dicts."""
        return self._alerting.expected

    def expect(self, alert: Alert | str, seconds: float | None = None) -> None:
        """Have an alert be no trouble: it is listed as expected, and counts neither in the sentence nor for callbacks.

        Args:
            alert: one of `alerts`, or a kind of the host's, such as "cpu".
            seconds: for how long; `None` is until it ends.

        Raises:
            InvalidArgument: there is no such alert now, or an argument is wrong.
        """
        self._alerting.expect(alert, seconds)

    def unexpect(self, alert: Alert | ExpectedAlert | str) -> None:
        """Take back that an alert is expected.

        Raises:
            InvalidArgument: the argument is no alert.
        """
        self._alerting.unexpect(alert)

    def tell_when_ended(
        self, process: object, callback: Callable[[ProcessEnd], object] | None = None
    ) -> Callable[[], None]:
        """Say in the page when a process ends, note it in `events`, and call `callback(end)` in the poller's thread.

        Args:
            process: its pid, its identity or its row, as `find` and `selected` return it.
            callback: what to call with a plain dict, whose "text" says who ended after how long.

        Returns:
            A function that takes it back.

        Raises:
            InvalidArgument: there is no such process in the newest sample, or the callback is no function.
        """
        self._arrive()
        until = time.monotonic() + _WAIT_FOR_FIRST
        while self.monitor.last is None and self.monitor.running and time.monotonic() < until:
            time.sleep(0.02)
        return self.monitor.tell_when_ended(process, callback)

    def _kept_awake(self) -> bool:
        """Return whether readings go on although nobody watches."""
        return bool(self.monitor.process_ends.waiting) or self._notifies()

    def _notifies(self) -> bool:
        return time.monotonic() < self._notified_until

    def _hear_notify(self) -> None:
        self._notified_until = time.monotonic() + NOTIFIED_FOR
        self._arrive()

    def _hear_end(self, end: ProcessEnd) -> None:
        """Take the end of a process; in the poller's thread, before the sample of then is shown."""
        self._alerting.told(end)
        self._ends_told += 1
        ended = end["since"] + end["seconds"]
        self._told_end = {"number": self._ends_told, "text": end["text"][:_LONGEST_TEXT], "time": ended}
        if self._notifies():
            self.summary.send({"type": "notice", "text": end["text"][:_LONGEST_TEXT]})

    def _tell_of_interrupt(self, text: str) -> None:
        """Say that a cell was interrupted; in the guard's thread."""
        now = time.time()
        self.monitor.event_log.note("interrupt", text, now, level="warning")
        self._ends_told += 1
        self._told_end = {"number": self._ends_told, "text": text, "time": now}

    def _take_deaths(self, sample: Sample) -> None:
        """Tell of the death of a kernel; in the poller's thread."""
        self._deaths.take(sample["time"])
        newest = self._deaths.newest(sample["time"], self._own_notebook)
        if newest is None:
            self._told_death = None
        elif self._told_death is None or self._told_death["time"] != newest["time"]:
            self._ends_told += 1
            text = newest["text"]
            self._told_death = {"number": self._ends_told, "text": text, "time": newest["time"]}
            if self._notifies():
                self.summary.send({"type": "notice", "text": text})

    def _told(self, now: float) -> dict[str, Any] | None:
        """Return the end that the page has a line about: of those that are told, the one that was told last."""
        end = self._told_end if self._told_end and now - self._told_end["time"] < _TOLD_FOR else None
        return max(filter(None, (end, self._told_death)), key=lambda told: told["number"], default=None)

    def _notify(self, alerts: list[Alert]) -> None:
        """Tell pages that want to show notifications of what has become critical."""
        if self._notifies():
            for alert in alerts:
                if alert["level"] == "critical" and alert["state"] in ("began", "changed"):
                    self.summary.send({"type": "notice", "text": f"Critical: {alert['text']}"[:_LONGEST_TEXT]})

    def _show_thresholds(self) -> None:
        """Have the table show thresholds that were set; in the poller's thread. In the page the charts take its."""
        if self._shown_thresholds is not self._alerts.thresholds:
            self._shown_thresholds = self._alerts.thresholds
            self.table.thresholds = self._shown_thresholds.as_dict()

    def _mark_events(self, sample: Sample, charts: Charts) -> None:
        """Have the charts mark the events, when these changed; in the poller's thread."""
        log = self.monitor.event_log
        if self._marked != log.version:
            self._marked = log.version
            charts.mark(log.copies(), sample["time"])

    def _alert_part(self, sample: Sample) -> dict[str, Any]:
        """Return what the head's reading has of alerts besides those of now."""
        log = self.monitor.event_log
        quiet = {(alert["kind"], alert["about"]): alert["text"] for alert in self._alerting.quiet}
        return {
            "thresholds": self._alerts.thresholds.as_settings(),
            "events": {"version": log.version},
            "told": self._told(sample["time"]),
            "expected": [
                {
                    "kind": one["kind"],
                    "about": one["about"],
                    "until": one["until"],
                    "text": quiet.get((one["kind"], one["about"])),
                }
                for one in self._alerting.expected
            ],
        }

    def _past_reading(self, sample: Sample, readings: Readings) -> dict[str, Any]:
        """Return what the head shows of a past sample: as it was then, with the settings of now."""
        settings = {
            "thresholds": self._alerts.thresholds.as_settings(),
            "events": {"version": self.monitor.event_log.version},
        }
        return self._said.describe(sample, readings) | settings

    def _tell_part(self, *, whole: bool) -> dict[str, Any]:
        """Return what goes to the browser of the processes that are waited for, when that changed."""
        waiting = self.monitor.process_ends.waiting
        if not whole and waiting == self._telling:
            return {}
        self._telling = waiting
        return {"telling": waiting}

    def _tell(self, identity: object, on: bool) -> None:
        """Have the end of a process told, or not; a request from the table."""
        if not isinstance(identity, str):
            raise InvalidArgument("The identity must be a text.")
        if on:
            self.monitor.tell_when_ended(identity)
        else:
            self.monitor.process_ends.remove(identity)

    def _answer_head(self, request: protocol.HeadRequest) -> dict[str, Any]:
        """Answer a request of the head's."""
        get = request.content.get
        match request.kind:
            case "events":
                version, events = self.monitor.event_log.version, self._reach.events()[-MOST_EVENTS_SHOWN:]
                last = self.monitor.last
                return {"result": "events", "version": version, "now": last and last["time"], "events": events}
            case "thresholds":
                self.thresholds = _settings(get("values"))
                return {"result": "thresholds", "thresholds": self.thresholds.as_settings()}
            case _:
                kind, about, seconds = get("kind"), get("about"), get("seconds")
                # Anything else may be nested too deeply to be told in words.
                if not isinstance(kind, str) or not isinstance(about, str):
                    raise InvalidArgument("An alert is named by its kind and by whose it is, two texts.")
                if seconds is not None and not isinstance(seconds, (int, float)):
                    raise InvalidArgument("The time must be a number of seconds.")
                alert = {"kind": kind, "about": about}
                if get("on") is True:
                    self._alerting.expect(alert, seconds)
                else:
                    self._alerting.unexpect(alert)
                return {"result": "expected", "on": get("on") is True}


def _settings(values: object) -> dict[str, Any]:
    """Return thresholds from a browser, which may have sent anything; what may be in them is checked elsewhere."""
    if not isinstance(values, dict) or len(values) > len(Thresholds().as_settings()):
        raise InvalidArgument("The thresholds must be an object with pairs of numbers and seconds.")
    for value in values.values():
        numbers = value if isinstance(value, list) else [value]
        # Anything else may be nested too deeply to be told in words.
        if len(numbers) > 2 or not all(isinstance(number, (int, float)) for number in numbers):
            raise InvalidArgument(
                "A threshold must be a pair of numbers, warning and critical, or a number of seconds."
            )
    return values
