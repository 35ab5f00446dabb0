"""A recording has what was wrong and what was done, as its monitor told of it, until when it lasted."""

from __future__ import annotations

import datetime
import sqlite3

import pytest

from procwidget.monitor import Monitor
from procwidget.recording.folder import files_in
from procwidget.recording.recorder import Recorder
from procwidget.recording.recording import Recording
from procwidget.recording.writer import RecordingWriter
from procwidget.sources.scripted import ScriptedSource, make_sample
from procwidget.state.events import EventLog
from tests.patience import until
from tests.unit.recording_stage import HandsOver

NIGHT = datetime.datetime(2026, 11, 29, 23, 59, 50).timestamp()
ALERT = {
    "kind": "memory",
    "about": "host",
    "level": "critical",
    "since": NIGHT,
    "value": 97.0,
    "process": None,
    "text": "Memory is full for 3 s",
}


@pytest.fixture
def told():
    """A monitor that says what the test says."""
    return HandsOver()


def reading(at):
    """Return a reading so many seconds after the night begins."""
    return make_sample(time=NIGHT + at, monotonic=100.0 + at)


def plain(event):
    """Return an event without the number that it has in its list."""
    return {key: value for key, value in event.items() if key != "number"}


def test_event_is_recorded_with_its_end_and_its_worst(tmp_path, told):
    """It is one event, as the log itself has it."""
    recorder = Recorder(told, tmp_path)
    for at, value in ((0, 91.0), (2, 97.0), (4, 95.0)):
        told.tick(reading(at), [{**ALERT, "value": value}])
    told.event_log.note("oom", "The kernel ended a process", NIGHT + 5, level="critical")
    for at in (6, 20):
        told.tick(reading(at))
    recorder.close()
    with Recording(tmp_path) as recording:
        assert [plain(event) for event in recording.events] == [plain(event) for event in told.event_log.copies()]
        assert [event["number"] for event in recording.events] == [1, 2]
        assert recording.events[0]["ended"] == NIGHT + 4 and recording.events[0]["worst"] == 97.0


def test_event_over_midnight_is_one(tmp_path, told):
    """It is in the files of both days, so each can be read alone, and one event in the recording."""
    recorder = Recorder(told, tmp_path)
    for at in range(0, 16, 2):
        told.tick(reading(at), [ALERT])
    recorder.close()
    assert len(files_in(tmp_path)) == 2
    for path in (tmp_path, *files_in(tmp_path)):
        with Recording(path) as recording:
            assert [(event["began"], event["ended"]) for event in recording.events] == [(NIGHT, None)]


@pytest.mark.parametrize("later", [4, 90_000])
def test_event_of_a_writer_that_was_cut_off_ends_with_its_last_reading(tmp_path, later):
    """Nothing is claimed of the time in which nobody recorded, on the same day or on another one."""
    log = EventLog()
    for start in (0, later):
        writer = RecordingWriter(tmp_path, 7 * 86400, 2**30)
        sample = make_sample(time=NIGHT + start, monotonic=100.0 + start)
        log.follow(sample, [ALERT] if start == 0 else [], 2.0)
        writer.append(sample, log.copies()[:1] if start == 0 else [])
        writer.append(make_sample(time=NIGHT + start + 2, monotonic=102.0 + start))
        writer.close()
    with Recording(tmp_path) as recording:
        assert [event["ended"] for event in recording.events] == [NIGHT + 2]


def test_events_that_could_not_be_written_come_with_the_next_reading(tmp_path, told, monkeypatch):
    """Whether the disk was full or hung: the reading is lost, what happened is not."""
    usual, fails = RecordingWriter.append, [True]

    def append(writer, sample, events):
        if fails:
            raise sqlite3.OperationalError("database or disk is full")
        usual(writer, sample, events)

    monkeypatch.setattr(RecordingWriter, "append", append)
    recorder = Recorder(told, tmp_path)
    told.tick(reading(0), [ALERT])
    until(lambda: recorder.lost == 1)
    fails.clear()
    told.tick(reading(2), [ALERT])
    recorder.close()
    with Recording(tmp_path) as recording:
        assert [event["text"] for event in recording.events] == ["Memory is full"] and len(recording) == 1


def test_monitor_records_its_events(tmp_path):
    """Also those of which no dashboard knows; other programs find them by SQL."""
    monitor = Monitor(ScriptedSource([make_sample(oom_kills=1)]), interval=0.1, record=tmp_path)
    until(lambda: monitor.recorder.written >= 2)
    monitor.close()
    with Recording(tmp_path) as recording:
        assert recording.events[0]["kind"] == "oom" and "want of memory" in recording.events[0]["text"]
    connection = sqlite3.connect(files_in(tmp_path)[0])
    found = connection.execute("SELECT kind, level, began = ended FROM event LIMIT 1").fetchone()
    connection.close()
    assert found == ("oom", "critical", 1)
