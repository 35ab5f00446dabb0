"""Fields: declared once, and read, kept and sent on demand only while somebody asks."""

from __future__ import annotations

import os
import time
from typing import Any, NotRequired, get_origin, get_type_hints

import pytest

from procwidget import Monitor, snapshot
from procwidget.errors import InvalidArgument
from procwidget.fields import FIELDS, ON_DEMAND
from procwidget.history import History
from procwidget.sample import Process
from procwidget.sources import default_source
from procwidget.sources.linux.source import LinuxSource
from procwidget.sources.portable.source import PortableSource
from procwidget.sources.scripted import ScriptedSource, make_process, make_sample
from procwidget.views.frames import FrameEncoder
from tests.unit.source_stage import conforms

TIMES = {"user_time": 1.5, "system_time": 0.25}


def test_every_stored_field_is_a_key_of_a_row_and_every_key_is_a_field() -> None:
    """`sample.Process` and `FIELDS` say the same; what is on demand need not be there."""
    hints = get_type_hints(Process, include_extras=True)
    assert {field.key for field in FIELDS if field.stored} == set(hints)
    assert {key for key, hint in hints.items() if get_origin(hint) is NotRequired} == set(ON_DEMAND)


@pytest.mark.parametrize("make", [LinuxSource, PortableSource])
def test_a_source_reads_on_demand_what_is_wanted_and_nothing_else(make: Any) -> None:
    """Every row of the next sample has exactly what is wanted, idle ones too; then it is gone again."""
    source = make()
    source.read()
    source.wanted = frozenset(ON_DEMAND)
    before, rows, after = os.times(), source.read()["processes"], os.times()
    assert all(conforms(row, Process) and row.keys() >= set(ON_DEMAND) for row in rows)
    own = next(row for row in rows if row["pid"] == os.getpid())
    # In ticks of 0.01 s, rounded down.
    assert before.user - 0.02 <= (own["user_time"] or 0.0) <= after.user + 0.02
    assert before.system - 0.02 <= (own["system_time"] or 0.0) <= after.system + 0.02
    if make is LinuxSource:
        assert own["priority"] == 20 + os.getpriority(os.PRIO_PROCESS, 0)
    source.wanted = frozenset({"terminal"})
    assert all(set(ON_DEMAND) & row.keys() == {"terminal"} for row in source.read()["processes"])
    source.wanted = frozenset()
    assert not any(set(ON_DEMAND) & row.keys() for row in source.read()["processes"])
    source.close()


def test_times_on_demand_go_on_with_the_process() -> None:
    """A process that runs has its new times at the next reading."""
    source = default_source()
    source.wanted = frozenset(TIMES)

    def own() -> float:
        row = next(row for row in source.read()["processes"] if row["pid"] == os.getpid())
        return (row["user_time"] or 0.0) + (row["system_time"] or 0.0)

    before, deadline = own(), time.process_time() + 0.1
    while time.process_time() < deadline:
        pass
    assert own() >= before + 0.05
    source.close()


def test_the_history_keeps_what_was_read_on_demand() -> None:
    """Each sample comes back as it was: with these fields while they were wanted, and without before and after."""
    history = History()
    rows: list[list[Process]] = [
        [make_process(pid=1, identity="1-1"), make_process(pid=2, identity="2-1")],
        [
            make_process(pid=1, identity="1-1", **TIMES),
            make_process(pid=2, identity="2-1", user_time=None, system_time=0.0),
        ],
    ]
    rows.append([make_process(pid=1, identity="1-1", user_time=2.0, system_time=0.25), rows[1][1]])
    rows += [rows[2], rows[0]]
    samples = [make_sample(monotonic=float(at), processes=these) for at, these in enumerate(rows)]
    for sample in samples:
        history.append(sample)
    assert list(history) == samples


def test_a_frame_carries_what_was_read_on_demand_and_is_whole_when_that_changes() -> None:
    """Its columns come after the usual ones; a view that just asked gets them for every process, also idle ones."""
    encoder, plain = FrameEncoder(), make_sample()
    more = make_sample(processes=[make_process(**TIMES)])
    usual = encoder.encode(plain)[0]["columns"]
    content, [block] = encoder.encode(more)
    assert content["whole"]
    assert content["columns"] == [*usual, ["user_time", "f4"], ["system_time", "f4"]]
    assert len(block) == 4 * content["count"] * len(content["columns"])
    assert not encoder.encode(more)[0]["whole"]
    content = encoder.encode(plain)[0]
    assert (content["whole"], content["columns"]) == (True, usual)


def test_a_monitor_reads_what_all_who_ask_want_together() -> None:
    """Each replaces what it asked for before, and what nobody wants any more is not read."""
    source = ScriptedSource([make_sample()])
    monitor, one, other = Monitor(source), History(), History()
    monitor.want(one, ["priority", "nonsense"])
    monitor.want(other, ["user_time"])
    assert source.wanted == {"priority", "user_time"}
    monitor.want(one, [])
    assert source.wanted == {"user_time"}
    monitor.want(other, [])
    assert source.wanted == frozenset()


def test_a_snapshot_has_what_it_was_asked_for() -> None:
    """And a field that there is not gets one sentence."""
    rows = snapshot(0.5, fields=["priority", "read"])["processes"]
    own = next(row for row in rows if row["pid"] == os.getpid())
    assert "priority" in own
    # Counters of disks come a reading later, and a rate needs two of them.
    assert default_source().name == "portable" or own["read"] is not None
    with pytest.raises(InvalidArgument, match=r"^There is no field 'prio' .*'priority'.*; there are user_time, "):
        snapshot(0.02, fields=["prio"])
