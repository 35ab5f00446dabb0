"""What can be set on a `Dashboard` while it is shown: how often it reads, and what its table shows.

What is set goes to the browser as the table's options, and every view takes it over. What a user chooses in a view
stays there: several views may show different things, so reading a property gives what Python set last.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from procwidget.errors import InvalidArgument
from procwidget.monitor import Monitor
from procwidget.views import arguments
from procwidget.views.table import ProcessTable


class Settable:
    """The settable part of a dashboard, which has a monitor and a table."""

    monitor: Monitor
    table: ProcessTable

    @property
    def interval(self) -> float:
        """Seconds between updates, 0.5 to 60; dashboards of one kernel share it."""
        return self.monitor.interval

    @interval.setter
    def interval(self, seconds: float) -> None:
        self.monitor.interval = arguments.check_interval(seconds)

    @property
    def filter(self) -> str:
        """What Python put into the search box, such as "cpu>50 user=ana"; see docs/search.md."""
        return str(self.table.options["filter"])

    @filter.setter
    def filter(self, text: str) -> None:
        self._choose(filter=arguments.check_filter(text))

    @property
    def sort_by(self) -> str:
        """The column that Python sorted the table by, such as "cpu" or "memory"."""
        return str(self.table.options["sort_by"])

    @sort_by.setter
    def sort_by(self, key: str) -> None:
        self._choose(sort_by=arguments.check_sort_by(key) or "cpu")

    @property
    def columns(self) -> list[str] | None:
        """The columns that Python chose, in their order; `None` for the usual ones."""
        columns = self.table.options["columns"]
        return None if columns is None else list(columns)

    @columns.setter
    def columns(self, keys: Sequence[str] | None) -> None:
        self._choose(columns=arguments.check_columns(keys))

    @property
    def paused(self) -> bool:
        """Whether Python paused what is shown; the history goes on."""
        return bool(self.table.options.get("paused", False))

    @paused.setter
    def paused(self, on: bool) -> None:
        if not isinstance(on, bool):
            raise InvalidArgument(f"paused must be True or False, not {on!r}.")
        self._choose(paused=on)

    def _choose(self, **options: Any) -> None:
        # How often each was set: a view takes over also what is set for the second time, and nothing else.
        times = dict(self.table.options.get("chosen", {}))
        for name in options:
            times[name] = times.get(name, 0) + 1
        self.table.options = {**self.table.options, **options, "chosen": times}
