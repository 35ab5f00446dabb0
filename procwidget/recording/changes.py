"""Says which processes of a reading are others than in the one before, and which are gone. Pure.

A source leaves the row of a process as it is where nothing of it changed, and most sources list processes by pid. So
the two lists are the same object after object but for a few places, which are found without a look at each row.
"""

from __future__ import annotations

from itertools import compress, count
from operator import is_not

from procwidget.sample import Process

_MOST = 50
"""Processes that begin or end between two readings up to which the lists are walked."""


def changes(before: list[Process], after: list[Process]) -> tuple[list[Process], list[str]]:
    """Return the rows that are new or others than before, in their order, and the identities of those that are gone."""
    found = _walked(before, after)
    if found is None:
        return _looked_up(before, after)
    changed, gone = found
    if gone and not {row["identity"] for row in changed}.isdisjoint(gone):
        # Somebody is both: the lists are not by pid.
        return _looked_up(before, after)
    return found


def _walked(before: list[Process], after: list[Process]) -> tuple[list[Process], list[str]] | None:
    """Return what differs of two lists by pid; `None` where too many begin and end."""
    changed: list[Process] = []
    gone: list[str] = []
    for _ in range(_MOST):
        for place in compress(count(), map(is_not, after, before)):
            row, old = after[place], before[place]
            if row["identity"] != old["identity"]:
                break
            changed.append(row)
        else:
            both = min(len(before), len(after))
            changed += after[both:]
            gone += [row["identity"] for row in before[both:]]
            return changed, gone
        began, ended = row["pid"] <= old["pid"], row["pid"] >= old["pid"]
        if began:
            changed.append(row)
        if ended:
            gone.append(old["identity"])
        before, after = before[place + ended :], after[place + began :]
    return None


def _looked_up(before: list[Process], after: list[Process]) -> tuple[list[Process], list[str]]:
    there = {row["identity"]: row for row in before}
    changed = [row for row in after if there.pop(row["identity"], None) is not row]
    return changed, [*there]
