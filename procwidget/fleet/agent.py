"""Reads one host of a cluster for all who look at it, and acts there for them; one a process, whatever carries it.

It rests until somebody asks for rows or a table, and again when nobody has asked for `LEASE`. Then it reads at
multiples of the interval by the wall clock, as the agents of all other hosts do: their figures are of the same moment,
and arrive together. Whoever looks at the host asks for one message after another (`wait`, `table`).

Requests come from any thread. Answers are plain values for JSON, or an error of `procwidget.errors`.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import platform
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from procwidget import forking
from procwidget.actions.service import PATIENCE, SignalService
from procwidget.errors import ActionRefused, InvalidArgument, SourceUnavailable, number_between
from procwidget.fleet.row import packed, packed_problem, row_of
from procwidget.fleet.wire import Sender
from procwidget.identity import boot_id, pid_namespace
from procwidget.monitor import Monitor
from procwidget.process_details import ProcessDetails
from procwidget.query import parse
from procwidget.sample import Sample
from procwidget.sources.base import Source
from procwidget.thresholds import Thresholds

LEASE = 300.0
"""Seconds for which rows are published after somebody asked for them; whoever goes on looking asks again before.

Each time costs a request, and a hundred hosts cost a hundred: who looks away says so, so it need not be short."""

TABLE_LEASE = 10.0
"""The same in seconds for tables, over a few intervals."""

SHORTEST_INTERVAL, LONGEST_INTERVAL = 0.5, 60.0
MOST_FOUND = 500
"""Processes that one search returns of a host at most."""

_MOST_PAST = 150
_MOST_LEASES = 1000
_MAY_KILL = "PROCWIDGET_ALLOW_KILL"
_NO = ("0", "no", "false", "off")
_log = logging.getLogger("procwidget")

Publish = Callable[[dict[str, Any]], object]


def host_key() -> str:
    """Return what names the host of this process and no other: its boot, and the namespace of its pids.

    The containers of one machine share the boot, and each has pids of its own. The number of a namespace that is gone
    is soon another's, so when its first process started is a part of the name.
    """
    return f"{boot_id() or platform.node()}/{pid_namespace() or 0}/{_first_started()}"


def _first_started() -> str:
    """Return when pid 1 started, in ticks since boot (proc(5)); "" where that cannot be read."""
    try:
        with open("/proc/1/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[19].decode("ascii")
    except (OSError, IndexError, UnicodeDecodeError):
        return ""


def signed(message: bytes, number: int, secret: bytes) -> bytes:
    """Return what shows that the row of this number is of the host that told its secret."""
    return hashlib.blake2b(number.to_bytes(8, "little") + message, key=secret, digest_size=8).digest()


class AlignedMonitor(Monitor):
    """A monitor that ticks at multiples of its interval by the wall clock."""

    def _next(self, due: float, rated: bool | None, failures: int) -> float:
        if rated is False:
            return super()._next(due, rated, failures)
        # Also where it failed: whoever looks is told at each tick.
        interval, now = self.actual_interval, time.time()
        wait = interval - now % interval
        # A timer may fire some milliseconds before its time.
        return time.monotonic() + (wait if wait > interval / 10 else wait + interval)


class Agent:
    """One host's agent.

    Args:
        publish: called in the poller's thread with the message of each row.
        source: what to read; `None` is the best for this system.
        may_kill: whether this host lets anybody end processes; `None` asks `$PROCWIDGET_ALLOW_KILL`.
        note: what is to be known of this agent, in a sentence.
    """

    def __init__(
        self, publish: Publish, *, source: Source | None = None, may_kill: bool | None = None, note: str = ""
    ) -> None:
        self._publish = publish
        self.monitor = AlignedMonitor(source)
        # Those that the monitor itself goes by.
        self._alerts = self.monitor.follow(Thresholds())
        self.key, self.note = host_key(), note
        self.may_kill = os.environ.get(_MAY_KILL, "1").lower() not in _NO if may_kill is None else may_kill
        self._token, self._secret = secrets.token_hex(4), secrets.token_bytes(16)
        self._number = 0
        self._failing = False
        self._lock = threading.Lock()
        self._leases: dict[str, tuple[float, float]] = {}  # who looks: until when, at which interval
        self._lookers: dict[str, float] = {}  # who looks at the table: until when
        self._wants: dict[str, _Wish] = {}
        self._waiting: list[Callable[[], object]] = []
        self._sender = Sender()
        self._unwatch: Callable[[], None] | None = None
        self._cluster: dict[str, frozenset[int]] = {}
        self.own_cluster: Callable[[], Iterable[int]] = lambda: ()
        """Returns the pids of the cluster's processes that this process knows of itself."""
        self._services: dict[str, SignalService] = {}
        self._details: dict[bool, ProcessDetails] = {}
        forking.register(self)

    def after_fork(self) -> None:
        """In a forked child: nobody there publishes or looks."""
        self._lock = threading.Lock()
        self._leases, self._lookers, self._waiting = {}, {}, []

    # What is told.

    def hello(self) -> dict[str, Any]:
        """Return who this is."""
        return {
            "key": self.key,
            "name": platform.node(),
            "token": self._token,
            "secret": self._secret.hex(),
            "kills": self.may_kill,
            "note": self.note,
            "pids": sorted({os.getpid(), *self.own_cluster()}),
        }

    def lease(self, who: str, interval: object, pids: object) -> dict[str, Any]:
        """Publish rows for `LEASE` seconds, on behalf of `who`.

        Args:
            who: a name that whoever looks made for itself.
            interval: seconds from row to row; of several who look, the least counts.
            pids: of the cluster's processes on this host.
        """
        seconds = number_between("The interval", interval, SHORTEST_INTERVAL, LONGEST_INTERVAL)
        self.protect(who, pids)
        with self._lock:
            self._lease(who, LEASE, seconds)
        self._read_on()
        return {"until": LEASE}

    def protect(self, who: str, pids: object) -> None:
        """Note which processes here are the cluster's: they are never signalled."""
        known = _pids(pids)
        with self._lock:
            self._cluster[who] = known

    def rest(self, who: str) -> dict[str, Any]:
        """Publish nothing for `who` any more."""
        with self._lock:
            for of in (self._leases, self._lookers, self._wants, self._cluster):
                of.pop(who, None)
            service = self._services.pop(who, None)
        if service is not None:
            service.close()
        self._rest_if_alone()
        return {}

    def look(self, who: str, interval: object, wanted: Sequence[str], in_sight: Sequence[str]) -> None:
        """Keep the table for `who`, until `TABLE_LEASE` or three intervals after the last such call."""
        seconds = number_between("The interval", interval, SHORTEST_INTERVAL, LONGEST_INTERVAL)
        with self._lock:
            lasts = max(TABLE_LEASE, 3 * seconds)
            self._lookers[who] = time.monotonic() + lasts
            # Who looks at the table may have nobody who looks at the rows.
            if who not in self._leases:
                self._lease(who, lasts, seconds)
            wish = self._wants.setdefault(who, _Wish())
        self.monitor.want(wish, wanted, in_sight)
        self._read_on()

    def has_news(self, since: int) -> bool:
        """Return whether there is another sample than that of this number."""
        return self._sender.number not in (0, since)

    def call_at_news(self, callback: Callable[[], object]) -> None:
        """Call `callback` once, after the next reading, in the poller's thread."""
        with self._lock:
            self._waiting.append(callback)

    def table(self, since: int) -> bytes | None:
        """Return what leads to the newest sample for who has the one of number `since`; `None` before the first."""
        with self._lock:
            return self._sender.message(since) if self._sender.number else None

    def past(self) -> list[bytes]:
        """Return the samples that are remembered as messages, one leading to the next, oldest first."""
        sender, messages = Sender(), []
        for sample in self.monitor.history[-_MOST_PAST:]:
            sender.take(sample)
            messages.append(sender.message(sender.number - 1))
        return messages

    def find(self, query: str, most: int, sort: str) -> dict[str, Any]:
        """Return the processes of the newest sample that a search finds, the largest first, and how many there are.

        Raises:
            InvalidArgument: the search has a mistake.
            SourceUnavailable: this host cannot be read just now.
        """
        wanted, sample = parse(query), self.monitor.last
        if wanted.lookups:
            raise InvalidArgument("Ports and files are looked for in the dashboard of one host, not on all hosts.")
        if self.monitor.problem:
            raise SourceUnavailable(self.monitor.problem)
        if sample is None:
            return {"rows": [], "found": 0}
        rows = [row for row in sample["processes"] if wanted.matches(row, sample["time"])]
        key = sort if sort in ("cpu", "memory", "cpu_time") else "cpu"
        largest = sorted(rows, key=lambda row: -(row[key] or 0.0))[: min(most, MOST_FOUND)]  # type: ignore[literal-required]
        return {"rows": largest, "found": len(rows)}

    # What is done.

    def service(self, who: str) -> SignalService:
        """Return what signals processes here for `who`; only of the user who runs this, and never the cluster's own."""
        with self._lock:
            if who not in self._cluster:
                raise ActionRefused("Which processes are the cluster's is not known yet: ask again in a moment.")
            service = self._services.get(who)
            if service is None:
                service = self._services[who] = self._make_service(lambda: self.monitor.last, PATIENCE)
        return service

    def _make_service(self, latest: Callable[[], Sample | None], patience: float) -> SignalService:
        return SignalService(
            latest,
            allowed=self.may_kill,
            other_users=False,
            patience=patience,
            told=lambda outcomes: self.monitor.event_log.note_outcomes(outcomes, time.time()),
            cluster=self._cluster_pids,
        )

    def _cluster_pids(self) -> frozenset[int]:
        with self._lock:
            told = frozenset[int]().union(*self._cluster.values())
        return told | frozenset(self.own_cluster())

    def signal(self, who: str, identities: list[str], signal: str, by: str) -> list[dict[str, Any]]:
        """Signal processes at once, for Python code; see `SignalService.signal`."""
        return self.service(who).signal(identities, signal, by)

    def process_details(self, *, reveal: bool) -> ProcessDetails:
        """Return what looks into processes here."""
        with self._lock:
            if reveal not in self._details:
                history = self.monitor.history
                self._details[reveal] = ProcessDetails(lambda: self.monitor.last, history, reveal=reveal)
            return self._details[reveal]

    # How it goes on.

    def close(self) -> None:
        """Read no more."""
        with self._lock:
            self._leases.clear()
            self._lookers.clear()
            services, self._services = list(self._services.values()), {}
        for service in services:
            service.close()
        self._rest_if_alone()
        self.monitor.close()

    def require(self, key: object) -> None:
        """Refuse what is meant for another host: an address of a cluster may be used again by another.

        Raises:
            ActionRefused: it is.
        """
        if key != self.key:
            raise ActionRefused("Another host answers at this address now: look at the list of hosts again.")

    def _lease(self, who: str, lasts: float, seconds: float) -> None:
        if len(self._leases) >= _MOST_LEASES and who not in self._leases:
            del self._leases[next(iter(self._leases))]
        self._leases[who] = time.monotonic() + lasts, seconds

    def _read_on(self) -> None:
        with self._lock:
            interval = min((seconds for _, seconds in self._leases.values()), default=self.monitor.interval)
            starts, begun = self._unwatch is None, self._unwatch
            if starts:
                # Before it is known, so that two who come at once start one.
                self._unwatch = begun = lambda: None
        if interval != self.monitor.interval:
            self.monitor.interval = interval
        if starts:
            unwatch = self.monitor.watch(self._take, self._tell)
            with self._lock:
                if self._unwatch is begun:
                    self._unwatch = unwatch

    def _take(self, sample: Sample) -> None:
        """Publish a sample's row; in the poller's thread."""
        with self._lock:
            self._sender.take(sample)
            waiting, self._waiting = self._waiting, []
        try:
            if self._is_looked_at() and sample["interval"] is not None:
                self._send(packed(row_of(sample, self._alerts.state, self.monitor.source.notes)))
            self._failing = False
        except Exception as error:
            if not self._failing:
                _log.exception("A row of a fleet could not be made or sent; the next one may be")
            self._failing = True
            self._send(packed_problem(f"Its figures cannot be told ({type(error).__name__}: {error})."))
        finally:
            for callback in waiting:
                # One of those who waited may be gone.
                with contextlib.suppress(Exception):
                    callback()
            self._rest_if_alone()

    def _tell(self, problem: str) -> None:
        """Publish why there is no sample; in the poller's thread."""
        if self._is_looked_at():
            self._send(packed_problem(problem))
        self._rest_if_alone()

    def _is_looked_at(self) -> bool:
        """Forget who looks no more, and return whether anybody does."""
        now = time.monotonic()
        with self._lock:
            self._leases = {who: lease for who, lease in self._leases.items() if lease[0] > now}
            self._lookers = {who: until for who, until in self._lookers.items() if until > now}
            left = [who for who in self._wants if who not in self._lookers]
            wishes = [self._wants.pop(who) for who in left]
            looked_at = bool(self._leases)
        for wish in wishes:
            self.monitor.want(wish, ())
        return looked_at

    def _send(self, row: bytes) -> None:
        self._number += 1
        signature = signed(row, self._number, self._secret)
        self._publish({"from": self._token, "number": self._number, "row": row, "sign": signature})

    def _rest_if_alone(self) -> None:
        with self._lock:
            unwatch = None
            if not self._leases:
                unwatch, self._unwatch = self._unwatch, None
        if unwatch is not None:
            unwatch()


class _Wish:
    """Stands for who looks at a table, where it is said what is read on demand."""


def _pids(value: object) -> frozenset[int]:
    if not isinstance(value, list) or not all(isinstance(pid, int) and 0 < pid < 2**31 for pid in value):
        raise InvalidArgument("The pids must be a list of whole numbers.")
    return frozenset(value)
