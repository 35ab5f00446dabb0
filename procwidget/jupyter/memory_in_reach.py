"""Reads the memory that one process can use, how much of it is in use, and how many were killed for want of it.

That is the memory of its control group where it is limited, else the host's. For one thread at a time, and a few small
files a reading: it is for the few processes that somebody follows closely.
"""

from __future__ import annotations

from typing import NamedTuple

from procwidget.sources import cgroup
from procwidget.sources.linux.host_files import find_number
from procwidget.sources.linux.proc import parse_memory


class InReach(NamedTuple):
    """Bytes `used` of the `limit`, and how many processes were killed for want of memory.

    They are those of the control `group`, if that counts them. `None` is what is not known; `group` is `None` where the
    whole host is counted, as `host_oom_kills` always does: a group may be gone as soon as its last process is.
    """

    used: int | None
    limit: int | None
    oom_kills: int | None
    group: str | None
    host_oom_kills: int | None


class MemoryInReach:
    """Reads it for one process, also after that has ended: then in the control group that it had.

    Args:
        pid: the process; "self" is this one.
        proc: where /proc is.
        read: how files are read.
    """

    def __init__(self, pid: int | str = "self", proc: str = "/proc", read: cgroup.ReadFile = cgroup.read_file) -> None:
        self._pid, self._proc, self._read = str(pid), proc, read
        self._own: bytes | None = None
        self._limits = cgroup.Reader(proc, read, self._pid)
        self._counter: tuple[str, str] | None = None

    def group(self) -> bytes | None:
        """Return in which control groups the process is now, for `follow`; of one that has ended they are others."""
        return self._read(f"{self._proc}/{self._pid}/cgroup")

    def follow(self, own: bytes | None) -> None:
        """Take its control groups: a process may be moved to others while it runs."""
        if own and own != self._own:
            self._own = own
            self._limits = cgroup.Reader(self._proc, self._read, self._pid)
            self._counter = self._find_counter(own)

    def read(self) -> InReach:
        """Read it now."""
        memory = parse_memory(self._read(f"{self._proc}/meminfo"))
        limits = self._limits.read(memory["total"] if memory else None, 0)
        used, limit = (memory["used"], memory["total"]) if memory else (None, None)
        if limits and limits["memory_total"]:
            used, limit = limits["memory_used"], limits["memory_total"]
        kills, group = self.oom_kills()
        return InReach(used, limit, kills, group, self._of_host())

    def oom_kills(self) -> tuple[int | None, str | None]:
        """Return how many were killed, and in which group where that counts itself."""
        if self._counter is not None:
            file, path = self._counter
            count = find_number(self._read(file), b"oom_kill")
            if count is not None:
                return count, path
        return self._of_host(), None

    def rose(self, before: InReach) -> tuple[int | None, str | None]:
        """Return how many were killed since a reading, and in which group where that counts them and is still there."""
        now, group = self.oom_kills()
        if group != before.group:
            now, earlier, group = self._of_host(), before.host_oom_kills, None
        else:
            earlier = before.oom_kills
        return (None if now is None or earlier is None else now - earlier), group

    def _of_host(self) -> int | None:
        return find_number(self._read(f"{self._proc}/vmstat"), b"oom_kill")

    def _find_counter(self, own: bytes) -> tuple[str, str] | None:
        """Return the file of the group that holds the process: whoever is killed counts there, whoever was short."""
        found = cgroup.groups("memory", own, self._read(f"{self._proc}/self/mountinfo") or b"")
        for group in found[:1]:
            names = ("memory.oom_control",) if group.version == 1 else ("memory.events.local", "memory.events")
            for name in names:
                if find_number(self._read(f"{group.directory}/{name}"), b"oom_kill") is not None:
                    return f"{group.directory}/{name}", group.path
        return None
