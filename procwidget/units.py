"""Puts quantities into words for people: bytes, rates, durations, counts. No threads.

Which units they have is this process's, for a page is one: `use` sets it once, before anything is shown.
"""

from __future__ import annotations

import math
from typing import NamedTuple

UNKNOWN = "—"
_BINARY = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
_DECIMAL = ("B", "kB", "MB", "GB", "TB", "PB")
_BITS = ("bit", "kbit", "Mbit", "Gbit", "Tbit", "Pbit")


class Style(NamedTuple):
    """Which units are shown: a thousand instead of 1,024, bits of the network instead of bytes, °F instead of °C."""

    decimal: bool = False
    bits: bool = False
    fahrenheit: bool = False


_style = Style()


def use(style: Style) -> None:
    """Have quantities in these units from now on."""
    global _style
    _style = style


def chosen() -> Style:
    """Return which units quantities have now."""
    return _style


def bytes_text(count: float | None) -> str:
    """Return bytes with three figures, such as "15.2 GiB", or "16.3 GB" where a thousand counts; "—" for unknown."""
    if count is None:
        return UNKNOWN
    return _scaled(count, 1000, _DECIMAL) if _style.decimal else _scaled(count, 1024, _BINARY)


def _scaled(count: float, base: int, units: tuple[str, ...]) -> str:
    value = float(count)
    for unit in units:
        if abs(value) < base - 0.05 or unit == units[-1]:
            return f"{value:.0f} {unit}" if unit == units[0] or abs(value) >= 99.95 else f"{value:.1f} {unit}"
        value /= base
    raise AssertionError("the loop returns at its last unit")


def rate_text(per_second: float | None) -> str:
    """Return bytes per second, such as "1.2 MiB/s"; "—" for unknown."""
    return UNKNOWN if per_second is None else f"{bytes_text(per_second)}/s"


def network_rate_text(per_second: float | None) -> str:
    """Return a network's bytes per second as `rate_text` does, or in bits where these are wanted: "9.8 Mbit/s"."""
    if per_second is None or not _style.bits:
        return rate_text(per_second)
    return f"{_scaled(8 * per_second, 1000, _BITS)}/s"


def temperature_text(celsius: float | None) -> str:
    """Return degrees, such as "63 °C" or "145 °F"; "—" for unknown."""
    if celsius is None:
        return UNKNOWN
    return f"{celsius * 9 / 5 + 32:.0f} °F" if _style.fahrenheit else f"{celsius:.0f} °C"


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
