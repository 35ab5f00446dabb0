"""The ring of samples."""

from __future__ import annotations

import itertools
import json
import threading
import tracemalloc
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procwidget.errors import InvalidArgument
from procwidget.history import History
from procwidget.sources.scripted import make_process, make_sample


def test_what_went_in_comes_out():
    """A sample read back equals the sample that was appended, unknown values included."""
    sample = make_sample(
        processes=[
            make_process(pid=7, name="a", cpu=12.345678901, memory=0.25, threads=None, status=None, user=None),
            make_process(pid=9, name="b", cpu=None, memory=None, cpu_time=None, command=None, nice=-5, stuck=True),
        ]
    )
    history = History()
    history.append(sample)
    assert {**history[-1], "top_processes": None} == {**sample, "top_processes": None}


def test_a_dict_taken_out_is_a_copy():
    """Changing what was taken out changes nothing inside."""
    history = History()
    history.append(make_sample(processes=[make_process(pid=7)]))
    taken = history[0]
    taken["processes"][0]["name"] = "changed"
    taken["load_average"].append(99.0)
    assert history[0]["processes"][0]["name"] != "changed"
    assert 99.0 not in history[0]["load_average"]


def test_old_samples_leave():
    """Samples older than the limit before the newest are gone, and the rest stay in order."""
    history = History(10)
    for moment in range(0, 40, 2):
        history.append(make_sample(monotonic=float(moment), time=1000.0 + moment))
    assert [sample["monotonic"] for sample in history] == [28.0, 30.0, 32.0, 34.0, 36.0, 38.0]
    assert len(history) == 6


def test_it_is_a_sequence():
    """Negative indices, slices, iteration and len work as for a list."""
    history = History()
    for moment in range(5):
        history.append(make_sample(monotonic=float(moment), cpu_usage=float(moment)))
    assert history[-1]["cpu_usage"] == 4.0
    assert [sample["cpu_usage"] for sample in history[1:4:2]] == [1.0, 3.0]
    assert [sample["cpu_usage"] for sample in reversed(history)] == [4.0, 3.0, 2.0, 1.0, 0.0]
    with pytest.raises(IndexError):
        history[5]


@pytest.mark.parametrize("wrong", ["x", 1.5, None, ("a", 1), slice("a", None)])
def test_what_is_no_place_is_refused_in_a_sentence(wrong):
    """As `history["cpu_usage"]`; it is a TypeError too, as with every sequence."""
    with pytest.raises(InvalidArgument, match=r"^Samples are found by their place, such as \[-1\]") as refused:
        History()[wrong]
    assert isinstance(refused.value, TypeError)


def test_columns_are_lists_by_key():
    """columns() gives one list a key, reaches into dicts by a dot, and json takes it."""
    history = History()
    for moment in range(3):
        history.append(make_sample(monotonic=float(moment), cpu_usage=float(moment), memory_usage=None))
    columns = history.columns("cpu_usage", "memory_usage", "memory.total")
    assert columns["cpu_usage"] == [0.0, 1.0, 2.0]
    assert columns["memory_usage"] == [None, None, None]
    assert len(columns["memory.total"]) == 3
    json.dumps(columns)


@pytest.mark.parametrize("keys", [(), ("cpu",), ("memory.totl",), ("time", "memory.total.x")])
def test_an_unknown_column_is_refused_in_a_sentence(keys):
    """A wrong key names itself and what there is."""
    history = History()
    history.append(make_sample())
    with pytest.raises(InvalidArgument, match=r"\.$"):
        history.columns(*keys)


def test_a_process_has_its_own_columns():
    """process() follows one process by pid or identity, also when its name changed, and not another with its pid."""
    history = History()
    first = make_process(pid=7, identity="7-100", name="sh", cpu=1.0)
    execed = make_process(pid=7, identity="7-100", name="python", cpu=2.0)
    reused = make_process(pid=7, identity="7-900", name="other", cpu=3.0)
    for moment, row in enumerate([first, execed, reused]):
        history.append(make_sample(monotonic=float(moment), processes=[make_process(pid=1), row]))
    assert history.process("7-100")["cpu"] == [1.0, 2.0]
    assert history.process(7)["cpu"] == [3.0]
    assert history.process(12345) == {"time": [], "cpu": [], "memory": []}


