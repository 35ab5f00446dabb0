"""Visitors who do not take part: they answer no ping, say nothing more, or read nothing; the server stays well."""

from __future__ import annotations

import asyncio
import base64
import os
import socket
import uuid

import psutil
import pytest

from tests.patience import PATIENCE
from tests.server.conftest import TOKEN, start_procwidget
from tests.server.visitor import WIRE, Visitor, half_open

QUICK = """
import sys
from procwidget.server import page_server
from jupyter_server.base.websocket import WebSocketMixin
page_server.PING_MILLISECONDS = 500
WebSocketMixin.ping_timeout = 2000
page_server.LONGEST_HEAD = 6
page_server.LONGEST_BODY = 3
from procwidget.cli import main
sys.exit(main())
"""
"""A server that waits as others do, and less long."""


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    """One server for these tests, which soon gives up who does not take part."""
    server = start_procwidget(tmp_path_factory.mktemp("s"), "--interval", "0.5", program=QUICK)
    yield server
    assert server.stop() == 0


def silent_socket(server, kernel, cookie):
    """A visitor's WebSocket from which nobody reads and which nobody answers."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect(("127.0.0.1", server.port))
    host = f"127.0.0.1:{server.port}"
    connection.sendall(
        f"GET /api/kernels/{kernel}/channels?session_id={uuid.uuid4()} HTTP/1.1\r\nHost: {host}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\nSec-WebSocket-Protocol: {WIRE}\r\n"
        f"Cookie: {cookie}\r\nOrigin: http://{host}\r\n\r\n".encode()
    )
    assert connection.recv(12) == b"HTTP/1.1 101"
    return connection


def connections(server):
    """How many visitors the server holds a connection of."""
    return sum(each.status == "ESTABLISHED" for each in psutil.Process(server.process.pid).net_connections("tcp"))


async def table_of(visitor):
    """The model id of the page's table."""
    control = await visitor.open_control()
    await visitor.ask_states(control)
    states = await visitor.states(control)
    return next(model for model, state in states.items() if "options" in state["state"])


def hung_up(connection):
    """Whether the server has closed a connection."""
    connection.setblocking(False)
    try:
        while connection.recv(65536):
            pass
    except BlockingIOError:
        return False
    except ConnectionError:
        pass
    return True


async def ask_until(visitor, comm, message, done):
    """Send a message again and again, reading what comes, until `done()`."""
    async with asyncio.timeout(PATIENCE):
        while not done():
            for _ in range(20):
                await visitor.send("comm_msg", {"comm_id": comm, "data": message})
            await visitor.kernel_lives()


def test_a_visitor_whose_network_is_cut_costs_the_others_nothing(quick):
    """No answer to pings: the connection is given up, while frames go on to who still watches."""
    server = quick

    async def cut():
        kernel, cookie = server.visit()
        visitor = await Visitor.enter(server, kernel, cookie)
        table = await table_of(visitor)
        lost = silent_socket(server, kernel, cookie)
        both = connections(server)
        watch = {"method": "custom", "content": {"type": "watch", "view": "v", "on": True}}
        await ask_until(visitor, table, watch, lambda: connections(server) < both)
        await visitor.kernel_lives()
        visitor.leave()
        lost.close()

    asyncio.run(cut())


def test_who_says_nothing_more_is_hung_up_on_and_who_is_here_stays(quick):
    """Requests that are never finished end after a while; a page's WebSocket and a connection in use outlast them."""
    server = quick

    async def wait():
        kernel, cookie = server.visit()
        visitor = await Visitor.enter(server, kernel, cookie)
        await visitor.kernel_lives()
        body = f"POST /voila/api/shutdown/{kernel} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n"
        body = body.replace("localhost", f"127.0.0.1:{server.port}") + "Content-Length: 1000\r\n\r\n"
        waiting = [half_open(server, said) for said in (b"", b"GET / HTTP/1.1\r\n", body.encode() + b"x" * 999)]
        used = half_open(server, b"")
        head = "HEAD /procwidget/visit_status.js HTTP/1.1\r\nHost: localhost\r\n"
        ask = f"{head}Authorization: token {TOKEN}\r\n\r\n".encode()
        async with asyncio.timeout(PATIENCE):
            while not all(map(hung_up, waiting)):
                used.setblocking(True)
                used.sendall(ask)
                assert b"200 OK" in used.recv(65536)
                await asyncio.sleep(0.3)
                # Who reads what comes answers pings as well.
                await visitor.kernel_lives()
        visitor.leave()
        for connection in (*waiting, used):
            connection.close()

    asyncio.run(wait())


def test_a_visitor_who_does_not_read_is_let_go(spare):
    """What waits for one who takes nothing is bounded: then the connection ends, and the server's memory is free."""
    server = spare

    async def flood():
        kernel, cookie = server.visit()
        visitor = await Visitor.enter(server, kernel, cookie)
        control = await visitor.open_control()
        memory = psutil.Process(server.process.pid).memory_info
        before = memory().rss
        deaf = [silent_socket(server, kernel, cookie) for _ in range(2)]
        all_of_us = connections(server)
        await ask_until(visitor, control, {"method": "request_states"}, lambda: connections(server) <= all_of_us - 2)
        visitor.leave()
        for each in deaf:
            each.close()
        return memory().rss - before

    assert asyncio.run(flood()) < 80 * 2**20
    assert server.stop() == 0
