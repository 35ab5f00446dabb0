"""What a tick has on the wire, counted on a real WebSocket, and what the page says of it."""

from __future__ import annotations

import asyncio
import itertools
import json
import re

import pytest
from jupyter_server.services.kernels.connection.base import deserialize_msg_from_ws_v1

from tests.patience import PATIENCE
from tests.server.visitor import Visitor

UNITS = {"B": 1, "KiB": 1024, "MiB": 1024**2}
TICKS = 6


def said(cost):
    """The bytes a tick that a cost line names."""
    number, unit = re.search(r"([\d.,]+) (B|KiB|MiB) a tick", cost).groups()
    return float(number.replace(",", "")) * UNITS[unit]


def websocket_size(message):
    """A message with the head that WebSockets give it, RFC 6455, 5.2; a server does not mask."""
    return len(message) + (2 if len(message) < 126 else 4 if len(message) < 65536 else 10)


@pytest.fixture(scope="module")
def ticks(served):
    """The messages of each of some ticks after a whole one, as they came: (kind, content, bytes)."""

    async def watch():
        kernel, cookie = served.visit()
        visitor = await Visitor.enter(served, kernel, cookie)
        control = await visitor.open_control()
        await visitor.ask_states(control)
        states = await visitor.states(control)
        [table] = [name for name, model in states.items() if "thresholds" in model["state"]]
        content = {"type": "watch", "on": True, "view": "counts"}
        await visitor.send("comm_msg", {"comm_id": table, "data": {"method": "custom", "content": content}})
        ticks = [[]]
        async with asyncio.timeout(PATIENCE):
            while len(ticks) <= TICKS + 2:
                raw = await visitor.socket.read_message()
                _, parts = deserialize_msg_from_ws_v1(raw)
                header, content = json.loads(parts[0]), json.loads(parts[3])
                ticks[-1].append((header["msg_type"], content, websocket_size(raw)))
                if frame_in(ticks[-1][-1]) is not None:
                    ticks.append([])
        visitor.leave()
        return ticks[2:-1]

    return asyncio.run(watch())


def frame_in(message):
    kind, content, _ = message
    if kind == "comm_msg" and content["data"].get("content", {}).get("type") == "frame":
        return content["data"]["content"]
    return None


def test_the_cost_line_says_what_a_tick_has_on_the_wire(ticks):
    """Each frame tells the size of the one before, headers and all, as a WebSocket had it."""
    frames = [(frame_in(tick[-1]), tick[-1][2]) for tick in ticks]
    compared = 0
    for (before, size), (after, _) in itertools.pairwise(frames):
        cost = after["reading"]["values"].get("cost")
        if cost and not before["whole"]:
            # It is rounded to a tenth of a KiB.
            assert abs(said(cost["text"]) - size) <= 0.02 * size + 52, (cost, size)
            compared += 1
    assert compared >= 2


def test_a_tick_is_one_message(ticks):
    """Frame, reading and charts come together: no widget's trait is sent beside them, and no point twice."""
    several = [tick for tick in ticks if sum(kind == "comm_msg" for kind, *_ in tick) > 1]
    # The axis of disk or network may have become higher or lower.
    assert len(several) <= len(ticks) / 2
    for tick in ticks:
        frame = frame_in(tick[-1])
        if not frame["whole"]:
            charts = dict(frame["charts"])
            # When the machine was in trouble, which a mark says of each level of it, is as long as it is.
            charts.pop("marks", None)
            assert len(json.dumps(charts)) < 200
            assert "values" in charts
