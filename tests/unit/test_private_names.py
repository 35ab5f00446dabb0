"""ARCHITECTURE.md's table of what we use of other libraries' insides: each stands in it, and its places are true."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "procwidget"
OTHERS = ("ipywidgets", "comm", "jupyter_server", "tornado", "voila", "anywidget", "bqplot", "IPython", "psutil")
PUBLIC = {"_make", "_replace", "_asdict", "_repr_mimebundle_", "_current_frames"}
"""Names that their libraries document in spite of the underscore."""


def rows():
    """The table: library, names, files and tests of each row."""
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8").partition("of others' insides")[2]
    for line in re.findall(r"^\| .*`.*$", text, re.MULTILINE):
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        yield cells[0], *(re.findall("`([^`]+)`", cell) for cell in (cells[1], cells[2], cells[4]))


def names_made(tree):
    """What is defined, or set on `self`, in a file."""
    defined = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    made = {node.name for node in ast.walk(tree) if isinstance(node, defined)}
    made |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    attributes = [
        node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    ]
    return made | {node.attr for node in attributes if isinstance(node.value, ast.Name) and node.value.id == "self"}


def private_names(tree, elsewhere):
    """The private names in a file that we did not make: what is asked of others, and methods put in their place.

    What our other files make, `elsewhere`, is ours.
    """
    made = names_made(tree) | elsewhere
    asked, replaced = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            asked.add(node.attr)
            if (
                isinstance(node.value, ast.Call)
                and isinstance(node.value.func, ast.Name)
                and node.value.func.id == "super"
            ):
                replaced.add(node.attr)
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] in OTHERS:
            asked |= {alias.name for alias in node.names} | set(node.module.split("."))
            replaced |= {alias.name for alias in node.names}
    return {name for name in (asked - made) | (replaced - elsewhere) if re.fullmatch("_[a-z][a-z_]*", name)} - PUBLIC


def test_every_private_name_stands_in_the_table():
    """Who uses another library's insides says so where the next one looks when a release breaks."""
    listed = {(name, file) for _, names, files, _ in rows() for name in names for file in files}
    trees = {file: ast.parse(file.read_text("utf-8")) for file in PACKAGE.rglob("*.py")}
    made = {file: names_made(tree) for file, tree in trees.items()}
    used = set()
    for file, tree in trees.items():
        elsewhere = set().union(*(names for other, names in made.items() if other != file))
        used |= {(name, file.relative_to(PACKAGE).as_posix()) for name in private_names(tree, elsewhere)}
    assert used - listed == set()


def test_every_place_in_the_table_is_true():
    """A name that moved or went, and a test that was renamed, would send the next one the wrong way."""
    table = list(rows())
    assert len(table) > 15
    for library, names, files, tests in table:
        for file in files:
            text = (PACKAGE / file).read_text("utf-8")
            assert [name for name in names if name not in text] == [], (library, file)
        assert tests and [test for test in tests if not (ROOT / test).is_file()] == [], library
