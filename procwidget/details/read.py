"""Reads one process closely when somebody asks: its `Details`.

Runs in the caller's thread and may block, on a lock of the process or on a network file system that is away; see
`procwidget.details.reader_threads`. The environment of a process is never read: that is where secrets are.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypedDict, cast

import psutil

from procwidget.clean_text import TEXT_LIMIT, clean_command, clean_text
from procwidget.details import surroundings
from procwidget.details.surroundings import Limit
from procwidget.errors import SourceUnavailable
from procwidget.identity import TICKS_PER_SECOND, identity_of, ticks_of
from procwidget.sample import Process
from procwidget.sources.linux.huge_pages import huge_pages_in
from procwidget.sources.linux.proc import parse_stat, shown_name
from procwidget.sources.portable.start_time import steady_start
from procwidget.sources.portable.state import state_and_memory
from procwidget.sources.users_and_commands import read_command

COMMAND_LIMIT = 131_072
"""Characters kept of the full command line."""

MOST_CHILDREN = 100
"""How many children are listed."""

_LINUX = sys.platform.startswith("linux")
_MOST_THREADS_READ = 1000
_OWN_HUGE_PAGES = re.compile(rb"^Private_Hugetlb:\s+(\d{1,20}) kB", re.MULTILINE)
_SWAP = re.compile(rb"^VmSwap:\s+(\d{1,20}) kB", re.MULTILINE)


class Relative(TypedDict):
    """A parent or a child."""

    pid: int
    name: str


class Thread(TypedDict):
    """A thread; `cpu_time` in seconds, `name` `None` where the system has none."""

    id: int
    name: str | None
    cpu_time: float | None


class Details(TypedDict):
    """One process, closely. `None` is unknown, or not there; keys in `not_permitted` may not be read.

    `command` is the whole command line as it is, secrets and all: mask it before it is shown. `parents` begin with the
    nearest. `child_count` and `thread_count` count those that are not listed too, and threads come with most CPU time
    first. Memory is bytes: resident, that of
    this process alone (USS), its share of what it has with others (PSS), each with its huge pages, and swap.
    `io_read` and `io_written` are bytes since it started, from and to disks where the system tells them apart.
    `open_files` counts file descriptors (handles on Windows). `affinity` lists the CPUs it may run on.
    `waits_for` says what its main thread waits for in the kernel. `gave_way` counts its context switches: how often it
    waited for something; `had_to_give_way` those to let others run.
    """

    identity: str
    pid: int
    name: str
    command: str | None
    executable: str | None
    cwd: str | None
    terminal: str | None
    session: int | None
    nice: int | None
    affinity: list[int] | None
    io_priority: str | None
    control_group: str | None
    limits: list[Limit] | None
    waits_for: str | None
    gave_way: int | None
    had_to_give_way: int | None
    parents: list[Relative]
    children: list[Relative]
    child_count: int
    threads: list[Thread] | None
    thread_count: int | None
    open_files: int | None
    io_read: int | None
    io_written: int | None
    memory_resident: int | None
    memory_unique: int | None
    memory_proportional: int | None
    memory_swap: int | None
    not_permitted: list[str]


def details(
    row: Process,
    rows: Iterable[Process],
    *,
    expensive: bool = True,
    identify: Callable[[int], str | None] | None = None,
) -> Details:
    """Return the details of the process that `row` shows; they are of this one and no other.

    Args:
        row: the process.
        rows: those of the same sample, among which its parents and children are. To look for them on the host would
            take a second where thousands run.
        expensive: whether to read USS and PSS too, which takes the kernel long for a process with much memory.
        identify: returns the identity of whatever process has a pid, `None` when none has.

    Raises:
        SourceUnavailable: it has ended, or its pid is another's by now.
    """
    identify = identify or read_identity
    pid, rows = row["pid"], list(rows)
    check_same(row, identify(pid))
    not_permitted: list[str] = []
    values: dict[str, Any] = {}
    try:
        process = psutil.Process(pid)
        for keys, read in _READERS.items():
            if read is _memory_split and not expensive:
                values |= dict.fromkeys(keys)
            else:
                values |= _read(keys, read, process, not_permitted)
    except psutil.NoSuchProcess:
        check_same(row, None)
    check_same(row, identify(pid))
    children = [_relative(child) for child in rows if child["ppid"] == pid and child is not row]
    found = {
        "identity": row["identity"],
        "pid": pid,
        "name": row["name"],
        "parents": _parents(row, rows),
        "children": children[:MOST_CHILDREN],
        "child_count": len(children),
        "not_permitted": not_permitted,
        **values,
    }
    return cast(Details, found)


def read_identity(pid: int) -> str | None:
    """Return the identity of the process that has `pid`, as samples have it; `None` when none has."""
    if _LINUX:
        with suppress(OSError):
            stat = parse_stat(Path(f"/proc/{pid}/stat").read_bytes())
            return identity_of(pid, stat.start) if stat else None
        return None
    try:
        return identity_of(pid, ticks_of(steady_start(psutil.Process(pid))))
    except psutil.Error:
        return None


def check_same(row: Process, identity: str | None) -> None:
    """Make sure that the process of `row` is the one with this identity.

    Raises:
        SourceUnavailable: it has ended, or its pid is another's by now.
    """
    who = f"{row['name']} ({row['pid']})"
    if identity is None:
        raise SourceUnavailable(f"{who} has ended.")
    if identity != row["identity"]:
        raise SourceUnavailable(f"{who} has ended, and its PID is another process's now.")


def _read(
    keys: tuple[str, ...],
    read: Callable[[psutil.Process], tuple[Any, ...]],
    process: psutil.Process,
    not_permitted: list[str],
) -> dict[str, Any]:
    """Return what `read` returns by its keys; `None` for each that cannot be had, and say which are not permitted."""
    try:
        return dict(zip(keys, read(process), strict=True))
    except (psutil.AccessDenied, PermissionError):
        not_permitted += keys
    except psutil.ZombieProcess:
        pass
    except psutil.NoSuchProcess:
        raise
    except (psutil.Error, OSError, AttributeError, NotImplementedError, RuntimeError):
        # psutil leaves out the methods that a system has nothing for.
        pass
    return dict.fromkeys(keys)


def _relative(row: Process) -> Relative:
    return {"pid": row["pid"], "name": row["name"]}


def _parents(row: Process, rows: list[Process]) -> list[Relative]:
    by_pid = {one["pid"]: one for one in rows}
    parents: list[Process] = []
    parent = by_pid.get(row["ppid"] or 0)
    # On Windows the parent's pid may be reused, so there may be circles.
    while parent and parent is not row and parent not in parents:
        parents.append(parent)
        parent = by_pid.get(parent["ppid"] or 0)
    return [_relative(parent) for parent in parents]


def _command(process: psutil.Process) -> tuple[str | None]:
    try:
        text = " ".join(process.cmdline()).rstrip()
    except psutil.ZombieProcess:
        return (read_command("/proc", process.pid)[0] if _LINUX else None,)
    shown = text[: COMMAND_LIMIT - 1] + "…" if len(text) > COMMAND_LIMIT else text
    pieces = (shown[start : start + TEXT_LIMIT] for start in range(0, len(shown), TEXT_LIMIT))
    return ("".join(map(clean_command, pieces)).rstrip() or None,)


def _executable(process: psutil.Process) -> tuple[str | None]:
    # psutil guesses from the command line what it may not read. The kernel adds " (deleted)" to a file that was
    # replaced or removed since, as by an upgrade: that is worth seeing.
    path = os.readlink(f"/proc/{process.pid}/exe") if _LINUX else process.exe()
    return (clean_text(path) or None,)


def _memory_split(process: psutil.Process) -> tuple[int | None, int | None]:
    memory = process.memory_full_info()
    unique, proportional = getattr(memory, "uss", None), getattr(memory, "pss", None)
    if proportional is not None and huge_pages_in(Path(f"/proc/{process.pid}/status").read_bytes()):
        # The kernel counts huge pages in neither the resident set nor the shares; those of its own are in the USS.
        found = _OWN_HUGE_PAGES.search(Path(f"/proc/{process.pid}/smaps_rollup").read_bytes())
        proportional += 1024 * int(found[1]) if found else 0
    return unique, proportional


def _resident(process: psutil.Process) -> tuple[int | None]:
    mebibytes = state_and_memory(process)[1]
    return (None if mebibytes is None else round(mebibytes * 2**20),)


def _swap(process: psutil.Process) -> tuple[int | None]:
    if not _LINUX:
        return (getattr(process.memory_full_info(), "swap", None),)
    # Everybody may read this, unlike what the rest of the split is counted from.
    found = _SWAP.search(Path(f"/proc/{process.pid}/status").read_bytes())
    return (1024 * int(found[1]) if found else None,)


def _io(process: psutil.Process) -> tuple[int, int]:
    counters = process.io_counters()
    return counters.read_bytes, counters.write_bytes


def _open_files(process: psutil.Process) -> tuple[int]:
    if _LINUX:
        return (len(_listed(f"/proc/{process.pid}/fd")),)
    return (process.num_handles() if sys.platform == "win32" else process.num_fds(),)


def _threads(process: psutil.Process) -> tuple[list[Thread], int]:
    if _LINUX:
        threads, count = _threads_from_proc(process.pid)
    else:
        times = process.threads()
        count = len(times)
        threads = [{"id": one.id, "name": None, "cpu_time": one.user_time + one.system_time} for one in times]
    threads.sort(key=lambda thread: thread["cpu_time"] or 0.0, reverse=True)
    return threads, count


def _threads_from_proc(pid: int) -> tuple[list[Thread], int]:
    from procwidget.sources.linux.gil_held import GilHeldReader

    # Of what follows nothing can block, and it keeps the GIL: a thousand reads that let go of it take seconds while a
    # cell computes (procwidget.sources.linux.gil_held says why).
    files = GilHeldReader()
    ids = _listed(f"/proc/{pid}/task")
    threads: list[Thread] = []
    for thread in ids[:_MOST_THREADS_READ]:
        stat = files.read_start(f"/proc/{pid}/task/{thread}/stat".encode()) or b""
        # proc(5): the name may hold any byte, so fields count from the last ")".
        name, fields = stat[stat.find(b"(") + 1 : stat.rfind(b")")], stat[stat.rfind(b")") + 1 :].split(None, 13)
        if len(fields) == 14:
            cpu_time = (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND
            threads.append({"id": thread, "name": shown_name(name), "cpu_time": cpu_time})
    return threads, len(ids)


def _listed(path: str) -> list[int]:
    from procwidget.sources.linux.gil_held import GilHeldReader

    files = GilHeldReader()
    numbers = files.list_pids(path.encode())
    if numbers is None:
        raise ProcessLookupError(path) if files.gone or files.exhausted else PermissionError(path)
    return numbers


_READERS: Mapping[tuple[str, ...], Callable[[psutil.Process], tuple[Any, ...]]] = {
    ("command",): _command,
    ("executable",): _executable,
    ("cwd",): lambda process: (clean_text(process.cwd()) or None,),
    ("terminal",): lambda process: (process.terminal(),),
    ("session",): lambda process: (os.getsid(process.pid),),
    ("nice",): lambda process: (int(process.nice()),),
    ("affinity",): lambda process: (process.cpu_affinity(),),
    ("io_priority",): surroundings.io_priority,
    ("control_group",): surroundings.control_group,
    ("limits",): surroundings.limits,
    ("waits_for",): surroundings.waiting,
    ("gave_way", "had_to_give_way"): surroundings.switches,
    ("threads", "thread_count"): _threads,
    ("open_files",): _open_files,
    ("io_read", "io_written"): _io,
    ("memory_resident",): _resident,
    ("memory_unique", "memory_proportional"): _memory_split,
    ("memory_swap",): _swap,
}
