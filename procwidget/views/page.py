"""What a served page needs to show the dashboard before Jupyter's widget manager is there, without it.

In a notebook each model of ours carries its script and styles as text. A served page loads them as files, which a
browser keeps, while everything else is still on its way; so there the models are small.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from procwidget.views import kernel

if TYPE_CHECKING:
    # The page's server needs addresses only, and no widgets.
    from ipywidgets import Widget

PARTS = "application/vnd.procwidget.parts+json"
"""The kind of output that names the dashboard's parts to the page's server."""

_STATIC = Path(__file__).parent / "static"
_NO_SCRIPT = "export default {};"


def script_path(name: str) -> Path:
    """Return where the built script or style sheet `name` is, such as "table.js"."""
    return _STATIC / name


def script(name: str) -> str:
    """Return the built script or style sheet `name` as a model carries it: as text, but for a served page."""
    if kernel.served_options() is None:
        return script_path(name).read_text(encoding="utf-8")
    return _NO_SCRIPT if name.endswith(".js") else ""


def part(widget: Widget, *names: str) -> dict[str, Any]:
    """Return a widget's name and some of its state, as JSON."""
    return {"id": widget.model_id, "state": {name: getattr(widget, name) for name in names}}
