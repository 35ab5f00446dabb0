"""Where the widgets' browser half comes from: the bundles in `static/`, which `npm run build` makes."""

from __future__ import annotations

import hashlib
import os
import uuid
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from procwidget.views import ipython_state

_STATIC = Path(__file__).parent / "static"
_NO_SCRIPT = "export default {};"
_FROM_FILE = """\
const address = new URL({address!r}, document.baseURI).href;
export default async () => {{
  const {{ default: made }} = await import(address);
  return typeof made === "function" ? made() : made;
}};
"""


def script_path(name: str) -> Path:
    """Return where a bundle is, such as "table.js"."""
    return _STATIC / name


def script_address(name: str) -> str:
    """Return where a served page has a bundle, relative to the page: other content has another address."""
    version = hashlib.sha256(script_path(name).read_bytes()).hexdigest()[:20]
    return f"procwidget/views/{name}?v={version}"


def script(name: str) -> str | Path:
    """Return a bundle as a widget class takes it for `_esm` or `_css`.

    It is the text: anywidget follows a path's changes, and what follows never lets go of a widget that was closed.
    With `ANYWIDGET_HMR=1`, for development, it is the path, so that open views take each new bundle. A served page
    loads the bundles as files, which its browser keeps, so there the models carry none; those of a fleet's page, whose
    dashboards come and go, say where theirs is.
    """
    served = ipython_state.served_options()
    if served is not None:
        if not name.endswith(".js"):
            return ""
        return _FROM_FILE.format(address=script_address(name)) if served.get("dask") else _NO_SCRIPT
    path = script_path(name)
    return path if os.environ.get("ANYWIDGET_HMR") == "1" else path.read_text(encoding="utf-8")


class ScriptedWidget(anywidget.AnyWidget):
    """A widget whose browser half is one of the bundles."""

    own_id = traitlets.Unicode().tag(sync=True)
    """The model's id: anywidget does not tell it a script, which needs it where it came late (slow_start.js)."""

    def __init__(self, **values: Any) -> None:
        own_id = uuid.uuid4().hex
        super().__init__(model_id=own_id, own_id=own_id, **values)
        # Keep the script out of what nbclient saves with a notebook that it runs, as nbconvert and papermill do. A
        # state that nbclient hears replaces the one before, whatever the message is for. Front ends look into messages
        # of this method for `content` alone, and there is none. Without a kernel the script has nothing to show.
        self.comm.send({"method": "custom", "content": {}, "state": {"_esm": _NO_SCRIPT, "_css": ""}})
