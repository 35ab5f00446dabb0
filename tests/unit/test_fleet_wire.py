"""Samples and rows on their way from a host: what arrives is what was sent, and nothing made up gets in."""

from __future__ import annotations

import json
import math
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procwidget.clean_text import clean_text
from procwidget.fleet import row as rows
from procwidget.fleet.checked import Lie, checked, unpacked
from procwidget.fleet.requests import read_answer
from procwidget.fleet.wire import Receiver, Sender
from procwidget.sample import Process, Sample
from procwidget.sources import default_source
from procwidget.sources.scripted import make_process, make_sample
from procwidget.state.sentence import state_of
from tests.unit.source_stage import conforms


def pack(value):
    return zlib.compress(json.dumps(value).encode())


def sent(*samples):
    """The messages that a host sends of samples to who takes each."""
    sender, messages = Sender(), []
    for sample in samples:
        sender.take(sample)
        messages.append(sender.message(sender.number - 1))
    return messages


def test_real_readings_arrive():
    """What a source of this host reads is the same at the other end, to two decimals, and a sample in all its types."""
    source, receiver = default_source(), Receiver()
    for sample in (source.read(), source.read()):
        for message in sent(sample)[-1:]:
            came = receiver.take(message, source.top)
        conforms(came, Sample)
        assert [row["identity"] for row in came["processes"]] == [row["identity"] for row in sample["processes"]]
        assert came["memory"] == sample["memory"]
        assert came["cpu_usage"] == (None if sample["cpu_usage"] is None else round(sample["cpu_usage"], 2))
        receiver = Receiver()
    source.close()


def test_deltas_lead_to_the_same_sample():
    """Who followed the deltas has what who gets the whole has; unchanged rows stay the same object."""
    still, grows, leaves = make_process(pid=11), make_process(pid=12, cpu=1.0), make_process(pid=13)
    samples = [
        make_sample(processes=[still, grows, leaves]),
        make_sample(processes=[still, {**grows, "cpu": 99.123}], cpu_usage=50.0, time=2.0),
        make_sample(processes=[still, {**grows, "cpu": 99.123}, make_process(pid=14, name="new")], load_average=None),
    ]
    receiver, sender = Receiver(), Sender()
    came = []
    for sample in samples:
        sender.take(sample)
        came.append(receiver.take(sender.message(receiver.number), 3))
        assert came[-1] == Receiver().take(sender.message(0), 3)
    assert [row["pid"] for row in came[2]["processes"]] == [11, 12, 14]
    assert came[1]["processes"][1]["cpu"] == 99.12
    assert came[0]["processes"][0] is came[1]["processes"][0] is came[2]["processes"][0]


def test_who_missed_one_gets_the_whole():
    """A delta that leads on from another reading is refused, and what is asked for then is the whole."""
    sender, receiver = Sender(), Receiver()
    for _ in range(3):
        sender.take(make_sample())
    delta = sender.message(2)
    with pytest.raises(Lie, match="another reading"):
        receiver.take(delta, 3)
    assert receiver.number == 0
    assert receiver.take(sender.message(receiver.number), 3)["process_count"] == 1


@pytest.mark.parametrize(
    "change",
    [
        {"host": {"cpu_usage": "much"}},
        {"host": {"memory": [1, 2]}},
        {"host": {"load_average": [1e300, 10**40, 0]}},
        {"host": {"foreign": 1}},
        {"rows": [{**make_process(), "pid": "1"}]},
        {"rows": [{**make_process(), "evil": {}}]},
        {"rows": [{"pid": 1}]},
        {"rows": {"1": 2}},
        {"number": "1"},
        {"number": -3},
        {"host": None},
    ],
)
def test_lies_are_refused(change):
    """A whole with a wrong type, a foreign key or a number out of all bounds makes no sample."""
    sample = make_sample()
    host = {key: value for key, value in sample.items() if key not in ("processes", "top_processes")}
    true = {"number": 1, "host": host, "rows": sample["processes"]}
    assert Receiver().take(pack(true), 3)["host"] == "example"
    part = change.get("host")
    lie = {**true, **change, **({"host": {**host, **part}} if isinstance(part, dict) else {})}
    with pytest.raises(Lie):
        Receiver().take(pack(lie), 3)


