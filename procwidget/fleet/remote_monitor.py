"""A monitor of another host, like any other: `history`, `.at`, `.between`, `Dashboard(monitor=…)`.

It asks the host's agent for one message after another, each when the one before was taken; so nothing is sent to who
does not look any more, and the messages of a host that hangs do not pile up. A host that is silent is an error of the
source at each interval, in a sentence; when it is back, its next figures are shown at once.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from procwidget import forking
from procwidget.errors import HostSilent, ProcwidgetError
from procwidget.fleet.checked import Lie
from procwidget.fleet.hosts import Hosts
from procwidget.fleet.known_host import Host
from procwidget.fleet.wire import Receiver
from procwidget.monitor import Monitor
from procwidget.sample import Sample
from procwidget.units import duration_text

if TYPE_CHECKING:
    from procwidget.fleet.remote_host import RemoteHost

_FIRST_PATIENCE = 3.0
_PAST_PATIENCE = 1.0
_AFTER_A_FAILURE = 1.0
_MISSED = 5.0
"""Intervals without a sample after which the host is asked for what it remembers of them."""


class RemoteSource:
    """The samples of another host, as they come.

    Args:
        hosts: what asks the host's agent.
        host: which host.
    """

    name = "fleet"

    def __init__(self, hosts: Hosts, host: Host) -> None:
        self._hosts, self._host = hosts, host
        self.top = 15
        self.wanted: frozenset[str] = frozenset()
        self.in_sight: frozenset[str] = frozenset()
        self.on_news: Callable[[], object] = lambda: None
        """Called when there is another sample to read."""
        self.on_first: Callable[[Sample], object] = lambda _sample: None
        """Called with the first sample, also the first after a while without any, before it is read."""
        self._newest = -math.inf  # the moment of the sample that was read last
        self._receiver = Receiver()
        self._make_locks()
        self._fresh: Sample | None = None
        self._pending: Future[Any] | None = None
        self._asked = self._heard = 0.0
        self._problem = ""
        forking.register(self)

    def _make_locks(self) -> None:
        self._lock = threading.Lock()
        self._came = threading.Condition(self._lock)

    def after_fork(self) -> None:
        """In a forked child: wait for no answer to the parent."""
        self._make_locks()
        self._pending = None

    @property
    def notes(self) -> list[str]:
        """What a reader of the newest sample should know, a sentence each."""
        row = self._host.row
        return [note for note in (self._host.note, row["note"] if row else "") if note]

    def read(self) -> Sample:
        """Return the newest sample that was not read yet; waits a while for the first.

        Raises:
            HostSilent: none came; the message says since when, or why.
        """
        self._ask()
        patience = _FIRST_PATIENCE if not self._heard else 0.5 * self._hosts.interval
        with self._came:
            self._came.wait_for(lambda: self._fresh is not None, patience)
            sample, self._fresh = self._fresh, None
        if sample is None:
            raise HostSilent(self._why())
        missing, self._newest = sample["monotonic"] - self._newest, sample["monotonic"]
        if missing > _MISSED * (sample["interval"] or self._hosts.interval):
            self.on_first(sample)
        # The next one, while this one is shown.
        self._ask()
        return sample

    def past(self, after: float, before: float) -> list[Sample]:
        """Return what the host remembers between two moments on its clock; none if it does not say soon."""
        try:
            messages = self._hosts.send(self._host, "past").result(_PAST_PATIENCE)
            receiver, top = Receiver(), self.top
            samples = [receiver.take(message, top) for message in messages or ()]
        except Exception:  # without it the charts begin now
            return []
        return [sample for sample in samples if after < sample["monotonic"] < before]

    def close(self) -> None:
        """Let go of what was received."""
        self._receiver = Receiver()

    def _why(self) -> str:
        name, now = self._host.name, time.monotonic()
        if self._hosts.trouble:
            return self._hosts.trouble
        if not self._heard:
            return self._problem or f"Waiting for the first figures of {name} …"
        silence = now - self._heard
        return self._problem or f"{name} was not heard for {duration_text(silence)}."

    def _ask(self) -> None:
        """Ask for the next message, unless one is still to come or the last attempt failed just now."""
        with self._lock:
            waits = self._pending is not None and not self._pending.done()
            if waits or time.monotonic() - self._asked < (_AFTER_A_FAILURE if self._problem else 0.0):
                return
            self._asked = time.monotonic()
            since, fresh = self._receiver.number, self._fresh
            if fresh is not None:
                return
            future = self._pending = self._hosts.send(
                self._host,
                "table",
                since=since,
                interval=self._hosts.interval,
                wanted=sorted(self.wanted),
                in_sight=sorted(self.in_sight)[:2000],
            )
        future.add_done_callback(self._take)

    def _take(self, future: Future[Any]) -> None:
        """Take a message; in the carrier's thread."""
        problem = ""
        with self._came:
            try:
                message = future.result()
                if message is not None:
                    self._fresh = self._receiver.take(message, self.top)
                    self._heard = time.monotonic()
                    self._came.notify_all()
            except Lie as error:
                self._hosts.note_lie(self._host.name, error)
                problem = f"{self._host.name} says something that is no reading."
            except ProcwidgetError as error:
                problem = str(error)
            except Exception as error:
                problem = f"The connection to {self._host.name} was lost ({type(error).__name__})."
            self._problem = problem
        if not problem:
            self.on_news()


class RemoteMonitor(Monitor):
    """A monitor of another host.

    Args:
        hosts: what asks its agent.
        host: which host.
    """

    def __init__(self, hosts: Hosts, host: Host) -> None:
        self._hosts, self._remote = hosts, RemoteSource(hosts, host)
        super().__init__(self._remote, hosts.interval)
        self._remote.on_news, self._remote.on_first = self.hurry, self._remember
        self.host: RemoteHost
        """What acts on that host; a dashboard of this monitor does it through this."""

    @property
    def interval(self) -> float:
        """Seconds from tick to tick, on all hosts of the fleet; may be set while it runs."""
        return self._hosts.interval

    @interval.setter
    def interval(self, seconds: float) -> None:
        self._hosts.interval = seconds
        self._interval = self._hosts.interval

    def _tick(self) -> bool | None:
        self._interval = self._hosts.interval
        return super()._tick()

    def _remember(self, sample: Sample) -> None:
        """Put what the host remembers before a sample here, and judge it: what lasts is said as its row says it."""
        known = self.last["monotonic"] if self.last else -math.inf
        for earlier in self._remote.past(known, sample["monotonic"]):
            self.history.append(earlier)
            self._judgement.judge(earlier, self.actual_interval, self.want)

    def _next(self, due: float, rated: bool | None, failures: int) -> float:
        # News come of their own accord; after a while without any it is said since when.
        return time.monotonic() + (min(1.0, self._interval) if failures else 3 * self._interval)
