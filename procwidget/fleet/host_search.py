"""Searches hosts in the process table's language: `cpu>80 host~node1*`, `state=critical or program~train`. Pure."""

from __future__ import annotations

from typing import Any, cast

from procwidget.fields import COUNT, MEMORY, NUMBER, PERCENT, RATE, TEXT, Field
from procwidget.query import Query, parse
from procwidget.sample import Process

HOST_FIELDS = (
    Field("host", TEXT, "Host", "its name; * stands for anything", ("name",)),
    Field("state", TEXT, "State", "critical, warning, lost, silent, waiting or normal", operator="="),
    Field("short_of", TEXT, "Short of", "cpu, memory, disk …", ("short",)),
    Field("cpu", PERCENT, "CPU", "percent of all CPUs"),
    Field("memory", PERCENT, "Memory", "percent", ("mem",)),
    Field("memory_used", MEMORY, "Used", "memory in use"),
    Field("memory_total", MEMORY, "Total", "memory in all"),
    Field("swap", PERCENT, "Swap", "percent"),
    Field("pressure_cpu", PERCENT, "", "time in which tasks waited for CPU"),
    Field("pressure_memory", PERCENT, "", "the same for memory"),
    Field("pressure_io", PERCENT, "", "the same for disks", ("io",)),
    Field("load", NUMBER, "Load", "over one minute"),
    Field("received", RATE, "Received", "bytes a second from the network"),
    Field("sent", RATE, "Sent", "bytes a second to the network"),
    Field("read", RATE, "Read", "bytes a second from disks"),
    Field("written", RATE, "Written", "bytes a second to disks"),
    Field("processes", COUNT, "Processes", "how many"),
    Field("cpus", NUMBER, "CPUs", "how many count", ("cores",)),
    Field("workers", COUNT, "Workers", "of the cluster"),
    Field("program", TEXT, "Program", "the one that takes most CPU"),
    Field("user", TEXT, "User", "whose that program is"),
)
"""What a search can name of a host."""

_BY_NAME = {name: field for field in HOST_FIELDS for name in (field.key, *field.aliases)}


def parse_hosts(text: str) -> Query:
    """Return the query over hosts that `text` is.

    Raises:
        QueryError: the text is wrong; it says where, and what would be right.
    """
    return parse(text, _BY_NAME)


def found(query: Query, rows: list[dict[str, Any]], now: float) -> list[str]:
    """Return the names of the hosts that a query finds.

    Args:
        query: of `parse_hosts`.
        rows: as `Fleet.last` has them.
        now: Unix seconds.
    """
    return [row["host"] for row in rows if query.matches(cast(Process, _searched(row)), now)]


def _searched(row: dict[str, Any]) -> dict[str, Any]:
    top, short_of = row["top_cpu"] or {}, ", ".join(row["short_of"])
    words = f"{row['state']} {row['text']} {top.get('name', '')}"
    # Words without a column are looked for where a process has its name, user and command.
    searched = {"name": row["host"], "command": words, "pid": 0, "program": top.get("name"), "user": top.get("user")}
    return {**row, "short_of": short_of, **searched}
