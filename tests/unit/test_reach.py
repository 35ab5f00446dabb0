"""What a view is told of moments that a recording has: holes, charts, what differs; and beyond the history."""

from __future__ import annotations

import datetime

import pytest

from procwidget.cli import main
from procwidget.errors import InvalidArgument
from procwidget.history import History
from procwidget.recording.recording import Recording
from procwidget.recording.writer import RecordingWriter
from procwidget.sources.scripted import make_process, make_sample
from procwidget.state.events import EventLog
from procwidget.thresholds import Thresholds
from procwidget.views.chart import WINDOW
from procwidget.views.charts import Charts
from procwidget.views.dashboard import Dashboard
from procwidget.views.past import Past
from procwidget.views.protocol import HeadRequest
from procwidget.views.readings import Kept, Reach, Recorded
from procwidget.views.said import Said
from tests.patience import until

NOON = datetime.datetime(2026, 11, 29, 12, 0, 0).timestamp()
HOLE = range(40, 340)
"""Readings that nobody took, each two seconds after the one before: ten minutes."""


def sample_at(at):
    """Return a reading: a process that works is joined by one that is busy for a minute and is killed then."""
    rows = [make_process(pid=1, name="works", cpu=5.0, cpu_time=at / 10, memory=100.0 + at / 4, command="run -psecret")]
    busy = 400 <= at < 430
    if busy:
        rows.append(make_process(pid=2, name="<b>busy</b>", cpu=190.0, cpu_time=(at - 400) * 3.8, memory=50.0))
    killed = {"pid": 2, "identity": "2-100", "name": "busy", "status": None, "signal": "SIGKILL"}
    exits = {"exits": [killed | {"text": "killed by SIGKILL"}]} if at == 430 else {}
    usage = 97.0 if busy else 3.0
    sample = make_sample(processes=rows, time=NOON + 2 * at, monotonic=100.0 + 2 * at, cpu_usage=usage, **exits)
    sample["effective"] |= {"cpu_usage": usage, "cpus": 2.0}
    return sample


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A recording of a quarter of an hour with a hole and an event."""
    folder = tmp_path_factory.mktemp("recording")
    writer = RecordingWriter(folder, 1e9, 2**30)
    named = {"number": 1, "kind": "cpu", "about": "", "level": "critical", "worst": 97.0, "process": None}
    event = named | {"began": NOON + 800, "ended": NOON + 860, "text": "CPU is full: <b>busy</b> (2)"}
    for at in range(450):
        if at not in HOLE:
            writer.append(sample_at(at), [event] if at == 430 else [])
    writer.close()
    return folder


@pytest.fixture
def recorded(folder):
    """That recording, opened."""
    recorded = Recorded(Recording(folder))
    yield recorded
    recorded.close()


@pytest.fixture
def past(recorded):
    """What answers of it; the history has the last minute."""
    history, charts = History(), Charts(2)
    for at in range(420, 450):
        history.append(sample_at(at))
    said = Said(Thresholds, lambda: 2.0)
    return Past(Reach(Kept(history), lambda: recorded), said.describe, lambda: sample_at(449), lambda: charts)


def test_dashboard_reaches_beyond_its_history_into_the_recording(past):
    """And back over the seam, reading by reading."""
    answer, _ = past.moment({"when": NOON + 20})
    assert (answer["time"], answer["first"], answer["last"]) == (NOON + 20, NOON, NOON + 898)
    seam = NOON + 2 * 420
    assert past.moment({"when": seam, "step": -1})[0]["time"] == seam - 2
    assert past.moment({"when": seam - 2, "step": 1})[0]["time"] == seam


def test_moment_in_a_hole_says_that_nothing_was_read(past):
    """It shows the reading before, and a step leads over the hole."""
    answer, _ = past.moment({"when": NOON + 400})
    assert answer["time"] == NOON + 78
    assert answer["note"] == "Nothing was read at 12:06:40: this is the reading before, 5 min earlier."
    assert answer["next"] == NOON + 680
    assert past.moment({"when": NOON + 20})[0]["note"] is None


def test_moment_after_the_last_reading_is_that_one_and_says_so(past):
    """Not a moment of the day before, of which there is nothing; of a longer time ago the days are said."""
    answer, _ = past.moment({"when": "13:30"})
    assert answer["time"] == NOON + 898
    assert answer["note"] == "There is no reading from 13:30:00: this is the last one."
    with pytest.raises(InvalidArgument, match="from 2020-01-01 10:00:00: the first is from 2026-11-29 12:00:00"):
        past.moment({"when": "2020-01-01 10:00"})


def test_events_of_the_recording_come_before_those_of_the_log(recorded):
    """Each once: what a page records is in both."""
    log = EventLog()
    own = recorded.events()[0]
    history = History()
    history.append(sample_at(449))
    reach = Reach(Kept(history, lambda: [own | {"number": 9}, *log.copies()]), lambda: recorded)
    log.note("limit", "The memory limit changed", NOON + 890)
    assert [event["kind"] for event in reach.events()] == ["cpu", "limit"]
    assert [event["kind"] for event in Reach(Kept(History(), log.copies), lambda: None).events()] == ["limit"]


def test_recorded_moment_says_who_of_it_has_ended_and_how(past):
    """By identity, as the live table counts processes."""
    answer, _ = past.moment({"when": NOON + 2 * 425})
    assert answer["ended"] == ["2-100"] and answer["why"] == {"2-100": "killed by SIGKILL"}


def test_sentence_of_a_recorded_moment_is_from_the_seconds_before_it(recorded):
    """Where an event lasted then, it says the sentence."""
    said = Said(Thresholds, lambda: 2.0)
    assert said.describe(sample_at(425), recorded)["headline"]["text"] == "CPU is full: <b>busy</b> (2)"
    recorded.events = list
    assert "busy</b> (2)" in said.describe(recorded.at(NOON + 850), recorded)["headline"]["text"]
    assert said.describe(recorded.at(NOON + 20), recorded)["headline"]["text"].startswith("Calm")


def test_python_and_the_page_say_the_same_of_a_replay(tmp_path):
    """The sentence of its newest reading; not calm, as if nothing had been before it."""
    writer = RecordingWriter(tmp_path, 1e9, 2**30)
    for at in range(400, 430):
        writer.append(sample_at(at))
    writer.close()
    dashboard = Dashboard(recording=tmp_path)
    try:
        until(lambda: "busy</b> (2)" in dashboard.headline["text"])
        page = dashboard.table.past.moment({"when": "0s"})[0]["reading"]
        assert dashboard.headline["text"] == page["headline"]["text"] == dashboard.monitor.headline["text"]
        assert dashboard.events == []  # nor is it noted a second time
    finally:
        dashboard.close()


def test_overview_has_the_hole_the_peak_and_the_event(past):
    """A stretch with no reading is none with zero."""
    shown = past.overview({"around": NOON})
    at = lambda time: int((time - shown["from"]) // shown["width"])  # noqa: E731
    assert (shown["there"][at(NOON + 20)], shown["there"][at(NOON + 400)]) == (1, 0)
    assert shown["cpu"][at(NOON + 400)] is None and shown["cpu"][at(NOON + 820)] == 97.0
    hole = shown["there"][at(NOON + 84) : at(NOON + 676)]
    assert sum(hole) == 0 and sum(shown["there"]) > len(shown["there"]) - len(hole) - 4
    assert shown["marks"] == [[NOON + 800, "critical", "CPU is full: <b>busy</b> (2)"]]


def test_charts_of_a_past_moment_have_its_gap_and_its_mark(past):
    """As a whole part that ends at that moment."""
    answer, (points,) = past.charts({"until": NOON + 860})
    part = answer["charts"]
    lines = sum(count for _, count in part["models"])
    filled = len(points) // 4 // lines
    values = memoryview(points).cast("f")[:filled].tolist()
    slot = WINDOW / part["slots"]
    of = lambda time: values[filled - 1 - round((NOON + 860 - time) / slot)]  # noqa: E731
    assert of(NOON + 20) == 3.0 and of(NOON + 850) == 97.0 and of(NOON + 400) != of(NOON + 400)
    assert [marks for _, marks in part["marks"] if marks] == [[[60.0, "critical"]]]


def test_details_of_a_past_moment_are_its_figures_until_then_and_its_end(past):
    """The end comes after it, and so is no figure of then."""
    known = past.details({"identity": "2-100", "when": NOON + 2 * 410})
    assert known["history"]["time"][0] == NOON + 800 and known["history"]["time"][-1] == NOON + 820
    assert set(known["history"]["cpu"]) == {190.0}
    assert (known["ended"], known["why"]) == (NOON + 860, "killed by SIGKILL")
    with pytest.raises(InvalidArgument, match="identity"):
        past.details({"identity": 5, "when": NOON})


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        (NOON + 20, NOON + 810, "born"),
        (NOON + 810, NOON + 890, "gone"),
        ([NOON, NOON + 60], [NOON + 690, NOON + 750], None),
        ([NOON + 700, NOON + 790], [NOON + 800, NOON + 850], "born"),
    ],
)
def test_moments_and_intervals_are_compared(past, before, after, what):
    """Who is the same is left out."""
    answer = past.comparison({"before": before, "after": after})
    found = {row["pid"]: row["what"] for row in answer["processes"]}
    assert found.get(2) == what
    assert answer["result"] == "comparison" and answer["left_out"] == 0


def test_dashboard_of_a_recording_shows_it_and_lets_nothing_be_ended(folder):
    """It has the recording's samples and events, takes no interval, and is of no use for a signal."""
    dashboard = Dashboard(recording=folder)
    try:
        assert dashboard.table.options["replay"] and not dashboard.table.options["actions"]
        assert len(dashboard.history) == 150 and dashboard.history[-1]["time"] == NOON + 898
        assert [event["kind"] for event in dashboard.events] == ["cpu"]
        dashboard.show_at(NOON + 20)
        reading = dashboard.table.past.moment({"when": NOON + 20})[0]["reading"]
        assert reading["thresholds"] == dashboard.thresholds.as_settings()
        until(lambda: dashboard.monitor.last)
        answer = dashboard._answer_head(HeadRequest("events", "a", {}))
        assert (answer["version"], answer["now"]) == (reading["events"]["version"], NOON + 898)
        assert [event["kind"] for event in answer["events"]] == ["cpu"]
    finally:
        dashboard.close()
    with pytest.raises(InvalidArgument, match="takes no interval"):
        Dashboard(recording=folder, interval=1)
    with pytest.raises(InvalidArgument, match=r"must be a procwidget\.Recording or its path"):
        Dashboard(recording=5)


def test_replay_of_nothing_is_one_sentence(tmp_path, capsys):
    """Before a server starts."""
    assert main(["replay", str(tmp_path / "nothing")]) == 2
    assert "There is no recording" in capsys.readouterr().err


def test_replay_of_this_host_and_recording_it_at_once_is_refused(folder, capsys):
    """So is a replay that was to show one user's processes alone: a recording has those of all."""
    assert main(["replay", str(folder), "--own-processes"]) == 2
    assert "leave out --own-processes" in capsys.readouterr().err
    assert main(["replay", str(folder), "--record"]) == 2
    assert "leave out --record" in capsys.readouterr().err
