"""The poller: one thread, on time, and never silently dead."""

from __future__ import annotations

import logging
import math
import threading
import time

import pytest

from procwidget import InvalidArgument, Monitor, SourceUnavailable, snapshot
from procwidget.sources.scripted import ScriptedSource, make_process, make_sample
from tests.patience import PATIENCE, until


@pytest.fixture
def pollers():
    """How many poller threads there are that were not there before the test."""
    before = set(threading.enumerate())
    return lambda: sum(thread.name == "procwidget-poller" for thread in set(threading.enumerate()) - before)


class Counting(ScriptedSource):
    """A source that gives a new sample at each reading, or fails while `broken`."""

    def __init__(self):
        super().__init__([make_sample()])
        self.readings, self.broken, self.at_once, self.most_at_once = 0, False, 0, 0

    def read(self):
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            if self.broken:
                raise OSError("disk on fire")
            self.readings += 1
            return {**super().read(), "monotonic": time.monotonic(), "interval": 0.1}
        finally:
            self.at_once -= 1


def test_watchers_share_one_thread_and_the_last_ends_it(pollers):
    """However many watch, there is one poller; when the last has gone there is none."""
    monitor = Monitor(Counting(), 0.1)
    stops = [monitor.watch(lambda sample: None) for _ in range(5)]
    assert pollers() == 1
    for stop in stops:
        assert monitor.running
        stop()
    assert not monitor.running
    assert pollers() == 0


def test_started_by_hand_it_goes_on_without_watchers():
    """start() polls until stop(), and the history stays afterwards."""
    monitor = Monitor(Counting(), 0.1)
    monitor.start()
    monitor.watch(lambda sample: None)()
    until(lambda: len(monitor.history) >= 3)
    monitor.stop()
    kept = len(monitor.history)
    time.sleep(0.3)
    assert len(monitor.history) == kept >= 3


def test_starting_and_stopping_never_reads_twice_at_once(pollers):
    """A poller that is ended and its successor do not read the source at the same time."""
    source = Counting()
    monitor = Monitor(source, 0.1)
    for _ in range(100):
        monitor.start()
        monitor.stop()
    # Each of those may have been ended before it read anything.
    monitor.start()
    until(lambda: source.readings >= 2)
    monitor.stop()
    assert source.most_at_once == 1
    assert pollers() == 0


def test_a_failing_source_is_tried_again_and_its_failure_is_told():
    """The teller gets the reason in a sentence, later samples come again, and the problem is over."""
    source, told, got = Counting(), [], []
    source.broken = True
    monitor = Monitor(source, 0.1)
    stop = monitor.watch(got.append, told.append)
    until(lambda: len(told) >= 2)
    assert told[0] == "This host could not be read: disk on fire" == monitor.problem
    source.broken = False
    until(lambda: got)
    assert monitor.problem is None
    stop()


def test_a_watcher_that_raises_stops_nobody():
    """Its exception is logged; the others go on."""
    got = []
    monitor = Monitor(Counting(), 0.1)
    stops = [monitor.watch(lambda sample: 1 / 0), monitor.watch(got.append)]
    until(lambda: len(got) >= 3)
    for stop in stops:
        stop()


def test_another_interval_counts_at_once():
    """Setting a short interval does not wait for the end of a long one."""
    source = Counting()
    monitor = Monitor(source, 600)
    monitor.start()
    until(lambda: source.readings >= 1)
    monitor.interval = 0.1
    until(lambda: source.readings >= 5)
    monitor.stop()


def test_a_tick_that_takes_over_half_its_interval_stretches_it():
    """The interval grows to twice the CPU that a tick takes, and shrinks again with it."""
    monitor = Monitor(Counting(), 0.5)
    assert monitor.actual_interval == 0.5
    monitor.tick_seconds = 0.4
    assert monitor.actual_interval == 0.8
    monitor.tick_seconds = 0.1
    assert monitor.actual_interval == 0.5


@pytest.mark.parametrize("interval", [0, -1, 0.05, 1e9, "2", None, True, float("nan")])
def test_a_wrong_interval_gets_a_sentence(interval):
    """What is wrong is named, and what would be right."""
    with pytest.raises(InvalidArgument, match=r"interval must be a number from 0\.1 to 3600, not"):
        Monitor(ScriptedSource([make_sample()]), interval)


def test_a_snapshot_has_real_rates():
    """Two readings are taken, so CPU and rates are figures and not None."""
    # For a tenth of a second a virtual machine may count no CPU time at all.
    sample = until(lambda: (taken := snapshot(0.1, top=3))["cpu_usage"] is not None and taken)
    assert 0.1 <= sample["interval"] < PATIENCE
    assert 0 <= sample["cpu_usage"] <= 100
    assert len(sample["top_processes"]) == 3
    for wrong in ({"interval": 0}, {"top": -1}, {"top": 2.5}):
        with pytest.raises(InvalidArgument):
            snapshot(**wrong)


def test_a_sample_that_cannot_be_kept_does_not_end_the_poller():
    """Whatever a source gives: what is no sample is told as a failure, and the next one is taken."""
    source = Counting()
    monitor, told = Monitor(source, 0.1), []
    give = source.read
    source.read = lambda: {**give(), "processes": [{"identity": "1-1"}]}
    stop = monitor.watch(lambda sample: None, told.append)
    until(lambda: told)
    source.read = give
    until(lambda: monitor.last)
    assert "could not be read" in told[0]
    assert monitor.problem is None
    assert monitor.history[-1]["processes"] == monitor.last["processes"]
    stop()


