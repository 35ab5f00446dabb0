"""The hosts of a cluster as one who looks knows them: who is there, its newest row, and since when nothing was heard.

`Hosts` sees that agents publish while somebody looks, one a host however many workers it has, and that they rest
otherwise. Rows and changes come in the carrier's thread, and a thread of its own asks again what has to be asked again.
"""

from __future__ import annotations

import contextlib
import logging
import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from procwidget import forking
from procwidget.errors import InvalidArgument, ProcwidgetError, SourceUnavailable, number_between
from procwidget.fleet.agent import LEASE, LONGEST_INTERVAL, SHORTEST_INTERVAL, signed
from procwidget.fleet.checked import Lie
from procwidget.fleet.known_host import Greeting, Host, name_apart, read_hello, strangers
from procwidget.fleet.link import Link, Peer
from procwidget.fleet.requests import read_answer
from procwidget.fleet.row import read
from procwidget.nearest import did_you_mean

MOST_HOSTS = 5000
LOST_AFTER = 30.0
"""Seconds of silence after which a host counts as lost."""

FORGOTTEN_AFTER = 600.0
"""Seconds after which a lost host without workers is not shown any more."""

SILENT_INTERVALS = 3
_RENEW, _RENEW_SILENT, _RENEW_FAILED, _LOOK_EACH = LEASE / 3, 20.0, 1.0, 1.0
_MOST_LIES_LOGGED = 5
_log = logging.getLogger("procwidget")


