"""Puts a sample's figures into the words of a panel: facts, tables with headings, and sentences about them. Pure.

A function for each panel; `procwidget.views.panels` lists them. What is wrong has a level, which the browser marks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NotRequired, TypedDict

from procwidget.clean_text import clean_text
from procwidget.machine import Sensors
from procwidget.sample import Interface, Memory, Sample
from procwidget.thresholds import Level, Thresholds
from procwidget.units import UNKNOWN, bytes_text, duration_text, percent_text, rate_text

NEARLY_FULL = 90.0
"""Percent of its room, or of its inodes, from which on a filesystem is marked."""

_BUSIEST = 8


class Fact(TypedDict):
    """One figure with its name; `hint` says more where the pointer rests on it."""

    label: str
    text: str
    level: NotRequired[Level]
    hint: NotRequired[str]


class Column(TypedDict):
    """The heading of a table's column; `number` is whether its cells line up on the right."""

    label: str
    number: bool
    hint: NotRequired[str]


class Marked(TypedDict):
    """What stands in a cell that is wrong."""

    text: str
    level: Level


Cell = str | Marked


class Table(TypedDict):
    """A table; the first cell of each row names what the row is about. With `values` it can be sorted by any column."""

    caption: str
    columns: list[Column]
    rows: list[list[Cell]]
    values: NotRequired[list[list[float | None]]]


class Content(TypedDict):
    """What a panel shows: facts, then tables, then sentences."""

    facts: list[Fact]
    tables: list[Table]
    notes: list[str]


def describe_cpu(sample: Sample, thresholds: Thresholds) -> Content:
    """Return what the CPUs do, which are the busiest, and what they are."""
    times, sensors, system = sample["cpu_times"], sample["sensors"], sample["system"]
    facts: list[Fact] = [
        {"label": label, "text": _percent(times[key] if times else None), "hint": hint}  # type: ignore[literal-required]
        for key, label, hint in _SHARES
    ]
    facts += [
        {"label": "Running", "text": _count(sample["running"]), "hint": "Threads that run or could run"},
        {"label": "Blocked", "text": _count(sample["blocked"]), "hint": "Threads that wait for a disk"},
        {"label": "Context switches", "text": _per_second(sample["context_switches"])},
        {"label": "Interrupts", "text": _per_second(sample["interrupts"])},
        _frequency(sensors, "Frequency"),
    ]
    if (throttled := sample["throttled"]) is not None:
        hint = "Periods in which the container had used up its CPU limit and had to wait"
        fact: Fact = {"label": "Throttled", "text": _percent(throttled), "hint": hint}
        facts.insert(0, {**fact, "level": "warning"} if throttled > 0 else fact)
    numbers: Sequence[int | None] = sample["cpu_numbers"] or [None for _ in sample["per_cpu"]]
    known = [(use, number) for use, number in zip(sample["per_cpu"], numbers, strict=True) if use is not None]
    busiest = sorted(known, key=lambda one: (-int(one[0]), one[1] or 0))[:_BUSIEST]
    rows: list[list[Cell]] = [
        [UNKNOWN if number is None else str(number), _marked(percent_text(use), thresholds.level("cpu", use))]
        for use, number in busiest
    ]
    what = [system["cpu"], system["architecture"], system["os"], system["kernel"] and f"kernel {system['kernel']}"]
    return {
        "facts": facts,
        "tables": [_table("Busiest cores", ["Core", ">Use"], rows)] if len(known) > 1 else [],
        "notes": [", ".join(filter(None, what))],
    }


_SHARES = (
    ("user", "User", "Programs with the usual priority"),
    ("nice", "Nice", "Programs with a lower priority"),
    ("system", "System", "The kernel, at work for programs"),
    ("iowait", "I/O wait", "Idle while a task waited for a disk"),
    ("irq", "Hard interrupts", "Answering devices"),
    ("softirq", "Soft interrupts", "Network, timers and other work put off by interrupts"),
    ("steal", "Steal", "Taken by others on the same hardware"),
    ("guest", "Guests", "Virtual machines of this host"),
    ("idle", "Idle", "Nothing to do"),
)


def describe_memory(sample: Sample, _thresholds: Thresholds) -> Content:
    """Return what memory and swap hold, and how they move."""
    kills = sample["oom_kills"]
    facts: list[Fact] = [
        {"label": "Swapped in", "text": rate_text(sample["swap_in"])},
        {"label": "Swapped out", "text": rate_text(sample["swap_out"])},
        {"label": "Major faults", "text": _per_second(sample["major_faults"]), "hint": "Pages read from a disk"},
        {"label": "Out-of-memory kills", "text": _count(kills), "hint": "Since the reading before"},
    ]
    if kills:
        facts[-1]["level"] = "critical"
    memory = sample["memory"]
    if memory is None:
        return {"facts": facts, "tables": [], "notes": ["What memory holds is unknown here."]}
    total, swap = memory["total"], memory["swap_total"]
    parts: list[tuple[str, int, int | None]] = [
        (label, memory[key], total)  # type: ignore[literal-required]
        for key, label in _PARTS
        # What most machines have none of is left out where there is none.
        if memory[key] or (memory[key] is not None and key not in _RARE)  # type: ignore[literal-required]
    ]
    parts = [("Total", total, None), *parts]
    if swap:
        parts += [("Swap", swap, None), ("Swap in use", memory["swap_used"], swap)]
    rows: list[list[Cell]] = [
        [label, bytes_text(size), percent_text(100.0 * size / whole) if whole else ""] for label, size, whole in parts
    ]
    return {"facts": facts, "tables": [_table("Memory", ["What", ">Size", ">Share"], rows)], "notes": _swap(memory)}


