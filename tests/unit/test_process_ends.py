"""Telling when a process ends, and what is said of alerts while nobody sees the page."""

from __future__ import annotations

import subprocess
import time

import pytest

from procwidget import Dashboard, InvalidArgument, Monitor
from procwidget.sources.scripted import ScriptedSource, make_process, make_sample
from procwidget.state.process_ends import MOST_TOLD, ProcessEnds
from procwidget.views.dashboard_alerts import NOTIFIED_FOR
from procwidget.watchers import Watchers
from tests.patience import PATIENCE, until

RUN = make_process(pid=7, name="train.py", started=4000.0)


def at(moment: float, *rows, **changes):
    """A sample `moment` seconds into the story, with these processes."""
    return make_sample(
        monotonic=100.0 + moment, time=5000.0 + moment, interval=2.0, processes=[make_process(pid=1), *rows], **changes
    )


@pytest.fixture
def stage():
    """A monitor that is fed by hand, with a dashboard, and what its head is sent."""

    class Stage:
        monitor = Monitor(ScriptedSource([at(0, RUN)]))

        def __init__(self):
            self.dashboard = Dashboard(monitor=self.monitor)
            self.monitor.stop()
            # Each sample is given to the dashboard by hand, and once.
            self.monitor._watchers = Watchers()
            self.sent = []
            self.dashboard.summary.send = lambda content, _buffers=None: self.sent.append(content)
            self.read(at(0, RUN))

        def read(self, sample):
            self.monitor.source = ScriptedSource([sample])
            self.monitor._tick()
            self.dashboard._take(self.monitor.last)

    stage = Stage()
    yield stage
    stage.dashboard.close()
    stage.monitor.stop()


def test_who_asked_is_told_once_when_a_process_ends(stage):
    """In the page, in the events, and by a callback; other processes that end are nobody's business."""
    heard = []
    stage.dashboard.tell_when_ended(7, heard.append)
    stage.read(at(2, RUN))
    assert (heard, stage.dashboard.summary.reading["told"]) == ([], None)
    stage.read(at(3600))
    stage.read(at(3602))
    [end] = heard
    assert end["text"] == "train.py (7) has ended after 1 h 16 min"
    assert (end["kind"], end["about"], end["seconds"]) == ("process_end", RUN["identity"], 4600.0)
    assert [event["text"] for event in stage.dashboard.events] == [end["text"]]
    assert stage.dashboard.summary.reading["told"] == {"number": 1, "text": end["text"], "time": 8600.0}
    stage.read(at(3602 + 700))
    assert stage.dashboard.summary.reading["told"] is None, "who comes later reads it in the events"


def test_another_process_of_the_same_pid_is_not_the_same():
    """Identity, not pid: a pid that is used again has ended all the same. So has one that nobody has collected."""
    ends = ProcessEnds()
    ends.add(RUN, 5000.0)
    [end] = ends.take(at(2, {**RUN, "identity": "7-999"}))
    assert end["process"]["identity"] == RUN["identity"]
    ends.add(RUN, 5000.0)
    assert len(ends.take(at(2, {**RUN, "status": "zombie"}))) == 1


@pytest.mark.parametrize("given", [7, RUN["identity"], RUN, {**RUN, "cpu": 3.0}])
def test_a_process_is_meant_by_pid_identity_or_row(stage, given):
    """And the returned function takes it back."""
    take_back = stage.dashboard.tell_when_ended(given)
    assert stage.monitor.process_ends.waiting == [RUN["identity"]]
    take_back()
    assert stage.monitor.process_ends.waiting == []


@pytest.mark.parametrize(
    ("given", "callback", "word"),
    [
        (8, None, "no process 8"),
        ("x", None, "no process"),
        (True, None, "meant by"),
        ([7], None, "meant by"),
        (7, 3, "callback"),
    ],
)
def test_what_is_no_process_gets_a_sentence(stage, given, callback, word):
    """Nobody waits for ever for something that is not there."""
    with pytest.raises(InvalidArgument, match=word):
        stage.dashboard.tell_when_ended(given, callback)


