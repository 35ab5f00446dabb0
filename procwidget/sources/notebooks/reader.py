"""Fills the notebook of each process into the rows, on demand, as a source's readings go on.

What may block is asked in a thread of its own: whose a kernel is and what it was started for, once, and the Jupyter
Servers of this user's kernels, every few seconds. A kernel of another user has no name here. Where nobody wants these
fields nothing is done. One thread at a time may call.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from procwidget.sample import Process
from procwidget.sources.blocking import BlockingReader
from procwidget.sources.notebooks import FIELDS, kernels
from procwidget.sources.notebooks.kernels import Kernel, Told
from procwidget.sources.notebooks.kernel_of_process import Membership
from procwidget.sources.notebooks.notebook import UNNAMED, Notebook, distinct_names
from procwidget.sources.notebooks.server_link import ask_server

ASKED_AFTER: Final = 5.0
"""Seconds after which a server is asked again."""

_REFUSED_FOR: Final = 30.0
"""Seconds after which a process that answered nothing is asked again."""

_Question = Kernel | int
_Answer = Told | Mapping[str, Notebook] | None
_Values = tuple[str | None, str | None]
_NONE: _Values = None, None


class NotebookReader:
    """Says which notebook each process belongs to.

    Args:
        ask_kernel: reads what a kernel's process says; may block.
        ask: asks the server with a pid; may block.
        clock: monotonic seconds.
        wall: Unix seconds.
    """

    def __init__(
        self,
        ask_kernel: Callable[[Kernel], Told] = kernels.ask,
        ask: Callable[[int, dict[str, Any]], dict[str, Any]] = ask_server,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._clock, self._wall = clock, wall
        self._reader: BlockingReader[_Question, _Answer] = BlockingReader(
            lambda question: ask_kernel(question) if isinstance(question, Kernel) else _notebooks_of(question, ask),
            "procwidget-notebooks",
        )
        self._membership = Membership()
        self._told: dict[Kernel, Told | None] = {}  # `None` while there is no answer yet
        self._servers: dict[int, tuple[float, bool | None]] = {}  # when each was asked last, and whether it answered
        self._said: dict[str, tuple[Notebook, float]] = {}  # what servers said of kernels, and when, in Unix seconds
        self._made: dict[int, tuple[Process, _Values, Process]] = {}
        self._before: tuple[Mapping[str, str], dict[str, _Values]] = {}, {}
        self._keys: frozenset[str] = frozenset()
        self._pending = False

    @property
    def pending(self) -> bool:
        """Whether some kernel or server has not answered for the first time and may yet."""
        return self._pending and not self._reader.stuck()

    def fill(self, rows: list[Process], wanted: frozenset[str], *, kernels: bool = True) -> list[Process]:
        """Return the rows with the wanted fields; the same objects as before where nothing changed.

        Args:
            rows: those of all processes.
            wanted: the fields to fill.
            kernels: whether some of them may be kernels; if not, the rows have these fields already, all `None`.
        """
        keys = wanted & FIELDS
        if keys != self._keys:
            self._keys, self._made = keys, {}
        if not keys or not (kernels or self._membership.kernels):
            self._pending = False
            self._made.clear()
            return rows
        made = self._made
        changed = [row for row in rows if (known := made.get(row["pid"])) is None or known[0] is not row]
        gone = len(made) + sum(row["pid"] not in made for row in changed) - len(rows)
        # Where no rows are known, some may have gone meanwhile.
        belongs = self._membership.update(rows, changed, gone=gone > 0 or not made)
        self._take_answers()
        self._ask()
        values = self._values() if belongs else {}
        for row in changed if (belongs, values) == self._before else rows:
            pid = row["pid"]
            value = values.get(belongs.get(row["identity"], ""), _NONE)
            known = made.get(pid)
            if known is None or known[0] is not row or known[1] != value:
                found = dict(zip(("notebook", "notebook_path"), value, strict=True))
                same = value is _NONE and all(row.get(key, "") is None for key in keys)
                filled = row if same else cast(Process, {**row, **{key: found[key] for key in keys}})
                made[pid] = row, value, filled
        self._before = belongs, values
        if gone:
            self._made = made = {row["pid"]: made[row["pid"]] for row in rows}
        return [made[row["pid"]][2] for row in rows]

    def close(self) -> None:
        """End the threads."""
        self._reader.close()
        self._made.clear()

    def _take_answers(self) -> None:
        now = self._wall()
        for question, answer in self._reader.answers():
            if isinstance(question, Kernel):
                self._told[question] = cast(Told, answer)
            else:
                self._servers[question] = self._servers[question][0], answer is not None
                self._said |= {kernel: (said, now) for kernel, said in cast(Mapping[str, Notebook], answer or {}).items()}

    def _ask(self) -> None:
        here, now = self._membership.kernels.values(), self._clock()
        self._told = {kernel: self._told.get(kernel) for kernel in here}
        ids = {kernel.id for kernel in here}
        self._said = {kernel: said for kernel, said in self._said.items() if kernel in ids}
        for kernel, told in self._told.items():
            if told is None:
                self._reader.ask(kernel)
        starters = {kernel.parent for kernel, told in self._told.items() if told and told.own and kernel.parent}
        starters -= {1, *(kernel.pid for kernel in here)}
        self._servers = {pid: self._servers.get(pid, (-math.inf, None)) for pid in starters}
        for pid, (asked_at, answered) in self._servers.items():
            if now - asked_at >= (ASKED_AFTER if answered else _REFUSED_FOR) and self._reader.ask(pid):
                self._servers[pid] = now, answered
        unasked = any(answered is None for _, answered in self._servers.values())
        self._pending = unasked or None in self._told.values()

    def _values(self) -> dict[str, _Values]:
        """Return what the rows of each kernel say."""
        now = self._wall()
        own = [kernel for kernel, told in self._told.items() if told and told.own]
        known = {kernel.id: notebook for kernel in own if (notebook := self._notebook(kernel, now))}
        names = distinct_names(known)
        values: dict[str, _Values] = dict.fromkeys(self._membership.kernels, (UNNAMED, None))
        for kernel in own:
            found = known.get(kernel.id)
            about = found.about(now) if found else f"kernel id {kernel.id}"
            values[kernel.identity] = names.get(kernel.id, UNNAMED), about
        return values

    def _notebook(self, kernel: Kernel, now: float) -> Notebook | None:
        said = self._said.get(kernel.id)
        if said is None:
            told = self._told[kernel]
            return told.notebook if told else None
        notebook, at = said
        # A server that ended, or that does not answer any more, said it then.
        return notebook._replace(as_of=at) if notebook.as_of is None and now - at > _REFUSED_FOR else notebook


def _notebooks_of(pid: int, ask: Callable[[int, dict[str, Any]], dict[str, Any]]) -> Mapping[str, Notebook] | None:
    try:
        told = ask(pid, {"ask": "notebooks"})["notebooks"]
        return {str(kernel): Notebook.of_message(message) for kernel, message in told.items()}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None
