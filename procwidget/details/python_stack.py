"""Where a Python process is just now, thread by thread: for one that hangs, or takes longer than it should.

This very process is asked by itself; another one is read by py-spy, where it is installed, and only if it runs as the
same user. py-spy is told not to stop the process, so what it says of a thread that runs may be a moment old. Local
variables are not read. It may take seconds: called in a thread that may wait.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator
from typing import Any

from procwidget.clean_text import clean_text
from procwidget.details.read import read_identity
from procwidget.errors import SourceUnavailable
from procwidget.sample import Process

PATIENCE = 10.0
"""Seconds that py-spy may take."""

_PYTHON = re.compile(r"(?:^|[/\s])(?:python|pypy)[0-9.]*(?:\s|$)|ipykernel|jupyter", re.IGNORECASE)
_MOST_LINES, _LONGEST_LINE = 2000, 400


def can_be_asked(row: Process, user: str | None) -> bool:
    """Return whether the stack of the process of `row` can be asked for here, as far as that is known.

    Args:
        row: the process.
        user: who runs this process.
    """
    if row["pid"] == os.getpid():
        return True
    named = _PYTHON.search(row["name"]) or _PYTHON.search(row["command"] or "")
    return bool(named) and user is not None and row["user"] == user and py_spy() is not None


def py_spy() -> str | None:
    """Return where py-spy is: beside this Python, or where programs are looked for; `None` if it is not installed."""
    beside = os.path.join(os.path.dirname(sys.executable), "py-spy")
    return beside if os.access(beside, os.X_OK) else shutil.which("py-spy")


def python_stack(row: Process, user: str | None) -> str:
    """Return the stack of each thread of the process of `row`, as text for people, the innermost call first.

    Raises:
        SourceUnavailable: it is none of `user`, no Python, it has ended, or it may not be read; the message says which.
    """
    who = f"{row['name']} ({row['pid']})"
    if row["pid"] == os.getpid():
        return _own_stack()
    if user is None or row["user"] != user:
        raise SourceUnavailable(f"{who} is not a process of this user: its stack is not read.")
    program = py_spy()
    if program is None:
        raise SourceUnavailable("py-spy is not installed here: pip install py-spy.")
    _require_same(row, who)
    command = [program, "dump", "--nonblocking", "--json", "--pid", str(row["pid"])]
    try:
        run = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired as error:
        raise SourceUnavailable(f"py-spy has not read {who} in {PATIENCE:.0f} s.") from error
    except OSError as error:
        raise SourceUnavailable(f"py-spy cannot be run: {error.strerror or error}.") from error
    # A process that got its pid meanwhile is not this one.
    _require_same(row, who)
    if run.returncode:
        lines = [line for line in run.stderr.decode(errors="replace").splitlines() if line.strip()]
        why = clean_text(lines[0].removeprefix("Error: ")).rstrip(".") if lines else f"exit code {run.returncode}"
        raise SourceUnavailable(f"py-spy cannot read {who}: {why}.")
    try:
        return _bounded([line for thread in json.loads(run.stdout) for line in _lines(thread)])
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise SourceUnavailable(f"py-spy has said of {who} what cannot be understood: it may be too old.") from error


def _lines(thread: dict[str, Any]) -> Iterator[str]:
    """Yield a thread's lines, as `_own_stack` has them, of py-spy's JSON; its command line is in there too."""
    name = thread.get("thread_name") or "no name"
    states = [word for key, word in (("active", "runs"), ("owns_gil", "has the GIL")) if thread.get(key)]
    number = thread.get("os_thread_id") or thread.get("thread_id")
    yield f'Thread {number}: "{name}"{"".join(f", {state}" for state in states)}'
    for frame in thread["frames"]:
        yield f"    {frame['name']} ({frame['filename']}:{frame['line']})"


def _require_same(row: Process, who: str) -> None:
    if read_identity(row["pid"]) != row["identity"]:
        raise SourceUnavailable(f"{who} has ended.")


def _own_stack() -> str:
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    lines: list[str] = []
    for ident, frame in sys._current_frames().items():
        lines.append(f'Thread {ident}: "{names.get(ident, "not of Python")}"')
        for summary in reversed(traceback.extract_stack(frame)):
            lines.append(f"    {summary.name} ({summary.filename}:{summary.lineno})")
    return _bounded(lines)


def _bounded(lines: list[str]) -> str:
    kept = [
        f"{'    ' * line.startswith(' ')}{clean_text(line.strip())}"[:_LONGEST_LINE] for line in lines[:_MOST_LINES]
    ]
    return "\n".join(kept).strip("\n")
