"""The messages between the widgets and their views in browsers: parses what comes, and makes the answers. Pure.

docs/protocol.md describes every message; views/js/connection/protocol.js is the browser's half, and frames are made in
`procwidget.views.frames`. Anything may come from a browser: `parse` bounds what it returns, and what a request asks for
is checked where it is fulfilled.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from procwidget.fields import COLUMNS, ON_DEMAND, SORT_KEYS
from procwidget.views.shown import Arrangement

MOST_SELECTED = 500
"""How many processes a view may select."""

MOST_PANELS = 50
"""How many panels a view may name."""
MOST_IN_SIGHT = 20
"""How many processes a view may say it shows: of no more is anything read that is read of a few only."""

_LONGEST_NAME = 64
_LONGEST_FILTER = 2000
PAST_REQUESTS = ("moment", "interval_of", "compare", "past_charts", "overview", "past_details")
_REQUESTS = ("ask", "confirm", "details", "reveal", "opened", "holders", "tell", "stack", "keep", *PAST_REQUESTS)
_HEAD_REQUESTS = ("events", "thresholds", "expect")


class Heartbeat(NamedTuple):
    """Some view still watches."""


class Watch(NamedTuple):
    """A view begins or ceases to watch."""

    view: str
    on: bool


class Fields(NamedTuple):
    """A view shows, sorts by or searches these of the fields that are read on demand, and no others.

    `in_sight` are the identities of the largest processes that it shows, none where it shows all.
    """

    view: str
    keys: frozenset[str]
    in_sight: frozenset[str]


class OpenPanels(NamedTuple):
    """A view has these panels open, and no others."""

    view: str
    names: frozenset[str]


class WholeFrame(NamedTuple):
    """A view missed a frame and asks for a whole one."""

    view: str


class Select(NamedTuple):
    """A view has these processes selected."""

    identities: list[str]


class Shows(NamedTuple):
    """A view shows the processes so arranged."""

    arrangement: Arrangement


class Cancel(NamedTuple):
    """A view gives a question up."""

    view: str
    nonce: object


class Interval(NamedTuple):
    """A visitor chose how often to update."""

    seconds: object


class Request(NamedTuple):
    """A message that gets an answer; `content` is as it came.

    `name` is what the answer repeats, `None` where what came as that cannot be sent back.
    """

    kind: str
    view: str
    name: str | None
    content: dict[str, Any]


class HeadRequest(NamedTuple):
    """A message from the summary that gets an answer; `content` and `name` are as in a `Request`."""

    kind: str
    name: str | None
    content: dict[str, Any]


class Notify(NamedTuple):
    """Some page wants to show notifications, also while nobody sees it."""


Message = (
    Heartbeat
    | Watch
    | Fields
    | OpenPanels
    | WholeFrame
    | Select
    | Shows
    | Cancel
    | Interval
    | Request
    | HeadRequest
    | Notify
)


def parse(content: object) -> Message | None:
    """Return the message that came from a browser; `None` for anything that is none."""
    if not isinstance(content, dict):
        return None
    kind, view = content.get("type"), content.get("view")
    if kind == "ack":
        # Whoever says it: the server of many pages passes on one of theirs for all.
        return Heartbeat()
    if kind == "interval":
        return Interval(content.get("seconds"))
    if kind == "notify":
        return Notify()
    if kind in _HEAD_REQUESTS:
        return HeadRequest(kind, _request_name(content.get("request")), content)
    if not isinstance(view, str) or not 0 < len(view) <= _LONGEST_NAME:
        return None
    if kind in _REQUESTS:
        return Request(kind, view, _request_name(content.get("request")), content)
    match kind:
        case "watch":
            return Watch(view, content.get("on") is True)
        case "fields" if isinstance(content.get("keys"), list):
            in_sight = content.get("in_sight")
            shown = _texts(in_sight[:MOST_IN_SIGHT]) if isinstance(in_sight, list) else []
            return Fields(view, frozenset(_texts(content["keys"])).intersection(ON_DEMAND), frozenset(shown))
        case "panels" if isinstance(content.get("names"), list) and len(content["names"]) <= MOST_PANELS:
            return OpenPanels(view, frozenset(_texts(content["names"])))
        case "whole":
            return WholeFrame(view)
        case "select" if isinstance(content.get("identities"), list) and len(content["identities"]) <= MOST_SELECTED:
            return Select(_texts(content["identities"]))
        case "shows":
            return Shows(_arrangement(content))
        case "cancel":
            return Cancel(view, content.get("nonce"))
    return None


def _arrangement(content: dict[str, Any]) -> Arrangement:
    sort, columns, wanted = content.get("sort"), content.get("columns"), content.get("filter")
    keys = [one for one in sort if isinstance(one, list) and len(one) == 2] if isinstance(sort, list) else []
    return Arrangement(
        tuple((key, falls is True) for key, falls in keys if isinstance(key, str) and key in SORT_KEYS)[:2],
        wanted if isinstance(wanted, str) and len(wanted) <= _LONGEST_FILTER else "",
        tuple(dict.fromkeys(key for key in _texts(columns) if key in COLUMNS)) if isinstance(columns, list) else (),
        content.get("kernel_threads") is not False,
    )


def answer(name: str, result: dict[str, Any]) -> dict[str, Any]:
    """Return the answer to the request of this name."""
    return {"type": "answer", "request": name, **result}


def refusal(sentence: str, *, unknown: bool | None = None) -> dict[str, Any]:
    """Return the result of a request that was not fulfilled; `unknown` says whether it may have been all the same."""
    result: dict[str, Any] = {"result": "refused", "refusals": [sentence]}
    return result if unknown is None else {**result, "unknown": unknown}


def _request_name(name: object) -> str | None:
    # What cannot be printed, such as half a surrogate pair, could not be sent back either.
    return name if isinstance(name, str) and len(name) <= _LONGEST_NAME and name.isprintable() else None


def _texts(values: list[Any]) -> list[str]:
    return [value for value in values if isinstance(value, str) and len(value) <= _LONGEST_NAME]
