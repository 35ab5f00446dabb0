"""Every field of a process, declared once: what it is called, what its values are, and how often they change.

The packing of samples, the frames to the browser, the search language, the columns of the table and the list in
docs/search.md are made from `FIELDS`; `npm run build` writes it for the browser (running this file prints
it as JSON). To add a field: give it a key in `sample.Process`, have the sources that can read it do so, and declare it
here; give it a drawing of its own in views/js/table/columns.js only if text or a number does not do. Pure data.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple


class Kind(NamedTuple):
    """What the values of a field are.

    `units` has the units that a search takes, each as a factor to the row's unit, and is empty for text. `takes` is how
    a sentence about a wrong value goes on. `drawing` is how the table shows a value.
    """

    name: str
    units: Mapping[str, float]
    takes: str
    drawing: str

    @property
    def text(self) -> bool:
        """Whether values are text: compared whole or by what they contain, not ordered."""
        return not self.units


TEXT = Kind("text", {}, "", "text")
COUNT = Kind("number", {"": 1}, "a number such as 1", "count")
NUMBER = COUNT._replace(drawing="plain")
PER_SECOND = COUNT._replace(drawing="decimal")
PERCENT = Kind("percent", {"": 1, "%": 1}, "a number such as 50", "decimal")
_BYTES = {"b": 1.0} | {
    letter + rest: 1024.0**power
    for letter, power in (("k", 1), ("m", 2), ("g", 3), ("t", 4))
    for rest in ("", "b", "ib")
}
MEMORY = Kind(
    "memory",
    {"": 1} | {unit: factor / 2**20 for unit, factor in _BYTES.items()},
    "an amount such as 500m or 1.5g",
    "memory",
)
GROWTH = MEMORY._replace(drawing="growth")
AMOUNT = Kind("bytes", {"": 1, **_BYTES}, "an amount such as 500m or 1.5g", "bytes")
RATE = Kind(
    "rate",
    {"": 1, **_BYTES} | {f"{unit}/s": factor for unit, factor in _BYTES.items()},
    "an amount a second such as 500k or 10m/s",
    "rate",
)
DURATION = Kind("time", {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}, "a time such as 90s, 5m, 2h or 3d", "time")


class Field(NamedTuple):
    """One field of a process.

    Attributes:
        key: its key in a row, or the name of what is derived from one ("age", "trace").
        kind: what its values are.
        label: the heading of its column; "" for what is no column.
        hint: a few words about it, for the completion of a search.
        aliases: other names in a search.
        number: "f" or "i" if it changes from reading to reading and so is kept and sent as a column of numbers: floats,
            where NaN is unknown, or whole numbers, where -1 is. "" for what seldom changes.
        stored: whether it is a key of a row; else it is derived from others.
        searched: whether a search can name it.
        sorted: whether the table can be sorted by it.
        shown: whether the table shows it at first.
        operator: what a search usually says of it.
        on_demand: whether it is read, kept and sent only while a view shows, sorts or searches it.
        unknown: why it may be unknown, where that is worth saying.
    """

    key: str
    kind: Kind
    label: str
    hint: str = ""
    aliases: tuple[str, ...] = ()
    number: str = ""
    stored: bool = True
    searched: bool = True
    sorted: bool = True
    shown: bool = False
    operator: str = ""
    on_demand: bool = False
    unknown: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names that a search may use, the key first."""
        return (self.key, *self.aliases)


_GPU_UNKNOWN = "Not every GPU tells this, nor to every user, nor in a container."
_ROOT_ALONE = "Of other users' processes only root may read this."
_LARGEST = "Measured of the 20 largest processes that are shown; of other users' only root may."

