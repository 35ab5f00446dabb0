"""What follows from alerts besides showing them: the event log, what is expected, and who is told.

One for each that has alerts of its own: a dashboard, or a monitor with a webhook. The poller's thread calls `take` with
each sample and its alerts; any thread may say what is expected.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from procwidget.errors import InvalidArgument, number_between
from procwidget.sample import Sample
from procwidget.state.alerts import Alert, Alerts
from procwidget.state.events import EventLog
from procwidget.state.expected import Expected, ExpectedAlert
from procwidget.state.process_ends import ProcessEnd
from procwidget.state.sentence import State

if TYPE_CHECKING:
    from procwidget.webhook import Webhook

LONGEST_EXPECTED = 7 * 86400.0
"""Seconds for which an alert can be expected at most."""


class AlertConsequences:
    """Follows alerts for one dashboard or monitor.

    Args:
        alerts: what finds them.
        log: where they are noted.
        latest: returns the newest sample.
        webhook: where they are posted, if anywhere.
    """

    def __init__(
        self, alerts: Alerts, log: EventLog, latest: Callable[[], Sample | None], webhook: Webhook | None = None
    ) -> None:
        self._alerts = alerts
        self._log = log
        self._latest = latest
        self._expected = Expected()
        self._webhook = webhook
        self._registered: list[Callable[[Alert], None]] = []
        self.state: State = alerts.state
        """What this comes to without what is expected."""
        self.quiet: list[Alert] = []
        """The alerts of now that are expected."""
        if webhook is not None:
            self.register(self._post)

    def register(self, callback: Callable[[Alert], object]) -> None:
        """Call `callback(alert)` when an alert that is not expected begins or changes its level, and when any ends."""

        def tell(alert: Alert) -> None:
            if alert["state"] == "ended" or alert not in self._expected:
                callback(alert)

        self._registered.append(tell)
        self._alerts.register(tell)

    @property
    def heard(self) -> bool:
        """Whether anybody is called."""
        return bool(self._registered)

    def follow(self, alerts: Alerts) -> None:
        """Follow others, such as those of other thresholds; who is called for alerts is called for these."""
        self.close()
        self._alerts = alerts
        for tell in self._registered:
            alerts.register(tell)

    def close(self) -> None:
        """Call nobody any more."""
        for tell in self._registered:
            self._alerts.unregister(tell)

    def take(self, sample: Sample, planned: float = 0.0) -> list[Alert]:
        """Note a sample's alerts; return those that are not expected.

        Args:
            sample: the newest, which `Alerts.update` has taken.
            planned: seconds from one reading to the next.
        """
        alerts = self._alerts.current
        self._log.follow(sample, alerts, planned)
        self._expected.take(sample, alerts, planned)
        self.quiet = [alert for alert in alerts if alert in self._expected]
        if not self.quiet:
            self.state = self._alerts.state
            return alerts
        others = [alert for alert in alerts if alert not in self._expected]
        self.state = self._alerts.state_without(others, sample)
        return others

    def expect(self, alert: object, seconds: object = None) -> None:
        """Have an alert be no trouble until it ends, or for some seconds.

        Args:
            alert: one of now, or a kind of the host's, such as "cpu".
            seconds: for how long, whether it is on or not; `None` is until it ends.

        Raises:
            InvalidArgument: there is no such alert now, or an argument is wrong.
        """
        kind, about = _name(alert)
        sample = self._latest()
        if seconds is not None:
            seconds = number_between("The time in seconds", seconds, 1.0, LONGEST_EXPECTED)
        elif not any((one["kind"], one["about"]) == (kind, about) for one in self._alerts.current):
            raise InvalidArgument(
                "There is no such alert now: it has ended, or give the seconds to expect one to come."
            )
        if sample is None:
            raise InvalidArgument("There is no reading yet: expect an alert after the first one.")
        self._expected.add(kind, about, sample, seconds)

    def unexpect(self, alert: object) -> None:
        """Take back that an alert is expected; one that is not is ignored.

        Raises:
            InvalidArgument: the argument is no alert.
        """
        self._expected.remove(*_name(alert))

    @property
    def expected(self) -> list[ExpectedAlert]:
        """What is expected, as dicts of the caller's own."""
        return self._expected.copies()

    @property
    def problem(self) -> str | None:
        """Why the webhook did not get what was posted last, in a sentence."""
        return self._webhook.problem if self._webhook else None

    def told(self, end: ProcessEnd) -> None:
        """Post the end of a process of which somebody wanted to know."""
        self._post(end)

    def _post(self, what: Alert | ProcessEnd) -> None:
        if self._webhook is not None:
            sample = self._latest()
            self._webhook.post({"host": sample["host"] if sample else None, **what})


def _name(alert: Any) -> tuple[str, str]:
    kind, about = (alert.get("kind"), alert.get("about", "")) if isinstance(alert, dict) else (alert, "")
    if not isinstance(kind, str) or not isinstance(about, str) or len(kind) + len(about) > 400:
        raise InvalidArgument(f"An alert is one of dashboard.alerts, or a kind such as 'cpu', not {alert!r:.80}.")
    return kind, about
