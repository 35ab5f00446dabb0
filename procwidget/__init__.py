"""A live process monitor for Jupyter and the browser.

`Dashboard` is the widget; `Monitor`, `snapshot` and `audit` work in a plain script, which imports no widget library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from procwidget.actions.audit import read_log as audit
from procwidget.errors import ActionRefused, InvalidArgument, ProcwidgetError, SourceUnavailable
from procwidget.monitor import Monitor, snapshot
from procwidget.thresholds import Thresholds

if TYPE_CHECKING:
    from procwidget.recording.recording import Recording
    from procwidget.views.dashboard import Dashboard

__version__ = "0.1.0"

__all__ = [
    "ActionRefused",
    "Dashboard",
    "InvalidArgument",
    "Monitor",
    "ProcwidgetError",
    "Recording",
    "SourceUnavailable",
    "Thresholds",
    "audit",
    "snapshot",
]


def __getattr__(name: str) -> Any:
    if name == "Dashboard":
        from procwidget.views.dashboard import Dashboard

        return Dashboard
    if name == "Recording":
        from procwidget.recording.recording import Recording

        return Recording
    raise AttributeError(f"module 'procwidget' has no attribute {name!r}")


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "procwidget.server.extension"}]
