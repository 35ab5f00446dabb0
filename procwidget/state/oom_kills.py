"""Says that the kernel ended processes for want of memory, and which that probably was. Pure; the poller's thread."""

from __future__ import annotations

from collections.abc import Iterator

from procwidget.sample import Process, Sample
from procwidget.state.causes import of_process, process_text
from procwidget.state.finding import Finding
from procwidget.units import bytes_text

SHOWN_FOR = 60.0
"""Seconds for which it is told: what was ended does not come back, but memory is there again."""

_PART = 0.1
"""One that held less than this part of the memory that counts was hardly chosen for it."""

_MIB = 2**20


class OomKills:
    """Follows the kernel's count; it is the difference that counts, for it never begins anew."""

    def __init__(self) -> None:
        self._before: list[Process] = []
        self._count = 0
        self._who: Process | None = None
        self._at: tuple[float, float] | None = None

    def findings(self, sample: Sample, *, gap: bool) -> Iterator[Finding]:
        """Yield the newest such event; one of a time in which nobody looked may be hours old, and is none."""
        before, self._before = self._before, sample["processes"]
        now = sample["monotonic"]
        if self._at is not None and now - self._at[0] >= SHOWN_FOR:
            self._at, self._count, self._who = None, 0, None
        if (killed := sample["oom_kills"]) and not gap:
            self._count += killed
            self._at = now, sample["time"]
            self._who = _gone(before, sample) if self._count == 1 else None
        if self._at is None:
            return
        row = self._who
        what = f"Memory ran out: the kernel ended {self._count} {'process' if self._count == 1 else 'processes'}"
        more = ""
        if row is not None:
            more = f", probably {process_text(row)}, which held {bytes_text((row['memory'] or 0.0) * _MIB)} and is gone"
        cause = of_process(row) if row else None
        value = float(self._count)
        yield Finding("oom_kill", "", "critical", value, what, more=more, short_of="memory", cause=cause, timed=False)


def _gone(before: list[Process], sample: Sample) -> Process | None:
    """Return the largest process that has ended since the reading before, if it held much."""
    there = {row["identity"] for row in sample["processes"]}
    gone = [row for row in before if row["memory"] and row["identity"] not in there]
    row = max(gone, key=lambda row: row["memory"] or 0.0, default=None)
    total = sample["effective"]["memory_total"]
    return row if row and total and (row["memory"] or 0.0) * _MIB >= _PART * total else None
