"""Finds the processes that are busy or hang, looking only at rows that changed. Pure; the poller's thread calls it."""

from __future__ import annotations

from procwidget.sample import Process
from procwidget.statuses import HANGING


class Conspicuous:
    """Follows them: nearly all processes pass at once, and most of their rows are the same as at the reading before."""

    def __init__(self) -> None:
        self._rows: list[Process] = []
        self._greedy = 0.0
        self._found: list[tuple[int, Process]] = []  # and at which places of the list they stood

    def update(self, rows: list[Process], greedy: float) -> list[Process]:
        """Return the rows of processes that take `greedy` percent of a core at least, or do not get on.

        Args:
            rows: those of the next reading; one that changed is a new object.
            greedy: the percent.
        """
        before = self._rows if greedy == self._greedy else []
        found = (
            [(place, row) for place, row in self._found if place < len(rows) and rows[place] is row] if before else []
        )
        changed = [(place, row) for place, (row, old) in enumerate(zip(rows, before, strict=False)) if row is not old]
        changed += enumerate(rows[len(before) :], len(before))
        found += [(p, row) for p, row in changed if (row["cpu"] or 0.0) >= greedy or row["status"] in HANGING]
        self._rows, self._greedy, self._found = rows, greedy, found
        return [row for _, row in found]
