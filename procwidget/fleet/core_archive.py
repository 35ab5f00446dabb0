"""Packs what an agent needs of procwidget, for hosts that have none, or another version of it.

That is what `attached` imports, and what that imports, with no more of comments than it takes to keep each line where
it is. It is renamed in there, after its own content: on a host it is never mistaken for a procwidget that is installed,
nor for what another notebook's procwidget has sent. Python's standard library and psutil are all that it needs.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
import zlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

_HERE = Path(__file__).parent.parent
_ROOT = "procwidget.fleet.attached"
_NEVER = ("procwidget.views", "procwidget.server", "procwidget.jupyter", "procwidget.webhook")
_NOR = ("procwidget.recording.recorder", "procwidget.recording.recording", "procwidget.actions.from_python")
"""What some function imports that no agent calls."""

_IMPORT = re.compile(r"^(\s*(?:from|import) )procwidget\b", re.MULTILINE)


class CoreArchive(NamedTuple):
    """One package, called `name`; `digest` is that of its sources.

    `content` is JSON, compressed: whether each module is a package, and its source, by its name.
    """

    name: str
    digest: str
    content: bytes


@cache
def core_archive() -> CoreArchive:
    """Return the archive of this procwidget."""
    sources: dict[str, tuple[bool, str]] = {}
    wanted = [_ROOT]
    while wanted:
        module = wanted.pop()
        if module in sources or module.startswith((*_NEVER, *_NOR)) or (path := _path_of(module)) is None:
            continue
        text = path.read_text("utf-8")
        tree = ast.parse(text)
        sources[module] = path.name == "__init__.py", _bare(text, tree)
        wanted += [module.rpartition(".")[0], *_imported(tree)]
    digest = hashlib.sha256(json.dumps(sources, sort_keys=True).encode()).hexdigest()[:16]
    name = f"procwidget_{digest}"
    renamed = {
        module.replace("procwidget", name, 1): (package, _IMPORT.sub(rf"\1{name}", text))
        for module, (package, text) in sorted(sources.items())
    }
    return CoreArchive(name, digest, zlib.compress(json.dumps(renamed, separators=(",", ":")).encode("ascii"), 9))


def _path_of(module: str) -> Path | None:
    """Return the file of one of our modules; `None` for what is no module."""
    place = _HERE.parent.joinpath(*module.split("."))
    return next((path for path in (place.with_suffix(".py"), place / "__init__.py") if path.is_file()), None)


def _imported(node: ast.AST) -> Iterator[str]:
    """Yield the names of what a module imports of ours, anywhere in it but for its types alone."""
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                pass
            case ast.ImportFrom(module=str(module)) if module.startswith("procwidget"):
                yield from (module, *(f"{module}.{name.name}" for name in child.names))
            case ast.Import():
                yield from (name.name for name in child.names if name.name.startswith("procwidget"))
            case _:
                yield from _imported(child)


def _bare(text: str, tree: ast.Module) -> str:
    """Return a source without its docstrings and without the comments that have a line of their own."""
    lines = text.splitlines()
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant(value=str()), end_lineno=int(end)):
                # Something must stand there, where it is all that a function has.
                lines[node.lineno - 1 : end] = [" " * node.col_offset + '""'] + [""] * (end - node.lineno)
    strings = [node for node in ast.walk(tree) if isinstance(node, ast.Constant | ast.JoinedStr)]
    inside = {line for node in strings for line in range(node.lineno, (node.end_lineno or node.lineno))}
    return "\n".join(
        "" if at not in inside and line.lstrip().startswith("#") else line for at, line in enumerate(lines)
    )
