"""What a served page needs to show summary and table before Jupyter's widget manager is loaded.

These are their names and a part of their state: the dashboard displays both as an output, and the server puts them into
the page. Their scripts are files there: see `procwidget.views.scripts`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # The page's server needs addresses only, and no widgets.
    from ipywidgets import Widget

PARTS = "application/vnd.procwidget.parts+json"
"""The kind of output that names the dashboard's parts to the page's server."""


def part(widget: Widget, *names: str) -> dict[str, Any]:
    """Return a widget's name and some of its state, as JSON."""
    return {"id": widget.model_id, "state": {name: getattr(widget, name) for name in names}}
