"""Encodes samples as frames, the messages that keep the process table in the browser up to date.

A frame is one message: what changed since the frame before, as binary columns, or everything, when it is whole.
What seldom changes about a process (name, command …) is sent with its first row and when it changes. The poller's
thread and the threads that handle messages call this, each under the view's lock.

Wire format: the JSON part names the `columns` as [name, type] with the types "u4", "i4" and "f4"; the one buffer holds
column after column, little-endian, four bytes a value, `count` values each. NaN is unknown in "f4", -1 in "i4".
`info` has a row [identity, name, user, started, command, ppid, nice, session] for each of the first rows of the block.
Its name, user and command are places in the frame's `strings`, because a thousand processes share a few dozen of them;
its start is in whole seconds. The command of a process that is `stuck` says so. What is read on demand comes after all
others: numbers as columns, texts, whose keys are in `texts`, at the end of each row of `info`. `since` is there where
processes do not get on, as stopped ones: since when, for each that is new among them or counts anew, or in a whole
frame for all. A view cannot know that itself, for it may have been opened later.
"""

from __future__ import annotations

import functools
import itertools
import math
import sys
from array import array
from collections.abc import Mapping
from operator import itemgetter
from typing import Any, cast

from procwidget.effective import usable
from procwidget.fields import FIELDS, FLOATS, OFTEN, ON_DEMAND_NUMBERS, ON_DEMAND_TEXTS, WHOLES
from procwidget.masking import mask
from procwidget.sample import Process, Sample
from procwidget.statuses import STATUSES

COLUMNS = [["key", "u4"], *([key, "f4" if key in FLOATS else "i4"] for key in OFTEN)]
"""The columns of every frame; those read on demand come after them, as "f4"."""

INFO = tuple(field for field in FIELDS if field.label and field.stored and not field.number and not field.on_demand)[1:]
"""What seldom changes, in the order of `info` after the identity, which has the pid."""

_info_of = itemgetter(*(field.key for field in INFO), "stuck")

_STATUS_NAMES = tuple(status.name for status in STATUSES)
_STATUS_INDEX = {name: index for index, name in enumerate(_STATUS_NAMES)}

COMMAND_LIMIT = 240
"""Characters of a command line that the table gets; the whole one stays in the sample."""

_NO_ANSWER = "(does not answer)"

Frame = tuple[dict[str, Any], list[bytes]]


class FrameEncoder:
    """Turns samples into frames, each with the next sequence number."""

    def __init__(self) -> None:
        self._keys = itertools.count(1)
        self._sent: dict[str, tuple[int, Process]] = {}
        self._demanded: tuple[list[str], list[str]] = [], []
        self._since: dict[int, float] = {}
        self.seq = 0
        """The number of the newest frame: how many were made."""

    def encode(self, sample: Sample, *, whole: bool = False, hanging: Mapping[str, float] | None = None) -> Frame:
        """Return the frame that leads from the sample before to this one, or a whole one; the first always is.

        Args:
            sample: the newest.
            whole: whether it must have every process.
            hanging: the processes that do not get on, by identity: since when, in Unix seconds.
        """
        sent, rows = self._sent, sample["processes"]
        numbers, texts = (
            [key for key in keys if rows and key in rows[0]] for keys in (ON_DEMAND_NUMBERS, ON_DEMAND_TEXTS)
        )
        whole = whole or self.seq == 0 or (numbers, texts) != self._demanded
        self._demanded = numbers, texts
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
                (info if whole or _info_changed(before[1], row, texts) else changed).append(entry)
            now[identity] = entry
        gone = [] if whole else [entry[0] for identity, entry in sent.items() if identity not in now]
        self._sent = now
        self.seq += 1
        changed = info + changed
        block = _block(changed, numbers)
        strings: dict[str | None, int | None] = {None: None}
        rows_of_info = _info_rows([row for _, row in info], strings, texts)
        del strings[None]
        cpus, memory_total = usable(sample)
        content = {
            "type": "frame",
            "seq": self.seq,
            "whole": whole,
            "time": sample["time"],
            "interval": sample["interval"],
            "boot_id": sample["boot_id"],
            "memory_total": memory_total,
            "cpus": cpus,
            "count": len(changed),
            "columns": [*COLUMNS, *([key, "f4"] for key in numbers)] if numbers else COLUMNS,
            "statuses": _STATUS_NAMES,
            "strings": list(strings),
            "info": rows_of_info,
            "gone": gone,
        }
        if texts:
            content["texts"] = texts
        since = {now[identity][0]: when for identity, when in (hanging or {}).items() if identity in now}
        news = [[key, when] for key, when in since.items() if whole or self._since.get(key) != when]
        if news:
            content["since"] = news
        self._since = since
        return content, [block]


def _info_rows(rows: list[Process], strings: dict[str | None, int | None], texts: list[str]) -> list[list[Any]]:
    """Return what seldom changes of rows, texts as their places in `strings`, to which new ones are added.

    It is put together column by column: a whole frame has a thousand rows.
    """
    columns: list[list[Any]] = [[row["identity"] for row in rows]]
    for field in INFO:
        values: list[Any]
        if field.key == "command":
            values = [_command(row) for row in rows]
        else:
            values = list(map(itemgetter(field.key), cast("list[dict[str, Any]]", rows)))
        if field.key == "started":
            values = [None if value is None else round(value) for value in values]
        columns.append(_places(values, strings) if field.kind.text else values)
    columns += [_places([row[key] for row in rows], strings) for key in texts]  # type: ignore[literal-required]
    return [list(values) for values in zip(*columns, strict=True)]


def _places(values: list[str | None], strings: dict[str | None, int | None]) -> list[int | None]:
    # `None` is in `strings` from the start, so a new text's place is one less than how many there are.
    return [strings.setdefault(text, len(strings) - 1) for text in values]


def _command(row: Process) -> str | None:
    command = None if row["command"] is None else _shown_command(row["command"])
    return f"{_NO_ANSWER} {command or ''}".rstrip() if row["stuck"] else command


@functools.lru_cache(maxsize=2048)
def _shown_command(command: str) -> str:
    # Kept, for a whole frame has all of them again: each masked as if a secret were in every word is 1 ms.
    command = mask(command)
    return command if len(command) <= COMMAND_LIMIT else command[: COMMAND_LIMIT - 1] + "…"


def _info_changed(before: Process, now: Process, texts: list[str]) -> bool:
    if _info_of(before) != _info_of(now):
        return True
    return any(before[key] != now[key] for key in texts)  # type: ignore[literal-required]


def _block(changed: list[tuple[int, Process]], numbers: list[str]) -> bytes:
    columns: list[array[int] | array[float]] = [array("I", [key for key, _ in changed])]
    rows = cast("list[dict[str, Any]]", [row for _, row in changed])
    columns += [array("f", [_or_nan(row[key]) for row in rows]) for key in FLOATS]
    columns += [array("i", [-1 if row[key] is None else row[key] for row in rows]) for key in WHOLES]
    columns.append(array("i", [_STATUS_INDEX.get(row["status"] or "", -1) for row in rows]))
    columns += [array("f", [_or_nan(row[key]) for row in rows]) for key in numbers]
    if sys.byteorder == "big":
        for column in columns:
            column.byteswap()
    return b"".join(column.tobytes() for column in columns)


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value
