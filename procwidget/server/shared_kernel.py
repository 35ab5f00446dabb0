"""The one kernel behind all visitors, and what their pages may say to it. Event loop's thread.

A kernel of this server runs our own notebook and nothing else, with the interpreter that runs the server, without the
user's IPython and Jupyter configuration. No visitor ends it: it ends when nobody came for a while, or with the server.
"""

from __future__ import annotations

import asyncio
import math
import re
import sys
import time
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from jupyter_client.jsonutil import extract_dates
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel
from jupyter_core.utils import ensure_async
from jupyter_server._tz import utcnow
from jupyter_server.services.kernels.connection.base import deserialize_msg_from_ws_v1
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager

from procwidget.server.security import may_act
from procwidget.views.protocol import PAST_REQUESTS

KERNEL_NAME = "python3"

SIGN_OF_LIFE = 4.0
"""Seconds from one page's sign of life to the next one's that is passed on: pages show one each five."""

LOOKS = frozenset({"ack", "watch", "fields", "whole", "details", *PAST_REQUESTS, "search", "processes", "open"})
"""The messages of the page (docs/protocol.md) by which one only looks; the last three are those of a fleet."""

_MOST_COMMS = 64
_LONGEST_ID = 64
_LONGEST_HEADER = 4096
_VERSION = re.compile(r"5\.\d{1,2}")
_CONTROL_TARGET = "jupyter.widget.control"
_WIRE = "v1.kernel.websocket.jupyter.org"
_FEWEST_OFFSETS, _MOST_OFFSETS = 6, 64


class OwnInterpreter(KernelSpecManager):
    """Knows one kernel: this interpreter. What the user installed under the same name does not matter."""

    def find_kernel_specs(self) -> dict[str, str]:
        """Return the one kernel's name."""
        return {KERNEL_NAME: ""}

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Return how to start the kernel, or raise NoSuchKernel."""
        if kernel_name != KERNEL_NAME:
            raise NoSuchKernel(kernel_name)
        return KernelSpec(
            name=KERNEL_NAME,
            display_name="procwidget",
            language="python",
            argv=[
                *(sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"),
                # Not a module from the directory in which the command was given.
                "--IPKernelApp.ignore_cwd=True",
                "--HistoryManager.enabled=False",
                # Of each message it keeps a digest; by default of 65,536, which takes months to level out.
                "--Session.digest_history_size=1024",
                "--IPKernelApp.extra_extensions=procwidget.views.control_comm",
            ],
        )


class SharedKernel(AsyncMappingKernelManager):
    """Keeps one kernel, or none."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._lock = asyncio.Lock()
        self._start: asyncio.Future[str] | None = None
        self._heard: dict[object, float] = {}

    async def kernel_id(self, environment: Mapping[str, str]) -> str:
        """Return the id of the kernel that all visitors share; start it with `environment` if it does not run."""
        async with self._lock:
            for kernel_id in self.list_kernel_ids():
                kernel = self.get_kernel(kernel_id)
                if await ensure_async(kernel.is_alive()):
                    # A page on its way to the kernel is a visitor already: not the moment to end it for lack of any.
                    kernel.last_activity = utcnow()  # type: ignore[attr-defined]
                    return kernel_id
                self._handle_kernel_died(kernel_id)
            self._start = asyncio.ensure_future(self.start_kernel(kernel_name=KERNEL_NAME, env=dict(environment)))
            # A start that is broken off leaves a process that nobody knows: it goes on, also when we are cancelled.
            return await asyncio.shield(self._start)

    def take_sign_of_life(self, comm: object) -> bool:
        """Return whether the kernel should hear on `comm` that a page lives: one is good for all, and costs 2 ms."""
        now = time.monotonic()
        if now - self._heard.get(comm, -math.inf) < SIGN_OF_LIFE:
            return False
        if len(self._heard) >= _MOST_COMMS:
            self._heard.clear()
        self._heard[comm] = now
        return True

    async def close(self) -> None:
        """End the kernel, also one that is only just starting."""
        if self._start is not None:
            await asyncio.gather(self._start, return_exceptions=True)
        await self.shutdown_all(now=True)

    def _handle_kernel_died(self, kernel_id: str) -> None:
        if kernel_id not in self:
            return
        kernel = self.get_kernel(kernel_id)
        self.stop_watching_activity(kernel_id)
        super()._handle_kernel_died(kernel_id)
        self._kernel_connections.pop(kernel_id, None)
        kernel.cleanup_connection_file()
        kernel.cleanup_ipc_files()


