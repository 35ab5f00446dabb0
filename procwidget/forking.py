"""What a forked child needs before it may use our objects: new locks, and no references to the parent's threads.

A fork copies the memory and one thread. A lock that another thread holds at that moment stays held in the child for
ever, and what that thread was changing stays half changed. So each object with locks registers here, and in a child
its `after_fork` makes them anew and mends what was half done. The parent waits for nothing: no lock is taken to fork,
so a fork in any thread, with any lock held, is never late and never stuck.
"""

from __future__ import annotations

import logging
import os
import weakref
from typing import Protocol

_log = logging.getLogger("procwidget")


class Forked(Protocol):
    """An object with locks."""

    def after_fork(self) -> None:
        """Make them anew; called in the child's only thread, right after the fork. It must not block or fail."""


_objects: weakref.WeakSet[Forked] = weakref.WeakSet()


def register(thing: Forked) -> None:
    """Have `thing.after_fork()` called in each forked child for as long as anybody holds `thing`."""
    _objects.add(thing)


def _after_fork() -> None:
    for thing in tuple(_objects):
        try:
            thing.after_fork()
        except Exception:  # the others' locks must not stay held
            _log.exception("Something of procwidget cannot be used in this forked process")


# Not on Windows, where nothing forks. A `subprocess` is none of this: it runs no Python before its program.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
