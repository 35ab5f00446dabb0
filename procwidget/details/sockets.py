"""Sockets as the kernel lists them: which inode is which address. Any thread.

The lists are those of proc(5), /proc/PID/net/tcp and its like: of the network namespace that the process is in. A
process has a socket if one of its descriptors leads to "socket:[INODE]".
"""

from __future__ import annotations

import re
import socket
import sys
from collections.abc import Callable, Iterator
from typing import NamedTuple

INTERNET = ("tcp", "tcp6", "udp", "udp6")
"""The lists of the sockets that have ports."""

_STATES = {
    "01": "connected",
    "02": "connecting",
    "03": "being connected",
    "04": "closing",
    "05": "closing",
    "06": "closed",
    "07": "closed",
    "08": "closed by the other side",
    "09": "closing",
    "0A": "listening",
    "0B": "closing",
}
_LINE = re.compile(
    r"^ *\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) ([0-9A-F]{2})"
    r"(?: \S+){2} \S+ +\d+ +\d+ (\d+)",
    re.MULTILINE,
)
_UNIX_LINE = re.compile(r"^[0-9a-fA-F]+:(?: [0-9A-Fa-f]+){5} +(\d+)(?: (.*))?$", re.MULTILINE)
_LINK = re.compile(rb"socket:\[(\d{1,20})\]")
_WORD = 8


class Endpoint(NamedTuple):
    """One end of a connection, or a socket that waits for some; `kind` is tcp, udp or unix.

    `local` and `remote` are as they are written: "127.0.0.1:8888", "[::1]:80", a path; `remote` `None` for none.
    """

    kind: str
    local: str
    port: int | None
    remote: str | None
    state: str | None


def inode_of(link: bytes) -> int | None:
    """Return the inode of the socket that a descriptor leads to; `None` for anything else."""
    found = _LINK.fullmatch(link)
    return int(found[1]) if found else None


def parse_internet(text: str, kind: str) -> Iterator[tuple[int, Endpoint]]:
    """Yield the sockets of a list by their inodes; `kind` is its name, of `INTERNET`."""
    for local, port, remote, other, state, inode in _LINE.findall(text):
        # What nobody holds any more, as after closing, has none.
        if inode != "0":
            to = None if int(other, 16) == 0 else _address(remote, other)
            # A UDP socket has no states, but the kernel writes one.
            said = _STATES.get(state) if kind.startswith("tcp") else None
            yield int(inode), Endpoint(kind[:3], _address(local, port), int(port, 16), to, said)


def parse_unix(text: str) -> Iterator[tuple[int, Endpoint]]:
    """Yield the sockets of /proc/net/unix that have a path, by their inodes."""
    for inode, path in _UNIX_LINE.findall(text):
        if path:
            yield int(inode), Endpoint("unix", path, None, None, None)


def sockets_in(net: str, names: tuple[str, ...], read: Callable[[str], str]) -> dict[int, Endpoint]:
    """Return the sockets of some lists in a /proc/PID/net by inode; a list that cannot be read has none.

    Args:
        net: that folder.
        names: of `INTERNET`, and "unix".
        read: reads a file, or raises `OSError`.
    """
    found: dict[int, Endpoint] = {}
    for name in names:
        try:
            text = read(f"{net}/{name}")
        except OSError:
            continue
        found.update(parse_unix(text) if name == "unix" else parse_internet(text, name))
    return found


def read_list(path: str) -> str:
    """Read a list of sockets.

    Raises:
        OSError: it cannot be read.
    """
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def _address(digits: str, port: str) -> str:
    # Words of 32 bits in the order of this machine, which hold bytes in the network's.
    words = [int(digits[at : at + _WORD], 16).to_bytes(4, sys.byteorder) for at in range(0, len(digits), _WORD)]
    packed = b"".join(words)
    family = socket.AF_INET if len(packed) == 4 else socket.AF_INET6
    text = socket.inet_ntop(family, packed)
    return f"{text if family == socket.AF_INET else f'[{text}]'}:{int(port, 16)}"
