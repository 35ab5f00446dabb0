"""What the package needs: all of it is declared, and the widget does without what only the page needs."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
ONLY_PAGE = ("voila", "jupyter_server", "jupyterlab_server", "nbclient", "nbconvert", "nbformat")
"""What nothing else brings: tornado and jupyter_client come with ipykernel."""


def distributions(requirements):
    """The names of requirements, as package indexes compare them."""
    return {re.match(r"[\w.-]+", one)[0].lower().replace("_", "-") for one in requirements}


def imported(files):
    """The distributions of others that files import anywhere, with a file that does for each."""
    found = {}
    for file in files:
        for name in foreign_modules(file):
            for distribution in installed().get(name, [name]):
                found[distribution.lower().replace("_", "-")] = file.name
    return found


@cache
def installed():
    """The distributions that have each module of this environment, which takes seconds to find out."""
    return packages_distributions()


@cache
def foreign_modules(file):
    """The modules of others that a file imports anywhere, by the first part of their names."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return {name.partition(".")[0] for name in names} - {"procwidget", *sys.stdlib_module_names}


def run(code):
    """Run code in a Python that has none of the page's packages; returns what it printed and its exit code."""
    without = f"import sys; sys.modules.update(dict.fromkeys({ONLY_PAGE}))\n"
    result = subprocess.run([sys.executable, "-c", without + code], capture_output=True, text=True, timeout=120)
    return result.stdout, result.stderr, result.returncode


def test_every_import_is_declared():
    """What is imported directly is asked for directly: that another package brings it today is its own affair."""
    files = set((ROOT / "procwidget").rglob("*.py"))
    server = set((ROOT / "procwidget" / "server").rglob("*.py"))
    widget, page = distributions(PROJECT["dependencies"]), distributions(PROJECT["optional-dependencies"]["page"])
    gpu = distributions(PROJECT["optional-dependencies"]["gpu"])
    over_dask = ROOT / "procwidget" / "fleet" / "over_dask.py"
    files.remove(over_dask)
    assert imported([over_dask]).keys() == distributions(PROJECT["optional-dependencies"]["dask"])
    assert {name: file for name, file in imported(files - server).items() if name not in widget | gpu} == {}
    assert {name: file for name, file in imported(server).items() if name not in widget | page} == {}
    # ipykernel is where the widget lives, and what the page starts.
    assert (widget | page) - set(imported(files)) == {"ipykernel"}


def test_widget_works_without_the_page():
    """A notebook's user who has no Voilà and no Jupyter Server beside the kernel gets samples and a dashboard."""
    code = "import procwidget; d = procwidget.Dashboard(); print([d], len(procwidget.snapshot(top=3)['top_processes']))"
    out, err, exit_code = run(code + "; d.close()")
    assert (out, exit_code) == ("[<procwidget.Dashboard, live>] 3\n", 0), err


@pytest.mark.parametrize("arguments", [[], ["--port", "0", "--no-browser"]])
def test_command_says_how_to_get_the_page(arguments):
    """Where the page is missing, the command is one sentence that can be pasted, and no traceback."""
    out, err, exit_code = run(f"from procwidget.cli import main; sys.exit(main({arguments}))")
    assert (out, exit_code) == ("", 1)
    assert err == "procwidget: The page needs more than is installed here: pip install 'procwidget[page]'\n"


def test_samples_come_without_the_page():
    """`procwidget snapshot` needs none of it."""
    out, err, exit_code = run("from procwidget.cli import main; sys.exit(main(['snapshot', '--top', '3']))")
    assert (err, exit_code) == ("", 0)
    assert out.startswith("{")


def test_extension_needs_no_voila():
    """The JSON routes of a Jupyter Server: in an environment without the page, its own server is all they need."""
    code = (
        "import sys; sys.modules.update(voila=None)\nfrom procwidget.server.extension import json_routes\n"
        "print(len(json_routes('/')) > 0)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert (result.stdout, result.returncode) == ("True\n", 0), result.stderr
