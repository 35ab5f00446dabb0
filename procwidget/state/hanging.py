"""Follows the processes that do not get on: zombies, stopped ones, those that wait for a disk or a server for long.

Several of one kind are one finding: 40 zombies are one trouble, that of the parent that does not wait for them. Pure;
the poller's thread calls it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from procwidget.sample import Process, Sample
from procwidget.state.causes import comparison, of_process, of_program, of_status, process_text
from procwidget.state.finding import Finding
from procwidget.statuses import HANGING

_ALL_HANG = {
    "disk-sleep": "hang in uninterruptible sleep",
    "stopped": "are stopped",
    "tracing-stop": "are stopped by a debugger",
}

_TOGETHER = 3
"""From so many processes of one name and status on they are one finding; of zombies of one parent, from two on."""


class _Watch:
    __slots__ = ("at_least", "began", "cpu_time", "seen")

    def __init__(self, now: tuple[float, float], cpu_time: float | None, *, at_least: bool) -> None:
        self.began, self.seen, self.cpu_time, self.at_least = now, now[0], cpu_time, at_least


class Hanging:
    """Follows them from reading to reading.

    Args:
        settle: seconds for which a process must hang until it is found.
    """

    def __init__(self, settle: float) -> None:
        self._settle = settle
        self._watched: dict[tuple[str, str], _Watch] = {}
        self.since: dict[str, float] = {}
        """Since when each hangs that does now, by identity, in Unix seconds. Every update makes a new dict."""

    def findings(
        self, sample: Sample, rows: Iterable[Process], forget_before: float, *, first: bool
    ) -> Iterator[Finding]:
        """Return those that hang for long enough.

        Args:
            sample: the reading.
            rows: its processes whose status is one of `HANGING`.
            forget_before: who was last seen hanging before that time, hangs anew.
            first: whether nothing is known of the time before.
        """
        now = sample["monotonic"], sample["time"]
        for key in [key for key, watch in self._watched.items() if watch.seen <= forget_before]:
            del self._watched[key]
        since: dict[str, float] = {}
        settled: dict[tuple[str, ...], list[tuple[Process, _Watch]]] = {}
        for row in rows:
            status = row["status"] or ""
            key = status, row["identity"]
            watch = self._watched.get(key)
            if watch is None or (HANGING[status].needs_idle and watch.cpu_time != row["cpu_time"]):
                watch = self._watched[key] = _Watch(now, row["cpu_time"], at_least=first and watch is None)
            watch.seen = now[0]
            since[row["identity"]] = watch.began[1]
            if now[0] - watch.began[0] >= self._settle:
                alike = (str(row["ppid"]),) if status == "zombie" else (row["name"], row["user"] or "")
                settled.setdefault((status, *alike), []).append((row, watch))
        self.since = since
        return _grouped(settled, sample["processes"])


def _grouped(settled: dict[tuple[str, ...], list[tuple[Process, _Watch]]], rows: list[Process]) -> Iterator[Finding]:
    parents = {row["pid"]: row for row in rows} if any(status == "zombie" for status, *_ in settled) else {}
    for (status, *alike), those in settled.items():
        parent = parents.get(those[0][0]["ppid"] or 0) if status == "zombie" else None
        left = f", left by {process_text(parent)}" if parent and parent["pid"] != 1 else ""
        if len(those) < (2 if status == "zombie" else _TOGETHER):
            for row, watch in those:
                what = f"{process_text(row)} {HANGING[status].hangs}{left}"
                cause = of_process(row)
                yield Finding(
                    status,
                    row["identity"],
                    "warning",
                    None,
                    what,
                    process=row,
                    cause=cause,
                    since=watch.began,
                    at_least=watch.at_least,
                )
            continue
        members = [row for row, _ in those]
        names = {row["name"] for row in members}
        of_name = next(iter(names))[:64] if len(names) == 1 else f"{len(names)} programs"
        oldest = min((watch for _, watch in those), key=lambda watch: watch.began)
        if status == "zombie":
            what = f"{len(members)} zombies of {of_name}{left}"
            cause = of_status(status, of_name, members, f"ppid={alike[0]}")
            if parent:
                # Zombies themselves cannot be ended: who does not wait for them can.
                cause = {**cause, "name": parent["name"]}
        else:
            what = f"{len(members)} processes of {of_name} {_ALL_HANG[status]}"
            cause = of_program(of_name, members[0]["user"], members)
            cause = {**cause, "query": f"{comparison('status', status)} {cause['query']}"}
        yield Finding(
            status,
            "/".join(("all", *alike)),
            "warning",
            None,
            what,
            cause=cause,
            since=oldest.began,
            at_least=oldest.at_least,
        )
