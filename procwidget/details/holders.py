"""Finds the processes that have a port or a file open: the terms `port:8888` and `file:data.csv` of a search.

On Linux every descriptor of every process that may be looked into is read once for a search, some microseconds each.
That keeps the GIL, for nothing of it can block, and a thousand calls that let go of it take seconds while a cell
computes. Elsewhere psutil is asked. Any thread may call; one search is at work at a time.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

import psutil

from procwidget import forking
from procwidget.details.read import read_identity
from procwidget.details.sockets import INTERNET, Endpoint, inode_of, read_list, sockets_in
from procwidget.lookups import Lookup
from procwidget.sample import Process

STANDS = 4.0
"""Seconds for which what was found stands."""

_LONGEST = 5.0
_MOST_KEPT = 32
_KTHREADD = 2
_LINUX = sys.platform.startswith("linux")


class Found(NamedTuple):
    """The identities of those found, and how many processes could not be looked into."""

    identities: frozenset[str]
    unread: int = 0


class Holders:
    """Finds who holds ports and files.

    Args:
        find: finds them for one lookup among the rows of a sample.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        find: Callable[[Lookup, Iterable[Process]], Found] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._find = find or find_holders
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, str], tuple[float, Found]] = {}
        forking.register(self)

    def after_fork(self) -> None:
        """In a forked child: nothing is being searched."""
        self._lock = threading.Lock()

    def resolve(self, lookups: Iterable[Lookup], rows: Iterable[Process]) -> str | None:
        """Write into each lookup whom it finds among the rows of the newest sample.

        Returns:
            A sentence that says how many processes could not be looked into; `None` when all could.
        """
        rows = list(rows)
        unread = 0
        with self._lock:
            for lookup in lookups:
                found = self._fresh(lookup, rows)
                lookup.found = found.identities
                unread = max(unread, found.unread)
        if not unread:
            return None
        some = "1 process" if unread == 1 else f"{unread:,} processes"
        return f"{some} could not be looked into: what other users' processes have open only root may see."

    def _fresh(self, lookup: Lookup, rows: list[Process]) -> Found:
        key, now = (lookup.kind, lookup.value), self._clock()
        at, found = self._kept.get(key, (None, Found(frozenset())))
        if at is None or now - at >= STANDS:
            found = self._find(lookup, rows)
            self._kept.pop(key, None)
            self._kept[key] = now, found
            if len(self._kept) > _MOST_KEPT:
                del self._kept[next(iter(self._kept))]
        return found


def find_holders(lookup: Lookup, rows: Iterable[Process], proc: str = "/proc") -> Found:
    """Find the processes of these rows that have what a lookup is about, and are still the same processes."""
    programs = [row for row in rows if row["status"] != "zombie" and not _is_of_the_kernel(row)]
    found = _by_proc(lookup, programs, proc) if _LINUX else _by_psutil(lookup, programs)
    # A pid may have been given to another process since the sample.
    same = (row["identity"] for row in programs if row["pid"] in found.pids and _same(row))
    return Found(frozenset(same), found.unread)


class _Pids(NamedTuple):
    """As `Found`, by pid."""

    pids: set[int]
    unread: int


def _by_proc(lookup: Lookup, rows: list[Process], proc: str) -> _Pids:
    from procwidget.sources.linux.gil_held import GilHeldReader

    files, deadline = GilHeldReader(), time.monotonic() + _LONGEST
    sockets = _sockets_meant(lookup, rows, proc, files.read_link)
    wanted = lookup.value.lower()

    def is_meant(link: bytes) -> bool:
        inode = inode_of(link)
        if inode is not None:
            return inode in sockets
        return lookup.kind == "file" and link.startswith(b"/") and wanted in link.decode("utf-8", "replace").lower()

    pids: set[int] = set()
    unread = 0
    owned: set[int | None] = set()
    for row in rows:
        folder = b"%b/%d/fd" % (proc.encode(), row["pid"])
        files.gone = False
        numbers = files.list_pids(folder) if time.monotonic() < deadline else None
        if numbers is None:
            unread += not files.gone
            continue
        links = [files.read_link(b"%b/%d" % (folder, number)) or b"" for number in numbers]
        meant = [link for link in links if is_meant(link)]
        if meant:
            pids.add(row["pid"])
            owned.update(map(inode_of, meant))
    # Of a port whose sockets all have a process that is known, nothing is missing.
    if lookup.kind == "port" and sockets.keys() <= owned:
        unread = 0
    return _Pids(pids, unread)


def _sockets_meant(
    lookup: Lookup, rows: list[Process], proc: str, read_link: Callable[[bytes], bytes | None]
) -> dict[int, Endpoint]:
    """Return the sockets with the port, in every network that some process is in, or those with the path."""
    names = INTERNET if lookup.kind == "port" else ("unix",)
    found: dict[int, Endpoint] = {}
    seen: set[bytes] = set()
    for pid in ("self", *(str(row["pid"]) for row in rows)):
        network = read_link(f"{proc}/{pid}/ns/net".encode())
        if network is not None and network not in seen:
            seen.add(network)
            found |= sockets_in(f"{proc}/{pid}/net", names, read_list)
    if lookup.kind == "port":
        return {inode: one for inode, one in found.items() if one.port == int(lookup.value)}
    return {inode: one for inode, one in found.items() if lookup.value.lower() in one.local.lower()}


def _by_psutil(lookup: Lookup, rows: list[Process]) -> _Pids:
    pids: set[int] = set()
    unread = 0
    for row in rows:
        try:
            process = psutil.Process(row["pid"])
            if lookup.kind == "port":
                ends = process.net_connections(kind="inet")
                meant = any(end.laddr and end.laddr.port == int(lookup.value) for end in ends)
            else:
                meant = any(lookup.value.lower() in one.path.lower() for one in process.open_files())
        except psutil.NoSuchProcess:
            continue
        except (psutil.Error, OSError, NotImplementedError, RuntimeError):
            unread += 1
            continue
        if meant:
            pids.add(row["pid"])
    return _Pids(pids, unread)


def _is_of_the_kernel(row: Process) -> bool:
    return _LINUX and row["command"] is None and _KTHREADD in (row["pid"], row["ppid"])


def _same(row: Process) -> bool:
    return read_identity(row["pid"]) == row["identity"]
