"""Who may signal what: a process row, a signal and facts about this process enter, a sentence or `None` leaves.

`refusal` is pure. The facts are gathered at the edge by `Protected.now`, anew for every question and every
confirmation, because ancestors change. Any thread may call it.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

import psutil

from procwidget.sample import Process

SIGNALS = ("SIGTERM", "SIGKILL", "SIGINT", "SIGSTOP", "SIGCONT")
"""What may be sent; besides these there is "renice N" with N from -20 to 19."""

_RENICE = re.compile(r"renice (-?[0-9]{1,2})")
_KTHREADD = 2


@dataclass(frozen=True)
class Protected:
    """What must not be hit, and what is switched on.

    `pid` is this process, `ancestors` all above it, `server` the Jupyter server and all above that. `user` is who
    runs this process, in psutil's words. `allowed` is the switch for all signals, `other_users` the one for
    processes of anybody but `user`.
    """

    pid: int
    ancestors: frozenset[int]
    server: frozenset[int]
    user: str
    allowed: bool
    other_users: bool

    @classmethod
    def now(cls, *, allowed: bool, other_users: bool) -> Protected:
        """Gather the facts about this process as they are now; a server that is gone protects nothing."""
        this = psutil.Process()
        ancestors = frozenset(parent.pid for parent in this.parents())
        return cls(this.pid, ancestors, _server_pids(), this.username(), allowed, other_users)


def _server_pids() -> frozenset[int]:
    # Jupyter tells each kernel which process started it in this variable.
    told = os.environ.get("JPY_PARENT_PID", "")
    if not (told.isascii() and told.isdigit()) or int(told) <= 1:
        return frozenset()
    try:
        server = psutil.Process(int(told))
        return frozenset([server.pid, *(parent.pid for parent in server.parents())])
    except (psutil.Error, OverflowError):
        return frozenset()


def wanted_nice(signal: str) -> int | None:
    """Return N of "renice N" for N from -20 (most CPU) to 19 (least); `None` for anything else."""
    match = _RENICE.fullmatch(signal)
    nice = int(match[1]) if match else None
    return nice if nice is not None and -20 <= nice <= 19 else None


def called(row: Process) -> str:
    """Return what a process is called in sentences: "sleep (1234)"."""
    return f"{row['name']} ({row['pid']})"


def switched_off(context: Protected) -> str | None:
    """Return why no signal at all may be sent, as a sentence; `None` when signals are on."""
    return None if context.allowed else "Signals are switched off here: this page only shows processes."


def unknown_signal(signal: str) -> str | None:
    """Return why `signal` cannot be sent to anything, as a sentence; `None` when it can."""
    if signal in SIGNALS or wanted_nice(signal) is not None:
        return None
    known = f"{', '.join(SIGNALS)} and renice from -20 to 19"
    return f"There is no signal {signal[:20]!r} here; there are {known}."


def refusal(row: Process, signal: str, context: Protected) -> str | None:
    """Return why `signal` must not be sent to the process of `row`, as a sentence; `None` when it may.

    A process whose user is unknown counts as another user's.
    """
    general = switched_off(context) or unknown_signal(signal)
    if general:
        return general
    pid, who = row["pid"], called(row)
    if pid <= 1:
        return f"{who} runs the whole system: it is never signalled."
    # In a container pid 2 may be an ordinary process; what tells a kernel thread is that it has no command.
    if _KTHREADD in (pid, row["ppid"]) and not row["command"]:
        return f"{who} is part of the kernel: it is never signalled."
    if pid == context.pid:
        return f"{who} is the process that shows this page: it does not signal itself."
    if pid in context.server:
        return f"{who} is the Jupyter server of this page, or runs it: it is never signalled."
    if pid in context.ancestors:
        return f"{who} runs the process that shows this page: it is never signalled."
    if not context.other_users and row["user"] != context.user:
        owner = row["user"] or "a user who could not be read"
        return f"{who} belongs to {owner}: other users' processes are not signalled here."
    return None
