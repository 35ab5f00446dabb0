"""Where the widgets' browser half comes from: the bundles in `static/`, which `npm run build` makes."""

from __future__ import annotations

import os
from pathlib import Path

_STATIC = Path(__file__).parent / "static"


def script(name: str) -> str | Path:
    """Return a bundle, such as "table.js", as a widget class takes it for `_esm` or `_css`.

    It is the text: anywidget follows a path's changes, and what follows never lets go of a widget that was closed.
    With `ANYWIDGET_HMR=1`, for development, it is the path, so that open views take each new bundle.
    """
    path = _STATIC / name
    return path if os.environ.get("ANYWIDGET_HMR") == "1" else path.read_text(encoding="utf-8")
