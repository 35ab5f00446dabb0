"""Checks the arguments of a `Dashboard`, together with what the server was told. Pure."""

from __future__ import annotations

import difflib
import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, ParamSpec

from procwidget.errors import InvalidArgument, number_between, whole_number_between
from procwidget.fields import COLUMNS, SORT_KEYS
from procwidget.monitor import Monitor
from procwidget.query import parse
from procwidget.thresholds import Bounds, Thresholds

SHORTEST_INTERVAL, LONGEST_INTERVAL = 0.5, 60.0

_Given = ParamSpec("_Given")


def named_in_words(init: Callable[_Given, None]) -> Callable[_Given, None]:
    """Make `Dashboard.__init__` refuse arguments that it does not have with `InvalidArgument`, not with a TypeError.

    The signature stays what it is, for `inspect.signature`, completion and type checkers: a metaclass or `**unknown`
    would hide it.
    """
    signature = inspect.signature(init)
    names = list(signature.parameters)[1:]

    @functools.wraps(init)
    def checked(*given: _Given.args, **by_name: _Given.kwargs) -> None:
        has = f"it has {', '.join(names)}."
        for name in by_name:
            if name not in names:
                near = difflib.get_close_matches(name, names, 1)
                meant = f" (did you mean {near[0]!r}?)" if near else ""
                raise InvalidArgument(f"Dashboard has no argument {name!r}{meant}; {has}")
        try:
            signature.bind(*given, **by_name)
        except TypeError as error:
            raise InvalidArgument(f"Dashboard has {error}; {has}") from None
        init(*given, **by_name)

    return checked


class Arguments(NamedTuple):
    """Checked arguments of a dashboard; `interval` and `columns` are `None` where nobody asked for any."""

    interval: float | None
    rows: int
    thresholds: Thresholds
    allowed: bool
    sort_by: str
    columns: list[str] | None
    filter: str
    monitor: Monitor | None
    compact: bool


def check_interval(seconds: object) -> float:
    """Return seconds between updates as a float, or raise InvalidArgument."""
    return number_between("interval", seconds, SHORTEST_INTERVAL, LONGEST_INTERVAL)


def check(
    interval: object,
    top: object,
    thresholds: Thresholds | Mapping[str, Bounds] | None,
    allow_kill: object,
    sort_by: object,
    columns: object,
    filter: object,
    monitor: object,
    compact: object,
    served: Mapping[str, Any] | None,
) -> Arguments:
    """Return the checked arguments; `served` is what the server said, `None` in a notebook.

    Raises:
        InvalidArgument: an argument is wrong; the message says what would be right.
    """
    said = served or {}
    seconds = said.get("interval") if interval is None else interval
    if allow_kill not in (None, True, False):
        raise InvalidArgument(f"allow_kill must be True, False or None, not {allow_kill!r}.")
    if sort_by not in SORT_KEYS:
        raise InvalidArgument(f"sort_by must be one of {', '.join(SORT_KEYS)}, not {sort_by!r}.")
    if not isinstance(filter, str):
        raise InvalidArgument(f"filter must be a text such as 'cpu>50 user=ana', not {filter!r}.")
    parse(filter)
    if monitor is not None and not isinstance(monitor, Monitor):
        raise InvalidArgument(f"monitor must be a procwidget.Monitor or None, not {monitor!r}.")
    if compact not in (True, False):
        raise InvalidArgument(f"compact must be True or False, not {compact!r}.")
    # A served page never gets more than the server was told to give.
    granted = served is None or said.get("allow_kill") is True
    return Arguments(
        None if seconds is None else check_interval(seconds),
        whole_number_between("top", top, 3, 100),
        Thresholds.of(thresholds),
        granted and allow_kill is not False,
        str(sort_by),
        _check_columns(columns),
        filter,
        monitor,
        bool(compact),
    )


def _check_columns(columns: object) -> list[str] | None:
    if columns is None:
        return None
    if isinstance(columns, str) or not isinstance(columns, Sequence) or not columns:
        raise InvalidArgument(f"columns must be a list of names such as ['pid', 'name', 'cpu'], not {columns!r}.")
    for name in columns:
        if name not in COLUMNS:
            raise InvalidArgument(f"There is no column {name!r}; there are {', '.join(COLUMNS)}.")
    return list(dict.fromkeys(columns))
