"""What a user may call a moment."""

from __future__ import annotations

import datetime

import pytest

from procwidget.errors import InvalidArgument
from procwidget.moments import clock_text, moment_of

NOW = datetime.datetime(2026, 11, 29, 10, 40, 0).timestamp()


@pytest.mark.parametrize(
    ("when", "ago"),
    [
        ("10s", 10),
        ("5m", 300),
        ("5 min ago", 300),
        ("3h5m", 3 * 3600 + 300),
        ("1d", 86400),
        ("1.5s", 1.5),
        (90, 90),
        (0, 0),
        ("10:32", 480),
        ("10:32:14", 466),
        ("10:32:14.5", 465.5),
        ("10:40", 0),
        # It was 10:41 last yesterday.
        ("10:41", 86400 - 60),
        ("23:59:59", 10 * 3600 + 40 * 60 + 1),
        ("2026-11-29 10:30", 600),
        ("2026-11-29T10:30:30", 570),
        (datetime.datetime(2026, 11, 29, 10, 39), 60),
        (datetime.datetime.fromtimestamp(NOW - 7, datetime.UTC), 7),
        (NOW - 12, 12),
    ],
)
def test_moment_is_what_a_user_means(when, ago):
    """A time of day, how long ago, a date, a datetime and Unix seconds are all the same moment."""
    assert moment_of(when, NOW) == pytest.approx(NOW - ago)


def test_time_of_day_after_the_end_is_not_of_a_day_before_the_beginning():
    """A recording from 10:38 to 10:40 has no 10:41 of yesterday, but one of two days has."""
    assert moment_of("10:41", NOW, NOW - 120) == NOW + 60
    assert moment_of("10:41", NOW, NOW - 2 * 86400) == NOW + 60 - 86400
    assert moment_of("10:39", NOW, NOW - 120) == NOW - 60


@pytest.mark.parametrize(
    "when", ["", "soon", "25:00", "10:60", "10:32:60", "5x", "m", None, True, -1, float("nan"), []]
)
def test_what_is_no_moment_is_refused_in_one_sentence(when):
    """The sentence says what would be right."""
    with pytest.raises(InvalidArgument, match=r'^A moment must be such as "10:32"') as refused:
        moment_of(when, NOW)
    assert str(refused.value).endswith(f"not {when!r}.")


def test_clock_text_is_local_time():
    """What is shown is what can be typed."""
    assert clock_text(NOW) == "10:40:00"
    assert moment_of(clock_text(NOW - 100), NOW) == NOW - 100
