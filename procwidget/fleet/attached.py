"""Attaches an agent to a nanny of Dask, or to a worker that has none: their requests go to it, and its rows to them.

This runs on the hosts, in what the plugins of `over_dask` load there. Nothing of Dask is imported: it gets its objects.
All nannies of one process share one agent, and each answers for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from procwidget.fleet.agent import Agent
from procwidget.fleet.failure import packed_failure
from procwidget.fleet.requests import answer

LONGEST_WAIT = 20.0
"""Seconds for which a request for the next reading waits at most."""

_agents: dict[str, _Attached] = {}
"""By the address of the scheduler: one process may serve several clusters."""


class _Attached:
    """An agent and who carries its rows."""

    def __init__(self, topic: str, note: str, make: Callable[..., Agent]) -> None:
        self.topic = topic
        self.carriers: list[Any] = []
        self.agent = make(self.publish, note=note)
        self.agent.own_cluster = self.pids

    def publish(self, message: dict[str, Any]) -> None:
        """Send a row; in the poller's thread. One carrier is enough, and the first may be about to end."""
        for carrier in self.carriers:
            if carrier.status.name == "running":
                carrier.loop.add_callback(carrier.log_event, self.topic, message)
                return

    def pids(self) -> list[int]:
        """Return the pids of the workers that these nannies run."""
        processes = (getattr(carrier, "process", None) for carrier in self.carriers)
        return [process.pid for process in processes if process is not None and getattr(process, "pid", None)]


def attach(carrier: Any, operation: str, note: str, make: Callable[..., Agent] = Agent) -> None:
    """Have a nanny or worker answer for the agent of this process.

    Args:
        carrier: a `distributed.Nanny` or `Worker`.
        operation: what requests are called, and the topic of rows.
        note: what is to be known of an agent in such a place.
        make: makes the agent.
    """
    address = carrier.scheduler.address if hasattr(carrier.scheduler, "address") else str(carrier.scheduler_addr)
    attached = _agents.get(address)
    if attached is None:
        attached = _agents[address] = _Attached(operation, note, make)
    if carrier not in attached.carriers:
        attached.carriers.append(carrier)

    async def handle(request: Any = None) -> Any:
        if not isinstance(request, dict):
            return None
        if request.get("do") in ("table", "past"):
            try:
                return await _stream(attached.agent, request)
            except Exception as error:
                return packed_failure(error)
        return await asyncio.to_thread(answer, attached.agent, request)

    carrier.handlers[operation] = handle


def detach(carrier: Any, operation: str) -> None:
    """Have it answer no more; with the last one the agent ends."""
    carrier.handlers.pop(operation, None)
    for address, attached in list(_agents.items()):
        if carrier in attached.carriers:
            attached.carriers.remove(carrier)
            if not attached.carriers:
                del _agents[address]
                attached.agent.close()


async def _stream(agent: Agent, request: dict[str, Any]) -> Any:
    """Answer a request for the next reading when there is one, or for those that are remembered at once."""
    agent.require(request.get("key"))
    if request["do"] == "past":
        return await asyncio.to_thread(agent.past)
    since = request.get("since")
    since = since if isinstance(since, int) else 0
    wanted, in_sight = (tuple(map(str, request.get(key) or ())) for key in ("wanted", "in_sight"))
    who = str(request.get("who"))[:64]
    # It starts a thread where nobody looked before.
    await asyncio.to_thread(agent.look, who, request.get("interval"), wanted, in_sight)
    if not agent.has_news(since):
        loop, came = asyncio.get_running_loop(), asyncio.Event()
        agent.call_at_news(lambda: loop.call_soon_threadsafe(came.set))
        if not agent.has_news(since):
            try:
                await asyncio.wait_for(came.wait(), LONGEST_WAIT)
            except TimeoutError:
                return None
    return await asyncio.to_thread(agent.table, since)
