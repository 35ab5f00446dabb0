"""What a fresh dashboard has from the recording of its host: the minutes before in its charts, and the events."""

from __future__ import annotations

import socket
import threading

import pytest

from procwidget.identity import boot_id
from procwidget.monitor import Monitor
from procwidget.recording.this_host import RECORDING
from procwidget.recording.writer import RecordingWriter
from procwidget.sources.scripted import ScriptedSource, make_sample
from procwidget.views.chart_history import ChartHistory
from procwidget.views.dashboard import Dashboard
from procwidget.views.protocol import HeadRequest
from procwidget.views.readings import Kept, Reach
from tests.patience import until
from tests.unit.recording_stage import NOON

EVENT = {"number": 1, "kind": "cpu", "about": "", "level": "critical", "worst": 99.0, "process": None}
EVENT |= {"began": NOON + 60, "ended": NOON + 80, "text": "CPU is full: busy (2)"}


def sample_at(seconds, usage, boot=None):
    """Return a reading of this host so long after noon."""
    figures = {"time": NOON + seconds, "monotonic": 5000.0 + seconds, "uptime": 5000.0 + seconds, "cpu_usage": usage}
    return make_sample(boot_id=boot or boot_id(), host=socket.gethostname(), interval=2.0, **figures)


def ticked(*samples):
    """Return a monitor that has read these."""
    monitor = Monitor(ScriptedSource(list(samples)))
    for _ in samples:
        monitor._tick()
    return monitor


@pytest.fixture
def told(tmp_path, monkeypatch):
    """A recording that a server tells of: a minute of another boot, one of this one, and a minute's hole before now."""
    writer = RecordingWriter(tmp_path, 1e9, 2**30)
    for at in range(0, 60, 2):
        writer.append(sample_at(at, 90.0, "a boot before"))
    for at in range(60, 120, 2):
        writer.append(sample_at(at, 40.0), [EVENT] if at == 60 else [])
    writer.close()
    monkeypatch.setenv(RECORDING, str(tmp_path))


@pytest.mark.usefixtures("told")
def test_charts_of_a_fresh_page_begin_with_the_recording():
    """Nobody watched until now: the minute of this boot is drawn where it was, and the hole after it is one."""
    now = sample_at(180, 7.0)
    dashboard = Dashboard(monitor=ticked(now))
    try:

        def drawn():
            dashboard._draw(now, [])
            line = [value and round(value, 3) for value in dashboard.charts.cpu.points[0]]
            return line if 40.0 in line else None

        line = until(drawn)
        before, recorded = line.index(40.0), line.count(40.0)
        after = before + recorded
        assert line[before:after] == [40.0] * 30 and set(line[:before]) == {None}
        assert line[after : after + 31] == [None] * 30 + [7.0]
    finally:
        dashboard.close()


@pytest.mark.usefixtures("told")
def test_python_has_the_events_that_the_page_has():
    """Those of the recording, and after them those of the dashboard's own log."""
    dashboard = Dashboard(monitor=ticked(sample_at(180, 7.0)))
    try:
        dashboard.monitor.event_log.note("limit", "The memory limit changed", NOON + 180)
        page = dashboard._answer_head(HeadRequest("events", "a", {}))["events"]
        assert dashboard.events == page
        assert [event["kind"] for event in page] == ["cpu", "limit"]
    finally:
        dashboard.close()


class Recorded:
    """A recording on a disk that hangs until it is let go on."""

    def __init__(self, *hosts):
        self._hosts, self.goes_on, self.read = list(hosts), threading.Event(), 0

    def hosts(self, begin, end):
        self.read += 1
        self.goes_on.wait()
        return [host for host in self._hosts if begin <= host["time"] <= end]


def test_a_hanging_disk_holds_up_no_tick_and_is_asked_once():
    """What is known is drawn meanwhile; the recording fills holes alone, and what came is told once."""
    monitor = ticked(sample_at(100, 1.0), sample_at(110, 2.0), sample_at(112, 3.0))
    recorded = Recorded(*(sample_at(at + 0.5, 50.0) for at in range(96, 114, 2)))
    history = ChartHistory(monitor, Reach(Kept(monitor.history), lambda: recorded))
    try:
        history.begin(monitor.last)
        until(lambda: recorded.read)
        history.begin(monitor.last)
        assert [host["cpu_usage"] for host in history.hosts()] == [1.0, 2.0, 3.0]
        assert recorded.read == 1 and not history.came
    finally:
        recorded.goes_on.set()
    until(lambda: history.came)
    moments = [host["time"] - NOON for host in history.hosts()]
    assert moments == [96.5, 100, 102.5, 104.5, 106.5, 110, 112]
    assert not history.came


def test_without_a_recording_there_is_the_history(tmp_path, monkeypatch):
    """And nothing comes later."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monitor = ticked(sample_at(100, 1.0))
    history = ChartHistory(monitor, Reach(Kept(monitor.history), lambda: None))
    history.begin(monitor.last)
    until(lambda: not history._thread.is_alive())
    assert not history.came and len(history.hosts()) == 1
