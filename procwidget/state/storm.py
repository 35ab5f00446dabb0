"""Says who starts processes by the hundred, which end before a reading can show them. Pure; the poller's thread."""

from __future__ import annotations

import math

from procwidget.sample import Process, Sample
from procwidget.state.causes import Cause, of_process, of_program, process_text
from procwidget.state.uses import STORM

_SPAN = 30.0
_PART = 0.5
_FEWEST = 3


class Storm:
    """Counts whose children the few are that a reading does show: over some readings they are as good as all."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], float] = {}
        self.rate = 0.0
        """How many processes start a second."""
        self.text = ""
        """Who it is, as the end of a sentence; "" while there is no such thing, or nobody is known."""
        self.cause: Cause | None = None
        """Who it is."""

    def update(self, sample: Sample) -> None:
        """Take the next reading."""
        interval, started = sample["interval"] or 0.0, sample["started"] or 0
        self.rate = started / interval if interval else 0.0
        if self.rate < STORM:
            self._counts, self.text, self.cause = {}, "", None
            return
        fades = math.exp(-interval / _SPAN)
        counts = {key: count * fades for key, count in self._counts.items() if count > _PART / _FEWEST}
        rows, since = sample["processes"], sample["time"] - interval
        by_pid = {row["pid"]: row for row in rows}
        parents: dict[tuple[str, str], Process] = {}
        for row in rows:
            if (row["started"] or 0.0) >= since and (parent := by_pid.get(row["ppid"] or 0)) and parent["pid"] > 1:
                for key in (("process", parent["identity"]), ("program", parent["name"])):
                    counts[key] = counts.get(key, 0.0) + 1.0
                    parents[key] = parent
        self._counts = counts
        self._name(sample, parents)

    def _name(self, sample: Sample, parents: dict[tuple[str, str], Process]) -> None:
        counts = self._counts
        every = sum(count for (kind, _), count in counts.items() if kind == "process")
        self.text, self.cause = f", {self.rate:.0f} a second", None
        for kind in ("process", "program"):
            key = max((key for key in counts if key[0] == kind), key=counts.__getitem__, default=None)
            if key is None or every < _FEWEST or counts[key] < _PART * every:
                continue
            if kind == "process":
                row = parents.get(key) or next((r for r in sample["processes"] if r["identity"] == key[1]), None)
                if row is None:
                    continue
                self.cause = {**of_process(row), "query": f"pid={row['pid']} or ppid={row['pid']}"}
                self.text += f", started by {process_text(row)}"
            else:
                rows = [row for row in sample["processes"] if row["name"] == key[1]]
                self.cause = of_program(key[1], None, rows)
                self.text += f", started by {key[1][:64]}"
            return
