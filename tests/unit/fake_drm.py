"""A /proc and a /sys with GPUs of AMD and Intel, as files, in the forms that the kernel's documentation shows."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from procwidget.sources.gpus.drm import DrmDriver

GIB, MIB = 2**30, 2**20
AMD, INTEL, ASPEED = "0x1002", "0x8086", "0x1a03"


def amd_info(client: int, gfx: int, vram: int, pdev: str = "0000:03:00.0", **more: Any) -> str:
    """Return a fdinfo of amdgpu: ns that the graphics engine worked, KiB of its memory; `more` are further lines."""
    lines = {
        "pos": 0,
        "drm-driver": "amdgpu",
        "drm-client-id": client,
        "drm-pdev": pdev,
        "drm-total-vram": f"{4 * vram} KiB",
        "drm-resident-vram": f"{vram} KiB",
        "drm-memory-vram": f"{vram} KiB",
        "drm-resident-gtt": "2048 KiB",
        "drm-engine-gfx": f"{gfx} ns",
        "drm-engine-compute": "0 ns",
    }
    lines.update({key.replace("_", "-"): value for key, value in more.items()})
    return "".join(f"{key}:\t{value}\n" for key, value in lines.items())


def xe_info(client: int, cycles: int, of: int, pdev: str = "0000:00:02.0") -> str:
    """Return a fdinfo of xe, whose engines count cycles, four of one kind; it has no memory of its own."""
    return (
        f"drm-driver:\txe\ndrm-client-id:\t{client}\ndrm-pdev:\t{pdev}\n"
        "drm-total-system:\t0\ndrm-resident-system:\t0\ndrm-total-gtt:\t8 MiB\ndrm-resident-gtt:\t4 MiB\n"
        f"drm-cycles-rcs:\t{cycles}\ndrm-total-cycles-rcs:\t{of}\n"
        f"drm-cycles-ccs:\t{cycles}\ndrm-total-cycles-ccs:\t{of}\ndrm-engine-capacity-ccs:\t4\n"
    )


class FakeDrm:
    """Devices and processes below `root`, and a driver with a clock that reads them."""

    def __init__(self, root: Path) -> None:
        self.proc, self.sysfs, self.now = root / "proc", root / "sys", 100.0
        (self.sysfs / "class" / "drm").mkdir(parents=True)
        self.proc.mkdir(exist_ok=True)
        self.driver = DrmDriver(read, list_names, proc=str(self.proc), sysfs=str(self.sysfs), clock=lambda: self.now)

    def card(self, number: int, vendor: str, slot: str, *, renders: bool = True, **files: Any) -> Path:
        """Have a device; `files` are those of its folder, with "__" for "/"."""
        drm = self.sysfs / "class" / "drm"
        if renders:
            (drm / f"renderD{128 + number}").mkdir()
        folder = drm / f"card{number}" / "device"
        put(folder / "vendor", vendor)
        put(folder / "uevent", f"DRIVER=any\nPCI_ID={vendor[2:].upper()}:744C\nPCI_SLOT_NAME={slot}")
        for name, text in files.items():
            put(folder / name.replace("__", "/"), text)
        return folder

    def process(self, pid: int, **infos: str) -> None:
        """Have a process with files of GPUs open, `fd5` and so on, as their fdinfo says."""
        for name, text in infos.items():
            put(self.proc / str(pid) / "fdinfo" / name[2:], text)
            link = self.proc / str(pid) / "fd" / name[2:]
            link.parent.mkdir(exist_ok=True)
            if not link.is_symlink():
                link.symlink_to("/dev/dri/renderD128")


def put(path: Path, text: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{text}\n")


def read(path: str) -> bytes | None:
    try:
        return Path(path).read_bytes()
    except OSError:
        return None


def list_names(path: str) -> list[str] | None:
    try:
        return os.listdir(path)
    except OSError:
        return None
