"""Reads GPUs of AMD and Intel from the kernel: `DrmDriver`. Devices from /sys/class/drm, processes from their fdinfo.

What the files mean: the kernel's Documentation/gpu/amdgpu/thermal.rst, driver-misc.rst and Documentation/hwmon. Nothing
wakes a device that sleeps: a file that would is not read then. Runs in a thread of its own but for `is_here`.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final, NamedTuple

from procwidget.machine import Gpu
from procwidget.sources.gpus.driver import DriverReading, cannot_be_read, largest_holders, make_gpu
from procwidget.sources.gpus.drm_clients import ClientsReading, DrmClients

VENDORS: Final = {0x1002: "AMD", 0x8086: "Intel"}
"""The makers, by PCI's numbers, whose drivers say what is read here; NVIDIA's does not."""

_CARD = re.compile(r"card\d+")
_NEARLY_FULL = 0.9
_MILLI, _MICRO = 1_000, 1_000_000
_NAMES = ("/usr/share/misc/pci.ids", "/usr/share/hwdata/pci.ids")


class Card(NamedTuple):
    """A device: its number, its folder in sysfs and its maker."""

    number: int
    folder: str
    vendor: str


class DrmDriver:
    """The GPUs that the kernel's own drivers drive.

    Args:
        read: returns what a file holds that cannot block, `None` where it cannot be read.
        list_names: likewise the names in a folder.
        proc: where /proc is.
        sysfs: where /sys is.
        clock: monotonic seconds.
    """

    name = "AMD or Intel"

    def __init__(
        self,
        read: Callable[[str], bytes | None],
        list_names: Callable[[str], list[str] | None],
        *,
        proc: str = "/proc",
        sysfs: str = "/sys",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.with_processes = False
        self._read_now, self._list, self._root, self._clock = read, list_names, f"{sysfs}/class/drm", clock
        self._cards: tuple[Card, ...] = ()
        self._clients = DrmClients(proc, clock)
        self._names: dict[str, tuple[str, str]] = {}
        self._energy: dict[str, tuple[float, int]] = {}

    def is_here(self) -> bool:
        """Return whether there is a device of these makers; it looks in the kernel's memory alone."""
        names = self._list(self._root) or []
        found = []
        # One that only shows a picture, as a server's own, has no render node.
        if any(name.startswith("renderD") for name in names):
            for name in sorted(filter(_CARD.fullmatch, names), key=lambda name: int(name[4:])):
                vendor = (self._read_now(f"{self._root}/{name}/device/vendor") or b"").strip()
                with suppress(ValueError):
                    if (number := int(vendor, 16)) in VENDORS:
                        found.append(Card(int(name[4:]), f"{self._root}/{name}/device", VENDORS[number]))
        self._cards = tuple(found)
        return bool(found)

    def read(self) -> DriverReading:
        """Ask all devices."""
        gpus: list[Gpu] = []
        notes: list[str] = []
        for card in self._cards:
            name, address = self._named(card)
            gpu = make_gpu(card.number, address, name, card.vendor)
            problem = self._fill(gpu, card)
            if problem:
                gpu = make_gpu(card.number, address, name, card.vendor, lost=True)
                notes.append(cannot_be_read(card.number, name, problem))
            gpus.append(gpu)
        if not (self.with_processes or any(map(_needs_clients, gpus))):
            return DriverReading(gpus, {}, None, tuple(notes))
        reading = self._clients.read()
        for gpu in gpus:
            _take(gpu, reading)
        return DriverReading(gpus, reading.uses, reading.refused, tuple(notes), first=reading.first)

    def close(self) -> None:
        """Do nothing: no file stays open."""

    def _named(self, card: Card) -> tuple[str, str]:
        """Return the name of a device and its PCI address."""
        if card.folder not in self._names:
            event = dict(line.partition("=")[::2] for line in (_text(f"{card.folder}/uevent") or "").splitlines())
            number = event.get("PCI_ID", "").lower()
            name = _text(f"{card.folder}/product_name") or product_name(number)
            name = name or f"GPU {number}".rstrip()
            self._names[card.folder] = f"{card.vendor} {name}", event.get("PCI_SLOT_NAME", f"card{card.number}")
        return self._names[card.folder]

    def _fill(self, gpu: Gpu, card: Card) -> str:
        """Put in the figures of a device; returns what is wrong with it."""
        folder = card.folder
        gpu["memory_total"] = _number(f"{folder}/mem_info_vram_total")
        if _text(f"{folder}/power/runtime_status") == "suspended":
            gpu["usage"], gpu["memory_used"] = 0.0, None if gpu["memory_total"] is None else 0
            return ""
        try:
            busy = _read(f"{folder}/gpu_busy_percent")
            gpu["usage"] = float(busy) if busy.isdigit() else None
        except FileNotFoundError:
            pass
        except OSError as error:
            # amdgpu refuses while the device is being reset.
            return f"{error.strerror}; it may be about to be reset"
        gpu["memory_used"] = _number(f"{folder}/mem_info_vram_used")
        for name in _listed(f"{folder}/hwmon"):
            sensors = f"{folder}/hwmon/{name}"
            heat = _number(f"{sensors}/temp1_input")
            gpu["temperature"] = gpu["temperature"] if heat is None else heat / _MILLI
            power = _first(f"{sensors}/power1_average", f"{sensors}/power1_input")
            gpu["power"] = self._power(f"{sensors}/energy1_input") if power is None else power / _MICRO
            limit = _first(f"{sensors}/power1_cap", f"{sensors}/power1_max")
            gpu["power_limit"] = limit / _MICRO if limit else None
        return ""

    def _power(self, path: str) -> float | None:
        """Return the power in W, from a counter of energy in µJ and the reading before."""
        energy, now = _number(path), self._clock()
        if energy is None:
            return None
        at, earlier = self._energy.get(path, (now, energy))
        self._energy[path] = now, energy
        return (energy - earlier) / _MICRO / (now - at) if now > at and energy >= earlier else None


