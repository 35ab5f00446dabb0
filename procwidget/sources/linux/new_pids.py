"""Says which pids may be new processes', by trying the few ids given since the reading before, or by listing all.

Runs in the caller's thread.
"""

from __future__ import annotations

from collections.abc import Iterable

from procwidget.errors import SourceUnavailable
from procwidget.sources.linux.entry import SECOND
from procwidget.sources.linux.kept_files import KeptFilesReader

LISTED_AFTER = 10 * SECOND
"""Nanoseconds after which all processes are listed again, whether new ones can be told from their ids or not."""

# Measured at 1,000 processes: a listing 0.7 ms, a probe of an id that is not a process 0.5 µs.
_MOST_PROBED = 500
_IN_FLIGHT = 16
"""How many ids before the newest one are probed again: a process gets its id a little before it can be seen."""


class NewPids:
    """Finds candidates for new processes.

    Args:
        root: where /proc is.
        files: lists the pids in it.
    """

    def __init__(self, root: bytes, files: KeptFilesReader) -> None:
        self._root, self._files = root, files
        self._newest_id: int | None = None
        self._listed_at = 0
        self.refused: set[int] = set()
        """The pids that exist but may not be read, as of the last listing; whoever tries them adds them."""

    def find(self, newest_id: int | None, now: int, *, required: bool) -> Iterable[int]:
        """Return candidate pids, a superset of the new ones.

        Args:
            newest_id: the newest id that a process or thread was given, `None` if that is not known.
            now: monotonic time in ns.
            required: whether there is nothing without a listing.

        Raises:
            SourceUnavailable: the listing that is required cannot be had.
        """
        before, self._newest_id = self._newest_id, newest_id
        recently = now - self._listed_at < LISTED_AFTER
        if recently and before is not None and newest_id is not None and 0 <= newest_id - before <= _MOST_PROBED:
            return range(max(1, before - _IN_FLIGHT), newest_id + 1)
        pids = self._files.list_pids(self._root)
        if pids is None and required:
            raise SourceUnavailable("The processes of this host cannot be listed: /proc cannot be read.")
        if pids is not None:
            self._listed_at = now
            self.refused.clear()
        return pids or ()
