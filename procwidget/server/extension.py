"""The Jupyter Server extension: adds the JSON routes to any Jupyter Server, on its event loop's thread.

Installing the package puts a file into `etc/jupyter/jupyter_server_config.d` that enables it; `procwidget` itself
(`_jupyter_server_extension_points`) says that it is here.
"""

from __future__ import annotations

from typing import Any

from procwidget.server.cached_reader import Reader
from procwidget.server.kernels import watch_kernels
from procwidget.server.routes import READER, json_routes


def _load_jupyter_server_extension(server_app: Any) -> None:
    """Add the JSON routes to a Jupyter Server; but for its own kernels nothing is read until one is asked."""
    web_app = server_app.web_app
    web_app.settings[READER] = Reader()
    watch_kernels(server_app)
    web_app.add_handlers(".*$", json_routes(web_app.settings["base_url"]))
