"""What the page's server leaves out of what it imports."""

from __future__ import annotations

import subprocess
import sys


def test_the_server_reads_no_grammar_as_it_starts() -> None:
    """Jupyter Server's grammar of addresses takes 2 s to read, and nothing here needs it: the server does without."""
    code = (
        "import sys; from procwidget.server.skipped_imports import leave_out; leave_out();"
        "import procwidget.server.page_server;"
        "print('lark' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False"]


def test_what_is_imported_already_stays() -> None:
    """Whoever needs it for something else keeps it."""
    code = (
        "import sys, types; theirs = sys.modules['rfc3987_syntax'] = types.ModuleType('rfc3987_syntax');"
        "from procwidget.server.skipped_imports import leave_out; leave_out();"
        "print(sys.modules['rfc3987_syntax'] is theirs)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True"]
