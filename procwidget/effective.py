"""Decides which CPU and memory count: the control group's where it is limited (a container, say), else the host's.

Each source calls it once for a sample, and all that show or judge the figures use the result: meters, charts,
thresholds and the public JSON. Pure; no threads.
"""

from __future__ import annotations

from collections.abc import Sequence

from procwidget.limits import Effective, Limits
from procwidget.sample import Memory, Sample


def effective_of(
    cpu_usage: float | None,
    per_cpu: Sequence[float | None],
    memory_usage: float | None,
    memory: Memory | None,
    limits: Limits | None,
) -> Effective:
    """Decide what counts: what runs out first is a control group's where it is limited, else the host's."""
    counted: Effective = {
        "cpu_usage": cpu_usage,
        "cpus": len(per_cpu),
        "cpu_cgroup": None,
        "memory_usage": memory_usage,
        "memory_used": memory["used"] if memory else None,
        "memory_total": memory["total"] if memory else None,
        "memory_cgroup": None,
    }
    if limits and limits["cpus"] and limits["cpu_usage"] is not None:
        counted |= {"cpu_usage": limits["cpu_usage"], "cpus": limits["cpus"], "cpu_cgroup": limits["cpu_cgroup"]}
    if limits and limits["memory_total"]:
        used, total = limits["memory_used"], limits["memory_total"]
        counted |= {
            "memory_usage": None if used is None else 100 * used / total,
            "memory_used": used,
            "memory_total": total,
            "memory_cgroup": limits["memory_cgroup"],
        }
    return counted


def usable(sample: Sample) -> tuple[float, int | None]:
    """Return how many CPUs, and how many bytes of memory, each process of a sample could use at most.

    That is what counts, unless its control group holds only some of the processes: of the others it limits none.
    """
    counts, limits, memory = sample["effective"], sample["limits"], sample["memory"]
    if limits is None or limits["contained"]:
        return counts["cpus"], counts["memory_total"]
    return float(len(sample["per_cpu"])), memory["total"] if memory else None
