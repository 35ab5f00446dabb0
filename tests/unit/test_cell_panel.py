"""The list of cells and their bands in the charts."""

from __future__ import annotations

import json

import pytest

from procwidget.jupyter import own_cells
from procwidget.jupyter.cell_cost import CellCost
from procwidget.sources.scripted import make_sample
from procwidget.thresholds import Thresholds
from procwidget.views.cell_panel import bands, describe_cells
from procwidget.views.charts import Charts
from procwidget.views.panels import titles

MIB = 2**20


def cost(cell, began, **changes) -> CellCost:
    usual = {"cell": cell, "notebook": None, "kernel": None, "began": began, "seconds": 2.0, "cpu_seconds": 1.5}
    usual |= {"peak_memory": 300 * MIB, "peak_exact": True, "grown": 20 * MIB, "read": 0, "written": MIB}
    return {**usual, "stalled": 0.0, "shared": False, **changes}  # type: ignore[typeddict-item]


@pytest.fixture
def two_cells(monkeypatch):
    """Two cells ended, and a third runs."""
    costs = [cost(1, 100.0), cost(2, 150.0, grown=-MIB, peak_exact=False, shared=True, stalled=None)]
    monkeypatch.setattr(own_cells, "own", lambda: costs)
    monkeypatch.setattr(own_cells, "running", lambda: (3, 160.0))


def test_cells_are_listed_the_newest_first_with_what_they_are_sorted_by(two_cells):
    """What is not known is a dash; what is not exact, or not all the cell's, is said."""
    content = describe_cells(make_sample(), Thresholds())
    assert json.loads(json.dumps(content)) == content
    (table,) = content["tables"]
    assert table["rows"] == [
        ["In [2] (shared)", "2.0 s", "1.5 s", "≥ 300 MiB", "−1.0 MiB", "0 B", "1.0 MiB", "—"],
        ["In [1]", "2.0 s", "1.5 s", "300 MiB", "20.0 MiB", "0 B", "1.0 MiB", "0 ms"],
    ]
    assert table["values"][1] == [1, 2.0, 1.5, 300 * MIB, 20 * MIB, 0, MIB, 0.0]
    assert "something else of this kernel ran" in content["notes"][0]


def test_bands_are_of_cells_in_sight_and_of_the_one_that_runs(two_cells):
    """From here to there; what one cost is said with it."""
    assert [band[:3] for band in bands(0.0)] == [[1, 100.0, 102.0], [2, 150.0, 152.0], [3, 160.0, None]]
    assert [band[0] for band in bands(120.0)] == [2, 3]
    assert str(bands(0.0)[0][3]).startswith("2.0 s, CPU 1.5 s, peak 300 MiB, 20.0 MiB stayed")


def test_bands_go_to_the_browser_when_they_are_others_and_to_each_new_page():
    """A tick in which no cell began or ended carries none."""
    charts = Charts(1)
    try:
        charts.restart([], 2.0)
        sent = []
        for tick, cells in enumerate(([], [[1, 1.0, None, "runs"]], [[1, 1.0, None, "runs"]], [[1, 1.0, 2.0, "1 s"]])):
            charts.update(make_sample(monotonic=100.0 + 2 * tick, uptime=100.0 + 2 * tick), list, 2.0)
            charts.show_cells(cells)
            sent.append(charts.part()[0].get("cells"))
        assert sent == [[], [[1, 1.0, None, "runs"]], None, [[1, 1.0, 2.0, "1 s"]]]
        assert charts.part(whole=True)[0]["cells"] == [[1, 1.0, 2.0, "1 s"]]
    finally:
        for widget in charts.widgets():
            widget.close()


def test_only_a_notebook_has_the_panel_of_cells():
    """A page's kernel runs nobody's cells."""
    assert "cells" not in [one["name"] for one in titles(cells=False)]
    assert titles()[-1] == {"name": "cells", "title": "Cells", "optional": False}
