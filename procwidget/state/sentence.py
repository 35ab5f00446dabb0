"""Makes the one sentence that answers first, with its level, of the alerts and the sample. Pure."""

from __future__ import annotations

from procwidget.sample import Sample
from procwidget.state.alerts import Alert, for_text
from procwidget.thresholds import Level


def headline(alerts: list[Alert], sample: Sample | None = None) -> tuple[Level, str]:
    """Return the one sentence that answers first, with its level: the worst alert and how many more, or "Calm".

    A process that takes a core is what a machine is for, and no trouble while there is CPU left: it is named, and where
    the CPU is short, that is an alert of its own, whose level counts.

    Args:
        alerts: what `Alerts.update` returned.
        sample: what they are of. Where neither its CPU nor its memory is known, nothing is called calm.
    """
    troubles = [alert for alert in alerts if alert["kind"] != "process_cpu"]
    if troubles:
        worst, more = troubles[0], len(alerts) - 1
        return worst["level"], worst["text"] + (f", and {more} more" if more else "")
    text = "Calm"
    if sample and sample["effective"]["cpu_usage"] is None and sample["effective"]["memory_usage"] is None:
        text = "CPU and memory cannot be read here"
    busiest = max(alerts, key=lambda alert: alert["value"] or 0.0, default=None)
    return "normal", f"{text}. Busiest: {_busy(busiest)}" if busiest else text


def _busy(alert: Alert) -> str:
    """Return who is busy in an alert of a process's CPU, with how many cores and for how long."""
    process, cores = alert["process"], (alert["value"] or 0.0) / 100
    name = f"{process['name'][:64]} ({process['pid']}), " if process else ""
    much = "one core" if 0.95 <= cores < 1.05 else f"{cores:.1f} {'of a core' if cores < 1 else 'cores'}"
    return f"{name}{much} {for_text(alert['seconds'])}"
