"""The poller: reads a source at regular times and gives each sample to the history and to every watcher.

One daemon thread a monitor, started by the first watcher (or `start`), ended with the last (or `stop`). Watchers are
called in that thread, one after another. Times are of the monotonic clock: after a stall the missed ticks are left
out, not made up.
"""

from __future__ import annotations

import logging
import os
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Self

from procwidget import forking, threads
from procwidget.errors import HostSilent, InvalidArgument, SourceUnavailable, number_between
from procwidget.fields import HOST_ON_DEMAND, ON_DEMAND
from procwidget.history import History
from procwidget.sample import Sample, without_nan
from procwidget.sources import default_source
from procwidget.sources.base import Source, averages_of
from procwidget.state.judged import Judged
from procwidget.state.judgement import Judgement
from procwidget.thresholds import Thresholds
from procwidget.watchers import Teller, Watcher, Watchers

if TYPE_CHECKING:
    from procwidget.recording.recorder import Recorder
    from procwidget.recording.recording import Recording

SHORTEST_INTERVAL, LONGEST_INTERVAL = 0.1, 3600.0
FIRST_RATES_AFTER = 0.25
"""Seconds from a first reading, which has no rates, to the second."""

_LONGEST_BACKOFF = 30.0
_log = logging.getLogger("procwidget")


