"""Says what is wrong now, since when, and who causes it.

`Alerts.update` takes each sample and returns the alerts; `Alerts.state` is the sentence that they come to. It remembers
only what it needs from earlier samples and looks at no clock, only at the samples' own times. The poller's thread calls
it, once a tick.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Literal, TypedDict

from procwidget.effective import usable
from procwidget.sample import Process, Sample
from procwidget.sources.base import Averages
from procwidget.sources.kernel_counts import PressureAverages
from procwidget.state.blame import Blame
from procwidget.state.causes import Cause, of_process, process_text
from procwidget.state.conspicuous import Conspicuous
from procwidget.state.finding import Finding
from procwidget.state.hanging import Hanging
from procwidget.state.oom_kills import OomKills
from procwidget.state.sentence import News, State, for_text, state_of
from procwidget.state.shortage import Shortage
from procwidget.state.storage import Storage
from procwidget.statuses import HANGING, HANGS_AFTER
from procwidget.thresholds import Level, Thresholds, level_of
from procwidget.units import percent_text

_MIB = 2**20
SETTLE = HANGS_AFTER
"""Seconds that a process must be greedy or hang before that counts."""

_GRACE = 2.5
"""In intervals: a figure that dips below its threshold for less than this keeps its "since"."""

_GREEDY = 50.0
"""Percent of one core from which on a process is worth a word where nothing is wrong."""

_HOST = ("cpu", "memory", "io", "throttled", "oom_kill", "memory_forecast", "swap")
_log = logging.getLogger("procwidget")
_RANK = {"critical": 0, "warning": 1, "normal": 2}


class Culprit(TypedDict):
    """The process behind an alert."""

    pid: int
    name: str
    identity: str


class Alert(TypedDict):
    """Something that the machine is short of, that hangs, or that is above a threshold of the user's own.

    `kind` is "cpu", "memory", "memory_forecast", "swap", "io", "throttled", "oom_kill", "blocked", "forks", "network",
    "gpu_memory"; of a filesystem "space", "inodes", "read_only" or "stuck"; of a process "process_cpu",
    "process_memory" or a status such as "zombie". `about` is whose, a process's identity, and "" for the host's: with
    the kind it names this alert and no other. `since` is Unix seconds, `seconds` how long; `process` who is named: for
    what is short one that explains a quarter of it at least, `None` where no process does. `cause` is that, or the
    program, notebook, container, unit or user that does, see `causes.Cause`; `short_of` is "cpu", "memory", "disk",
    "space", "limit", "gpu" or "network", and `None` for what is no shortage.
    `state` is "began", "changed" (its level) or "ended" as a callback gets it, and "on" between those.
    """

    kind: str
    about: str
    level: Level
    value: float | None
    since: float
    seconds: float
    process: Culprit | None
    cause: Cause | None
    short_of: str | None
    text: str
    state: Literal["began", "changed", "on", "ended"]


class _Watch:
    __slots__ = ("alert", "at_least", "began", "blame", "seen", "since")

    def __init__(self, now: float, since: float, *, at_least: bool) -> None:
        self.began = self.seen = now
        self.since = since
        self.at_least = at_least
        self.alert: Alert | None = None
        self.blame = Blame()


def _culprit(row: Process) -> Culprit:
    return {"pid": row["pid"], "name": row["name"], "identity": row["identity"]}


class Alerts:
    """Follows what is wrong from sample to sample.

    Args:
        thresholds: from which values on figures have which level; a pair that is not the usual one is an alert too.
        longest_hold: seconds for which something must hold at most until it counts, for whoever looks no longer.
    """

    def __init__(self, thresholds: Thresholds, longest_hold: float = math.inf) -> None:
        self.thresholds = thresholds
        self._chosen = thresholds.chosen
        self._longest_hold = longest_hold
        self._watched: dict[tuple[str, str], _Watch] = {}
        self._callbacks: list[Callable[[Alert], object]] = []
        self._interval: float | None = None
        self._last: float | None = None  # when the reading before was
        self._rated = False  # whether it had rates
        self._shortage = Shortage(thresholds, self._judge, longest_hold)
        self._storage, self._oom_kills = Storage(self._judge), OomKills()
        self._hanging = Hanging(min(SETTLE, longest_hold))
        self._news: list[News] = []
        self._conspicuous = Conspicuous()
        self.current: list[Alert] = []
        """What is wrong now, the worst first."""
        self.state: State = state_of([], [], None)
        """What that comes to, in a sentence and as data; every update makes a new one."""

    @property
    def hanging(self) -> Mapping[str, float]:
        """The processes that do not get on at the newest sample, by identity: since when, in Unix seconds.

        Each is here from its first such sample on, and an alert after `SETTLE`. Every update makes a new mapping.
        """
        return self._hanging.since

    @property
    def wanted(self) -> frozenset[str]:
        """The fields that are read on demand and that are needed now to say who causes what."""
        # Whoever is named is named by its notebook, if it has one.
        return self._shortage.wanted | {"notebook"} if self._watched else self._shortage.wanted

    def register(self, callback: Callable[[Alert], object]) -> None:
        """Call `callback(alert)` when an alert begins, changes its level or ends."""
        self._callbacks.append(callback)

    def unregister(self, callback: Callable[[Alert], object]) -> None:
        """Call it no more."""
        if callback in self._callbacks:
            self._callbacks.remove(callback)

    def update(self, sample: Sample, planned: float = 0.0, averages: Averages | None = None) -> list[Alert]:
        """Take the next sample; return the alerts of now, the worst first.

        Args:
            sample: the next one.
            planned: after how many seconds it was to come, where that is known.
            averages: returns what the system itself has measured of the last minute; called where nobody looked then.
        """
        now, interval = sample["monotonic"], sample["interval"] or 0.0
        # After a stretch without readings nothing is known of what happened in it.
        usual, self._interval = max(planned, min(interval, self._interval or interval)), interval
        grace = _GRACE * usual
        gap = self._last is None or now - self._last > grace > 0
        # What is there at the first reading with rates began before anybody looked.
        first = gap or not self._rated
        ended = self._forget(now - grace)
        alerts: list[Alert] = []
        news: list[News] = []
        lasting = averages() if averages is not None and first and interval else None
        for finding in self._findings(sample, grace, gap=gap, first=first, before=lasting):
            kind, identity, level, value, what, process, uses, more, hold, short_of, cause, timed, since, at_least = (
                finding
            )
            watch = self._watched.get((kind, identity))
            if watch is None or (since is not None and since[0] > watch.seen):
                if watch and watch.alert:
                    ended.append({**watch.alert, "state": "ended"})
                watch = self._watched[kind, identity] = _Watch(now, sample["time"], at_least=first)
            watch.seen = now
            if since is not None:
                (watch.began, watch.since), watch.at_least = since, at_least
            seconds = now - watch.began
            if seconds < min(self._hold(kind, hold), self._longest_hold):
                continue
            who = ""
            if uses:
                process, cause, text = watch.blame.update(uses, interval)
                who = f": {text}"
            for_so_long = f" {for_text(seconds, at_least=watch.at_least)}" if timed else ""
            text = f"{what}{for_so_long}{who}{more}"
            before = watch.alert
            if level == "normal":
                if before:
                    ended.append({**before, "state": "ended"})
                    watch.alert = None
                news.append(News(kind, text, value, process, seconds, watch.at_least))
                continue
            watch.alert = {
                "kind": kind,
                "about": identity,
                "level": level,
                "value": value,
                "since": watch.since,
                "seconds": seconds,
                "process": _culprit(process) if process else None,
                "cause": cause,
                "short_of": short_of or None,
                "text": text,
                "state": "began" if before is None else "on" if before["level"] == level else "changed",
            }
            alerts.append(watch.alert)
        alerts.sort(key=lambda alert: (_RANK[alert["level"]], alert["kind"] not in _HOST, alert["since"]))
        self.current, self._last, self._rated = alerts, now, sample["interval"] is not None
        self._news = news
        self.state = self.state_without(alerts, sample)
        self._call([*ended, *alerts])
        return alerts

    def state_without(self, alerts: list[Alert], sample: Sample) -> State:
        """Return the state of a sample if of its alerts only these were there: the others are expected."""
        return state_of(alerts, self._news, sample, waits=self._shortage.cpu.high)

    def _hold(self, kind: str, usual: float) -> float:
        """Return for how many seconds something must be so until it counts."""
        hold = self.thresholds.hold_of(kind)
        if hold is None:
            return usual
        return hold if kind.startswith("process_") else max(usual, hold)

    def _call(self, alerts: list[Alert]) -> None:
        for alert in alerts if self._callbacks else ():
            if alert["state"] != "on":
                for callback in tuple(self._callbacks):
                    try:
                        callback(alert)
                    except BaseException:  # somebody else's code must not cost the others their figures
                        _log.exception("A callback for procwidget's alerts failed")

    def _forget(self, before: float) -> list[Alert]:
        """Stop following what was last seen `before` that time; return the alerts that ended so."""
        over = {key: watch for key, watch in self._watched.items() if watch.seen <= before}
        for key in over:
            del self._watched[key]
        return [{**watch.alert, "state": "ended"} for watch in over.values() if watch.alert is not None]

    def _judge(self, kind: str, identity: str, value: float | None, bounds: tuple[float, float]) -> Level:
        """Return the level of a figure; one that is on ends a little below where it began."""
        watch = self._watched.get((kind, identity))
        on = watch.alert if watch and watch.seen == self._last else None
        return level_of(value, bounds, on["level"] if on else "normal")

    def _findings(
        self, sample: Sample, grace: float, *, gap: bool, first: bool, before: PressureAverages | None
    ) -> Iterator[Finding]:
        yield from self._shortage.findings(sample, grace, gap=gap, before=before)
        yield from self._oom_kills.findings(sample, gap=gap)
        yield from self._storage.findings(sample)
        limits = self.thresholds
        cpus, memory = usable(sample)
        # Percent of one core, or MiB, from which on a process is an alert.
        all_cpus, total = cpus or 1.0, (memory or math.inf) / _MIB
        chosen = self._chosen
        alarming = limits.process_cpu[0] * all_cpus if "process_cpu" in chosen else math.inf
        greedy, large = min(_GREEDY, alarming), math.inf
        if "process_memory" in chosen:
            large = limits.process_memory[0] / 100 * total
        rows = sample["processes"]
        conspicuous = self._conspicuous.update(rows, greedy)
        if large < math.inf:
            seen = {row["identity"] for row in conspicuous}
            conspicuous += [r for r in rows if (r["memory"] or 0.0) >= large and r["identity"] not in seen]
        for row in conspicuous:
            cpu, resident = row["cpu"], row["memory"]
            if cpu is not None and cpu >= greedy:
                share = cpu / all_cpus
                level = limits.level("process_cpu", share) if cpu >= alarming else "normal"
                what = f"{process_text(row)} uses {percent_text(share)} of the CPU"
                yield Finding("process_cpu", row["identity"], level, cpu, what, row, hold=SETTLE, cause=of_process(row))
            if resident is not None and resident >= large:
                share = resident / total * 100
                level = limits.level("process_memory", share)
                what = f"{process_text(row)} holds {percent_text(share)} of memory"
                cause = of_process(row, share)
                yield Finding("process_memory", row["identity"], level, share, what, row, hold=SETTLE, cause=cause)
        hanging = [row for row in conspicuous if row["status"] in HANGING]
        yield from self._hanging.findings(sample, hanging, sample["monotonic"] - grace, first=first)
