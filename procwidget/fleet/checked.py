"""Checks what other hosts say: only values of a declared type get in, with text that may be shown and numbers that are.

A host of a cluster may run anything, so nothing that it sends is taken as it is. Pure.
"""

from __future__ import annotations

import json
import math
import types
import zlib
from functools import cache
from typing import Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

from procwidget.clean_text import clean_text

MOST_BYTES = 64 << 20
"""Bytes of a message when it is unpacked; 50,000 processes take a third of it."""

MOST_ITEMS = 200_000
_LARGEST = 2**63


class Lie(ValueError):
    """A host said something that is no reading; the message says what, for the log."""


def unpacked(data: object) -> Any:
    """Return the JSON value in compressed bytes from another host.

    Raises:
        Lie: they are none, or more than `MOST_BYTES`.
    """
    if not isinstance(data, bytes):
        raise Lie("a message is no bytes")
    unzip = zlib.decompressobj()
    try:
        text = unzip.decompress(data, MOST_BYTES)
        if unzip.unconsumed_tail or not unzip.eof:
            raise Lie("a message is cut off, or too large")
        return json.loads(text, parse_constant=_no_number)
    except (zlib.error, ValueError, RecursionError) as error:
        raise Lie(f"a message cannot be read: {error}") from None


def _no_number(word: str) -> None:
    raise Lie(f"{word} is no number")


def checked(value: Any, hint: Any) -> Any:
    """Return `value` if it is of a type, with its texts made clean.

    Args:
        value: from JSON.
        hint: a type of `procwidget.sample`: a TypedDict, or what stands in one.

    Raises:
        Lie: it is not of that type, or a number is out of all bounds.
    """
    return _check(value, _plan(hint))


_Plan = tuple[Any, ...]


def _check(value: Any, plan: _Plan) -> Any:
    scalar, literals, item, parts, required = plan
    kind = type(value)
    if kind is str and str in scalar:
        return clean_text(value)
    if kind in scalar:
        if kind in (int, float) and not -_LARGEST <= value <= _LARGEST:
            raise Lie(f"{value!r:.40} is out of bounds")
        return value
    if kind is int and float in scalar and -_LARGEST <= value <= _LARGEST:
        return float(value)
    if literals and kind is str and value in literals:
        return value
    if kind is list and item is not None and len(value) <= MOST_ITEMS:
        return [_check(one, item) for one in value]
    if kind is dict and parts is not None and required <= value.keys() <= parts.keys():
        return {key: _check(one, parts[key]) for key, one in value.items()}
    raise Lie(f"{value!r:.80} is not what stands there in a reading")


@cache
def _plan(hint: Any) -> _Plan:
    """Return the scalar types, the literals, the plan of a list's items and those of a dict's keys, and the needed."""
    if get_origin(hint) in (Union, types.UnionType):
        plans = [_plan(one) for one in get_args(hint)]
        return (
            frozenset[Any]().union(*(plan[0] for plan in plans)),
            frozenset[Any]().union(*(plan[1] for plan in plans)),
            next((plan[2] for plan in plans if plan[2] is not None), None),
            next((plan[3] for plan in plans if plan[3] is not None), None),
            next((plan[4] for plan in plans if plan[3] is not None), frozenset()),
        )
    if get_origin(hint) is NotRequired:
        return _plan(get_args(hint)[0])
    if get_origin(hint) is Literal:
        return frozenset(), frozenset(get_args(hint)), None, None, frozenset()
    if get_origin(hint) is list:
        return frozenset(), frozenset(), _plan(get_args(hint)[0]), None, frozenset()
    if is_typeddict(hint):
        hints = get_type_hints(hint, include_extras=True)
        required = frozenset(key for key, one in hints.items() if get_origin(one) is not NotRequired)
        return frozenset(), frozenset(), None, {key: _plan(one) for key, one in hints.items()}, required
    return frozenset({hint}), frozenset(), None, None, frozenset()


def finite(value: Any, low: float = 0.0, high: float = 2.0**63) -> float | None:
    """Return a number in a range; `None` for what is unknown.

    Raises:
        Lie: it is neither.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value or abs(value) == math.inf:
        raise Lie(f"{value!r:.40} is no number")
    if not low <= value <= high:
        raise Lie(f"{value!r:.40} is out of bounds")
    return value


def text_of(value: Any, longest: int) -> str:
    """Return a text that may be shown, cut off at `longest`.

    Raises:
        Lie: it is none.
    """
    if not isinstance(value, str):
        raise Lie(f"{value!r:.40} is no text")
    return clean_text(value)[:longest]