class Monitor(Judged):
    """Reads a source every `interval` seconds and keeps the samples.

    Works in a plain script: `monitor = Monitor(); monitor.start()`, then `monitor.history[-1]`. In a `with` it starts
    at once and is closed at the end.

    Args:
        source: what to read; `None` is the best source for this system.
        interval: seconds from tick to tick, 0.1 to 3600.
        keep: seconds of history.
        webhook: an address to which each alert is posted as JSON, when it begins, changes its level or ends.
        thresholds: from which values on there is an alert for the webhook; `Thresholds` or a dict of some of them.
        record: `True`, or a folder: have every reading recorded there, whether anybody watches or not, from now until
            `stop_recording`; see `procwidget.recording`.

    Raises:
        InvalidArgument: an argument is out of range, or there can be no recording in that folder.
        SourceUnavailable: nothing can be written there.
    """

    replays = False
    """Whether it shows a recording: a reading was judged, and its events were noted, when it was made."""

    def __init__(
        self,
        source: Source | None = None,
        interval: float = 2.0,
        *,
        keep: float = 600.0,
        webhook: str | None = None,
        thresholds: Thresholds | Mapping[str, Any] | None = None,
        record: bool | str | os.PathLike[str] | None = None,
    ) -> None:
        self._interval = number_between("interval", interval, SHORTEST_INTERVAL, LONGEST_INTERVAL)
        self.history = History(keep)
        self._fails_to_judge = False
        self._judgement = Judgement(Thresholds.of(thresholds), lambda: self.last, webhook)
        self.source = source if source is not None else default_source()
        self._source_is_own = source is None
        self.last: Sample | None = None
        """The newest sample, shared by all who look: read it, do not change it. Copies come from `history`."""
        self.problem: str | None = None
        """Why the last tick gave no sample, in a sentence; `None` when it did."""
        self.tick_seconds = 0.0
        """CPU seconds that a tick takes, source and watchers together, smoothed."""
        self.lateness = 0.0
        """Seconds by which the last tick came after its time."""
        self.ticked = 0.0
        """When the last tick began, on the monotonic clock; a source's own clock may be another."""
        self._watchers = Watchers()
        self._wanted: weakref.WeakKeyDictionary[object, tuple[frozenset[str], frozenset[str]]]
        self._wanted = weakref.WeakKeyDictionary()
        self._held = False
        self._hurried = False
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._leaving: threading.Thread | None = None  # one that was told to end and has not yet
        self._forked = False
        self._closed = False
        forking.register(self)
        self.recorder: Recorder | None = None
        """What records it, `None` for nothing."""
        if record not in (None, False):
            self.record(None if record is True else record)  # type: ignore[arg-type]

    def after_fork(self) -> None:
        """In a forked child: nothing polls, and nobody watches, for all who did are the parent's."""
        self._lock, self._wake = threading.Lock(), threading.Event()
        self._thread = self._leaving = None
        self._watchers, self._held = Watchers(), False
        self._judgement.after_fork()
        self._wanted.clear()
        self._forked = True

    @property
    def interval(self) -> float:
        """Seconds from tick to tick, as asked for; may be set while it runs."""
        return self._interval

    @interval.setter
    def interval(self, seconds: float) -> None:
        self._interval = number_between("interval", seconds, SHORTEST_INTERVAL, LONGEST_INTERVAL)
        self._wake.set()

    @property
    def actual_interval(self) -> float:
        """Seconds from tick to tick as kept: longer than `interval` when a tick takes over half of it."""
        return max(self._interval, 2 * self.tick_seconds)

    @property
    def running(self) -> bool:
        """Whether the poller thread runs."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def samples(self) -> History | Recording:
        """All that can be looked back at, as a sequence of plain dicts, oldest first."""
        return self.history

    def hosts(self, seconds: float) -> list[dict[str, Any]]:
        """Return the samples of the last `seconds` without their processes, oldest first."""
        return self.history.hosts(seconds)

    def start(self) -> None:
        """Poll until `stop`, also when nobody watches; does nothing if it polls already.

        Raises:
            SourceUnavailable: no thread can be started.
        """
        with self._lock:
            self._held = True
            self._ensure_thread()

    def stop(self) -> None:
        """End the poller thread, for all watchers too, until `start` or the next watcher; the history stays."""
        with self._lock:
            self._held = False
            thread = self._end_thread()
        _join(thread)

    def record(self, folder: str | os.PathLike[str] | None = None) -> Recorder:
        """Have every reading recorded from now on, in a folder or the usual one; return what does it.

        Raises:
            InvalidArgument: it is recorded already, or there can be no recording in that folder.
            SourceUnavailable: nothing can be written there.
        """
        if self.recorder is not None:
            raise InvalidArgument(f"This monitor is recorded in {self.recorder.folder} already.")
        # SQLite is for those who record.
        from procwidget.recording.recorder import Recorder

        self.recorder = Recorder(self, folder)
        return self.recorder

    def stop_recording(self) -> None:
        """Record no more; what was read is on the disk afterwards."""
        if self.recorder is not None:
            self.recorder.close()
            self.recorder = None

    def close(self) -> None:
        """End the poller thread for good and give back what the source holds, unless it is yours; the history stays."""
        self.stop_recording()
        self.stop()
        with self._lock:
            closed, self._closed = self._closed, True
            reads = self._leaving is not None and self._leaving.is_alive()
        # A reading that does not come back keeps what it reads with.
        if self._source_is_own and not closed and not reads:
            self.source.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def watch(self, watcher: Watcher, teller: Teller | None = None) -> Callable[[], None]:
        """Call `watcher(sample)` after each tick, in the poller's thread; returns a function that ends that.

        `teller(sentence)` is called instead when a tick gave no sample. An exception in either is logged and stops
        neither the poller nor the other watchers.

        Raises:
            SourceUnavailable: no thread can be started.
        """
        entry = (watcher, teller)
        with self._lock:
            self._watchers.add(entry)
            try:
                self._ensure_thread()
            except SourceUnavailable:
                self._watchers.remove(entry)
                raise

        def unwatch() -> None:
            thread = None
            with self._lock:
                self._watchers.remove(entry)
                if not self._watchers and not self._held:
                    thread = self._end_thread()
            _join(thread)

        return unwatch

    def want(self, who: object, keys: Iterable[str], in_sight: Iterable[str] = ()) -> None:
        """Have what is read on demand in the samples from the next tick on, for as long as `who` wants it.

        Args:
            who: whoever asks, such as a dashboard; a later call replaces what it wanted before.
            keys: of `fields.ON_DEMAND` and `fields.HOST_ON_DEMAND`; others are ignored.
            in_sight: the identities of the processes that it shows, for what is read of a few only; none for all.
        """
        wanted = frozenset(keys).intersection((*ON_DEMAND, *HOST_ON_DEMAND))
        with self._lock:
            if wanted:
                self._wanted[who] = wanted, frozenset(in_sight)
            else:
                self._wanted.pop(who, None)
            self.source.wanted = frozenset[str]().union(*(keys for keys, _ in self._wanted.values()))
            self.source.in_sight = frozenset[str]().union(*(shown for _, shown in self._wanted.values()))

    def _ensure_thread(self) -> None:
        if self._closed:
            raise SourceUnavailable("This monitor is closed: make another one.")
        if self._thread is not None and self._thread.is_alive():
            return
        if self._leaving is not None and self._leaving.is_alive():
            # It is at a reading, perhaps a stuck one: it stays after all, for two must never read at once.
            self._thread, self._leaving = self._leaving, None
            return
        if self._forked and self._source_is_own:
            # The fork may have cut off a reading; and what the source holds open is the parent's.
            before, self.source = self.source, default_source(self.source.top)
            before.close()
        self._forked = False
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="procwidget-poller", daemon=True)
        try:
            threads.start(self._thread)
        except threads.NoThread:
            self._thread = None
            raise

    def _end_thread(self) -> threading.Thread | None:
        thread, self._thread = self._thread, None
        self._leaving = thread or self._leaving
        self._wake.set()
        return thread

    def _may_leave(self, me: threading.Thread) -> bool:
        """Return whether the poller thread is to end; if so it cannot be asked to stay any more."""
        with self._lock:
            if self._thread is me:
                return False
            if self._leaving is me:
                self._leaving = None
            return True

    def _run(self) -> None:
        me, wake = threading.current_thread(), self._wake
        failures = 0
        due = time.monotonic()
        while not self._may_leave(me):
            self.ticked = ticked = time.monotonic()
            self.lateness = max(0.0, ticked - due)
            rated = self._tick()
            failures = 0 if rated is not None else failures + 1
            due = self._next(due, rated, failures)
            now = time.monotonic()
            while wake.wait(due - now) and self._thread is me:
                wake.clear()
                now = time.monotonic()
                if self._hurried:
                    due, self._hurried = now, False
                    break
                # Counted from the last tick: choosing intervals, however often, must not add ticks.
                due = max(ticked + self.actual_interval, now)

    def _next(self, due: float, rated: bool | None, failures: int) -> float:
        """Return when the next tick is due, after the one that was at `due`.

        Args:
            due: on the monotonic clock.
            rated: what `_tick` said.
            failures: how many ticks gave no sample since the last that did.
        """
        if failures:
            pause = min(self._interval * 2 ** min(failures, 10), max(_LONGEST_BACKOFF, self._interval))
        else:
            pause = self.actual_interval if rated else min(FIRST_RATES_AFTER, self._interval)
        now = time.monotonic()
        due += pause
        return due if due > now else now + pause - (now - due) % pause

    def hurry(self) -> None:
        """Take the next reading at once, as where a source has news of its own accord; any thread may call."""
        self._hurried = True
        self._wake.set()

    def _tick(self) -> bool | None:
        """Take one reading; return whether its rates are fresh, or `None` if there was none."""
        began = time.thread_time()
        sample: Sample | None
        try:
            sample = without_nan(self.source.read(), self.last)
            since = sample["interval"]
            rated = since is not None and since < 3 * max(self.actual_interval, 1.0)
            self._keep(sample)
            self.problem, self.last = None, sample
        except Exception as error:  # the poller outlives whatever a source raises
            if isinstance(error, HostSilent):
                self.problem = str(error)
            else:
                if self.problem is None:
                    _log.warning("procwidget could not read this host; it tries again", exc_info=True)
                self.problem = f"This host could not be read: {error}"
            sample = None
        if sample is not None:
            self._judge(sample)
        self._watchers.tell(sample, self.problem or "")
        if sample is None:
            return None
        self.tick_seconds += (time.thread_time() - began - self.tick_seconds) * 0.2
        return rated

    def _judge(self, sample: Sample) -> None:
        """Say what a sample means; where that fails its figures are shown all the same."""
        try:
            self._judgement.judge(sample, self.actual_interval, self.want, averages_of(self.source))
            self._judgement.note(sample, self.actual_interval)
            self._fails_to_judge = False
        except Exception:
            if not self._fails_to_judge:
                _log.error("procwidget could not say what is wrong with this host", exc_info=True)
            self._fails_to_judge = True

    def _keep(self, sample: Sample) -> None:
        """Add a sample to the history."""
        self.history.append(sample)


def _join(thread: threading.Thread | None) -> None:
    if thread is not None and thread is not threading.current_thread():
        thread.join(timeout=2.0)


_shared: dict[str, Monitor] = {}


def shared_monitor() -> Monitor:
    """Return the one monitor of this process that dashboards share, so that two of them cost one poller."""
    # Without a lock, which a fork could leave held: of two threads at once both get what the first puts there.
    return _shared.get("monitor") or _shared.setdefault("monitor", Monitor())
