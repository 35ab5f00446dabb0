"""Knows the entries in a system's list of processes that stand for idle time and not for work. Pure."""

from __future__ import annotations

import sys

_FIRST_OF_USERS = 100  # FreeBSD starts its own threads at boot: idle has pid 11, or about that


def is_idle_time(pid: int, name: str | None = None, platform: str = sys.platform) -> bool:
    """Return whether a pid is that of idle time: what its CPUs do when nothing wants to run.

    Windows calls it "System Idle Process" and FreeBSD "idle"; on eight idle CPUs it would seem to use all eight.

    Args:
        pid: its pid.
        name: its name, `None` if that is not known.
        platform: as in `sys.platform`.
    """
    if platform == "win32":
        return pid == 0
    return platform.startswith("freebsd") and name == "idle" and pid < _FIRST_OF_USERS