_PARTS = (
    ("used", "Used"),
    ("available", "Available"),
    ("cached", "Cached files"),
    ("buffers", "Buffers"),
    ("shared", "Shared, tmpfs"),
    ("slab", "Kernel (slab)"),
    ("dirty", "To be written (dirty)"),
    ("committed", "Promised (committed)"),
    ("huge_pages", "Huge pages"),
    ("huge_pages_free", "Huge pages, free"),
    ("arc", "Cache of ZFS (ARC)"),
)


_RARE = {"huge_pages", "huge_pages_free", "arc"}


def _swap(memory: Memory) -> list[str]:
    kinds = [("zram", memory["zram"], memory["zram_stored"]), ("zswap", memory["zswap"], memory["zswap_stored"])]
    notes = [] if memory["swap_total"] else ["There is no swap."]
    for name, taken, stored in kinds:
        if taken is not None and stored:
            notes.append(
                f"{name} keeps {bytes_text(stored)} of swapped pages compressed in {bytes_text(taken)} of memory."
            )
    return notes


def describe_disks(sample: Sample, _thresholds: Thresholds) -> Content:
    """Return what each disk does."""
    disks = sample["disks"]
    rows: list[list[Cell]] = [
        [
            clean_text(disk["name"]),
            rate_text(disk["read"]),
            rate_text(disk["written"]),
            _per_second(disk["reads"]),
            _per_second(disk["writes"]),
            percent_text(disk["busy"]),
            UNKNOWN if disk["latency"] is None else f"{disk['latency']:.1f} ms",
            UNKNOWN if disk["queue"] is None else f"{disk['queue']:.1f}",
        ]
        for disk in disks or ()
    ]
    columns = ["Disk", ">Read", ">Written", ">Reads", ">Writes", ">Busy", ">Latency", ">Queue"]
    hints = {
        "Busy": "Time in which it had any request",
        "Latency": "How long a request took, waiting included",
        "Queue": "Requests at a time",
    }
    notes = _not_added([disk["name"] for disk in disks or () if not disk["counted"]], "stand on other disks")
    return _one_table("Disks", columns, rows, notes, "No disk is counted here.", hints)


def describe_filesystems(sample: Sample, _thresholds: Thresholds) -> Content:
    """Return how full each filesystem is, the fullest first."""
    found = sorted(
        sample["filesystems"] or (), key=lambda one: (not one["stuck"], -(one["usage"] or 0.0), one["mount"])
    )
    rows: list[list[Cell]] = []
    for one in found:
        rows.append(
            [
                one["mount"],
                {"text": "no answer", "level": "critical"} if one["stuck"] else _nearly_full(one["usage"]),
                bytes_text(one["used"]),
                bytes_text(one["available"]),
                bytes_text(one["total"]),
                _nearly_full(one["inodes_usage"]),
                f"{one['type']}, read-only" if one["read_only"] else one["type"],
                one["device"],
            ]
        )
    columns = ["Mounted on", ">Full", ">Used", ">Available", ">Size", ">Inodes", "Type", "Device"]
    hints = {"Full": "As df counts it, without what is kept for root", "Inodes": "How many of its files are used up"}
    return _one_table("Filesystems", columns, rows, [], "No filesystem has answered yet.", hints)


def describe_network(sample: Sample, _thresholds: Thresholds) -> Content:
    """Return what each interface carries and loses, and the TCP connections."""
    interfaces, tcp = sample["interfaces"], sample["tcp"]
    rows: list[list[Cell]] = [
        [
            clean_text(one["name"]),
            rate_text(one["received"]),
            rate_text(one["sent"]),
            _per_second(one["packets"]),
            _lost(one["errors"]),
            _lost(one["drops"]),
            _link(one),
        ]
        for one in interfaces or ()
    ]
    columns = ["Interface", ">In", ">Out", ">Packets", ">Errors", ">Drops", ">Link"]
    notes = _not_added([one["name"] for one in interfaces or () if not one["counted"]], "pass others' bytes on")
    content = _one_table("Interfaces", columns, rows, notes, "No interface is counted here.", {})
    if tcp is not None:
        content["facts"] = [
            {"label": "TCP open", "text": _count(tcp["established"]), "hint": "Connections that are established"},
            {"label": "Closed lately", "text": _count(tcp["time_wait"]), "hint": "Connections in TIME-WAIT"},
            {"label": "Segments sent", "text": _per_second(tcp["sent"])},
            {"label": "Sent again", "text": _per_second(tcp["resent"]), "hint": "Retransmitted: lost on their way"},
        ]
    return content


