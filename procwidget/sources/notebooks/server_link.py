"""Asks the Jupyter Server that started a kernel what it knows, where procwidget is installed there too.

The server listens on a Unix socket of Linux's abstract namespace, named after its pid and pid namespace; nothing of it
is in any file, and no token is needed: each side has the kernel tell who the other is, and talks to processes of its
own user alone. A question and its answer are a line of JSON each. May wait, for `PATIENCE` at most.
"""

from __future__ import annotations

import json
import os
import socket
import struct
import time
from typing import Any

PATIENCE = 3.0
"""Seconds that a server has to answer."""

MOST_BYTES = 2**20
"""How long a line may be."""

_CREDENTIALS = struct.Struct("iII")


def address_of(pid: int) -> str:
    """Return the address that the server with this pid listens at.

    Raises:
        OSError: this system has no such addresses.
    """
    namespace = os.stat("/proc/self/ns/pid").st_ino
    return f"\0procwidget/{namespace}/{pid}"


def peer_of(connection: socket.socket) -> tuple[int, int]:
    """Return the pid and the user id of the other side, as the kernel tells them, unix(7)."""
    told = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    pid, uid, _ = _CREDENTIALS.unpack(told)
    return pid, uid


def ask_server(pid: int, question: dict[str, Any], patience: float = PATIENCE) -> dict[str, Any]:
    """Return what the server with this pid answers.

    Raises:
        OSError: there is no server of this user with procwidget there, or it does not answer in time.
        ValueError: its answer makes no sense.
    """
    until = time.monotonic() + patience
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(patience)
        connection.connect(address_of(pid))
        if peer_of(connection) != (pid, os.geteuid()):
            raise PermissionError("somebody else listens there")
        connection.sendall(json.dumps(question).encode() + b"\n")
        answer = bytearray()
        while not answer.endswith(b"\n"):
            connection.settimeout(max(0.01, until - time.monotonic()))
            part = connection.recv(65536)
            answer += part
            if not part or len(answer) > MOST_BYTES:
                raise ValueError("the server's answer is not whole")
    told = json.loads(answer)
    if not isinstance(told, dict):
        raise ValueError("the server's answer is none")
    return told
