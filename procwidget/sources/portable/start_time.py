"""When a process started, as psutil's platforms count it, in a way that a clock that is set does not move. Any thread.

psutil moves the start times of macOS and NetBSD with the wall clock, from its first look at the boot time on. An
identity made of them would be another after every correction of the clock, and each signal would be refused.
"""

from __future__ import annotations

import psutil


def steady_start(process: psutil.Process) -> float:
    """Return when a process started, in seconds, the same number for as long as it runs.

    Raises:
        psutil.Error: it is gone, or may not be looked at.
    """
    try:
        # What psutil itself compares where it has it: the start as the kernel keeps it.
        return float(process._proc.create_time(monotonic=True))
    except (TypeError, AttributeError):
        return float(process.create_time())
