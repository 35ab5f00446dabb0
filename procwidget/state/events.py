"""The event log: what was wrong earlier, and what was done about it, kept beside a monitor's history.

An event has a beginning, perhaps an end, and the worst that it was in between. Some are alerts, told of at each reading
by whoever follows them; some are moments, such as a signal that was sent. An alert that is not told of any more ended
when it was last told of, so nothing is claimed of a time in which nobody watched. The poller's thread adds alerts and
what a sample says, threads that answer requests add signals, and any thread reads.
"""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any, TypedDict

from procwidget import forking
from procwidget.limits import Limits
from procwidget.sample import Sample
from procwidget.state.alerts import Alert, Culprit
from procwidget.state.oom_kills import OF_A_GROUP, ended_between, names, probably
from procwidget.thresholds import Level
from procwidget.units import bytes_text, plural

MOST_EVENTS = 400
"""How many events are kept; the oldest give way."""

_GRACE = 2.5
"""In intervals: an alert that is not told of for longer than this has ended."""

_LONGEST_USUAL = 60.0
_RANK = {"normal": 0, "warning": 1, "critical": 2}

_DURATION = re.compile(r" (?:just now|for (?:at least )?\d[\d.,]* ?(?:s|min|h|d)(?: \d+ (?:h|min|s))?)(?=$|[:, ])")
"""How a sentence says how long an alert has lasted: an event has its beginning and end for that."""

LIMIT_WORDS = {"cpus": "CPU limit", "memory_total": "Memory limit"}
_GROUPS = {"cpus": "cpu_cgroup", "memory_total": "memory_cgroup"}


class Event(TypedDict):
    """Something that was wrong or was done.

    `number` names it; `kind` is that of an alert, or "oom" (the kernel ended processes for want of memory), "signal",
    "limit" (of the control group changed), "process_end" (a process ended of which somebody wanted to know),
    "kernel_death" (a notebook's kernel ended that nobody asked to end) or "interrupt" (of a cell, as memory was nearly
    full: `Dashboard(interrupt_at=95)`); `about` is whose, as in an alert; `level` the worst that it had; `began` and
    `ended` are Unix seconds, the same for a moment, and `ended` is `None` while it lasts; `worst` is the highest
    figure, `None` where there is none; `process` who is named.
    """

    number: int
    kind: str
    about: str
    level: Level
    began: float
    ended: float | None
    worst: float | None
    process: Culprit | None
    text: str


def grace(sample: Sample, planned: float) -> float:
    """Return the seconds for which an alert may be missing and is the same one: a figure dips below its threshold."""
    return _GRACE * (planned or min(sample["interval"] or 0.0, _LONGEST_USUAL))


