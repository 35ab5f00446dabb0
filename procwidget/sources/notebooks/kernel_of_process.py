"""Says to which Jupyter kernel a process belongs: itself, its session's, its parent's, or the one that it once had.

A kernel starts a session of its own, which its workers stay in when their parent ends. Whatever left the session too
belongs to the kernel that was seen above it before. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping

from procwidget.sample import Process
from procwidget.sources.notebooks.kernels import Kernel, kernel_id_of

_DEEPEST = 100

_Seen = tuple[str | None, int | None, int | None]


class Membership:
    """Follows which process belongs to which kernel, by identities."""

    def __init__(self) -> None:
        self.kernels: dict[str, Kernel] = {}
        """The kernels that there are, and those that ended and left processes behind."""
        self._of: dict[str, tuple[_Seen, str | None]] = {}
        self._leaders: dict[int, str] = {}  # the kernels of sessions
        self._rows: Mapping[int, Process] = {}
        self._belongs: dict[str, str] = {}

    def update(self, rows: list[Process], changed: list[Process], *, gone: bool) -> Mapping[str, str]:
        """Take the rows of now; return the kernel of each process that has one, the same object if nothing changed.

        Args:
            rows: those of all processes.
            changed: those of them that were not in the call before.
            gone: whether processes of the call before are gone.
        """
        if not gone and all(self._is_known(row) for row in changed):
            return self._belongs
        count = len(self.kernels)
        for row in changed:
            kernel_id = kernel_id_of(row["command"])
            if kernel_id:
                kernel = Kernel(row["identity"], row["pid"], kernel_id, row["ppid"], row["started"])
                self.kernels[row["identity"]] = kernel
                if row["session"] == row["pid"]:
                    self._leaders[row["pid"]] = row["identity"]
        self._rows = {row["pid"]: row for row in rows}
        if len(self.kernels) != count:
            # Of a kernel whose command line came late some processes are known already.
            self._of = {identity: known for identity, known in self._of.items() if known[1]}
        here: dict[str, tuple[_Seen, str | None]] = {}
        for row in rows:
            self._find(row, here, 0)
        self._of = here
        self._belongs = {identity: kernel for identity, (_, kernel) in here.items() if kernel}
        left = set(self._belongs.values())
        self.kernels = {identity: kernel for identity, kernel in self.kernels.items() if identity in left}
        self._leaders = {pid: identity for pid, identity in self._leaders.items() if identity in left}
        return self._belongs

    def _is_known(self, row: Process) -> bool:
        known = self._of.get(row["identity"])
        return known is not None and known[0] == _seen(row)

    def _find(self, row: Process, here: dict[str, tuple[_Seen, str | None]], depth: int) -> str | None:
        identity = row["identity"]
        if identity in here:
            return here[identity][1]
        seen = _seen(row)
        known = self._of.get(identity)
        if known and known[0] == seen:
            here[identity] = known
            return known[1]
        if identity in self.kernels:
            kernel: str | None = identity
        else:
            parent = self._rows.get(row["ppid"] or 0)
            kernel = self._leaders.get(row["session"] or 0)
            # The nearest counts: a kernel may have started another, whose session that of a worker is not.
            if parent and parent["pid"] != row["pid"] and depth < _DEEPEST:
                kernel = self._find(parent, here, depth + 1) or kernel
            kernel = kernel or (known[1] if known else None)
        here[identity] = seen, kernel
        return kernel


def _seen(row: Process) -> _Seen:
    return row["command"], row["ppid"], row["session"]
