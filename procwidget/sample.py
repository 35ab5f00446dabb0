"""What one reading of a host is: its keys, units and types.

A sample is a plain dict that `json.dumps` takes: bytes and seconds unless a key says otherwise, and `None` for
what is unknown, never 0 or NaN. Sources make samples; everything else reads them. Nothing here runs a thread.

A process row is made once and never changed afterwards: when something about a process changes, the source puts
a new row in the next sample. So a consumer may compare rows with `is` to learn what changed.
"""

from __future__ import annotations

import heapq
import math
import re
from collections.abc import Iterable
from typing import Any, Literal, NotRequired, TypedDict, cast

SortKey = Literal["cpu", "memory"]

TEXT_LIMIT = 4096
"""Characters kept of a name or command line; longer ones end in "…"."""

# C0 and C1 controls, lone surrogates (undecodable bytes), bidirectional controls, zero-width characters, BOM.
_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\ufff9-\ufffb]"
)


class Memory(TypedDict):
    """Memory and swap of the host, in bytes; `swap_usage` in percent, `None` without swap."""

    total: int
    available: int
    used: int
    swap_total: int
    swap_used: int
    swap_usage: float | None


class Rates(TypedDict):
    """Bytes per second in and out; `None` in the first sample and where the host does not count."""

    read: float | None
    written: float | None


class NetworkRates(TypedDict):
    """Bytes per second received and sent over all interfaces but loopback; `None` as in `Rates`."""

    received: float | None
    sent: float | None


class Limits(TypedDict):
    """What this process may use where its control group (a container, say) allows less than the host has.

    `memory_cgroup` and `cpu_cgroup` are the paths, as the kernel gives them, of the groups whose limits count.
    `memory_total` and `memory_used` are bytes, the files that can be dropped from memory not counted as used. `cpus` is
    how many CPUs' time the group may take, such as 1.5, `cpu_time` the seconds that it took since it was made, and
    `cpu_usage` percent of `cpus` over the interval, 0-100. All of a kind are `None` where that kind is not limited.
    `contained` says whether these groups hold every process of the sample, as in a container, or only some.
    """

    memory_cgroup: str | None
    memory_total: int | None
    memory_used: int | None
    cpu_cgroup: str | None
    cpus: float | None
    cpu_time: float | None
    cpu_usage: float | None
    contained: bool


class Effective(TypedDict):
    """The CPU and memory that count here: of this process's control group where it is limited, else of the host.

    `cpu_usage` is percent of `cpus`, which may be a part of one such as 1.5; `memory_usage` is percent, `memory_used`
    and `memory_total` are bytes. `cpu_cgroup` and `memory_cgroup` are the groups' paths, `None` where the host counts.
    `procwidget.effective` decides.
    """

    cpu_usage: float | None
    cpus: float
    cpu_cgroup: str | None
    memory_usage: float | None
    memory_used: int | None
    memory_total: int | None
    memory_cgroup: str | None


class Process(TypedDict):
    """One process at one reading.

    `cpu` is percent of one core over the interval (so 200 is two cores), `memory` MiB resident, `started` Unix
    seconds, `cpu_time` seconds of user and system time since it started, `status` one of psutil's words.
    `identity` is "PID-STARTTICKS": with the sample's `boot_id` it names this process and no other.
    `session` is the session id, the pid of the process that began it, 0 for none.
    `command` is `None` too for those that have none, such as kernel threads. `stuck` says whether the process does not
    answer when its command line is read, so that `command` is unknown or an older one.

    What is not required is read on demand (`Source.wanted`), and then in every row of the sample: `user_time` and
    `system_time`, the parts of `cpu_time` in programs and in the kernel, which counts them in ticks of 0.01 s; and
    `priority`, the kernel's, where less is sooner and a real-time process is below 0 (proc(5)).
    """

    pid: int
    name: str
    cpu: float | None
    memory: float | None
    ppid: int | None
    user: str | None
    status: str | None
    threads: int | None
    started: float | None
    command: str | None
    nice: int | None
    session: int | None
    cpu_time: float | None
    stuck: bool
    identity: str
    user_time: NotRequired[float | None]
    system_time: NotRequired[float | None]
    priority: NotRequired[int | None]


