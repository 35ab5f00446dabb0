"""Answers what a view asks of one process: its details, its command line with the secrets in it, its Python stack.

Reading details may block, so these are called in threads that may wait, never in the poller's.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from procwidget.details.holders import Holders
from procwidget.details.open_files import opened
from procwidget.details.python_stack import can_be_asked, python_stack
from procwidget.details.reader_threads import DetailsReader
from procwidget.details.thread_cpu import ThreadCpu
from procwidget.errors import ActionRefused, SourceUnavailable
from procwidget.history import History
from procwidget.identity import is_of_here
from procwidget.lookups import KINDS, Lookup
from procwidget.masking import mask
from procwidget.sample import Process, Sample

_MEMORY = {"rss": "memory_resident", "uss": "memory_unique", "pss": "memory_proportional", "swap": "memory_swap"}
_IO = {"read": "io_read", "written": "io_written"}
_AS_THEY_ARE = (
    *("identity", "pid", "name", "executable", "cwd", "terminal", "session", "nice", "affinity"),
    *("parents", "children", "child_count", "open_files"),
    *("io_priority", "control_group", "limits", "waits_for", "gave_way", "had_to_give_way"),
)

MOST_THREADS_SHOWN = 8
"""How many threads a view gets, those that are busiest now."""

MOST_LOOKUPS = 8
"""How many terms of a search are looked up in one request."""

_LONGEST_VALUE = 1000


class ProcessDetails:
    """Answers what a view asks of one process.

    Args:
        latest: returns the newest sample.
        history: where its figures of the last minutes are.
        reveal: whether command lines may be shown with their secrets.
    """

    def __init__(self, latest: Callable[[], Sample | None], history: History, *, reveal: bool) -> None:
        self._latest = latest
        self._history = history
        self._reveal = reveal
        self._reader = DetailsReader()
        self._thread_cpu = ThreadCpu()
        self.holders = Holders()
        """Finds who has a port or a file open."""

    def details(self, identity: object, *, expensive: bool) -> dict[str, Any]:
        """Return `{"result": "details", "details": …}`; its command is masked, and its history since it was first seen.

        Args:
            identity: of a process of the newest sample.
            expensive: whether to measure USS and PSS too.

        Raises:
            ActionRefused: no process of the newest sample has this identity.
            SourceUnavailable: it has ended, or does not answer.
        """
        row, rows = self._find(identity)
        found: dict[str, Any] = dict(self._reader.read(row, rows, expensive=expensive))
        shown = {key: found[key] for key in _AS_THEY_ARE}
        shown["command"] = None if found["command"] is None else mask(found["command"])
        shown["threads"] = found["thread_count"]
        threads = found["threads"]
        rated = None if threads is None else self._thread_cpu.rate(row["identity"], threads)
        shown["busiest_threads"] = rated and rated[:MOST_THREADS_SHOWN]
        shown["memory"] = {name: found[key] for name, key in _MEMORY.items()}
        shown["io"] = {name: found[key] for name, key in _IO.items()}
        named = {
            **{key: f"memory.{name}" for name, key in _MEMORY.items()},
            **{key: f"io.{name}" for name, key in _IO.items()},
        }
        shown["not_permitted"] = sorted({named.get(key, key) for key in found["not_permitted"]})
        shown["stack"] = self._reveal and can_be_asked(row, own_user(rows))
        shown["history"] = self._history.process(row["identity"])
        return {"result": "details", "details": shown}

    def command(self, identity: object) -> dict[str, Any]:
        """Return `{"result": "command", "command": …}`, secrets and all.

        Raises:
            ActionRefused: secrets stay masked here, or no process of the newest sample has this identity.
            SourceUnavailable: it has ended, or does not answer.
        """
        if not self._reveal:
            raise ActionRefused("Secrets in command lines stay masked on this page.")
        row, rows = self._find(identity)
        return {"result": "command", "command": self._reader.read(row, rows)["command"]}

    def opened(self, identity: object) -> dict[str, Any]:
        """Return `{"result": "opened", "opened": …}`, without the files where command lines stay masked too.

        Raises:
            ActionRefused: no process of the newest sample has this identity.
            SourceUnavailable: it has ended, or may not be looked into.
        """
        found: dict[str, Any] = {**opened(self._find(identity)[0])}
        return {"result": "opened", "opened": found if self._reveal else {**found, "files": None}}

    def look_up(self, asked: object) -> dict[str, Any]:
        """Return `{"result": "holders", "found": a list of identities for each lookup, "note": what is not known}`.

        Args:
            asked: a list of at most `MOST_LOOKUPS` of `{"kind", "value"}`, as the search language has them.

        Raises:
            ActionRefused: it is none, or open files are not shown here.
        """
        lookups = [_lookup(one) for one in asked] if isinstance(asked, list) and len(asked) <= MOST_LOOKUPS else []
        meant = [lookup for lookup in lookups if lookup is not None]
        if not meant or len(meant) < len(lookups):
            raise ActionRefused("This is nothing that can be looked up.")
        if not self._reveal and any(lookup.kind == "file" for lookup in meant):
            raise ActionRefused("What processes have open is not shown on this page.")
        sample = self._latest()
        note = self.holders.resolve(meant, sample["processes"] if sample else [])
        return {"result": "holders", "found": [sorted(lookup.found) for lookup in meant], "note": note}

    def stack(self, identity: object) -> dict[str, Any]:
        """Return `{"result": "stack", "stack": …}`: where a Python process is just now, thread by thread.

        Raises:
            ActionRefused: this page only shows, or no process of the newest sample has this identity.
            SourceUnavailable: its stack cannot be read; the message says why.
        """
        if not self._reveal:
            raise ActionRefused("The stacks of processes are not shown on this page.")
        row, rows = self._find(identity)
        return {"result": "stack", "stack": python_stack(row, own_user(rows))}

    def _find(self, identity: object) -> tuple[Process, list[Process]]:
        sample = self._latest()
        if sample and not is_of_here(sample["boot_id"], sample.get("pid_namespace")):
            # Its pid may be another process's here.
            raise SourceUnavailable(
                f"This process is of another host, {sample['host']}: more of it can be read there alone."
            )
        rows = sample["processes"] if sample else []
        for row in rows:
            if row["identity"] == identity:
                return row, rows
        raise ActionRefused("This process is not there any more.")


def _lookup(asked: object) -> Lookup | None:
    match asked:
        case {"kind": str(kind), "value": str(value)} if kind in KINDS and len(value) <= _LONGEST_VALUE:
            meant = KINDS[kind][0](value)
            return None if meant is None else Lookup(kind, meant)
    return None


def own_user(rows: list[Process]) -> str | None:
    """Return who runs this process, in the words of the rows; `None` if it is not among them."""
    me = os.getpid()
    return next((row["user"] for row in rows if row["pid"] == me), None)
