"""How often something may happen: the sliding window."""

from __future__ import annotations

import math

from procwidget.rate_limit import RateLimit


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_window_slides_and_says_how_long_to_wait():
    """Three in ten seconds: the fourth waits until the first is ten seconds old."""
    clock = Clock()
    limit = RateLimit(3, 10.0, clock)
    assert limit.take()
    clock.now += 4
    assert limit.take(2)
    assert not limit.take()
    assert limit.wait() == 6.0
    clock.now += 6
    assert limit.take()
    assert limit.wait() == 4.0


def test_all_are_counted_or_none():
    """What is refused takes nothing away; more than the whole window can never be had."""
    limit = RateLimit(3, 10.0, Clock())
    assert limit.take(2)
    assert not limit.take(2)
    assert limit.total == 2
    assert limit.wait(4) == math.inf
