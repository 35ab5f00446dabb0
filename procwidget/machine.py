"""What a sample says of the machine itself: what it is, and what its sensors tell. No threads."""

from __future__ import annotations

import signal
from typing import TypedDict


class Temperature(TypedDict):
    """One temperature, in °C: of which `chip`, such as "coretemp", and of what of it, "" where that has no `label`.

    From `high` on it is hotter than it should be, from `critical` on it is in danger; `None` where that is not told.
    """

    chip: str
    label: str
    now: float | None
    high: float | None
    critical: float | None


class Fan(TypedDict):
    """How often one fan turns in a minute."""

    chip: str
    label: str
    now: float | None


class Battery(TypedDict):
    """The battery: percent full, whether it is charged, and for how many seconds it lasts; `None` for unknown."""

    percent: float | None
    plugged: bool | None
    seconds: int | None


class Sensors(TypedDict):
    """What the sensors of the machine say, at most 20 s old; empty or `None` for what the machine does not have.

    `cpu_frequency` is MHz, the mean of all CPUs, and `cpu_frequency_most` the most that the system says they can do.
    """

    cpu_frequency: float | None
    cpu_frequency_most: float | None
    temperatures: list[Temperature]
    fans: list[Fan]
    battery: Battery | None


class System(TypedDict):
    """What the machine is, which stays the same: operating system, kernel, architecture and model of the CPUs."""

    os: str | None
    kernel: str | None
    architecture: str | None
    cpu: str | None


class Exit(TypedDict):
    """How a process ended: with an exit `status`, or by a `signal` such as "SIGKILL"; the other is `None`.

    `text` says it in words, and that the kernel killed processes for want of memory at the same time, where it did.
    """

    pid: int
    identity: str
    name: str
    status: int | None
    signal: str | None
    text: str


class GpuHolder(TypedDict):
    """A process that holds memory of a GPU, in bytes."""

    pid: int
    memory: int


class Gpu(TypedDict):
    """One GPU, or a part of one that NVIDIA's MIG made, as it was at its driver's last answer.

    `index` is its driver's number of it (that of nvidia-smi, of /dev/dri/card), `id` its UUID or PCI address, `vendor`
    "NVIDIA", "AMD" or "Intel". `usage` is percent of the time in which it worked, of Intel's what the processes do that
    may be read. `memory_used` and `memory_total`, what programs can have of it, are bytes, `temperature` is °C, `power`
    and `power_limit` W; those of a part are the whole device's. `processes` is how many use it, `holders` those with
    most of its memory, most first; none where the driver tells the process ids of another namespace.
    What is `lost` does not answer, and its figures are unknown.
    """

    index: int
    id: str
    name: str
    vendor: str
    usage: float | None
    memory_used: int | None
    memory_total: int | None
    temperature: float | None
    power: float | None
    power_limit: float | None
    processes: int | None
    holders: list[GpuHolder]
    lost: bool


def gpu_memory_usage(gpu: Gpu) -> float | None:
    """Return how much of a GPU's memory is in use, in percent; `None` where it is not known or it has none."""
    used, total = gpu["memory_used"], gpu["memory_total"]
    return 100.0 * used / total if used is not None and total else None


def signal_name(number: int) -> str:
    """Return the name of a signal, such as "SIGKILL"; one without a name here is "signal 42"."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
