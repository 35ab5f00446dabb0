"""Finds the moment that a user means: "10:32", "5m" ago, a datetime, Unix seconds. Pure; the caller says what now is.

"10:32" is the last time that it was 10:32 here, in this system's time zone. Of a recording that ended at 10:30 and
has nothing of the day before, it is two minutes after its end.
"""

from __future__ import annotations

import datetime
import math
import re

from procwidget.errors import InvalidArgument

Moment = str | float | datetime.datetime

_AGO = re.compile(r"(?:(\d+)\s*d)?\s*(?:(\d+)\s*h)?\s*(?:(\d+)\s*m(?:in)?)?\s*(?:(\d+(?:\.\d+)?)\s*s)?(?:\s+ago)?")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?")
_FACTORS = (86400, 3600, 60, 1)

_LAST = datetime.datetime(9999, 1, 1).timestamp()
"""There are no days after it that have a name."""

LONGEST_AGO = 1e8
"""A number below this is seconds ago, from it on Unix seconds: it was 1973."""

_RIGHT = 'such as "10:32", "10:32:14", "5m" (ago), "2026-11-29 10:32", a datetime, seconds ago or Unix seconds'


def moment_of(when: Moment, now: float, first: float | None = None) -> float:
    """Return the Unix seconds of a moment.

    Args:
        when: a time of day ("10:32", "10:32:14"), how long ago ("10s", "5m", "3h5m"; or a number of seconds below
            `LONGEST_AGO`), a date and time as ISO 8601 has it, a `datetime` (a naive one is local), or Unix seconds.
        now: the present, or the end of what is asked, in Unix seconds.
        first: where what is asked begins: no time of day is meant of a day before it.

    Raises:
        InvalidArgument: it is none of these.
    """
    if isinstance(when, datetime.datetime):
        return when.timestamp()
    if isinstance(when, (int, float)) and not isinstance(when, bool) and math.isfinite(when) and when >= 0:
        return now - when if when < LONGEST_AGO else float(when)
    if isinstance(when, str):
        text = when.strip()
        found = _of_text(text, now, first)
        if found is not None:
            return found
    raise InvalidArgument(f"A moment must be {_RIGHT}, not {when!r}.")


def _of_text(text: str, now: float, first: float | None) -> float | None:
    ago = _AGO.fullmatch(text)
    if ago and any(ago.groups()):
        return now - sum(float(number or 0) * factor for number, factor in zip(ago.groups(), _FACTORS, strict=True))
    clock = _CLOCK.fullmatch(text)
    if clock:
        return _last(int(clock[1]), int(clock[2]), float(clock[3] or 0), now, first)
    try:
        return datetime.datetime.fromisoformat(text).timestamp() if "-" in text else None
    except ValueError:
        return None


def _last(hour: int, minute: int, second: float, now: float, first: float | None) -> float | None:
    """Return when it was this time of day last, in Unix seconds; `None` for no time of day."""
    if hour > 23 or minute > 59 or second >= 60:
        return None
    today = datetime.datetime.fromtimestamp(now)
    micro = round(second % 1 * 1e6)
    then = today.replace(hour=hour, minute=minute, second=int(second), microsecond=micro)
    before = then - datetime.timedelta(days=1)
    if then.timestamp() > now and (first is None or before.timestamp() >= first):
        then = before
    return then.timestamp()


def before_the_first(moment: float, first: float) -> InvalidArgument:
    """Return the error that there is no reading from a moment, but from `first` on; Unix seconds."""
    return InvalidArgument(
        f"There is no reading from {clock_text(moment, first)}: the first is from {clock_text(first, moment)}."
    )


def day_of(moment: float) -> tuple[float, float]:
    """Return when the day of a moment begins and ends here, in Unix seconds."""
    day = datetime.datetime.fromtimestamp(moment).replace(hour=0, minute=0, second=0, microsecond=0)
    return day.timestamp(), (day + datetime.timedelta(days=1)).timestamp()


def clock_text(time: float, beside: float | None = None) -> str:
    """Return a moment's time of day here, such as "10:32:14"; with its day where `beside` is on another one."""
    then = datetime.datetime.fromtimestamp(min(time, _LAST))
    same = beside is None or then.date() == datetime.datetime.fromtimestamp(beside).date()
    return then.strftime("%H:%M:%S" if same else "%Y-%m-%d %H:%M:%S")
