"""Makes the HTML that every visitor gets, by running our notebook in the kernel. Event loop's thread.

The notebook runs once for each kernel, not for each visitor: model ids and kernel are the same for all of them, so the
page is too. Whoever comes second waits for nothing but their own browser.
"""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from jinja2 import Environment
from jupyter_core.utils import ensure_async
from nbclient.client import NotebookClient
from nbclient.exceptions import CellExecutionError
from voila.utils import get_page_config

from procwidget import errors
from procwidget.errors import SourceUnavailable
from procwidget.views.page_parts import PARTS
from procwidget.views.scripts import script_address

_HERE = Path(__file__).parent
_TEMPLATE = Environment(autoescape=True).from_string((_HERE / "templates" / "index.html.j2").read_text("utf-8"))
_FLEET = "from procwidget.views.served_fleet import served_fleet\n\nserved_fleet()"
"""The notebook's one cell where the page shows the hosts of a cluster."""
VIEWS = ("summary", "table", "fleet")
"""The widgets with a script and styles of ours, which the page has as files."""
LONGEST_START = 60
"""Seconds that the kernel, and each cell, may take."""


def notebook_path() -> Path:
    """Return the dashboard's notebook: a wheel carries it next to this file, a checkout has it in `notebooks/`."""
    packaged = _HERE / "dashboard.ipynb"
    return packaged if packaged.exists() else _HERE.parents[1] / "notebooks" / "dashboard.ipynb"


@dataclass(frozen=True)
class Rendered:
    """The page as one kernel made it."""

    kernel_id: str
    html: str


class Page:
    """Renders the dashboard's page, once for each kernel.

    Args:
        app: the page's server, a `voila.app.Voila` with its settings made.
        notebook: the file to serve.
        environment: what the kernel gets.
    """

    def __init__(self, app: Any, notebook: Path, environment: dict[str, str]) -> None:
        self._app = app
        self._path = notebook
        self._environment = environment
        self._rendered: Rendered | None = None
        self._rendering = asyncio.Lock()

    async def render(self) -> Rendered:
        """Return the page for the kernel that runs; starts one and runs the notebook if there is none.

        Raises:
            SourceUnavailable: the kernel does not start or the notebook fails; the message says why.
        """
        async with self._rendering:
            kernels = self._app.kernel_manager
            try:
                kernel_id = await kernels.kernel_id(self._environment)
            except (OSError, RuntimeError) as error:
                raise SourceUnavailable(f"The dashboard's kernel could not start: {error}.") from error
            if self._rendered is None or self._rendered.kernel_id != kernel_id:
                # Whoever waits for the page is a visitor: the kernel must not end for lack of any meanwhile.
                kernels.notify_connect(kernel_id)
                try:
                    self._rendered = Rendered(kernel_id, await self._html(kernel_id))
                except (CellExecutionError, RuntimeError, TimeoutError) as error:
                    # A kernel with half a dashboard in it serves nobody: the next visitor gets a new one.
                    if kernel_id in kernels:
                        await ensure_async(kernels.shutdown_kernel(kernel_id, now=True))
                    raise SourceUnavailable(f"The dashboard could not start: {_reason(error).rstrip('.')}.") from error
                finally:
                    kernels.notify_disconnect(kernel_id)
            return self._rendered

    async def _html(self, kernel_id: str) -> str:
        notebook = await self._run(kernel_id)
        base_url, theme = self._app.base_url, self._app.options.theme
        config = get_page_config(
            base_url=base_url,
            settings=self._app.app.settings,
            log=self._app.log,
            voila_configuration=self._app.voila_configuration,
        )
        config |= {"jupyterLabTheme": self._app.voila_configuration.theme, "kernelId": kernel_id}
        parts = _parts(notebook)
        fleet = self._app.options.dask is not None
        # The dashboards of a fleet's hosts come later: their scripts must be there, for anywidget waits 2 s at most.
        scripts = {name: base_url + script_address(f"{name}.js") for name in VIEWS if fleet or name in parts}
        for name in parts.keys() & scripts.keys():
            parts[name]["script"] = scripts[name]
        modules = ("start_fleet", "load") if fleet else ("start", "load", "websocket", "model", "hand_over")
        return _TEMPLATE.render(
            title=self._title(),
            base_url=base_url,
            theme=theme,
            config=config,
            parts=parts,
            styles=[base_url + script_address(f"{name}.css") for name in scripts],
            modules=[*(f"{base_url}procwidget/{name}.js" for name in modules), *scripts.values()],
        )

    def _title(self) -> str:
        options = self._app.options
        if options.dask is not None:
            return f"Hosts of {options.dask}"
        if options.replay is not None:
            return f"Recording {Path(options.replay).name}"
        return f"procwidget on {socket.gethostname()}"

    async def _run(self, kernel_id: str) -> nbformat.NotebookNode:
        if self._app.options.dask is not None:
            notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(_FLEET)])
        else:
            notebook = nbformat.read(self._path, as_version=4)
        kernel = self._app.kernel_manager.get_kernel(kernel_id)
        client = NotebookClient(notebook, km=kernel, timeout=LONGEST_START, startup_timeout=LONGEST_START)
        # Cell by cell, not `async_execute`: that one takes over the process's signal handlers.
        try:
            await client.async_start_new_kernel_client()
            for index, cell in enumerate(notebook.cells):
                await client.async_execute_cell(cell, index, store_history=False)
        finally:
            if client.kc is not None:
                client.kc.stop_channels()
        return notebook


def _reason(error: Exception) -> str:
    """Return why a notebook failed; an error of ours is a sentence already."""
    if not isinstance(error, CellExecutionError):
        return str(error)
    ours = isinstance(getattr(errors, error.ename, None), type)
    return str(error.evalue) if ours else f"{error.ename}: {error.evalue}"


def _parts(notebook: nbformat.NotebookNode) -> dict[str, Any]:
    """Return what the dashboard says of its parts: see `procwidget.views.page_parts`."""
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            if PARTS in output.get("data", {}):
                return dict(output["data"][PARTS])
    raise RuntimeError("its notebook shows none")
