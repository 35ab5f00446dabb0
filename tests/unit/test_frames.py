"""Frames: what the browser gets."""

from __future__ import annotations

import json
import math
import random
import struct

from procwidget.masking import mask
from procwidget.sources.scripted import make_process, make_sample
from procwidget.statuses import STATUSES
from procwidget.views import frames
from procwidget.views.frames import COLUMNS, FrameEncoder


class Receiver:
    """A view written from the wire format alone: it keeps rows as the browser does."""

    def __init__(self):
        self.rows = {}
        self.seq = None

    def apply(self, frame):
        content, (block,) = frame
        content = json.loads(json.dumps(content))
        assert self.seq is None or content["seq"] == self.seq + 1
        self.seq = content["seq"]
        if content["whole"]:
            self.rows = {}
        for key in content["gone"]:
            del self.rows[key]
        keys = struct.unpack_from(f"<{len(content['info'])}I", block)
        for key, seldom in zip(keys, content["info"], strict=True):
            identity, name, user, started, command, ppid, nice, session = seldom
            pid = int(identity.partition("-")[0])
            texts = [None if place is None else content["strings"][place] for place in (name, user, command)]
            self.rows.setdefault(key, {}).update(zip(("name", "user", "command"), texts, strict=True))
            self.rows[key].update(pid=pid, identity=identity, started=started, ppid=ppid, nice=nice, session=session)
        count = content["count"]
        columns = {}
        for place, (name, kind) in enumerate(content["columns"]):
            letter = {"u4": "I", "i4": "i", "f4": "f"}[kind]
            columns[name] = struct.unpack_from(f"<{count}{letter}", block, place * 4 * count)
        for place, key in enumerate(columns["key"]):
            row = self.rows[key]
            for name, values in columns.items():
                value = values[place]
                if name == "status":
                    value = None if value < 0 else content["statuses"][value]
                elif value == -1 or value != value:
                    value = None
                row[name] = value
        return len(block)

    def check(self, sample):
        got = {row["identity"]: row for row in self.rows.values()}
        assert set(got) == {row["identity"] for row in sample["processes"]}
        for row in sample["processes"]:
            view = got[row["identity"]]
            for key in ("pid", "name", "user", "command", "ppid", "nice", "session", "status", "threads"):
                assert view[key] == row[key], key
            for key in ("cpu", "memory", "cpu_time"):
                assert view[key] == row[key] or math.isclose(view[key], row[key], rel_tol=1e-6), key


def test_a_thousand_random_ticks_keep_view_and_sample_equal():
    """Whatever starts, ends, changes, execs or is reused, a view that applies every frame shows the sample."""
    choose = random.Random(7)
    encoder, receiver = FrameEncoder(), Receiver()
    statuses = [*(status.name for status in STATUSES), None]
    rows = {}
    for tick in range(1000):
        for identity in [key for key in rows if choose.random() < 0.1]:
            del rows[identity]
        for _ in range(choose.randrange(4)):
            pid = choose.randrange(1, 20)
            for other in [key for key, row in rows.items() if row["pid"] == pid]:
                del rows[other]
            rows[f"{pid}-{tick}"] = make_process(pid=pid, identity=f"{pid}-{tick}", name=f"n{tick}")
        for identity in [key for key in rows if choose.random() < 0.2]:
            change = choose.choice(
                [
                    {"cpu": choose.random() * 100},
                    {"status": choose.choice(statuses)},
                ]
            )
            change |= choose.choice([{}, {"name": f"exec{tick}", "command": None}, {"ppid": tick}, {"threads": None}])
            rows[identity] = {**rows[identity], **change}
        sample = make_sample(processes=list(rows.values()))
        receiver.apply(encoder.encode(sample, whole=choose.random() < 0.02))
        receiver.check(sample)


def test_nothing_changed_is_nothing_sent():
    """A tick without changes has no rows, no names and no bytes in its block."""
    encoder = FrameEncoder()
    sample = make_sample(processes=[make_process(pid=pid) for pid in range(1, 50)])
    encoder.encode(sample)
    content, (block,) = encoder.encode(sample)
    assert (content["count"], content["info"], content["gone"], block) == (0, [], [], b"")


