"""The one kernel behind all visitors: pages and their messages enter, the kernel's figures leave; event loop's thread.

A kernel of this server runs our own notebook and nothing else, with the interpreter that runs the server, without the
user's IPython and Jupyter configuration. No visitor ends it: it ends when nobody came for a while, or with the server.
"""

from __future__ import annotations

import asyncio
import json
import math
import sys
import time
from collections.abc import Mapping
from typing import Any

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel
from jupyter_core.utils import ensure_async
from jupyter_server._tz import utcnow
from jupyter_server.services.kernels.connection.base import deserialize_msg_from_ws_v1
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager

KERNEL_NAME = "python3"

SIGN_OF_LIFE = 4.0
"""Seconds from one page's sign of life to the next one's that is passed on: pages show one each five."""

_MOST_COMMS = 64
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
                "--IPKernelApp.extra_extensions=procwidget.server.visitors",
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
        self._control_comms: set[str] = set()

    def handle_incoming_message(self, incoming_msg: str | bytes) -> None:
        """Pass a message on to the kernel if a visitor may send it."""
        if self.channels and self.subprotocol == _WIRE and self._may_pass(incoming_msg):
            super().handle_incoming_message(incoming_msg)  # type: ignore[arg-type]

    def _may_pass(self, incoming: str | bytes) -> bool:
        try:
            if not _well_formed(incoming):
                return False
            channel, (header, _parent, _metadata, content, *_buffers) = deserialize_msg_from_ws_v1(incoming)
            kind, content = json.loads(header)["msg_type"], json.loads(content)
            comm = content.get("comm_id")
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
            return False
        if channel != "shell":
            return False
        if kind == "comm_open" and content.get("target_name") == _CONTROL_TARGET and isinstance(comm, str):
            self._control_comms.add(comm)
            return True
        if kind == "comm_close" and isinstance(comm, str) and comm in self._control_comms:
            self._control_comms.remove(comm)
            return True
        if kind == "comm_msg" and isinstance(comm, str) and _is_sign_of_life(content):
            return bool(self.multi_kernel_manager.take_sign_of_life(comm))
        return kind in ("comm_msg", "comm_info_request", "kernel_info_request")


def _is_sign_of_life(content: dict[str, Any]) -> bool:
    match content.get("data"):
        case {"method": "custom", "content": {"type": "ack"}}:
            return True
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
