"""Says that the kernel ended processes for want of memory, where that was short and whom it ended, as far as is known.

Pure; the poller's thread.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from procwidget.sample import Process, Sample
from procwidget.state.causes import Cause, of_process, process_text
from procwidget.state.finding import Finding
from procwidget.units import bytes_text, plural

SHOWN_FOR = 60.0
"""Seconds for which it is told: what was ended does not come back, but memory is there again."""

OF_A_GROUP = "in a control group with a limit of its own"
"""Where memory ran out when it did not on the host. The kernel's counter does not say which group it was."""

_ROOM = 80.0
"""Percent of its memory below which a host had room, at both readings around the kill: its own kills come at 100 %."""

_PART = 0.1
"""One that held less than this part of the memory that counts was hardly chosen for it."""

_NAMED = 3
_MIB = 2**20


class Ended(NamedTuple):
    """Who ended between two readings, the largest first, but for those known to have ended in another way.

    Attributes:
        killed: those that SIGKILL ended, by the sample's `exits`; never more than the kernel counted.
        gone: those of which it is unknown how they ended.
        in_group: whether the host had room, so that it was a control group whose memory ran out.
    """

    killed: list[Process]
    gone: list[Process]
    in_group: bool


def ended_between(before: Sample | None, sample: Sample, count: int) -> Ended:
    """Return who may be the `count` processes that the kernel ended between two readings."""
    if before is None:
        return Ended([], [], in_group=False)
    there = {row["identity"] for row in sample["processes"] if row["status"] != "zombie"}
    rows = [row for row in before["processes"] if row["identity"] not in there and row["memory"]]
    rows.sort(key=lambda row: row["memory"] or 0.0, reverse=True)
    signals = {end["identity"]: end["signal"] for end in sample["exits"] or ()}
    killed = [row for row in rows if signals.get(row["identity"]) == "SIGKILL"][:count]
    return Ended(killed, [row for row in rows if row["identity"] not in signals], _has_room(before, sample))


def probably(killed: list[Process], count: int) -> str:
    """Return the part of a sentence that names who was `killed`, of `count` that the kernel ended."""
    among = "" if len(killed) == count else "among them "
    return f", {among}probably {names(killed, count)}"


def names(rows: list[Process], count: int) -> str:
    """Return who they are with what they held; of several the first three."""
    named = [f"{process_text(row)} with {_held(row)}" for row in rows[: min(count, _NAMED)]]
    return " and ".join([", ".join(named[:-1]), named[-1]] if len(named) > 1 else named)


class OomKills:
    """Follows the kernel's count; it is the difference that counts, for it never begins anew."""

    def __init__(self) -> None:
        self._before: Sample | None = None
        self._count = 0
        self._missing = 0  # of those that the newest rise counted, who has not been seen to end
        self._killed: list[Process] = []
        self._gone: list[Process] = []
        self._in_group = False
        self._at: float | None = None

    def findings(self, sample: Sample, *, gap: bool) -> Iterator[Finding]:
        """Yield the newest such event; one of a time in which nobody looked may be hours old, and is none."""
        before, self._before = self._before, sample
        now = sample["monotonic"]
        if self._at is not None and now - self._at >= SHOWN_FOR:
            self._at, self._count, self._missing, self._killed, self._gone = None, 0, 0, [], []
        risen = 0 if gap else sample["oom_kills"] or 0
        if risen:
            ended = ended_between(before, sample, risen)
            self._in_group = ended.in_group and (self._at is None or self._in_group)
            # Of several in turn nobody can say who of all that are gone it was.
            self._gone = ended.gone if self._at is None else []
            self._killed += ended.killed
            self._at, self._count, self._missing = now, self._count + risen, risen - len(ended.killed)
        elif self._missing:
            # To end takes a moment: who was killed just before the reading is gone at the next one.
            self._killed += ended_between(before, sample, self._missing).killed
            self._missing = 0
        if self._at is None:
            return
        where = f" {OF_A_GROUP}" if self._in_group else ""
        more, cause = self._who(sample)
        what = f"Memory ran out{where}: the kernel ended {plural(self._count, 'process', 'processes')}"
        # The machine is not short of it, where only a group was.
        short_of = "limit" if self._in_group else "memory"
        value = float(self._count)
        yield Finding("oom_kill", "", "critical", value, what, more=more, short_of=short_of, cause=cause, timed=False)

    def _who(self, sample: Sample) -> tuple[str, Cause | None]:
        """Return how the sentence ends, and the cause, where one process was killed that is known or easily guessed."""
        count, killed, gone = self._count, self._killed, self._gone
        if len(killed) == count == 1 or (not killed and self._in_sight(sample)):
            row = (killed or gone)[0]
            return f", probably {process_text(row)}, which held {_held(row)} and is gone", of_process(row)
        if killed:
            others = f", and {len(killed) - _NAMED} more" if len(killed) > _NAMED else ""
            return f"{probably(killed, count)}{others}", of_process(killed[0])
        if gone and self._in_group:
            return f"; gone since the reading before: {names(gone, count)}", None
        return "", None

    def _in_sight(self, sample: Sample) -> bool:
        """Return whether the largest that is gone held so much that it was probably the one."""
        total = sample["effective"]["memory_total"]
        held = (self._gone[0]["memory"] or 0.0) * _MIB if self._gone else 0.0
        return self._count == 1 and bool(total) and held >= _PART * (total or 0)


def _has_room(*samples: Sample) -> bool:
    """Return whether neither the host nor the group that counts here was nearly full at these readings."""
    usages = [
        100.0 * memory["used"] / memory["total"] if (memory := sample["memory"]) and memory["total"] else None
        for sample in samples
    ]
    usages += [sample["effective"]["memory_usage"] for sample in samples if sample["effective"]["memory_cgroup"]]
    return all(usage is not None and usage < _ROOM for usage in usages)


def _held(row: Process) -> str:
    return bytes_text((row["memory"] or 0.0) * _MIB)
