"""What one guesses in Python is there, and a near miss is told what was meant."""

from __future__ import annotations

import csv
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import procwidget
from procwidget import Dashboard, InvalidArgument, Monitor, ProcwidgetError, SourceUnavailable, Thresholds, to_csv
from procwidget.history import History
from procwidget.nearest import did_you_mean, nearest
from procwidget.sources.scripted import ScriptedSource, make_process, make_sample
from procwidget.views.settable import Settable
from tests.patience import until


@pytest.fixture
def dashboard() -> Iterator[Dashboard]:
    """A dashboard that nobody watches."""
    made = Dashboard(monitor=Monitor(ScriptedSource([make_sample(processes=[make_process(pid=7, name="sleep")])])))
    yield made
    made.close()


@pytest.fixture
def history() -> History:
    """Four samples, ten seconds apart."""
    kept = History()
    for at in range(4):
        rows = [make_process(pid=7, name="=cmd|' /C calc'!A0"), make_process(pid=8, name="sleep")]
        kept.append(make_sample(time=1000.0 + 10 * at, monotonic=10.0 * at, processes=rows))
    return kept


def test_every_setting_can_be_read_and_set(dashboard: Dashboard) -> None:
    """Each goes to the table's options with how often it was set, so that views take over what is set again."""
    dashboard.interval, dashboard.filter, dashboard.sort_by = 5, "cpu>50", "mem"
    dashboard.columns, dashboard.paused = ["name", "cmd"], True
    assert (dashboard.interval, dashboard.filter, dashboard.sort_by) == (5.0, "cpu>50", "memory")
    assert (dashboard.columns, dashboard.paused) == (["name", "command"], True)
    dashboard.columns, dashboard.filter = None, "cpu>50"
    assert dashboard.columns is None
    assert dashboard.table.options["chosen"] == {"filter": 2, "sort_by": 1, "columns": 2, "paused": 1}


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("interval", 0.1, "interval must be a number from 0.5 to 60, not 0.1."),
        ("filter", 5, "filter must be a text such as 'cpu>50 user=ana', not 5."),
        ("sort_by", "memry", r"sort_by must be a column, not 'memry' \(did you mean 'memory'\?\); there are pid, .*"),
        ("columns", ["comand"], r"There is no column 'comand' \(did you mean 'command'\?\); there are pid, .*"),
        ("columns", [["pid"]], r"There is no column \"\['pid'\]\" .*"),
        ("paused", "yes", "paused must be True or False, not 'yes'."),
    ],
)
def test_what_cannot_be_set_is_refused_in_a_sentence(
    dashboard: Dashboard, name: str, value: Any, sentence: str
) -> None:
    """And nothing changes."""
    before = dict(dashboard.table.options)
    with pytest.raises(InvalidArgument, match=f"^{sentence}$"):
        setattr(dashboard, name, value)
    assert dashboard.table.options == before


def test_the_newest_sample_and_its_processes_are_copies(dashboard: Dashboard) -> None:
    """What a user does to them changes nothing that the monitor has."""
    until(lambda: dashboard.monitor.last is not None)
    last, processes = dashboard.last, dashboard.processes
    assert last is not None
    last["processes"].clear()
    processes[0]["name"] = "changed"
    assert [row["name"] for row in dashboard.find()] == ["sleep"]


def test_settable_properties_say_what_they_are() -> None:
    """`Dashboard.filter?` has words."""
    for name, one in vars(Settable).items():
        if isinstance(one, property):
            assert inspect.getdoc(one), name


def test_one_number_is_the_critical_threshold() -> None:
    """Its warning is as far below as usual, and never below the half of it."""
    assert Thresholds.of({"cpu": 80}) == Thresholds(cpu=(60, 80))
    assert Thresholds.of({"swap": 30, "memory": 95}) == Thresholds(swap=(15, 30), memory=(75, 95))
    with pytest.raises(InvalidArgument, match="must be a number from 0 to 100, not 180"):
        Thresholds.of({"cpu": 180})
    with pytest.raises(InvalidArgument, match="must be a pair"):
        Thresholds.of({"cpu": True})
    with pytest.raises(InvalidArgument, match=r"^There is no threshold 'mem' \(did you mean 'memory'\?\)"):
        Thresholds.of({"mem": 80})


