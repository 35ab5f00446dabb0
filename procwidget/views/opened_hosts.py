"""Which hosts of a fleet are open: one dashboard a host, however many views show it, and each view shows its own.

A page has many visitors, and who opens a host must not take another's away. A dashboard stays as long as a view has it
open; of views that went without a word the one that was opened longest ago gives way. Any thread.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from procwidget import forking

MOST = 6
"""Hosts that are open at once; styles/fleet.css has a place for each, and one more."""


class Closeable(Protocol):
    """What is shown of a host."""

    def close(self) -> None:
        """Remove it."""


Shown = TypeVar("Shown", bound=Closeable)


class OpenedHosts(Generic[Shown]):
    """The open hosts.

    Args:
        make: makes what is shown of a host, given its name and place, 0 to `MOST`.
        place: called with all that are shown, before those that are not any more are closed.
    """

    def __init__(self, make: Callable[[str, int], Shown], place: Callable[[list[Shown]], None]) -> None:
        self._make, self._place = make, place
        self._lock = threading.Lock()
        self._open: dict[str, tuple[int, Shown, set[str]]] = {}
        forking.register(self)

    def after_fork(self) -> None:
        """In a forked child: make anew what threads wait for."""
        self._lock = threading.Lock()

    def places(self) -> dict[str, int]:
        """Return the place of each host that is open."""
        return {host: place for host, (place, _, _) in list(self._open.items())}

    def open(self, view: str, host: str) -> Shown:
        """Return what is shown of a host, from now on in this view too; it shows one at a time."""
        with self._lock:
            known = self._open.pop(host, None)
            if known is None:
                # First, for it may be refused. There is one place more than hosts that stay open.
                place = min(set(range(MOST + 1)) - {place for place, _, _ in self._open.values()})
                known = place, self._make(host, place), set()
            dropped = self._leave(view)
            while len(self._open) >= MOST:
                dropped.append(self._open.pop(next(iter(self._open)))[1])
            self._open[host] = known
            known[2].add(view)
            self._replace(dropped)
            return known[1]

    def leave(self, view: str) -> None:
        """Note that a view shows no host any more."""
        with self._lock:
            self._replace(self._leave(view))

    def close(self) -> None:
        """Close all."""
        with self._lock:
            dropped = [shown for _, shown, _ in self._open.values()]
            self._open.clear()
            self._replace(dropped)

    def _leave(self, view: str) -> list[Shown]:
        for _, _, views in self._open.values():
            views.discard(view)
        left = [host for host, (_, _, views) in self._open.items() if not views]
        return [self._open.pop(host)[1] for host in left]

    def _replace(self, dropped: list[Shown]) -> None:
        self._place([shown for _, shown, _ in self._open.values()])
        for one in dropped:
            one.close()
