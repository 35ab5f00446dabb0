"""How a user arranged the table is there in the next notebook, of whatever kernel and browser."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from procwidget import Dashboard, InvalidArgument, Monitor, ProcwidgetError
from procwidget.sources.scripted import ScriptedSource, make_sample
from procwidget.views import ipython_state, kept_view, protocol

CHOSEN = {"sort": [{"key": "memory", "descending": True}], "kind": "tree"}


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder where the user's file is."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path / "procwidget"


@pytest.fixture
def made() -> Iterator[Callable[[], Dashboard]]:
    """Make dashboards that nobody watches, and close them with their monitors."""
    opened: list[Dashboard] = []

    def make() -> Dashboard:
        opened.append(Dashboard(monitor=Monitor(ScriptedSource([make_sample()]))))
        return opened[-1]

    yield make
    for dashboard in opened:
        dashboard.close()
        dashboard.monitor.close()


def ask(dashboard: Dashboard, chosen: Any) -> Any:
    """Have a view's request answered."""
    request = protocol.parse({"type": "keep", "view": "v", "request": "r", "chosen": chosen})
    assert isinstance(request, protocol.Request)
    return dashboard.table._fulfil(request)[0]


def test_the_next_dashboard_has_what_was_chosen_in_this_one(state: Path, made: Callable[[], Dashboard]) -> None:
    """So has this one's next view: a page that is loaded again gets the options anew."""
    first = made()
    assert first.table.options["my_view"] == {}
    assert ask(first, {**CHOSEN, "something": "else"}) == {"result": "kept"}
    second = made()
    assert first.table.options["my_view"] == second.table.options["my_view"] == CHOSEN
    assert (state / "view.json").stat().st_mode & 0o077 == 0
    ask(second, {})
    assert made().table.options["my_view"] == {}
    assert list(state.iterdir()) == []


def test_in_a_served_page_nothing_is_kept_for_all(
    state: Path, made: Callable[[], Dashboard], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its visitors share a kernel, and each has a view of one's own."""
    monkeypatch.setattr(ipython_state, "served_options", lambda: {"allow_kill": False})
    dashboard = made()
    assert dashboard.table.options["my_view"] is None
    with pytest.raises(InvalidArgument):
        ask(dashboard, CHOSEN)
    assert not state.exists()


@pytest.mark.parametrize("chosen", [None, 5, [], {"sort": "x" * 20_000}, {"widths": {"cpu": float("nan")}}])
def test_what_is_no_view_is_refused(state: Path, chosen: Any) -> None:
    """And what was kept stays."""
    kept_view.keep(CHOSEN)
    with pytest.raises(InvalidArgument):
        kept_view.keep(chosen)
    assert kept_view.load() == CHOSEN


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b"[" * 100_000, b'{"kind": "' + b"x" * 20_000 + b'"}'])
def test_a_file_that_is_no_view_is_none(state: Path, content: bytes) -> None:
    """A dashboard opens all the same."""
    state.mkdir()
    (state / "view.json").write_bytes(content)
    assert kept_view.load() == {}


def test_where_it_cannot_be_kept_a_sentence_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as where the home is read-only."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", os.fspath(tmp_path / "file"))
    with pytest.raises(ProcwidgetError, match=r"^Your view cannot be kept in .*view\.json: Not a directory\.$"):
        kept_view.keep(CHOSEN)
    assert kept_view.load() == {}
