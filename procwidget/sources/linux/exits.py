"""Learns how processes ended: their exit status, or the signal that ended them. Needs no root.

Where it may, it listens to the kernel's proc connector, which tells of each end (linux/cn_proc.h; to everybody since
Linux 6.6, but not in containers). Elsewhere it holds a pidfd of each of the largest processes and asks it when they
have gone (PIDFD_GET_INFO, since Linux 6.15). Runs in the source's thread, and nothing in it blocks.
"""

from __future__ import annotations

import fcntl
import heapq
import os
import signal
import socket
import struct

from procwidget.machine import Exit, signal_name
from procwidget.sample import Process
from procwidget.sources.linux.gil_held import GilHeldReader

HELD = 20
"""How many processes are held by a pidfd, by memory, and half as many more by CPU time."""

_CHOSEN_EACH = 5
"""Readings from one choice of them to the next."""

_MOST_STATUSES = 10_000
"""Ends that are remembered for processes that are still there as zombies, or have not been seen yet."""

_NETLINK_CONNECTOR, _NLMSG_DONE, _CN_IDX_PROC = 11, 3, 1
_LISTEN, _PROC_EVENT_EXIT = 1, 0x80000000
# A netlink header, a connector header (id, sequence, acknowledgement, length, flags), then what, CPU and time.
_HEADERS = struct.Struct("=IHHII IIIIHH")
_EVENT = struct.Struct("=IIQ")
_ENDED = struct.Struct("=IIII")
_AT_EVENT = _HEADERS.size
_AT_ENDED = _AT_EVENT + _EVENT.size

_PIDFD_GET_INFO, _PIDFD_INFO_EXIT = 0xC040FF0B, 1 << 3
_INFO_SIZE, _AT_EXIT_CODE = 64, 60


class ExitReader:
    """Tells how processes ended, as far as it can be known."""

    def __init__(self) -> None:
        self._connector = _Connector.open()
        self._pidfds: dict[str, int] = {}
        self._turn = 0

    def update(self, rows: list[Process], gone: list[Process], oom_kills: int | None) -> list[Exit]:
        """Take the rows of a reading; return how those that are `gone` since the one before ended, where it is known.

        Args:
            rows: the processes there are.
            gone: those that were there at the reading before, and are not.
            oom_kills: how many processes the kernel killed for want of memory meanwhile.
        """
        if self._connector is not None:
            statuses = self._connector.statuses()
            if gone and not self._connector.heard:
                self._connector.close()
                self._connector = None
            known = [(row, statuses.pop(row["pid"])) for row in gone if row["pid"] in statuses]
        else:
            known = [(row, status) for row in gone if (status := self._ask(row["identity"])) is not None]
            if self._turn % _CHOSEN_EACH == 0:
                self._choose(rows)
            self._turn += 1
        return [exit_of(row, status, oom_kills) for row, status in known]

    def close(self) -> None:
        """Let go of all processes, and listen no more."""
        for handle in self._pidfds.values():
            os.close(handle)
        self._pidfds.clear()
        if self._connector is not None:
            self._connector.close()
            self._connector = None

    def _ask(self, identity: str) -> int | None:
        handle = self._pidfds.pop(identity, None)
        if handle is None:
            return None
        try:
            return _status_of(handle)
        finally:
            os.close(handle)

    def _choose(self, rows: list[Process]) -> None:
        """Hold the largest processes and those that took most CPU time; let go of others."""
        large = heapq.nlargest(HELD, rows, key=lambda row: row["memory"] or 0.0)
        large += heapq.nlargest(HELD // 2, rows, key=lambda row: row["cpu_time"] or 0.0)
        wanted = {row["identity"]: row["pid"] for row in large}
        for identity in self._pidfds.keys() - wanted.keys():
            os.close(self._pidfds.pop(identity))
        for identity, pid in wanted.items():
            if identity not in self._pidfds:
                try:
                    self._pidfds[identity] = os.pidfd_open(pid)
                except OSError:
                    continue


def _status_of(handle: int) -> int | None:
    """Return the wait status of the ended process that a pidfd holds; `None` where the kernel does not tell."""
    info = bytearray(_INFO_SIZE)
    struct.pack_into("=Q", info, 0, _PIDFD_INFO_EXIT)
    try:
        fcntl.ioctl(handle, _PIDFD_GET_INFO, info)
    except OSError:
        return None
    told: int = struct.unpack_from("=Q", info)[0]
    status: int = struct.unpack_from("=i", info, _AT_EXIT_CODE)[0]
    return status if told & _PIDFD_INFO_EXIT else None


class _Connector:
    """The kernel's messages about ends of processes."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection, self._files = connection, GilHeldReader()
        self._statuses: dict[int, int] = {}
        self.heard = False
        """Whether any message came. In some namespaces the kernel takes the wish to listen, and never tells."""

    @classmethod
    def open(cls) -> _Connector | None:
        """Return one, or `None` where the kernel does not let this process listen."""
        try:
            connection = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, _NETLINK_CONNECTOR)
        except (AttributeError, OSError):
            return None
        try:
            connection.setblocking(False)
            connection.bind((0, _CN_IDX_PROC))
            wish = struct.pack("=II", _LISTEN, _PROC_EVENT_EXIT)
            length = _HEADERS.size + len(wish)
            header = _HEADERS.pack(length, _NLMSG_DONE, 0, 0, 0, _CN_IDX_PROC, 1, 0, 0, len(wish), 0)
            connection.send(header + wish)
        except OSError:
            connection.close()
            return None
        return cls(connection)

    def statuses(self) -> dict[int, int]:
        """Return the wait statuses of processes that ended, by pid; whoever uses one takes it out."""
        statuses, handle = self._statuses, self._connection.fileno()
        while message := self._files.receive(handle):
            self.heard = True
            if len(message) < _AT_ENDED + _ENDED.size or _EVENT.unpack_from(message, _AT_EVENT)[0] != _PROC_EVENT_EXIT:
                continue
            _, process, status, _ = _ENDED.unpack_from(message, _AT_ENDED)
            # Each thread ends; the last one has the status of the process.
            statuses.pop(process, None)
            statuses[process] = status
        while len(statuses) > _MOST_STATUSES:
            del statuses[next(iter(statuses))]
        return statuses

    def close(self) -> None:
        """Listen no more."""
        self._connection.close()


def exit_of(row: Process, status: int, oom_kills: int | None) -> Exit:
    """Return what is told of a process that ended with a wait status, wait(2)."""
    number = status & 0x7F
    code = None if number else (status >> 8) & 0xFF
    name = signal_name(number) if number else None
    text = f"exit status {code}" if name is None else f"killed by {name}"
    if status & 0x80:
        text += ", core dumped"
    if number == signal.SIGKILL and oom_kills:
        text += "; the kernel's OOM counter rose at the same time"
    return {
        "pid": row["pid"],
        "identity": row["identity"],
        "name": row["name"],
        "status": code,
        "signal": name,
        "text": text,
    }
