"""How long and how much of a recording is kept: reads what people write of it ("7d", "500M"), deletes the oldest.

Pure but for `delete_oldest`, which the recorder's thread calls.
"""

from __future__ import annotations

import datetime
import re
from pathlib import Path

from procwidget.errors import InvalidArgument

KEEP, MAX_SIZE = "7d", "1G"
"""What is usual."""

_SECONDS = {"m": 60.0, "h": 3600.0, "d": 86400.0, "w": 7 * 86400.0}
_BYTES = {"": 1.0, "k": 2.0**10, "m": 2.0**20, "g": 2.0**30, "t": 2.0**40}


_SHORTEST, _LONGEST = 3600.0, 3660 * 86400.0
_SMALLEST, _LARGEST = 2.0**20, 2.0**50


def seconds_of(text: str) -> float:
    """Return the seconds of an age such as "7d", "12h" or "90m".

    Raises:
        InvalidArgument: it is none, or not from an hour to ten years.
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([mhdw])", str(text).strip().lower())
    seconds = float(found[1]) * _SECONDS[found[2]] if found else 0.0
    if not _SHORTEST <= seconds <= _LONGEST:
        raise InvalidArgument(f"How long to keep readings is an age from 1h to 3660d, such as 7d or 90m, not {text!r}.")
    return seconds


def bytes_of(text: str) -> float:
    """Return the bytes of a size such as "1G" or "500M".

    Raises:
        InvalidArgument: it is none, or less than 1 MiB.
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?", str(text).strip().lower())
    size = float(found[1]) * _BYTES[found[2]] if found else 0.0
    if not _SMALLEST <= size <= _LARGEST:
        raise InvalidArgument(f"How large a recording may be is a size from 1M on, such as 1G or 500M, not {text!r}.")
    return size


def delete_oldest(recorded: list[Path], keep: float, most_bytes: float, now: float, current: Path) -> None:
    """Delete files of days that ended `keep` seconds ago, and the oldest until all are less than `most_bytes`.

    What was `recorded` comes as `files_in` has it, the oldest first. The file `current` stays in any case.
    """
    files = [file for file in recorded if file != current]
    sizes = {file: _size(file) for file in [*files, current]}
    total = sum(sizes.values())
    for file in files:
        day = datetime.datetime.strptime(file.stem[-10:], "%Y-%m-%d")
        ended = (day + datetime.timedelta(days=1)).timestamp()
        if now - ended > keep or total > most_bytes:
            for path in _with_log(file):
                path.unlink(missing_ok=True)
            total -= sizes[file]


def _with_log(file: Path) -> list[Path]:
    return [file, file.with_name(file.name + "-wal"), file.with_name(file.name + "-shm")]


def _size(file: Path) -> int:
    size = 0
    for path in _with_log(file):
        try:
            size += path.stat().st_size
        except OSError:
            continue
    return size