class TopProcess(TypedDict):
    """A process as the public JSON shows it: percent of one core, MiB resident."""

    pid: int
    name: str
    cpu: float | None
    memory: float | None


class Sample(TypedDict):
    """One reading of a host.

    `time` is Unix seconds, `monotonic` the same moment on a clock that never jumps, `interval` the seconds since
    the reading before (`None` for the first). `cpu_usage` and `per_cpu` are percent of all and of each CPU, 0-100,
    over the interval. `limits` is `None` where all of the host may be used; `effective` says which CPU and memory
    count, the host's or the group's, decided once for all that show or judge them. `started` and `ended` count
    processes since the reading before, those that lived only in between included where the source can know.
    """

    time: float
    monotonic: float
    interval: float | None
    source: str
    host: str
    boot_id: str
    uptime: float | None
    cpu_usage: float | None
    per_cpu: list[float | None]
    memory_usage: float | None
    memory: Memory | None
    load_average: list[float] | None
    disk: Rates
    network: NetworkRates
    limits: Limits | None
    effective: Effective
    process_count: int
    thread_count: int | None
    started: int | None
    ended: int | None
    processes: list[Process]
    top_processes: list[TopProcess]


def without_nan(sample: Sample, before: Sample | None = None) -> Sample:
    """Return `sample` with `None` for each figure that is no number, NaN or infinite: unknown is `None` everywhere.

    Where there is nothing to change, as from any source that keeps its contract, it is the sample itself.

    Args:
        sample: what a source read.
        before: what this function returned for the reading before; rows that stand in both are not looked at again.
    """
    rows, top = sample["processes"], sample["top_processes"]
    host = {key: value for key, value in sample.items() if value is not rows and value is not top}
    known = _known(host)
    unseen = rows
    if before is not None:
        # In most places stands the same row as before, for new ones come last.
        seen = before["processes"]
        unseen = [row for row, old in zip(rows, seen, strict=False) if row is not old] + rows[len(seen) :]
    # One sum tells whether any is no number, and costs less than looking at each.
    total = sum([(row["cpu"] or 0.0) + (row["memory"] or 0.0) + (row["cpu_time"] or 0.0) for row in unseen])
    if not math.isfinite(total):
        rows = _known(rows)
        known |= {"processes": rows, "top_processes": top_processes(rows, len(top))}
    elif known == host:
        return sample
    return cast(Sample, {**sample, **known})


def _known(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _known(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_known(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def clean_text(text: str) -> str:
    """Return `text` as it may be shown: unprintable and bidirectional characters become "�", length is capped.

    Process names are chosen by whoever starts the process; this keeps them from moving a terminal's cursor,
    reversing a line or breaking JSON. Escaping for HTML is not done here: views set text, never markup.
    """
    if text.isascii() and text.isprintable() and len(text) <= TEXT_LIMIT:
        return text
    text = _UNPRINTABLE.sub("�", text)
    return text if len(text) <= TEXT_LIMIT else text[: TEXT_LIMIT - 1] + "…"


def top_processes(processes: Iterable[Process], count: int, sort: SortKey = "cpu") -> list[TopProcess]:
    """Return the first `count` processes by `sort`, largest first, ties by the other key; unknown counts as least."""
    other: SortKey = "memory" if sort == "cpu" else "cpu"
    some = list(processes)
    # Most processes take no CPU at all: where enough do, only those need comparing.
    active = [row for row in some if row[sort]]
    if len(active) >= count:
        some = active
    largest = heapq.nlargest(count, some, key=lambda row: (row[sort] or 0.0, row[other] or 0.0))
    return [{"pid": row["pid"], "name": row["name"], "cpu": row["cpu"], "memory": row["memory"]} for row in largest]
