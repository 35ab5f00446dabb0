"""What Jupyter does to a kernel, through the server that started it: interrupt, restart, shut down.

`deed_of` reads an action's text, such as "kernel-restart". The server does it only where the kernel's process is still
the one that is held, and answers processes of its own user alone. May wait; any thread may call.
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from typing import NamedTuple

import psutil

from procwidget.actions.identity_check import LINUX
from procwidget.sample import Process
from procwidget.sources.notebooks.kernels import kernel_id_of
from procwidget.sources.notebooks.server_link import ask_server
from procwidget.sources.users_and_commands import read_command

_PATIENCE = 20.0
"""Seconds that a server has: a kernel that is shut down gets five to end by itself, and is killed then."""

_AT_ONCE = 2.0
"""Seconds that it has to say that it is there."""

_DONE = {
    "kernel-interrupt": "Interrupted the kernel of",
    "kernel-restart": "Restarted the kernel of",
    "kernel-shutdown": "Shut down the kernel of",
}
DEEDS = tuple(_DONE)
"""What may be asked of a server for a kernel."""


class Deed(NamedTuple):
    """One of `DEEDS`."""

    name: str

    @property
    def ends(self) -> bool:
        """Whether the kernel's process ends by it; after a restart there is another."""
        return self.name != "kernel-interrupt"

    def done(self, row: Process) -> str:
        """Return the sentence that says that it was done to the process of `row`."""
        return f"{_DONE[self.name]} {row.get('notebook') or row['name']} ({row['pid']})"

    def apply(self, pid: int, runs: Callable[[], bool]) -> None:
        """Have the server of the kernel with this pid do it, of which `runs` says whether it still runs.

        Raises:
            ProcessLookupError: it is gone; `strerror` says when, to follow its name.
            OSError: what the server has against it.
        """
        kernel, server = _kernel_of(pid)
        # While it runs its pid is its own, so this was about it.
        if not runs():
            raise ProcessLookupError(errno.ESRCH, "was gone already")
        if kernel is None:
            raise OSError(errno.EINVAL, "it is no Jupyter kernel")
        question = {"ask": self.name.removeprefix("kernel-"), "kernel": kernel, "pid": pid}
        try:
            answer = ask_server(server, question, _PATIENCE)
        except TimeoutError as error:
            raise OSError(errno.ETIMEDOUT, "its server has not answered yet, and may do it later") from error
        except (OSError, ValueError) as error:
            raise OSError(errno.EIO, "its server does not answer") from error
        if problem := answer.get("error"):
            raise OSError(errno.EIO, str(problem))


def deed_of(action: str) -> Deed | None:
    """Return what a text such as "kernel-restart" asks for; `None` when it is none of these."""
    return Deed(action) if action in _DONE else None


def refusal_of_deed(row: Process) -> str | None:
    """Return why no server can do anything to the process of `row`, as a sentence; `None` when one can."""
    who = f"{row['name']} ({row['pid']})"
    try:
        own = psutil.Process(row["pid"]).username() == psutil.Process().username()
    except psutil.Error:
        own = False
    kernel, server = _kernel_of(row["pid"])
    if not own:
        return f"{who} is no process of this user: a Jupyter Server does nothing for others."
    if kernel is None:
        return f"{who} is no Jupyter kernel."
    try:
        ask_server(server, {"ask": "notebooks"}, _AT_ONCE)
    except (OSError, ValueError):
        return f"The Jupyter Server of {who} has no procwidget, or is not on this host: signals reach the kernel."
    return None


def _kernel_of(pid: int) -> tuple[str | None, int]:
    """Return the kernel id of a process, `None` if it is no kernel, and the pid of its server."""
    try:
        process = psutil.Process(pid)
        command = read_command("/proc", pid)[0] if LINUX else " ".join(process.cmdline())
        return kernel_id_of(command), process.ppid()
    except psutil.Error:
        return None, 0
