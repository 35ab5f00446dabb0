"""What a view is told of a past moment."""

from __future__ import annotations

import struct

import pytest

from procwidget.errors import InvalidArgument
from procwidget.history import History
from procwidget.sources.scripted import make_process, make_sample
from procwidget.views.past import Past
from procwidget.views.readings import Kept, Reach

START = 1_700_000_000.0


@pytest.fixture
def past():
    """Ten readings, two seconds apart; a process ends after the fifth."""
    history, samples = History(), []
    for at in range(10):
        rows = [make_process(pid=1, name="stays", cpu_time=float(at))]
        if at < 5:
            rows.append(make_process(pid=2, name="ended", command="mysql -psecret"))
        samples.append(make_sample(processes=rows, time=START + 2 * at, monotonic=100.0 + 2 * at))
        history.append(samples[-1])
    reach = Reach(Kept(history), lambda: None)
    return Past(reach, lambda sample, _events: {"time": sample["time"]}, lambda: samples[-1])


def identities(frame):
    """Return whom a frame shows."""
    return [info[0] for info in frame["info"]]


def test_moment_is_a_whole_frame_of_then(past):
    """With its block, the summary's words, and who of it has ended since."""
    answer, (block,) = past.moment({"when": START + 5})
    assert (answer["result"], answer["time"], answer["first"], answer["last"]) == (
        "moment",
        START + 4,
        START,
        START + 18,
    )
    assert answer["frame"]["whole"] and identities(answer["frame"]) == ["1-100", "2-100"]
    assert answer["ended"] == ["2-100"] and answer["reading"] == {"time": START + 4}
    columns = [name for name, _ in answer["frame"]["columns"]]
    at = columns.index("cpu_time") * 2 * 4
    assert struct.unpack_from("<f", block, at) == (2.0,)
    assert "secret" not in str(answer["frame"]["strings"])


@pytest.mark.parametrize(
    ("when", "step", "shown"),
    [(START + 4, -1, 2), (START + 4, 1, 6), (START, -1, 0), (START + 18, 1, 18), ("10s", 0, 8), (START + 5, 1, 6)],
)
def test_steps_go_from_reading_to_reading(past, when, step, shown):
    """And stay at the first and the last one."""
    answer, _ = past.moment({"when": when, "step": step})
    assert answer["time"] == START + shown


@pytest.mark.parametrize("when", [None, [], {"a": 1}, "x" * 100, "soon", float("nan"), True, 5e12, "9d"])
def test_anything_else_is_refused_in_a_sentence(past, when):
    """Whatever a browser sends; what is later than now is the newest reading."""
    if when == 5e12:
        assert past.moment({"when": when})[0]["time"] == START + 18
        return
    with pytest.raises(InvalidArgument, match=r"^(A moment is such as 10:32, 10:32:14, 5m|There is no reading from)"):
        past.moment({"when": when})


def test_interval_is_bounded_and_masked(past):
    """It says how many it left out."""
    answer = past.interval({"from": START, "to": START + 18})
    assert [row["name"] for row in answer["processes"]] == ["stays", "ended"]
    assert answer["processes"][0]["cpu_seconds"] == 9.0 and answer["processes"][1]["ended"] == START + 10
    assert "secret" not in answer["processes"][1]["command"] and answer["left_out"] == 0
    with pytest.raises(InvalidArgument, match="earlier moment comes first"):
        past.interval({"from": START + 5, "to": START})


def test_nothing_read_yet_is_said():
    """Before the first reading."""
    past = Past(Reach(Kept(History()), lambda: None), lambda *_: {}, lambda: None)
    with pytest.raises(InvalidArgument, match="no reading yet"):
        past.moment({"when": 5})