def describe_sensors(sample: Sample, _thresholds: Thresholds) -> Content:
    """Return temperatures, fans and battery."""
    sensors = sample["sensors"]
    if sensors is None:
        return {"facts": [], "tables": [], "notes": ["The sensors have not answered yet."]}
    facts: list[Fact] = [_frequency(sensors, "CPU frequency")]
    if sensors["battery"]:
        percent, seconds = sensors["battery"]["percent"], sensors["battery"]["seconds"]
        plugged = sensors["battery"]["plugged"]
        how = "" if plugged is None else ", plugged in" if plugged else ", not plugged in"
        left = "" if seconds is None else f", {duration_text(seconds)} left"
        facts.append({"label": "Battery", "text": f"{percent_text(percent)}{how}{left}"})
    tables = []
    if sensors["temperatures"]:
        rows: list[list[Cell]] = [
            [
                _name(one["chip"], one["label"]),
                _marked(_degrees(one["now"]), _heat(one["now"], one["high"], one["critical"])),
                _degrees(one["high"]),
                _degrees(one["critical"]),
            ]
            for one in sensors["temperatures"]
        ]
        tables.append(_table("Temperatures", ["Sensor", ">Now", ">High", ">Critical"], rows))
    if sensors["fans"]:
        turns: list[list[Cell]] = [
            [_name(one["chip"], one["label"]), UNKNOWN if one["now"] is None else f"{one['now']:,.0f} rpm"]
            for one in sensors["fans"]
        ]
        tables.append(_table("Fans", ["Fan", ">Speed"], turns))
    notes = [] if tables else ["This machine tells no temperatures and no fans, as is usual for a virtual one."]
    return {"facts": facts, "tables": tables, "notes": notes}


def _table(caption: str, columns: Iterable[str], rows: list[list[Cell]], hints: dict[str, str] | None = None) -> Table:
    """Return a table; the headings of columns of numbers begin with ">"."""
    made: list[Column] = [{"label": label.lstrip(">"), "number": label.startswith(">")} for label in columns]
    for column in made:
        if hints and column["label"] in hints:
            column["hint"] = hints[column["label"]]
    return {"caption": caption, "columns": made, "rows": rows}


def _one_table(
    caption: str,
    columns: Iterable[str],
    rows: list[list[Cell]],
    notes: list[str],
    nothing: str,
    hints: dict[str, str],
) -> Content:
    if not rows:
        return {"facts": [], "tables": [], "notes": [nothing]}
    return {"facts": [], "tables": [_table(caption, columns, rows, hints)], "notes": notes}


def _marked(text: str, level: Level) -> Cell:
    return text if level == "normal" else {"text": text, "level": level}


def _nearly_full(usage: float | None) -> Cell:
    return _marked(percent_text(usage), "warning" if usage is not None and usage >= NEARLY_FULL else "normal")


def _lost(packets: float | None) -> Cell:
    return _marked(_per_second(packets), "warning" if packets else "normal")


def _heat(now: float | None, high: float | None, critical: float | None) -> Level:
    if now is None:
        return "normal"
    if critical is not None and now >= critical:
        return "critical"
    return "warning" if high is not None and now >= high else "normal"


def _not_added(names: list[str], why: str) -> list[str]:
    if not names:
        return []
    some = ", ".join(map(clean_text, names[:5])) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    return [f"Not a part of the totals, for they {why}: {some}."]


def _link(interface: Interface) -> str:
    speed = interface["speed"]
    if speed is None:
        return UNKNOWN
    megabits = speed * 8 // 1_000_000
    return f"{megabits / 1000:g} Gbit/s" if megabits >= 1000 else f"{megabits} Mbit/s"


def _frequency(sensors: Sensors | None, label: str) -> Fact:
    now, most = (sensors["cpu_frequency"], sensors["cpu_frequency_most"]) if sensors else (None, None)
    hint = "The mean of all CPUs" + (f"; {most / 1000:.2f} GHz at most" if most else "")
    return {"label": label, "text": UNKNOWN if now is None else f"{now / 1000:.2f} GHz", "hint": hint}


def _name(chip: str, label: str) -> str:
    return f"{chip}: {label}" if label else chip


def _degrees(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.0f} °C"


def _percent(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.1f} %"


def _count(value: int | None) -> str:
    return UNKNOWN if value is None else f"{value:,}"


def _per_second(value: float | None) -> str:
    if value is None:
        return UNKNOWN
    return f"{value:,.0f}/s" if value >= 9.95 or value == 0 else f"{value:.1f}/s"
