"""What is known of one host of a cluster, and of one who has not told yet which host it is. `hosts.py` changes both."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from concurrent.futures import Future
from typing import Any

from procwidget.fleet.link import Peer
from procwidget.fleet.row import Row


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
        self.heard = time.monotonic()
        self.agents: dict[str, tuple[str, bytes, bool, str]] = {}  # token, secret, kills and note, by address
        self.renewed, self.rested = 0.0, True
        self.pending: Future[Any] | None = None

    @property
    def peer(self) -> Peer | None:
        """Where its agent is asked; `None` while no worker of it is connected."""
        return self.peers.get(self.elected)


class Greeting:
    """Who was not greeted yet: how often that was tried, and when it is tried again."""

    def __init__(self, peer: Peer) -> None:
        self.peer, self.tries, self.next = peer, 0, 0.0
        self.pending: Future[Any] | None = None


def name_apart(hosts: Iterable[Host]) -> None:
    """Give each host a name that no other has."""
    by_name: dict[str, list[Host]] = {}
    for host in hosts:
        by_name.setdefault(host.own_name, []).append(host)
    for name, same in by_name.items():
        for host in same:
            mark = hashlib.sha256(host.key.encode()).hexdigest()[:4]
            host.name = name if len(same) == 1 else f"{name} ({mark})"