def test_so_many_are_waited_for():
    """A page cannot make the kernel keep rows without end."""
    ends = ProcessEnds()
    for pid in range(MOST_TOLD):
        ends.add(make_process(pid=pid + 10), 5000.0)
    with pytest.raises(InvalidArgument, match="at most"):
        ends.add(RUN, 5000.0)


def test_a_callback_that_fails_costs_the_others_nothing(stage):
    """It is logged; the next is called, and the sample is taken."""
    heard = []
    stage.monitor.tell_when_ended(7, lambda end: 1 / 0)
    stage.monitor.tell_when_ended(7, heard.append)
    stage.read(at(2))
    assert len(heard) == 1
    assert stage.monitor.problem is None


def test_readings_go_on_while_somebody_waits_for_an_end(stage):
    """Nobody sees the page, and the process is followed all the same; when it has ended, readings end."""
    stage.dashboard.table.present = lambda: False
    unwatched = []
    stage.dashboard._unwatch = lambda: unwatched.append(True)
    stage.dashboard._tell(RUN["identity"], True)
    stage.read(at(2, RUN))
    assert unwatched == []
    stage.read(at(4))
    assert unwatched == [True]


def test_the_table_knows_what_is_waited_for_and_is_told_when_that_changes(stage):
    """With the frame, and nothing in the frames between."""
    part = stage.dashboard._tell_part
    assert part(whole=True) == {"telling": []}
    stage.dashboard._tell(RUN["identity"], True)
    assert [part(whole=False), part(whole=False)] == [{"telling": [RUN["identity"]]}, {}]
    stage.dashboard._tell(RUN["identity"], False)
    assert part(whole=False) == {"telling": []}
    with pytest.raises(InvalidArgument):
        stage.dashboard._tell(["7"], True)


def test_a_hidden_page_that_wants_notifications_gets_them_for_three_minutes(stage):
    """Critical alerts and told ends; to whom nobody asked nothing is sent, and then readings stop too."""
    stage.dashboard.table.present = lambda: False
    unwatched, arrived = [], []
    stage.dashboard._unwatch = lambda: unwatched.append(True)
    # A real poller would read the samples that this test reads.
    stage.dashboard._arrive = lambda: arrived.append(True)
    stage.dashboard.summary._handle(None, {"type": "notify"}, [])
    assert arrived == [True], "readings that had stopped go on"
    assert 170.0 < stage.dashboard._notified_until - time.monotonic() <= NOTIFIED_FOR
    stage.read(at(2, RUN, cpu_usage=97.0, pressure=None))
    stage.read(at(4, RUN, cpu_usage=97.0, pressure=None))
    [notice] = stage.sent
    assert notice["type"] == "notice"
    assert notice["text"].startswith("Critical: CPU")
    stage.monitor.tell_when_ended(7)
    stage.read(at(6, cpu_usage=97.0, pressure=None))
    assert stage.sent[1]["text"].startswith("train.py (7) has ended")
    assert unwatched == []
    stage.dashboard._notified_until = 0.0
    stage.read(at(8, cpu_usage=5.0))
    assert (len(stage.sent), unwatched) == (2, [True])


def test_a_real_process_is_told_of_when_it_ends():
    """From the moment of asking, with a reading of this host that comes by itself."""
    child = subprocess.Popen(["sleep", "1000"])
    monitor, heard = Monitor(interval=0.1), []
    try:
        monitor.start()
        until(lambda: monitor.last and any(row["pid"] == child.pid for row in monitor.last["processes"]))
        monitor.tell_when_ended(child.pid, lambda end: heard.append((end["process"]["pid"], time.time())))
        child.kill()
        child.wait()
        until(lambda: heard)
        assert heard[0][0] == child.pid
        # The machine may be short of something, too.
        until(lambda: "process_end" in [event["kind"] for event in monitor.events])
    finally:
        monitor.stop()
        if child.poll() is None:
            child.kill()
        child.wait(PATIENCE)
