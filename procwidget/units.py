"""Puts quantities into words for people: bytes, rates, durations, counts. Pure; no threads."""

from __future__ import annotations

import math

UNKNOWN = "—"
_BINARY = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


def bytes_text(count: float | None) -> str:
    """Return bytes in binary units with three figures, such as "15.2 GiB"; "—" for unknown."""
    if count is None:
        return UNKNOWN
    value = float(count)
    for unit in _BINARY:
        if abs(value) < 1023.95 or unit == _BINARY[-1]:
            return f"{value:.0f} {unit}" if unit == "B" or abs(value) >= 99.95 else f"{value:.1f} {unit}"
        value /= 1024
    raise AssertionError("the loop returns at its last unit")


def rate_text(per_second: float | None) -> str:
    """Return bytes per second, such as "1.2 MiB/s"; "—" for unknown."""
    return UNKNOWN if per_second is None else f"{bytes_text(per_second)}/s"


def percent_text(value: float | None) -> str:
    """Return a percentage without decimals, such as "97 %"; "—" for unknown.

    It is cut, not rounded: 69.7 is below a threshold of 70, and must not read "70 %" beside "Calm".
    """
    # A float that is a hair below a whole number was meant to be that.
    return UNKNOWN if value is None else f"{math.floor(value + 1e-9)} %"


def duration_text(seconds: float | None) -> str:
    """Return a duration with its one or two leading units, such as "40 s", "3 min" or "3 d 4 h"; "—" for unknown."""
    if seconds is None:
        return UNKNOWN
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min"
    if whole < 86400:
        return f"{whole // 3600} h {whole % 3600 // 60} min"
    return f"{whole // 86400} d {whole % 86400 // 3600} h"


def plural(count: int, noun: str, nouns: str | None = None) -> str:
    """Return a count and its noun in the right number, such as "1 process" or "1,204 processes"."""
    return f"{count:,} {noun if count == 1 else nouns or noun + 's'}"
