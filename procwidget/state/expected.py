"""Alerts that a user expects: they stay in the list and are no trouble. Pure; looks at no clock but the samples'.

An alert is named by its kind and whose it is. It is expected until it ends, or for some seconds.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, TypedDict

from procwidget.sample import Sample
from procwidget.state.alerts import Alert
from procwidget.state.events import grace

MOST_EXPECTED = 200
"""How many alerts can be expected at once; the oldest give way."""


class ExpectedAlert(TypedDict):
    """An alert that is expected: its kind and whose it is, and `until` in Unix seconds, `None` for until it ends."""

    kind: str
    about: str
    until: float | None


class _Entry(NamedTuple):
    until: float | None  # Unix seconds
    deadline: float | None  # the same, monotonic
    seen: float  # monotonic: when there was such an alert, or when this was asked for


class Expected:
    """What is expected in one dashboard. Any thread may call; a change counts from the next reading on."""

    def __init__(self) -> None:
        self._entries: dict[tuple[str, str], _Entry] = {}

    def add(self, kind: str, about: str, sample: Sample, seconds: float | None = None) -> None:
        """Expect an alert for `seconds` from a sample on; `None` is until it ends."""
        now = sample["monotonic"]
        if seconds is None:
            self._entries[kind, about] = _Entry(None, None, now)
        else:
            self._entries[kind, about] = _Entry(sample["time"] + seconds, now + seconds, now)
        while len(self._entries) > MOST_EXPECTED:
            self._entries.pop(next(iter(self._entries)), None)

    def remove(self, kind: str, about: str) -> None:
        """Take that back."""
        self._entries.pop((kind, about), None)

    def __contains__(self, alert: Alert) -> bool:
        return (alert["kind"], alert["about"]) in self._entries

    def take(self, sample: Sample, alerts: Iterable[Alert], planned: float = 0.0) -> None:
        """Forget what is not to be expected any more at a sample with these alerts."""
        if not self._entries:
            return
        now = sample["monotonic"]
        oldest = now - grace(sample, planned)
        on = {(alert["kind"], alert["about"]) for alert in alerts}
        for key, entry in tuple(self._entries.items()):
            if key in on:
                entry = entry._replace(seen=now)
            over = entry.deadline is not None and now >= entry.deadline
            ended = entry.deadline is None and entry.seen < oldest
            if over or ended:
                self._entries.pop(key, None)
            elif key in self._entries:
                self._entries[key] = entry

    def copies(self) -> list[ExpectedAlert]:
        """Return what is expected, as dicts of the caller's own."""
        return [
            {"kind": kind, "about": about, "until": entry.until}
            for (kind, about), entry in tuple(self._entries.items())
        ]
