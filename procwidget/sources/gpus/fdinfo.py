"""Understands what /proc/PID/fdinfo says of a GPU's file (the kernel's Documentation/gpu/drm-usage-stats.rst). Pure."""

from __future__ import annotations

from typing import Final, NamedTuple

_UNITS: Final = {b"": 1, b"KiB": 2**10, b"MiB": 2**20, b"GiB": 2**30}
_OWN_MEMORY = ("vram", "local")
_SECONDS: Final = 1e9


class Engine(NamedTuple):
    """How long a part of a GPU worked for a client: in ns, or in cycles out of all (`total`) where those are counted.

    `capacity` is how many such parts there are.
    """

    busy: int
    total: int | None
    capacity: int


class Client(NamedTuple):
    """One client of a GPU, which may have several files and be in several processes.

    Its `key` is the device's PCI address and the client's number; `memory` is bytes on the device.
    """

    key: tuple[str, int]
    engines: dict[str, Engine]
    memory: int | None


def parse_client(raw: bytes) -> Client | None:
    """Return the client of a file; `None` where it is not of a GPU, or its driver does not say of which one."""
    found: dict[str, bytes] = {}
    for line in raw.splitlines():
        name, separator, value = line.partition(b":")
        if separator and name.startswith(b"drm-"):
            found[name[4:].decode("ascii", "replace")] = value.strip()
    number = found.get("client-id", b"")
    if not number.isdigit() or "pdev" not in found:
        return None
    key = found["pdev"].decode("ascii", "replace"), int(number)
    return Client(key, _engines(found), _memory(found))


def shares(before: dict[str, Engine], now: dict[str, Engine], seconds: float) -> dict[str, float]:
    """Return in how many percent of the time each engine worked for a client, in the seconds between two readings."""
    percent: dict[str, float] = {}
    for name, engine in now.items():
        earlier = before.get(name)
        if earlier is None:
            continue
        passed = seconds * _SECONDS
        if engine.total is not None:
            passed = engine.total - (earlier.total or 0)
        if passed > 0:
            share = 100.0 * max(0, engine.busy - earlier.busy) / passed / engine.capacity
            percent[name] = min(100.0, share)
    return percent


def caught_up(before: dict[str, Engine], now: dict[str, Engine]) -> dict[str, Engine]:
    """Return the engines of now, each at least where it was: a counter that fell back is to catch up."""
    return {
        name: engine._replace(busy=max(engine.busy, before[name].busy)) if name in before else engine
        for name, engine in now.items()
    }


def _engines(found: dict[str, bytes]) -> dict[str, Engine]:
    engines: dict[str, Engine] = {}
    for key, value in found.items():
        capacity = 1
        if key.startswith(("engine-", "cycles-")):
            kind, _, name = key.partition("-")
            if name.startswith("capacity-"):
                continue
            capacity = _whole(found.get(f"engine-capacity-{name}", b"1")) or 1
            busy = _whole(value)
            total = _whole(found.get(f"total-cycles-{name}", b""))
            if busy is not None and (kind == "engine" or (total is not None and f"engine-{name}" not in found)):
                engines[name] = Engine(busy, total if kind == "cycles" else None, capacity)
    return engines


def _memory(found: dict[str, bytes]) -> int | None:
    """Return the resident bytes in the GPU's own memory, or in the host's where it has none of its own."""
    regions: dict[str, int] = {}
    # What is resident, or as amdgpu called it before, or else what was allocated.
    for kind in ("total-", "memory-", "resident-"):
        for key, value in found.items():
            if key.startswith(kind) and not key.startswith("total-cycles-") and (size := _bytes(value)) is not None:
                regions[key.removeprefix(kind)] = size
    own = [size for region, size in regions.items() if region.startswith(_OWN_MEMORY)]
    return sum(own or regions.values()) if regions else None


def _bytes(value: bytes) -> int | None:
    number, _, unit = value.partition(b" ")
    size = _whole(number)
    return None if size is None or unit.strip() not in _UNITS else size * _UNITS[unit.strip()]


def _whole(value: bytes) -> int | None:
    number = value.partition(b" ")[0]
    return int(number) if number.isdigit() else None
