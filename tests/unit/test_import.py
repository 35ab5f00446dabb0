"""What `import procwidget` brings along, seen from a fresh interpreter."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere psutil reads the host")
@pytest.mark.parametrize("use", ["", "procwidget.snapshot()"])
def test_psutil_is_not_imported_on_linux(use: str) -> None:
    """Neither the import nor a reading needs it there, nor anything that draws."""
    code = f"import sys, procwidget; {use}\nprint(*{{'psutil', 'pandas', 'ipywidgets'}} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
