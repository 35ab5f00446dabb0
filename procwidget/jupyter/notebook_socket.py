"""Answers this user's processes on this host: which notebooks a Jupyter Server has; and does to kernels as it is told.

It takes other questions too, those that parts of the server `add`. It is named after the first that there was.
`procwidget.sources.notebooks.server_link` asks. A process of another user gets no answer: the kernel says who asks.
On the server's event loop; where nobody asks nothing happens.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from procwidget.jupyter.notebooks import ServerNotebooks
from procwidget.sources.notebooks.server_link import MOST_BYTES, address_of, peer_of

_PATIENCE = 5.0
"""Seconds that whoever connects has to ask."""

_log = logging.getLogger("procwidget")

Answer = Callable[[Mapping[str, Any]], Awaitable[dict[str, Any]]]


class Answers:
    """Listens for questions of this user's processes.

    Args:
        notebooks: what is known of the server's kernels.
    """

    def __init__(self, notebooks: ServerNotebooks) -> None:
        self._notebooks = notebooks
        self._questions: dict[str, Answer] = {
            "notebooks": self._say_notebooks,
            **dict.fromkeys(("interrupt", "restart", "shutdown"), self._act),
        }
        self._server: asyncio.Server | None = None

    def add(self, question: str, answer: Answer) -> None:
        """Answer one more question."""
        self._questions[question] = answer

    async def listen(self) -> None:
        """Begin; where this system has no such sockets, or somebody listens already, nobody is answered."""
        if not hasattr(socket, "SO_PEERCRED"):
            return
        try:
            address = address_of(os.getpid())
            self._server = await asyncio.start_unix_server(self._serve, address, limit=MOST_BYTES)
        except OSError as error:
            _log.info("procwidget cannot tell dashboards the names of this server's notebooks: %s", error)

    async def close(self) -> None:
        """End."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if peer_of(writer.get_extra_info("socket"))[1] != os.geteuid():
                return
            question = json.loads(await asyncio.wait_for(reader.readline(), _PATIENCE))
            writer.write(json.dumps(await self._answer(question)).encode() + b"\n")
            await asyncio.wait_for(writer.drain(), _PATIENCE)
        except (OSError, ValueError, TimeoutError):
            pass  # whoever asked nonsense, or went away, gets no answer
        finally:
            writer.close()

    async def _answer(self, question: Any) -> dict[str, Any]:
        asked = question.get("ask") if isinstance(question, dict) else None
        answer = self._questions.get(asked) if isinstance(asked, str) else None
        if answer is None:
            return {"error": "There is no such question."}
        try:
            return await answer(question)
        except Exception as error:
            _log.exception("procwidget could not answer a question about a kernel")
            return {"error": f"The server could not do this: {error}"}

    async def _say_notebooks(self, _question: Mapping[str, Any]) -> dict[str, Any]:
        known = await self._notebooks.refresh()
        return {"notebooks": {kernel: notebook._asdict() for kernel, notebook in known.items()}}

    async def _act(self, question: Mapping[str, Any]) -> dict[str, Any]:
        kernel, pid, act = question.get("kernel"), question.get("pid"), question["ask"]
        # Who asks holds that process; a kernel that was restarted since is another.
        if not isinstance(kernel, str) or not isinstance(pid, int) or self._notebooks.pid_of(kernel) != pid:
            return {"error": "its server has no such kernel, or has restarted it since"}
        _log.info("procwidget is asked to %s kernel %s (%d)", act, kernel, pid)
        await self._notebooks.act(act, kernel)
        return {"done": True}
