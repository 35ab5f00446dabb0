"""Asks NVIDIA's driver through its library NVML: `NvidiaDriver`. `nvidia-ml-py` is imported at the first question.

What NVML answers: docs.nvidia.com/deploy/nvml-api. Each figure may be "not supported" on some device or "no permission"
for some user, and is `None` then. A device can be lost (it fell off the bus, or is to be reset) while others go on;
NVML is started anew for it from time to time. Runs in a thread of its own, which a hanging driver keeps for ever.
"""

from __future__ import annotations

import ctypes
import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from procwidget import forking, threads
from procwidget.clean_text import clean_text
from procwidget.machine import Gpu
from procwidget.sources.gpus.driver import DriverReading, Use, cannot_be_read, largest_holders, make_gpu

LISTED_AFTER: Final = 30.0
"""Seconds after which the devices are listed again, and a driver that failed is tried again."""

NO_LIBRARY = "The NVIDIA GPU cannot be read: the library libnvidia-ml of its driver is not here."
NO_MODULE = "NVIDIA GPUs are shown once this is installed: pip install 'procwidget[gpu]'"
IN_CONTAINER = "Which process uses an NVIDIA GPU is not known in a container: its driver tells the host's process ids."

# nvmlReturn_t
_UNINITIALIZED, _DRIVER_NOT_LOADED, _UNKNOWN = 1, 9, 999
_LOST = {_DRIVER_NOT_LOADED, 10, 15, 16}  # time-out, GPU is lost, reset required
_SHORTEST_SPAN = 2.0
"""Seconds that a process's utilization is averaged over at least: the driver has a sample of about each second."""

_INITIAL_PID_NAMESPACE = 0xEFFFFFFC  # PROC_PID_INIT_INO in the kernel's proc_ns.h
_PROCESS_LISTS = (
    "nvmlDeviceGetComputeRunningProcesses",
    "nvmlDeviceGetGraphicsRunningProcesses",
    "nvmlDeviceGetMPSComputeRunningProcesses",
)
_MILLI = 1000
_log = logging.getLogger("procwidget")


class _LostError(Exception):
    """A device does not answer any more."""


@dataclass(slots=True)
class _Device:
    """A device, or a part of one that MIG made; temperature and power are the `whole` device's."""

    index: int
    handle: Any
    whole: Any
    id: str
    name: str
    problem: str = ""
    complaints: set[str] = field(default_factory=set)


