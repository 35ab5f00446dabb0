"""What is known of one host of a cluster, and of one who has not told yet which host it is. `hosts.py` changes both."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from concurrent.futures import Future
from typing import Any, NamedTuple

from procwidget.fleet.checked import finite, text_of
from procwidget.fleet.link import Peer
from procwidget.fleet.row import Row

_LONGEST_GREETING = 5.0
_GREET_AGAIN = (0.3, 0.7, 1.5, 3.0, 6.0, 10.0)


class Host:
    """What is known of one host; changed under the lock of its `Hosts` alone."""

    def __init__(self, key: str, name: str) -> None:
        self.key, self.own_name = key, name
        self.name = name
        """What it is called here: no two hosts have one name."""
        self.peers: dict[str, Peer] = {}
        self.token, self.secret, self.number = "", b"", 0
        self.elected = ""
        self.kills = False
        self.note = ""
        self.pids: dict[str, frozenset[int]] = {}
        self.row: Row | None = None
        self.problem = ""
        """Why it has no row, or did not do what it was asked for, a sentence; "" for nothing."""
        self.heard = time.monotonic()
        self.agents: dict[str, Hello] = {}  # by address
        self.renewed, self.rested = 0.0, True
        self.failed = False  # whether it did not do what it was asked for last; then it is asked again soon
        self.pending: Future[Any] | None = None

    @property
    def peer(self) -> Peer | None:
        """Where its agent is asked; `None` while no worker of it is connected."""
        return self.peers.get(self.elected)


class Hello(NamedTuple):
    """What an agent said of itself: its host, what shows that rows are its own, whether it ends processes."""

    key: str
    name: str
    token: str
    secret: bytes
    kills: bool
    note: str
    pids: frozenset[int]


def read_hello(said: Any) -> Hello:
    """Return an agent's answer to a greeting.

    Raises:
        KeyError, TypeError, ValueError: it is none; a `Lie` is one of these.
    """
    key, name, token = (text_of(said[part], 100) for part in ("key", "name", "token"))
    secret, note = bytes.fromhex(text_of(said["secret"], 64)), text_of(said["note"], 200)
    pids = frozenset(int(finite(pid, 1, 2**31) or 1) for pid in said["pids"][:1000])
    return Hello(key, name, token, secret, said["kills"] is True, note, pids)


class Greeting:
    """Who was not greeted yet: how often that was tried, and when it is tried again."""

    def __init__(self, peer: Peer, now: float) -> None:
        self.peer, self.since = peer, now
        self.tries, self.next = 0, 0.0
        self.problem = ""
        """What was answered instead of who it is, a sentence; "" for nothing."""
        self.pending: Future[Any] | None = None

    def begin(self, now: float) -> None:
        """Note that it is tried now; between attempts there is more and more time."""
        self.tries += 1
        self.next = now + _GREET_AGAIN[min(self.tries, len(_GREET_AGAIN)) - 1]


def strangers(greetings: Iterable[Greeting], now: float) -> list[Host]:
    """Return as hosts those who should have told long ago which hosts they are, or said that they cannot."""
    found: dict[str, Host] = {}
    for one in greetings:
        if one.problem or now - one.since > _LONGEST_GREETING:
            address = one.peer.address
            # Whatever is at one IP address is one host, as far as anybody knows.
            name = address.partition("://")[2].rpartition(":")[0] or address
            host = found.setdefault(name, Host(f"stranger/{name}", name))
            host.heard = min(host.heard, one.since)
            host.peers[address] = one.peer
            host.problem = host.problem or one.problem or "its agent does not answer"
    return list(found.values())


def name_apart(hosts: Iterable[Host]) -> None:
    """Give each host a name that no other has."""
    by_name: dict[str, list[Host]] = {}
    for host in hosts:
        by_name.setdefault(host.own_name, []).append(host)
    for name, same in by_name.items():
        for host in same:
            mark = hashlib.sha256(host.key.encode()).hexdigest()[:4]
            host.name = name if len(same) == 1 else f"{name} ({mark})"
