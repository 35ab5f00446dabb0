"""Says what a process is doing where the kernel's letter for its main thread misleads. Runs in the caller's thread.

* A process whose main thread has ended while others run is listed as a zombie without memory. It is alive.
* A parent in vfork(2) waits in the state of uninterruptible sleep until its child starts a program or ends. It hangs on
  nothing, and a signal ends it.

What is read here answers at once (proc(5)): stat, statm, wchan, and the lists of a process's threads and children.
"""

from __future__ import annotations

from collections.abc import Callable

from procwidget.sources.linux.proc import NO_EXEC_YET, Stat, is_kernel_thread, parse_stat

Read = Callable[[bytes], bytes | None]
"""Reads a file; `None` when it cannot be read."""

ListIds = Callable[[bytes], list[int] | None]
"""Lists the entries of a directory that are numbers; `None` when it cannot be listed."""

_ENDED = ("zombie", "dead")
# Where the kernel says that a parent waits, in releases since 5.10, before, and long before that.
_IN_VFORK = (b"kernel_clone", b"_do_fork", b"do_fork", b"wait_for_vfork_done")
_MOST_THREADS = 8
"""Of how many living threads one that runs is looked for."""


def misleads(stat: Stat) -> bool:
    """Return whether `state_of` has to look closely to say what a process is doing."""
    return (stat.status == "disk-sleep" and not is_kernel_thread(stat)) or is_without_main_thread(stat)


def is_without_main_thread(stat: Stat) -> bool:
    """Return whether the main thread of a process has ended while others run."""
    return stat.status in _ENDED and stat.threads > 1


def state_of(stat: Stat, folder: bytes, read: Read, list_ids: ListIds) -> tuple[str | None, bytes | None]:
    """Return the status of a process, and its statm, which counts its memory; `None` for what cannot be known.

    Args:
        stat: what its stat says, where that `misleads`.
        folder: its folder in /proc.
        read: reads a file.
        list_ids: lists a folder.
    """
    if stat.status in _ENDED:
        thread, status = _living_thread(folder, read, list_ids)
        return status, read(thread + b"/statm") if thread else None
    return "sleeping" if _is_in_vfork(folder, read) else stat.status, read(folder + b"/statm")


def _living_thread(folder: bytes, read: Read, list_ids: ListIds) -> tuple[bytes | None, str | None]:
    """Return the folder of a thread that has not ended, one that runs if there is, and its status."""
    found: tuple[bytes | None, str | None] = None, None
    living = 0
    for number in list_ids(folder + b"/task") or ():
        thread = b"%b/task/%d" % (folder, number)
        stat = parse_stat(read(thread + b"/stat") or b"")
        if stat is None or stat.status in _ENDED:
            continue
        living += 1
        if living == 1 or stat.status == "running":
            found = thread, stat.status
        if stat.status == "running" or living == _MOST_THREADS:
            break
    return found


def _is_in_vfork(folder: bytes, read: Read) -> bool:
    place = read(folder + b"/wchan")
    if place and place != b"0":
        return place in _IN_VFORK
    # Of another user's process that is secret. Until it starts a program the child of a vfork has the very memory of
    # its parent; that of a fork is counted by itself.
    root, _, pid = folder.rpartition(b"/")
    memory = read(folder + b"/statm")
    for child in (read(b"%b/task/%b/children" % (folder, pid)) or b"").split():
        stat = parse_stat(read(b"%b/%b/stat" % (root, child)) or b"")
        if stat and stat.flags & NO_EXEC_YET and memory and read(b"%b/%b/statm" % (root, child)) == memory:
            return True
    return False
