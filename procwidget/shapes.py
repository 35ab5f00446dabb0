"""Stores samples compactly: equal keys and texts (the "shape") once, numbers per sample.

A sample without its processes is 45 Python objects, about 3 kB, and nearly all of it is the same in the next one: keys,
names, what is unknown. Its numbers alone are 300 bytes in one piece. No threads.
"""

from __future__ import annotations

import copy
import functools
import math
from array import array
from collections.abc import Sequence
from typing import Any, NamedTuple

_EXACT = 2**53
"""Integers up to this are exact as machine numbers of 64 bits."""


class Shape(NamedTuple):
    """What a value is, but for its figures.

    `kind` is `float` or `int` for a figure, `dict` or `list` for `parts` (a dict's by their `keys`), and `None` for a
    `constant`. It has `size` figures. What is `None` within a list is a figure too, NaN: there, as among disks, what is
    known changes from sample to sample, and each change would make another shape.
    """

    kind: type | None
    keys: tuple[Any, ...] = ()
    parts: tuple[Shape, ...] = ()
    constant: Any = None
    size: int = 0


_FLOAT, _INT, _NONE = Shape(float, size=1), Shape(int, size=1), Shape(None)


def take_apart(value: Any, figures: array[float], *, in_list: bool = False) -> Shape:
    """Append the figures of `value`, none of which is NaN, to `figures`, an array of doubles, and return its shape."""
    kind = type(value)
    if kind is float:
        figures.append(value)
        return _FLOAT
    if kind is int and -_EXACT <= value <= _EXACT:
        figures.append(value)
        return _INT
    if value is None:
        if in_list:
            figures.append(math.nan)
        return _FLOAT if in_list else _NONE
    if kind is dict or kind is list:
        before = len(figures)
        in_list = in_list or kind is list
        parts = []
        for part in value.values() if kind is dict else value:
            # Nearly all parts are that, and a call for each would take most of the time.
            if type(part) is float:
                figures.append(part)
                parts.append(_FLOAT)
            else:
                parts.append(take_apart(part, figures, in_list=in_list))
        return Shape(kind, tuple(value) if kind is dict else (), tuple(parts), size=len(figures) - before)
    return _constant(value) if kind is str or kind is bool else Shape(None, constant=copy.deepcopy(value))


@functools.lru_cache(1024)
def _constant(value: str | bool) -> Shape:
    """Return the shape of a text or truth value, the same object for the same one: soonest made, and compared."""
    return Shape(None, constant=value)


def put_together(shape: Shape, figures: Sequence[float], start: int = 0) -> Any:
    """Return a new value of this shape; its figures are those from `start`."""
    kind = shape.kind
    if kind is float:
        return known(figures[start])
    if kind is int:
        return int(figures[start])
    if kind is None:
        return copy.deepcopy(shape.constant)
    values: list[Any] = []
    for part in shape.parts:
        if part is _FLOAT:
            values.append(known(figures[start]))
        elif part is _NONE:
            values.append(None)
        else:
            values.append(put_together(part, figures, start))
        start += part.size
    return values if kind is list else dict(zip(shape.keys, values, strict=True))


def known(value: float) -> float | None:
    """Return a figure as it was: `None` for NaN."""
    return None if value != value else value


def find(shape: Shape, path: Sequence[str]) -> tuple[Shape, int]:
    """Return the part of a value at `path`, the keys of dicts within dicts, and where its figures start.

    A part of what is `None` is `None`.

    Raises:
        KeyError: there is no such part.
    """
    start = 0
    for key in path:
        if shape == _NONE:
            return _NONE, 0
        if shape.kind is not dict or key not in shape.keys:
            raise KeyError(key)
        place = shape.keys.index(key)
        start += sum(part.size for part in shape.parts[:place])
        shape = shape.parts[place]
    return shape, start
