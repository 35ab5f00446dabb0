"""What a sample says of how much may be used: the limits of a control group, and which CPU and memory count.

`procwidget.effective` decides the latter. No threads.
"""

from __future__ import annotations

from typing import TypedDict


class Limits(TypedDict):
    """What this process may use where its control group (a container, say) allows less than the host has.

    `memory_cgroup` and `cpu_cgroup` are the paths, as the kernel gives them, of the groups whose limits count.
    `memory_total` and `memory_used` are bytes; pages of files that can be dropped do not count as used, those of
    /dev/shm and other tmpfs do. `cpus` is how many CPUs' time the group may take, such as 1.5, `cpu_time` the seconds
    that it took since it was made, and `cpu_usage` percent of `cpus` over the interval, 0-100. All of a kind are `None`
    where that kind is not limited.
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
