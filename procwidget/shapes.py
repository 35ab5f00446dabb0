"""Stores samples compactly: equal keys and texts (the "shape") once, numbers per sample.

A sample without its processes is 45 Python objects, about 3 kB, and nearly all of it is the same in the next one: keys,
names, what is unknown. Its numbers alone are 300 bytes in one piece. No threads.
"""

from __future__ import annotations

import copy
from array import array
from collections.abc import Sequence
from typing import Any, NamedTuple

_EXACT = 2**53
"""Integers up to this are exact as machine numbers of 64 bits."""


class Shape(NamedTuple):
    """What a value is, but for its figures.

    `kind` is `float` or `int` for a figure, `dict` or `list` for `parts` (a dict's by their `keys`), and `None` for a
    `constant`. It has `size` figures.
    """

    kind: type | None
    keys: tuple[Any, ...] = ()
    parts: tuple[Shape, ...] = ()
    constant: Any = None
    size: int = 0


_FLOAT, _INT, _NONE = Shape(float, size=1), Shape(int, size=1), Shape(None)


def take_apart(value: Any, figures: array[float]) -> Shape:
    """Append the figures of `value` to `figures`, an array of doubles, and return its shape."""
    kind = type(value)
    if kind is float:
        figures.append(value)
        return _FLOAT
    if kind is int and -_EXACT <= value <= _EXACT:
        figures.append(value)
        return _INT
    if value is None:
        return _NONE
    if kind is dict or kind is list:
        before = len(figures)
        parts = tuple([take_apart(part, figures) for part in (value.values() if kind is dict else value)])
        return Shape(kind, tuple(value) if kind is dict else (), parts, size=len(figures) - before)
    return Shape(None, constant=copy.deepcopy(value))


def put_together(shape: Shape, figures: Sequence[float], start: int = 0) -> Any:
    """Return a new value of this shape; its figures are those from `start`."""
    kind = shape.kind
    if kind is float:
        return figures[start]
    if kind is int:
        return int(figures[start])
    if kind is None:
        return copy.deepcopy(shape.constant)
    values: list[Any] = []
    for part in shape.parts:
        if part is _FLOAT:
            values.append(figures[start])
        elif part is _NONE:
            values.append(None)
        else:
            values.append(put_together(part, figures, start))
        start += part.size
    return values if kind is list else dict(zip(shape.keys, values, strict=True))


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
