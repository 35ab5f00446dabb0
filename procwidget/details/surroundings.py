"""Reads in what surroundings one process runs: its control group, limits, priorities, and what it waits for.

Runs in the caller's thread; all of these files are answered by the kernel at once. What a system has not raises
`AttributeError`, as psutil's missing methods do.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TypedDict

import psutil

from procwidget.clean_text import clean_text
from procwidget.details.waiting import waits_for

_LINUX = sys.platform.startswith("linux")
_LIMIT = re.compile(r"^Max ([a-z ]+?) {2,}(unlimited|\d+) +(unlimited|\d+) *([a-z]*) *$", re.MULTILINE)
_TOLD = frozenset(
    {"cpu time", "file size", "data size", "stack size", "core file size", "resident set", "processes", "open files"}
    | {"locked memory", "address space"}
)
_UNITS = {"us": "microseconds"}
_CLASSES = {0: "none", 1: "real-time", 2: "best effort", 3: "idle"}


class Limit(TypedDict):
    """A limit of a process: the one that holds (soft) and how far it may raise that (hard), `None` for no end.

    `unit` is bytes, seconds, files, processes, or "".
    """

    name: str
    soft: int | None
    hard: int | None
    unit: str


def control_group(process: psutil.Process) -> tuple[str | None]:
    """Return the path of its control group: that of version 2, else the one of systemd or memory."""
    found: dict[str, str] = {}
    for line in _text(process, "cgroup").splitlines():
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        found |= dict.fromkeys(controllers.split(",") if controllers else [f"v{number}"], path)
    paths = [found.get(name) for name in ("v0", "name=systemd", "memory")]
    known = [path for path in paths if path is not None]
    # Where both versions are mounted the tree of version 2 may be empty: all are at its root.
    path = next((path for path in known if path != "/"), "/")
    return (clean_text(path) if known else None,)


def limits(process: psutil.Process) -> tuple[list[Limit]]:
    """Return the limits that matter to most programs."""
    return (parse_limits(_text(process, "limits")),)


def parse_limits(text: str) -> list[Limit]:
    """Return those of a /proc/PID/limits that matter to most programs, in its order."""
    return [
        {"name": name, "soft": _amount(soft), "hard": _amount(hard), "unit": _UNITS.get(unit, unit)}
        for name, soft, hard, unit in _LIMIT.findall(text)
        if name in _TOLD
    ]


def waiting(process: psutil.Process) -> tuple[str | None]:
    """Return what its main thread waits for, in words."""
    return (waits_for(_text(process, "wchan").encode()),)


def switches(process: psutil.Process) -> tuple[int, int]:
    """Return how often it gave way to others, by itself and because it had to."""
    counts = process.num_ctx_switches()
    return int(counts.voluntary), int(counts.involuntary)


def io_priority(process: psutil.Process) -> tuple[str]:
    """Return its I/O priority, such as "best effort 4", where less is sooner."""
    found = process.ionice()
    kind = getattr(found, "ioclass", None)
    if kind is None:
        return (str(int(found)),)
    words = _CLASSES.get(int(kind), str(int(kind)))
    return (f"{words} {found.value}" if int(kind) in (1, 2) else words,)


def _amount(text: str) -> int | None:
    return None if text == "unlimited" else int(text)


def _text(process: psutil.Process, name: str) -> str:
    if not _LINUX:
        raise AttributeError(name)
    return Path(f"/proc/{process.pid}/{name}").read_bytes().decode("utf-8", "replace")
