"""What signals do on each operating system, and which of its processes are never signalled there. Pure.

Linux and macOS have all signals. On Windows there are none: psutil ends, suspends and resumes a process by calls of
its own, and nothing there corresponds to an interrupt or to a nice value.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from procwidget.sample import Process

_WINDOWS_HAS = frozenset({"SIGTERM", "SIGKILL", "SIGSTOP", "SIGCONT"})
_WINDOWS_LACKS = {
    "SIGINT": "Windows cannot interrupt a process from outside: interrupt works on Linux and macOS only.",
    **dict.fromkeys(("ionice", "affinity", "oom"), "This is set on Linux only."),
    "renice": "Windows has priority classes and no nice values: renice works on Linux and macOS only.",
}
_WINDOWS_MEANS = {"SIGTERM": "Windows ends a process at once: it cannot save its work first."}

# Without one of these the session or the whole system ends; Windows itself stops with an error for most.
_VITAL = {
    "win32": frozenset(
        {"system", "registry", "secure system", "memory compression", "smss.exe", "csrss.exe", "wininit.exe"}
        | {"services.exe", "lsass.exe", "lsaiso.exe", "winlogon.exe", "dwm.exe", "fontdrvhost.exe"}
    ),
    "darwin": frozenset({"kernel_task", "windowserver", "loginwindow"}),
}


def lacking(signal: str, platform: str = sys.platform) -> str | None:
    """Return why a signal, or "renice N", cannot be sent on this system, as a sentence; `None` where it can."""
    kind = signal.partition(" ")[0]
    if platform != "win32" or kind in _WINDOWS_HAS:
        return None
    return _WINDOWS_LACKS.get(kind, f"Windows has no {kind}.")


def vital(row: Process, platform: str = sys.platform) -> str | None:
    """Return why the process of `row` is never signalled on this system, as a sentence; `None` where it may be."""
    if row["name"].lower() in _VITAL.get(platform, ()):
        return f"{row['name']} ({row['pid']}) keeps the system or its session running: it is never signalled."
    return None


def for_page(signals: Iterable[str], platform: str = sys.platform) -> dict[str, Any]:
    """Return what the page has to know of this system.

    `lacking` says of each of these signals that cannot be sent why, `meanings` what others do that do something else
    than their name says.
    """
    reasons = {signal: reason for signal in signals if (reason := lacking(signal, platform))}
    return {"lacking": reasons, "meanings": dict(_WINDOWS_MEANS) if platform == "win32" else {}}
