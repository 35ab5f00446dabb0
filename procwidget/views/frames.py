"""What goes to the process table in the browser: samples enter, frames leave.

A frame is one message: what changed since the frame before, as binary columns, or everything, when it is whole.
What seldom changes about a process (name, command …) is sent with its first row and when it changes. The poller's
thread and the threads that handle messages call this, each under the view's lock.

Wire format: the JSON part names the `columns` as [name, type] with the types "u4", "i4" and "f4"; the one buffer holds
column after column, little-endian, four bytes a value, `count` values each. NaN is unknown in "f4", -1 in "i4".
`info` has a row [identity, name, user, started, command, ppid, nice, session] for each of the first rows of the block.
Its name, user and command are places in the frame's `strings`, because a thousand processes share a few dozen of them;
its start is in whole seconds. The command of a process that is `stuck` says so.
"""

from __future__ import annotations

import functools
import itertools
import math
import sys
from array import array
from typing import Any

from procwidget.masking import mask
from procwidget.sample import Process, Sample

COLUMNS = [["key", "u4"], ["cpu", "f4"], ["memory", "f4"], ["cpu_time", "f4"], ["threads", "i4"], ["status", "i4"]]

STATUSES = (
    "running",
    "sleeping",
    "disk-sleep",
    "stopped",
    "tracing-stop",
    "zombie",
    "dead",
    "idle",
    "parked",
    "wake-kill",
    "waking",
    "locked",
    "waiting",
    "suspended",
)
_STATUS_INDEX = {status: index for index, status in enumerate(STATUSES)}

COMMAND_LIMIT = 240
"""Characters of a command line that the table gets; the whole one stays in the sample."""

_NO_ANSWER = "(does not answer)"

Frame = tuple[dict[str, Any], list[bytes]]


class FrameEncoder:
    """Turns samples into frames, each with the next sequence number."""

    def __init__(self) -> None:
        self._keys = itertools.count(1)
        self._sent: dict[str, tuple[int, Process]] = {}
        self.seq = 0
        """The number of the newest frame: how many were made."""

    def encode(self, sample: Sample, *, whole: bool = False) -> Frame:
        """Return the frame that leads from the sample before to this one, or a whole one; the first always is."""
        whole = whole or self.seq == 0
        sent, rows = self._sent, sample["processes"]
        now: dict[str, tuple[int, Process]] = {}
        changed: list[tuple[int, Process]] = []
        info: list[tuple[int, Process]] = []
        for row in rows:
            identity = row["identity"]
            before = sent.get(identity)
            if before is None:
                entry = (next(self._keys), row)
                info.append(entry)
            elif before[1] is row:
                entry = before
                if whole:
                    info.append(entry)
            else:
                entry = (before[0], row)
                (info if whole or _info_changed(before[1], row) else changed).append(entry)
            now[identity] = entry
        gone = [] if whole else [entry[0] for identity, entry in sent.items() if identity not in now]
        self._sent = now
        self.seq += 1
        changed = info + changed
        block = _block(changed)
        strings: dict[str | None, int | None] = {None: None}
        rows_of_info = [_info(row, strings) for _, row in info]
        del strings[None]
        content = {
            "type": "frame",
            "seq": self.seq,
            "whole": whole,
            "time": sample["time"],
            "interval": sample["interval"],
            "boot_id": sample["boot_id"],
            "memory_total": sample["memory"]["total"] if sample["memory"] else None,
            "count": len(changed),
            "columns": COLUMNS,
            "statuses": STATUSES,
            "strings": list(strings),
            "info": rows_of_info,
            "gone": gone,
        }
        return content, [block]


def _info(row: Process, strings: dict[str | None, int | None]) -> list[Any]:
    command = None if row["command"] is None else _shown_command(row["command"])
    if row["stuck"]:
        command = f"{_NO_ANSWER} {command or ''}".rstrip()
    # `None` is in `strings` from the start, so a new text's place is one less than how many there are.
    places = [strings.setdefault(text, len(strings) - 1) for text in (row["name"], row["user"], command)]
    name, user, command_line = places
    started = None if row["started"] is None else round(row["started"])
    seldom = [started, command_line, row["ppid"], row["nice"], row["session"]]
    return [row["identity"], name, user, *seldom]


@functools.lru_cache(maxsize=2048)
def _shown_command(command: str) -> str:
    # Kept, for a whole frame has all of them again: each masked as if a secret were in every word is 1 ms.
    command = mask(command)
    return command if len(command) <= COMMAND_LIMIT else command[: COMMAND_LIMIT - 1] + "…"


def _info_changed(before: Process, now: Process) -> bool:
    return (
        before["command"] is not now["command"]
        or before["stuck"] is not now["stuck"]
        or before["ppid"] != now["ppid"]
        or before["name"] is not now["name"]
        or before["user"] != now["user"]
        or before["nice"] != now["nice"]
        or before["started"] != now["started"]
        or before["session"] != now["session"]
    )


def _block(changed: list[tuple[int, Process]]) -> bytes:
    columns: list[array[int] | array[float]] = [array("I", [key for key, _ in changed])]
    for name in ("cpu", "memory", "cpu_time"):
        columns.append(array("f", [_or_nan(row[name]) for _, row in changed]))
    columns.append(array("i", [-1 if row["threads"] is None else row["threads"] for _, row in changed]))
    columns.append(array("i", [_STATUS_INDEX.get(row["status"] or "", -1) for _, row in changed]))
    if sys.byteorder == "big":
        for column in columns:
            column.byteswap()
    return b"".join(column.tobytes() for column in columns)


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value
