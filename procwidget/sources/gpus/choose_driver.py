"""Chooses whom to ask for GPUs on this system."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from procwidget.sources.gpus.driver import Driver
from procwidget.sources.gpus.nvidia import NvidiaDriver
from procwidget.sources.gpus.reader import GpuReader

_DEVICES = {"nvidiactl", "dxg"}  # the second is that of Windows, in its subsystem for Linux


def gpu_reader(
    read: Callable[[str], bytes | None],
    list_names: Callable[[str], list[str] | None],
    *,
    proc: str = "/proc",
    sysfs: str = "/sys",
    devices: str = "/dev",
) -> GpuReader:
    """Return what reads the GPUs of this system.

    Args:
        read: returns what a file of sysfs holds, `None` where it cannot be read; it must not block.
        list_names: likewise the names in a folder.
        proc: where /proc is.
        sysfs: where /sys is.
        devices: where /dev is.
    """
    if sys.platform.startswith("linux"):
        from procwidget.sources.gpus.drm import DrmDriver

        # A container sees NVIDIA's files in /proc whether it has a device or not; in /dev it has only its own.
        nvidia = NvidiaDriver(lambda: not _DEVICES.isdisjoint(list_names(devices) or ()))
        drivers: list[Driver] = [nvidia, DrmDriver(read, list_names, proc=proc, sysfs=sysfs)]
        return GpuReader(drivers)
    # Nobody tells of the GPUs of other makers there, and of Apple's none at all.
    windows = sys.platform == "win32"
    return GpuReader([NvidiaDriver(_is_on_windows)] if windows else [], complete=False)


def _is_on_windows() -> bool:
    return os.path.exists(os.path.join(os.environ.get("WINDIR", "C:/Windows"), "System32", "nvml.dll"))
