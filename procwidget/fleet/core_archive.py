"""Packs what an agent needs of procwidget into a zip, for hosts that have none, or another version of it.

It is renamed in there, after its own content: on a host it is never mistaken for a procwidget that is installed, nor
for what another notebook's procwidget has sent. Python's standard library and psutil are all that it needs.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from functools import cache
from pathlib import Path
from typing import NamedTuple

_HERE = Path(__file__).parent.parent
_NOT_THERE = ("views", "server")
_NOR = ("cli.py", "__main__.py", "record_commands.py", "fleet/over_dask.py")
_IMPORT = re.compile(r"^(\s*(?:from|import) )procwidget\b", re.MULTILINE)


class CoreArchive(NamedTuple):
    """A zip with one package, called `name`; `digest` is that of its sources."""

    name: str
    digest: str
    content: bytes


@cache
def core_archive() -> CoreArchive:
    """Return the archive of this procwidget."""
    sources = {}
    for path in sorted(_HERE.rglob("*.py")):
        place = path.relative_to(_HERE).as_posix()
        if not place.startswith(_NOT_THERE) and place not in _NOR:
            sources[place] = path.read_text("utf-8")
    digest = hashlib.sha256("\0".join(f"{place}\0{text}" for place, text in sources.items()).encode()).hexdigest()[:16]
    name = f"procwidget_{digest}"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, text in sources.items():
            archive.writestr(f"{name}/{place}", _IMPORT.sub(rf"\1{name}", text))
    return CoreArchive(name, digest, buffer.getvalue())
