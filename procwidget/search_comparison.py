"""One comparison of a search, such as `cpu>50`: a field, an operator and a value become a predicate over rows.

Pure; no threads. docs/search.md is the reference; the browser has the same rules, and both are held to the cases of
tests/query_cases.json.
"""

from __future__ import annotations

import fnmatch
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any, cast

from procwidget.fields import SEARCHED, Field, Kind
from procwidget.pattern import compile_pattern, fold
from procwidget.sample import Process
from procwidget.statuses import WORDS

Predicate = Callable[[Process, float], bool]
"""Whether a row matches at a moment, in Unix seconds."""


BY_NAME: Mapping[str, Field] = {name: field for field in SEARCHED for name in field.names}
"""What a search of processes can name."""

_ORDERS: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_NUMBER = re.compile(r"(-?(?:[0-9]+(?:\.([0-9]+))?|\.([0-9]+)))([a-z%/]*)")
_MOST_DECIMALS = 15
_LONGEST_NAME = 12


def column_of(name: str, columns: Mapping[str, Field] = BY_NAME) -> Field | None:
    """Return the column of this name, in upper or lower case; `None` when there is none."""
    return columns.get(name.lower())


def similar_name(name: str, columns: Mapping[str, Field] = BY_NAME) -> str | None:
    """Return the column name that `name` was probably meant to be: one letter off, or two if it is longer than five."""
    name = name.lower()
    if len(name) > _LONGEST_NAME:
        return None
    distance, nearest = min((_distance(name, known), place) for place, known in enumerate(columns))
    return list(columns)[nearest] if distance <= (1 if len(name) <= 5 else 2) else None


def _distance(one: str, other: str) -> int:
    """Return how many letters must be added, left out, replaced or swapped with a neighbour (optimal alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one):
        earlier, before, row = before, row, [i + 1]
        for j, wanted in enumerate(other):
            steps = min(before[j] + (letter != wanted), before[j + 1] + 1, row[j] + 1)
            if i and j and letter == other[j - 1] and one[i - 1] == wanted:
                steps = min(steps, earlier[j - 1] + 1)
            row.append(steps)
    return row[-1]


def operator_takes(column: Field, sign: str) -> bool:
    """Return whether a column can be compared so: text is not ordered, numbers contain nothing."""
    return sign in ("=", "!=") or (sign in _ORDERS) != column.kind.text


def compare(column: Field, sign: str, value: str) -> Predicate | None:
    """Return the predicate of a comparison, its operator one that the column takes; `None` when `value` is no number.

    A row whose value is unknown matches `!=` and `!~`, which are the opposites of `=` and `~`, and nothing else.
    """
    if sign in ("!=", "!~"):
        positive = compare(column, sign[1:], value)
        return None if positive is None else lambda row, now: not positive(row, now)
    if column.kind.text:
        return _compare_text(column.key, sign, fold(value))
    return _compare_number(column.key, column.kind, sign, value)


def compare_pattern(column: Field, sign: str, source: str) -> Predicate | None:
    """Return the predicate of a text that a regular expression is found in, or not (`!~`); `None` when it is none."""
    pattern = compile_pattern(source)
    if pattern is None:
        return None
    found = _text_predicate(column.key, lambda text: pattern.search(text) is not None)
    return (lambda row, now: not found(row, now)) if sign == "!~" else found


def can_have_unit(column: Field, value: str, unit: str) -> bool:
    """Return whether `value` is a number without a unit, and `unit` one that it can have: "50" and "%"."""
    found = _NUMBER.fullmatch(value)
    return unit != "" and unit.lower() in column.kind.units and found is not None and found[4] == ""


def _compare_text(key: str, sign: str, wanted: str) -> Predicate:
    if key == "host" and "*" in wanted:
        # Hosts are numbered, and a part of a name with a star is what everybody types: node1*.
        pattern = re.compile(fnmatch.translate(f"*{wanted}*" if sign == "~" else wanted))
        return _text_predicate(key, lambda text: pattern.fullmatch(text) is not None)
    return _text_predicate(key, lambda text: wanted in text if sign == "~" else wanted == text)


def _text_predicate(key: str, fits: Callable[[str], bool]) -> Predicate:
    def matches(row: Process, _now: float) -> bool:
        text: str | None = _by_key(row).get(key)
        if text is None:
            return False
        # Only a status has a second word, the one that the table shows.
        texts = {fold(text), fold(WORDS.get(text, text))} if key == "status" else (fold(text),)
        return any(fits(one) for one in texts)

    return matches


def _compare_number(key: str, kind: Kind, sign: str, value: str) -> Predicate | None:
    found = _NUMBER.fullmatch(value.lower())
    factor = kind.units.get(found[4]) if found else None
    if found is None or factor is None:
        return None
    amount = float(found[1]) * factor
    # A measured value is never exactly 12.3: what rounds to it, with as many decimals as were written, is equal.
    slack = 0.5 / 10 ** min(len(found[2] or found[3] or ""), _MOST_DECIMALS) * factor
    low, high = amount - slack, amount + slack
    order = _ORDERS.get(sign)

    def matches(row: Process, now: float) -> bool:
        number: float | None = _age(row, now) if key == "age" else _by_key(row).get(key)
        if number is None:
            return False
        return order(number, amount) if order else low <= number < high

    return matches


def _by_key(row: Process) -> Mapping[str, Any]:
    return cast(Mapping[str, Any], row)


def _age(row: Process, now: float) -> float | None:
    return None if row["started"] is None else max(0.0, now - row["started"])
