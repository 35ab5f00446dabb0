"""Acts on another host for a dashboard: everything is done by the agent there, nothing here.

The agent asks, holds, checks, signals and writes its audit log, as `actions.service` does it for this host; here are
the limit of confirmations over all hosts, and who asks: a claim that the log there has, and no proof.
"""

from __future__ import annotations

import getpass
import platform
from collections.abc import Iterable, Mapping, Sequence, Sized
from typing import Any

from procwidget.actions import from_python
from procwidget.actions.confirmations import MOST_CONFIRMATIONS, RATE_SECONDS, too_many
from procwidget.actions.from_python import Target
from procwidget.actions.service import PATIENCE
from procwidget.errors import ActionRefused, InvalidArgument, ProcwidgetError
from procwidget.fleet.hosts import Hosts
from procwidget.fleet.known_host import Host
from procwidget.fleet.remote_monitor import RemoteMonitor
from procwidget.host import Answer, Told
from procwidget.lookups import Lookup
from procwidget.rate_limit import RateLimit
from procwidget.sample import Process

_SOON, _LATER = 10.0, 2 * PATIENCE + 5.0
_LONGEST_BY = 64

OVER_ALL_HOSTS = RateLimit(MOST_CONFIRMATIONS, RATE_SECONDS)
"""How many confirmations are taken from here, for all hosts of all fleets together."""


def by_whom(view: str) -> str:
    """Return who asks, as the audit log of another host has it: user@host and the view."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError, ImportError):
        user = "?"
    text = f"{user}@{platform.node()}:{view}"
    return "".join(one if one.isprintable() else "?" for one in text)[:_LONGEST_BY]


class RemoteHost:
    """One host of a fleet, as `procwidget.host.Host` wants it.

    Args:
        hosts: what asks its agent.
        host: which host.
        monitor: what has its samples.
        allow_kill: whether processes may be ended from here, as far as the host lets it.
    """

    here = False

    def __init__(self, hosts: Hosts, host: Host, monitor: RemoteMonitor, *, allow_kill: bool) -> None:
        self.hosts, self.host, self.monitor = hosts, host, monitor
        self._allow_kill = allow_kill

    @property
    def may_signal(self) -> bool:
        """Whether processes may be ended: the fleet says so, and the host does."""
        return self._allow_kill and self.host.kills

    def cores(self) -> int:
        """Return how many CPUs the newest sample has; before the first, what the host's row says."""
        if self.monitor.last:
            return len(self.monitor.last["per_cpu"])
        row = self.host.row
        return max(1, round(row["cpus"])) if row and row["cpus"] else 1

    def signals(self, *, allowed: bool, told: Told) -> RemoteSignals:
        """Return what has processes signalled there."""
        return RemoteSignals(self, allowed=allowed, told=told)

    def closeup(self, *, reveal: bool) -> RemoteCloseup:
        """Return what has processes looked into there."""
        return RemoteCloseup(self, reveal=reveal)

    def never_signalled(self) -> Answer:
        """Return what is never signalled: that is for the host to say, when it is asked."""
        return {"pids": {}, "kernel": None}

    def lacking(self) -> Answer:
        """Return its name; which actions its system does not have is unknown here, and said when one is asked for."""
        return {"lacking": {}, "meanings": {}, "host": self.host.name}

    def require_heard(self) -> None:
        """Refuse what is done on a view of a host that is silent.

        Raises:
            ActionRefused: it is.
        """
        if self.hosts.trouble:
            raise ActionRefused(f"{self.hosts.trouble} Nothing is signalled meanwhile.")
        if silence := self.hosts.silent_for(self.host):
            raise ActionRefused(f"{self.host.name} was not heard for {silence:.0f} s: nothing is signalled there now.")

    def require_allowed(self, allowed: bool) -> None:
        """Refuse what is switched off.

        Raises:
            ActionRefused: it is off here, or on that host.
        """
        if not (allowed and self._allow_kill):
            raise ActionRefused("Signals are switched off: Fleet(client, allow_kill=True) allows them.")
        if not self.host.kills:
            raise ActionRefused(f"{self.host.name} lets nobody end processes from elsewhere.")

    def end(self, process: Target | Sequence[Target], signal: str | int, *, allowed: bool) -> Answer | list[Answer]:
        """End processes there from Python code; see `actions.from_python.end`.

        Raises:
            InvalidArgument: there is no such signal, or `process` is none.
            ActionRefused: nothing was sent; the message says why.
        """
        self.require_allowed(allowed)
        self.require_heard()
        action = from_python.signal_name(signal)
        many = not isinstance(process, (int, Mapping))
        wanted: list[Any] = list(process) if isinstance(process, Sequence) else [process]
        rows = self.monitor.last["processes"] if self.monitor.last else []
        by_pid = {row["pid"]: row["identity"] for row in rows}
        identities = [one.get("identity") if isinstance(one, Mapping) else by_pid.get(one) for one in wanted]
        if not identities or not all(isinstance(one, str) for one in identities):
            raise InvalidArgument(
                f"process must be a process's dict of {self.host.name}, such as one of fleet.find(…), or the pid of "
                "one that a dashboard or monitor of that host shows."
            )
        if not OVER_ALL_HOSTS.take():
            raise too_many(OVER_ALL_HOSTS)
        given = {"identities": identities, "signal": action, "by": by_whom(from_python.BY)}
        given["pids"] = self.hosts.cluster_pids(self.host)
        outcomes: list[Answer] = self.hosts.ask(self.host, "signal", _LATER, **given)
        if all(one["result"] in ("refused", "changed", "not permitted") for one in outcomes):
            raise ActionRefused(" ".join(str(one["text"]).rstrip(".") + "." for one in outcomes))
        return outcomes if many else outcomes[0]


