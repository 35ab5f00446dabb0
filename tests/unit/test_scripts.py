"""How the widgets come by their scripts: as text, and under hot reload as files that are followed."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

CODE = (
    "from procwidget.views.summary import Summary; from procwidget.views.table import ProcessTable;"
    "print(*{type(getattr(one, name)).__name__ for one in (Summary, ProcessTable) for name in ('_esm', '_css')})"
)


@pytest.mark.parametrize(("hot", "kind"), [("0", "str"), ("1", "FileContents")])
def test_hot_reload_follows_the_bundles_and_nothing_else_does(hot, kind):
    """With ANYWIDGET_HMR=1 open views take each new bundle; without it none is followed."""
    environment = {**os.environ, "ANYWIDGET_HMR": hot}
    result = subprocess.run([sys.executable, "-c", CODE], env=environment, capture_output=True, text=True, timeout=120)
    assert (result.stdout, result.returncode) == (f"{kind}\n", 0), result.stderr
