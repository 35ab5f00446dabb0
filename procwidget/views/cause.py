"""What the buttons beside the sentence act on: who causes what it says. Pure."""

from __future__ import annotations

from typing import Any

from procwidget.state.alerts import Alert


def cause(alerts: list[Alert]) -> dict[str, Any] | None:
    """Return who the worst trouble is said to be of, `None` where nobody is named.

    Args:
        alerts: those of now, the worst first.

    Returns:
        `kind` is "process", `share` how much of it is explained by that, `None` for unknown, `processes` the identities
        of those that can be ended for it, and `query` a search that finds them.
    """
    troubles = [alert for alert in alerts if alert["kind"] != "process_cpu"]
    process = troubles[0]["process"] if troubles else None
    if process is None:
        return None
    return {
        "kind": "process",
        "name": process["name"],
        "share": None,
        "processes": [process["identity"]],
        "query": f"pid={process['pid']}",
    }