def test_a_view_that_missed_frames_recovers_by_a_whole_one():
    """A whole frame brings any view up to date, whatever it missed."""
    encoder, late = FrameEncoder(), Receiver()
    for pid in range(1, 9):
        sample = make_sample(processes=[make_process(pid=pid), make_process(pid=pid + 1)])
        encoder.encode(sample)
    late.apply(encoder.encode(sample, whole=True))
    late.check(sample)


def test_frames_say_since_when_processes_hang_once_and_to_every_new_view():
    """A view that was opened later dates a hanging process as the alert does; where none hangs no byte is added."""
    encoder, plain = FrameEncoder(), FrameEncoder()
    stuck, other = make_process(pid=7, status="stopped"), make_process(pid=8)

    def since(rows, hanging, whole=False):
        content, block = encoder.encode(make_sample(processes=rows), whole=whole, hanging=hanging)
        without = plain.encode(make_sample(processes=rows), whole=whole)
        told = content.pop("since", None)
        assert (json.dumps(content), block) == (json.dumps(without[0]), without[1])
        return told

    assert since([other], {}) is None
    assert since([stuck, other], {"7-100": 5000.0, "gone": 1.0}) == [[2, 5000.0]]
    assert since([stuck, other], {"7-100": 5000.0}) is None
    assert since([stuck, other], {"7-100": 5000.0}, whole=True) == [[2, 5000.0]]
    assert since([stuck, other], {"7-100": 5000.0, "8-100": 5060.0}) == [[1, 5060.0]]
    assert since([stuck, other], {"7-100": 5070.0, "8-100": 5060.0}) == [[2, 5070.0]]
    assert since([stuck, other], {}, whole=True) is None


def test_a_row_whose_command_line_does_not_answer_says_so():
    """Its command is that sentence, with the command line that it had if there was one, until it answers."""
    encoder, receiver = FrameEncoder(), Receiver()
    row, said = make_process(pid=7), []
    for change in ({"command": None}, {"stuck": True}, {"command": "cat --token x"}, {"stuck": False}):
        row = {**row, **change}
        receiver.apply(encoder.encode(make_sample(processes=[row])))
        said += [view["command"] for view in receiver.rows.values()]
    assert said == [None, "(does not answer)", "(does not answer) cat --token •••", "cat --token •••"]


def test_a_command_line_is_masked_once(monkeypatch):
    """The frame that a new view gets costs no second look at command lines, however hard they are to mask."""
    masked = []

    def count(command):
        masked.append(command)
        return mask(command)

    monkeypatch.setattr(frames, "mask", count)
    encoder = FrameEncoder()
    rows = [make_process(pid=pid, command=f"masked-once --token {pid}") for pid in range(1, 50)]
    for _ in range(3):
        content, _ = encoder.encode(make_sample(processes=rows), whole=True)
        assert "masked-once --token •••" in content["strings"]
    assert len(masked) == len(rows)


def test_frames_stay_small():
    """At 1,000 processes of 250 programs, 5 % of them active, a frame has at most 10 kB, the first 100 kB."""
    names = ["python3", "bash", "sleep", "nginx: worker", "chrome"]
    rows = [
        make_process(pid=pid, name=names[pid % 5], user="ana", command=f"/usr/bin/{names[pid % 5]} --id {pid % 250}")
        for pid in range(1, 1001)
    ]
    encoder = FrameEncoder()
    content, (block,) = encoder.encode(make_sample(processes=rows))
    assert len(json.dumps(content)) + len(block) <= 100_000
    for place in range(0, 1000, 20):
        rows[place] = {**rows[place], "cpu": 12.5}
    content, (block,) = encoder.encode(make_sample(processes=rows))
    assert content["count"] == 50
    assert len(json.dumps(content)) + len(block) <= 10_000
    assert len(COLUMNS) * 4 * 50 == len(block)
