"""A Linux host made of files and a clock that stands still until it is moved: for faults that no real host shows."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from procwidget.sources.linux.entry import SECOND, clock_id
from procwidget.sources.linux.source import LinuxSource

PAGE = os.sysconf("SC_PAGE_SIZE")
TICK = SECOND // os.sysconf("SC_CLK_TCK")


def stat_line(pid: int, name: bytes = b"sleep", **values: Any) -> bytes:
    """Return a /proc/PID/stat as the kernel writes it; `values` are state, ppid, flags, nice, threads, start …."""
    fields = {
        **dict.fromkeys(range(52), 0),
        0: values.get("state", "S"),
        1: values.get("ppid", 0),
        4: values.get("terminal", 0),
        6: values.get("flags", 0x400000),
        8: values.get("child_faults", 0),
        9: values.get("faults", 0),
        11: values.get("utime", 0),
        16: values.get("nice", 0),
        17: values.get("threads", 1),
        19: values.get("start", 100),
        25: values.get("stack", 0),
        36: values.get("last_cpu", 0),
        38: values.get("policy", 0),
        **dict(zip((13, 14), values.get("child_times", (0, 0)), strict=True)),
    }
    # pid and name come before them.
    text = " ".join(str(fields[place]) for place in range(50))
    return b"%d (%b) %b\n" % (pid, name, text.encode())


class FakeHost:
    """A /proc with clocks; `source` reads it. It has this process, so that the source believes in it, and no other."""

    def __init__(self, root: Path) -> None:
        self.proc, self.sysfs = root / "proc", root / "sys"
        self.now = {time.CLOCK_MONOTONIC: 1000 * SECOND, time.CLOCK_BOOTTIME: 1000 * SECOND}
        self.now[time.CLOCK_REALTIME] = 1_700_000_000 * SECOND
        self.ran: dict[int, int] = {}
        self.nices: dict[int, int] = {}
        self.cpus = {0: (100, 900), 1: (100, 900)}
        self.booted: object = 1_700_000_000 - 1000
        self.forks = self.newest = 5000
        self.write("sys/kernel/random/boot_id", "fake-boot\n")
        self.write("sys/kernel/pid_max", "32768\n")
        (self.proc / "self").symlink_to(str(os.getpid()))
        self.write(
            "meminfo", "MemTotal: 1000 kB\nMemFree: 1 kB\nMemAvailable: 250 kB\nSwapTotal: 100 kB\nSwapFree: 60 kB\n"
        )
        self.disk, self.net = (2000, 1000), (300, 700)
        self.add(os.getpid(), b"python")

    def source(self, **options: Any) -> LinuxSource:
        return LinuxSource(proc=str(self.proc), sysfs=str(self.sysfs), clock=self.clock, nice=self.nice, **options)

    def clock(self, number: int) -> int:
        if number in self.now:
            return self.now[number]
        for pid, ns in self.ran.items():
            if number == clock_id(pid):
                return ns
        raise OSError(22, "Invalid argument")

    def nice(self, pid: int) -> int:
        if pid not in self.nices:
            raise ProcessLookupError(3, "No such process")
        return self.nices[pid]

    def write(self, name: str, text: str | bytes) -> None:
        path = self.proc / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_symlink():  # it was denied
            path.unlink()
        path.write_bytes(text.encode() if isinstance(text, str) else text)

    def add(self, pid: int, name: bytes = b"sleep", *, ns: int = SECOND, pages: int = 256, **values: Any) -> None:
        """Have a process with these values from now on, or give it other ones."""
        self.ran[pid] = ns
        self.nices[pid] = values.get("nice", 0)
        self.write(f"{pid}/stat", stat_line(pid, name, **values))
        self.write(f"{pid}/statm", f"900 {pages} 100 1 0 200 0\n")
        self.write(f"{pid}/status", "Name:\tsleep\nUid:\t65534\t0\t0\t0\nGid:\t0\t0\t0\t0\nThreads:\t1\n")
        self.write(f"{pid}/cmdline", name + b"\x001000\x00")

    def run(self, pid: int, seconds: float) -> None:
        self.ran[pid] += round(seconds * SECOND)

    def end(self, pid: int) -> None:
        """Let a process be gone, clock and files."""
        del self.ran[pid]
        for path in (self.proc / str(pid)).iterdir():
            path.unlink()
        (self.proc / str(pid)).rmdir()

    def deny(self, name: str) -> None:
        """Have permission to read a file denied, for root too: the kernel lets nobody read this one of its own."""
        path = self.proc / name
        path.unlink()
        path.symlink_to("/proc/sys/vm/drop_caches")

    def block(self, pid: int) -> Path:
        """Have a process not answer when its command line is read, until something is written to what this returns."""
        path = self.proc / str(pid) / "cmdline"
        path.unlink()
        os.mkfifo(path)
        return path

    def pass_time(self, seconds: float, clocks: Iterable[int] = ()) -> None:
        """Move all clocks on, or only these."""
        for number in clocks or self.now:
            self.now[number] += round(seconds * SECOND)

    def publish(self) -> None:
        """Write the host's own files as things are now."""
        lines = [f"cpu{number} {busy} 0 0 {idle} 0 0 0 0 0 0" for number, (busy, idle) in self.cpus.items()]
        counts = [f"btime {self.booted}", f"processes {self.forks}", ""]
        self.write("stat", "\n".join(["cpu  1 2 3 4 5 6 7 8 9 10", *lines, *counts]))
        self.write("loadavg", f"0.50 0.40 0.30 1/100 {self.newest}\n")
        self.write("uptime", f"{self.now[time.CLOCK_BOOTTIME] / SECOND:.2f} 1.00\n")
        read, written = self.disk
        self.write("diskstats", f" 8 0 sda 1 0 {read} 0 1 0 {written} 0 0 0 0\n 8 1 sda1 1 0 9 0 1 0 9 0 0 0 0\n")
        received, sent = self.net
        head = "Inter-|   Receive |  Transmit\n face |bytes packets|bytes packets\n"
        counts = f"{received} 0 0 0 0 0 0 0 {sent} 0 0 0 0 0 0 0\n"
        self.write("net/dev", f"{head}    lo: {counts}  eth0: {counts}")
