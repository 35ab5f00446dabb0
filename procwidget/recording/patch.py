"""Says what differs between two JSON values, and makes the later one of the earlier one and that. Pure.

The parts of a sample change a little from tick to tick, so a recording keeps what differs. A difference is a JSON value
itself: `{"=": value}` for another value, `{"+": {key: difference}, "-": [key]}` for a dict or a list that goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_SAME: dict[str, Any] = {}


def difference(before: Any, after: Any, written: Callable[[Any], Any] = lambda value: value) -> dict[str, Any]:
    """Return what differs; an empty dict where nothing does.

    Args:
        before: the earlier value.
        after: the later one.
        written: returns what stands in the difference for a value that is another one.
    """
    if before == after and type(before) is type(after):
        return _SAME
    if isinstance(before, dict) and isinstance(after, dict):
        changed = {}
        for key, value in after.items():
            if key not in before:
                changed[key] = {"=": written(value)}
            elif before[key] is not value and (part := difference(before[key], value, written)):
                changed[key] = part
        gone = [key for key in before if key not in after]
        return {"+": changed, "-": gone} if gone else {"+": changed}
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        changed = {
            str(at): part
            for at, pair in enumerate(zip(before, after, strict=True))
            if (part := difference(*pair, written))
        }
        return {"+": changed}
    return {"=": written(after)}


def applied(before: Any, change: dict[str, Any]) -> Any:
    """Return the later value; `before` is not changed.

    Raises:
        KeyError, IndexError, TypeError, ValueError: `change` is not of this value.
    """
    if not change:
        return before
    if "=" in change:
        return change["="]
    if isinstance(before, list):
        items = list(before)
        for at, part in change["+"].items():
            items[int(at)] = applied(items[int(at)], part)
        return items
    after = {key: value for key, value in before.items() if key not in change.get("-", ())}
    for key, part in change["+"].items():
        after[key] = applied(before.get(key), part)
    return after
