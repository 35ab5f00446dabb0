"""The dashboard where only text is shown, and what is recorded where no front end answers."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from procwidget import Dashboard, Monitor
from procwidget.errors import SourceUnavailable
from procwidget.sources.scripted import ScriptedSource, make_process, make_sample
from procwidget.views import dashboard as module
from procwidget.views import ipython_state
from procwidget.views.comm_guard import guard
from procwidget.views.plain_text import NO_READING, plain_text, wait_for_rates

RATED = make_sample(processes=[make_process(pid=77, name="python", cpu=150.0)])
FIRST = make_sample(interval=None, cpu_usage=None, processes=[make_process(pid=77, name="python", cpu=None)])


@pytest.fixture
def show():
    """Makes a dashboard of a script of samples; it goes with the test."""
    made = []

    def make(*samples):
        monitor = Monitor(ScriptedSource(samples))
        dashboard = Dashboard(monitor=monitor)
        made.append((dashboard, monitor))
        return dashboard

    yield make
    for dashboard, monitor in made:
        dashboard.close()
        monitor.close()


@pytest.fixture
def displayed(monkeypatch):
    """What is displayed, as a list of bundles."""
    bundles = []
    monkeypatch.setattr("procwidget.views.static_fallback.publish_display_data", lambda data, **_: bundles.append(data))
    monkeypatch.setattr(module, "publish_display_data", lambda data, **_: bundles.append(data))
    return bundles


def test_text_has_the_sentence_the_figures_and_aligned_rows():
    """Names begin and figures end one below the other."""
    rows = [make_process(pid=7, name="a", cpu=5.0), make_process(pid=70000, name="long-name", cpu=150.0)]
    sentence, line, _, *table = plain_text(make_sample(processes=rows), "All is well.").splitlines()
    assert sentence == "All is well."
    assert line.startswith("example at 2023-11-14 22:15:00 UTC: CPU ")
    assert [row.index(name) for row, name in zip(table, ("Name", "long-name", "a "), strict=True)] == [7, 7, 7]
    assert len({len(row) for row in table}) == 1


def test_without_rates_the_column_of_cpu_is_left_out():
    """A first reading has no CPU figures: a table of dashes tells nothing."""
    text = plain_text(FIRST, "")
    assert "CPU" not in text and "—" not in text
    assert "python" in text and "memory" in text


def test_printing_waits_for_rates_and_repr_is_short(show):
    """`print(dashboard)` is a table with CPU figures at once; in a list or a log it is a few words."""
    dashboard = show(FIRST, RATED)
    assert "150 %" in str(dashboard)
    assert repr(dashboard) == "<procwidget.Dashboard, live>"
    dashboard.close()
    assert str(dashboard) == "<procwidget.Dashboard, closed>"


def test_at_pythons_own_prompt_it_is_the_table(show, monkeypatch):
    """That prompt shows what `repr` returns."""
    monkeypatch.setattr(sys, "ps1", ">>> ", raising=False)
    monkeypatch.setattr(ipython_state, "_shell", lambda: None)
    assert "150 %" in repr(show(RATED))


def test_a_terminal_gets_the_text_and_no_widget(show, displayed, monkeypatch, capsys):
    """IPython would print the widget's name, and then what is meant for notebooks."""
    monkeypatch.setattr(ipython_state, "in_terminal", lambda: True)
    show(FIRST, RATED)._ipython_display_()
    assert displayed == []
    assert "150 %" in capsys.readouterr().out


def test_a_record_has_rates_where_nobody_answers(show, displayed):
    """nbconvert and papermill ask for no second reading: the cell waits for it."""
    show(FIRST, RATED)._ipython_display_()
    assert "150 %" in displayed[-1]["text/html"] and "150 %" in displayed[-1]["text/plain"]


def test_where_a_front_end_answers_the_cell_does_not_wait(show, displayed, monkeypatch):
    """The figures come live there, and the record is brought up to date with them."""

    def refuse(_seconds):
        raise AssertionError("it waits")

    dashboard = show(FIRST)
    dashboard.table._presence.arrive("a")
    monkeypatch.setattr("procwidget.views.plain_text.time.sleep", refuse)
    dashboard._ipython_display_()
    assert len(displayed) == 2


def test_waiting_ends_where_there_is_nothing_to_come(show):
    """A source that cannot be read, or a poller that was stopped, keeps nobody for long."""
    dashboard = show(SourceUnavailable("no /proc here"))
    wait_for_rates(dashboard.monitor)
    assert str(dashboard) in ("This host could not be read: no /proc here", NO_READING)


class Shell:
    """What a front end has that is not IPython: Solara's has a kernel and events, and runs no cells."""

    def __init__(self):
        self.kernel = object()
        self.events = SimpleNamespace(register=lambda *_: None)


def test_a_shell_that_runs_no_cells_is_no_error(monkeypatch):
    """Whatever `get_ipython()` returns may be another front end's."""
    shell = Shell()
    monkeypatch.setattr(ipython_state, "_shell", lambda: shell)
    ipython_state.watch_execution()
    assert not ipython_state.executing()
    assert not ipython_state.in_terminal() and not ipython_state.in_plain_python()


def test_a_comm_that_cannot_be_closed_is_no_error():
    """Outside of a session Shiny's has no such method; messages are filtered all the same."""
    heard = []
    widget = SimpleNamespace(comm=SimpleNamespace(on_msg=heard.append))

    guard(widget)
    assert len(heard) == 1
