"""The event log: what was wrong earlier and what was done, kept with a monitor's history."""

from __future__ import annotations

import json

import pytest

from procwidget import Dashboard, Monitor
from procwidget.sources.scripted import ScriptedSource, make_process, make_sample
from procwidget.state.alerts import Alerts
from procwidget.state.events import EventLog
from procwidget.thresholds import Thresholds
from tests.unit.state_stage import holding

LIMITS = {
    "memory_cgroup": "/docker/abc",
    "memory_total": 2 * 2**30,
    "memory_used": 2**30,
    "cpu_cgroup": "/docker",
    "cpus": 2.0,
    "cpu_time": 100.0,
    "cpu_usage": 5.0,
    "contained": True,
}


def at(moment: float, **changes):
    """A sample `moment` seconds into the story."""
    usual = {"monotonic": 100.0 + moment, "time": 5000.0 + moment, "interval": 2.0, "pressure": None}
    return make_sample(**usual, **changes)


class Story:
    """A log, and alerts that it follows."""

    def __init__(self, thresholds=None):
        self.log, self.alerts = EventLog(), Alerts(Thresholds.of(thresholds))

    def tell(self, *usages, start=0, hog=True):
        """Readings with this CPU usage, two seconds apart; a hog takes most of it."""
        for place, usage in enumerate(usages):
            rows = [make_process(pid=7, name="cc1plus", cpu=2 * usage)] if hog else []
            sample = at(start + 2 * place, cpu_usage=usage, processes=rows)
            self.log.follow(sample, self.alerts.update(sample, 2.0), 2.0)
        return self.log.copies()


def test_an_alert_leaves_an_event_with_beginning_worst_and_end():
    """It lasts from its first reading to its last one above the threshold, and keeps the worst of between."""
    [event] = Story({"process_cpu": (1e6, 1e6)}).tell(75.0, 97.0, 92.0, 5.0, 5.0, 5.0, 5.0)
    assert (event["kind"], event["level"], event["worst"]) == ("cpu", "critical", 97.0)
    assert (event["began"], event["ended"]) == (5000.0, 5004.0)
    assert event["process"]["pid"] == 7
    assert "cc1plus (7)" in event["text"]
    assert " for " not in event["text"], "how long it lasted stands in its times"


def test_what_lasts_has_no_end_and_a_dip_does_not_end_it():
    """One reading below the threshold makes no second event."""
    events = Story({"process_cpu": (1e6, 1e6)}).tell(95.0, 60.0, 95.0, 95.0)
    assert [event["ended"] for event in events] == [None]


def test_nothing_is_claimed_of_a_time_in_which_nobody_watched():
    """After minutes without readings the event ended when it was last seen, and another begins."""
    story = Story({"process_cpu": (1e6, 1e6)})
    story.tell(95.0, 95.0)
    first, second = story.tell(95.0, start=540)
    assert (first["ended"], second["began"], second["ended"]) == (5002.0, 5540.0, None)


def test_two_who_watch_make_one_event_of_what_both_see():
    """Dashboards of one monitor share its log; the event lasts as long as one of them has the alert."""
    log, strict, lax = EventLog(), Alerts(Thresholds(cpu=(50.0, 90.0))), Alerts(Thresholds(cpu=(80.0, 90.0)))
    for moment, usage in enumerate([85.0, 60.0, 60.0, 60.0, 60.0]):
        sample = at(2 * moment, cpu_usage=usage, processes=[])
        for alerts in (strict, lax):
            log.follow(sample, alerts.update(sample, 2.0), 2.0)
    assert [(event["worst"], event["ended"]) for event in log.copies()] == [(85.0, None)]


def test_processes_killed_for_want_of_memory_are_named_as_far_as_can_be_known():
    """The kernel says how many; who is gone since the reading before, and held most, is said as that."""
    log = EventLog()
    hog, small = make_process(pid=7, name="train.py", memory=3072.0), make_process(pid=8, memory=1.0)
    log.take(at(0, memory=holding(95), processes=[hog, small]))
    log.take(at(2, memory=holding(50), processes=[], oom_kills=1))
    [event] = log.copies()
    assert (event["kind"], event["level"], event["began"]) == ("oom", "critical", 5002.0)
    assert event["text"] == (
        "The kernel ended 1 process for want of memory; gone since the reading before: train.py (7) with 3.0 GiB"
    )