def test_what_no_sample_mentions_is_forgotten():
    """Names of processes that left the ring do not stay in memory."""
    history = History(4)
    for moment in range(300):
        rows = [make_process(pid=pid, identity=f"{pid}-{moment}") for pid in range(20)]
        history.append(make_sample(monotonic=float(moment), processes=rows))
    kept = history.diagnostics()
    assert kept["rows"] == kept["indexed"] < 1500
    assert len(history[-1]["processes"]) == 20


def test_ten_minutes_of_a_thousand_processes_stay_under_twenty_megabytes():
    """300 samples of 1,000 processes, all of them active, take at most 20 MB."""
    whole = make_process()
    tracemalloc.start()
    try:
        history = History()
        for moment in range(301):
            rows = [
                whole
                | {"pid": pid, "identity": f"{pid}-1", "cpu": pid / (moment + 1), "memory": float(pid)}
                | {"session": pid, "command": f"run {pid}"}
                for pid in range(1000)
            ]
            history.append(make_sample(monotonic=moment * 2.0, processes=rows))
            del rows
        before_last = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert len(history) == 301
    assert before_last < 20e6


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.none() | st.floats(0, 1e6),
            st.none() | st.floats(0, 1e9),
            st.none() | st.integers(0, 100000),
            st.sampled_from([None, "running", "sleeping", "zombie", "something new"]),
        ),
        max_size=8,
    )
)
def test_any_row_survives_the_columns(values):
    """Whatever a row holds comes back unchanged."""
    rows = [
        make_process(pid=pid, identity=f"{pid}-1", cpu=cpu, memory=memory, threads=threads, status=status)
        for pid, (cpu, memory, threads, status) in enumerate(values, 1)
    ]
    history = History()
    history.append(make_sample(processes=rows))
    assert history[0]["processes"] == rows


CHANGES = st.lists(
    st.tuples(st.sampled_from(["stay", "start", "end", "run", "rename", "back", "swap"]), st.integers(0, 9)), max_size=4
)


@settings(max_examples=150, deadline=None)
@given(st.lists(CHANGES, min_size=1, max_size=50), st.integers(3, 40))
def test_samples_come_out_as_they_went_in_whatever_changed_between_them(ticks, seconds):
    """Whatever processes do between two samples, each sample is whole, and so is the series of each process."""
    history, rows, ended, appended = History(seconds), [make_process(pid=pid) for pid in range(30)], [], []
    number = itertools.count(100)
    for tick, changes in enumerate(ticks):
        rows = list(rows)
        for change, place in changes:
            if change == "start":
                rows.append(make_process(pid=next(number)))
            elif change == "back" and ended:
                rows.append(ended.pop())
            elif place < len(rows):
                if change == "end":
                    ended.append(rows.pop(place))
                elif change == "run":
                    rows[place] = {**rows[place], "cpu": float(tick), "cpu_time": None}
                elif change == "rename":
                    rows[place] = {**rows[place], "name": f"name {tick % 2}"}
                elif change == "swap":
                    rows[0], rows[place] = rows[place], rows[0]
        sample = make_sample(monotonic=float(tick), time=float(tick), processes=rows)
        appended = [each for each in [*appended, sample] if each["monotonic"] >= tick - seconds]
        history.append(sample)
    assert list(history) == history[:] == appended
    assert len(history) == len(appended)
    for identity in {row["identity"] for sample in appended for row in sample["processes"]}:
        rows = [(s["time"], row["cpu"]) for s in appended for row in s["processes"] if row["identity"] == identity]
        found = history.process(identity)
        assert list(zip(found["time"], found["cpu"], strict=True)) == rows


