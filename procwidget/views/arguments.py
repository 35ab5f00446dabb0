"""Checks the arguments of a `Dashboard`, together with what the server was told. Pure."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, ParamSpec

from procwidget.errors import InvalidArgument, number_between, whole_number_between
from procwidget.fields import ALIASES, COLUMNS, FIELDS, SORT_KEYS
from procwidget.monitor import Monitor
from procwidget.nearest import did_you_mean
from procwidget.presets import BY_NAME, Preset
from procwidget.query import parse
from procwidget.thresholds import Thresholds
from procwidget.views.panels import PANELS

SHORTEST_INTERVAL, LONGEST_INTERVAL = 0.5, 60.0

_ALSO = {
    **dict.fromkeys(("rows", "limit", "n", "height"), "top"),
    **dict.fromkeys(("refresh", "every", "seconds", "rate", "delay"), "interval"),
    **dict.fromkeys(("kill", "actions", "signals", "readonly", "read_only"), "allow_kill"),
    **dict.fromkeys(("sort", "order", "sort_key"), "sort_by"),
    **dict.fromkeys(("query", "search", "find"), "filter"),
    **dict.fromkeys(("limits", "alerts", "levels"), "thresholds"),
    **dict.fromkeys(("view", "layout", "mode"), "preset"),
    "fields": "columns",
    "source": "monitor",
}
"""What others call the arguments."""

_COLUMNS_ALSO = {
    **ALIASES,
    **dict.fromkeys(("rss", "res", "resident", "ram"), "memory"),
    "io": "read",
    "args": "command",
}

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
                meant = did_you_mean(name, names, _ALSO)
                raise InvalidArgument(f"Dashboard has no argument {name!r}{meant}; {has}")
        try:
            signature.bind(*given, **by_name)
        except TypeError as error:
            raise InvalidArgument(f"Dashboard has {error}; {has}") from None
        init(*given, **by_name)

    return checked


class Arguments(NamedTuple):
    """Checked arguments of a dashboard; `interval` and `columns` are `None` where nobody asked for any.

    `sort` has the keys that the table is sorted by at first, and whether each falls; the preset's, where nothing else
    was asked for.
    """

    interval: float | None
    rows: int
    thresholds: Thresholds
    allowed: bool
    sort: tuple[tuple[str, bool], ...]
    columns: list[str] | None
    filter: str
    monitor: Monitor | None
    webhook: str | None
    compact: bool
    interrupt_at: float | None
    preset: str | None
    panels: list[str]


def check_interval(seconds: object) -> float:
    """Return seconds between updates as a float, or raise InvalidArgument."""
    return number_between("interval", seconds, SHORTEST_INTERVAL, LONGEST_INTERVAL)


def check(
    interval: object,
    top: object,
    thresholds: Thresholds | Mapping[str, Any] | None,
    allow_kill: object,
    sort_by: object,
    columns: object,
    filter: object,
    monitor: object,
    webhook: object,
    compact: object,
    interrupt_at: object,
    preset: object,
    panels: object,
    served: Mapping[str, Any] | None,
) -> Arguments:
    """Return the checked arguments; `served` is what the server said, `None` in a notebook.

    Raises:
        InvalidArgument: an argument is wrong; the message says what would be right.
    """
    said = served or {}
    # The page's notebook asks for nothing itself: what it shows is as its server was told.
    view = said.get("view", {})
    top, sort_by = view.get("top", top), view.get("sort_by", sort_by)
    columns, filter = view.get("columns", columns), view.get("filter", filter)
    preset, panels = check_preset(view.get("preset", preset)), view.get("panels", panels)
    ready = BY_NAME[preset] if preset else None
    thresholds = view.get("thresholds") or thresholds
    seconds = said.get("interval") if interval is None else interval
    if allow_kill not in (None, True, False):
        raise InvalidArgument(f"allow_kill must be True, False or None, not {allow_kill!r}.")
    if monitor is not None and not isinstance(monitor, Monitor):
        raise InvalidArgument(f"monitor must be a procwidget.Monitor or None, not {monitor!r}.")
    address = said.get("webhook") if webhook is None else webhook
    if address is not None:
        # Few want one, and what it imports takes a while.
        from procwidget.webhook import check_address

        address = check_address(address)
    if compact not in (True, False):
        raise InvalidArgument(f"compact must be True or False, not {compact!r}.")
    # A served page never gets more than the server was told to give.
    granted = served is None or said.get("allow_kill") is True
    return Arguments(
        None if seconds is None else check_interval(seconds),
        whole_number_between("top", top, 3, 100),
        Thresholds.of(thresholds),
        granted and allow_kill is not False,
        _sort(check_sort_by(sort_by), ready),
        check_columns(ready.columns if ready and columns is None else columns),
        check_filter(filter),
        monitor,
        address,
        bool(compact),
        None if interrupt_at is None else number_between("interrupt_at", interrupt_at, 10, 99),
        preset,
        check_panels(panels),
    )


def refuse_beside_recording(**given: object) -> None:
    """Refuse what makes no sense for a recording: it was read already, and nobody is told of what was.

    Raises:
        InvalidArgument: one of these is given.
    """
    for name, value in given.items():
        if value is not None:
            raise InvalidArgument(f"A dashboard of a recording takes no {name}: leave out one of the two.")


def _sort(key: str | None, preset: Preset | None) -> tuple[tuple[str, bool], ...]:
    if key is None and preset is not None:
        return tuple((name, True) for name in preset.sort)
    key = key or "cpu"
    return ((key, next(field for field in FIELDS if field.key == key).kind.units != {}),)


def check_preset(name: object) -> str | None:
    """Return the name of a ready-made view, `None` for none."""
    if name is not None and not (isinstance(name, str) and name in BY_NAME):
        near = did_you_mean(name, BY_NAME, {"io": "disk", "mem": "memory", "session": "notebook"})
        raise InvalidArgument(f"preset must be one of {', '.join(BY_NAME)} or None, not {name!r}{near}.")
    return None if name is None else str(name)


def check_panels(names: object) -> list[str]:
    """Return the names of the panels that are open at first."""
    known = [panel.name for panel in PANELS]
    if isinstance(names, str) or not isinstance(names, Sequence):
        raise InvalidArgument(f"panels must be a list of names such as ['cpu', 'disks'], not {names!r}.")
    for name in names:
        if name not in known:
            near = did_you_mean(name, known, {"disk": "disks", "mem": "memory", "net": "network"})
            raise InvalidArgument(f"There is no panel {name!r}{near}; there are {', '.join(known)}.")
    return list(dict.fromkeys(names))


def check_sort_by(key: object) -> str | None:
    """Return the key of the column to sort by; "mem" means memory, as it does in a search. `None` is the usual one."""
    if key is None:
        return None
    meant = key if key in SORT_KEYS else ALIASES.get(key) if isinstance(key, str) else None
    if meant not in SORT_KEYS:
        near = did_you_mean(key, SORT_KEYS, _COLUMNS_ALSO)
        raise InvalidArgument(f"sort_by must be a column, not {key!r}{near}; there are {', '.join(SORT_KEYS)}.")
    return str(meant)


def check_filter(text: object) -> str:
    """Return what is to be in the search box."""
    if not isinstance(text, str):
        raise InvalidArgument(f"filter must be a text such as 'cpu>50 user=ana', not {text!r}.")
    parse(text)
    return text


def check_columns(columns: object) -> list[str] | None:
    """Return the keys of the columns to show, `None` for the usual ones; "mem" means memory, as it does in a search."""
    if columns is None:
        return None
    if isinstance(columns, str) or not isinstance(columns, Sequence) or not columns:
        raise InvalidArgument(f"columns must be a list of names such as ['pid', 'name', 'cpu'], not {columns!r}.")
    meant = [name if name in COLUMNS else ALIASES.get(name, name) for name in map(_hashable, columns)]
    for name in meant:
        if name not in COLUMNS:
            near = did_you_mean(name, COLUMNS, _COLUMNS_ALSO)
            raise InvalidArgument(f"There is no column {name!r}{near}; there are {', '.join(COLUMNS)}.")
    return list(dict.fromkeys(meant))


def _hashable(name: object) -> Any:
    return name if isinstance(name, str) else repr(name)