def test_a_kill_where_the_host_had_room_is_said_to_be_in_a_control_group():
    """Whose exit status is known to be another is not named, and who was killed and is a zombie is."""
    log = EventLog()
    rows = [make_process(pid=pid, name="worker", memory=float(pid)) for pid in (7, 8, 9)]
    exits = [{"pid": 9, "identity": rows[2]["identity"], "name": "worker", "status": 0, "signal": None, "text": ""}]
    log.take(at(0, memory=holding(17), processes=rows))
    log.take(at(2, memory=holding(17), processes=[{**rows[1], "status": "zombie"}], exits=exits, oom_kills=2))
    assert log.copies()[0]["text"] == (
        "The kernel ended 2 processes for want of memory in a control group with a limit of its own;"
        " gone since the reading before: worker (8) with 8.0 MiB and worker (7) with 7.0 MiB"
    )


def test_a_limit_that_changes_is_an_event():
    """Set, changed and removed, each with what it was; what was there from the start is none."""
    log = EventLog()
    for moment, limits in enumerate([LIMITS, {**LIMITS, "cpus": 1.5}, {**LIMITS, "cpus": 1.5}, None]):
        log.take(at(2 * moment, limits=limits))
    assert [event["text"] for event in log.copies()] == [
        "CPU limit of /docker changed: 2 cores → 1.5 cores",
        "CPU limit of /docker changed: 1.5 cores → none",
        "Memory limit of /docker/abc changed: 2.0 GiB → none",
    ]


def test_outcomes_of_signals_are_events():
    """Each with its sentence and who it was."""
    log = EventLog()
    outcome = {"pid": 7, "name": "sleep", "identity": "7-1", "result": "ended", "text": "Ended sleep (7)"}
    log.note_outcomes([outcome], 5000.0)
    [event] = log.copies()
    assert (event["kind"], event["text"], event["process"]["identity"]) == ("signal", "Ended sleep (7)", "7-1")


def test_the_log_is_bounded_and_its_version_moves_only_with_what_is_listed():
    """Whoever shows the list asks for it again when the version is another one: a higher figure is no reason."""
    story = Story({"process_cpu": (1e6, 1e6)})
    story.tell(95.0, 95.0, 95.0)
    before = story.log.version
    story.tell(95.5, 96.0, 97.0, start=6)
    assert story.log.version == before
    log = EventLog(most=3)
    for number in range(5):
        log.note("signal", str(number), 5000.0 + number)
    assert [event["text"] for event in log.copies()] == ["2", "3", "4"]


def test_events_outlive_the_dashboards_of_a_monitor_and_are_copies():
    """A cell that is run again has the events of its run before; what a user does to them changes nothing."""
    monitor = Monitor(ScriptedSource([make_sample(oom_kills=1)]))
    try:
        Dashboard(monitor=monitor).close()
        monitor._tick()
        dashboard = Dashboard(monitor=monitor)
        monitor.stop()
        [first, *_] = events = dashboard.events
        assert first["kind"] == "oom"
        json.dumps(events, allow_nan=False)
        first["text"] = "changed"
        assert monitor.events[0]["text"] != "changed"
        dashboard.close()
    finally:
        monitor.stop()


@pytest.mark.parametrize("text", ["for 40 s", "for at least 18 s", "for 3 h 4 min", "just now"])
def test_an_events_text_has_no_duration(text):
    """How long an alert has lasted when its sentence was made says nothing once it is over."""
    story = Story()
    alert = {
        **{"kind": "swap", "about": "", "level": "warning", "value": 60.0, "since": 5000.0, "seconds": 9.0},
        **{"process": None, "state": "began", "text": f"Swap 60 % {text}: pages move in or out"},
    }
    story.log.follow(at(0), [alert], 2.0)
    assert story.log.copies()[0]["text"] == "Swap 60 %: pages move in or out"
