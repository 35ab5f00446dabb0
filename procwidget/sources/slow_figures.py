"""Reads files of /sys that may make their reader wait, in a thread of their own, now and then.

How fast a network link is, a driver may have to ask its card; and how full a zram device is, is locked while it is made
anew. Both change seldom. Runs in the caller's thread; the layout of the files is that of the kernel's
Documentation/ABI/testing/sysfs-class-net and Documentation/admin-guide/blockdev/zram.rst.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple

from procwidget.sources.blocking import BlockingReader

EVERY: Final = 30.0
"""Seconds after which the files are read again."""

_BYTES_IN_MEGABIT: Final = 125_000

ReadFile = Callable[[str], bytes | None]


class Zram(NamedTuple):
    """How many bytes of memory all zram devices take, and how many are stored in them."""

    taken: int
    stored: int


class SlowFigures(NamedTuple):
    """Bytes a second that each network link can carry, by name, where it says so; and what zram holds."""

    link_speeds: Mapping[str, int] = {}
    zram: Zram | None = None


class SlowFiguresReader:
    """Reads them again and again. One thread at a time may call.

    Args:
        read: returns what a file holds, `None` where it cannot be read; it may block.
        sysfs: where /sys is.
        clock: monotonic seconds.
    """

    def __init__(self, read: ReadFile, sysfs: str = "/sys", clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._reader: BlockingReader[tuple[tuple[str, ...], tuple[str, ...]], SlowFigures] = BlockingReader(
            lambda names: read_slow_figures(read, sysfs, *names), "procwidget-slow-figures"
        )
        self._figures = SlowFigures()
        self._names: tuple[tuple[str, ...], tuple[str, ...]] | None = None
        self._asked_at = 0.0

    def read(self, interfaces: Iterable[str], disks: Iterable[str]) -> SlowFigures:
        """Return what is known of these devices by now; they are read again when others come or go."""
        now = self._clock()
        names = tuple(interfaces), tuple([name for name in disks if name.startswith("zram")])
        if names != self._names or now - self._asked_at >= EVERY:
            self._names, self._asked_at = names, now
            if any(names):
                self._reader.ask(names)
        for _, figures in self._reader.answers():
            self._figures = figures
        return self._figures

    def close(self) -> None:
        """End the thread."""
        self._reader.close()


def read_slow_figures(read: ReadFile, sysfs: str, interfaces: Iterable[str], zrams: Iterable[str]) -> SlowFigures:
    """Return the figures of these devices."""
    speeds = {}
    for name in interfaces:
        # A link that is down, or has no speed of its own, says -1, or cannot be read.
        speed = (read(f"{sysfs}/class/net/{name}/speed") or b"").strip()
        if speed.isdigit() and 0 < int(speed) < 2**31 - 1:
            speeds[name] = _BYTES_IN_MEGABIT * int(speed)
    stored = taken = 0
    known = False
    for name in zrams:
        fields = (read(f"{sysfs}/block/{name}/mm_stat") or b"").split()
        if len(fields) >= 3 and all(field.isdigit() for field in fields[:3]):
            known = True
            stored, taken = stored + int(fields[0]), taken + int(fields[2])
    return SlowFigures(speeds, Zram(taken, stored) if known else None)
