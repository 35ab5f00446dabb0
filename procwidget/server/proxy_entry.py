"""The page in JupyterLab's Launcher, behind Jupyter's own login, where jupyter-server-proxy is installed.

That starts `procwidget` at the first visit, and ends it with Jupyter. Only it knows the token, and brings it with each
request. This is called once, when a Jupyter Server starts.
"""

from __future__ import annotations

import importlib.util
import secrets
import socket
import sys
from pathlib import Path
from typing import Any

PATH = "process-monitor"
"""Where the page is below the Jupyter Server's address; the name of the entry point."""

_SLOW_START = 60


def entry() -> dict[str, Any]:
    """Return the entry as jupyter-server-proxy takes it; without what the page needs there is no tile."""
    token = secrets.token_hex(24)
    at_socket = hasattr(socket, "AF_UNIX")
    place = ["--unix-socket", "{unix_socket}"] if at_socket else ["--port", "{port}"]
    return {
        # -P: no modules from the directory in which Jupyter was started.
        "command": [
            *(sys.executable, "-P", "-m", "procwidget", "--quiet", "--no-browser", "--allow-frame", "self"),
            *("--base-url", "{base_url}" + PATH, *place),
        ],
        "environment": {"PROCWIDGET_TOKEN": token},
        "unix_socket": at_socket,
        "timeout": _SLOW_START,
        "absolute_url": True,
        # Jupyter has looked at these already, and its names for this machine are not ours.
        "request_headers_override": {
            "Authorization": f"token {token}",
            "Host": "localhost",
            "Origin": "http://localhost",
        },
        # An open page alone keeps no server of a JupyterHub awake.
        "update_last_activity": False,
        "new_browser_tab": False,
        "launcher_entry": {
            "enabled": importlib.util.find_spec("voila") is not None,
            "title": "Process monitor",
            "category": "Other",
            "icon_path": str(Path(__file__).parent / "static" / "icon.svg"),
        },
    }
