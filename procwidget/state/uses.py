"""Says who used how much of what is short at one reading: CPU, memory, disks. Pure; the poller's thread calls it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal, NamedTuple

from procwidget.machine import Gpu
from procwidget.sample import Process, Sample
from procwidget.state.causes import Cause
from procwidget.units import percent_text

PART = 0.25
"""Who explains less than this part of what is used is not named."""

STORM = 10.0
"""Processes started a second, from which on those that are gone again before a reading may have used the CPU."""

_MIB = 2**20

Kind = Literal["notebook", "container", "unit", "user"]
"""What many processes of several programs may be in or of."""


class Uses(NamedTuple):
    """Who used how much of something at one reading, all in one unit (cores, bytes, bytes a second …).

    Attributes:
        used: how much was used in all.
        amounts: how much each process did, those that did nothing left out.
        rows: all processes.
        others: how much something did that is no process, and how the sentence says that.
        unexplained: how the sentence goes where nothing that is known explains a quarter.
        verb: what a process that is named does with it.
        verb_together: what several do.
        passes: whether what was used is over (CPU time), so that it adds up; else it is still held (memory).
        of_what: what the percent in the sentence is of.
        starter: who started those that are gone already, where nothing else explains a quarter.
    """

    used: float
    amounts: list[tuple[Process, float]]
    rows: list[Process]
    others: Mapping[str, tuple[float, str]]
    unexplained: str
    verb: str
    verb_together: str
    passes: bool
    of_what: str = "of it"
    starter: Cause | None = None


def cpu_uses(sample: Sample, storm: str = "", starter: Cause | None = None) -> Uses | None:
    """Return who used the CPU that counts in this sample; `None` where that cannot be known.

    Args:
        sample: the reading.
        storm: how many processes start that end before they can be shown, and who starts them, in words.
        starter: who that is.
    """
    counts, rows, interval = sample["effective"], sample["processes"], sample["interval"] or 0.0
    usage, cpus, times = counts["cpu_usage"], counts["cpus"], sample["cpu_times"]
    if not usage or not cpus or not _of_these(sample, counts["cpu_cgroup"]):
        return None
    if rows and all(row["cpu"] is None for row in rows):
        return None
    amounts = []
    for row in rows:
        if row["cpu"]:
            age = math.inf if row["started"] is None else sample["time"] - row["started"]
            # The first figure of a process is over its age.
            ran = age / interval if 0 <= age < interval else 1.0
            amounts.append((row, row["cpu"] / 100 * ran))
    others: dict[str, tuple[float, str]] = {}
    # A group's CPU time is that of its own processes.
    if times and counts["cpu_cgroup"] is None:
        steal, interrupts = times["steal"] or 0.0, (times["irq"] or 0.0) + (times["softirq"] or 0.0)
        others["steal"] = steal / 100 * cpus, f"taken by other virtual machines (steal {percent_text(steal)})"
        others["interrupts"] = interrupts / 100 * cpus, f"taken by interrupts ({percent_text(interrupts)})"
    unexplained = "by processes that are not shown here"
    if interval and (sample["started"] or 0) / interval >= STORM:
        unexplained = f"by processes that end before they can be shown{storm}"
    starter = starter if unexplained.endswith(storm) and storm else None
    return Uses(usage / 100 * cpus, amounts, rows, others, unexplained, "uses", "uses", passes=True, starter=starter)


def memory_uses(sample: Sample) -> Uses | None:
    """Return who holds the memory that counts in this sample; `None` where that cannot be known."""
    counts, memory, rows = sample["effective"], sample["memory"], sample["processes"]
    used = counts["memory_used"]
    if not used or not _of_these(sample, counts["memory_cgroup"]):
        return None
    if rows and all(row["memory"] is None for row in rows):
        return None
    amounts = [(row, row["memory"] * _MIB) for row in rows if row["memory"]]
    others: dict[str, tuple[float, str]] = {}
    unexplained = "not by processes that are shown here"
    shared = (memory and memory["shared"]) or 0
    if counts["memory_cgroup"] is None:
        of_it = percent_text(min(100.0, 100 * shared / used))
        others["shared"] = shared, f"shared memory, such as files in /dev/shm, holds {of_it} of it"
        huge = (memory and memory["huge_pages_free"]) or 0
        of_it = percent_text(min(100.0, 100 * huge / used))
        others["huge pages"] = huge, f"huge pages that are set apart and not in use hold {of_it} of it"
    elif shared >= PART * used:
        # How much of the host's shared memory is the group's is not known.
        unexplained += "; it may be files in /dev/shm"
    # Memory that several processes share is in the sum several times.
    return Uses(used, amounts, rows, others, unexplained, "holds", "holds up to", passes=False)


def disk_uses(sample: Sample) -> Uses | None:
    """Return who read from disks and wrote to them; `None` while that is not read, or may not be."""
    rows = sample["processes"]
    amounts = [(row, moved) for row in rows if (moved := (row.get("read") or 0.0) + (row.get("written") or 0.0)) > 0.0]
    disk = sample["disk"]
    # Reads and writes of network filesystems are those of no disk.
    used = max((disk["read"] or 0.0) + (disk["written"] or 0.0), sum(moved for _, moved in amounts))
    if not used or all(row.get("read") is None for row in rows):
        return None
    unexplained = "by processes that may not be seen here, or by the kernel itself"
    return Uses(used, amounts, rows, {}, unexplained, "causes", "causes", passes=True, of_what="of the traffic")


def fault_uses(sample: Sample) -> Uses | None:
    """Return who waits for pages that were dropped or swapped out; `None` while that is not read."""
    rows = sample["processes"]
    amounts = [(row, faults) for row in rows if (faults := row.get("major_faults") or 0.0) > 0.0]
    used = max(sample["major_faults"] or 0.0, sum(faults for _, faults in amounts))
    if not used or all(row.get("major_faults") is None for row in rows):
        return None
    unexplained = "by processes that are not shown here"
    return Uses(used, amounts, rows, {}, unexplained, "causes", "causes", passes=True, of_what="of the page reads")


def gpu_uses(sample: Sample, gpu: Gpu) -> Uses | None:
    """Return who holds the memory of a GPU; `None` where that is not known."""
    used = gpu["memory_used"]
    if not used:
        return None
    rows = sample["processes"]
    by_pid = {row["pid"]: row for row in rows}
    amounts = [(by_pid[one["pid"]], float(one["memory"])) for one in gpu["holders"] if one["pid"] in by_pid]
    if not gpu["holders"] and len(sample["gpus"] or ()) == 1:
        # Of an only GPU it is what the rows say, where those are asked for.
        amounts = [(row, held * _MIB) for row in rows if (held := row.get("gpu_memory"))]
        if not amounts:
            return None
    return Uses(used, amounts, rows, {}, "by processes that are not shown here", "holds", "holds", passes=False)


def _of_these(sample: Sample, cgroup: str | None) -> bool:
    """Tell whether the figure is of the processes in the sample: which of them are in a group is not known here."""
    return cgroup is None or sample["limits"] is None or sample["limits"]["contained"]
