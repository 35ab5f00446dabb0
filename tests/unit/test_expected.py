"""Alerts that are expected, thresholds that are set while it runs, and how long they must be reached."""

from __future__ import annotations

import pytest

from procwidget import Dashboard, InvalidArgument, Monitor
from procwidget.sources.scripted import ScriptedSource, make_process, make_sample
from procwidget.state.alert_consequences import AlertConsequences
from procwidget.state.alerts import Alerts
from procwidget.state.events import EventLog
from procwidget.thresholds import Thresholds


def at(moment: float, **changes):
    """A sample `moment` seconds into the story."""
    usual = {"monotonic": 100.0 + moment, "time": 5000.0 + moment, "interval": 2.0, "pressure": None}
    return make_sample(**usual, **changes)


class Stage:
    """Alerts with what follows from them, fed with samples by hand."""

    def __init__(self, **thresholds):
        self.last = None
        self.alerts = Alerts(Thresholds(**thresholds))
        self.alerting = AlertConsequences(self.alerts, EventLog(), lambda: self.last)

    def read(self, moment, **changes):
        """Take a sample; return the kinds of the alerts that are not expected, and of those that are."""
        self.last = at(moment, **changes)
        self.alerts.update(self.last, 2.0)
        found = self.alerting.take(self.last, 2.0)
        return [alert["kind"] for alert in found], [alert["kind"] for alert in self.alerting.quiet]


def test_an_expected_alert_is_none_until_it_ends():
    """It is listed apart; the next one of its kind counts again."""
    stage = Stage()
    assert stage.read(0, cpu_usage=95.0) == (["cpu"], [])
    stage.alerting.expect("cpu")
    assert stage.read(2, cpu_usage=95.0) == ([], ["cpu"])
    assert stage.read(4, cpu_usage=60.0) == ([], [])
    assert stage.read(6, cpu_usage=95.0) == ([], ["cpu"]), "a dip is no end"
    for moment in (8, 10, 12, 14):
        stage.read(moment, cpu_usage=5.0)
    assert stage.read(16, cpu_usage=95.0) == (["cpu"], [])


def test_one_that_is_expected_for_an_hour_ends_meanwhile_and_is_still():
    """By the samples' clock, whether the alert is on or not."""
    stage = Stage()
    stage.read(0, cpu_usage=95.0)
    stage.alerting.expect("cpu", 3600)
    for moment in range(2, 20, 2):
        stage.read(moment, cpu_usage=5.0)
    assert stage.read(1000, cpu_usage=95.0) == ([], ["cpu"])
    assert stage.alerting.expected == [{"kind": "cpu", "about": "", "until": 8600.0}]
    assert stage.read(3602, cpu_usage=95.0) == (["cpu"], [])


def test_only_the_process_that_was_meant_is_expected():
    """Another process with the same trouble is one."""
    stage = Stage(process_cpu=(20.0, 40.0))
    mine, other = (make_process(pid=pid, cpu=100.0) for pid in (7, 8))
    for moment in range(0, 12, 2):
        stage.read(moment, processes=[mine])
    stage.alerting.expect(stage.alerts.current[0])
    for moment in range(12, 24, 2):
        found = stage.read(moment, processes=[mine, other])
    assert found == (["process_cpu"], ["process_cpu"])
    assert stage.alerting.quiet[0]["about"] == mine["identity"]
    stage.alerting.unexpect(stage.alerting.expected[0])
    assert stage.read(26, processes=[mine, other]) == (["process_cpu"] * 2, [])


def test_callbacks_hear_nothing_of_what_is_expected_but_its_end():
    """Whoever was told that it began is told that it is over."""
    stage, heard = Stage(), []
    stage.alerting.register(lambda alert: heard.append((alert["level"], alert["state"])))
    stage.read(0, cpu_usage=75.0)
    stage.alerting.expect("cpu")
    for moment, usage in enumerate([95.0, 5.0, 5.0, 5.0, 5.0], 1):
        stage.read(2 * moment, cpu_usage=usage)
    assert heard == [("warning", "began"), ("critical", "ended")]


