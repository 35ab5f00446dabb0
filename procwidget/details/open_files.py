"""Lists what one process has open, when somebody asks: files, and sockets with their addresses.

Runs in the caller's thread. On Linux nothing of it blocks, and descriptors are read with the GIL kept.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TypedDict

import psutil

from procwidget.clean_text import clean_text
from procwidget.details.read import check_same, read_identity
from procwidget.details.sockets import INTERNET, Endpoint, inode_of, read_list, sockets_in
from procwidget.errors import SourceUnavailable
from procwidget.sample import Process

MOST_LISTED = 200
"""How many files, and how many sockets, are listed."""

_LINUX = sys.platform.startswith("linux")


class OpenFile(TypedDict):
    """A file by its path, and how many descriptors lead to it."""

    path: str
    descriptors: int


class OpenSocket(TypedDict):
    """A socket; `kind` is tcp, udp or unix, `state` in words for tcp, `remote` `None` where there is no other end."""

    kind: str
    local: str
    remote: str | None
    state: str | None


class Opened(TypedDict):
    """What a process has open: the lists have at most `MOST_LISTED`, the counts all; `others` are pipes and such."""

    files: list[OpenFile]
    file_count: int
    sockets: list[OpenSocket]
    socket_count: int
    others: int


def opened(row: Process, identify: Callable[[int], str | None] = read_identity) -> Opened:
    """Return what the process that `row` shows has open; it is of this one and no other.

    Args:
        row: the process.
        identify: returns the identity of whatever process has a pid, `None` when none has.

    Raises:
        SourceUnavailable: it may not be looked into, it has ended, or its pid is another's by now.
    """
    check_same(row, identify(row["pid"]))
    try:
        files, sockets, others = _by_proc(row["pid"]) if _LINUX else _by_psutil(row["pid"])
    except psutil.NoSuchProcess:
        files, sockets, others = {}, [], 0
    except (psutil.Error, OSError, NotImplementedError, RuntimeError) as error:
        check_same(row, identify(row["pid"]))
        who = f"{row['name']} ({row['pid']})"
        raise SourceUnavailable(f"What {who} has open cannot be read: only its user and root may see it.") from error
    check_same(row, identify(row["pid"]))
    sockets.sort(key=lambda one: (one.state != "listening", one.kind, one.local))
    listed = sorted(files.items())[:MOST_LISTED]
    return {
        "files": [{"path": clean_text(path), "descriptors": count} for path, count in listed],
        "file_count": len(files),
        "sockets": [
            {
                "kind": one.kind,
                "local": clean_text(one.local),
                "remote": one.remote and clean_text(one.remote),
                "state": one.state,
            }
            for one in sockets[:MOST_LISTED]
        ],
        "socket_count": len(sockets),
        "others": others,
    }


def _by_proc(pid: int) -> tuple[dict[str, int], list[Endpoint], int]:
    from procwidget.sources.linux.gil_held import GilHeldReader

    reader = GilHeldReader()
    folder = f"/proc/{pid}/fd".encode()
    numbers = reader.list_pids(folder)
    if numbers is None:
        if reader.gone:
            raise psutil.NoSuchProcess(pid)
        raise PermissionError(folder)
    files: dict[str, int] = {}
    inodes: list[int] = []
    others = 0
    for number in numbers:
        link = reader.read_link(b"%b/%d" % (folder, number)) or b""
        inode = inode_of(link)
        if inode is not None:
            inodes.append(inode)
        elif link.startswith(b"/") and not link.startswith((b"/memfd:", b"/dmabuf:")):
            path = link.decode("utf-8", "replace")
            files[path] = files.get(path, 0) + 1
        else:
            others += bool(link)
    known = sockets_in(f"/proc/{pid}/net", (*INTERNET, "unix"), read_list) if inodes else {}
    sockets = [known[inode] for inode in inodes if inode in known]
    return files, sockets, others + len(inodes) - len(sockets)


def _by_psutil(pid: int) -> tuple[dict[str, int], list[Endpoint], int]:
    process = psutil.Process(pid)
    files: dict[str, int] = {}
    for one in process.open_files():
        files[one.path] = files.get(one.path, 0) + 1
    sockets = []
    for end in process.net_connections(kind="inet"):
        if end.laddr:
            remote = f"{end.raddr.ip}:{end.raddr.port}" if end.raddr else None
            state = {"LISTEN": "listening", "ESTABLISHED": "connected"}.get(end.status)
            kind = "tcp" if end.status != psutil.CONN_NONE else "udp"
            sockets.append(Endpoint(kind, f"{end.laddr.ip}:{end.laddr.port}", end.laddr.port, remote, state))
    return files, sockets, 0
