"""What Python reads of a `Dashboard`: its processes, those that are selected, found or shown, and past moments.

All is given as copies, so whoever has them may change them.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from procwidget.errors import InvalidArgument
from procwidget.fields import ON_DEMAND
from procwidget.history import History
from procwidget.host import Finder, Signals
from procwidget.moments import Moment
from procwidget.monitor import Monitor
from procwidget.query import parse
from procwidget.recording.recording import Recording
from procwidget.sample import Process, Sample
from procwidget.views.readings import Reach
from procwidget.views.shown import Arrangement, shown
from procwidget.views.table import ProcessTable


class Readable:
    """The part of a dashboard that is read, which has a monitor, a table and a signal service."""

    monitor: Monitor
    table: ProcessTable
    service: Signals
    _arrangement: Arrangement
    _holders: Finder
    _reach: Reach

    @property
    def history(self) -> History | Recording:
        """The samples of the last minutes, or of the recording, as a sequence of plain dicts, oldest first."""
        return self.monitor.samples

    @property
    def last(self) -> Sample | None:
        """The newest sample, as a plain dict of your own; `None` before the first."""
        history = self.history
        return history[-1] if len(history) else None

    @property
    def processes(self) -> list[Process]:
        """The processes of the newest sample, as plain dicts of your own; none before the first."""
        newest = self.monitor.last
        return [row.copy() for row in newest["processes"]] if newest else []

    @property
    def selected(self) -> list[Process]:
        """The processes that are selected in the table, as plain dicts of the newest sample."""
        wanted = set(self.table.selection)
        return [row.copy() for row in self._rows() if row["identity"] in wanted]

    def on_select(self, callback: Callable[[list[Process]], object]) -> None:
        """Call `callback(processes)` with plain dicts when another selection is made in the table."""
        if not callable(callback):
            raise InvalidArgument(f"on_select needs a function that takes a list of processes, not {callback!r}.")
        self.table.on_selection(lambda: callback(self.selected))

    def find(self, query: str = "") -> list[Process]:
        """Return the processes of the newest sample that a search finds, as plain dicts; see docs/search.md.

        Args:
            query: such as "cpu>50 user=ana" or "port:8888"; "" finds all. Where processes could not be looked into for
                a port or a file, a warning says how many.

        Raises:
            InvalidArgument: the query has a mistake; the message points at it. Or it compares a field that is read on
                demand and that the table does not show.
        """
        wanted, now, rows = parse(query), self.monitor.last["time"] if self.monitor.last else 0.0, self._rows()
        for key in sorted(wanted.keys.intersection(ON_DEMAND)):
            if rows and key not in rows[0]:
                raise InvalidArgument(f"{key} is read only while the table shows it: add it to the columns first.")
        if wanted.lookups and (note := self._holders.resolve(wanted.lookups, rows)):
            warnings.warn(note, stacklevel=2)
        return [row.copy() for row in rows if wanted.matches(row, now)]

    def shown(self) -> list[dict[str, Any]]:
        """Return what the table shows, as plain dicts: its columns of the processes that it shows, in its order.

        Rows are those of the newest sample. Where several views of this dashboard are open, it is the one that was
        arranged or opened last; without any, it is as the arguments say. Groups and trees are their processes.
        """
        arrangement = self.table.arrangement or self._arrangement
        return shown(self._rows(), self.monitor.last["time"] if self.monitor.last else 0.0, arrangement)

    def show_at(self, when: Moment) -> None:
        """Have all views show a past moment: the table, the meters and the sentence as they were then.

        Args:
            when: such as "10:32", "5m" (ago), a datetime, seconds ago or Unix seconds.

        Raises:
            InvalidArgument: it is no moment, or there is no reading from then.
        """
        self.table.go(self._reach.at(when)["time"])

    def live(self) -> None:
        """Have all views show the present again."""
        self.table.go(None)

    def diagnostics(self) -> dict[str, int]:
        """Return counters of what goes on inside, for tests and for reports of trouble.

        `frames` sent to views so far; whether somebody is `present` and the poller is `running`, as 0 or 1;
        `confirmations` that are pending; `signals` sent from here so far; `samples` in the history.
        """
        return {
            "frames": self.table.frames_sent,
            "present": int(self.table.present()),
            "running": int(self.monitor.running),
            "confirmations": len(self.service.confirmations),
            "signals": self.service.sent,
            "samples": len(self.history),
        }

    def _rows(self) -> list[Process]:
        return self.monitor.last["processes"] if self.monitor.last else []
