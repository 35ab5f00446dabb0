"""The same sentence everywhere: a monitor's, its dashboards', and that of `status`."""

from __future__ import annotations

import gc

import pytest

import procwidget
from procwidget import Dashboard, InvalidArgument, Monitor, SourceUnavailable, Thresholds
from procwidget.sources.kernel_counts import PressureAverages
from procwidget.sources.scripted import ScriptedSource, make_process, make_sample
from procwidget.state.alerts import Alerts
from tests.unit.state_stage import holding, pressed

HOG = make_process(pid=7, name="db", memory=80 * 1024.0)
FULL = make_sample(memory=holding(92), processes=[HOG])


class Played(ScriptedSource):
    """A full machine, and what of its rows was asked for at each reading."""

    def __init__(self, *samples):
        super().__init__(samples)
        self.asked = []

    def read(self):
        self.asked.append(self.wanted)
        return super().read()


@pytest.fixture
def monitor():
    """A monitor of a machine that is calm, then lacks memory; readings come when a test asks."""
    monitor = Monitor(Played(make_sample(monotonic=98.0), FULL), 2.0)
    yield monitor
    monitor.stop()


def test_a_monitor_says_it_without_a_dashboard(monitor):
    """Also in a plain script, from the first reading on; what it gives is a copy."""
    assert monitor.headline == {"level": "normal", "text": "Measuring…", "short_of": [], "causes": []}
    monitor._tick()
    assert monitor.headline["text"] == "Calm"
    monitor._tick()
    state = monitor.headline
    assert (state["level"], state["short_of"]) == ("warning", ["memory"])
    assert state["text"] == "Memory is nearly full (92 %) just now: db (7) holds 86 % of it"
    state["causes"].clear()
    assert len(monitor.headline["causes"]) == 1


def test_a_monitor_has_read_what_names_the_cause(monitor):
    """From the reading after the one that found the shortage on, beside what others want."""
    monitor.want(monitor.source, ["priority"])
    for _ in range(3):
        monitor._tick()
    some, groups = {"priority"}, {"priority", "notebook", "container", "unit"}
    assert [set(asked) for asked in monitor.source.asked] == [some, some, groups]


def test_dashboards_with_the_same_thresholds_cost_one_judgement(monitor):
    """Each of them, and the monitor, says the same; one with others has its own, which goes with it."""
    usual, own = Thresholds(), Thresholds(cpu=(1.0, 2.0))
    assert monitor.follow(usual) is monitor.follow(Thresholds())
    following = monitor.follow(own)
    monitor._tick()
    monitor._tick()
    assert monitor.follow(usual).state == monitor.headline
    assert [alert["kind"] for alert in following.current] == ["cpu", "memory"]
    del following
    gc.collect()
    assert monitor.follow(own).current == []


def test_a_judgement_that_fails_costs_nobody_the_figures(monitor, monkeypatch, caplog):
    """The sentence is made of the figures, not they of it; it is logged once."""
    monkeypatch.setattr(monitor.follow(Thresholds()), "update", lambda *_: 1 / 0)
    for _ in range(3):
        assert monitor._tick() is not None
    assert monitor.problem is None
    assert sum("could not judge" in record.message for record in caplog.records) == 1


def test_a_dashboard_says_it_too_and_lists_only_what_the_sentence_leaves_out(monitor):
    """In Python and in the page, where the cause goes with it: one fact is red once."""
    monitor._tick()
    dashboard = Dashboard(monitor=monitor)
    try:
        monitor.stop()
        for _ in range(6):
            monitor._tick()
        assert dashboard.headline == monitor.headline
        dashboard._draw(monitor.last, dashboard.alerts)
        reading = dashboard.summary.reading
        (cause,) = dashboard.headline["causes"]
        name = {"kind": "memory", "about": ""}
        assert reading["headline"] == {"level": "warning", "text": dashboard.headline["text"], "cause": cause, **name}
        assert [alert["kind"] for alert in dashboard.alerts] == ["memory"]
        assert reading["alerts"] == []
    finally:
        dashboard.close()


def test_a_closed_dashboard_is_told_nothing_more():
    """Another one, or the monitor, goes on with the same alerts."""
    calm = [make_sample(monotonic=at, time=at) for at in range(40)]
    monitor = Monitor(ScriptedSource([*calm, {**FULL, "monotonic": 40.0, "time": 40.0}]), 2.0)
    heard, kept = [], []
    dashboard = Dashboard(monitor=monitor)
    dashboard.on_alert(heard.append)
    monitor.follow(Thresholds()).register(kept.append)
    dashboard.close()
    monitor.stop()
    for _ in range(len(calm) + 1):
        monitor._tick()
    assert [alert["state"] for alert in kept] == ["began"]
    assert heard == []


