"""Asks the system to run the page's server and its kernel before others: a monitor must answer while a machine is slow.

Only root, or who was given the right, may do so, and it only works on Linux. Threads and processes that are started
later inherit the priority. So call it before threads or processes start, and restore the old value before starting
another program.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

RAISED = -8
"""The nice value that is asked for."""

_SESSION = Path("/proc/self/autogroup")


def raise_priority() -> int | None:
    """Raise the calling thread's nice value; return the one before, `None` if nothing was changed."""
    if sys.platform != "linux":
        return None
    before = os.getpriority(os.PRIO_PROCESS, 0)
    if before <= RAISED:
        return None
    try:
        os.setpriority(os.PRIO_PROCESS, 0, RAISED)
    except OSError:
        return None
    return before


def raise_session() -> None:
    """Raise what the whole session gets where this process alone is the session, and its own value was raised.

    Linux may share the CPU out to sessions first ("autogroup"): then a nice value only counts within its session.
    """
    if sys.platform == "linux" and os.getsid(0) == os.getpid() and os.getpriority(os.PRIO_PROCESS, 0) == RAISED:
        with suppress(OSError):
            _SESSION.write_text(str(RAISED))


def give_back(before: int | None) -> None:
    """Give the calling thread, and what it starts, the nice value that it had before."""
    if before is not None:
        os.setpriority(os.PRIO_PROCESS, 0, before)
