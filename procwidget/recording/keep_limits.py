"""Reads how long and how much is kept of a recording, as people write it: "7d", "500M". Pure."""

from __future__ import annotations

import re

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