def played(*shares, before=None, **changes):
    """Readings an eighth of a second apart whose CPU pressure is as given, and what was measured before them."""
    source = ScriptedSource(
        make_sample(
            monotonic=at / 8,
            time=5000 + at / 8,
            interval=1 / 8 if at else None,
            pressure=pressed(cpu=share),
            **changes,
        )
        for at, share in enumerate(shares)
    )
    if before is not None:
        source.pressure_averages = lambda: before
    return source


def test_a_look_of_half_a_second_says_what_lasted_for_all_of_it():
    """A check cannot wait for a minute to say that the CPU is short; a moment of it is no shortage for it either."""
    hog = make_process(pid=7, name="make", cpu=180.0)
    lasting = procwidget.status(0.5, played(None, *[95.0] * 9, cpu_usage=98.0, processes=[hog]))
    assert (lasting["level"], lasting["short_of"]) == ("critical", ["cpu"])
    assert lasting["text"].startswith("CPU is full and tasks wait for it now: make (7) uses ")
    moment = procwidget.status(0.5, played(None, 0.0, 0.0, 95.0, 0.0, 0.0, cpu_usage=98.0, processes=[hog]))
    assert moment["level"] == "normal"


def test_a_look_of_half_a_second_says_what_a_dashboard_would_that_was_there_for_a_minute():
    """What Linux has measured of the minute before counts: a moment is no alarm, and what has lasted is one at once."""
    hog = make_process(pid=7, name="make", cpu=180.0)
    busy = {"cpu_usage": 98.0, "processes": [hog]}
    before = PressureAverages(90.0, 0.0, 0.0, 0.0)
    lasting = procwidget.status(0.5, played(None, *[95.0] * 5, before=before, **busy))
    assert (lasting["level"], lasting["short_of"]) == ("critical", ["cpu"])
    assert lasting["text"].startswith("CPU is full and tasks wait for it for at least 1 min: make (7) uses ")
    calm = before._replace(cpu_some=20.0)
    moment = procwidget.status(0.5, played(None, *[95.0] * 5, before=calm, **busy))
    assert (moment["level"], moment["short_of"]) == ("normal", [])
    over = procwidget.status(0.5, played(None, *[0.0] * 5, before=before, cpu_usage=12.0))
    assert over["level"] == "normal"


def test_a_dashboard_that_has_just_begun_knows_the_minute_before():
    """Two verdicts on one screen, one of who looked for long and one of who did not, would help nobody."""
    hog = make_process(pid=7, name="make", cpu=180.0)
    busy = {"cpu_usage": 98.0, "processes": [hog]}
    before = PressureAverages(90.0, 0.0, 0.0, 0.0)
    monitor = Monitor(played(None, *[95.0] * 5, before=before, **busy), 2.0)
    monitor._tick()
    monitor._tick()
    assert monitor.headline["level"] == "critical"
    assert monitor.headline["text"].startswith("CPU is full and tasks wait for it for at least 1 min: make (7) uses ")
    monitor.stop()


def test_who_looks_now_and_then_knows_the_minute_before_each_time():
    """A program that asks each quarter of a minute is told what has lasted, and no more once it is over."""
    averages = [PressureAverages(90.0, 0.0, 0.0, 0.0)]
    alerts = Alerts(Thresholds())
    for at, cpu in ((0, 95.0), (15, 95.0), (30, 0.0)):
        moment = {"monotonic": 100.0 + at, "time": 5000.0 + at, "interval": 0.25}
        usage = 98.0 if cpu else 5.0
        alerts.update(make_sample(pressure=pressed(cpu=cpu), cpu_usage=usage, **moment), 2.0, lambda: averages[-1])
        assert alerts.state["level"] == ("critical" if cpu else "normal")
    # It is asked for only where nobody looked: from reading to reading it is of no use.
    asked = []
    for at in (30.25, 30.5):
        moment = {"monotonic": 100.0 + at, "time": 5000.0 + at, "interval": 0.25}
        alerts.update(make_sample(pressure=pressed(), **moment), 0.25, lambda: asked.append(1))
    assert not asked


def test_a_host_that_tells_nothing_has_no_state():
    """Neither calm nor in trouble: unknown."""
    unknown = make_sample(cpu_usage=None, per_cpu=[], memory=None, memory_usage=None)
    with pytest.raises(SourceUnavailable, match="CPU and memory cannot be read here"):
        procwidget.status(0.5, ScriptedSource([unknown]))


def test_a_look_that_is_no_time_is_refused():
    """In one sentence."""
    with pytest.raises(InvalidArgument, match=r"seconds must be a number from 0\.5 to 600"):
        procwidget.status(0.0)
