"""Says what is wrong now, since when, and who causes it.

`Alerts.update` takes each sample and returns the alerts. It remembers only what it needs from earlier samples and looks
at no clock, only at the samples' own times. The poller's thread calls it, once a tick.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Literal, NamedTuple, TypedDict

from procwidget.sample import Process, Sample
from procwidget.state.blame import Blame, Uses, cpu_uses, memory_uses, process_text
from procwidget.statuses import HANGING, HANGS_AFTER
from procwidget.thresholds import Level, Thresholds
from procwidget.units import duration_text, percent_text

_MIB = 2**20
SETTLE = HANGS_AFTER
"""Seconds that a process must hang before it is an alert; `Thresholds` has how long a figure must be too high."""

_GRACE = 2.5
"""In intervals: a figure that dips below its threshold for less than this keeps its "since"."""

_HOST = ("cpu", "memory", "swap")
_log = logging.getLogger("procwidget")
_RANK = {"critical": 0, "warning": 1, "normal": 2}


class Culprit(TypedDict):
    """The process behind an alert."""

    pid: int
    name: str
    identity: str


class Alert(TypedDict):
    """Something above its threshold, or hanging.

    `kind` is "cpu", "memory", "swap", "process_cpu", "process_memory" or a status such as "zombie"; `about` is whose, a
    process's identity, and "" for the host's: with the kind it names this alert and no other; `since` is Unix
    seconds, `seconds` how long; `process` who is named: for CPU and memory one that takes a quarter of what is used at
    least, `None` where no process does;
    `state` is "began", "changed" (its level) or "ended" as a callback gets it, and "on" between those.
    """

    kind: str
    about: str
    level: Level
    value: float | None
    since: float
    seconds: float
    process: Culprit | None
    text: str
    state: Literal["began", "changed", "on", "ended"]


class _Finding(NamedTuple):
    kind: str
    identity: str  # "" for the host's own figures
    level: Level
    value: float | None
    process: Process | None
    what: str
    uses: Uses | None = None
    more: str = ""


class _Watch:
    __slots__ = ("alert", "began", "blame", "cpu_time", "seen", "since")

    def __init__(self, sample: Sample, cpu_time: float | None) -> None:
        self.began = self.seen = sample["monotonic"]
        self.since = sample["time"]
        self.cpu_time = cpu_time
        self.alert: Alert | None = None
        self.blame = Blame()


def _culprit(row: Process) -> Culprit:
    return {"pid": row["pid"], "name": row["name"], "identity": row["identity"]}


def for_text(seconds: float) -> str:
    """Return how a sentence says how long something has lasted."""
    return f"for {duration_text(seconds)}" if seconds >= 1 else "just now"


class Alerts:
    """Follows what is above its threshold from sample to sample.

    Args:
        thresholds: from which values on.
    """

    def __init__(self, thresholds: Thresholds) -> None:
        self.thresholds = thresholds
        self._watched: dict[tuple[str, str], _Watch] = {}
        self._callbacks: list[Callable[[Alert], object]] = []
        self._interval: float | None = None
        self._last: float | None = None  # when the reading before was
        self._swapped = -math.inf  # when pages moved last
        self.current: list[Alert] = []
        """What is wrong now, the worst first."""
        self.hanging: Mapping[str, float] = {}
        """The processes that do not get on at the newest sample, by identity: since when, in Unix seconds.

        Each is here from its first such sample on, and an alert after `SETTLE`. Every update makes a new mapping.
        """

    def register(self, callback: Callable[[Alert], object]) -> None:
        """Call `callback(alert)` when an alert begins, changes its level or ends."""
        self._callbacks.append(callback)

    @property
    def heard(self) -> bool:
        """Whether any callback is registered."""
        return bool(self._callbacks)

    def update(self, sample: Sample, planned: float = 0.0) -> list[Alert]:
        """Take the next sample; return the alerts of now, the worst first.

        Args:
            sample: the next one.
            planned: after how many seconds it was to come, where that is known.
        """
        now, interval = sample["monotonic"], sample["interval"] or 0.0
        # After a stretch without readings nothing is known of what happened in it.
        usual, self._interval = max(planned, min(interval, self._interval or interval)), interval
        if sample["swap_in"] or sample["swap_out"]:
            self._swapped = now
        ended = self._forget(now - _GRACE * usual)
        alerts: list[Alert] = []
        hanging: dict[str, float] = {}
        for finding in self._findings(sample, self._swapped > now - _GRACE * usual):
            kind, identity, level, value, process, what, uses, who = finding
            cpu_time = process["cpu_time"] if process else None
            watch = self._watched.get((kind, identity))
            ran = kind in HANGING and HANGING[kind].needs_idle and watch is not None and watch.cpu_time != cpu_time
            if watch is None or ran:
                if watch and watch.alert:
                    ended.append({**watch.alert, "state": "ended"})
                watch = self._watched[kind, identity] = _Watch(sample, cpu_time)
            watch.seen = now
            if kind in HANGING:
                hanging[identity] = watch.since
            seconds = now - watch.began
            hold = self.thresholds.hold_of(kind)
            if seconds < (SETTLE if hold is None and identity else hold or 0.0):
                continue
            before = watch.alert
            if uses:
                process, cause = watch.blame.update(uses, interval)
                who = f": {cause}"
            watch.alert = {
                "kind": kind,
                "about": identity,
                "level": level,
                "value": value,
                "since": watch.since,
                "seconds": seconds,
                "process": _culprit(process) if process else None,
                "text": f"{what} {for_text(seconds)}{who}",
                "state": "began" if before is None else "on" if before["level"] == level else "changed",
            }
            alerts.append(watch.alert)
        alerts.sort(key=lambda alert: (_RANK[alert["level"]], alert["kind"] not in _HOST, alert["since"]))
        self.current, self.hanging, self._last = alerts, hanging, now
        for alert in [*ended, *alerts]:
            if alert["state"] != "on":
                for callback in self._callbacks:
                    try:
                        callback(alert)
                    except BaseException:  # somebody else's code must not cost the others their figures
                        _log.exception("A callback for procwidget's alerts failed")
        return alerts

    def _forget(self, before: float) -> list[Alert]:
        """Stop following what was last above its threshold `before` that time; return the alerts that ended so."""
        over = {key: watch for key, watch in self._watched.items() if watch.seen <= before}
        for key in over:
            del self._watched[key]
        return [{**watch.alert, "state": "ended"} for watch in over.values() if watch.alert is not None]

    def _level(self, kind: str, value: float | None) -> Level:
        """Return the level of one of the host's figures; one that is on ends a little below where it began."""
        watch = self._watched.get((kind, ""))
        on = watch.alert if watch and watch.seen == self._last else None
        return self.thresholds.level(kind, value, on["level"] if on else "normal")

    def _findings(self, sample: Sample, swaps: bool) -> Iterator[_Finding]:
        rows, limits, memory = sample["processes"], self.thresholds, sample["memory"]
        counts = sample["effective"]
        if (level := self._level("cpu", counts["cpu_usage"])) != "normal":
            group = f" of {counts['cpu_cgroup']}" if counts["cpu_cgroup"] else ""
            what = f"CPU {percent_text(counts['cpu_usage'])}{group}"
            yield _Finding("cpu", "", level, counts["cpu_usage"], None, what, cpu_uses(sample))
        if (level := self._level("memory", counts["memory_usage"])) != "normal":
            group = f" of {counts['memory_cgroup']}" if counts["memory_cgroup"] else ""
            what = f"Memory {percent_text(counts['memory_usage'])}{group}"
            yield _Finding("memory", "", level, counts["memory_usage"], None, what, memory_uses(sample))
        swap = memory["swap_usage"] if memory else None
        # Swap that is full and lies still, as zram does for weeks, slows nobody down. Nothing is known of it yet in the
        # first reading, and never where the system counts no pages.
        uncounted = sample["swap_in"] is None and sample["swap_out"] is None and sample["interval"] is not None
        if (swaps or uncounted) and (level := self._level("swap", swap)) != "normal":
            more = ": pages move in or out" if swaps else ""
            yield _Finding("swap", "", level, swap, None, f"Swap {percent_text(swap)}", more=more)
        greedy = limits.process_cpu[0]
        total = memory["total"] / _MIB if memory else math.inf
        large = limits.process_memory[0] / 100 * total
        # Nearly all processes pass at once; of the others it is asked below what is the matter.
        conspicuous = [
            row
            for row in rows
            if (row["cpu"] or 0.0) >= greedy or (row["memory"] or 0.0) >= large or row["status"] in HANGING
        ]
        for row in conspicuous:
            cpu, resident, status = row["cpu"], row["memory"], row["status"]
            if cpu is not None and cpu >= greedy:
                level = limits.level("process_cpu", cpu)
                yield _Finding(
                    "process_cpu",
                    row["identity"],
                    level,
                    cpu,
                    row,
                    f"{process_text(row)} takes {percent_text(cpu)} of a core",
                )
            if resident is not None and resident >= large:
                share = resident / total * 100
                level = limits.level("process_memory", share)
                what = f"{process_text(row)} holds {percent_text(share)} of memory"
                yield _Finding("process_memory", row["identity"], level, share, row, what)
            if status in HANGING:
                what = f"{process_text(row)} {HANGING[status].hangs}"
                yield _Finding(status, row["identity"], "warning", None, row, what)
