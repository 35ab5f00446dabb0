"""Decides who may signal what, and says why not.

`refusal` takes a process row, a signal and facts about this process, and returns a sentence or `None`; it is pure. The
facts are gathered at the edge by `Protected.now`, anew for every request and every confirmation, because ancestors
change. Any thread may call it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import psutil

from procwidget.actions import adjustments, system_limits
from procwidget.actions.adjustments import adjustment_of
from procwidget.actions.identity_check import LINUX, read_facts
from procwidget.actions.kernel_deeds import DEEDS
from procwidget.identity import start_ticks_of
from procwidget.sample import Process

SIGNALS = ("SIGTERM", "SIGKILL", "SIGINT", "SIGSTOP", "SIGCONT", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2")
"""What may be sent; besides these there is what `adjustments` knows, such as "renice N", and `kernel_deeds`."""

_KTHREADD = 2


@dataclass(frozen=True)
class Protected:
    """What must not be hit, and what is switched on.

    `pid` is this process, `ancestors` all above it that can be seen, `server` the Jupyter server and all above that.
    `user` is who runs this process, in psutil's words. `allowed` is the switch for all signals, `other_users` the one
    for processes of anybody but `user`. `hidden_until` is for where /proc hides the rest of those above: when the last
    of them that can be seen started, in the ticks of identities; whatever is above it did not start later. `kthreadd`
    is whether pid 2 may be the parent of the kernel's threads, as it is outside of containers. `cluster` are the
    workers, nannies and scheduler of the cluster that this process works for, and all above them.
    """

    pid: int
    ancestors: frozenset[int]
    server: frozenset[int]
    user: str
    allowed: bool
    other_users: bool
    hidden_until: int | None = None
    kthreadd: bool = True
    cluster: frozenset[int] = frozenset()

    @classmethod
    def now(cls, *, allowed: bool, other_users: bool, cluster: Iterable[int] = ()) -> Protected:
        """Gather the facts about this process as they are now; a server that is gone protects nothing.

        Args:
            allowed: the switch for all signals.
            other_users: the one for processes of anybody but who runs this process.
            cluster: the pids of a cluster's processes here; what is above them is protected too.
        """
        this = psutil.Process()
        above = _Above.of(this)
        server = _server()
        return cls(
            this.pid,
            above.pids,
            server.pids,
            this.username(),
            allowed,
            other_users,
            max(filter(None, [above.hidden_until, server.hidden_until]), default=None),
            _kthreadd_may_be_here(),
            _with_above(cluster),
        )


def _with_above(pids: Iterable[int]) -> frozenset[int]:
    """Return pids, and all that can be seen above each of them; of those that are gone nothing."""
    found: set[int] = set()
    for pid in pids:
        with suppress(psutil.Error):
            found |= {pid, *_Above.of(psutil.Process(pid)).pids}
    return frozenset(found - {0, 1})


class _Above(NamedTuple):
    """The pids above a process, and `hidden_until` as in `Protected`, `None` when they are all of them."""

    pids: frozenset[int]
    hidden_until: int | None = None

    @classmethod
    def of(cls, process: psutil.Process) -> _Above:
        chain = [process]
        # hidepid=1 shows that there is a parent and nothing of it, hidepid=2 not even that.
        with suppress(psutil.AccessDenied):
            while parent := chain[-1].parent():
                chain.append(parent)
        last = chain[-1]
        pids = frozenset(link.pid for link in chain[1:])
        above = last.ppid() if LINUX else 0
        # Linux gives a child whose parent ended another parent at once: above 1 there is one, seen or not.
        if above <= 1:
            return cls(pids)
        facts = read_facts(last.pid)
        if facts is None:
            raise psutil.NoSuchProcess(last.pid)
        return cls(pids | {above}, start_ticks_of(facts.identity))


def _server() -> _Above:
    # Jupyter tells each kernel which process started it in this variable.
    told = os.environ.get("JPY_PARENT_PID", "")
    if not re.fullmatch("[0-9]{1,10}", told) or int(told) <= 1:
        return _Above(frozenset())
    try:
        server = psutil.Process(int(told))
        above = _Above.of(server)
    except (psutil.Error, OverflowError):
        return _Above(frozenset())
    return above._replace(pids=above.pids | {server.pid})


def _kthreadd_may_be_here() -> bool:
    try:
        return Path(f"/proc/{_KTHREADD}/comm").read_bytes() == b"kthreadd\n"
    except FileNotFoundError:
        return False
    except OSError:
        return True


def called(row: Process) -> str:
    """Return what a process is called in sentences: "sleep (1234)"."""
    return f"{row['name']} ({row['pid']})"


def switched_off(context: Protected) -> str | None:
    """Return why no signal at all may be sent, as a sentence; `None` when signals are on."""
    return None if context.allowed else "Signals are switched off here: this page only shows processes."


def unknown_signal(signal: str) -> str | None:
    """Return why `signal` cannot be sent to anything, as a sentence; `None` when it can."""
    if signal in (*SIGNALS, *DEEDS) or adjustment_of(signal) is not None:
        return None
    listed = f"{', '.join(SIGNALS)}; {adjustments.WORDS}; for Jupyter kernels {', '.join(DEEDS)}"
    return f"There is no signal {signal[:20]!r} here; there are {listed}."


def refusal(row: Process, signal: str, context: Protected) -> str | None:
    """Return why `signal` must not be sent to the process of `row`, as a sentence; `None` when it may.

    A process whose user is unknown counts as another user's.
    """
    general = switched_off(context) or unknown_signal(signal)
    if general:
        return general
    if impossible := system_limits.lacking(signal) or system_limits.vital(row):
        return impossible
    pid, who = row["pid"], called(row)
    if pid <= 1:
        return f"{who} runs the whole system: it is never signalled."
    # A helper that the kernel started has a command; a process of a container may have none as long as it is not read.
    if context.kthreadd and _KTHREADD in (pid, row["ppid"]) and not row["command"]:
        return f"{who} is part of the kernel: it is never signalled."
    if pid in context.cluster:
        return f"{who} is a worker, a nanny or the scheduler of this cluster, or runs one: it is never signalled."
    if pid == context.pid:
        return f"{who} is the process that shows this page: it does not signal itself."
    if pid in context.server:
        return f"{who} is the Jupyter server of this page, or runs it: it is never signalled."
    if pid in context.ancestors:
        return f"{who} runs the process that shows this page: it is never signalled."
    if context.hidden_until is not None and start_ticks_of(row["identity"]) <= context.hidden_until:
        return (
            f"{who} may be one of those that run the process that shows this page, "
            "some of which are hidden here (hidepid): it is not signalled."
        )
    if not context.other_users and row["user"] != context.user:
        owner = row["user"] or "a user who could not be read"
        return f"{who} belongs to {owner}: other users' processes are not signalled here."
    return None
