"""Visitors who do not take part: they answer no ping, or read nothing; the server stays well for the others."""

from __future__ import annotations

import asyncio
import base64
import os
import socket
import uuid

import psutil

from tests.patience import PATIENCE
from tests.server.visitor import WIRE, Visitor

QUICK_PINGS = """
import sys
from procwidget.server import page_server
from jupyter_server.base.websocket import WebSocketMixin
page_server.PING_MILLISECONDS = 300
WebSocketMixin.ping_timeout = 1000
from procwidget.cli import main
sys.exit(main())
"""


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


async def ask_until(visitor, table, message, done):
    """Send a message again and again, reading what comes, until `done()`."""
    async with asyncio.timeout(PATIENCE):
        while not done():
            for _ in range(20):
                await visitor.send("comm_msg", {"comm_id": table, "data": message})
            await visitor.kernel_lives()


def test_a_visitor_whose_network_is_cut_costs_the_others_nothing(start):
    """No answer to pings: the connection is given up, while frames go on to who still watches."""
    server = start("--interval", "0.5", program=QUICK_PINGS)

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
    assert server.stop() == 0


def test_a_visitor_who_does_not_read_is_let_go(spare):
    """What waits for one who takes nothing is bounded: then the connection ends, and the server's memory is free."""
    server = spare

    async def flood():
        kernel, cookie = server.visit()
        visitor = await Visitor.enter(server, kernel, cookie)
        table = await table_of(visitor)
        memory = psutil.Process(server.process.pid).memory_info
        before = memory().rss
        deaf = [silent_socket(server, kernel, cookie) for _ in range(2)]
        all_of_us = connections(server)
        await ask_until(visitor, table, {"method": "request_state"}, lambda: connections(server) <= all_of_us - 2)
        visitor.leave()
        for each in deaf:
            each.close()
        return memory().rss - before

    assert asyncio.run(flood()) < 80 * 2**20
    assert server.stop() == 0
