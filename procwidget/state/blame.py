"""Says who or what causes a shortage: a process, a program, something else, or nobody that is shown.

Whoever is named explains at least a quarter of what is used, over the time of the shortage and not only at its last
reading. Pure; looks at no clock. The poller's thread calls it, once a tick.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import cast

from procwidget.sample import Process
from procwidget.sources.notebooks.notebook import UNNAMED
from procwidget.state.causes import Cause, common_ancestor, of_group, of_other, of_process, of_program, process_text
from procwidget.state.uses import PART, Kind, Uses
from procwidget.units import percent_text

_SMALL = 0.02
"""Who used less than this part at a reading is not followed: most processes do, and to follow them takes time."""

_LEAD = 1.5
"""Another is named when it has this many times as much as who is named now …"""

_TURNS = 3
"""… at so many readings one after another: a sentence that changes its name with each reading tells nobody anything."""

_BROADER = 2.0
"""What holds others, as a program its processes, is named instead of one of them where it has so many times as much."""

_NOTEBOOK = 1.3
"""A notebook is so named instead of one of its processes, which are what it does, or instead of their program."""

_USER = 0.5
"""A user who explains less than this part is not named: nearly everything is somebody's."""

_SPAN = 30.0
"""Seconds after which a reading counts for a third: what was busy half an hour ago explains nothing today."""

_LEAST = 10
"""A reading counts for no more than one in so many, however long the interval."""

_LONGEST = 64
_RELATED = 8
"""Of how many processes of a program the ancestor is looked for."""

_GROUPS = ("notebook", "container", "unit", "user")
_KINDS = ("process", "notebook", "program", *_GROUPS[1:])

_Kind = tuple[str, str | None, str | None, str | None, str | None]

_Key = tuple[str, ...]
"""("process", identity), ("program", name, user), ("container", name) and so on, or ("other", its name)."""


class Blame:
    """Follows who causes one shortage, from its first reading on."""

    def __init__(self) -> None:
        # All are sums over the readings so far, each amount times its seconds, where older readings count less.
        self._seconds = self._used = self._shown = 0.0
        self._sums: dict[_Key, float] = {}
        self._named: _Key | None = None
        self._rival: _Key | None = None
        self._turns = 0
        self._count: tuple[_Key, int, str] | None = None  # how many processes the one that is named had, and whose

    def update(self, uses: Uses, interval: float) -> tuple[Process | None, Cause | None, str]:
        """Take the next reading; return the process that is named, if one is, the cause, and how the sentence goes on.

        Args:
            uses: who used how much.
            interval: the seconds since the reading before.
        """
        now, rows = _largest(uses)
        before, first = self._sums, not self._seconds
        self._add(uses, now, interval or 1.0)
        # Who was not there before did not do for long what the sentence says goes on for long.
        amounts = {key: self._amount(uses, key, now[key]) for key in now if first or key in before}
        named = self._named
        if named and uses.passes and named not in amounts and named in self._sums:
            # It rests for a moment; or it is a program whose processes come and go.
            if named[0] == "process":
                rows.update((named, row) for row in uses.rows if _own(row) == named)
            if named in rows or named[0] in ("program", *_GROUPS) or named[-1] in uses.others:
                amounts[named] = self._sums[named]
        self._choose({key: amount for key, amount in amounts.items() if amount >= self._least(key)}, rows)
        return self._words(uses, now, rows)

    def _add(self, uses: Uses, now: Mapping[_Key, float], seconds: float) -> None:
        fades = math.exp(-seconds / max(_SPAN, _LEAST * seconds))
        self._seconds = self._seconds * fades + seconds
        self._used = self._used * fades + uses.used * seconds
        self._shown = self._shown * fades + sum(amount for _, amount in uses.amounts) * seconds
        little = self._used / 1000
        sums = {key: total * fades for key, total in self._sums.items() if key in now or total > little}
        for key, amount in now.items():
            sums[key] = sums.get(key, 0.0) + amount * seconds
        self._sums = sums

    def _amount(self, uses: Uses, key: _Key, now: float) -> float:
        """Return what counts for `key`: of what is held, no more than is held still."""
        total = self._sums[key]
        return total if uses.passes else min(total, now / uses.used * self._used)

    def _least(self, key: _Key) -> float:
        return (_USER if key[0] == "user" else PART) * self._used

    def _choose(self, able: Mapping[_Key, float], rows: Mapping[_Key, Process]) -> None:
        """Name one of those that explain enough: the narrowest that explains much, who is named before another."""
        best: _Key | None = None
        for kind in _KINDS:
            most = max((key for key in able if key[0] == kind), key=able.__getitem__, default=None)
            times = _NOTEBOOK if kind == "notebook" else _BROADER
            broader = best is not None and most is not None and able[most] >= times * able[best]
            if most and (best is None or (broader and kind != "user")):
                best = most
        other = max((key for key in able if key[0] == "other"), key=able.__getitem__, default=None)
        if other and (best is None or able[other] > able[best]):
            best = other
        named = self._named
        if named is None or named not in able:
            self._named, self._rival, self._turns = best, None, 0
            return
        if best is None or best == named:
            self._rival = None
            return
        rest = able[named]
        if best in rows and named in _keys(rows[best]):
            rest -= able[best]
        if able[best] < _LEAD * rest:
            self._rival = None
            return
        self._rival, self._turns = best, self._turns + 1 if self._rival == best else 1
        if self._turns >= _TURNS:
            self._named, self._rival = best, None

    def _words(
        self, uses: Uses, now: Mapping[_Key, float], rows: Mapping[_Key, Process]
    ) -> tuple[Process | None, Cause | None, str]:
        key = self._named
        if key is None:
            much = self._shown >= PART * self._used
            return (None, None, "by many processes") if much else (None, uses.starter, uses.unexplained)
        share = self._sums[key] / self._used if uses.passes else now[key] / uses.used
        percent = min(100.0, 100 * share)
        if key[0] == "other":
            return None, of_other(key[1], percent), uses.others[key[1]][1]
        of_it = f"{percent_text(percent)} {uses.of_what}"
        if key[0] == "process":
            row = rows[key]
            return row, of_process(row, percent), f"{process_text(row)} {uses.verb} {of_it}"
        _, name, *user = key
        of_these = [row for row, _ in uses.amounts if _is_of(row, key)]
        whose = self._whose(of_these, uses.rows) if key[0] == "program" else ""
        if len(of_these) > 1:
            self._count = key, len(of_these), whose
        if self._count and self._count[0] == key:
            those = f"{self._count[1]} processes{self._count[2]}"
        else:
            those = f"processes{whose}, one after another"
        if key[0] == "program":
            cause = of_program(name, user[0] or None, of_these, percent)
            return None, cause, f"{name[:_LONGEST]} ({those}) {uses.verb_together} {of_it}"
        kind = cast(Kind, key[0])
        cause = of_group(kind, name, of_these, percent)
        called = name[:_LONGEST] if kind == "notebook" else f"{kind} {name[:_LONGEST]}"
        return None, cause, f"{called} ({those}) {uses.verb_together} {of_it}"

    def _whose(self, rows: list[Process], everyone: list[Process]) -> str:
        """Return what started the processes of a program, where that explains something, and whose they are."""
        ancestor = common_ancestor(rows[:_RELATED], {row["pid"]: row for row in everyone}) if len(rows) > 1 else None
        user = rows[0]["user"] if rows else self._named and self._named[-1]
        known = [*([ancestor["name"][:_LONGEST]] if ancestor else []), *([user] if user else [])]
        return f" of {', '.join(known)}" if known else ""


