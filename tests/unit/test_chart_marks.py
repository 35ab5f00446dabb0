"""Where events are marked in the charts, and what of it goes to the browser."""

from __future__ import annotations

import pytest

from procwidget.sources.scripted import make_sample
from procwidget.state.events import EventLog
from procwidget.views.chart_marks import charts_of
from procwidget.views.charts import Charts


@pytest.fixture
def charts():
    """Charts with one sample, of which the browser knows."""
    charts = Charts(2)
    charts.restart([], 2.0)
    charts.update(make_sample(monotonic=100.0, time=5000.0), list, 2.0)
    charts.part(whole=True)
    yield charts
    for widget in charts.widgets():
        widget.close()


def next_part(charts, moment, *, whole=False):
    """What goes to the browser with the next sample."""
    charts.update(make_sample(monotonic=100.0 + moment, time=5000.0 + moment), list, 2.0)
    return charts.part(whole=whole)[0]


def test_marks_go_to_the_browser_when_events_change_and_when_all_does(charts):
    """It moves them on itself; what stays as it is costs no byte."""
    assert "marks" not in next_part(charts, 2)
    log = EventLog()
    log.note("oom", "…", 4990.0, level="critical")
    charts.mark(log.copies(), 5002.0)
    part = next_part(charts, 4)
    assert part["values"], "the lines go on with it"
    assert {model: marks for model, marks in part["marks"] if marks} == {
        charts._marks._labels["memory"].model_id: [[14.0, "critical"]]
    }
    assert "marks" not in next_part(charts, 6)
    whole = next_part(charts, 8, whole=True)["marks"]
    assert [marks for _, marks in whole if marks] == [[[18.0, "critical"]]]


def test_what_began_before_the_charts_is_not_marked(charts):
    """Nor what is told to begin after now, when the clock was set."""
    log = EventLog()
    for time in (4000.0, 5001.0, 9000.0):
        log.note("signal", "…", time)
    charts.mark(log.copies(), 5002.0)
    assert {tuple(map(tuple, marks)) for _, marks in next_part(charts, 4)["marks"]} == {((3.0, "normal"),), ()}


@pytest.mark.parametrize(
    ("kind", "charts"),
    [
        ("cpu", ("cpu",)),
        ("process_cpu", ("cpu",)),
        ("process_memory", ("memory",)),
        ("swap", ("memory",)),
        ("oom", ("memory",)),
        ("io", ("disk",)),
        ("filesystem", ("disk",)),
        ("signal", ("cpu", "memory")),
        ("zombie", ("cpu",)),
    ],
)
def test_each_chart_marks_what_it_is_about(kind, charts):
    """What was done to processes is in those that show what it did."""
    assert charts_of(EventLog().note(kind, "…", 5000.0)) == charts