@pytest.mark.parametrize(
    "data", [b"", b"no zip", zlib.compress(b"[NaN]"), zlib.compress(b"[" * 100_000), pack({})[:-3], "text", None, 5]
)
def test_what_is_no_message_is_refused(data):
    """Neither NaN, nor what is nested without end, cut off or no bytes at all."""
    with pytest.raises(Lie):
        unpacked(data)
    with pytest.raises(Lie):
        Receiver().take(data, 3)


def test_a_bomb_is_not_unpacked():
    """A few kilobytes that would be a hundred megabytes are refused before they are that."""
    bomb = zlib.compress(b" " * (100 << 20), 9)
    assert len(bomb) < 200_000
    with pytest.raises(Lie, match="too large"):
        unpacked(bomb)


def test_texts_arrive_clean():
    """A process name that would move a cursor or turn a line around is made harmless where it arrives, too."""
    evil = make_process(name="\x1b[2J\u202ecod.exe")
    row = checked(json.loads(json.dumps(evil)), Process)
    assert "\x1b" not in row["name"]
    assert "\u202e" not in row["name"]
    assert read_answer(pack({"said": {"text": "a\x07b"}})) == {"text": "a\ufffdb"}


def test_a_row_arrives():
    """A host's row has its figures, its sentence and its greediest programs, in few bytes."""
    busy = [make_process(pid=pid, name="train.py", user="ana", cpu=150.0, memory=900.0) for pid in (5, 6)]
    sample = make_sample(processes=[make_process(), *busy], cpu_usage=91.23456)
    row = rows.row_of(sample, state_of([], [], sample))
    message = rows.packed(row)
    came = rows.read(message)
    assert len(message) < 260
    assert came["cpu"] == 91.2
    assert came["text"] == row["text"]
    assert came["top_cpu"] == {"name": "train.py", "user": "ana", "value": 300.0, "processes": 2}
    assert came["top_memory"] == {"name": "train.py", "user": "ana", "value": 1800.0, "processes": 2}


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), st.lists, max_leaves=20))
def test_any_json_is_a_row_or_refused(value):
    """Whatever a host says for a row, no other error comes of it, and neither NaN nor text that may not be shown."""
    try:
        message = json.dumps(value).encode()
    except ValueError:
        return
    try:
        row = rows.read(message)
    except Lie:
        return
    if isinstance(row, str):
        assert 0 < len(row) <= rows.LONGEST_SENTENCE
        assert row == clean_text(row)
    else:
        assert all(row[key] is None or math.isfinite(row[key]) for key in rows.NUMBERS)


@pytest.mark.parametrize("place", range(7))
def test_a_row_with_one_lie_is_refused(place):
    """Each part of a row is looked at."""
    sample = make_sample()
    said = json.loads(rows.packed(rows.row_of(sample, state_of([], [], sample))))
    for lie in ({"a": 1}, [math.inf], -5, 10**400, "x" * 10):
        if type(lie) is type(said[place]):
            continue
        wrong = [*said[:place], lie, *said[place + 1 :]]
        with pytest.raises(Lie):
            rows.read(json.dumps(wrong).encode())


def test_percent_above_hundred_is_a_lie():
    """A host with 1e9 % CPU would be at the top of every list."""
    sample = make_sample()
    said = json.loads(rows.packed(rows.row_of(sample, state_of([], [], sample))))
    said[4][0] = 1e9
    with pytest.raises(Lie):
        rows.read(json.dumps(said).encode())


def test_what_a_host_is_short_of_is_a_place_in_a_list_or_left_out():
    """1.0 equals 1, and is no place."""
    sample = make_sample()
    said = json.loads(rows.packed(rows.row_of(sample, state_of([], [], sample))))
    said[3] = [0, 1.0, 99, -1, "0", None]
    assert len(rows.read(json.dumps(said).encode())["short_of"]) == 1
