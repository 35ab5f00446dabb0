"""Ready-made views and open panels, as Python asks for them."""

from __future__ import annotations

from typing import Any

import pytest

from procwidget import Dashboard, InvalidArgument, Monitor
from procwidget.fields import COLUMNS, SORT_KEYS
from procwidget.presets import PRESETS
from procwidget.sources.scripted import ScriptedSource, make_process, make_sample
from tests.patience import until

ROWS = [make_process(pid=7, name="small", cpu=9.0, memory=1.0), make_process(pid=8, name="large", memory=900.0)]


def made(**arguments: Any) -> Dashboard:
    """A dashboard that nobody watches."""
    return Dashboard(monitor=Monitor(ScriptedSource([make_sample(processes=ROWS)])), **arguments)


def test_each_preset_has_columns_that_there_are() -> None:
    """Among them what it sorts by."""
    for preset in PRESETS:
        columns = preset.columns or COLUMNS
        assert set(columns) <= set(COLUMNS), preset.name
        assert set(preset.sort) <= {*columns} & {*SORT_KEYS}, preset.name


def test_a_preset_is_what_a_dashboard_begins_with() -> None:
    """Its columns and its order, in Python too where no view is open; the browser groups its rows by its name."""
    dashboard = made(preset="memory", panels=["cpu", "disks", "cpu"])
    options = dashboard.table.options
    assert (options["preset"], options["sort_by"], options["open_panels"]) == ("memory", "memory", ["cpu", "disks"])
    assert options["columns"] == ["name", "pid", "user", "memory", "growth", "swap", "shared", "cpu", "command"]
    until(lambda: dashboard.monitor.last is not None)
    assert [(row["name"], row["memory"]) for row in dashboard.shown()] == [("large", 900.0), ("small", 1.0)]
    dashboard.close()


def test_what_is_said_besides_a_preset_counts_more() -> None:
    """Sorting and columns, also where they are the usual ones."""
    dashboard = made(preset="memory", sort_by="cpu", columns=["name", "cpu"])
    assert (dashboard.sort_by, dashboard.columns) == ("cpu", ["name", "cpu"])
    dashboard.close()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"preset": "mem"}, r"preset must be one of cpu, .* or None, not 'mem' \(did you mean 'memory'\?\)\."),
        ({"preset": ["cpu"]}, r"preset must be one of .*, not \['cpu'\]\."),
        ({"panels": "cpu"}, r"panels must be a list of names such as \['cpu', 'disks'\], not 'cpu'\."),
        ({"panels": ["disk"]}, r"There is no panel 'disk' \(did you mean 'disks'\?\); there are cpu, .*"),
        ({"panels": [["cpu"]]}, r"There is no panel \['cpu'\]; there are cpu, .*"),
    ],
)
def test_a_preset_or_panel_that_there_is_not_is_named(arguments: dict[str, Any], sentence: str) -> None:
    """With the likely one."""
    with pytest.raises(InvalidArgument, match=f"^{sentence}$"):
        made(**arguments)
