"""What is told of a host at each tick: one row of a few figures, its sentence and its greediest programs.

`row_of` makes it on the host, `packed` makes a short message of it, and `read` takes it from a host that is not
trusted. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, TypedDict, cast

from procwidget.fleet.checked import Lie, finite, text_of
from procwidget.sample import Process, Sample
from procwidget.state.sentence import State
from procwidget.thresholds import Level

LONGEST_MESSAGE = 2048
LONGEST_SENTENCE = 160
LONGEST_NOTE = 200
_LONGEST_NAME = 32
_MIB = 2**20
_LEVELS: tuple[Level, ...] = ("normal", "warning", "critical")
_SHORTAGES = ("cpu", "memory", "disk", "space", "limit", "gpu", "network")


class Top(TypedDict):
    """The program that takes most of something: all processes of one name and user, and how many these are.

    `value` is percent of one core for CPU, MiB for memory.
    """

    name: str
    user: str | None
    value: float
    processes: int


class Row(TypedDict):
    """A host at one tick.

    `cpu`, `memory`, `swap` and the pressures are percent, `memory_used` and `memory_total` MiB, the rates bytes a
    second; `cpus` is how many CPUs count. `time` is Unix seconds by that host's clock. What is not known is `None`.
    `note` is what its reader should know, such as that processes are hidden there; "" for nothing.
    """

    time: float
    level: Level
    text: str
    short_of: list[str]
    cpu: float | None
    cpus: float | None
    memory: float | None
    memory_used: float | None
    memory_total: float | None
    swap: float | None
    pressure_cpu: float | None
    pressure_memory: float | None
    pressure_io: float | None
    load: float | None
    received: float | None
    sent: float | None
    read: float | None
    written: float | None
    processes: int
    top_cpu: Top | None
    top_memory: Top | None
    note: str


NUMBERS = (
    *("cpu", "cpus", "memory", "memory_used", "memory_total", "swap"),
    *("pressure_cpu", "pressure_memory", "pressure_io", "load", "received", "sent", "read", "written"),
)
"""The figures of a row, in the order in which they travel."""

_PERCENT = frozenset({"cpu", "memory", "swap", "pressure_cpu", "pressure_memory", "pressure_io"})
_HIGHEST = tuple(100.0 if key in _PERCENT else 2.0**53 for key in NUMBERS)


def row_of(sample: Sample, state: State, notes: Iterable[str] = ()) -> Row:
    """Return the row of a sample, with the sentence that is said of it and the notes of its source."""
    counts, pressure, memory = sample["effective"], sample["pressure"], sample["memory"]
    load = sample["load_average"]
    return {
        "time": sample["time"],
        "level": state["level"],
        "text": state["text"],
        "short_of": state["short_of"],
        "cpu": counts["cpu_usage"],
        "cpus": counts["cpus"],
        "memory": counts["memory_usage"],
        "memory_used": _mib(counts["memory_used"]),
        "memory_total": _mib(counts["memory_total"]),
        "swap": memory["swap_usage"] if memory else None,
        "pressure_cpu": pressure["cpu"]["some"] if pressure else None,
        "pressure_memory": pressure["memory"]["some"] if pressure else None,
        "pressure_io": pressure["io"]["some"] if pressure else None,
        "load": load[0] if load else None,
        "received": sample["network"]["received"],
        "sent": sample["network"]["sent"],
        "read": sample["disk"]["read"],
        "written": sample["disk"]["written"],
        "processes": sample["process_count"],
        "top_cpu": _top(sample["processes"], "cpu"),
        "top_memory": _top(sample["processes"], "memory"),
        "note": " ".join(notes),
    }


def _mib(count: float | None) -> float | None:
    return None if count is None else count / _MIB


def _top(rows: list[Process], key: str) -> Top | None:
    sums: dict[tuple[str, str | None], float] = {}
    # The larger part of what an agent does at a tick beside reading.
    those = [row for row in cast("list[dict[str, Any]]", rows) if row[key]]
    for row in those:
        program = row["name"], row["user"]
        sums[program] = sums.get(program, 0.0) + row[key]
    if not sums:
        return None
    name, user = program = max(sums, key=sums.__getitem__)
    count = len([row for row in those if row["name"] == name and row["user"] == user])
    return {"name": name, "user": user, "value": sums[program], "processes": count}


def packed(row: Row) -> bytes:
    """Return a row as a short message."""
    figures = [_short(cast("dict[str, Any]", row)[key]) for key in NUMBERS]
    short_of = [_SHORTAGES.index(one) for one in row["short_of"] if one in _SHORTAGES]
    tops = [_packed_top(row["top_cpu"]), _packed_top(row["top_memory"])]
    said = [round(row["time"], 2), _LEVELS.index(row["level"]), row["text"][:LONGEST_SENTENCE], short_of, figures]
    note = [row["note"][:LONGEST_NOTE]] if row["note"] else []
    return _encoded([*said, row["processes"], *tops, *note])


def packed_problem(sentence: str) -> bytes:
    """Return the message in the place of a row: why there is none."""
    return _encoded(sentence[:LONGEST_SENTENCE])


def _encoded(value: Any) -> bytes:
    message = json.dumps(value, separators=(",", ":"), allow_nan=False, ensure_ascii=False)
    return message.encode("utf-8", "replace")


def _packed_top(top: Top | None) -> list[Any] | None:
    if top is None:
        return None
    name, user = top["name"][:_LONGEST_NAME], (top["user"] or "")[:_LONGEST_NAME]
    return [name, user, _short(top["value"]), top["processes"]]


def _short(value: float | None) -> float | None:
    """Return a figure with as many digits as anybody reads."""
    if value is None:
        return None
    rounded = round(value, 1) if abs(value) < 1000 else round(value)
    return int(rounded) if rounded == int(rounded) else rounded


def read(message: object) -> Row | str:
    """Return the row in a message of another host, or the sentence why it has none.

    Raises:
        Lie: it is none.
    """
    if not isinstance(message, bytes) or len(message) > LONGEST_MESSAGE:
        raise Lie("a row is no bytes, or too many")
    try:
        said = json.loads(message.decode())
    except (ValueError, RecursionError) as error:
        raise Lie(f"a row cannot be read: {error}") from None
    match said:
        case str():
            return text_of(said, LONGEST_SENTENCE) or "This host says nothing of itself."
        case [moment, int(level), text, list(short_of), list(figures), int(count), *tops] if (
            len(figures) == len(NUMBERS) and len(tops) in (2, 3) and 0 <= level < len(_LEVELS) and len(short_of) <= 9
        ):
            for value, highest in zip(figures, _HIGHEST, strict=True):
                # A call for each is most of the time that a hundred hosts take; what seems wrong is looked at closely.
                if value is not None and not (type(value) in (float, int) and 0 <= value <= highest):
                    finite(value, 0.0, highest)
            return cast(
                Row,
                {
                    "time": finite(moment, 0.0, 2.0**40) or 0.0,
                    "level": _LEVELS[level],
                    "text": text_of(text, LONGEST_SENTENCE),
                    "short_of": [_SHORTAGES[at] for at in short_of if type(at) is int and 0 <= at < len(_SHORTAGES)],
                    **dict(zip(NUMBERS, figures, strict=True)),
                    "processes": int(finite(count, 0, 2**32) or 0),
                    "top_cpu": _read_top(tops[0]),
                    "top_memory": _read_top(tops[1]),
                    "note": text_of(tops[2], LONGEST_NOTE) if len(tops) == 3 else "",
                },
            )
    raise Lie("a message is no row")


def _read_top(top: Any) -> Top | None:
    match top:
        case None:
            return None
        case [name, user, value, int(count)]:
            return {
                "name": text_of(name, _LONGEST_NAME),
                "user": text_of(user, _LONGEST_NAME) or None,
                "value": finite(value, 0.0, 2.0**53) or 0.0,
                "processes": int(finite(count, 0, 2**32) or 0),
            }
    raise Lie("a message is no row")