class VisitorConnection(ZMQChannelsWebsocketConnection):
    """One page's way to the kernel: widget messages pass, all else is dropped.

    Voilà lets some more through, such as `shutdown_request` and the closing of any widget: right for a kernel of
    one's own, not for everybody's.
    """

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._control_comms: dict[str, None] = {}
        self._arrival: asyncio.Future[None] | None = None
        self._here = False
        # Of the request that became this WebSocket: nothing that comes on it can change who it is.
        self._acts = may_act(self.websocket_handler.current_user)

    async def prepare(self) -> None:
        """Get ready to connect, under a name that nobody else knows.

        The one that a page gives itself stands in its messages, for all visitors to see: who came with it would end
        that page's connection.
        """
        self.session.session = uuid.uuid4().hex
        await super().prepare()

    def connect(self) -> asyncio.Future[None] | None:  # type: ignore[override]
        """Connect the page to the kernel, and count it in."""
        self._here = True
        self._arrival = super().connect()
        return self._arrival

    def disconnect(self) -> None:  # type: ignore[override]
        """Let go of the kernel, if need be for the second time, or without ever having come to it."""
        if self._here:
            self._here = False
            if self._arrival is not None:
                self._arrival.cancel()
            super().disconnect()
            self.channels = {}
        self._open_sessions.pop(self.session_key, None)

    def create_stream(self) -> None:
        """Connect to the kernel, but only where visitors are heard and what it says to all.

        A kernel does not read its channel for input, where each connection of the past would stay in its memory.
        """
        for channel, connect in (
            ("iopub", self.kernel_manager.connect_iopub),
            ("shell", self.kernel_manager.connect_shell),
        ):
            self.channels[channel] = stream = connect(identity=self.session.bsession)
            stream.channel = channel

    def handle_incoming_message(self, incoming_msg: str | bytes) -> None:
        """Pass a message on to the kernel if a visitor may send it."""
        if self.channels and self.subprotocol == _WIRE and self._may_pass(incoming_msg):
            super().handle_incoming_message(incoming_msg)  # type: ignore[arg-type]

    def _may_pass(self, incoming: str | bytes) -> bool:
        try:
            if not _well_formed(incoming):
                return False
            channel, parts = deserialize_msg_from_ws_v1(incoming)
            # The kernel gives the newest header back with all that it sends, to everybody.
            if max(map(len, parts[:3])) > _LONGEST_HEADER:
                return False
            # Read as the kernel reads it, which logs what it cannot read, at length.
            header, parent, metadata, content = map(self.session.unpack, parts[:4])
            if channel != "shell" or not _is_sound(header, parent, metadata):
                return False
            kind, comm, target = header["msg_type"], content.get("comm_id"), content.get("target_name")
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
            return False
        if kind in ("comm_info_request", "kernel_info_request"):
            return True
        if not is_id(comm):
            return False
        if kind == "comm_open" and target == _CONTROL_TARGET:
            self._control_comms[comm] = None
            if len(self._control_comms) > _MOST_COMMS:
                del self._control_comms[next(iter(self._control_comms))]
            return True
        if kind == "comm_close" and comm in self._control_comms:
            del self._control_comms[comm]
            return True
        if kind == "comm_msg" and _is_sign_of_life(content):
            return bool(self.multi_kernel_manager.take_sign_of_life(comm))
        return bool(kind == "comm_msg") and (self._acts or _only_looks(content))


def is_id(text: object) -> bool:
    """Return whether `text` can be kept and logged as it is: pages send UUIDs."""
    return isinstance(text, str) and 0 < len(text) <= _LONGEST_ID and text.isprintable()


def _is_sound(header: dict[str, Any], parent: object, metadata: object) -> bool:
    extract_dates(parent)
    return (
        isinstance(parent, dict)
        and isinstance(metadata, dict)
        and is_id(header["msg_id"])
        and is_id(header["session"])
        and isinstance(extract_dates(header)["date"], datetime)
        and _VERSION.fullmatch(header["version"]) is not None
        # Visitors cannot make subshells, so none is theirs.
        and header.get("subshell_id") is None
    )


def _is_sign_of_life(content: dict[str, Any]) -> bool:
    match content.get("data"):
        case {"method": "custom", "content": {"type": "ack"}}:
            return True
    return False


def _only_looks(content: dict[str, Any]) -> bool:
    """Return whether a message to a widget asks for nothing but to see: all else is not for who came to look."""
    match content.get("data"):
        case {"method": "request_state" | "request_states"}:
            return True
        case {"method": "custom", "content": {"type": str(kind)}}:
            return kind in LOOKS
    return False


def _well_formed(incoming: str | bytes) -> bool:
    """Return whether a message's table of parts is one: Jupyter Server's reader believes whatever length it says.

    The table: the number of offsets, then the offsets of channel, header, parent, metadata, content, buffers and end,
    as 8 bytes each, little-endian.
    """
    if not isinstance(incoming, bytes):
        return False
    count = int.from_bytes(incoming[:8], "little")
    if not _FEWEST_OFFSETS <= count <= _MOST_OFFSETS:
        return False
    offsets = [int.from_bytes(incoming[8 * place : 8 * place + 8], "little") for place in range(1, count + 1)]
    return offsets == sorted(offsets) and offsets[-1] <= len(incoming)
