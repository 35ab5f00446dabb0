"""What the summary says of a sample."""

from __future__ import annotations

import json

from procwidget.sources.scripted import make_process, make_sample
from procwidget.state.alerts import Alerts
from procwidget.thresholds import Thresholds
from procwidget.views.charts import Charts
from procwidget.views.summary import Summary, describe

LIMITED = {
    "memory_cgroup": "/docker/abc",
    "memory_total": 2 * 2**30,
    "memory_used": int(1.9 * 2**30),
    "cpu_cgroup": "/docker",
    "cpus": 1.5,
    "cpu_time": 100.0,
    "cpu_usage": None,
    "contained": True,
}


def said(**changes):
    """The summary of a sample with these changes, and its meters by key."""
    sample = make_sample(**changes)
    alerts = Alerts(Thresholds())
    alerts.update(sample)
    reading = describe(sample, alerts.current, alerts.state, Thresholds(), 2.0, [], None)
    json.dumps(reading, allow_nan=False)
    return reading, {meter["key"]: meter for meter in reading["meters"]}


def test_a_limit_that_counts_is_what_memory_is_measured_against():
    """In a container the meter, its level and the headline go by the control group's limit, and name it."""
    reading, meters = said(limits=LIMITED, memory_usage=10.0)
    assert meters["memory_usage"]["text"] == "94 %"
    assert meters["memory_usage"]["detail"] == "1.9 of 2.0 GiB for /docker/abc"
    assert meters["memory_usage"]["level"] == "critical"
    assert reading["headline"]["text"].startswith("Memory of /docker/abc is nearly full (94 %) now")


def test_a_limit_that_counts_is_what_cpu_is_measured_against():
    """Meter, level, alert and chart go by the control group's usage; what the host does is said beside it."""
    limits = {**LIMITED, "memory_total": None, "memory_used": None, "cpu_usage": 92.0}
    reading, meters = said(limits=limits, cpu_usage=12.0)
    cpu = meters["cpu_usage"]
    assert (cpu["text"], cpu["level"]) == ("92 %", "critical")
    assert cpu["detail"] == "1.38 of 1.5 cores (host 12 %) for /docker"
    assert reading["headline"]["text"].startswith("Busy, not short: CPU of /docker 92 % now")
    chart = Charts(2).cpu
    chart.clear(2)
    chart.shift(make_sample(limits=limits, cpu_usage=12.0), 1)
    assert chart.points[0][-1] == 92.0


def test_a_cpu_limit_of_unknown_use_is_named():
    """Before there is a usage, and where nothing counts it, the host's CPU stands there and the limit beside it."""
    _, meters = said(limits=LIMITED, cpu_usage=12.0)
    assert meters["cpu_usage"]["text"] == "12 %"
    assert meters["cpu_usage"]["detail"] == "2 cores, 1.5 for /docker"


def test_without_a_limit_it_is_the_hosts_memory():
    """No control group is named where none limits."""
    _, meters = said(limits=None, memory_usage=42.0)
    assert meters["memory_usage"]["text"] == "42 %"
    assert " for " not in meters["memory_usage"]["detail"]


def test_cores_have_the_numbers_that_the_system_gives_them():
    """Where CPU 1 is offline the busy one is CPU 3, not the third; without numbers nothing is counted through."""
    busy = {"per_cpu": [1.0, 2.0, 95.0]}
    for numbers in ([0, 2, 3], None):
        reading, _ = said(**busy, cpu_numbers=numbers)
        assert [core["number"] for core in reading["cores"]] == (numbers or [None] * 3)
    assert reading["cores"][2] == {"number": None, "value": 95.0, "level": "critical"}


def test_what_is_unknown_is_said_to_be():
    """A host that tells nothing shows dashes, never zeros."""
    unknown = dict.fromkeys(("cpu_usage", "memory", "memory_usage", "load_average", "uptime", "thread_count"))
    rates = {"disk": {"read": None, "written": None}, "network": {"received": None, "sent": None}}
    reading, meters = said(**unknown, **rates, per_cpu=[], started=None, ended=None)
    assert [meter["value"] for meter in meters.values()] == [None, None, None]
    facts = {fact["label"]: fact["text"] for fact in reading["facts"]}
    assert (facts["Load"], facts["Uptime"], facts["Threads"], facts["Since last"]) == ("—", "—", "—", "—")
    assert reading["headline"] == {"level": "normal", "text": "CPU and memory cannot be read here", "cause": None}


def test_an_interval_that_is_no_number_is_refused_in_a_sentence(monkeypatch):
    """Whatever it is, also what is nested too deeply to be printed."""
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    asked: list[object] = []
    said: list[object] = []
    summary = Summary(asked.append)
    monkeypatch.setattr(summary, "send", said.append)
    for seconds in (deep, None, "2", {}):
        summary._handle(summary, {"type": "interval", "seconds": seconds}, [])
    assert said == [{"type": "refused", "text": "The interval must be a number of seconds."}] * 4
    summary._handle(summary, {"type": "interval", "seconds": 2}, [])
    assert asked == [2]
    summary.close()


def test_what_has_not_changed_of_a_reading_is_not_sent_again():
    """The parts add up to the reading, whatever came between them; whoever asks gets it whole."""
    summary, kept = Summary(lambda seconds: None), {}
    try:
        for reading in ({"time": 1, "notes": []}, {"time": 2, "notes": []}, {"time": 2, "notes": ["x"]}):
            summary.reading = reading
            part = summary.part(whole=False)
            kept = part["values"] if part.get("whole") else {**kept, **part["values"]}
            assert kept == reading == summary.get_state()["reading"]
        assert part["values"] == {"notes": ["x"]}
        assert summary.part(whole=False)["values"] == {}
        assert summary.part(whole=True)["values"] == reading
        summary.say("no reading")
        assert summary.reading == {"time": 2, "notes": ["no reading"]}
        summary.reading = reading
        assert summary.part(whole=False)["values"] == {"notes": ["x"]}
    finally:
        summary.close()


def test_the_sentence_has_its_cause_where_a_process_is_named():
    """The buttons beside it act on that; where nobody is named there is nothing to act on."""
    hog = make_process(pid=7, name="train.py", cpu=190.0)
    reading, _ = said(cpu_usage=97.0, processes=[hog])
    assert reading["headline"]["cause"] == {
        "kind": "process",
        "name": "train.py",
        "share": None,
        "processes": [hog["identity"]],
        "query": "pid=7",
    }
    assert said(cpu_usage=97.0, processes=[])[0]["headline"]["cause"] is None
    assert said()[0]["headline"]["cause"] is None


def test_alerts_have_the_name_by_which_they_are_expected():
    """Kind and whose it is."""
    reading, _ = said(cpu_usage=97.0, processes=[])
    [alert] = reading["alerts"]
    assert (alert["kind"], alert["about"]) == ("cpu", "")
