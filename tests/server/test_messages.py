"""What a visitor's message may be made of: the server keeps and logs little of it, and passes on what pages send."""

import asyncio
import json
import logging
import uuid

import pytest
from jupyter_server.services.kernels.connection.base import serialize_msg_to_ws_v1
from tornado.httpclient import AsyncHTTPClient, HTTPClientError
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application

from procwidget.server.security import Guarded
from tests.server.conftest import TOKEN, assert_secure
from tests.server.visitor import Visitor

FORGED = "\x1b[2J\nprocwidget is at http://evil.example/?token=x"
UNSOUND = {
    "an id with a terminal's escapes": {"header": {"msg_id": FORGED}},
    "an id with no end": {"header": {"msg_id": "x" * 65}},
    "an empty id": {"header": {"msg_id": ""}},
    "an id that is a number": {"header": {"msg_id": 7}},
    "a session with a terminal's escapes": {"header": {"session": FORGED}},
    "a session that is none": {"header": {"session": None}},
    "a subshell that nobody made": {"header": {"subshell_id": FORGED}},
    "a subshell that is a list": {"header": {"subshell_id": []}},
    "a day that is none": {"header": {"date": "2026-99-99T00:00:00Z"}},
    "a date that is a number": {"header": {"date": 5}},
    "a date that is any text": {"header": {"date": FORGED}},
    "a name that looks like a day that is none": {"header": {"username": "2026-99-99T00:00:00Z"}},
    "a version that is none": {"header": {"version": None}},
    "a version of long ago": {"header": {"version": "4.0"}},
    "a version that is any text": {"header": {"version": FORGED}},
    "a parent that is a list": {"parent": []},
    "a parent of a day that is none": {"parent": {"date": "2026-99-99T00:00:00Z"}},
    "metadata that are a list": {"metadata": []},
    "a name with no end, which all would get back": {"header": {"username": "x" * 900_000}},
    "a parent with no end": {"parent": {"msg_id": "x" * 5000}},
    "metadata with no end": {"metadata": {"x": "x" * 5000}},
}


@pytest.mark.parametrize("kind", ["comm_info_request", "comm_msg"])
def test_unsound_messages_leave_no_word_in_the_log(served, kind):
    """Who runs the server reads its log: no visitor writes lines into it, or moves the terminal's cursor."""
    before = len(served.log.read_text())

    async def attack():
        kernel, cookie = served.visit()
        visitor = await Visitor.enter(served, kernel, cookie)
        for changes in UNSOUND.values():
            await visitor.send(kind, {"comm_id": "x", "data": {}}, **changes)
        for comm in (FORGED, "x" * 65, 7, "", None):
            await visitor.send("comm_msg", {"comm_id": comm, "data": {}})
        for missing in ("msg_id", "msg_type", "session", "date", "version"):
            header = {"msg_id": "1", "msg_type": kind, "session": "1", "date": "2026-01-01T00:00:00Z", "version": "5.4"}
            del header[missing]
            parts = [json.dumps(part) for part in (header, {}, {}, {"comm_id": "x"})]
            for encoding in ("utf-8", "utf-16"):
                message = serialize_msg_to_ws_v1([part.encode(encoding) for part in parts], "shell")
                await visitor.socket.write_message(message, binary=True)
        await visitor.kernel_lives()
        visitor.leave()

    asyncio.run(attack())
    assert served.log.read_text()[before:] == ""


@pytest.mark.parametrize("session", [FORGED, "x" * 10_000, " ", ""])
def test_session_may_be_called_anything(served, session):
    """The name that a page gives itself is neither kept nor logged."""
    before = len(served.log.read_text())

    async def attack():
        kernel, cookie = served.visit()
        visitors = [await Visitor.enter(served, kernel, cookie, session) for _ in range(2)]
        for visitor in visitors:
            await visitor.kernel_lives()
            visitor.leave()

    asyncio.run(attack())
    assert all(line.isprintable() and len(line) < 400 for line in served.log.read_text()[before:].splitlines())


@pytest.mark.parametrize(
    "header", [{"version": "5.2"}, {"subshell_id": None}, {"date": "2026-01-01T10:00:00.123+02:00"}]
)
def test_messages_of_real_clients_pass(served, header):
    """JupyterLab's header, and that of Python's client."""

    async def ask():
        kernel, cookie = served.visit()
        visitor = await Visitor.enter(served, kernel, cookie)
        await visitor.reply("comm_info_reply", await visitor.send("comm_info_request", {}, header=header))
        visitor.leave()

    asyncio.run(ask())


def test_few_comms_are_kept_and_none_with_a_long_name(served):
    """A page needs one or two; who opens them without end has the newest of them, and the server's memory stays."""

    async def attack():
        kernel, cookie = served.visit()
        visitor = await Visitor.enter(served, kernel, cookie)
        long = uuid.uuid4().hex + "x" * 900_000
        await visitor.send("comm_open", {"comm_id": long, "target_name": "jupyter.widget.control", "data": {}})
        comms = [await visitor.open_control() for _ in range(70)]
        await visitor.send("comm_close", {"comm_id": comms[0], "data": {}})
        await visitor.send("comm_close", {"comm_id": comms[-1], "data": {}})
        infos = await visitor.reply("comm_info_reply", await visitor.send("comm_info_request", {}))
        visitor.leave()
        return long, comms, set(infos["comms"])

    long, comms, known = asyncio.run(attack())
    assert long not in known
    assert set(comms[:-1]) <= known
    assert comms[-1] not in known


def test_an_error_is_logged_without_what_the_visitor_said(caplog):
    """Neither the token in the address nor its cookie is in the log of an error nobody expected; the error is."""

    class Broken(Guarded):
        async def prepare(self):
            raise ZeroDivisionError("a mistake of ours")

    async def ask():
        sockets, port = bind_unused_port(address="127.0.0.1")
        server = HTTPServer(Application([(".*", Broken)], log_function=lambda _: None))
        server.add_socket(sockets)
        with pytest.raises(HTTPClientError) as refused:
            await AsyncHTTPClient().fetch(f"http://127.0.0.1:{port}/{'x' * 1000}?token={TOKEN}")
        server.stop()
        await server.close_all_connections()
        return refused.value.response

    caplog.set_level(logging.WARNING)
    answer = asyncio.run(ask())
    assert answer.code == 500
    assert_secure(answer.headers)
    assert "a mistake of ours" in caplog.text
    assert TOKEN not in caplog.text
    assert len(caplog.records[-1].getMessage()) < 300


@pytest.mark.parametrize("token", [None, TOKEN])
@pytest.mark.parametrize("path", ["/%1b%0a" + "x" * 5000, f"/api/kernels/{'a' * 50_000}-b-c-d-e", "/voila/static/%ff"])
def test_what_is_asked_for_is_logged_as_one_short_line(served, path, token):
    """An address may have any bytes and any length."""
    before = len(served.log.read_text())
    assert served.ask(path, token=token).status in (403, 404)
    [line] = served.log.read_text()[before:].splitlines() or ["nothing"]
    assert line.isprintable() and len(line) < 400
