"""What each process did between two moments, told by the history."""

from __future__ import annotations

import datetime

import pytest

from procwidget.errors import InvalidArgument
from procwidget.history import History
from procwidget.intervals import compare
from procwidget.sources.scripted import make_process, make_sample

START = datetime.datetime(2026, 11, 29, 10, 30, 0).timestamp()


def history_of(*readings, step=2.0, **each):
    """Return a history with a sample of each list of rows, one every two seconds from half past ten on."""
    history = History(3600)
    for at, rows in enumerate(readings):
        history.append(make_sample(processes=rows, time=START + step * at, monotonic=100.0 + step * at, **each))
    return history


def by_name(between):
    """Return the rows of an interval by their names."""
    return {row["name"]: row for row in between["processes"]}


def test_at_is_the_newest_reading_before_the_moment():
    """A moment between two readings shows the one that stood then; seconds ago count from the newest reading."""
    history = history_of(*[[make_process(cpu_time=float(at))] for at in range(10)])
    shown = [history.at(when)["processes"][0]["cpu_time"] for when in ("10:30:07", "10:30:06", 2, "4s", START + 1)]
    assert shown == [3.0, 3.0, 8.0, 7.0, 0.0]


def test_moment_before_the_first_reading_is_refused():
    """The sentence says from when on there are readings."""
    history = history_of([make_process()])
    with pytest.raises(InvalidArgument, match=r"There is no reading from 10:29:00: the first is from 10:30:00\."):
        history.at("10:29")
    with pytest.raises(InvalidArgument, match="no reading yet"):
        History().at("10s")


def test_interval_adds_up_what_processes_did_in_it():
    """CPU time and bytes are what was added in the interval, also by those that began or ended in it."""
    old = make_process(
        pid=1, name="old", cpu_time=100.0, memory=50.0, read_total=1000, written_total=0, started=START - 9
    )
    ends = make_process(pid=2, name="ends", cpu_time=10.0, memory=5.0, read_total=0, written_total=0, started=START - 9)
    new = make_process(pid=3, name="new", cpu_time=1.0, memory=30.0, read_total=10, written_total=7, started=START + 5)
    history = history_of(
        [old, ends],
        [{**old, "cpu_time": 101.0, "memory": 80.0}, {**ends, "cpu_time": 12.0}],
        [{**old, "cpu_time": 102.0, "memory": 70.0, "read_total": 5000}],
        [{**old, "cpu_time": 103.0, "memory": 60.0, "read_total": 6000}, new],
        [{**old, "cpu_time": 109.0, "memory": 60.0, "read_total": 6000}, {**new, "cpu_time": 3.0}],
    )
    between = history.between("10:30:02", "10:30:07")
    assert (between["from"], between["to"]) == (START + 2, START + 7)
    rows = by_name(between)
    assert [row["name"] for row in between["processes"]] == ["old", "new", "ends"]
    assert rows["old"]["cpu_seconds"] == 2.0 and rows["old"]["memory_change"] == -20.0 and rows["old"]["read"] == 5000
    assert (rows["old"]["began"], rows["old"]["ended"], rows["old"]["why"]) == (None, None, None)
    assert rows["ends"]["cpu_seconds"] == 0.0 and rows["ends"]["ended"] == START + 4 and rows["ends"]["why"] == "ended"
    assert rows["new"]["cpu_seconds"] == 1.0 and rows["new"]["memory_change"] == 30.0 and rows["new"]["written"] == 7
    assert rows["new"]["began"] == START + 5


def test_bytes_that_nobody_read_are_unknown():
    """Never 0: the totals are read on demand."""
    history = history_of([make_process()], [make_process(cpu_time=5.0)])
    row = history.between(60, 0)["processes"][0]
    assert row["read"] is None and row["written"] is None and row["cpu_seconds"] == pytest.approx(4.99)


def test_interval_is_right_across_whole_readings():
    """The ring keeps every thirtieth reading whole; what ended or went on there is told all the same."""
    rows = [[make_process(pid=1, cpu_time=float(at)), *([make_process(pid=2)] if at < 45 else [])] for at in range(100)]
    between = history_of(*rows).between(199, 0)
    one, two = sorted(between["processes"], key=lambda row: row["pid"])
    assert one["cpu_seconds"] == 99.0 and one["ended"] is None
    assert two["ended"] == START + 90 and two["cpu_seconds"] == 0.0


def test_interval_must_begin_before_it_ends():
    """The sentence says which comes first."""
    with pytest.raises(InvalidArgument, match="the earlier moment comes first"):
        history_of([make_process()]).between("1s", "5s")


def test_comparison_says_what_became_of_each():
    """Born, gone, busier, calmer, grown and shrunk; the largest difference first, what is the same last."""

    def rows(busy, big, *others):
        still = make_process(pid=4, name="still")
        return [
            make_process(pid=1, name="busy", cpu_time=busy),
            make_process(pid=2, name="big", memory=big),
            still,
            *others,
        ]

    gone, born = make_process(pid=5, name="gone", memory=600.0), make_process(pid=6, name="born", memory=300.0)
    history = history_of(
        rows(0.0, 100.0, gone), rows(0.0, 100.0, gone), rows(0.0, 100.0), rows(4.0, 900.0), rows(6.0, 900.0, born)
    )
    differences = compare(history.between("10:30:00", "10:30:02"), history.between("10:30:06", "10:30:08"))
    assert [(row["name"], row["what"]) for row in differences] == [
        ("busy", "busier"),
        ("big", "grown"),
        ("gone", "gone"),
        ("born", "born"),
        ("still", "same"),
    ]
    assert differences[0]["cpu_change"] == 1.0 and differences[1]["memory_change"] == 800.0
