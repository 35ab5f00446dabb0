"""Samples on their way from a host to who looks at it: the first one whole, of each later one what differs.

`Sender` is on the host, `Receiver` at the other end, where nothing that a host says is trusted. A message is
compressed JSON with figures of two decimals; rows that did not change stay the same object, as `sources.base` wants.
No threads.
"""

from __future__ import annotations

import json
import zlib
from typing import Any, cast

from procwidget.fleet.checked import Lie, checked, unpacked
from procwidget.fleet.failure import raise_failure
from procwidget.recording.patch import applied, difference
from procwidget.sample import Process, Sample, top_processes

_LISTS = ("processes", "top_processes")


class Sender:
    """Makes messages of the samples of one host, numbered one after another."""

    def __init__(self) -> None:
        self.number = 0
        """That of the newest sample; 0 before the first."""
        self._sample: Sample | None = None
        self._before: Sample | None = None
        self._delta: bytes | None = None

    def take(self, sample: Sample) -> None:
        """Take the next sample; what a message needs is worked out when somebody asks for one."""
        self.number += 1
        self._delta = None
        self._before, self._sample = self._sample, sample

    def message(self, since: int) -> bytes:
        """Return what leads to the newest sample for who has sample `since`, the whole of it if that is another."""
        if since == self.number - 1 and since > 0:
            if self._delta is None:
                self._delta = self._differs()
            return self._delta
        sample = self._sample
        rows = [_rounded_row(row) for row in sample["processes"]] if sample else []
        return _packed({"number": self.number, "host": _host_of(sample), "rows": rows})

    def _differs(self) -> bytes:
        before_rows, now_rows = (one["processes"] if one else [] for one in (self._before, self._sample))
        rows = {row["identity"]: row for row in before_rows}
        there = {row["identity"]: row for row in now_rows}
        changed: dict[str, dict[str, Any]] = {}
        new: list[dict[str, Any]] = []
        for identity, row in there.items():
            before = rows.get(identity)
            if before is row:
                continue
            now = _rounded_row(row)
            if before is None or before.keys() != row.keys():
                new.append(now)
                continue
            then = _rounded_row(before)
            if differs := {key: value for key, value in now.items() if value != then[key]}:
                changed[identity] = differs
        left = [identity for identity in rows if identity not in there]
        host = difference(_host_of(self._before), _host_of(self._sample))
        said = {"since": self.number - 1, "number": self.number, "host": host}
        return _packed({**said, "changed": changed, "new": new, "left": left})


class Receiver:
    """Makes samples again of the messages of one host."""

    def __init__(self) -> None:
        self.number = 0
        """That of the sample that it has; 0 for none."""
        self._host: Any = None
        self._rows: dict[str, Process] = {}

    def take(self, message: object, top: int) -> Sample:
        """Return the sample to which a message leads.

        Args:
            message: what the host sent.
            top: how many `top_processes` the sample is to have.

        Raises:
            Lie: it is no message, or leads on from another sample; the next one must be whole.
            ProcwidgetError: the host says that it failed to make one.
        """
        try:
            return self._take(unpacked(message), top)
        except (Lie, KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError) as error:
            self.number, self._host, self._rows = 0, None, {}
            raise error if isinstance(error, Lie) else Lie(f"a message makes no reading: {error!r:.80}") from None

    def _take(self, said: dict[str, Any], top: int) -> Sample:
        raise_failure(said)
        if "since" not in said:
            host, rows = said["host"], {}
            new, changed, left = said["rows"], {}, []
        elif said["since"] == self.number:
            host, rows = applied(self._host, said["host"]), dict(self._rows)
            new, changed, left = said["new"], said["changed"], said["left"]
        else:
            raise Lie("a message leads on from another reading")
        for identity in left:
            del rows[identity]
        for identity, differs in changed.items():
            rows[identity] = checked({**rows[identity], **differs, "identity": identity}, Process)
        for row in new:
            row = checked(row, Process)
            rows[row["identity"]] = row
        listed = list(rows.values())
        sample = checked({**host, "processes": [], "top_processes": []}, Sample)
        sample |= {"processes": listed, "top_processes": top_processes(listed, top)}
        number = said["number"]
        if type(number) is not int or number < 1:
            raise Lie("a message has no number")
        self.number, self._host, self._rows = number, host, rows
        return cast(Sample, sample)


def _host_of(sample: Sample | None) -> dict[str, Any]:
    """Return a sample without its processes, its figures rounded."""
    return {key: _rounded(value) for key, value in sample.items() if key not in _LISTS} if sample else {}


def _packed(value: dict[str, Any]) -> bytes:
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    # Process names may hold anything; what is escaped is ASCII.
    return zlib.compress(text.encode("ascii"), 1)


def _rounded(value: Any) -> Any:
    if type(value) is float:
        return round(value, 2)
    if type(value) is dict:
        return {key: _rounded(one) for key, one in value.items()}
    if type(value) is list:
        return [_rounded(one) for one in value]
    return value


def _rounded_row(row: Process) -> dict[str, Any]:
    return {key: round(value, 2) if type(value) is float else value for key, value in row.items()}
