"""What a sample says of the machine itself: what it is, and what its sensors tell. No threads."""

from __future__ import annotations

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
