"""A live process monitor for Jupyter and the browser.

`Dashboard` is the widget, and `Fleet` that of a cluster; `Monitor`, `snapshot`, `status`, `end` and `audit` work in a
plain script, which imports no widget library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from procwidget.actions.audit import read_log as audit
from procwidget.errors import ActionRefused, InvalidArgument, ProcwidgetError, SourceUnavailable
from procwidget.export import to_csv
from procwidget.monitor import Monitor
from procwidget.snapshots import snapshot
from procwidget.state.check import status
from procwidget.thresholds import Thresholds

if TYPE_CHECKING:
    from procwidget.actions.from_python import end
    from procwidget.jupyter.own_cells import cells
    from procwidget.recording.recording import Recording
    from procwidget.views.dashboard import Dashboard
    from procwidget.views.fleet import Fleet

__version__ = "0.1.0"

__all__ = [
    "ActionRefused",
    "Dashboard",
    "Fleet",
    "InvalidArgument",
    "Monitor",
    "ProcwidgetError",
    "Recording",
    "SourceUnavailable",
    "Thresholds",
    "audit",
    "cells",
    "end",
    "snapshot",
    "status",
    "to_csv",
]


def __getattr__(name: str) -> Any:
    if name == "Dashboard":
        from procwidget.views.dashboard import Dashboard

        return Dashboard
    if name == "Fleet":
        from procwidget.views.fleet import Fleet

        return Fleet
    if name == "cells":
        from procwidget.jupyter.own_cells import cells

        return cells
    if name == "end":
        from procwidget.actions.from_python import end

        return end
    if name == "Recording":
        from procwidget.recording.recording import Recording

        return Recording
    raise AttributeError(f"module 'procwidget' has no attribute {name!r}")


def __dir__() -> list[str]:
    # What completion offers: the public names, and not what this file imports.
    return [*__all__, "__version__"]


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext procwidget`: measure what cells cost from now on, and have `%%cost` print it."""
    from procwidget.jupyter.own_cells import observe

    observe(shell)


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    from procwidget.server.extension import Procwidget

    return [{"module": "procwidget.server.extension", "app": Procwidget}]
