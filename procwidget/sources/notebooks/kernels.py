"""Finds Jupyter kernels by their command lines, and reads what a kernel's environment says of its notebook.

Every front end gives a kernel the path of its connection file, named after the kernel's id, in an order that differs
by language. Reading an environment may block, and so may a command line: only a thread that may wait calls `ask`.
"""

from __future__ import annotations

import os
import re
import sys
from typing import NamedTuple

from procwidget.sources.notebooks.notebook import Notebook, notebook_of
from procwidget.sources.users_and_commands import read_command

_CONNECTION_FILE = re.compile(r"(?:^|[\s/\\=])kernel-([0-9A-Za-z-]{8,128}|•••)\.json(?=\s|$)")
"""Where the id stands; it may be masked, as in a recording."""

_READS_FILES = re.compile(
    r"(?:\S*/)?(?:less|more|cat|bat|head|tail|vim?|nvim|nano|emacs|jq|[ef]?grep|watch|rm|cp|mv|ls)(?:\s|$)"
)
_SESSION = b"JPY_SESSION_NAME="
_MOST_ENVIRONMENT = 2**21
_LINUX = sys.platform.startswith("linux")


class Kernel(NamedTuple):
    """A process that is a Jupyter kernel: its identity, kernel id, who started it, and when, in Unix seconds."""

    identity: str
    pid: int
    id: str
    parent: int | None
    started: float | None


class Told(NamedTuple):
    """What a kernel's process says: whether it is this user's own, and the notebook that it was started for."""

    own: bool = False
    notebook: Notebook | None = None


def kernel_id_of(command: str | None) -> str | None:
    """Return the id of the kernel with this command line; `None` for what is no kernel.

    Clients of a kernel (`--existing`) and programs that look at such a file have its path too, and are none.
    """
    if not command or "kernel-" not in command or "--existing" in command or _READS_FILES.match(command):
        return None
    found = _CONNECTION_FILE.search(command)
    return found[1] if found else None


def ask(kernel: Kernel) -> Told:
    """Read whose a kernel is and, of one's own, the one variable that names its notebook; nothing of others."""
    try:
        own, command, name = (_read_proc if _LINUX else _read_by_psutil)(kernel.pid)
    except OSError:
        return Told()
    # Whatever has the pid by now, this is about the kernel that was asked for.
    if not own or kernel_id_of(command) != kernel.id:
        return Told()
    # The variable is set when the kernel starts and does not follow renames.
    notebook = notebook_of(name) if name else None
    return Told(True, notebook and notebook._replace(as_of=kernel.started))


_Read = tuple[bool, str | None, str | None]


def _read_proc(pid: int) -> _Read:
    if os.stat(f"/proc/{pid}").st_uid != os.geteuid():
        return False, None, None
    name = None
    with open(f"/proc/{pid}/environ", "rb") as file:
        for variable in file.read(_MOST_ENVIRONMENT).split(b"\0"):
            if variable.startswith(_SESSION):
                name = os.fsdecode(variable[len(_SESSION) :])
                break
    return True, read_command("/proc", pid)[0], name


def _read_by_psutil(pid: int) -> _Read:
    import psutil

    try:
        process = psutil.Process(pid)
        if process.username() != psutil.Process().username():
            return False, None, None
        return True, " ".join(process.cmdline()), process.environ().get(_SESSION[:-1].decode())
    except psutil.Error as error:
        raise OSError(str(error)) from error
