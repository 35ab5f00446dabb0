"""What browsers say is parsed in one place, and whatever comes is a message or nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procwidget.views.protocol import (
    MOST_SELECTED,
    Cancel,
    Fields,
    HeadRequest,
    Heartbeat,
    Interval,
    Notify,
    OpenPanels,
    Request,
    Select,
    Shows,
    Watch,
    WholeFrame,
    parse,
)
from procwidget.views.shown import Arrangement

JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
KINDS = (
    "ack",
    "watch",
    "fields",
    "panels",
    "whole",
    "select",
    "shows",
    "cancel",
    "interval",
    "ask",
    "confirm",
    "details",
    "reveal",
    "tell",
    "keep",
    "events",
    "thresholds",
    "expect",
    "notify",
)
OF_THE_HEAD = ("interval", "events", "thresholds", "expect", "notify")
KEYS = (
    "names",
    "sort",
    "columns",
    "filter",
    "kernel_threads",
    "on",
    "keys",
    "identities",
    "nonce",
    "seconds",
    "request",
    "view",
    "identity",
    "signal",
)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"type": "ack", "seq": 7}, Heartbeat()),
        ({"type": "watch", "view": "v", "on": True}, Watch("v", True)),
        ({"type": "watch", "view": "v", "on": 1}, Watch("v", False)),
        (
            {"type": "fields", "view": "v", "keys": ["priority", "cpu", 3]},
            Fields("v", frozenset({"priority"}), frozenset()),
        ),
        (
            {"type": "fields", "view": "v", "keys": [], "in_sight": ["1-1", 3, *(f"2-{at}" for at in range(99))]},
            Fields("v", frozenset(), frozenset({"1-1", *(f"2-{at}" for at in range(18))})),
        ),
        ({"type": "panels", "view": "v", "names": ["cpu", 3, "x" * 65]}, OpenPanels("v", frozenset({"cpu"}))),
        ({"type": "panels", "view": "v", "names": ["cpu"] * 51}, None),
        ({"type": "whole", "view": "v"}, WholeFrame("v")),
        ({"type": "select", "view": "v", "identities": ["1-2", 3, "x" * 65]}, Select(["1-2"])),
        ({"type": "cancel", "view": "v", "nonce": "n"}, Cancel("v", "n")),
        (
            {
                "type": "shows",
                "view": "v",
                "sort": [["cpu", True], ["evil", True], 3],
                "filter": "a",
                "columns": ["pid", "x", 7],
            },
            Shows(Arrangement((("cpu", True),), "a", ("pid",), kernel_threads=True)),
        ),
        (
            {"type": "shows", "view": "v", "sort": "cpu", "filter": 7, "columns": None, "kernel_threads": False},
            Shows(Arrangement((), "", (), kernel_threads=False)),
        ),
        ({"type": "interval", "seconds": 2}, Interval(2)),
        ({"type": "notify"}, Notify()),
        ({"type": "events", "request": "r"}, HeadRequest("events", "r", {"type": "events", "request": "r"})),
    ],
)
def test_each_message_is_what_the_document_says(content: dict[str, Any], message: object) -> None:
    """Texts that are too long and values of another kind are left out."""
    assert parse(content) == message


def test_a_request_that_cannot_be_answered_by_name_is_one_all_the_same() -> None:
    """What was asked for is done or refused; half a surrogate pair could not be sent back."""
    request = parse({"type": "ask", "view": "v", "request": "\ud800", "signal": "SIGTERM"})
    assert isinstance(request, Request)
    assert (request.kind, request.name) == ("ask", None)


@pytest.mark.parametrize("view", [None, "", "v" * 65, 7, ["v"]])
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("ack", *OF_THE_HEAD)])
def test_who_gives_no_name_is_not_heard(kind: str, view: object) -> None:
    """But for the heartbeat, which is anybody's, and the summary's messages, which name no view."""
    assert parse({"type": kind, "view": view, "keys": [], "identities": []}) is None


def test_too_many_that_are_selected_are_none() -> None:
    """Python gets no selection that no view can show."""
    assert parse({"type": "select", "view": "v", "identities": ["1-1"] * (MOST_SELECTED + 1)}) is None


@given(st.dictionaries(st.sampled_from(KEYS), JSON), st.sampled_from(KINDS) | JSON)
def test_nothing_that_comes_makes_it_fail(content: dict[str, Any], kind: Any) -> None:
    """Odd values in every place: a message of the kind, or nothing."""
    for view in ("v", content.get("view")):
        parse({**content, "type": kind, "view": view})
