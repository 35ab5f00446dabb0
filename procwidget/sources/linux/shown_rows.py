"""The rows of processes as they are shown, each changed only where its process did; the sum of their threads.

Runs in the caller's thread.
"""

from __future__ import annotations

from typing import Any, cast

from procwidget.sample import Process
from procwidget.sources.linux.entry import SECOND, Entry


class ShownRows:
    """Keeps the row of each process.

    Args:
        entries: the processes that are here, by their pids, as they come and go.
    """

    def __init__(self, entries: dict[int, Entry]) -> None:
        self._entries = entries
        self._rows: dict[int, Process] = {}  # theirs, so that a thousand of them are one copy of a dict's values
        self._blank: dict[str, None] = {}
        self.threads = 0
        """How many threads the processes have, as far as that is known."""

    @property
    def all(self) -> list[Process]:
        """The rows of now; the same objects as before where nothing changed."""
        return list(self._rows.values())

    def make(self, entry: Entry, cpu: float | None) -> Process:
        """Return a new row of a process, which is not shown yet."""
        row = entry.make_row(cpu)
        row.update(cast(Process, self._blank))
        return row

    def show(self, entry: Entry, row: Process) -> None:
        """Give a process its row."""
        entry.row = row
        # One that has left in this very update, or whose pid is another's by now, is not shown.
        if self._entries.get(entry.pid) is entry:
            before = self._rows.get(entry.pid)
            self._rows[entry.pid] = row
            self.threads += (row["threads"] or 0) - ((before and before["threads"]) or 0)

    def show_figures(self, entry: Entry, cpu: float | None, memory: float | None) -> None:
        """Give a process of which nothing else changed its new figures."""
        row, time_used, extra = entry.row, entry.ns / SECOND, entry.extra
        if cpu != row["cpu"] or time_used != row["cpu_time"] or memory != row["memory"] or _differs(row, extra):
            row = row.copy()
            row["cpu"], row["cpu_time"], row["memory"] = cpu, time_used, memory
            row.update(cast(Process, extra))
            self.show(entry, row)

    def leave_blank(self, fields: frozenset[str]) -> None:
        """Have these fields in all rows from now on, for somebody else to fill, and no others of that kind."""
        if fields == self._blank.keys():
            return
        gone, self._blank = self._blank.keys() - fields, dict.fromkeys(fields)
        for entry in self._entries.values():
            row = {key: value for key, value in entry.row.items() if key not in gone}
            self.show(entry, cast(Process, row | self._blank))

    def remove(self, pid: int) -> None:
        """Show a process no more."""
        self.threads -= self._rows.pop(pid)["threads"] or 0

    def clear(self) -> None:
        """Forget all rows."""
        self._rows.clear()


def _differs(row: Process, extra: dict[str, Any]) -> bool:
    return bool(extra) and any(row[key] != value for key, value in extra.items())  # type: ignore[literal-required]
