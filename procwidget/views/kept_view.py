"""How a user arranged the table, kept in a file of that user: the next notebook begins so, in whatever browser.

A served page keeps it in each visitor's browser instead, for all visitors have one kernel. The file is read when a
dashboard is made and written by a request's thread; without a place for it nothing is kept.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from procwidget.errors import InvalidArgument, SourceUnavailable
from procwidget.recording.folder import state_folder

KEYS = frozenset({"sort", "columns", "widths", "ofMachine", "kind", "kernelThreads", "panels", "place", "mine"})
"""What is kept, as js/layout/my_view.js calls it; the browser checks what each of these is."""

_MOST = 16_384


def load() -> dict[str, Any]:
    """Return what this user chose before; nothing where there is no file, or one that is no such file."""
    try:
        with _path().open("rb") as file:
            mine = not hasattr(os, "getuid") or os.fstat(file.fileno()).st_uid == os.getuid()
            return _checked(json.loads(file.read(_MOST + 1))) if mine else {}
    except (OSError, ValueError, RecursionError, InvalidArgument):
        return {}


def keep(chosen: object) -> dict[str, Any]:
    """Keep what a user chose, instead of what was kept before, and return it; without any, the file is deleted.

    Raises:
        InvalidArgument: it is too much, or nothing that a table can be arranged by.
        SourceUnavailable: the file cannot be written.
    """
    kept = _checked(chosen)
    text, path = json.dumps(kept), _path()
    try:
        if not kept:
            path.unlink(missing_ok=True)
            return kept
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Another kernel may read it at any moment: it is the old one or the new one.
        handle, name = tempfile.mkstemp(dir=path.parent, prefix="view-")
        try:
            with open(handle, "w", encoding="utf-8") as file:
                file.write(text)
            os.replace(name, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(name)
            raise
    except OSError as error:
        raise SourceUnavailable(f"Your view cannot be kept in {path}: {error.strerror}.") from error
    return kept


def _path() -> Path:
    return state_folder() / "view.json"


def _checked(chosen: object) -> dict[str, Any]:
    if not isinstance(chosen, dict):
        raise InvalidArgument("A view is an object.")
    kept = {key: value for key, value in chosen.items() if key in KEYS}
    try:
        size = len(json.dumps(kept, allow_nan=False))
    except (RecursionError, ValueError):
        size = _MOST + 1
    if size > _MOST:
        raise InvalidArgument(f"A view may take {_MOST} bytes as JSON at most, and its numbers must be finite.")
    return kept