class Hosts:
    """The hosts of a cluster.

    Args:
        link: what carries messages to them.
        interval: seconds from row to row.
        clock: monotonic seconds.

    Raises:
        InvalidArgument: the interval is out of range.
        SourceUnavailable: the cluster cannot be reached.
    """

    def __init__(self, link: Link, interval: float = 2.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._interval = number_between("interval", interval, SHORTEST_INTERVAL, LONGEST_INTERVAL)
        self._link, self._clock = link, clock
        self.who = secrets.token_hex(8)
        """What agents know this by."""
        self.trouble = ""
        """Why nothing comes from anywhere, a sentence; "" where all is well."""
        self.name = link.name
        self._make_locks()
        self._hosts: dict[str, Host] = {}
        self._by_token: dict[str, Host] = {}
        self._by_address: dict[str, Host] = {}
        self._greetings: dict[str, Greeting] = {}
        self._lookers: set[object] = set()
        self._until, self._lies, self._closed = 0.0, 0, False
        self._called: list[Callable[[], object]] = []
        forking.register(self)
        link.set_interval(self._interval)
        link.open(self)
        threading.Thread(target=self._keep, name="procwidget-fleet", daemon=True).start()

    def _make_locks(self) -> None:
        self._lock, self._wake = threading.Lock(), threading.Event()
        self._came = threading.Condition(self._lock)

    def after_fork(self) -> None:
        """In a forked child: what is known stays, and nothing more comes, for the connection is the parent's."""
        self._make_locks()

    @property
    def interval(self) -> float:
        """Seconds from row to row, on all hosts; may be set."""
        return self._interval

    @interval.setter
    def interval(self, seconds: float) -> None:
        self._interval = number_between("interval", seconds, SHORTEST_INTERVAL, LONGEST_INTERVAL)
        self._link.set_interval(self._interval)
        with self._lock:
            for host in self._hosts.values():
                host.renewed = 0.0
        self._wake.set()

    # Who looks.

    def look(self, who: object) -> None:
        """Have rows come until `who` looks away."""
        with self._lock:
            self._lookers.add(who)
        self._wake.set()

    def look_away(self, who: object) -> None:
        """Let agents rest if nobody else looks."""
        with self._lock:
            self._lookers.discard(who)
        self._wake.set()

    def look_for(self, seconds: float) -> None:
        """Have rows come for so long."""
        with self._lock:
            self._until = self._clock() + seconds
        self._wake.set()

    @property
    def looked_at(self) -> bool:
        """Whether anybody looks."""
        return bool(self._lookers) or self._clock() < self._until

    def call_at_rows(self, callback: Callable[[], object]) -> None:
        """Call `callback()` when a row came, in the carrier's thread: be quick."""
        self._called.append(callback)

    # What is known.

    def all(self) -> list[Host]:
        """Return the hosts that are known, by name, and those of which no more than an address is known."""
        with self._lock:
            unknown = strangers(self._greetings.values(), self._clock())
            return sorted((*self._hosts.values(), *unknown), key=lambda host: host.name)

    def named(self, name: object) -> Host:
        """Return the host of this name.

        Raises:
            InvalidArgument: there is none.
        """
        hosts = self.all()
        for host in hosts:
            if name in (host.name, host.key):
                return host
        names = [host.name for host in hosts]
        shown = ", ".join(names[:10]) + (" …" if len(names) > 10 else "")
        near = did_you_mean(name, names) if isinstance(name, str) else ""
        there = "there is" if len(names) == 1 else "there are"
        raise InvalidArgument(f"There is no host {name!r}{near}; {there} {shown or 'none yet'}.")

    def silent_for(self, host: Host) -> float:
        """Return for how many seconds nothing was heard of a host; 0 where that is not too long."""
        silence = self._clock() - host.heard
        return silence if silence > SILENT_INTERVALS * self._interval else 0.0

    def wait_for_rows(self, seconds: float) -> None:
        """Wait until every host has told a row since now, or for so long."""
        deadline = self._clock() + seconds
        with self._came:
            while (left := deadline - self._clock()) > 0:
                told = all((host.row or host.problem) and not self.silent_for(host) for host in self._hosts.values())
                greeted = all(one.problem for one in self._greetings.values())
                if told and greeted and (self._hosts or self._greetings):
                    return
                self._came.wait(left)

    # Requests.

    def ask(self, host: Host, do: str, seconds: float, **given: Any) -> Any:
        """Return what a host's agent answers; waits for it.

        Raises:
            ProcwidgetError: it refuses, or there is no answer after so many seconds; the message says so.
        """
        future = self.send(host, do, **given)
        try:
            return self.understood(host, future.result(seconds))
        except TimeoutError:
            raise SourceUnavailable(f"{host.name} did not answer within {seconds:.0f} s.") from None

    def cluster_pids(self, host: Host) -> list[int]:
        """Return the pids of the cluster's processes on a host that are known here: they are never signalled."""
        with self._lock:
            return sorted(
                frozenset(self._link.core_pids().get(host.key.rpartition("/")[0], ())).union(*host.pids.values())
            )

    def send(self, host: Host, do: str, **given: Any) -> Future[Any]:
        """Ask a host's agent; returns at once."""
        peer = host.peer
        if peer is None:
            failed: Future[Any] = Future()
            why = "cannot be asked: " + host.problem if host.peers else "has no worker that is connected just now."
            failed.set_exception(SourceUnavailable(f"{host.name} {why}"))
            return failed
        return self._link.request(peer, {"do": do, "who": self.who, "key": host.key, **given})

    def understood(self, host: Host, data: object) -> Any:
        """Return what stands in an answer.

        Raises:
            ProcwidgetError: it is an error, or no answer.
        """
        if data is None:
            raise SourceUnavailable(f"{host.name} does not answer just now.")
        try:
            return read_answer(data)
        except Lie as error:
            self.note_lie(host.name, error)
            raise SourceUnavailable(f"{host.name} answered with something that is no answer.") from None

    def note_lie(self, name: str, error: Lie) -> None:
        """Log what a host said that cannot be, a few times."""
        self._lies += 1
        if self._lies <= _MOST_LIES_LOGGED:
            _log.warning("The host %s said something that is no reading: %s", name, error)

    # What comes, in the carrier's thread.

    def take_peers(self, peers: list[Peer]) -> None:
        """Take who is there now: greet those who are new, and forget those who left."""
        there = {peer.address: peer for peer in peers[: 4 * MOST_HOSTS]}
        with self._lock:
            for address, host in list(self._by_address.items()):
                if address not in there:
                    del self._by_address[address]
                    host.peers.pop(address, None)
                    host.pids.pop(address, None)
                    self._elect(host)
            for address in [address for address in self._greetings if address not in there]:
                del self._greetings[address]
            for address, peer in there.items():
                known = self._by_address.get(address)
                if known is not None:
                    known.peers[address] = peer
                elif address in self._greetings:
                    self._greetings[address].peer = peer
                else:
                    self._greetings[address] = Greeting(peer, self._clock())
        self._wake.set()
        self._call()

    def take_row(self, message: object) -> None:
        """Take a row, if it is signed by the host that it is of."""
        match message:
            case {"from": str(token), "number": int(number), "row": bytes(data), "sign": bytes(sign)}:
                pass
            case _:
                return
        with self._lock:
            host = self._by_token.get(token)
            if host is None or not host.number < number < 2**60:
                return
            try:
                if not secrets.compare_digest(sign, signed(data, number, host.secret)):
                    return
                said = read(data)
            except Lie as error:
                self.note_lie(host.name, error)
                return
            host.row, host.problem = (None, said) if isinstance(said, str) else (said, "")
            host.number, host.heard = number, self._clock()
            self._came.notify_all()
        self._call()

    def take_trouble(self, sentence: str) -> None:
        """Take why nothing comes."""
        if sentence != self.trouble:
            self.trouble = sentence
            if not sentence:
                with self._lock:
                    for host in self._hosts.values():
                        host.renewed = 0.0
                self._wake.set()
            self._call()

    def _call(self) -> None:
        for callback in tuple(self._called):
            callback()

    # What has to be asked again, in a thread of its own; what is new is looked at at once.

    def _keep(self) -> None:
        while not self._closed:
            self._wake.wait(_LOOK_EACH)
            self._wake.clear()
            try:
                self._greet()
                self._renew()
                self._forget()
            except Exception:  # the next round may do better
                _log.exception("A fleet could not look after its hosts; it tries again")

    def _greet(self) -> None:
        now = self._clock()
        with self._lock:
            due = [one for one in self._greetings.values() if one.pending is None and one.next <= now]
        for greeting in due:
            greeting.begin(now)
            greeting.pending = self._link.request(greeting.peer, {"do": "hello", "who": self.who})
            greeting.pending.add_done_callback(lambda future, greeting=greeting: self._greeted(greeting, future))  # type: ignore[misc]

    def _greeted(self, greeting: Greeting, future: Future[Any]) -> None:
        greeting.pending = None
        if future.cancelled() or future.exception() is not None or future.result() is None:
            # Perhaps the agent is not there yet.
            return
        try:
            said = read_hello(read_answer(future.result()))
        except ProcwidgetError as error:
            greeting.problem = str(error)
            return
        except (KeyError, TypeError, ValueError) as error:
            lie = error if isinstance(error, Lie) else Lie(f"a greeting is none: {error!r:.80}")
            self.note_lie(greeting.peer.address, lie)
            return
        address = greeting.peer.address
        with self._lock:
            if self._greetings.pop(address, None) is None:
                return
            host = self._hosts.get(said.key)
            if host is None:
                if len(self._hosts) >= MOST_HOSTS:
                    return
                host = self._hosts[said.key] = Host(said.key, said.name or "?")
                name_apart(self._hosts.values())
            host.peers[address], host.pids[address] = greeting.peer, said.pids
            self._by_address[address], host.agents[address] = host, said
            self._elect(host)
            self._came.notify_all()
        self._wake.set()
        self._call()

    def _elect(self, host: Host) -> None:
        """Choose the agent of a host that publishes: the one that did, or the first by address."""
        if host.elected in host.peers:
            return
        # All who look choose the same; a nanny comes before a worker.
        order = sorted(host.peers.values(), key=lambda peer: (peer.kind != "nanny", peer.address))
        host.elected = order[0].address if order else ""
        if not order:
            return
        chosen = host.agents[host.elected]
        host.secret, host.kills, host.note = chosen.secret, chosen.kills, chosen.note
        if chosen.token != host.token:
            self._by_token.pop(host.token, None)
            host.token, host.number = chosen.token, 0
            self._by_token[chosen.token] = host
        host.renewed = 0.0

    def _renew(self) -> None:
        looked_at, now = self.looked_at, self._clock()
        with self._lock:
            due = []
            for host in self._hosts.values():
                if host.peer is None or (host.pending is not None and not host.pending.done()):
                    continue
                often = _RENEW if host.row and not self.silent_for(host) else _RENEW_SILENT
                often = _RENEW_FAILED if host.failed else often
                if looked_at and (host.renewed == 0.0 or now - host.renewed > often):
                    if host.rested:
                        # It was not to be heard until now.
                        host.heard, host.rested = now, False
                    host.renewed, host.failed = now, False
                    due.append((host, "lease"))
                elif not looked_at and not host.rested:
                    host.rested, host.renewed = True, 0.0
                    due.append((host, "rest"))
        for host, do in due:
            given = {"interval": self._interval, "pids": self.cluster_pids(host)} if do == "lease" else {}
            host.pending = self.send(host, do, **given)
            host.pending.add_done_callback(lambda future, host=host: self._renewed(host, future))  # type: ignore[misc]

    def _renewed(self, host: Host, future: Future[Any]) -> None:
        data = None
        try:
            data = future.result()
            self.understood(host, data)
        except Exception as error:
            if data is not None and isinstance(error, ProcwidgetError):
                host.problem = str(error)
            host.renewed, host.failed = 0.0 if host.rested else self._clock(), True

    def _forget(self) -> None:
        now = self._clock()
        with self._lock:
            for key, host in list(self._hosts.items()):
                if not host.peers and now - host.heard > FORGOTTEN_AFTER:
                    del self._hosts[key]
                    self._by_token.pop(host.token, None)

    def close(self) -> None:
        """Let all agents rest, and hear no more."""
        with self._lock:
            self._lookers.clear()
            self._until = 0.0
        with contextlib.suppress(Exception):
            self._renew()
        self._closed = True
        self._wake.set()
        self._link.close()
