"""The charts' slots: what stands where after ticks, stalls, suspends and jumps of the wall clock."""

from __future__ import annotations

import json
import math
import random

import numpy as np
import pytest

from procwidget.sources.scripted import make_sample
from procwidget.views.chart import WINDOW
from procwidget.views.charts import Charts


def drawn(*moments, interval=2.0):
    """The CPU line of samples of 1, 2, 3 … percent at (monotonic, uptime, time)."""
    charts = Charts(2)
    try:
        charts.restart([], interval)
        for value, (monotonic, uptime, time) in enumerate(moments, 1):
            charts.update(
                make_sample(monotonic=monotonic, uptime=uptime, time=time, cpu_usage=float(value)), list, interval
            )
        return charts.cpu.points[0]
    finally:
        for widget in charts.widgets():
            widget.close()


def test_ticks_follow_one_another_without_a_gap():
    """Samples an interval apart, a little early or late, stand side by side."""
    line = drawn((100.0, 100.0, 0.0), (102.1, 102.1, 2.1), (103.9, 103.9, 3.9))
    assert line[-4:] == [None, 1.0, 2.0, 3.0]
    assert len(line) == WINDOW / 2


def test_a_stall_is_a_gap():
    """Ten seconds without a sample leave four slots empty."""
    assert drawn((100.0, 100.0, 0.0), (110.0, 110.0, 10.0))[-6:] == [1.0, None, None, None, None, 2.0]


def test_a_suspend_is_a_gap_although_the_monotonic_clock_stood_still():
    """A minute asleep counts in the uptime alone; twenty minutes empty the chart."""
    line = drawn((100.0, 100.0, 0.0), (102.0, 162.0, 62.0))
    assert line[-1] == 2.0
    assert line[-32:-1] == [1.0] + [None] * 30
    assert [value for value in drawn((100.0, 100.0, 0.0), (102.0, 1302.0, 1202.0)) if value is not None] == [2.0]


def test_cpus_come_and_go():
    """With more CPUs than at the start those that have a line are drawn; with fewer, the others' lines have a gap."""
    charts = Charts(2)
    try:
        charts.restart([], 2.0)
        for tick, per_cpu in enumerate(([10.0, 20.0], [11.0, 21.0, 31.0, 41.0], [12.0], [13.0, 23.0])):
            moment = 100.0 + 2 * tick
            sample = make_sample(monotonic=moment, uptime=moment, cpu_usage=5.0 + tick, per_cpu=per_cpu)
            charts.update(sample, list, 2.0)
        lines = [line[-4:] for line in charts.cpu.points]
        assert lines == [[5.0, 6.0, 7.0, 8.0], [10.0, 11.0, 12.0, 13.0], [20.0, 21.0, None, 23.0]]
    finally:
        for widget in charts.widgets():
            widget.close()


@pytest.mark.parametrize("jump", [-3600.0, 3600.0])
def test_a_jump_of_the_wall_clock_moves_nothing(jump):
    """An hour to and fro on the wall clock is neither a gap nor a loss."""
    assert drawn((100.0, 100.0, 9000.0), (102.0, 102.0, 9002.0 + jump))[-3:] == [None, 1.0, 2.0]


def test_without_an_uptime_the_monotonic_clock_decides():
    """Where the uptime is not known, stalls are gaps still."""
    assert drawn((100.0, None, 0.0), (104.0, None, 4.0))[-3:] == [1.0, None, 2.0]


@pytest.mark.parametrize(("interval", "filled"), [(0.1, 13), (7.0, 128), (14.0, 64), (20.0, 45), (60.0, 15)])
def test_any_interval_fills_the_chart_without_a_gap_and_to_scale(interval, filled):
    """Regular samples over the whole of its time make one line, and the axis tells the truth."""
    moments = [100.0 + tick * interval for tick in range(2 * int(WINDOW / interval))]
    line = drawn(*((moment, moment, moment) for moment in moments[: 600 if interval > 1 else 60]), interval=interval)
    values = [value for value in line if value is not None]
    assert len(values) == filled == len(line[line.index(values[0]) :])


def test_another_interval_keeps_what_was_drawn_where_it_was():
    """Samples of each two seconds stand close in slots of ten; those of each ten are a line in slots of two."""
    charts = Charts(2)
    try:
        often = [make_sample(monotonic=2.0 * tick, uptime=2.0 * tick, cpu_usage=float(tick)) for tick in range(51)]
        charts.restart(often, 10.0)
        assert charts.cpu.points[0][-12:] == [None, *(5.0 * slot + 2 for slot in range(10)), 50.0]
        seldom = [make_sample(monotonic=10.0 * tick, uptime=10.0 * tick, cpu_usage=10.0 * tick) for tick in range(5)]
        charts.restart(seldom, 2.0)
        assert charts.cpu.points[0][-15:] == pytest.approx([2.0 * slot + 12 for slot in range(15)])
        stalled = [make_sample(monotonic=moment, uptime=moment, cpu_usage=1.0) for moment in (0.0, 2.0, 12.0, 14.0)]
        charts.restart(stalled, 2.0)
        assert charts.cpu.points[0][-9:] == [None, 1.0, 1.0, None, None, None, None, 1.0, 1.0]
    finally:
        for widget in charts.widgets():
            widget.close()