class RemoteSignals:
    """Asks and confirms on another host; see `actions.service.SignalService`."""

    def __init__(self, of: RemoteHost, *, allowed: bool, told: Told) -> None:
        self._of, self._allowed, self._told = of, allowed, told
        self.sent = 0
        self._open: set[str] = set()

    @property
    def confirmations(self) -> Sized:
        """What waits for a second click, as far as it is known here."""
        return self._open

    def ask(self, identities: object, signal: object, by: object) -> Answer:
        """Return the host's question whether to signal processes there."""
        self._of.require_allowed(self._allowed)
        self._of.require_heard()
        if OVER_ALL_HOSTS.wait() > 0:
            raise too_many(OVER_ALL_HOSTS)
        question: Answer = self._ask("ask", _SOON, identities=identities, signal=signal, by=by_whom(str(by)))
        self._note(question)
        return question

    def confirm(self, nonce: object, by: object, signal: object, identities: object) -> Answer:
        """Have the host signal the processes of its question; what became of a lost connection is unknown."""
        self._of.require_allowed(self._allowed)
        if not OVER_ALL_HOSTS.take():
            raise too_many(OVER_ALL_HOSTS)
        self._open.discard(str(nonce))
        given = {"nonce": nonce, "by": by_whom(str(by)), "signal": signal, "identities": identities}
        try:
            outcome: Answer = self._ask("confirm", _LATER, **given)
        except (ActionRefused, InvalidArgument):
            raise
        except ProcwidgetError as error:
            text = f"{error} It may have been done all the same: the audit log of {self._of.host.name} says it."
            return {"result": "refused", "refusals": [text], "unknown": True}
        outcomes = outcome.get("outcomes") or []
        self.sent += sum(one.get("result") in ("ended", "alive", "sent") for one in outcomes)
        self._told(outcomes)
        self._note(outcome.get("question"))
        return outcome

    def cancel(self, nonce: object, by: object) -> None:
        """Give up a question there."""
        self._open.discard(str(nonce))
        self._of.hosts.send(self._of.host, "cancel", nonce=nonce, by=by_whom(str(by)))

    def close(self) -> None:
        """Give up all questions: they are good for some seconds only."""
        self._open.clear()

    def _ask(self, do: str, seconds: float, **given: Any) -> Any:
        given["pids"] = self._of.hosts.cluster_pids(self._of.host)
        return self._of.hosts.ask(self._of.host, do, seconds, **given)

    def _note(self, question: object) -> None:
        if isinstance(question, dict) and isinstance(nonce := question.get("nonce"), str):
            self._open = {nonce}


class RemoteCloseup:
    """Looks into processes of another host; see `process_details.ProcessDetails`."""

    def __init__(self, of: RemoteHost, *, reveal: bool) -> None:
        self._of, self._reveal = of, reveal

    @property
    def holders(self) -> RemoteCloseup:
        """What finds who has a port or a file open."""
        return self

    def details(self, identity: object, *, expensive: bool) -> Answer:
        """Return its details, with its history as far as it is known here."""
        answer = self._ask("details", identity=identity, expensive=expensive)
        if isinstance(identity, str) and isinstance(answer.get("details"), dict):
            answer["details"]["history"] = self._of.monitor.history.process(identity)
        return answer

    def command(self, identity: object) -> Answer:
        """Return its command line, secrets and all."""
        return self._ask("command", identity=identity)

    def opened(self, identity: object) -> Answer:
        """Return what it has open."""
        return self._ask("opened", identity=identity)

    def stack(self, identity: object) -> Answer:
        """Return where a Python process is just now."""
        return self._ask("stack", identity=identity)

    def look_up(self, asked: object) -> Answer:
        """Return who has ports or files open."""
        return self._ask("look_up", lookups=asked)

    def resolve(self, lookups: Iterable[Lookup], rows: Iterable[Process]) -> str | None:
        """Find the processes of lookups there; return what is not known."""
        wanted = list(lookups)
        answer = self.look_up([{"kind": one.kind, "value": str(one.value)} for one in wanted])
        for lookup, found in zip(wanted, answer.get("found") or [], strict=False):
            lookup.found = frozenset(map(str, found))
        note = answer.get("note")
        return str(note) if note else None

    def _ask(self, do: str, **given: Any) -> Answer:
        answer = self._of.hosts.ask(self._of.host, do, _SOON, reveal=self._reveal, **given)
        if not isinstance(answer, dict):
            raise ActionRefused(f"{self._of.host.name} answered with something that is no answer.")
        return answer
