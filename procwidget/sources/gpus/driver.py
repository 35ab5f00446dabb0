"""What a driver of GPUs is and what it answers. Pure data."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple, Protocol

from procwidget.clean_text import clean_text
from procwidget.machine import Gpu, GpuHolder

MOST_HOLDERS = 16
"""How many processes a GPU lists."""


class Use(NamedTuple):
    """What a process uses of all GPUs: `gpu` in percent of one, `memory` in bytes; `None` is unknown."""

    gpu: float | None
    memory: int | None

    def plus(self, other: Use) -> Use:
        """Return both together; what is known of one only is that."""
        gpu = other.gpu if self.gpu is None else self.gpu + (other.gpu or 0.0)
        memory = other.memory if self.memory is None else self.memory + (other.memory or 0)
        return Use(gpu, memory)


class DriverReading(NamedTuple):
    """What a driver says at one moment.

    Attributes:
        gpus: its devices.
        uses: who uses them, by pid.
        unknown: the pids of which it cannot say whether they use them; `None` for all that are not in `uses`.
        notes: what is wrong, a sentence each.
        first: whether shares of time are still unknown, for they need a reading before.
    """

    gpus: list[Gpu]
    uses: Mapping[int, Use] = {}
    unknown: Collection[int] | None = ()
    notes: tuple[str, ...] = ()
    first: bool = False


class Driver(Protocol):
    """One way to ask GPUs. `read` is called in a thread of its own, never twice at once; the rest in the tick's."""

    name: str
    """What a sentence calls it."""

    with_processes: bool
    """Whether it is to say what each process uses; it may cost more."""

    def is_here(self) -> bool:
        """Return whether there is any of its GPUs; it must not block."""
        ...

    def read(self) -> DriverReading:
        """Ask the devices. It may block, and does not raise."""
        ...

    def close(self) -> None:
        """Let go of the devices; it must not block."""
        ...


def make_gpu(index: int, identity: str, name: str, vendor: str, *, lost: bool = False) -> Gpu:
    """Return a device of which nothing is known yet."""
    return {
        "index": index,
        "id": clean_text(identity),
        "name": clean_text(name),
        "vendor": vendor,
        "usage": None,
        "memory_used": None,
        "memory_total": None,
        "temperature": None,
        "power": None,
        "power_limit": None,
        "processes": None,
        "holders": [],
        "lost": lost,
    }


def without_figures(gpu: Gpu) -> Gpu:
    """Return a device that does not answer any more."""
    return make_gpu(gpu["index"], gpu["id"], gpu["name"], gpu["vendor"], lost=True)


def cannot_be_read(index: int, name: str, why: object) -> str:
    """Return the sentence about a device that does not answer as it should."""
    return f"GPU {index} ({clean_text(name)}) cannot be read in full: {clean_text(str(why)).rstrip('.')}."


def largest_holders(memory: Mapping[int, int | None]) -> list[GpuHolder]:
    """Return who holds most of a device's memory, given bytes by pid."""
    held = sorted(((size, pid) for pid, size in memory.items() if size), reverse=True)
    return [{"pid": pid, "memory": size} for size, pid in held[:MOST_HOLDERS]]
