"""How long tests wait for what must come: long enough for a slow machine with other work. What comes ends the wait."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE = 60.0

T = TypeVar("T")


def until(condition: Callable[[], T | None], seconds: float = PATIENCE, every: float = 0.02) -> T:
    """Wait until `condition()` is true and return what it said; fail after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (said := condition()):
        assert time.monotonic() < deadline, f"after {seconds:g} s it is still {said!r}"
        time.sleep(every)
    return said
