"""The Jupyter Server extension: adds the JSON routes to any Jupyter Server, and records its host if it is told to.

Installing the package puts a file into `etc/jupyter/jupyter_server_config.d` that enables it; `procwidget` itself
(`_jupyter_server_extension_points`) says that it is here. Main thread.
"""

from __future__ import annotations

import atexit
from typing import Any

from traitlets import Bool, Float, Unicode, Union
from traitlets.config import Configurable

from procwidget.errors import ProcwidgetError
from procwidget.recording.limits import KEEP, MAX_SIZE
from procwidget.server.cached_reader import Reader
from procwidget.server.routes import READER, json_routes


class Procwidget(Configurable):
    """What a Jupyter Server's configuration can say of procwidget, such as `c.Procwidget.record = True`."""

    record = Union([Bool(), Unicode()], default_value=False, config=True, help="True, or a folder: keep every reading.")
    keep = Unicode(KEEP, config=True, help="After which age recorded days are deleted.")
    max_size = Unicode(MAX_SIZE, config=True, help="How large all recorded days may be.")
    interval = Float(2.0, config=True, help="Seconds from reading to reading.")


def _load_jupyter_server_extension(server_app: Any) -> None:
    """Add the JSON routes to a Jupyter Server; nothing is read until one is asked, unless it is to record."""
    web_app = server_app.web_app
    web_app.settings[READER] = Reader()
    web_app.add_handlers(".*$", json_routes(web_app.settings["base_url"]))
    told = Procwidget(parent=server_app)
    if told.record is not False:
        _record(told, server_app.log)


def _record(told: Procwidget, log: Any) -> None:
    """Record until the server ends; what prevents that is no reason for the server not to start."""
    # Few record, and what it imports takes a while.
    from procwidget.server.recording import ServedRecording

    folder = None if told.record is True else str(told.record)
    try:
        recording = ServedRecording(folder, keep=told.keep, max_size=told.max_size, interval=told.interval)
    except ProcwidgetError as error:
        log.error("procwidget does not record: %s", error)
        return
    log.info("procwidget records into %s", recording.folder)
    atexit.register(recording.close)
