"""Writes samples as CSV, for spreadsheets and other programs; no pandas is needed.

Of the host there is a line for each sample, of processes a line for each process of each sample. Samples enter, in any
thread; a file leaves.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, Literal, TextIO, cast, get_args

from procwidget.errors import InvalidArgument, ProcwidgetError
from procwidget.nearest import did_you_mean
from procwidget.sample import Sample

What = Literal["host", "processes"]

_OF_PROCESSES = ("processes", "top_processes")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def to_csv(samples: Sample | Iterable[Sample], path: str | os.PathLike[str], what: What | None = None) -> int:
    """Write a sample, or several, to a CSV file; return how many lines it has below its heading.

    Args:
        samples: one sample, such as `snapshot()`, or several, such as `dashboard.history` or `history.since(60)`.
        path: the file; one that is there is replaced.
        what: "processes" for a line a process, its sample's `time` first, or "host" for a line a sample, with what is
            nested under names such as "memory.used". `None` is processes for one sample, and host for several.

    Unknown is an empty cell. Text that a spreadsheet would take for a formula has a ' before it: anybody can name a
    process.

    Raises:
        InvalidArgument: `what` is neither, or `samples` are none.
        ProcwidgetError: the file cannot be written.
    """
    one = isinstance(samples, Mapping)
    kind = what or ("processes" if one else "host")
    if kind not in get_args(What):
        known = get_args(What)
        raise InvalidArgument(f"what must be one of {', '.join(known)}, not {what!r}{did_you_mean(what, known)}.")
    if not one and (isinstance(samples, (str, bytes)) or not isinstance(samples, Iterable)):
        raise InvalidArgument(f"to_csv needs a sample or several, such as procwidget.snapshot(), not {samples!r}.")
    try:
        with open(path, "w", newline="", encoding="utf-8") as file:
            return write_csv(cast("Iterable[Sample]", [samples] if one else samples), file, kind)
    except OSError as error:
        raise ProcwidgetError(f"{os.fspath(path)} cannot be written: {error.strerror or error}.") from error


def write_csv(samples: Iterable[Sample], file: TextIO, what: What) -> int:
    """Write samples as `to_csv` does, to a file that is open.

    Raises:
        OSError: it cannot be written.
    """
    rows = _lines(samples, what)
    first = next(rows, None)
    # All samples of one source have the same keys, but for fields that are read on demand only now and then.
    writer = csv.DictWriter(file, list(first) if first else [], extrasaction="ignore", restval="")
    writer.writeheader()
    count = 0
    for row in chain([first] if first else [], rows):
        writer.writerow({key: _cell(value) for key, value in row.items()})
        count += 1
    return count


def _lines(samples: Iterable[Sample], kind: str) -> Iterator[dict[str, Any]]:
    for sample in samples:
        if not isinstance(sample, Mapping) or "processes" not in sample:
            raise InvalidArgument(f"to_csv needs samples, such as procwidget.snapshot(), not {sample!r}.")
        if kind == "processes":
            for process in sample["processes"]:
                yield {"time": sample["time"], **process}
        else:
            yield dict(_flat({key: value for key, value in sample.items() if key not in _OF_PROCESSES}))


def _flat(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, part in value.items():
        name = f"{prefix}{key}"
        if isinstance(part, Mapping):
            yield from _flat(part, f"{name}.")
        elif isinstance(part, (list, tuple)):
            yield from _flat({str(place): each for place, each in enumerate(part)}, f"{name}.")
        else:
            yield name, part


def _cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
