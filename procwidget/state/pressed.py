"""Follows how long tasks wait for something, and says when that is a shortage. Pure; the poller's thread calls it.

A reading covers a second or two, in which a wait may be all or nothing; so it is smoothed, and a level counts once the
smoothed figure has held it for some time.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from procwidget.thresholds import Level

_STICKS = 5.0
"""Points below its bound at which a level that holds ends, at most a quarter of the bound."""

_NOTHING = 0.01

_SMOOTHED = 8.0
"""A figure is smoothed over this part of the time for which it must hold."""


class Rule(NamedTuple):
    """From how many percent on something is a warning and critical, and for how many seconds it must be so."""

    warning: float
    critical: float
    hold: float


MEMORY = Rule(10.0, 40.0, 10.0)
"""Percent of time in which all tasks waited for memory."""

MEMORY_OF_SOME = Rule(25.0, math.inf, 20.0)
"""Percent of time in which some task waited for memory, while the machine has enough: it is in a group with a limit."""

IO = Rule(20.0, 50.0, 30.0)
"""Percent of time in which all tasks waited for disks; or, where that is not measured, CPUs did."""

CPU = Rule(50.0, 80.0, 60.0)
"""Percent of time in which some task waited for a CPU, together with CPUs that are busy."""

THROTTLED = Rule(25.0, 75.0, 30.0)
"""Percent of its periods in which a control group was stopped for having used its CPU time."""


class Pressed:
    """Follows one figure in percent.

    Args:
        rule: what is too much.
        longest_hold: seconds for which it must hold at most, for whoever does not look for longer.
    """

    def __init__(self, rule: Rule, longest_hold: float = math.inf) -> None:
        self._rule, self._hold = rule, min(rule.hold, longest_hold)
        self._since: dict[float, tuple[float, float]] = {}
        self.value: float | None = None
        """The figure, smoothed; `None` while it is unknown."""
        self.level: Level = "normal"
        """What has held for long enough."""
        self.at_least = False
        """Whether it may have begun before `since`, when nobody looked."""
        self.high = False
        """Whether it is too much now, whether for long or not."""
        self.assumed = False
        """Whether what holds now was measured before anybody looked."""

    @property
    def since(self) -> tuple[float, float] | None:
        """When the figure that holds now began, on the monotonic clock and in Unix seconds."""
        return self._since.get(self._rule.warning)

    def assume(self, now: tuple[float, float], average: float) -> None:
        """Take what was measured before anybody looked, so that nothing need be waited for.

        Args:
            now: when it is, on the monotonic clock and in Unix seconds.
            average: the figure over about the time for which it must hold.
        """
        self._since.clear()
        self.value, self._hold, self.at_least = average, self._rule.hold, True
        self.assumed = average >= self._rule.warning
        for bound in (self._rule.warning, self._rule.critical):
            if average >= bound:
                self._since[bound] = now[0] - self._hold, now[1] - self._hold

    def update(self, now: tuple[float, float], seconds: float, value: float | None, *, gap: bool = False) -> None:
        """Take the next reading.

        Args:
            now: when it is, on the monotonic clock and in Unix seconds.
            seconds: what it covers.
            value: the figure over that time.
            gap: whether nothing is known of the time before.
        """
        if not value and not self.value and not gap and not self._since and value is not None:
            # Nearly always nothing waits.
            self.value = 0.0
            return
        unknown, covered = gap or self.value is None, 0.0 if gap else seconds
        if gap or value is None:
            self.value = None
            self._since.clear()
        if value is not None:
            weight = 1.0 - math.exp(-seconds * _SMOOTHED / self._hold)
            before = value if self.value is None else self.value
            self.value = before + (value - before) * weight
            self.value = self.value if self.value > _NOTHING else 0.0
        held = self.level
        self.level = "normal"
        for level, bound in (("warning", self._rule.warning), ("critical", self._rule.critical)):
            end = bound - min(_STICKS, bound / 4) if held in (level, "critical") else bound
            if self.value is None or self.value < end:
                self._since.pop(bound, None)
                continue
            # It was so for the time that this reading covers; but not all the time in which nobody looked.
            if bound not in self._since and level == "warning":
                self.at_least = unknown
            began = self._since.setdefault(bound, (now[0] - covered, now[1] - covered))
            if now[0] - began[0] >= self._hold:
                self.level = "critical" if level == "critical" else "warning"
        self.assumed = self.assumed and self._rule.warning in self._since
        self.high = self.value is not None and self.value >= self._rule.warning
