"""Wraps a source and leaves out the processes of other users. Runs in the thread of whoever asks."""

from __future__ import annotations

import os

from procwidget.identity import is_of_here
from procwidget.sample import Process, Sample, top_processes
from procwidget.sources import default_source
from procwidget.sources.base import Averages, Source, averages_of


class OwnProcessesSource:
    """Shows the processes of the user who runs this process, and the figures of the whole host.

    Args:
        source: what to read; `None` is the best source for this system.
    """

    def __init__(self, source: Source | None = None) -> None:
        self._source = default_source() if source is None else source
        self.name = self._source.name

    @property
    def top(self) -> int:
        """How many `top_processes` a sample carries."""
        return self._source.top

    @top.setter
    def top(self, count: int) -> None:
        self._source.top = count

    @property
    def wanted(self) -> frozenset[str]:
        """Which fields are read on demand."""
        return self._source.wanted

    @wanted.setter
    def wanted(self, keys: frozenset[str]) -> None:
        self._source.wanted = keys

    @property
    def in_sight(self) -> frozenset[str]:
        """The identities of the processes that views show; empty for all."""
        return self._source.in_sight

    @in_sight.setter
    def in_sight(self, identities: frozenset[str]) -> None:
        self._source.in_sight = identities

    @property
    def notes(self) -> list[str]:
        """What a reader of the newest sample should know, a sentence each."""
        return [*self._source.notes, "Only the processes of the user who runs this page are shown."]

    @property
    def pending(self) -> bool:
        """Whether figures that take a while have not come for the first time and may yet."""
        return bool(getattr(self._source, "pending", False))

    def read(self) -> Sample:
        """Take one reading; what counts processes counts those that are shown."""
        sample = self._source.read()
        rows = own_processes(sample)
        pids = {row["pid"] for row in rows}
        threads = [row["threads"] for row in rows if row["threads"] is not None]
        return {
            **sample,
            "processes": rows,
            "top_processes": top_processes(rows, self._source.top),
            "process_count": len(rows),
            "thread_count": sum(threads),
            "gpus": sample["gpus"]
            and [{**gpu, "holders": [one for one in gpu["holders"] if one["pid"] in pids]} for gpu in sample["gpus"]],
            "started": None,
            "ended": None,
        }

    @property
    def pressure_averages(self) -> Averages | None:
        """What tells of the last minute, which is the whole host's."""
        return averages_of(self._source)

    def close(self) -> None:
        """Give back what the source holds."""
        self._source.close()


def own_processes(sample: Sample) -> list[Process]:
    """Return the rows of the user who runs this process; none if the source does not see this process."""
    if not is_of_here(sample["boot_id"], sample.get("pid_namespace")):
        return []
    me = os.getpid()
    user = next((row["user"] for row in sample["processes"] if row["pid"] == me), None)
    return [row for row in sample["processes"] if user is not None and row["user"] == user]
