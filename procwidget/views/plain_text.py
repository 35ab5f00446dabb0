"""The dashboard in words alone, for a terminal: the sentence, a line of figures and the busiest processes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from procwidget.monitor import Monitor
from procwidget.sample import Sample
from procwidget.units import bytes_text, percent_text, plural

NO_READING = "procwidget: there was no reading yet."

ROWS = 10
LONGEST_WAIT = 1.0
"""Seconds for which whoever wants figures waits for the second reading: the first one has no rates."""

_SOON = 0.01
_MIB = 2**20


def plain_text(sample: Sample, sentence: str) -> str:
    """Return a sample as some lines of text, the sentence first."""
    return "\n".join([sentence, figures(sample), "", *aligned(busiest(sample))])


def figures(sample: Sample) -> str:
    """Return the host's figures in one line: which host, when, CPU, memory, processes."""
    counts = sample["effective"]
    when = datetime.fromtimestamp(sample["time"], UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    cpu = f"CPU {percent_text(counts['cpu_usage'])}, " if rated(sample) else ""
    shown = plural(sample["process_count"], "process", "processes")
    return f"{sample['host']} at {when}: {cpu}memory {percent_text(counts['memory_usage'])}, {shown}."


def busiest(sample: Sample) -> list[tuple[str, ...]]:
    """Return the first of the top processes as rows of words, a row of titles first; CPU is left out while unknown.

    Command lines are left out: they may hold secrets, and what is displayed in a notebook is passed on.
    """
    rows: list[tuple[str, ...]] = [
        (str(row["pid"]), row["name"], percent_text(row["cpu"]), _size(row["memory"]))
        for row in sample["top_processes"][:ROWS]
    ]
    rows.insert(0, ("PID", "Name", "CPU", "Memory"))
    return rows if rated(sample) else [(pid, name, memory) for pid, name, _, memory in rows]


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows as lines with aligned columns: names to the left, figures to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if at == 1 else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]


def rated(sample: Sample | None) -> bool:
    """Return whether a sample has CPU figures: a first reading has nothing to compare with."""
    return sample is not None and sample["interval"] is not None


def wait_for_rates(
    monitor: Monitor, *, after: Sample | None = None, enough: Callable[[], bool] = lambda: False
) -> None:
    """Wait until the newest sample has rates, or there is none to come, or until `enough()`.

    Args:
        monitor: what reads.
        after: a sample that is too old; `None` takes any.
        enough: whether nobody needs the rates any more.
    """
    until = time.monotonic() + LONGEST_WAIT
    while monitor.running and monitor.problem is None and not enough() and time.monotonic() < until:
        if rated(monitor.last) and monitor.last is not after:
            return
        time.sleep(_SOON)


def _size(memory: float | None) -> str:
    return bytes_text(None if memory is None else memory * _MIB)