class Browser:
    """What js/plots.js keeps, written from the wire format alone."""

    def __init__(self):
        self.lines = []

    def take(self, part):
        content, buffers = part
        content = json.loads(json.dumps(content, allow_nan=False))
        if "models" in content:
            [points] = buffers
            count = sum(lines for _, lines in content["models"])
            assert count == sum(lines for chart in content["charts"] for _, lines in chart["series"])
            filled = len(points) // (4 * count)
            told = np.frombuffer(points, "<f4").reshape(count, filled)
            self.lines = [[math.nan] * (content["slots"] - filled) + line for line in told.tolist()]
        elif "values" in content:
            for line, value in zip(self.lines, content["values"], strict=True):
                shift = min(content["shift"], len(line))
                line[:] = (line + [math.nan] * shift)[shift:]
                line[-1] = math.nan if value is None else value

    def check(self, charts):
        points = [line for chart in (charts.cpu, charts.memory, charts.disk, charts.network) for line in chart.points]
        assert len(points) == len(self.lines)
        for drawn, kept in zip(points, self.lines, strict=True):
            np.testing.assert_allclose(kept, np.array(drawn, float), rtol=1e-4, atol=1e-12)


@pytest.fixture
def charts():
    """Charts of a host with two CPUs, empty, in slots of two seconds."""
    charts = Charts(2)
    charts.restart([], 2.0)
    yield charts
    for widget in charts.widgets():
        widget.close()


def test_a_browser_that_gets_the_newest_points_alone_draws_the_same(charts):
    """After ticks on time, early, late, missed or without figures, and another interval, its lines are the kernel's."""
    choose, browser, moment, interval = random.Random(3), Browser(), 100.0, 2.0
    for tick in range(300):
        moment += interval * choose.choice([0.4, 0.9, 1.0, 1.0, 1.0, 1.1, 4.0, 200.0])
        if tick == 200:
            interval = 5.0
        usage = choose.choice([None, choose.random() * 100])
        sample = make_sample(monotonic=moment, uptime=moment, cpu_usage=usage, per_cpu=[usage, 1 / 3][: tick % 3])
        charts.update(sample, list, interval)
        browser.take(charts.part(whole=tick == 100))
        browser.check(charts)


def test_a_tick_sends_one_point_a_line(charts):
    """Not the 150 that there are: a tick of all charts has a few hundred bytes, and nothing new has none."""
    for tick in range(3):
        sample = make_sample(monotonic=100.0 + 2 * tick, uptime=None, cpu_usage=100 / 3, per_cpu=[100 / 3] * 2)
        charts.update(sample, list, 2.0)
        content, buffers = charts.part()
    assert content["values"][:3] == [33.333] * 3 and content["shift"] == 1 and buffers == []
    assert len(json.dumps(content)) < 200
    charts.update(sample, list, 2.0)
    assert charts.part() == ({}, [])


def test_a_browser_that_was_not_told_of_a_sample_gets_everything(charts):
    """Two samples between two messages cannot be told as one; after another interval nothing stands where it was."""
    for tick in range(2):
        charts.update(make_sample(monotonic=100.0 + 2 * tick, uptime=None), list, 2.0)
    assert "models" in charts.part()[0]
    charts.update(make_sample(monotonic=104.0, uptime=None), list, 2.0)
    assert "values" in charts.part()[0]
    charts.update(make_sample(monotonic=114.0, uptime=None), list, 10.0)
    content, _ = charts.part()
    assert content["slots"] == WINDOW / 10


def test_whoever_asks_for_a_marks_state_gets_what_is_drawn_now(charts):
    """Its traits are sent to nobody: a page that is opened late or loaded again would have none of them otherwise."""
    for tick in range(3):
        moment = 100.0 + 10 * tick
        charts.update(make_sample(monotonic=moment, uptime=None, cpu_usage=7.0 + tick), list, 10.0)
    charts.part()
    states = [mark.get_state() for mark in charts.cpu.figure.marks if mark.model_id == charts.cpu.models[0][0]]
    [state] = states
    values = np.frombuffer(state["y"]["value"], state["y"]["dtype"]).tolist()
    assert values[-3:] == [7.0, 8.0, 9.0]
    assert state["x"]["shape"] == (90,) and len(values) == 90
