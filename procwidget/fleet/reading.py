"""What Python reads of a fleet, and does with it: its hosts as dicts, searches on all of them, their monitors.

It needs no widget; `procwidget.Fleet` shows the same.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Sequence
from concurrent.futures import wait
from typing import Any

from procwidget.actions.from_python import Target
from procwidget.errors import InvalidArgument, ProcwidgetError, whole_number_between
from procwidget.fleet.checked import Lie, checked
from procwidget.fleet.hosts import LOST_AFTER, Hosts
from procwidget.fleet.known_host import Host
from procwidget.fleet.remote_host import RemoteHost
from procwidget.fleet.remote_monitor import RemoteMonitor
from procwidget.fleet.row import NUMBERS
from procwidget.fleet.sentence import STATES, fleet_state, silence_text, state_of
from procwidget.query import parse
from procwidget.sample import Process
from procwidget.state.sentence import MEASURING

_LOOK_FOR = 30.0
_FIRST_ROWS = 5.0
_FIND_PATIENCE = 5.0


class FleetReading:
    """The hosts of a cluster, for Python code.

    Args:
        hosts: what knows them.
        allow_kill: whether processes may be ended from here, as far as each host lets it.
    """

    def __init__(self, hosts: Hosts, *, allow_kill: bool) -> None:
        self.hosts = hosts
        self.allow_kill = allow_kill
        self._monitors: dict[str, RemoteMonitor] = {}

    @property
    def last(self) -> dict[str, Any]:
        """What is known of all hosts now, as plain dicts of your own: `{"time", "level", "text", "hosts": […]}`.

        Each host has `host` (its name), `state`, `text`, `short_of`, `age` in seconds, `workers`, `cpu`, `memory` … and
        `top_cpu` and `top_memory`; see docs/fleet.md. The worst comes first. Where nobody looked before, it waits for
        the first figures, for some seconds at most.
        """
        looked_at = self.hosts.looked_at
        self.hosts.look_for(_LOOK_FOR)
        if not looked_at:
            self.hosts.wait_for_rows(_FIRST_ROWS)
        rows = self.rows()
        return {"time": time.time(), **fleet_state(rows, self.hosts.trouble), "hosts": rows}

    def rows(self) -> list[dict[str, Any]]:
        """Return a dict for each host, the worst first."""
        rows = [self._row(host) for host in self.hosts.all()]
        return sorted(rows, key=lambda row: (STATES.index(row["state"]), -(row["cpu"] or 0.0), row["host"]))

    def _row(self, host: Host) -> dict[str, Any]:
        row, silent = host.row, self.hosts.silent_for(host)
        # A first row has no rates yet, and says nothing of how its host is.
        measuring = row is not None and row["text"] == MEASURING
        state = state_of(None if measuring else row and row["level"], silent, LOST_AFTER)
        text = row["text"] if row else "Waiting for its figures"
        unread = host.problem if row is None or silent else ""
        if row and not measuring and row["cpu"] is None and row["memory"] is None:
            # Processes alone are no figures of a host.
            unread = unread or row["note"] or "CPU and memory of this host cannot be read."
        if silent:
            text = silence_text(silent, len(host.peers), host.problem)
        elif unread:
            state, text = "silent", unread
        # What is old is no figure: a silent host must not look calm.
        shown: dict[str, Any] = {**row} if row and not silent else {}
        return {
            "host": host.name,
            "key": host.key,
            "state": state,
            "text": text,
            "note": " ".join(filter(None, (host.note, row["note"] if row else ""))),
            "unread": unread,
            "short_of": list(shown.get("short_of", ())),
            "age": round(time.monotonic() - host.heard, 1),
            "workers": len(host.peers),
            "kills": host.kills and self.allow_kill,
            **{key: shown.get(key) for key in (*NUMBERS, "processes", "top_cpu", "top_memory")},
        }

    def monitor(self, name: str) -> RemoteMonitor:
        """Return a monitor of one host, the same one each time; it reads while somebody watches it, or from `start()`.

        Args:
            name: the host's, as in `last`.

        Raises:
            InvalidArgument: there is no such host; the message names those that there are.
        """
        host = self.hosts.named(name)
        monitor = self._monitors.get(host.key)
        if monitor is None:
            monitor = self._monitors[host.key] = RemoteMonitor(self.hosts, host)
            monitor.host = RemoteHost(self.hosts, host, monitor, allow_kill=self.allow_kill)
        return monitor

    def find(self, query: str = "", most: int = 50, sort_by: str = "cpu") -> list[dict[str, Any]]:
        """Return the processes of all hosts that a search finds, as plain dicts that have a `host` too.

        Args:
            query: in the table's language, see docs/search.md: "cpu>200", "train user=ana".
            most: how many of each host, and how many in all, 1 to 500.
            sort_by: "cpu", "memory" or "cpu_time": the largest come first.

        Raises:
            InvalidArgument: the search has a mistake. Of hosts that do not answer, a warning says which.
        """
        count = whole_number_between("most", most, 1, 500)
        if sort_by not in ("cpu", "memory", "cpu_time"):
            raise InvalidArgument(f"sort_by must be cpu, memory or cpu_time, not {sort_by!r}.")
        found, missing, _ = self.search(query, count, sort_by)
        if missing:
            warnings.warn(f"Not asked, or without an answer: {', '.join(missing)}.", stacklevel=2)
        return found[:count]

    def search(self, query: str, most: int, sort_by: str) -> tuple[list[dict[str, Any]], list[str], int]:
        """Return what `find` does, which hosts did not answer, and how many processes there are in all."""
        if parse(query).lookups:
            raise InvalidArgument("Ports and files are looked for in the dashboard of one host, not on all hosts.")
        looked_at = self.hosts.looked_at
        self.hosts.look_for(_LOOK_FOR)
        if not looked_at:
            self.hosts.wait_for_rows(_FIRST_ROWS)
        hosts = self.hosts.all()
        # A host that hangs is not asked: its answers would pile up.
        asked = [host for host in hosts if not self.hosts.silent_for(host) and host.peer is not None]
        given = {"query": query, "most": most, "sort": sort_by}
        futures = {self.hosts.send(host, "find", **given): host for host in asked}
        wait(futures, timeout=_FIND_PATIENCE)
        rows: list[dict[str, Any]] = []
        missing = [host.name for host in hosts if host not in asked]
        total = 0
        for future, host in futures.items():
            try:
                said = self.hosts.understood(host, future.result(0))
                mine = [checked(row, Process) for row in said["rows"][:most]]
                total += int(said["found"])
            except InvalidArgument:
                raise
            except (ProcwidgetError, Lie, KeyError, TypeError, ValueError, TimeoutError):
                missing.append(host.name)
                continue
            rows += [{"host": host.name, **row} for row in mine]
        rows.sort(key=lambda row: -(row[sort_by] or 0.0))
        return rows, sorted(missing), total

    def headline_of(self, rows: list[dict[str, Any]]) -> dict[str, Any]:
        """Return the one sentence about all hosts, given what `rows` returned: `{"level", "text"}`."""
        return fleet_state(rows, self.hosts.trouble)

    def end(
        self, name: str, process: Target | Sequence[Target], signal: str | int = "TERM"
    ) -> dict[str, Any] | list[dict[str, Any]]:
        """End a process of one host, or send it another signal: what `procwidget.end` does, done there.

        Args:
            name: the host's.
            process: a process's dict such as `fleet.find("name=train.py")[0]`, or a list of these.
            signal: such as "TERM" or "KILL".

        Raises:
            InvalidArgument: there is no such host, signal or process.
            ActionRefused: nothing was sent; the message says why.
        """
        return self.monitor(name).host.end(process, signal, allowed=self.allow_kill)

    def close(self) -> None:
        """Let all agents rest, and hear no more."""
        for monitor in self._monitors.values():
            monitor.close()
        self.hosts.close()
