"""Who or what causes a trouble, as data: the page shows, finds and ends it, and scripts read it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Literal, TypedDict

from procwidget.sample import Process
from procwidget.sources.notebooks.kernels import kernel_id_of
from procwidget.sources.notebooks.notebook import UNNAMED

MOST_PROCESSES = 50
"""A cause lists no more identities than this; its `query` finds the others."""

_PLAIN = re.compile(r"[^\s()\"'!=<>~]+")
_LONGEST = 64
_DEEPEST = 30

_SHELLS = {
    "sh",
    "bash",
    "dash",
    "zsh",
    "fish",
    "ksh",
    "tcsh",
    "csh",
    "tmux",
    "screen",
    "xargs",
    "env",
    "timeout",
    "nohup",
}
_SYSTEM = {"systemd", "init", "launchd", "sshd", "sshd-session", "login", "su", "sudo", "cron", "crond"}
_ENGINES = {"tini", "dumb-init", "docker-init", "containerd-shim", "containerd-shim-runc-v2", "conmon", "runc"}
_STARTS_ANYTHING = _SHELLS | _SYSTEM | _ENGINES


class Cause(TypedDict):
    """Who or what causes a trouble.

    `kind` says what `name` is a name of; "other" is what is no process, such as "steal". `share` is percent of what is
    used in all, where that is known. `processes` are identities, the first `MOST_PROCESSES`. `query` is a search (see
    docs/search.md) that finds exactly this cause in the table, "" where it is nothing that a table has.
    """

    kind: Literal["process", "program", "notebook", "unit", "container", "user", "other"]
    name: str
    share: float | None
    processes: list[str]
    query: str


def of_process(row: Process, share: float | None = None) -> Cause:
    """Return the cause that is one process."""
    query = f"pid={row['pid']}"
    return {"kind": "process", "name": row["name"], "share": share, "processes": [row["identity"]], "query": query}


def of_program(name: str, user: str | None, rows: Iterable[Process], share: float | None = None) -> Cause:
    """Return the cause that is all processes of one name, and of one user where that is known."""
    comparisons = [comparison("name", name), *([comparison("user", user)] if user else [])]
    return _of_many("program", name, comparisons, rows, share)


def of_group(
    kind: Literal["notebook", "unit", "container", "user"], name: str, rows: Iterable[Process], share: float
) -> Cause:
    """Return the cause that is all processes of a notebook, a systemd unit, a container or a user."""
    return _of_many(kind, name, [comparison(kind, name)], rows, share)


def of_other(name: str, share: float | None = None) -> Cause:
    """Return the cause that is no process."""
    return {"kind": "other", "name": name, "share": share, "processes": [], "query": ""}


def of_status(status: str, name: str, rows: list[Process], *comparisons: str) -> Cause:
    """Return the cause that is several processes in one status."""
    return _of_many("program", name, [f"status={status}", *comparisons], rows, None)


def comparison(key: str, text: str) -> str:
    """Return a part of a search that finds what has exactly this text; without what no search can quote, nearly so."""
    if _PLAIN.fullmatch(text):
        return f"{key}={text}"
    for quote in "\"'":
        if quote not in text:
            return f"{key}={quote}{text}{quote}"
    return f'{key}~"{max(text.split(chr(34)), key=len)}"'


def _of_many(
    kind: Literal["program", "notebook", "unit", "container", "user"],
    name: str,
    comparisons: list[str],
    rows: Iterable[Process],
    share: float | None,
) -> Cause:
    identities = [row["identity"] for _, row in zip(range(MOST_PROCESSES), rows, strict=False)]
    return {"kind": kind, "name": name, "share": share, "processes": identities, "query": " ".join(comparisons)}


def process_text(row: Process) -> str:
    """Return how a sentence names a process: a kernel by its notebook, what belongs to it as that."""
    name, notebook = row["name"][:_LONGEST], notebook_of(row)
    if notebook is None:
        return f"{name} ({row['pid']})"
    if kernel_id_of(row["command"]):
        return f"{notebook} ({row['pid']})"
    return f"{name} ({row['pid']}) of {notebook}"


def notebook_of(row: Process) -> str | None:
    """Return the name of the notebook that a process belongs to, where that is known and has a name."""
    notebook = row.get("notebook")
    return None if notebook is None or notebook == UNNAMED else notebook[:_LONGEST]


def common_ancestor(rows: list[Process], by_pid: Mapping[int, Process]) -> Process | None:
    """Return the nearest process that started all of these, itself or through others.

    `None` where it is one that starts anything, such as a shell, systemd or Python: to name it explains nothing.

    Args:
        rows: processes of one program.
        by_pid: all processes.
    """
    shared: list[int] | None = None
    for row in rows:
        line: list[int] = []
        above = by_pid.get(row["ppid"] or 0)
        while above is not None and len(line) < _DEEPEST and above["pid"] not in line:
            line.append(above["pid"])
            above = by_pid.get(above["ppid"] or 0)
        known = frozenset(line)
        shared = line if shared is None else [pid for pid in shared if pid in known]
    for pid in shared or ():
        name = by_pid[pid]["name"]
        if name != rows[0]["name"]:
            anything = pid == 1 or name in _STARTS_ANYTHING or name.startswith("python")
            return None if anything else by_pid[pid]
    return None
