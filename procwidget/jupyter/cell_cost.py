"""What a cell cost: the difference of two readings of its kernel's process. Any thread may read; nothing is written.

The high-water mark of memory is never reset (clear_refs), for it is the user's too. Where it did not rise the peak is
the largest of what was seen, which is less than or equal to the true one.
"""

from __future__ import annotations

import os
import re
import time
from typing import NamedTuple, TypedDict

from procwidget.sources.cgroup import read_file
from procwidget.units import bytes_text, duration_text

_MEMORY = re.compile(rb"^(VmHWM|VmRSS):\s+(\d{1,20}) kB", re.MULTILINE)
_BYTES = re.compile(rb"^(read_bytes|write_bytes): (\d{1,20})", re.MULTILINE)
_STALLED = re.compile(rb"^some .*total=(\d{1,20})", re.MULTILINE)
_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
_MOST_CHILDREN = 200
_CPU_FROM = 11
"""Where in stat, after the name, there are four clocks: user and system, of the process and of ended children."""


class CellCost(TypedDict):
    """What one cell cost, in seconds and bytes.

    `cell` is its number; `notebook` its notebook's name and `kernel` the kernel's id, `None` where they are not known;
    `began` is in Unix seconds. CPU is that of all threads, children and their children; `peak_memory` is exact where
    `peak_exact`, else at least so much; `grown` is what stayed of it (negative: given back); `read` and `written` are
    of disks; `stalled` is for how long tasks of this host waited for memory meanwhile. `shared` is whether something
    else of the same kernel ran at the same time, so that not all of it is the cell's. What could not be read is `None`.
    """

    cell: int | None
    notebook: str | None
    kernel: str | None
    began: float
    seconds: float
    cpu_seconds: float | None
    peak_memory: int | None
    peak_exact: bool
    grown: int | None
    read: int | None
    written: int | None
    stalled: float | None
    shared: bool


class Usage(NamedTuple):
    """What a process and its descendants have used by now, at Unix `time`; `peak` is the process's own, ever."""

    time: float
    cpu: float
    memory: int
    peak: int
    children: int
    read: int | None
    written: int | None
    stalled: float | None


def read_usage(pid: int | str = "self") -> Usage | None:
    """Read it now; `None` where there is no such process any more, or no /proc."""
    now, status = time.time(), read_file(f"/proc/{pid}/status")
    memory = {key: 1024 * int(value) for key, value in _MEMORY.findall(status or b"")}
    if b"VmRSS" not in memory:
        return None
    cpu, children = _cpu(pid), _descendants(pid)
    held, read, written = memory[b"VmRSS"], *_disk(pid)
    for child in children:
        cpu += _cpu(child)
        held += _resident(child)
        more_read, more_written = _disk(child)
        read = None if read is None or more_read is None else read + more_read
        written = None if written is None or more_written is None else written + more_written
    stalled = _STALLED.search(read_file("/proc/pressure/memory") or b"")
    return Usage(
        *(now, cpu, held, memory[b"VmHWM"], len(children), read, written),
        int(stalled[1]) / 1e6 if stalled else None,
    )


def held_memory(pid: int | str = "self") -> tuple[int, int]:
    """Return what a process holds, and what its descendants do, in bytes; what forked ones share counts in each."""
    return _resident(pid), sum(map(_resident, _descendants(pid)))


def _cpu(pid: int | str) -> float:
    stat = read_file(f"/proc/{pid}/stat")
    if not stat:
        return 0.0
    fields = stat.rpartition(b")")[2].split()
    return sum(map(int, fields[_CPU_FROM : _CPU_FROM + 4])) / _TICKS


def _resident(pid: int | str) -> int:
    memory = dict(_MEMORY.findall(read_file(f"/proc/{pid}/status") or b""))
    return 1024 * int(memory.get(b"VmRSS", 0))


def _disk(pid: int | str) -> tuple[int | None, int | None]:
    found = {key: int(value) for key, value in _BYTES.findall(read_file(f"/proc/{pid}/io") or b"")}
    return found.get(b"read_bytes"), found.get(b"write_bytes")


def _descendants(pid: int | str) -> list[int]:
    """Return the children of all threads, and theirs: each thread has those that it started."""
    if pid == "self" and not _has_children():
        return []
    found: list[int] = []
    parents: list[int | str] = [pid]
    while parents and len(found) < _MOST_CHILDREN:
        parent = parents.pop()
        try:
            threads = os.listdir(f"/proc/{parent}/task")
        except OSError:
            continue
        for thread in threads:
            children = read_file(f"/proc/{parent}/task/{thread}/children")
            if children:
                new = [int(child) for child in children.split()]
                found += new
                parents += new
    return found[:_MOST_CHILDREN]


def _has_children() -> bool:
    """Return whether this process has any: that takes one call, and none of them is collected by it."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def cost_of(
    cell: int | None,
    seconds: float,
    before: Usage,
    after: Usage,
    *,
    began: float,
    largest: int = 0,
    shared: bool = False,
    kernel: str | None = None,
) -> CellCost:
    """Return what a cell cost.

    Args:
        cell: its number.
        seconds: for how long it ran.
        before: what was used when it began.
        after: and when it had ended.
        began: when it did, in Unix seconds.
        largest: the most memory that was seen while it ran, descendants included.
        shared: whether something else ran at the same time.
        kernel: its id.
    """
    seen = max(largest, before.memory, after.memory)
    exact = after.peak > before.peak and after.peak >= seen and not before.children and not after.children
    return {
        "cell": cell,
        "notebook": None,
        "kernel": kernel,
        "began": began,
        "seconds": seconds,
        # A child that ended without anybody waiting for it takes its clock with it.
        "cpu_seconds": max(0.0, after.cpu - before.cpu),
        "peak_memory": max(seen, after.peak if after.peak > before.peak else 0),
        "peak_exact": exact,
        "grown": after.memory - before.memory,
        "read": _difference(before.read, after.read),
        "written": _difference(before.written, after.written),
        "stalled": None if before.stalled is None or after.stalled is None else after.stalled - before.stalled,
        "shared": shared,
    }


def _difference(before: int | None, after: int | None) -> int | None:
    return None if before is None or after is None else max(0, after - before)


def cost_text(cost: CellCost) -> str:
    """Return a cost in one line: "4.1 s, CPU 8.0 s, peak 1.2 GiB, 300 MiB stayed, written 1.0 MiB"."""
    parts = [seconds_text(cost["seconds"])]
    if cost["cpu_seconds"] is not None:
        parts.append(f"CPU {seconds_text(cost['cpu_seconds'])}")
    if cost["peak_memory"] is not None:
        parts.append(f"peak {'' if cost['peak_exact'] else '≥ '}{bytes_text(cost['peak_memory'])}")
    if (grown := cost["grown"]) is not None:
        parts.append(f"{bytes_text(grown)} stayed" if grown >= 0 else f"{bytes_text(-grown)} given back")
    parts += [f"{word} {bytes_text(cost[word])}" for word in ("read", "written") if cost[word]]
    if cost["stalled"] and cost["stalled"] >= _WORTH_A_WORD:
        parts.append(f"{seconds_text(cost['stalled'])} of waiting for memory on this host")
    if cost["shared"]:
        parts.append("shared with what else ran")
    return ", ".join(parts)


_WORTH_A_WORD = 0.05


def seconds_text(seconds: float) -> str:
    """Return a time in words, of a cell: "12 ms", "4.1 s", "2 min 40 s"."""
    if seconds >= 60:
        return duration_text(seconds)
    return f"{seconds:.1f} s" if seconds >= 0.995 else f"{1000 * seconds:.0f} ms"
