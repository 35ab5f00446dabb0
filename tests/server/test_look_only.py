"""Who came with the view token only looks: whatever else they send stops at the server, and hits nobody."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import uuid
from types import SimpleNamespace

import pytest

from procwidget.details.read import read_identity
from procwidget.server.security import TokenOnly, may_act
from tests.patience import PATIENCE
from tests.server.conftest import TOKEN, kernel_of, start_procwidget
from tests.server.visitor import Visitor

VIEW = "only-to-look"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server with both tokens."""
    made = start_procwidget(tmp_path_factory.mktemp("s"), "--view-token", VIEW)
    yield made
    made.stop()
    assert "Traceback" not in made.log.read_text()


@pytest.fixture
def child():
    """A process that somebody might end."""
    made = subprocess.Popen(["sleep", "1000"])
    yield made
    made.kill()
    made.wait()


class Guest:
    """A visitor of the table, with either token."""

    def __init__(self, server, token):
        answer = server.ask("/", query=f"?token={token}")
        assert answer.status == 200
        self.page, self.server = answer.body, server
        self.cookie = answer.headers["Set-Cookie"].partition(";")[0]
        parts = re.search(r'<script id="procwidget-parts"[^>]*>(.*?)</script>', self.page, re.DOTALL)
        self.parts = {name: part["id"] for name, part in json.loads(parts[1]).items()}

    async def enter(self):
        self.visitor = await Visitor.enter(self.server, kernel_of(self.page), self.cookie)

    async def say(self, part="table", **content):
        """Send a message and return its request's name."""
        request = uuid.uuid4().hex
        data = {"method": "custom", "content": {"view": "v", "request": request, **content}}
        await self.visitor.send("comm_msg", {"comm_id": self.parts[part], "data": data})
        return request

    async def hear(self, *requests):
        """Return the answer to the first of these requests that gets one, with the request's name."""

        def about(kind, _parent, content):
            said = content.get("data", {}).get("content", {}) if kind == "comm_msg" else {}
            return said.get("type") == "answer" and said.get("request") in requests

        content = await self.visitor.until(about)
        answer = content["data"]["content"]
        return answer["request"], answer


def test_the_page_of_who_only_looks_says_so(server):
    """The table then has no buttons to end processes; both addresses are printed."""
    assert 'data-look-only="true"' in Guest(server, VIEW).page
    assert "data-look-only" not in Guest(server, TOKEN).page
    assert f"Only to look: http://127.0.0.1:{server.port}/?token={VIEW}" in server.log.read_text()


def test_a_hostile_viewer_sees_everything_and_does_nothing(server, child):
    """Asking, confirming another's question whose nonce all pages hear, cancelling it, secrets, the interval: none."""
    identity = read_identity(child.pid)

    async def attack():
        viewer, visitor = Guest(server, VIEW), Guest(server, TOKEN)
        await viewer.enter()
        await visitor.enter()
        await visitor.say(type="watch", on=True)
        forbidden = [
            await viewer.say(type="ask", identities=[identity], signal="SIGKILL"),
            await viewer.say(type="reveal", identity=identity),
            await viewer.say(type="stack", identity=identity),
            await viewer.say(type=["ask"], identities=[identity], signal="SIGKILL"),
        ]
        # What comes after these is answered: they were dropped, and are not on their way.
        seen = await viewer.say(type="details", identity=identity, expensive=False)
        assert (await viewer.hear(*forbidden, seen))[0] == seen

        async def question():
            asked = await visitor.say(type="ask", identities=[identity], signal="SIGTERM")
            return (await visitor.hear(asked))[1]

        said = await question()
        while said["result"] != "question":
            # The table's own reading may be older than the child.
            await asyncio.sleep(0.5)
            said = await question()
        stolen = {"nonce": said["nonce"], "signal": "SIGTERM", "identities": [identity]}
        await viewer.say(type="cancel", nonce=said["nonce"])
        await viewer.say(type="select", identities=[identity])
        await viewer.say("summary", type="interval", seconds=60)
        confirmed = await viewer.say(type="confirm", **stolen)
        twice = '{"type": "ack", "type": "confirm", "view": "v", "request": "r", ' + json.dumps(stolen)[1:]
        data = '{"method": "custom", "content": ' + twice + "}"
        await send_raw(viewer, '{"comm_id": "' + viewer.parts["table"] + '", "data": ' + data + "}")
        seen = await viewer.say(type="details", identity=identity, expensive=False)
        assert (await viewer.hear(confirmed, "r", seen))[0] == seen
        assert child.poll() is None
        done = await visitor.say(type="confirm", **stolen)
        assert (await visitor.hear(done))[1]["outcomes"][0]["result"] == "ended"
        assert child.wait(PATIENCE) == -15
        for guest in (viewer, visitor):
            guest.visitor.leave()

    asyncio.run(attack())


async def send_raw(guest, content):
    """Send a message to a widget whose content is JSON as it stands, with a name in it twice."""
    from jupyter_server.services.kernels.connection.base import serialize_msg_to_ws_v1

    header = {
        **{"msg_id": uuid.uuid4().hex, "msg_type": "comm_msg", "session": uuid.uuid4().hex, "username": ""},
        **{"date": "2026-01-01T00:00:00Z", "version": "5.4"},
    }
    parts = [json.dumps(header).encode(), b"{}", b"{}", content.encode()]
    await guest.visitor.socket.write_message(serialize_msg_to_ws_v1(parts, "shell"), binary=True)


def test_json_routes_are_for_both(server):
    """They only tell; without a token nobody gets in."""
    for token in (TOKEN, VIEW):
        assert server.ask("/procwidget/metrics", token=token).status == 200
    assert server.ask("/procwidget/metrics", token=VIEW + "x").status == 403


def handler(cookie):
    """What an identity provider asks of a request."""
    return SimpleNamespace(
        get_secure_cookie=lambda *_, **__: cookie.encode(),
        base_url="/",
        request=SimpleNamespace(host="127.0.0.1", headers={}),
        settings={},
    )


def test_a_cookie_of_another_view_token_is_none():
    """Who takes a view token back, or gives another, ends what it bought; those of the token stay good."""
    one, other, without = (TokenOnly(token="t") for _ in range(3))
    one.let_look("a", b"secret")
    other.let_look("b", b"secret")
    without.let_look(None, b"secret")
    cookie = one.user_to_cookie(one._viewer)
    looks = one.get_user_cookie(handler(cookie))
    assert looks is not None
    assert not may_act(looks)
    assert [each.get_user_cookie(handler(cookie)) for each in (other, without)] == [None, None]
    assert not may_act(None)