FIELDS = (
    Field("pid", NUMBER, "PID", "the process's number", shown=True, operator="="),
    Field("name", TEXT, "Name", "has this in its name", shown=True, operator="~"),
    Field("user", TEXT, "User", "is this user's", shown=True, operator="="),
    Field(
        "status", TEXT, "Status", "such as running, zombie", aliases=("state",), number="i", shown=True, operator="="
    ),
    Field("cpu", PERCENT, "CPU %", "percent of one core", number="f", shown=True),
    Field("trace", TEXT, "Trace", stored=False, searched=False, sorted=False, shown=True),
    Field("memory", MEMORY, "Memory", "such as 500m, 1.5g", aliases=("mem",), number="f", shown=True),
    Field("memory_percent", PERCENT, "Memory %", stored=False, searched=False),
    Field("cpu_time", DURATION, "CPU time", "such as 90s, 1h", aliases=("time",), number="f"),
    Field("threads", COUNT, "Threads", "how many", number="i", shown=True),
    Field("started", DURATION, "Started", searched=False, shown=True),
    Field("age", DURATION, "Age", "runs for, such as 5m, 2h", aliases=("started",), stored=False),
    Field("command", TEXT, "Command", "has this in its command line", aliases=("cmd",), shown=True, operator="~"),
    Field("ppid", NUMBER, "Parent", "its parent's number", aliases=("parent",), operator="="),
    Field("nice", NUMBER, "Nice", "from -20 to 19", operator="<"),
    Field("session", NUMBER, "Session", "the process that began its session", operator="="),
    Field("user_time", DURATION, "User time", "CPU time in programs", number="f", on_demand=True),
    Field("system_time", DURATION, "System time", "CPU time in the kernel", number="f", on_demand=True),
    Field("priority", NUMBER, "Priority", "the kernel's, less is sooner", number="f", operator="<", on_demand=True),
    Field("read", RATE, "Read/s", "from disks a second", number="f", on_demand=True, unknown=_ROOT_ALONE),
    Field("written", RATE, "Written/s", "to disks a second", number="f", on_demand=True, unknown=_ROOT_ALONE),
    Field("read_total", AMOUNT, "Read", "from disks so far", number="f", on_demand=True, unknown=_ROOT_ALONE),
    Field("written_total", AMOUNT, "Written", "to disks so far", number="f", on_demand=True, unknown=_ROOT_ALONE),
    Field("container", TEXT, "Container", "is in this container or pod", operator="~", on_demand=True),
    Field("unit", TEXT, "Unit", "is of this systemd unit", operator="~", on_demand=True),
    Field("growth", GROWTH, "Growth", "memory a minute, such as 10m", number="f", on_demand=True),
    Field("swap", MEMORY, "Swap", "what of it is swapped out", number="f", on_demand=True),
    Field("shared", MEMORY, "Shared", "resident, of files and shared memory", number="f", on_demand=True),
    Field(
        "major_faults", PER_SECOND, "Major faults", "waits for a page from a disk, a second", number="f", on_demand=True
    ),
    Field("wait", PERCENT, "CPU wait %", "its main thread waits for a CPU", number="f", on_demand=True),
    Field("last_cpu", NUMBER, "Last CPU", "the one it ran on", number="f", operator="=", on_demand=True),
    Field("terminal", TEXT, "Terminal", "such as pts/3", operator="=", on_demand=True),
    Field("oom_score", COUNT, "OOM score", "the highest ends first when memory is out", number="f", on_demand=True),
    Field("gpu", PERCENT, "GPU %", "percent of one GPU", number="f", on_demand=True, unknown=_GPU_UNKNOWN),
    Field("gpu_memory", MEMORY, "GPU memory", "on all GPUs", number="f", on_demand=True, unknown=_GPU_UNKNOWN),
    Field("pss", MEMORY, "PSS", "shared parts divided by users", number="f", on_demand=True, unknown=_LARGEST),
    Field("policy", TEXT, "Policy", "such as other, batch, fifo", operator="=", on_demand=True),
    Field("child_time", DURATION, "Child time", "CPU time of children that ended", number="f", on_demand=True),
    Field("notebook", TEXT, "Notebook", "is of this notebook", operator="~", on_demand=True),
    Field("notebook_path", TEXT, "Notebook path", "where its notebook is, its kernel", operator="~", on_demand=True),
    Field("stuck", TEXT, "", searched=False, sorted=False),
    Field("identity", TEXT, "", searched=False, sorted=False),
)

COLUMNS = tuple(field.key for field in FIELDS if field.label)
"""What the table can show."""

SORT_KEYS = tuple(field.key for field in FIELDS if field.label and field.sorted)
"""What the table can be sorted by."""

ON_DEMAND = tuple(field.key for field in FIELDS if field.on_demand)
"""What is read only while somebody asks for it."""

HOST_ON_DEMAND = ("sensors", "tcp")
"""What of the host is read only while somebody asks for it: keys of a sample, which are `None` else."""

ON_DEMAND_NUMBERS = tuple(field.key for field in FIELDS if field.on_demand and field.number)
"""Those of them that are numbers."""

ON_DEMAND_TEXTS = tuple(field.key for field in FIELDS if field.on_demand and not field.number)
"""Those of them that are text, and seldom change."""

SUMMED = frozenset(
    {"cpu", "memory", "cpu_time", "threads", "user_time", "system_time", "child_time"}
    | {"read", "written", "read_total", "written_total", "major_faults", "growth", "swap", "pss", "gpu", "gpu_memory"}
)
"""Those of which a sum says something: a group's row in the table has it."""
ALIASES = {alias: field.key for field in reversed(FIELDS) for alias in field.aliases}
"""Other names of fields, such as "mem" for "memory"."""

SEARCHED = tuple(field for field in FIELDS if field.searched)
"""What a search can name."""

FLOATS = tuple(field.key for field in FIELDS if field.number == "f" and not field.on_demand)
"""What changes from reading to reading and is a float."""

WHOLES = tuple(f.key for f in FIELDS if f.number == "i" and not f.kind.text and not f.on_demand)
"""What changes from reading to reading and is a whole number."""

OFTEN = (*FLOATS, *WHOLES, "status")
"""What changes from reading to reading, in the order of columns: floats, whole numbers, then the status, a code."""

SELDOM = tuple(field.key for field in FIELDS if field.stored and not field.number and not field.on_demand)
"""The keys that seldom change; the identity is the last of them."""


def as_json() -> str:
    """Return `FIELDS` for the browser, as JSON."""
    fields: list[dict[str, Any]] = []
    for field in FIELDS:
        if field.label:
            kind = {"name": field.kind.name, "units": dict(field.kind.units), "takes": field.kind.takes}
            summed = field.key in SUMMED
            fields.append({**field._asdict(), "summed": summed, "kind": {**kind, "drawing": field.kind.drawing}})
    return json.dumps(fields, indent=2)


if __name__ == "__main__":
    print(as_json())
