"""The Jupyter Server extension, on the event loop's thread: JSON routes, and the names of notebooks for dashboards.

Installing the package puts a file into `etc/jupyter/jupyter_server_config.d` that enables it; `procwidget` itself
(`_jupyter_server_extension_points`) says that it is here.
"""

from __future__ import annotations

from typing import Any

from procwidget.jupyter.answers import Answers
from procwidget.jupyter.notebooks import ServerNotebooks
from procwidget.server.cached_reader import Reader
from procwidget.server.routes import READER, json_routes

NOTEBOOKS = "procwidget_notebooks"
"""The key of the server's `ServerNotebooks` in its settings."""


def _load_jupyter_server_extension(server_app: Any) -> None:
    """Add both to a Jupyter Server; nothing is read until somebody asks."""
    web_app = server_app.web_app
    web_app.settings[READER] = Reader()
    notebooks = web_app.settings[NOTEBOOKS] = ServerNotebooks.of_server(server_app)
    server_app.io_loop.add_callback(Answers(notebooks).listen)
    web_app.add_handlers(".*$", json_routes(web_app.settings["base_url"]))
