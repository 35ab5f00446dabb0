"""What names one process and no other: identities are made, and taken apart, here alone.

An identity is the text "PID-TICKS": a pid, and when its process started, in clock ticks since boot (proc(5),
/proc/PID/stat, field 22). Elsewhere than on Linux the ticks are hundredths of a second of psutil's `create_time`.
Together with the boot id of the host it is unique but for a pid that is reused within one tick, which
`actions/identity_check.py` excludes by time. A boot id does not tell the containers of one machine
apart, whose pids mean something else in each: the pid namespace does, and both together are a host's key. Pure but for
`boot_id` and `pid_namespace`, which read files; any thread may call.
"""

from __future__ import annotations

import os
from pathlib import Path

TICKS_PER_SECOND: int = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
"""Clock ticks in a second: the unit of start times in /proc."""

_PSUTIL_TICKS = 100
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def identity_of(pid: int, ticks: int) -> str:
    """Return the identity of the process `pid` that started `ticks` after boot."""
    return f"{pid}-{ticks}"


def ticks_of(create_time: float) -> int:
    """Return the ticks of an identity for psutil's `create_time`, in seconds."""
    return round(create_time * _PSUTIL_TICKS)


def pid_of(identity: str) -> int | None:
    """Return the pid in an identity; `None` when the text is not one."""
    pid, separator, ticks = identity.partition("-")
    return int(pid) if separator and pid.isdecimal() and ticks.isdecimal() else None


def start_ticks_of(identity: str) -> int:
    """Return the start ticks in an identity.

    Raises:
        ValueError: the text is not an identity.
    """
    return int(identity.rpartition("-")[2])


def boot_id() -> str | None:
    """Return the id of this host's current boot, as samples carry it; `None` where the system has none (not Linux)."""
    try:
        return _BOOT_ID.read_text("ascii").strip()
    except OSError:
        return None


def pid_namespace(proc: str = "/proc") -> int | None:
    """Return the number of the pid namespace in which this process's pids count (namespaces(7)); `None` without any."""
    try:
        return os.stat(f"{proc}/self/ns/pid").st_ino
    except OSError:
        return None


def is_of_here(boot: str, namespace: int | None) -> bool:
    """Return whether processes of such a boot and pid namespace are those of here; what is not known differs not."""
    here, space = boot_id(), pid_namespace()
    return (here is None or boot == here) and (namespace is None or space is None or namespace == space)
