"""Says which filesystems are full, cannot be written any more or do not answer. Pure; the poller's thread calls it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from procwidget.sample import Filesystem, Sample
from procwidget.state.causes import of_other
from procwidget.state.finding import Finding
from procwidget.thresholds import Level
from procwidget.units import bytes_text, percent_text

FULL = (90.0, 98.0)
"""Percent of a filesystem's space, or of its inodes, from which on it is a warning, and critical."""

_Judge = Callable[[str, str, float | None, tuple[float, float]], Level]


class Storage:
    """Follows the filesystems.

    Args:
        judge: returns the level of a figure of a kind and a name by its bounds; it knows the level before.
    """

    def __init__(self, judge: _Judge) -> None:
        self._judge = judge
        self._seen: list[Filesystem] | None = None
        self._writable: set[str] = set()
        self._found: list[Finding] = []

    def findings(self, sample: Sample) -> list[Finding]:
        """Return what is wrong with filesystems; nothing is known where they are not read."""
        filesystems = sample["filesystems"]
        # The source gives the same list until there is news, twice or four times a minute.
        if filesystems is not self._seen:
            self._seen = filesystems
            self._found = [finding for one in filesystems or () for finding in self._look(one)]
        return self._found

    def _look(self, one: Filesystem) -> Iterator[Finding]:
        mount = one["mount"]
        cause = of_other(mount)
        if one["stuck"]:
            yield Finding("stuck", mount, "warning", None, f"Filesystem {mount} does not answer", cause=cause)
        elif not one["read_only"]:
            self._writable.add(mount)
            if (level := self._judge("space", mount, one["usage"], FULL)) != "normal":
                free = bytes_text(one["available"])
                what = f"Filesystem {mount} is full ({percent_text(one['usage'])}, {free} free)"
                yield Finding("space", mount, level, one["usage"], what, short_of="space", cause=cause, timed=False)
            if (level := self._judge("inodes", mount, one["inodes_usage"], FULL)) != "normal":
                out = f"Filesystem {mount} is out of inodes ({percent_text(one['inodes_usage'])})"
                what = f"{out}: no more files can be made"
                usage = one["inodes_usage"]
                yield Finding("inodes", mount, level, usage, what, short_of="space", cause=cause, timed=False)
        elif mount in self._writable:
            what = f"Filesystem {mount} became read-only, as it does after an error of its disk:"
            yield Finding("read_only", mount, "critical", None, f"{what} nothing can be written", cause=cause)
