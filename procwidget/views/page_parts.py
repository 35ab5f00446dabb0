"""What a served page needs to show the dashboard before Jupyter's widget manager is there, without it.

The page shows the summary and the table from their names and a part of their state, which the dashboard displays here
and the server puts into the page. Their scripts are files there: see `procwidget.views.scripts`.
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
