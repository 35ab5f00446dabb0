"""What a dashboard shows and acts on: one host, with what reads it, looks into its processes and signals them.

`LocalHost` is this one. Those of a cluster are in `fleet/`. What a dashboard does beyond showing samples it does
through its host, so that nothing of another host is ever read, or signalled, here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence, Sized
from typing import Any, Protocol

from procwidget.actions import from_python, system_limits
from procwidget.actions.from_python import Target
from procwidget.actions.never import never_signalled
from procwidget.actions.policy import SIGNALS
from procwidget.actions.service import SignalService
from procwidget.lookups import Lookup
from procwidget.monitor import Monitor
from procwidget.process_details import ProcessDetails
from procwidget.sample import Process

Answer = dict[str, Any]
Told = Callable[[list[Answer]], object]


class Signals(Protocol):
    """Takes requests to signal processes; see `actions.service.SignalService`."""

    sent: int

    @property
    def confirmations(self) -> Sized:
        """What waits for a second click."""
        ...

    def ask(self, identities: object, signal: object, by: object) -> Answer:
        """Return the question whether to signal processes."""
        ...

    def confirm(self, nonce: object, by: object, signal: object, identities: object) -> Answer:
        """Signal the processes of a question."""
        ...

    def cancel(self, nonce: object, by: object) -> None:
        """Give up a question."""
        ...

    def close(self) -> None:
        """Give up all questions."""
        ...


class Finder(Protocol):
    """Finds who has a port or a file open; see `details.holders.Holders`."""

    def resolve(self, lookups: Iterable[Lookup], rows: Iterable[Process]) -> str | None:
        """Find the processes of lookups."""
        ...


class Closeup(Protocol):
    """Answers what a view asks of one process; see `process_details.ProcessDetails`."""

    @property
    def holders(self) -> Finder:
        """What finds who has a port or a file open."""
        ...

    def details(self, identity: object, *, expensive: bool) -> Answer:
        """Return its details."""
        ...

    def command(self, identity: object) -> Answer:
        """Return its command line, secrets and all."""
        ...

    def opened(self, identity: object) -> Answer:
        """Return what it has open."""
        ...

    def look_up(self, asked: object) -> Answer:
        """Return who has ports or files open."""
        ...

    def stack(self, identity: object) -> Answer:
        """Return where a Python process is just now."""
        ...


class Host(Protocol):
    """One host, as a dashboard needs it."""

    monitor: Monitor
    """What has its samples."""

    here: bool
    """Whether kernels of here, such as this one, run on it."""

    may_signal: bool
    """Whether there is any way to signal its processes; else a dashboard of it only shows."""

    def cores(self) -> int:
        """Return how many CPUs it has."""
        ...

    def signals(self, *, allowed: bool, told: Told) -> Signals:
        """Return what signals its processes; `told` is called with the outcomes."""
        ...

    def closeup(self, *, reveal: bool) -> Closeup:
        """Return what looks into its processes; with `reveal` command lines come with their secrets."""
        ...

    def never_signalled(self) -> Answer:
        """Return why some of its processes are never signalled; see `actions.never`."""
        ...

    def lacking(self) -> Answer:
        """Return which actions its system lacks, see `actions.system_limits`, and the name of another `host`."""
        ...

    def end(self, process: Target | Sequence[Target], signal: str | int, *, allowed: bool) -> Answer | list[Answer]:
        """End processes from Python code; see `actions.from_python`."""
        ...


class LocalHost:
    """The host of this process, or whatever a monitor of one's own shows.

    Only processes of here are looked into and signalled.

    Args:
        monitor: what has the samples.
    """

    may_signal = here = True

    def __init__(self, monitor: Monitor) -> None:
        self.monitor = monitor

    def cores(self) -> int:
        """Return how many CPUs the newest sample has; before the first, how many this machine has."""
        return len(self.monitor.last["per_cpu"]) if self.monitor.last else os.cpu_count() or 1

    def signals(self, *, allowed: bool, told: Told) -> SignalService:
        """Return what signals processes here."""
        return SignalService(lambda: self.monitor.last, allowed=allowed, other_users=True, told=told)

    def closeup(self, *, reveal: bool) -> ProcessDetails:
        """Return what looks into processes here."""
        return ProcessDetails(lambda: self.monitor.last, self.monitor.history, reveal=reveal)

    def never_signalled(self) -> Answer:
        """Return why some processes are never signalled."""
        return never_signalled()

    def lacking(self) -> Answer:
        """Return which actions this system does not have."""
        return system_limits.for_page((*SIGNALS, "renice", "ionice", "affinity", "oom"))

    def end(self, process: Target | Sequence[Target], signal: str | int, *, allowed: bool) -> Answer | list[Answer]:
        """End processes of here."""
        return from_python.end(process, signal, allowed=allowed)


def host_of(monitor: Monitor) -> Host:
    """Return the host that a monitor shows: this one, unless it says which other."""
    other: Host | None = getattr(monitor, "host", None)
    return LocalHost(monitor) if other is None else other
