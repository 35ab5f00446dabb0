"""Reads files without letting go of the GIL, in the caller's thread.

A system call made by Python lets go of the GIL, and a thread that wants it back waits for 5 ms while a cell computes
in pure Python: a thousand reads take seconds then. libc called by `ctypes.PyDLL` keeps it. So only what cannot block
may be read here: files that the kernel answers from memory at once.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
from collections.abc import Callable

from procwidget.sources.linux.proc import parse_names, parse_pids

_SIZE = 1 << 16
_GONE = (errno.ENOENT, errno.ESRCH)
_NONE_LEFT = (errno.EMFILE, errno.ENFILE)
_GETDENTS64 = {
    **dict.fromkeys(("aarch64", "riscv64", "loongarch64"), 61),
    "x86_64": 217,
    "ppc64le": 202,
    "s390x": 220,
}
"""The number of getdents64(2) by machine, from the kernel's tables of system calls."""


class GilHeldReader:
    """Reads files, for one thread at a time.

    `gone` says of the last read that gave `None` whether the file, or the process behind it, does not exist.
    `exhausted` says whether a file could not be opened for want of file descriptors since it was last reset.
    """

    def __init__(self) -> None:
        # use_errno would add a tenth to the cost of a read, declared arguments a sixth.
        libc = ctypes.PyDLL(None)
        self._errno = libc["__errno_location"]
        self._errno.restype = ctypes.POINTER(ctypes.c_int)
        self._open, self._read, self._close, self._readlink = libc.open, libc.read, libc.close, libc.readlink
        self._getdents = listing_call(libc)
        # What they return is no more than this, so it fits in the int that ctypes makes of it.
        self._size = ctypes.c_size_t(_SIZE)
        self._buffer = ctypes.create_string_buffer(_SIZE)
        self._view = memoryview(self._buffer).cast("B")
        self.gone = False
        self.exhausted = False

    def read_start(self, path: bytes) -> bytes | None:
        """Return what one read of a file gives, at most 64 KiB; `None` when it cannot be read."""
        file = self._open_file(path, os.O_RDONLY | os.O_CLOEXEC)
        if file < 0:
            return None
        count = self._read(file, self._buffer, self._size)
        if count < 0:
            self._note_failure()
        self._close(file)
        return None if count < 0 else self._view[:count].tobytes()

    def read(self, path: bytes) -> bytes | None:
        """Return all of a file; `None` when it cannot be read."""
        return self._read_all(path, os.O_RDONLY | os.O_CLOEXEC, self._read)

    def read_link(self, path: bytes) -> bytes | None:
        """Return where a symbolic link of /proc leads; `None` when it cannot be read."""
        count = self._readlink(path, self._buffer, self._size)
        if count < 0:
            self._note_failure()
            return None
        return self._view[:count].tobytes()

    def receive(self, file: int) -> bytes:
        """Return the next message of a socket that does not block; b"" when there is none."""
        count = self._read(file, self._buffer, self._size)
        return self._view[:count].tobytes() if count > 0 else b""

    def list_pids(self, path: bytes) -> list[int] | None:
        """Return the entries of a directory that are numbers; `None` when it cannot be listed."""
        if self._getdents is None:
            return [int(name) for name in names if name.isdigit()] if (names := _listed(path)) is not None else None
        entries = self._read_all(path, os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY, self._getdents)
        return None if entries is None else parse_pids(entries)

    def list_names(self, path: bytes) -> list[str] | None:
        """Return the names in a directory; `None` when it cannot be listed."""
        if self._getdents is None:
            return [os.fsdecode(name) for name in names] if (names := _listed(path)) is not None else None
        entries = self._read_all(path, os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY, self._getdents)
        return None if entries is None else [os.fsdecode(name) for name in parse_names(entries)]

    def _read_all(self, path: bytes, flags: int, read: Callable[..., int]) -> bytes | None:
        file = self._open_file(path, flags)
        if file < 0:
            return None
        parts: list[bytes] = []
        while (count := read(file, self._buffer, self._size)) > 0:
            parts.append(self._view[:count].tobytes())
        if count < 0:
            self._note_failure()
        self._close(file)
        return None if count < 0 else b"".join(parts)

    def _open_file(self, path: bytes, flags: int) -> int:
        """Return a descriptor, negative when the file cannot be opened."""
        file: int = self._open(path, flags)
        if file < 0:
            self._note_failure()
        return file

    def _note_failure(self) -> None:
        problem = self._errno()[0]
        self.gone = problem in _GONE
        self.exhausted = self.exhausted or problem in _NONE_LEFT


def listing_call(libc: ctypes.PyDLL, machine: str = "") -> Callable[..., int] | None:
    """Return getdents64(2), which lists a directory, as a libc has it; `None` where it cannot be had without the GIL.

    glibc has it since 2.30 and musl not at all, so there it is called by its number.

    Args:
        libc: the C library.
        machine: as in `platform.machine()`, this one if empty.
    """
    found: Callable[..., int] | None = getattr(libc, "getdents64", None)
    number = _GETDENTS64.get(machine or platform.machine())
    # A program of 32 bits on a kernel of 64 has other numbers.
    if found is not None or number is None or ctypes.sizeof(ctypes.c_void_p) < 8:
        return found
    call = libc.syscall
    call.restype = ctypes.c_long
    first = ctypes.c_long(number)
    return lambda file, buffer, size: int(call(first, ctypes.c_long(file), buffer, size))


def _listed(path: bytes) -> list[bytes] | None:
    try:
        return os.listdir(path)
    except OSError:
        return None