@pytest.mark.parametrize(
    ("alert", "seconds", "word"),
    [
        ("memory", None, "no such alert now"),
        ({"kind": "cpu", "about": "7-1"}, None, "no such alert now"),
        ({"kind": ["cpu"]}, None, "An alert is one of"),
        (7, None, "An alert is one of"),
        ("cpu", 0, "from 1"),
        ("cpu", float("nan"), "nan"),
    ],
)
def test_what_cannot_be_expected_gets_a_sentence(alert, seconds, word):
    """A name of nothing would stay for ever and silence something later."""
    stage = Stage()
    stage.read(0, cpu_usage=95.0)
    with pytest.raises(InvalidArgument, match=word):
        stage.alerting.expect(alert, seconds)
    assert stage.alerting.expected == []


def test_a_figure_of_the_host_must_be_too_high_for_the_hold_time():
    """A spike that is shorter is no alert; one that lasts began when it began."""
    stage = Stage(hold=5.0)
    assert stage.read(0, cpu_usage=95.0) == ([], [])
    for moment in range(2, 12, 2):
        stage.read(moment, cpu_usage=5.0)
    assert [stage.read(moment, cpu_usage=95.0)[0] for moment in (12, 14, 16, 18)] == [[], [], [], ["cpu"]]
    assert stage.alerts.current[0]["since"] == 5012.0


def test_a_process_has_a_hold_time_of_its_own_and_what_hangs_is_not_asked():
    """Rows are coloured as hanging after ten seconds, and so is the alert's time."""
    stage = Stage(process_hold=4.0, process_cpu=(20.0, 40.0))
    rows = [make_process(pid=7, cpu=100.0, status="running"), make_process(pid=8, status="zombie")]
    kinds = [stage.read(moment, processes=rows)[0] for moment in (0, 2, 4, 8, 10)]
    assert kinds == [[], [], ["process_cpu"], ["process_cpu"], ["process_cpu", "zombie"]]


@pytest.fixture
def dashboard():
    """One that reads nothing by itself."""
    monitor = Monitor(ScriptedSource([make_sample(cpu_usage=60.0)]))
    dashboard = Dashboard(monitor=monitor)
    monitor.stop()
    yield dashboard
    dashboard.close()


def test_thresholds_are_set_in_python_and_seen_by_every_view(dashboard):
    """Some of them are changed and the others stay; alerts, table, charts and meters go by them."""
    dashboard.thresholds = {"cpu": (50, 55), "hold": 0}
    assert dashboard.thresholds.cpu == (50.0, 55.0)
    assert dashboard.thresholds.memory == Thresholds().memory
    for _ in range(2):
        dashboard.monitor._tick()
        dashboard._take(dashboard.monitor.last)
    assert [alert["level"] for alert in dashboard.alerts] == ["critical"]
    assert dashboard.table.thresholds["cpu"] == [50.0, 55.0]
    assert dashboard.summary.reading["meters"][0]["bounds"] == [50.0, 55.0]
    assert dashboard.summary.reading["thresholds"]["cpu"] == [50.0, 55.0]


@pytest.mark.parametrize("wrong", [{"cpu": (90, 70)}, {"cpu": "5"}, {"gpu": (1, 2)}, {"hold": -1}, {"hold": (1, 2)}, 7])
def test_wrong_thresholds_change_nothing(dashboard, wrong):
    """A sentence, and those before stay."""
    with pytest.raises(InvalidArgument):
        dashboard.thresholds = wrong
    assert dashboard.thresholds == Thresholds()


def asked(dashboard, **content):
    """What the dashboard answers its head."""
    sent = []
    dashboard.summary.send = lambda content, _buffers=None: sent.append(content)
    dashboard.summary._handle(None, {"request": "r", **content}, [])
    [answer] = sent
    assert (answer.pop("type"), answer.pop("request")) == ("answer", "r")
    return answer


