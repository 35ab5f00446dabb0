"""What a dashboard says about itself: why figures are late or missing, and what it costs. No threads."""

from __future__ import annotations

import time

from procwidget import threads
from procwidget.monitor import Monitor
from procwidget.units import bytes_text, duration_text

_LATE = 0.5
"""Seconds from when a reading was due to when its figures leave that are worth a word."""


def notes(monitor: Monitor, problem: str | None) -> list[str]:
    """Return what is worth knowing about the figures, in sentences.

    Args:
        monitor: what reads them.
        problem: why the webhook did not get what was posted last.
    """
    said = [*monitor.source.notes, *filter(None, [threads.gevent_note()])]
    late = monitor.lateness + time.monotonic() - monitor.ticked
    if late >= _LATE:
        said.append(f"This machine is busy: figures come {late:.1f} s late.")
    if problem:
        said.append(problem)
    if monitor.actual_interval > monitor.interval:
        longer = f"{monitor.actual_interval:.1f} s instead of {duration_text(monitor.interval)}"
        said.append(f"A reading takes long on this host: figures come every {longer}.")
    return said


def cost(monitor: Monitor, sent: int) -> str:
    """Return what a reading and the message about it cost; `sent` is bytes."""
    percent = monitor.tick_seconds / monitor.actual_interval * 100
    each = f"{monitor.tick_seconds * 1000:.1f} ms and {bytes_text(sent)} a tick"
    return f"procwidget itself: {percent:.1f} % of a core, {each}"
