"""Has the kernels of a Jupyter Server watched: how they end, and why. On its event loop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tornado.ioloop import PeriodicCallback

from procwidget.jupyter.death_log import DeathLog
from procwidget.jupyter.kernel_watch import EVERY, KernelWatch
from procwidget.jupyter.notebook_socket import Answer
from procwidget.jupyter.notebooks import ServerNotebooks

_ACTIONS = "https://events.jupyter.org/jupyter_server/kernel_actions/v1"


def watch_kernels(server_app: Any, notebooks: ServerNotebooks, log: DeathLog) -> KernelWatch:
    """Watch the kernels of a `ServerApp` whose event loop runs, and keep in `log` how they end."""

    async def name_of(kernel_id: str) -> tuple[str, str] | None:
        notebook = (await notebooks.refresh()).get(kernel_id)
        return notebook and (notebook.name, notebook.path)

    watch = KernelWatch(server_app.kernel_manager, log, name_of)
    PeriodicCallback(watch.tick, EVERY * 1000).start()

    async def hear(logger: object, schema_id: str, data: dict[str, Any]) -> None:
        # A first cell may run before the next tick.
        if data.get("action") in ("start", "restart") and isinstance(data.get("kernel_id"), str):
            watch.adopt(data["kernel_id"])

    events = getattr(server_app, "event_logger", None)
    if events is not None:
        events.add_listener(schema_id=_ACTIONS, listener=hear)
    return watch


def cells_answer(watch: KernelWatch, notebooks: ServerNotebooks) -> Answer:
    """Return what answers what cells cost."""

    async def answer(_question: Mapping[str, Any]) -> dict[str, Any]:
        names = {kernel: notebook.name for kernel, notebook in (await notebooks.refresh()).items()}
        return {"cells": [{**cost, "notebook": names.get(cost["kernel"] or "")} for cost in tuple(watch.costs)]}

    return answer