class NvidiaDriver:
    """NVIDIA's devices.

    Args:
        is_here: returns whether there may be any, without blocking.
        load: returns the module pynvml; raises `ImportError` where that is not installed, `OSError` where the driver's
            library is not.
        host_pids: returns whether the process ids that the driver tells are those of this process's namespace.
        clock: seconds since the epoch, as the driver has them too.
    """

    name = "NVIDIA"

    def __init__(
        self,
        is_here: Callable[[], bool],
        load: Callable[[], Any] | None = None,
        host_pids: Callable[[], bool] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.is_here, self.with_processes = is_here, False
        self._load, self._host_pids, self._clock = load or load_pynvml, host_pids or sees_host_pids, clock
        self._nvml: Any = None
        self._started = self._closed = False
        self._devices: list[_Device] = []
        self._listed_at = self._read_at = 0.0
        self._failure: DriverReading | None = None
        self._lock = threading.Lock()
        forking.register(self)

    def after_fork(self) -> None:
        """In a forked child: NVML is to be started anew, and no reading is at work."""
        self._lock = threading.Lock()
        self._started = False

    def read(self) -> DriverReading:
        """Ask all devices."""
        with self._lock:
            if self._closed:
                return DriverReading([])
            now = self._clock()
            due = not 0 <= now - self._listed_at < LISTED_AFTER
            if self._failure is not None and not due:
                return self._failure
            try:
                self._failure = self._begin(now) if due or not self._started else None
                return self._failure or self._read(now)
            except Exception as error:  # whatever the library does, the others go on
                _log.debug("NVIDIA's driver could not be read", exc_info=True)
                self._listed_at = now
                self._failure = DriverReading([], unknown=None, notes=(_failed(error),))
                self._stop()
                return self._failure
            finally:
                if self._closed:
                    self._stop()

    def close(self) -> None:
        """Shut NVML down, in a thread, for that may block."""
        self._closed = True
        if self._nvml is not None:
            # Where no thread can be started NVML stays, which does no harm but to the power that an idle GPU takes.
            with suppress(threads.NoThread):
                threads.start(threading.Thread(target=self._close, name="procwidget-gpus-end", daemon=True))

    def _close(self) -> None:
        with self._lock:
            self._stop()

    def _begin(self, now: float) -> DriverReading | None:
        """Start NVML if it is not started and list the devices; return what to say where that cannot be."""
        self._listed_at = now
        if any(device.problem for device in self._devices):
            self._stop()
        if self._nvml is None:
            try:
                self._nvml = self._load()
            except ImportError:
                return DriverReading([], unknown=None, notes=(NO_MODULE,))
            except OSError:
                return DriverReading([], unknown=None, notes=(NO_LIBRARY,))
        if not self._started:
            try:
                self._nvml.nvmlInit()
            except self._nvml.NVMLError as error:
                # The library may be here without any device, as in an image for clusters.
                return DriverReading([]) if error.value == _DRIVER_NOT_LOADED else _failing(error)
            self._started = True
        self._devices = [part for index in range(self._nvml.nvmlDeviceGetCount()) for part in self._parts(index)]
        return None

    def _stop(self) -> None:
        if self._started:
            self._started = False
            try:
                self._nvml.nvmlShutdown()
            except Exception:  # it is of no use any more
                _log.debug("NVML could not be shut down", exc_info=True)

    def _parts(self, index: int) -> list[_Device]:
        """Return a device, or its parts where MIG divides it."""
        try:
            handle = self._nvml.nvmlDeviceGetHandleByIndex(index)
            whole = self._named(_Device(index, handle, handle, f"NVIDIA {index}", "NVIDIA GPU"))
            mode = self._ask(whole, "nvmlDeviceGetMigMode", handle)
            count = self._ask(whole, "nvmlDeviceGetMaxMigDeviceCount", handle) if mode and mode[0] else 0
            parts = []
            for number in range(count or 0):
                part = self._ask(whole, "nvmlDeviceGetMigDeviceHandleByIndex", handle, number)
                if part is not None:
                    made = _Device(index, part, handle, f"{whole.id}/{number}", f"{whole.name} MIG {number}")
                    parts.append(self._named(made))
            return parts or [whole]
        except (self._nvml.NVMLError, _LostError) as error:
            return [_Device(index, None, None, f"NVIDIA {index}", "NVIDIA GPU", problem=str(error))]

    def _named(self, device: _Device) -> _Device:
        device.name = _text(self._ask(device, "nvmlDeviceGetName", device.handle)) or device.name
        device.id = _text(self._ask(device, "nvmlDeviceGetUUID", device.handle)) or device.id
        return device

    def _ask(self, device: _Device, function: str, *arguments: Any) -> Any:
        """Return what a function of NVML gives, `None` where it gives nothing for this device or user.

        Raises:
            _LostError: the device does not answer any more.
        """
        call = getattr(self._nvml, function, None)
        if call is None:
            return None
        try:
            return call(*arguments)
        except self._nvml.NVMLError as error:
            if error.value == _UNINITIALIZED:
                raise  # somebody else in this process has shut it down
            if error.value in _LOST:
                raise _LostError(str(error)) from error
            if error.value == _UNKNOWN:
                device.complaints.add(str(error))
            return None

    def _read(self, now: float) -> DriverReading:
        uses: dict[int, Use] = {}
        gpus: list[Gpu] = []
        notes: list[str] = []
        told = True
        since = now - max(_SHORTEST_SPAN, min(now - self._read_at, LISTED_AFTER))
        self._read_at = now
        mine = self._host_pids()
        for device in self._devices:
            device.complaints.clear()
            gpu = make_gpu(device.index, device.id, device.name, self.name, lost=bool(device.problem))
            if not device.problem:
                try:
                    self._fill(gpu, device)
                    memory = self._memory_of_processes(device)
                    told = told and memory is not None
                    if memory is not None:
                        gpu["processes"] = len(memory)
                    if memory is not None and mine:
                        gpu["holders"] = largest_holders(memory)
                        for pid, use in self._uses(device, memory, since).items():
                            uses[pid] = uses[pid].plus(use) if pid in uses else use
                except _LostError as error:
                    device.problem = str(error)
                    gpu = make_gpu(device.index, device.id, device.name, self.name, lost=True)
            told = told and not gpu["lost"]
            notes += [
                cannot_be_read(device.index, device.name, why) for why in {*device.complaints, device.problem} if why
            ]
            gpus.append(gpu)
        if gpus and self.with_processes and not mine:
            notes.append(IN_CONTAINER)
        # Parts of a lost device say the same.
        return DriverReading(gpus, uses, () if mine and told else None, tuple(dict.fromkeys(notes)))

    def _fill(self, gpu: Gpu, device: _Device) -> None:
        handle = device.handle
        used = self._ask(device, "nvmlDeviceGetUtilizationRates", handle)
        gpu["usage"] = None if used is None else float(used.gpu)
        # The first form counts as used what the driver keeps for itself, so that nothing fits long before it is full.
        held = None
        if version := getattr(self._nvml, "nvmlMemory_v2", None):
            held = self._ask(device, "nvmlDeviceGetMemoryInfo", handle, version)
        held = held or self._ask(device, "nvmlDeviceGetMemoryInfo", handle)
        if held is not None:
            gpu["memory_used"], gpu["memory_total"] = int(held.used), int(held.used) + int(held.free)
        heat = self._ask(device, "nvmlDeviceGetTemperature", device.whole, 0)  # NVML_TEMPERATURE_GPU
        gpu["temperature"] = None if heat is None else float(heat)
        power = self._ask(device, "nvmlDeviceGetPowerUsage", device.whole)
        gpu["power"] = None if power is None else power / _MILLI
        limit = self._ask(device, "nvmlDeviceGetEnforcedPowerLimit", device.whole)
        gpu["power_limit"] = None if limit is None else limit / _MILLI

    def _memory_of_processes(self, device: _Device) -> dict[int, int | None] | None:
        """Return the bytes that each process holds, by pid, `None` where the driver does not tell."""
        memory: dict[int, int | None] = {}
        told = False
        for function in _PROCESS_LISTS:
            found = self._ask(device, function, device.handle)
            told = told or found is not None
            for process in found or ():
                # One that computes and draws is in two lists, with all its memory in each.
                if process.usedGpuMemory is not None or process.pid not in memory:
                    memory[process.pid] = process.usedGpuMemory
        return memory if told else None

    def _uses(self, device: _Device, memory: dict[int, int | None], since: float) -> dict[int, Use]:
        if not self.with_processes:
            return {pid: Use(None, held) for pid, held in memory.items()}
        busy = self._busy(device, int(since * 1e6))
        return {
            pid: Use(busy.get(pid, 0.0) if busy is not None else None, memory.get(pid, 0))
            for pid in {*memory, *(busy or ())}
        }

    def _busy(self, device: _Device, since: int) -> dict[int, float] | None:
        """Return in how many percent of the time each process used a device, since some microseconds of the epoch."""
        try:
            samples = self._nvml.nvmlDeviceGetProcessUtilization(device.handle, since)
        except self._nvml.NVMLError as error:
            if error.value in _LOST:
                raise _LostError(str(error)) from error
            # Not found: no process did anything since. pynvml makes an error of a success without samples, too.
            return {} if error.value in (0, 6) else None
        shares: dict[int, list[float]] = {}
        for sample in samples:
            # Some drivers fill what they have not with nonsense.
            if sample.timeStamp > since and 0 <= sample.smUtil <= 100:
                shares.setdefault(sample.pid, []).append(float(sample.smUtil))
        return {pid: sum(those) / len(those) for pid, those in shares.items()}


def load_pynvml() -> Any:
    """Return the module pynvml of nvidia-ml-py.

    Raises:
        OSError: the driver's own library is not here.
        ImportError: nvidia-ml-py is not installed.
    """
    if sys.platform != "win32":
        ctypes.CDLL("libnvidia-ml.so.1")
    import pynvml

    return pynvml


def sees_host_pids() -> bool:
    """Return whether this process is in the first pid namespace, whose process ids NVIDIA's driver tells."""
    if not sys.platform.startswith("linux"):
        return True
    try:
        return os.stat("/proc/self/ns/pid").st_ino == _INITIAL_PID_NAMESPACE
    except OSError:
        return False


def _text(value: Any) -> str:
    """Return a text of NVML, which older releases of pynvml give as bytes."""
    return clean_text(value.decode("utf-8", "replace") if isinstance(value, bytes) else value or "")


def _failed(error: Exception) -> str:
    return f"The NVIDIA driver cannot be read: {clean_text(str(error)).rstrip('.') or type(error).__name__}."


def _failing(error: Exception) -> DriverReading:
    return DriverReading([], unknown=None, notes=(_failed(error),))