class EventLog:
    """The last events of one monitor, oldest first.

    Args:
        most: how many are kept.
    """

    def __init__(self, most: int = MOST_EVENTS) -> None:
        self._events: deque[Event] = deque(maxlen=most)
        self._open: dict[tuple[str, str], tuple[Event, float, float]] = {}  # with when it was told of: monotonic, Unix
        self._lock = threading.Lock()
        self._number = 0
        self._limits: Limits | None = None
        self._before: Sample | None = None
        self.version = 0
        """Another one whenever a list of the events would look different, but for how high a figure is."""
        forking.register(self)

    def after_fork(self) -> None:
        """In a forked child: make the lock anew."""
        self._lock = threading.Lock()

    def take(self, sample: Sample) -> None:
        """Take what a sample itself says: processes killed for want of memory, limits that are others than before."""
        killed = sample["oom_kills"]
        if killed:
            self.note("oom", _oom_text(killed, self._before, sample), sample["time"], level="critical")
        if self._before is not None:
            for text in _limit_changes(self._limits, sample["limits"]):
                self.note("limit", text, sample["time"])
        self._before, self._limits = sample, sample["limits"]

    def follow(self, sample: Sample, alerts: Iterable[Alert], planned: float = 0.0) -> None:
        """Take the alerts of a sample: those that are new begin an event, those that are gone end theirs.

        Several may follow the same log, each with thresholds of its own: an event lasts while any has its alert.

        Args:
            sample: that they are of.
            alerts: those of now.
            planned: seconds from one reading to the next.
        """
        now, time = sample["monotonic"], sample["time"]
        with self._lock:
            self._end(now - grace(sample, planned))
            for alert in alerts:
                key = alert["kind"], alert["about"]
                if key in self._open:
                    event = self._open[key][0]
                    self._worsen(event, alert)
                else:
                    event = self._add(_event(alert))
                self._open[key] = event, now, time

    def note(
        self,
        kind: str,
        text: str,
        time: float,
        *,
        level: Level = "normal",
        about: str = "",
        process: Culprit | None = None,
    ) -> Event:
        """Add a moment, `time` in Unix seconds."""
        with self._lock:
            return self._add(
                {
                    "number": 0,
                    "kind": kind,
                    "about": about,
                    "level": level,
                    "began": time,
                    "ended": time,
                    "worst": None,
                    "process": process,
                    "text": text,
                }
            )

    def note_outcomes(self, outcomes: Iterable[Mapping[str, Any]], time: float) -> None:
        """Add what became of signals: an event for each outcome, as `SignalService.confirm` returns them."""
        for outcome in outcomes:
            process: Culprit = {key: outcome[key] for key in ("pid", "name", "identity")}  # type: ignore[assignment]
            self.note("signal", str(outcome["text"]), time, about=str(outcome["identity"]), process=process)

    def copies(self) -> list[Event]:
        """Return the events, oldest first, as dicts of the caller's own."""
        with self._lock:
            return [_copy(event) for event in self._events]

    def _add(self, event: Event) -> Event:
        self._number += 1
        event["number"] = self._number
        self._events.append(event)
        self.version += 1
        return event

    def _end(self, before: float) -> None:
        for key, (event, told, time) in tuple(self._open.items()):
            if told < before:
                del self._open[key]
                event["ended"] = time
                self.version += 1

    def _worsen(self, event: Event, alert: Alert) -> None:
        higher = _RANK[alert["level"]] > _RANK[event["level"]]
        named = event["process"] is None and alert["process"] is not None
        value, worst = alert["value"], event["worst"]
        worse = value is not None and (worst is None or value > worst)
        if worse:
            event["worst"] = value
        if higher:
            event["level"] = alert["level"]
        if higher or named or (worse and alert["process"] == event["process"]):
            event["text"], event["process"] = _without_duration(alert["text"]), _own(alert["process"])
        self.version += higher or named


def _event(alert: Alert) -> Event:
    return {
        "number": 0,
        "kind": alert["kind"],
        "about": alert["about"],
        "level": alert["level"],
        "began": alert["since"],
        "ended": None,
        "worst": alert["value"],
        "process": _own(alert["process"]),
        "text": _without_duration(alert["text"]),
    }


def _own(process: Culprit | None) -> Culprit | None:
    return process.copy() if process else None


def _copy(event: Event) -> Event:
    copy = event.copy()
    copy["process"] = _own(event["process"])
    return copy


def _without_duration(text: str) -> str:
    return _DURATION.sub("", text, count=1)


def _oom_text(count: int, before: Sample | None, sample: Sample) -> str:
    """Return the sentence for processes that the kernel killed; it does not say which, so those gone are named."""
    ended = ended_between(before, sample, count)
    where = f" {OF_A_GROUP}" if ended.in_group else ""
    text = f"The kernel ended {plural(count, 'process', 'processes')} for want of memory{where}"
    if ended.killed:
        return f"{text}{probably(ended.killed, count)}"
    return f"{text}; gone since the reading before: {names(ended.gone, count)}" if ended.gone else text


def _limit_changes(before: Limits | None, now: Limits | None) -> list[str]:
    """Return a sentence for each limit that is another than at the reading before."""
    sentences = []
    for key, words in LIMIT_WORDS.items():
        old = before[key] if before else None  # type: ignore[literal-required]
        new = now[key] if now else None  # type: ignore[literal-required]
        if old != new:
            with_group = now if new is not None else before
            group = with_group[_GROUPS[key]] if with_group else None  # type: ignore[literal-required]
            of = f" of {group}" if group else ""
            sentences.append(f"{words}{of} changed: {_limit_text(key, old)} → {_limit_text(key, new)}")
    return sentences


def _limit_text(key: str, value: float | None) -> str:
    if value is None:
        return "none"
    return bytes_text(value) if key == "memory_total" else f"{value:g} {'core' if value == 1 else 'cores'}"
