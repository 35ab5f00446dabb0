"""Says what the machine is: operating system, kernel, architecture and model of the CPUs. Read once; caller's thread.

No program is run for it. The formats are those of os-release(5) and of /proc/cpuinfo (proc(5)), which names the model
on x86 and other architectures, but not on all.
"""

from __future__ import annotations

import platform
import re
import sys
from contextlib import suppress

from procwidget.clean_text import clean_text
from procwidget.machine import System

_MODEL = re.compile(r"^(?:model name|cpu model|Model Name|cpu|Model)\s*: *(\S.*)$", re.MULTILINE)
_BOARD = "sys/firmware/devicetree/base/model"


def read_system(proc: str = "/proc", root: str = "/") -> System:
    """Return what the machine is.

    Args:
        proc: where /proc is.
        root: where /etc and /sys are.
    """
    return {
        "os": _text(_os(root)),
        "kernel": _text(platform.release()),
        "architecture": _text(platform.machine()),
        "cpu": _text(_cpu(proc, root)),
    }


def _os(root: str) -> str:
    if sys.platform == "darwin":
        return f"macOS {platform.mac_ver()[0]}"
    if not sys.platform.startswith("linux"):
        return f"{platform.system()} {platform.release()}"
    for place in ("etc/os-release", "usr/lib/os-release"):
        found = re.search(r"^PRETTY_NAME=(['\"]?)(.*)\1$", _start(f"{root.rstrip('/')}/{place}"), re.MULTILINE)
        if found:
            return re.sub(r"\\(.)", r"\1", found[2])
    return platform.system()


def _cpu(proc: str, root: str) -> str:
    if not sys.platform.startswith("linux"):
        # Elsewhere `platform.processor` would run a program.
        return platform.processor() if sys.platform == "win32" else ""
    found = _MODEL.search(_start(f"{proc}/cpuinfo"))
    return found[1] if found else _start(f"{root.rstrip('/')}/{_BOARD}")


def _start(path: str) -> str:
    """Return the first 4 KiB of a file: the first CPU of many, for each takes the kernel time."""
    with suppress(OSError), open(path, "rb", buffering=0) as file:
        return file.read(4096).decode("utf-8", "replace")
    return ""


def _text(text: str) -> str | None:
    return clean_text(" ".join(text.replace("\0", "").split())) or None
