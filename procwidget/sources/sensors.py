"""Reads the machine's sensors: temperatures, fans, battery and the frequency of the CPUs, as psutil has them.

A chip may take many milliseconds to answer, and a CPU may be woken for it. So they are read in a thread of their own,
every ten seconds, and only while somebody wants them. Runs in the caller's thread.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any, Final

from procwidget.clean_text import clean_text
from procwidget.machine import Battery, Sensors
from procwidget.sources.blocking import BlockingReader

EVERY: Final = 10.0
"""Seconds after which the sensors are read again."""

_MOST_LISTED: Final = 64
_SENSORS: Final = "sensors"
_ODD: Final = 1000.0
"""Degrees from which on a bound means that there is none: some chips say 65,261.85."""


class SensorReader:
    """Reads them again and again while they are wanted. One thread at a time may call.

    Args:
        read: reads all of them; it may block.
        clock: monotonic seconds.
    """

    def __init__(self, read: Callable[[], Sensors] | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        # Found when it is called: a test plays what psutil says.
        self._reader: BlockingReader[str, Sensors] = BlockingReader(
            lambda _asker: (read or read_sensors)(), "procwidget-sensors"
        )
        self._clock = clock
        self._figures: Sensors | None = None
        self._asked_at: float | None = None

    def read(self, wanted: bool) -> Sensors | None:
        """Return what they said last; `None` until they have answered, while they do not, and where nobody asks."""
        if not wanted:
            self._figures = self._asked_at = None
            return None
        now = self._clock()
        if self._asked_at is None:
            # What was answered when nobody wanted to know any more is old by now.
            self._reader.answers()
        if self._asked_at is None or now - self._asked_at >= EVERY:
            self._asked_at = now
            self._reader.ask(_SENSORS)
        for _, figures in self._reader.answers():
            self._figures = figures
        if self._reader.stuck():
            self._figures = None
        return self._figures

    def notes(self) -> list[str]:
        """Return a sentence where they do not answer."""
        stuck = self._asked_at is not None and self._reader.stuck()
        return ["The machine's sensors do not answer, so they are unknown."] if stuck else []

    def close(self) -> None:
        """End the thread."""
        self._reader.close()


def read_sensors() -> Sensors:
    """Return what psutil says of this machine's sensors; it may block."""
    # Only whoever wants sensors needs it on Linux.
    import psutil

    frequency = _attempt(psutil, "cpu_freq")
    battery = _attempt(psutil, "sensors_battery")
    return {
        "cpu_frequency": _positive(getattr(frequency, "current", None)),
        "cpu_frequency_most": _positive(getattr(frequency, "max", None)),
        "temperatures": [
            {
                "chip": chip,
                "label": label,
                "now": _number(one.current),
                "high": _bound(one.high),
                "critical": _bound(one.critical),
            }
            for chip, label, one in _listed(_attempt(psutil, "sensors_temperatures"))
        ],
        "fans": [
            {"chip": chip, "label": label, "now": _number(one.current)}
            for chip, label, one in _listed(_attempt(psutil, "sensors_fans"))
        ],
        "battery": _battery(battery),
    }


def _attempt(psutil: Any, name: str) -> Any:
    """Return what a function of psutil says, `None` where this system has no such function or it fails."""
    read = getattr(psutil, name, None)
    if read is None:
        return None
    try:
        return read()
    # What its parsers raise on files that are cut off or odd is among them.
    except (psutil.Error, OSError, NotImplementedError, RuntimeError, ValueError, LookupError, TypeError):
        return None


def _listed(chips: Any) -> list[tuple[str, str, Any]]:
    found = [
        (clean_text(chip), clean_text(one.label or ""), one) for chip, those in (chips or {}).items() for one in those
    ]
    return found[:_MOST_LISTED]


def _battery(found: Any) -> Battery | None:
    if found is None:
        return None
    # psutil has -1 and -2 for a time that is unknown, and for one without end.
    seconds = found.secsleft
    plugged = None if found.power_plugged is None else bool(found.power_plugged)
    return {
        "percent": _number(found.percent),
        "plugged": plugged,
        "seconds": int(seconds) if seconds is not None and int(seconds) >= 0 and not plugged else None,
    }


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, (int, float)) and math.isfinite(value) else None


def _positive(value: Any) -> float | None:
    number = _number(value)
    return number if number else None


def _bound(value: Any) -> float | None:
    number = _positive(value)
    return number if number is not None and 0 < number < _ODD else None