def test_what_is_in_no_sample_any_more_is_forgotten_at_once():
    """Processes that came and went, and rows that changed to and fro, leave with the last sample that has them."""
    history = History(10)
    for tick in range(100):
        rows = [make_process(pid=1, nice=tick % 3), make_process(pid=1000 + tick), make_process(pid=1001 + tick)]
        history.append(make_sample(monotonic=float(tick), processes=rows))
        packed = [entry.packed for entry in history._entries]
        used = {number for each in packed for numbers in (each.columns[0], each.left) for number in numbers}
        assert history._seldom.keys() == used
        assert len(history._index) == len(used)
    assert history._left.keys() <= used
    assert [row["pid"] for row in history[-1]["processes"]] == [1, 1099, 1100]


def test_a_history_is_read_while_it_grows():
    """Looking up one process and appending in two threads at once: neither disturbs the other."""
    history, failures, stop = History(10), [], threading.Event()

    def look():
        try:
            while not stop.is_set():
                history.process(1)
                list(history)
        except RuntimeError as error:
            failures.append(error)

    reader = threading.Thread(target=look)
    reader.start()
    for tick in range(1500):
        rows = [make_process(pid=1), *(make_process(pid=1000 + 10 * tick + more) for more in range(10))]
        history.append(make_sample(monotonic=float(tick), processes=rows))
    stop.set()
    reader.join()
    assert failures == []


def test_a_failure_on_the_way_in_harms_no_other_sample():
    """A sample that cannot be kept leaves those before and after it as they are."""
    history = History()
    rows = [make_process(pid=pid) for pid in range(20)]
    samples = [make_sample(monotonic=float(tick), processes=rows[tick:]) for tick in range(6)]
    broken = {**make_sample(monotonic=2.5), "processes": [*rows[:3], {"identity": "7-100"}]}
    for sample in [*samples[:3], broken, *samples[3:]]:
        with suppress(KeyError):
            history.append(sample)
    assert [sample["processes"] for sample in history] == [sample["processes"] for sample in samples]


def test_columns_of_processes_build_one_sample_at_a_time():
    """All samples at once, with their processes, would be hundreds of megabytes; one is a few hundred kilobytes."""
    history = History()
    for moment in range(100):
        rows = [make_process(pid=pid, identity=f"{pid}-1", cpu=pid / (moment + 1)) for pid in range(300)]
        history.append(make_sample(monotonic=float(moment), processes=rows))
    tracemalloc.start()
    try:
        columns = history.columns("top_processes", "time")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert list(columns) == ["top_processes", "time"]
    assert [len(column) for column in columns.values()] == [100, 100]
    assert columns["top_processes"][-1] == history[-1]["top_processes"]
    assert peak < 3e6


def test_processes_that_came_and_went_weigh_little():
    """Five minutes in which ten processes a second came, were named and went again take less than 2 MB."""
    tracemalloc.start()
    try:
        history = History()
        before = tracemalloc.get_traced_memory()[0]
        for moment in range(300):
            rows = [
                make_process(
                    pid=pid,
                    identity=f"{pid}-{pid * 7}",
                    name=f"worker {pid}",
                    command=f"/usr/bin/worker --number {pid} --of many",
                    started=1.7e9 + pid,
                    user=None if pid >= 10 * moment else "somebody",
                    session=pid,
                )
                for pid in range(100_000 + 10 * moment - 20, 100_000 + 10 * moment + 10)
            ]
            history.append(make_sample(monotonic=float(moment), processes=rows))
        assert tracemalloc.get_traced_memory()[0] - before < 2e6
    finally:
        tracemalloc.stop()
    assert history.process(100_000)["time"]
    assert len(history[0]["processes"]) == 30


@pytest.mark.parametrize("process", ["nobody", "", -1, 2**31, 2**70, 7, "7-100", "9-\ud800"])
def test_a_process_is_found_long_after_it_ended_and_no_other_is(process):
    """By pid or identity, whatever that is, also when only older samples have it."""
    history = History()
    rows = [make_process(pid=7, identity="7-100"), make_process(pid=2**40, identity="9-\ud800")]
    history.append(make_sample(monotonic=0.0, processes=rows))
    history.append(make_sample(monotonic=1.0, processes=[make_process(pid=1)]))
    assert len(history.process(process)["time"]) == (process in (7, "7-100", "9-\ud800"))
    assert len(history.process(2**40)["time"]) == 1
    assert history[0]["processes"] == rows