def test_without_a_thread_it_says_so_and_later_starts(monkeypatch):
    """Where no thread can be started the watcher is told in a sentence; with threads again, it polls."""

    def refuse(thread):
        raise RuntimeError("can't start new thread")

    monitor = Monitor(Counting(), 0.1)
    with monkeypatch.context() as without:
        without.setattr(threading.Thread, "start", refuse)
        with pytest.raises(SourceUnavailable, match=r"thread.*\.$"):
            monitor.watch(lambda sample: None)
        assert not monitor.running
    seen = []
    stop = monitor.watch(seen.append)
    until(lambda: seen)
    stop()
    assert not monitor.running


def test_a_poller_that_is_stuck_gets_no_second_one_beside_it(pollers):
    """Stopped and started while a reading does not come back: one thread all the while, which then goes on."""
    source, stuck, free = Counting(), threading.Event(), threading.Event()
    give = source.read
    source.read = lambda: stuck.set() or (free.wait(PATIENCE) and give())
    monitor = Monitor(source, 0.1)
    for _ in range(2):
        monitor.start()
        assert stuck.wait(PATIENCE)
        monitor.stop()
        assert not monitor.running
        assert pollers() == 1
    monitor.start()
    assert monitor.running
    free.set()
    until(lambda: len(monitor.history) >= 3)
    assert pollers() == 1
    monitor.stop()
    until(lambda: pollers() == 0)


def test_failures_are_tried_again_ever_more_slowly():
    """Each pause is at least twice the one before it."""
    source, told = Counting(), []
    source.broken = True
    began = time.monotonic()
    stop = Monitor(source, 0.1).watch(lambda sample: None, lambda problem: told.append(time.monotonic()))
    until(lambda: len(told) >= 4)
    stop()
    # Counted from the beginning: on a busy host each may come late, and the next one is no later for that.
    since = [moment - began for moment in told]
    assert [moment >= least for moment, least in zip(since, (0, 0.19, 0.58, 1.37), strict=False)] == [True] * 4


def test_where_a_judgement_fails_the_figures_go_on(caplog, monkeypatch):
    """It is logged once, and not once a tick; the poller lives."""
    monitor = Monitor(Counting(), 0.1)
    monkeypatch.setattr(monitor._judgement, "judge", lambda *_: 1 / 0)
    with caplog.at_level(logging.ERROR, "procwidget"), monitor:
        until(lambda: len(monitor.history) >= 4)
    assert [record.getMessage() for record in caplog.records] == [
        "procwidget could not say what is wrong with this host"
    ]


def test_a_watcher_that_fails_on_and_on_is_logged_once(caplog):
    """Not a traceback a tick; whatever it raises, the poller lives and calls it again."""
    calls = []

    def leave(sample):
        calls.append(sample)
        raise SystemExit

    monitor = Monitor(Counting(), 0.1)
    with caplog.at_level(logging.ERROR, "procwidget"):
        stop = monitor.watch(leave)
        until(lambda: len(calls) >= 3)
        assert monitor.running
        stop()
    assert len(caplog.records) == 1


def test_a_figure_that_is_no_number_is_unknown():
    """NaN from a sensor, or infinity, becomes None for everybody, in the host's figures and in a process's."""
    nan, inf = math.nan, math.inf
    rows = [make_process(cpu=nan, memory=inf, cpu_time=nan), make_process(pid=2, cpu=1.0)]
    memory = {**make_sample()["memory"], "swap_usage": nan}
    sample = make_sample(cpu_usage=nan, per_cpu=[nan, 5.0], load_average=[nan, 1.0, 1.0], memory=memory, processes=rows)
    calm = make_sample(monotonic=102.0)
    monitor, seen = Monitor(ScriptedSource([sample, calm]), 0.1), []
    stop = monitor.watch(seen.append)
    until(lambda: len(seen) >= 2)
    stop()
    assert (seen[0]["cpu_usage"], seen[0]["per_cpu"]) == (None, [None, 5.0])
    assert seen[0]["load_average"] == [None, 1.0, 1.0]
    assert seen[0]["memory"]["swap_usage"] is None
    assert [row["cpu"] for row in seen[0]["processes"]] == [None, 1.0]
    assert seen[0]["processes"][0]["memory"] is seen[0]["processes"][0]["cpu_time"] is None
    assert [row["cpu"] for row in seen[0]["top_processes"]] == [1.0, None]
    assert monitor.history[0] == seen[0]
    assert seen[1]["processes"][0] is calm["processes"][0]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_figure_that_is_no_number_is_found_in_a_later_reading(place):
    """Rows that were there before are not looked at again; one that is new in its place, or comes last, is."""
    calm = [make_process(pid=pid, cpu=1.0) for pid in (1, 2)]
    later = [*calm, make_process(pid=3, cpu=1.0)]
    later[place] = {**later[place], "cpu": math.nan}
    samples = [make_sample(processes=calm), *(make_sample(monotonic=at, processes=later) for at in (102.0, 104.0))]
    monitor, seen = Monitor(ScriptedSource(samples), 0.1), []
    stop = monitor.watch(seen.append)
    until(lambda: len(seen) >= 3)
    stop()
    for sample in seen[1:3]:
        assert [row["cpu"] for row in sample["processes"]] == [None if at == place else 1.0 for at in range(3)]