def test_a_key_that_is_none_is_told_which_was_meant(history: History) -> None:
    """Also where it is the beginning of one, as "cpu" of "cpu_usage"."""
    with pytest.raises(InvalidArgument, match=r"^A sample has no key 'cpu' \(did you mean 'cpu_usage'\?\)"):
        history.columns("cpu")
    with pytest.raises(InvalidArgument, match=r"^There is no field 'prio' to read on demand \(did you mean 'priority'"):
        procwidget.snapshot(0.02, fields=["prio"])


def test_what_is_like_nothing_gets_no_guess() -> None:
    """A wrong guess is worse than none; what is no text gets none either."""
    assert nearest("zebra", ["cpu", "memory"]) is None
    assert did_you_mean(5, ["cpu"]) == ""
    assert nearest("x" * 1000, ["x" * 1000]) is None
    assert nearest("Base-URL", ["base_url"]) == "base_url"


def test_since_returns_the_last_seconds(history: History) -> None:
    """Counted from the newest sample, which is always there."""
    assert [sample["time"] for sample in history.since(15)] == [1020.0, 1030.0]
    assert [sample["time"] for sample in history.since(0)] == [1030.0]
    assert len(history.since(1e9)) == 4
    assert History().since(60) == []
    with pytest.raises(InvalidArgument, match="seconds must be a number"):
        history.since(-1)


def test_history_is_a_csv_of_a_line_a_sample(history: History, tmp_path: Path) -> None:
    """What is nested has names with dots; the processes are left out, or are the lines."""
    file = tmp_path / "host.csv"
    assert history.to_csv(file) == 4
    lines = list(csv.DictReader(file.open(newline="")))
    assert [line["time"] for line in lines] == ["1000.0", "1010.0", "1020.0", "1030.0"]
    assert {"memory.used", "per_cpu.0"} & lines[0].keys()
    assert not {name for name in lines[0] if name.startswith(("processes", "top_processes"))}
    assert history.to_csv(file, "processes") == 8


def test_a_sample_is_a_csv_of_a_line_a_process(history: History, tmp_path: Path) -> None:
    """Anybody can name a process: what a spreadsheet would run is text there, and unknown is empty."""
    file = tmp_path / "processes.csv"
    assert to_csv(history[-1], file) == 2
    first, second = csv.DictReader(file.open(newline=""))
    assert (first["time"], first["pid"], first["name"]) == ("1030.0", "7", "'=cmd|' /C calc'!A0")
    assert second["name"] == "sleep"
    assert to_csv(history.since(15), file) == 2
    assert to_csv([], file) == 0


def test_what_cannot_be_written_is_a_sentence(history: History, tmp_path: Path) -> None:
    """No traceback for a directory that is not there, nor for what is no sample."""
    with pytest.raises(ProcwidgetError, match=r"cannot be written: No such file or directory\.$"):
        history.to_csv(tmp_path / "none" / "x.csv")
    with pytest.raises(InvalidArgument, match=r"what must be one of host, processes, not 'process' \(did you mean"):
        to_csv(history, tmp_path / "x.csv", "process")  # type: ignore[arg-type]
    for wrong in (5, "text", [5]):
        with pytest.raises(InvalidArgument, match=r"^to_csv needs"):
            to_csv(wrong, tmp_path / "x.csv")  # type: ignore[arg-type]


def test_a_monitor_starts_and_is_closed_by_with() -> None:
    """Inside it polls, afterwards nothing does, its history stays, and it cannot be started again."""
    with Monitor(interval=0.1) as monitor:
        until(lambda: len(monitor.history) > 0)
        assert monitor.running
    assert not monitor.running
    assert len(monitor.history) > 0
    monitor.close()
    with pytest.raises(SourceUnavailable, match=r"^This monitor is closed: make another one\.$"):
        monitor.start()


def test_closing_leaves_a_source_of_ones_own_open() -> None:
    """Who made it closes it."""

    class Mine(ScriptedSource):
        closed = False

        def close(self) -> None:
            self.closed = True

    source = Mine([make_sample()])
    with Monitor(source, interval=0.1):
        pass
    assert not source.closed