def test_the_page_sets_thresholds_by_a_message(dashboard):
    """The answer has all of them, as they are now."""
    answer = asked(dashboard, type="thresholds", values={"memory": [60, 80.5], "process_hold": 30})
    assert answer["result"] == "thresholds"
    assert answer["thresholds"] == {**Thresholds().as_settings(), "memory": [60.0, 80.5], "process_hold": 30.0}
    assert dashboard.thresholds.process_hold == 30.0


DEEP: list = []
for _ in range(3000):
    DEEP = [DEEP]


@pytest.mark.parametrize(
    "values",
    [None, [], {"cpu": [90, 70]}, {"cpu": "x" * 1000}, {"cpu": DEEP}, {"x": 1}, {"cpu": [1, None]}],
    ids=["none", "list", "above", "text", "deep", "unknown", "half"],
)
def test_wrong_thresholds_from_a_page_get_one_sentence(dashboard, values):
    """Anything may come from a browser; nothing of it is set, and the answer is short."""
    answer = asked(dashboard, type="thresholds", values=values)
    assert answer["result"] == "refused"
    [sentence] = answer["refusals"]
    assert 0 < len(sentence) <= 200
    assert dashboard.thresholds == Thresholds()


def test_the_page_expects_an_alert_and_takes_that_back(dashboard):
    """An expected one is neither in the sentence nor in the list of troubles."""
    dashboard.thresholds = {"cpu": (50, 90)}

    def read():
        dashboard.monitor._tick()
        dashboard._take(dashboard.monitor.last)
        reading = dashboard.summary.reading
        return reading["headline"]["level"], len(reading["alerts"]), [one["kind"] for one in reading["expected"]]

    read()
    assert read() == ("warning", 0, []), "the sentence says it"
    shown = dashboard.summary.reading["headline"]
    name = {"kind": shown["kind"], "about": shown["about"]}
    assert asked(dashboard, type="expect", on=True, seconds=None, **name) == {"result": "expected", "on": True}
    assert read() == ("normal", 0, ["cpu"])
    assert asked(dashboard, type="expect", on=False, **name)["on"] is False
    assert read() == ("warning", 0, [])
    assert asked(dashboard, type="expect", on=True, kind="x", about="y")["result"] == "refused"


@pytest.mark.parametrize(
    "content",
    [
        {"kind": DEEP, "about": ""},
        {"kind": "cpu", "about": DEEP},
        {"kind": "cpu", "about": "", "seconds": DEEP},
        {"kind": "cpu", "about": "", "seconds": True},
        {},
    ],
    ids=["kind", "about", "seconds", "true", "nothing"],
)
def test_a_malformed_wish_to_expect_gets_one_sentence(dashboard, content, caplog):
    """It changes nothing, and nothing falls over."""
    answer = asked(dashboard, type="expect", on=True, **content)
    assert answer["result"] == "refused"
    assert (dashboard.expected, caplog.records) == ([], [])


def test_the_event_list_goes_to_whoever_asks_and_to_nobody_else(dashboard):
    """The reading has its version only, which says when to ask again."""
    dashboard.monitor.event_log.note("signal", "Ended sleep (7)", 5000.0)
    dashboard.monitor._tick()
    dashboard._take(dashboard.monitor.last)
    assert dashboard.summary.reading["events"] == {"version": 1}
    answer = asked(dashboard, type="events")
    assert [event["text"] for event in answer["events"]] == ["Ended sleep (7)"]
    assert answer["version"] == 1


def test_a_page_that_asks_without_end_is_refused(dashboard):
    """Each answer may be long; the others of a shared page are to be answered too."""
    results = [asked(dashboard, type="events")["result"] for _ in range(40)]
    assert "refused" in results
