"""From which values on a figure is `warning` or `critical`, and for how long it must be. Pure; no threads.

The browser gets the same numbers (`Thresholds.as_dict`) and colours cells by them, so there is one definition.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from procwidget.errors import InvalidArgument, number_between
from procwidget.nearest import did_you_mean

Level = Literal["normal", "warning", "critical"]
Bounds = tuple[float, float]

_HIGHEST = {"process_cpu": 1e6}
"""Percent of one core has no fixed top; everything else ends at 100 %."""

_LONGEST_HOLD = 3600.0
_HOLDS = ("hold", "process_hold")
"""The fields that are seconds; all others are pairs."""
_ALSO = {"mem": "memory", "process": "process_cpu"}

_STICKS = 5.0
"""Points below its threshold at which a level that is on ends."""


@dataclass(frozen=True)
class Thresholds:
    """From which value on something is a warning, and from which it is critical: (warning, critical) pairs.

    `cpu`, `memory` and `swap` are percent of the host, or of what its control group may use; `gpu_memory` is percent of
    the memory of one GPU. `process_cpu` is percent of that CPU that a single process takes, `process_memory` percent of
    that memory that it holds. All are levels of meters, charts and rows. A pair that you set yourself is an alert too
    as it is; of the others the machine says by how long tasks wait whether it is short of something
    (`state/shortage.py`).

    A single number instead of a pair is the critical one, with its warning as far below as usual: `{"cpu": 80}` is
    `{"cpu": (60, 80)}`. `hold` is for how many seconds one of the host's figures must be above its warning before that
    is an alert, `process_hold` the same for a process's CPU and memory; both are 0 to 3600.

    Raises:
        InvalidArgument: a pair is not two numbers in range with warning ≤ critical, or a time is out of range.
    """

    cpu: Bounds = (70.0, 90.0)
    memory: Bounds = (70.0, 90.0)
    swap: Bounds = (50.0, 90.0)
    gpu_memory: Bounds = (90.0, 98.0)
    process_cpu: Bounds = (50.0, 90.0)
    process_memory: Bounds = (20.0, 50.0)
    hold: float = 0.0
    process_hold: float = 10.0

    def __post_init__(self) -> None:
        for name in _HOLDS:
            seconds = number_between(f"The time {name} in seconds", getattr(self, name), 0.0, _LONGEST_HOLD)
            object.__setattr__(self, name, seconds)
        for name in self.pairs():
            pair = getattr(self, name)
            top = _HIGHEST.get(name, 100.0)
            if isinstance(pair, (int, float)) and not isinstance(pair, bool):
                critical = number_between(f"The threshold {name}", pair, 0.0, top)
                pair = _with_usual_warning(critical, getattr(type(self), name))
            if not isinstance(pair, (tuple, list)) or len(pair) != 2:
                raise InvalidArgument(
                    f"The threshold {name} must be a pair (warning, critical), or the critical one alone, not {pair!r}."
                )
            warning, critical = (number_between(f"The threshold {name}", value, 0.0, top) for value in pair)
            if warning > critical:
                raise InvalidArgument(
                    f"The threshold {name} has its warning {warning:g} above its critical {critical:g}."
                )
            object.__setattr__(self, name, (warning, critical))

    @classmethod
    def pairs(cls) -> list[str]:
        """Return the names of the fields that are (warning, critical) pairs."""
        return [field.name for field in fields(cls) if field.name not in _HOLDS]

    @classmethod
    def of(cls, value: Thresholds | Mapping[str, Any] | None) -> Thresholds:
        """Return thresholds from what a user gave: `None` (the defaults), a dict of some fields, or thresholds.

        Raises:
            InvalidArgument: a key is unknown or a pair is wrong.
        """
        if value is None:
            return cls()
        if isinstance(value, cls):
            return value
        known = [field.name for field in fields(cls)]
        if not isinstance(value, Mapping):
            raise InvalidArgument(
                f"thresholds must be Thresholds or a dict with keys from {', '.join(known)}, not {value!r}."
            )
        for key in value:
            if key not in known:
                meant = did_you_mean(key, known, _ALSO)
                raise InvalidArgument(f"There is no threshold {key!r}{meant}; there are {', '.join(known)}.")
        return cls(**value)

    def level(self, name: str, value: float | None, before: Level = "normal") -> Level:
        """Return the level of `value` by the pair called `name`; unknown (`None`) is normal.

        Args:
            name: a field of this class.
            value: the figure.
            before: the level at the reading before. It ends 5 points below where it began (at small thresholds a tenth
                of them), so that a figure that moves around its threshold does not change its level all the time.
        """
        return level_of(value, getattr(self, name), before)

    @property
    def chosen(self) -> frozenset[str]:
        """The names of the pairs that are not the usual ones: who set them wants to hear of them as they are."""
        usual = Thresholds()
        return frozenset(name for name in self.pairs() if getattr(self, name) != getattr(usual, name))

    def changed(self, value: Thresholds | Mapping[str, Any]) -> Thresholds:
        """Return these with what `value`, a dict of some fields, says otherwise; thresholds replace all.

        Raises:
            InvalidArgument: as for `of`.
        """
        if isinstance(value, Mapping):
            return Thresholds.of({**asdict(self), **value})
        return Thresholds.of(value)

    def hold_of(self, kind: str) -> float | None:
        """Return for how many seconds a figure called `kind` must be above its warning; `None` for what is no figure.

        Args:
            kind: of an alert, such as "cpu", "process_memory" or "zombie".
        """
        if kind.startswith("process_"):
            return self.process_hold
        return self.hold if kind in self.pairs() else None

    def as_dict(self) -> dict[str, list[float]]:
        """Return the pairs as JSON-able lists by name."""
        return {name: list(getattr(self, name)) for name in self.pairs()}

    def as_settings(self) -> dict[str, Any]:
        """Return all fields as JSON, pairs as lists: what `changed` takes."""
        return {**self.as_dict(), **{name: getattr(self, name) for name in _HOLDS}}


def level_of(value: float | None, bounds: Bounds, before: Level = "normal") -> Level:
    """Return the level of `value` by a pair of bounds, as `Thresholds.level` does."""
    warning, critical = bounds
    if before != "normal":
        warning = _end(warning)
    if before == "critical":
        critical = _end(critical)
    if value is None or value < warning:
        return "normal"
    return "critical" if value >= critical else "warning"


def _with_usual_warning(critical: float, usual: Bounds) -> Bounds:
    """Return a pair for its critical bound: the warning is as far below as usual, but not below the half of it."""
    return max(critical - (usual[1] - usual[0]), critical / 2), critical


def _end(bound: float) -> float:
    return bound - min(_STICKS, bound / 10)
