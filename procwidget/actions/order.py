"""In which order the processes of one confirmation are signalled: by one rule, so that a tree goes as a whole.

Parents come before their children, for a parent that outlives a child may start another one in its place, and a child
that is started meanwhile has the priority or CPUs that its parent was given. "Continue" goes the other way round: a
parent that goes on before its children may take them for hanging. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from procwidget.sample import Process

_LEAF_TO_ROOT = ("SIGCONT",)


def in_order(identities: Iterable[str], rows: Mapping[str, Process], action: str) -> list[str]:
    """Return identities in the order in which `action` is sent to them; equals, and unknown ones, as they come.

    Args:
        identities: those of the processes to be signalled.
        rows: all processes of the newest sample, by identity.
        action: a signal or an adjustment.
    """
    parents = {row["pid"]: row["ppid"] for row in rows.values()}
    wanted = list(identities)
    depths = {identity: _depth(rows[identity]["pid"], parents) for identity in wanted if identity in rows}
    return sorted(wanted, key=lambda identity: depths.get(identity, 0), reverse=action in _LEAF_TO_ROOT)


def _depth(pid: int, parents: Mapping[int, int | None]) -> int:
    """Return how many ancestors of a process are known; a circle, which rows of two readings may make, ends it."""
    seen = {pid}
    above = parents.get(pid)
    while above is not None and above in parents and above not in seen:
        seen.add(above)
        above = parents[above]
    return len(seen)
