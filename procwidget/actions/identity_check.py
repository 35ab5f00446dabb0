"""What is read of a process just before it is signalled, to tell it from another one that got its pid.

`read_facts` takes a pid and returns `Facts`. Start ticks count hundredths of a second, so a pid that is reused within
one has the same identity (forced reuse gave that in most tries). Such a twin is excluded by time: see
`Facts.surely_read_at`. Any thread may call.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from procwidget.clean_text import clean_text
from procwidget.identity import TICKS_PER_SECOND, identity_of, ticks_of
from procwidget.sample import Process
from procwidget.sources.linux.proc import COMM_BYTES, parse_stat, shown_name
from procwidget.sources.portable.start_time import steady_start
from procwidget.sources.users_and_commands import account_name

LINUX = sys.platform.startswith("linux")
_DELETED = " (deleted)"


@dataclass(frozen=True)
class Facts:
    """One process, read in one go.

    `identity` is as in a sample's row, `started` seconds since boot on Linux (`None` elsewhere: start times are fine
    enough there). `users` holds the names of its real and effective user. `executable` is `None` where it may not
    be read, `status` one of psutil's words.
    """

    identity: str
    started: float | None
    parent: int | None
    name: str
    users: frozenset[str]
    executable: str | None
    status: str

    def difference_from_row(self, row: Process) -> str | None:
        """Return what differs from what the last sample showed, as a phrase; `None` when nothing does."""
        if self.identity != row["identity"]:
            return "its pid belongs to another process now"
        if row["user"] is not None and row["user"] not in self.users:
            return "its user is another now"
        if row["ppid"] is not None and row["ppid"] != self.parent:
            return "its parent is another now"
        if row["name"] and not _may_be_called(self.name, row["name"]):
            return "it runs another program now"
        return None

    def difference_since(self, before: Facts) -> str | None:
        """Return what differs from `before`, as a phrase; `None` when nothing does.

        Parent and name are left out: a held process keeps its identity when its parent ends first, which is what
        happens when both are ended together, and it may rename itself at any time.
        """
        if self.identity != before.identity:
            return "its pid belongs to another process now"
        if self.users != before.users:
            return "its user is another now"
        if self.executable != before.executable:
            return "it runs another program now"
        return None

    def surely_read_at(self, monotonic: float) -> bool:
        """Return whether the process that a sample begun at `monotonic` showed with this identity can only be this.

        Whatever took the pid later started after the sample had begun. So when the tick in which this process
        started was over by then, no other can have the same pid and the same start tick, now or ever.
        """
        if self.started is None:
            return True
        since_boot = time.clock_gettime(time.CLOCK_BOOTTIME) - time.monotonic() + monotonic
        return self.started + 1 / TICKS_PER_SECOND <= since_boot


def _may_be_called(name: str, shown: str) -> bool:
    # The kernel keeps so many bytes of a name; a source may show all of it.
    kept = os.fsencode(name)[:COMM_BYTES]
    if len(kept) == COMM_BYTES:
        return shown.startswith(shown_name(kept))
    return shown == clean_text(name)


def read_facts(pid: int) -> Facts | None:
    """Read the facts of whichever process has `pid` now; `None` when there is none.

    Raises:
        OSError: they cannot be read, for example because no file descriptors are left.
    """
    return _facts_from_proc(pid) if LINUX else facts_from_psutil(pid)


def _facts_from_proc(pid: int) -> Facts | None:
    try:
        stat = parse_stat(Path(f"/proc/{pid}/stat").read_bytes())
        uids = next(line for line in Path(f"/proc/{pid}/status").read_bytes().splitlines() if line.startswith(b"Uid:"))
    except (FileNotFoundError, ProcessLookupError, StopIteration):
        return None
    if stat is None:
        return None
    executable = None
    with suppress(FileNotFoundError, ProcessLookupError, PermissionError):
        # An upgrade deletes the file of a program that goes on running.
        executable = os.readlink(f"/proc/{pid}/exe").removesuffix(_DELETED)
    return Facts(
        identity=identity_of(pid, stat.start),
        started=stat.start / TICKS_PER_SECOND,
        parent=stat.ppid,
        name=os.fsdecode(stat.name),
        users=frozenset(account_name(int(uid)) for uid in uids.split()[1:3]),
        executable=executable,
        status=stat.status or psutil.STATUS_RUNNING,
    )


def facts_from_psutil(pid: int) -> Facts | None:
    """Read the facts as `read_facts` does, by psutil alone: for systems without /proc."""
    try:
        process = psutil.Process(pid)
        with process.oneshot():
            executable = None
            with suppress(psutil.AccessDenied):
                executable = process.exe()
            return Facts(
                identity=identity_of(pid, ticks_of(steady_start(process))),
                started=None,
                parent=process.ppid(),
                name=process.name(),
                users=frozenset([clean_text(process.username())]),
                executable=executable,
                status=process.status(),
            )
    except psutil.NoSuchProcess:
        return None
    except psutil.AccessDenied as error:
        raise PermissionError(str(error)) from error


def proc_is_own() -> bool:
    """Return whether a pid means the same in /proc as to a signal; `True` where no /proc is read.

    In a pid namespace that was given another one's /proc, rows carry its pids and signals go by ours. proc(5): NSpid
    lists a process's pids from the namespace of /proc down to its own, so that of this process is alone in our own.

    Raises:
        OSError: that cannot be read, for example because no file descriptors are left.
    """
    if not LINUX:
        return True
    try:
        status = Path("/proc/self/status").read_bytes().splitlines()
    except FileNotFoundError:
        return False
    # Before Linux 4.1 there is Pid alone, in the words of /proc.
    told = [line.split()[1:] for line in status if line.startswith((b"Pid:", b"NSpid:"))]
    return told[-1:] == [[str(os.getpid()).encode()]]