def _largest(uses: Uses) -> tuple[dict[_Key, float], dict[_Key, Process]]:
    """Return how much each process, program and other thing used, and the processes' rows, the small ones left out."""
    rows: dict[_Key, Process] = {}
    now: dict[_Key, float] = {}
    together: dict[_Key, float] = {}
    little = _SMALL * uses.used
    # Most processes are alike in this, so what they are together is asked of few.
    alike: dict[_Kind, float] = {}
    for row, amount in uses.amounts:
        kind = _kind(row)
        alike[kind] = alike.get(kind, 0.0) + amount
        if amount >= little:
            now[_own(row)] = amount
            rows[_own(row)] = row
    for kind, amount in alike.items():
        for key in _keys_of(*kind):
            together[key] = together.get(key, 0.0) + amount
    now |= {key: amount for key, amount in together.items() if amount >= little}
    now |= {("other", name): amount for name, (amount, _) in uses.others.items() if amount}
    return now, rows


def _own(row: Process) -> _Key:
    return "process", row["identity"]


def _keys(row: Process) -> list[_Key]:
    """Return what a process is one of."""
    return _keys_of(*_kind(row))


def _kind(row: Process) -> _Kind:
    return row["name"], row["user"], row.get("container"), row.get("unit"), row.get("notebook")


def _keys_of(name: str, user: str | None, container: str | None, unit: str | None, notebook: str | None) -> list[_Key]:
    keys: list[_Key] = [("program", name, user or "")]
    if notebook and notebook != UNNAMED:
        keys.append(("notebook", notebook))
    if container:
        keys.append(("container", container))
    # A session's and a user's own unit hold whatever a user runs: the user is named then.
    if unit and not unit.startswith(("session-", "user@", "init.scope")):
        keys.append(("unit", unit))
    # Root is nobody in particular.
    if user and user != "root":
        keys.append(("user", user))
    return keys


def _is_of(row: Process, key: _Key) -> bool:
    if key[0] == "program":
        return row["name"] == key[1] and (row["user"] or "") == key[2]
    return row.get(key[0]) == key[1]