def _needs_clients(gpu: Gpu) -> bool:
    """Return whether its clients must be known: who fills it, or how busy it is where nothing else says so."""
    used, total = gpu["memory_used"], gpu["memory_total"]
    full = used is not None and total is not None and used >= _NEARLY_FULL * total
    return not gpu["lost"] and (full or gpu["usage"] is None)


def _take(gpu: Gpu, reading: ClientsReading) -> None:
    """Put what is known of a device's clients into its figures."""
    if gpu["lost"]:
        return
    memory = reading.memory.get(gpu["id"], {})
    gpu["processes"] = len(memory)
    gpu["holders"] = largest_holders(memory)
    if gpu["usage"] is None:
        gpu["usage"] = reading.busy.get(gpu["id"])


def product_name(number: str, files: tuple[str, ...] = _NAMES) -> str:
    """Return what a device is called, given its numbers such as "1002:744c"; "" where no list of PCI devices is."""
    vendor, _, device = number.partition(":")
    for file in files:
        with suppress(OSError), open(file, encoding="utf-8", errors="replace") as lines:
            here = False
            for line in lines:
                if not line.startswith(("\t", "#", "\n")):
                    here = line.startswith(f"{vendor} ")
                elif here and line.startswith(f"\t{device} "):
                    return line.partition("  ")[2].strip()
    return ""


def _read(path: str) -> str:
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(file, 4096).decode("utf-8", "replace").strip()
    finally:
        os.close(file)


def _text(path: str) -> str | None:
    with suppress(OSError):
        return _read(path)
    return None


def _number(path: str) -> int | None:
    text = _text(path) or ""
    return int(text) if text.isascii() and text.isdigit() else None


def _first(*paths: str) -> int | None:
    return next((number for path in paths if (number := _number(path)) is not None), None)


def _listed(path: str) -> list[str]:
    with suppress(OSError):
        return os.listdir(path)
    return []
