"""A visitor without a browser: Jupyter's messages enter and leave over a real WebSocket, as with the page."""

from __future__ import annotations

import asyncio
import json
import socket
import uuid
from urllib.parse import quote

from jupyter_server.services.kernels.connection.base import deserialize_msg_from_ws_v1, serialize_msg_to_ws_v1
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from tests.patience import PATIENCE

WIRE = "v1.kernel.websocket.jupyter.org"
HANDSHAKE = {
    "Connection": "keep-alive, Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
"""What a request has that asks for a WebSocket."""


def half_open(server, said=b"GET / HTTP/1.1\r\nHost: localhost\r\n"):
    """A connection on which somebody began to ask, and waits."""
    connection = socket.socket()
    # So that the system takes little that nobody reads.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(PATIENCE)
    connection.connect(("127.0.0.1", server.port))
    connection.sendall(said)
    return connection


class Visitor:
    """One open page's connection to its kernel."""

    def __init__(self, socket):
        self.socket = socket

    @classmethod
    async def enter(cls, server, kernel_id, cookie, session=None):
        """Connect as the page does: with the cookie, our origin and a session's id of its own."""
        path = f"{server.base_url}api/kernels/{kernel_id}/channels?session_id={quote(session or str(uuid.uuid4()))}"
        request = HTTPRequest(
            f"ws://127.0.0.1:{server.port}{path}",
            headers={"Cookie": cookie, "Origin": f"http://127.0.0.1:{server.port}"},
        )
        return cls(await websocket_connect(request, subprotocols=[WIRE]))

    async def send(self, kind, content, *, header=None, parent=None, metadata=None, channel="shell"):
        """Send a message and return its id; `header` has what is not as a page has it."""
        header = {
            "msg_id": uuid.uuid4().hex,
            "msg_type": kind,
            "session": uuid.uuid4().hex,
            "username": "",
            "date": "2026-01-01T00:00:00Z",
            "version": "5.4",
        } | (header or {})
        parent, metadata = ({} if part is None else part for part in (parent, metadata))
        parts = [json.dumps(part).encode() for part in (header, parent, metadata, content)]
        await self.socket.write_message(serialize_msg_to_ws_v1(parts, channel), binary=True)
        return header["msg_id"]

    async def until(self, wanted, seconds=PATIENCE):
        """Return the first message for which `wanted(kind, parent id, content)` is true."""
        async with asyncio.timeout(seconds):
            while True:
                raw = await self.socket.read_message()
                assert raw is not None, "the server closed the connection"
                _, parts = deserialize_msg_from_ws_v1(raw)
                header, parent, _, content = map(json.loads, parts[:4])
                if wanted(header["msg_type"], parent.get("msg_id"), content):
                    return content

    async def reply(self, kind, request):
        """Return the reply of this kind to the request."""
        return await self.until(lambda got, parent, _: got == kind and parent == request)

    async def kernel_lives(self):
        """Ask the kernel something, and fail unless it answers."""
        return await self.reply("kernel_info_reply", await self.send("kernel_info_request", {}))

    async def open_control(self):
        """Open the page's control comm and return its id."""
        comm = uuid.uuid4().hex
        content = {"comm_id": comm, "target_name": "jupyter.widget.control", "data": {}}
        await self.send("comm_open", content, metadata={"version": "1.0.0"})
        return comm

    async def ask_states(self, comm):
        """Ask for all widgets' states on a control comm."""
        await self.send("comm_msg", {"comm_id": comm, "data": {"method": "request_states"}})

    async def states(self, comm):
        """Return the states that come on this control comm."""
        content = await self.until(lambda kind, _, content: kind == "comm_msg" and content["comm_id"] == comm)
        return content["data"]["states"]

    def leave(self):
        """Close the connection, as a browser does when its tab goes."""
        self.socket.close()
