"""What a fleet needs of whatever carries its messages: who is there, requests with an answer, and rows as they come."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any, NamedTuple, Protocol


class Peer(NamedTuple):
    """Where an agent may be asked for.

    `address` names it, `via` is what the carrier needs to reach it; `kind` is "nanny", or "worker" where there is none.
    """

    address: str
    via: str
    kind: str


class Listener(Protocol):
    """Is told what comes, in a thread of the carrier's; it must be quick."""

    def take_peers(self, peers: list[Peer]) -> None:
        """Take who is there now."""

    def take_row(self, message: object) -> None:
        """Take the message of a row; anything may be in it."""

    def take_trouble(self, sentence: str) -> None:
        """Take why nothing comes, "" when that is over."""


class Link(Protocol):
    """Carries messages between agents and one who looks."""

    name: str
    """What this cluster is called: its address."""

    def open(self, listener: Listener) -> None:
        """Begin: see that there are agents, now and after everything restarted, and tell what comes.

        Raises:
            SourceUnavailable: the cluster cannot be reached.
        """
        ...

    def request(self, peer: Peer, request: dict[str, Any]) -> Future[Any]:
        """Ask one agent; the answer may come very late or never, and an exception where it is lost."""
        ...

    def core_pids(self) -> dict[str, list[int]]:
        """Return the pids of what runs the cluster itself, by boot and pid namespace, with which keys begin."""
        ...

    def set_interval(self, seconds: float) -> None:
        """Note how often rows come."""
        ...

    def close(self) -> None:
        """End it."""
        ...
