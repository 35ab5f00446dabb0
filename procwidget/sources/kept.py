"""Reads the same files at every reading through descriptors that stay open: half the cost of opening them each time.

What holds for such a descriptor of /proc/PID/stat or statm:

* It belongs to the process, not to its pid: once the process is gone it says so (ESRCH), whoever has the pid by then.
* It is read with pread(2) at 0, which has the kernel write the file anew; no offset is shared with a forked child.
* It keeps a page of kernel memory, and none of the process's.
* Permission was checked when it was opened, so it is forgotten when the process starts another program.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import resource
import weakref
from contextlib import suppress

from procwidget.sources.held import HeldReader

MOST_KEPT = 512
"""The most descriptors a reader keeps: stat and statm of 256 processes."""

# Of the descriptors that this process may have, one in so many. At the usual limit of 1,024 that is 128 processes; an
# eighth would be 64, no more than run on a host of 1,000.
_SHARE = 4
_FEWEST = 32  # a share below this is not worth it
_SELECT_SIZE = 1024  # select(2) takes descriptors below this one: those are left to the user where there are others
_UNLIMITED = 1 << 20

_readers: weakref.WeakSet[KeptReader] = weakref.WeakSet()


class KeptReader(HeldReader):
    """Reads files as `HeldReader` does, those that are read often through descriptors that it keeps.

    It keeps a quarter of the process's soft limit, at most `MOST_KEPT`, and none where the limit is below
    128. Where half of the limit is in use, or a file cannot be opened for want of descriptors, it gives all back.
    Where the limit is above 2,048 they are numbered from 1,024 on, so that the user's own fit into select(2).
    A descriptor that was used in this reading or the one before is never given up for another.
    """

    def __init__(self) -> None:
        super().__init__()
        libc = ctypes.PyDLL(None)
        self._pread, self._fcntl = libc.pread, libc.fcntl
        self._start, self._floor = ctypes.c_long(0), ctypes.c_long(_SELECT_SIZE)
        self._kept: dict[bytes, tuple[int, int]] = {}  # with the turn of its last use, the least recently used first
        self._turn = self._most = self._roof = 0
        self._high = False
        self._owner = [os.getpid()]
        weakref.finalize(self, _close_all, self._kept, self._owner)
        _readers.add(self)
        self.begin_turn()

    def begin_turn(self) -> None:
        """Begin a new reading; what this process may open by now is asked for."""
        self._turn += 1
        self.exhausted = False
        if self._owner[0] != os.getpid():
            # A fork that Python was not told of: the numbers may be another's here by now.
            self._kept.clear()
            self._owner[0] = os.getpid()
        soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        if soft == resource.RLIM_INFINITY:
            soft = _UNLIMITED
        share = soft // _SHARE
        self._most = min(MOST_KEPT, share) if share >= _FEWEST else 0
        self._roof, self._high = soft // 2, soft > 2 * _SELECT_SIZE
        if len(self._kept) > self._most:
            self.release()

    def read_often(self, path: bytes) -> bytes | None:
        """Return what `read_start` does, and keep the file open for the next time if there is room."""
        kept = self._kept.pop(path, None)
        if kept is None:
            return self._read_and_keep(path)
        file = kept[0]
        count = self._pread(file, self._buffer, self._size, self._start)
        if count > 0:
            self._kept[path] = file, self._turn
            return self._view[:count].tobytes()
        # Its process is gone. The path says what is there now: nothing, or the next process of this pid.
        self._close(file)
        return self.read_start(path)

    def forget(self, path: bytes) -> bool:
        """Close a file if it is kept; returns whether it was."""
        kept = self._kept.pop(path, None)
        if kept is not None:
            self._close(kept[0])
        return kept is not None

    def release(self) -> bool:
        """Close all files that are kept; returns whether there were any."""
        had = bool(self._kept)
        while self._kept:
            self._close(self._kept.popitem()[1][0])
        return had

    def after_fork(self) -> None:
        """Close all files that are kept, in a child that was just forked: it starts with none."""
        self._owner[0] = os.getpid()
        self.release()

    @property
    def kept(self) -> int:
        """How many descriptors are kept."""
        return len(self._kept)

    def _read_and_keep(self, path: bytes) -> bytes | None:
        if len(self._kept) >= self._most and not self._give_up_one():
            return self.read_start(path)
        file = self._open_file(path, os.O_RDONLY | os.O_CLOEXEC)
        if file < 0:
            return None
        count = self._pread(file, self._buffer, self._size, self._start)
        if count < 0:
            self._note_failure()
        raw = None if count < 0 else self._view[:count].tobytes()
        if count > 0 and self._high and file < _SELECT_SIZE:
            low, file = file, self._fcntl(file, fcntl.F_DUPFD_CLOEXEC, self._floor)
            self._close(low)
        if 0 <= file < self._roof and count > 0:
            self._kept[path] = file, self._turn
        elif file >= 0:
            self._close(file)
            if file >= self._roof:
                self.release()
        return raw

    def _give_up_one(self) -> bool:
        """Close the least recently used file unless it is in use; returns whether that made room."""
        for path, (_, turn) in self._kept.items():
            if turn < self._turn - 1:
                self.forget(path)
                return True
            break
        return False

    def _open_file(self, path: bytes, flags: int) -> int:
        before, self.exhausted = self.exhausted, False
        file = super()._open_file(path, flags)
        if file >= self._roof or self.exhausted:
            released = self.release()
            if self.exhausted and released:
                self.exhausted = False
                file = super()._open_file(path, flags)
        self.exhausted = self.exhausted or before
        return file


def _close_all(kept: dict[bytes, tuple[int, int]], owner: list[int]) -> None:
    """Close what a reader that is gone has kept; never in a child that it does not know of."""
    while kept:
        file = kept.popitem()[1][0]
        if owner[0] == os.getpid():
            with suppress(OSError):
                os.close(file)


def _close_in_child() -> None:
    for reader in [*_readers]:
        reader.after_fork()


os.register_at_fork(after_in_child=_close_in_child)
