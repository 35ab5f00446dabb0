"""What one reading of a host is: its keys, units and types.

A sample is a plain dict that `json.dumps` takes: bytes and seconds unless a key says otherwise, and `None` for
what is unknown, never 0 or NaN. Sources make samples; everything else reads them. Nothing here runs a thread.

A process row is made once and never changed afterwards: when something about a process changes, the source puts
a new row in the next sample. So a consumer may compare rows with `is` to learn what changed.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable
from typing import Any, Literal, NotRequired, TypedDict, cast

from procwidget.limits import Effective, Limits
from procwidget.machine import Exit, Gpu, Sensors, System

SortKey = Literal["cpu", "memory"]


class Memory(TypedDict):
    """Memory and swap of the host, in bytes; `swap_usage` in percent, `None` without swap.

    What is `available` is not `used`: that is what the kernel says, and what ZFS would give back of its cache.

    The others are what memory holds, `None` where the system does not tell: `cached` pages of files, `buffers` of block
    devices, `shared` memory and tmpfs, `slab`, which the kernel has for itself, `dirty` pages that are still to be
    written, `committed`, which programs were promised; `huge_pages` that are set apart, `huge_pages_free` of them;
    `arc`, the cache of ZFS; `zram` and `zswap`, the memory that compressed pages take, with `zram_stored` and
    `zswap_stored`, how much they were before.
    """

    total: int
    available: int
    used: int
    swap_total: int
    swap_used: int
    swap_usage: float | None
    cached: int | None
    buffers: int | None
    shared: int | None
    slab: int | None
    dirty: int | None
    committed: int | None
    huge_pages: int | None
    huge_pages_free: int | None
    arc: int | None
    zram: int | None
    zram_stored: int | None
    zswap: int | None
    zswap_stored: int | None


class Disk(TypedDict):
    """One disk, or a device on others such as an LVM volume, but no partition, over the interval.

    `read` and `written` are bytes a second, `reads` and `writes` requests a second. `busy` is percent of the time in
    which it had any request, `latency` the milliseconds that one took, waiting included (`None` if there was none), and
    `queue` how many there were at a time. `counted` says whether it is a part of the host's totals.
    """

    name: str
    read: float | None
    written: float | None
    reads: float | None
    writes: float | None
    busy: float | None
    latency: float | None
    queue: float | None
    counted: bool


class Interface(TypedDict):
    """One network interface but loopback, over the interval.

    `received` and `sent` are bytes a second; `packets`, `errors` and `drops` packets a second, in and out together.
    `speed` is how many bytes a second its link can carry, `None` where it has no such limit or does not say. `counted`
    says whether it is a part of the host's totals.
    """

    name: str
    received: float | None
    sent: float | None
    packets: float | None
    errors: float | None
    drops: float | None
    speed: int | None
    counted: bool


class CpuShares(TypedDict):
    """What all CPUs did over the interval, in percent that add up to 100; `None` for what the system does not count.

    `user`, `nice` (with a lower priority) and `system` are work of this host, without `guest`, the work of its virtual
    machines; `irq` and `softirq` are interrupts; in `iowait` a CPU had nothing to do and a task waited for a disk; what
    is in `steal` was taken by others on the same hardware. `cpu_usage` is all but `idle` and `iowait`.
    """

    user: float | None
    nice: float | None
    system: float | None
    idle: float | None
    iowait: float | None
    irq: float | None
    softirq: float | None
    steal: float | None
    guest: float | None


class SomePressure(TypedDict):
    """In how many percent of the interval at least one task waited."""

    some: float | None


class FullPressure(TypedDict):
    """In how many percent of the interval at least one task waited, and all that were not idle did."""

    some: float | None
    full: float | None


class Pressure(TypedDict):
    """How long tasks waited for CPU, memory and I/O (Linux's pressure stall information, PSI), in percent.

    It is that of the container, whose control group `cgroup` names, where all that is shown is in one; else the host's.
    """

    cgroup: str | None
    cpu: SomePressure
    memory: FullPressure
    io: FullPressure


class Rates(TypedDict):
    """Bytes per second read and written by all disks; `None` in the first sample and where the host does not count.

    Devices that stand on other devices (LVM, RAID, ZFS volumes …), on files or on memory are not added.
    """

    read: float | None
    written: float | None


class Filesystem(TypedDict):
    """One filesystem that can become full, as it was at most half a minute ago.

    `total`, `used` and `available` (to users other than root) are bytes, `usage` is percent as df has it; `inodes` are
    how many files there can be, `inodes_used` how many there are, in percent `inodes_usage`. What is `stuck` does not
    answer, as a network filesystem whose server is away, and its figures are unknown.
    """

    mount: str
    device: str
    type: str
    total: int | None
    used: int | None
    available: int | None
    usage: float | None
    inodes: int | None
    inodes_used: int | None
    inodes_usage: float | None
    read_only: bool
    stuck: bool


class NetworkRates(TypedDict):
    """Bytes per second received and sent over the host's network hardware; `None` as in `Rates`.

    Where there is none, as in a container, over all interfaces that do not stand on others. So what passes a bridge or
    a VLAN, or comes from a container, counts once.
    """

    received: float | None
    sent: float | None


class Tcp(TypedDict):
    """The TCP connections of the host, or of the container's network namespace.

    `established` are open now and `time_wait` closed not long ago. `sent` and `resent` are segments a second: what was
    lost on its way, or was not acknowledged in time, is sent again.
    """

    established: int | None
    time_wait: int | None
    sent: float | None
    resent: float | None


class Process(TypedDict):
    """One process at one reading.

    `cpu` is percent of one core over the interval (so 200 is two cores), `memory` MiB resident, `started` Unix
    seconds, `cpu_time` seconds of user and system time since it started, `status` one of psutil's words.
    `identity` is "PID-STARTTICKS": with the sample's `boot_id` and `pid_namespace` it names this process and
    no other.
    `session` is the session id, the pid of the process that began it, 0 for none.
    `command` is `None` too for those that have none, such as kernel threads. `stuck` says whether the process does not
    answer when its command line is read, so that `command` is unknown or an older one.

    What is not required is read on demand (`Source.wanted`), and then in every row of the sample: `user_time` and
    `system_time`, the parts of `cpu_time` in programs and in the kernel, which counts them in ticks of 0.01 s; and
    `priority`, the kernel's, where less is sooner and a real-time process is below 0 (proc(5)).
    `read` and `written` are bytes a second from and to disks, `read_total` and `written_total` bytes since it started;
    these come a reading later, and of others' processes they need root. `container` is such as "docker/3f4e1d2c9a0b" or
    "pod/1a2b3c4d/3f4e1d2c9a0b", `unit` a systemd unit, both `None` for none. `growth` is MiB a minute, over the last
    half to whole minute; `swap` MiB that are swapped out; `shared` MiB of its resident memory that are files and shared
    memory. `major_faults` are a second. `wait` is percent of the interval in which its main thread wanted to run and
    had no CPU, `last_cpu` the number of the CPU that it ran on, `terminal` such as "pts/3". `oom_score` is the
    kernel's, from 0 on: the process with the highest is ended first where memory runs out. `pss` is MiB, each page
    divided by how many processes have it, and measured of the 20 largest processes alone; `policy` how the process is
    scheduled, such as "other" or "fifo"; `child_time` the CPU seconds of the children that it waited for, and theirs.
    `gpu` is percent of one GPU (so 200 is two GPUs), `gpu_memory` MiB on all of them. `notebook` is the notebook of the
    Jupyter kernel that a process is or belongs to, such as "train.ipynb", of another user's "a Jupyter kernel", `None`
    for others; `notebook_path` says where that is, with its kernel, and how long ago it was so called.
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
    read: NotRequired[float | None]
    written: NotRequired[float | None]
    read_total: NotRequired[int | None]
    written_total: NotRequired[int | None]
    container: NotRequired[str | None]
    unit: NotRequired[str | None]
    growth: NotRequired[float | None]
    swap: NotRequired[float | None]
    shared: NotRequired[float | None]
    major_faults: NotRequired[float | None]
    wait: NotRequired[float | None]
    last_cpu: NotRequired[int | None]
    terminal: NotRequired[str | None]
    oom_score: NotRequired[int | None]
    gpu: NotRequired[float | None]
    gpu_memory: NotRequired[float | None]
    pss: NotRequired[float | None]
    policy: NotRequired[str | None]
    child_time: NotRequired[float | None]
    notebook: NotRequired[str | None]
    notebook_path: NotRequired[str | None]


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
    over the interval. `cpu_numbers` are the numbers of the CPUs in `per_cpu`, which are those that are online; `None`
    where the system does not number them. `limits` is `None` where all of the host may be used; `effective` says which
    CPU and memory count, the host's or the group's, decided once for all that show or judge them. `started` and `ended`
    count processes since the reading before, those that lived only in between included where the source can know.

    `pid_namespace` is the number of the namespace that the pids are of, which tells the containers of one machine
    apart; `None` where the system has none.

    `pressure` is `None` where the system does not measure it. `running` and `blocked` are how many threads run or could
    run, and wait for a disk, at this moment. `context_switches`, `interrupts`, `major_faults` (pages that had to be
    read from disk), `swap_in` and `swap_out` (bytes) are a second; `oom_kills` is how many processes the kernel killed
    for want of memory since the reading before, in control groups too. `throttled` is in how many percent of its
    periods, of 0.1 s usually, the control group with the tightest CPU limit had used up its time and had to wait;
    `None` without such a limit. `gpus` are none where there are none, `None` where they cannot be read or have not
    answered yet. `sensors` and `tcp` are read on demand (`Source.wanted`), and else `None`. `exits` are those
    processes among the `ended` of which it is known how they ended; `None` where the system does not tell.
    """

    time: float
    monotonic: float
    interval: float | None
    source: str
    host: str
    boot_id: str
    pid_namespace: int | None
    uptime: float | None
    cpu_usage: float | None
    per_cpu: list[float | None]
    cpu_numbers: list[int] | None
    cpu_times: CpuShares | None
    pressure: Pressure | None
    running: int | None
    blocked: int | None
    context_switches: float | None
    interrupts: float | None
    throttled: float | None
    memory_usage: float | None
    memory: Memory | None
    swap_in: float | None
    swap_out: float | None
    major_faults: float | None
    oom_kills: int | None
    load_average: list[float] | None
    disk: Rates
    disks: list[Disk] | None
    network: NetworkRates
    interfaces: list[Interface] | None
    filesystems: list[Filesystem] | None
    tcp: Tcp | None
    sensors: Sensors | None
    system: System
    gpus: list[Gpu] | None
    limits: Limits | None
    effective: Effective
    process_count: int
    thread_count: int | None
    started: int | None
    ended: int | None
    exits: list[Exit] | None
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
