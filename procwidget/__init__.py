"""A live process monitor for Jupyter and the browser.

`Dashboard` is the widget; `Monitor`, `snapshot`, `status` and `audit` work in a plain script, which imports no widget
library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from procwidget.actions.audit import read_log as audit
from procwidget.errors import ActionRefused, InvalidArgument, ProcwidgetError, SourceUnavailable
from procwidget.monitor import Monitor, snapshot
from procwidget.state.check import status
from procwidget.thresholds import Thresholds

if TYPE_CHECKING:
    from procwidget.views.dashboard import Dashboard

__version__ = "0.1.0"

__all__ = [
    "ActionRefused",
    "Dashboard",
    "InvalidArgument",
    "Monitor",
    "ProcwidgetError",
    "SourceUnavailable",
    "Thresholds",
    "audit",
    "snapshot",
    "status",
]


def __getattr__(name: str) -> Any:
    if name == "Dashboard":
        from procwidget.views.dashboard import Dashboard

        return Dashboard
    raise AttributeError(f"module 'procwidget' has no attribute {name!r}")


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "procwidget.server.extension"}]
