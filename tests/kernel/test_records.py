"""What is saved with a notebook that nbclient runs, as nbconvert and papermill do."""

from __future__ import annotations

import json

import nbformat
import pytest
from nbclient import NotebookClient

CELLS = [
    "from procwidget import Dashboard\nd = Dashboard()\nd",
    "len(d.table._esm) > 100_000 and len(d.table._css) > 10_000",
]


@pytest.fixture(scope="module")
def record():
    """A notebook as nbclient leaves it."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    NotebookClient(notebook, kernel_name="python3", timeout=120).execute()
    return notebook


def test_a_record_has_no_script_of_ours(record):
    """It would be most of the file, and without a kernel it has nothing to show; who opens the widget gets it."""
    saved = record.metadata["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
    states = [model["state"] for model in saved.values()]
    assert [state["_esm"] for state in states if "_esm" in state] == ["export default {};"] * 2
    assert len(json.dumps(saved)) < 100_000
    assert record.cells[1].outputs[0]["data"]["text/plain"] == "True"


def test_a_record_has_cpu_figures(record):
    """The first reading has none, and the cell waits for the second."""
    still = record.cells[0].outputs[-1]["data"]
    assert "CPU" in still["text/html"].partition("<table")[0] and "<th>CPU</th>" in still["text/html"]
    assert "CPU" in still["text/plain"].splitlines()[0]
