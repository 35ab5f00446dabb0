"""`%%cost` in IPython: the cell is like any other, and its cost is printed after it."""

from __future__ import annotations

import re
import sys

import pytest
from IPython.core.history import HistoryManager
from IPython.core.interactiveshell import InteractiveShell

from procwidget.jupyter import own_cells

LINE = r"[^\n]+ m?s, CPU [^\n]+ m?s, peak [^\n]+\n"


@pytest.fixture
def shell(monkeypatch):
    """A shell that measures its cells."""
    monkeypatch.setattr(own_cells, "_observer", None)
    monkeypatch.setattr(HistoryManager, "enabled", False)
    # It makes a prompt of its own, which is to go with it.
    monkeypatch.setattr(sys, "ps1", "", raising=False)
    shell = InteractiveShell()
    shell.run_line_magic("colors", "nocolor")
    own_cells.observe(shell)
    yield shell
    shell.history_manager.end_session()


def run(shell, capsys, code):
    """What a cell prints."""
    shell.run_cell(code, store_history=True)
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("code", "printed"),
    [
        ("%%cost\nprint('done')\n6 * 7", "done\nOut.1.: 42\n"),
        ("%%cost\nimport asyncio\nawait asyncio.sleep(0, 'waited')", "Out.1.: 'waited'\n"),
        ("\n%%cost  \n%%time\nNone", "CPU times: .*"),
        ("%%time\n%%cost\nNone", "CPU times: .*"),
    ],
)
def test_a_cell_runs_as_any_other_and_its_cost_comes_last(shell, capsys, code, printed):
    """Its value is shown, it may wait at its top level, and other magics of cells stand above or below."""
    found = run(shell, capsys, code)
    assert re.fullmatch(printed + LINE, found, re.DOTALL), found
    assert "stayed" in found or "given back" in found
    assert run(shell, capsys, "print('alone')") == "alone\n"


def test_a_traceback_has_no_line_of_ours_and_the_numbers_of_the_cell(shell, capsys):
    """Two frames of a magic would stand between the user and the mistake."""
    found = run(shell, capsys, "%%cost\n1\n1 / 0")
    assert "procwidget" not in found and found.count("ZeroDivisionError") == 2
    assert "----> 3 1 / 0" in found and re.search(f"ZeroDivisionError: division by zero\n{LINE}", found)


def test_what_stands_after_it_is_refused_in_a_sentence(shell, capsys):
    """As is a cell that Python cannot read: that has no cost."""
    shell.run_cell("%%cost loudly\n1", store_history=True)
    assert "%%cost stands alone in the first line of a cell" in "".join(capsys.readouterr())
    assert not re.search(LINE, run(shell, capsys, "%%cost\n1 +"))
    assert shell.check_complete("%%cost")[0] == "incomplete"
