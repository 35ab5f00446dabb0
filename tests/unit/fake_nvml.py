"""A pynvml that answers as NVML's documentation says: devices of given figures, errors where a test wants them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from procwidget.sources.gpus.nvidia import NvidiaDriver

GIB, MIB = 2**30, 2**20
NOT_SUPPORTED, NO_PERMISSION, NOT_FOUND, NOT_LOADED, LOST, MISMATCH, UNKNOWN = 3, 4, 6, 9, 15, 18, 999
_TEXTS = {
    1: "Uninitialized",
    NOT_SUPPORTED: "Not Supported",
    NO_PERMISSION: "Insufficient Permissions",
    NOT_FOUND: "Not Found",
    NOT_LOADED: "Driver Not Loaded",
    LOST: "GPU is lost",
    MISMATCH: "Driver/library version mismatch",
    UNKNOWN: "Unknown Error",
}


class NVMLError(Exception):
    def __init__(self, value: int) -> None:
        super().__init__(_TEXTS.get(value, f"NVML Error with code {value}"))
        self.value = value


def process(pid: int, memory: int | None) -> SimpleNamespace:
    return SimpleNamespace(pid=pid, usedGpuMemory=memory)


class Board:
    """A device, or a part that MIG made of one; `errors` are by function."""

    def __init__(self, name: str, number: int = 0, **values: Any) -> None:
        self.name, self.uuid = name, values.get("uuid", f"GPU-{number}")
        self.usage, self.used, self.total, self.reserved = values.get("usage", 50), 4 * GIB, 16 * GIB, 0
        self.reserved = values.get("reserved", 0)
        self.used, self.total = values.get("used", self.used), values.get("total", self.total)
        self.compute: list[Any] = values.get("compute", [])
        self.graphics: list[Any] = values.get("graphics", [])
        self.samples: list[tuple[int, float, int]] = values.get("samples", [])
        self.parts: list[Board | None] | None = values.get("parts")
        self.errors: dict[str, int] = values.get("errors", {})
        self.all: int | None = None
        """The error that every question about it gives."""


class FakeNvml:
    """The module. `calls` are the names of the functions that were called."""

    NVMLError = NVMLError
    nvmlMemory_v2 = 0x2000028

    def __init__(self, *boards: Board, init: int | None = None) -> None:
        self.boards, self.init, self.started, self.calls = list(boards), init, 0, list[str]()

    def driver(self, *, host_pids: bool = True, clock: Any = None) -> NvidiaDriver:
        return NvidiaDriver(lambda: True, lambda: self, lambda: host_pids, clock or (lambda: 1_700_000_000.0))

    def nvmlInit(self) -> None:
        self.calls.append("nvmlInit")
        if self.init is not None:
            raise NVMLError(self.init)
        self.started += 1

    def nvmlShutdown(self) -> None:
        self.calls.append("nvmlShutdown")
        if not self.started:
            raise NVMLError(1)
        self.started -= 1

    def _of(self, board: Board, function: str) -> Board:
        self.calls.append(function)
        if not self.started:
            raise NVMLError(1)
        problem = board.errors.get(function, board.all)
        if problem is not None:
            raise NVMLError(problem)
        return board

    def nvmlDeviceGetCount(self) -> int:
        return len(self.boards)

    def nvmlDeviceGetHandleByIndex(self, index: int) -> Board:
        return self._of(self.boards[index], "nvmlDeviceGetHandleByIndex")

    def nvmlDeviceGetName(self, board: Board) -> str:
        return self._of(board, "nvmlDeviceGetName").name

    def nvmlDeviceGetUUID(self, board: Board) -> str:
        return self._of(board, "nvmlDeviceGetUUID").uuid

    def nvmlDeviceGetUtilizationRates(self, board: Board) -> Any:
        return SimpleNamespace(gpu=self._of(board, "nvmlDeviceGetUtilizationRates").usage, memory=1)

    def nvmlDeviceGetMemoryInfo(self, board: Board, version: int | None = None) -> Any:
        self._of(board, "nvmlDeviceGetMemoryInfo" + ("_v2" if version else ""))
        free = board.total - board.used - board.reserved
        used = board.used if version else board.used + board.reserved
        return SimpleNamespace(total=board.total, used=used, free=free)

    def nvmlDeviceGetTemperature(self, board: Board, sensor: int) -> int:
        return 61 if self._of(board, "nvmlDeviceGetTemperature") and sensor == 0 else -1

    def nvmlDeviceGetPowerUsage(self, board: Board) -> int:
        return 250_500 if self._of(board, "nvmlDeviceGetPowerUsage") else 0

    def nvmlDeviceGetEnforcedPowerLimit(self, board: Board) -> int:
        return 700_000 if self._of(board, "nvmlDeviceGetEnforcedPowerLimit") else 0

    def nvmlDeviceGetMigMode(self, board: Board) -> list[int]:
        if self._of(board, "nvmlDeviceGetMigMode").parts is None:
            raise NVMLError(NOT_SUPPORTED)
        return [1, 1]

    def nvmlDeviceGetMaxMigDeviceCount(self, board: Board) -> int:
        return 7

    def nvmlDeviceGetMigDeviceHandleByIndex(self, board: Board, index: int) -> Board:
        parts = board.parts or []
        part = parts[index] if index < len(parts) else None
        if part is None:
            raise NVMLError(NOT_FOUND)
        return part

    def nvmlDeviceGetComputeRunningProcesses(self, board: Board) -> list[Any]:
        return self._of(board, "nvmlDeviceGetComputeRunningProcesses").compute

    def nvmlDeviceGetGraphicsRunningProcesses(self, board: Board) -> list[Any]:
        return self._of(board, "nvmlDeviceGetGraphicsRunningProcesses").graphics

    def nvmlDeviceGetProcessUtilization(self, board: Board, since: int) -> list[Any]:
        self._of(board, "nvmlDeviceGetProcessUtilization")
        found = [
            SimpleNamespace(pid=pid, timeStamp=int(at * 1e6), smUtil=share)
            for pid, at, share in board.samples
            if at * 1e6 > since
        ]
        if not found:
            raise NVMLError(NOT_FOUND)
        return found
