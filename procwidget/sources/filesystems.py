"""Says how full each filesystem is: asked in threads of their own, for a network filesystem may never answer.

The tick only lists what is mounted, as /proc/self/mountinfo (proc(5)) has it, and takes what was answered meanwhile.
Those that others serve have a thread of their own, so one that is away keeps nobody from asking the disks.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from typing import Final, NamedTuple

from procwidget.clean_text import clean_text
from procwidget.sample import Filesystem
from procwidget.sources.blocking import BlockingReader
from procwidget.sources.counters import MOST_LISTED
from procwidget.sources.linux.proc import unescaped

EVERY: Final = 15.0
"""Seconds after which the filesystems are asked again."""

# Images that are full from the beginning.
_ALWAYS_FULL = {"squashfs", "iso9660", "udf", "erofs", "cramfs", "romfs"}
_REMOTE = re.compile(
    r"nfs4?|cifs|smb3?|smbfs|ncpfs|9p|afs|ceph|glusterfs|lustre|gpfs|beegfs|orangefs|pvfs2|ocfs2|gfs2|virtiofs|vboxsf"
    r"|prl_fs|webdav|fuse\..*"
)
_NOTHING_STORED = {"fuse.lxcfs", "fuse.portal", "fuse.gvfsd-fuse", "fuse.snapfuse", "fuse.archivemount"}
_WITHOUT_DEVICE = {"zfs", "btrfs", "bcachefs", "ubifs", "drvfs", "reiser4"}
_IN_MEMORY = {"/dev/shm", "/tmp", "/var/tmp"}  # noqa: S108 - where a full tmpfs is felt


class Mount(NamedTuple):
    """What is mounted where: its device's number, the place, the device, the kind, whether it is read-only."""

    number: str
    point: str
    device: str
    kind: str
    read_only: bool


class Usage(NamedTuple):
    """What a filesystem holds, in bytes and inodes; `None` where it does not count them."""

    total: int
    used: int
    available: int
    inodes: int | None
    inodes_used: int | None


class FilesystemReader:
    """Asks the filesystems again and again. One thread at a time may call.

    Args:
        list_mounts: returns what is mounted now; it must not block.
        measure: returns what the filesystem at a place holds, `None` where that cannot be had; it may block.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        list_mounts: Callable[[], list[Mount]],
        measure: Callable[[str], Usage | None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._list, self._clock = list_mounts, clock
        readers = [BlockingReader[Mount, Usage | None](lambda mount: measure(mount.point), name) for name in _THREADS]
        self._disks, self._remote = readers
        self._mounts: list[Mount] = []
        self._usages: dict[Mount, Usage | None] = {}
        self._asked_at: float | None = None
        self._stuck: set[Mount] = set()
        self._figures: list[Filesystem] | None = None

    def read(self) -> list[Filesystem] | None:
        """Return what is known of each filesystem, at most half a minute old; `None` until the first has answered."""
        now = self._clock()
        if self._asked_at is None or now - self._asked_at >= EVERY:
            self._asked_at = now
            self._mounts = self._list()
            self._usages = {mount: self._usages[mount] for mount in self._mounts if mount in self._usages}
            for mount in self._mounts:
                self._reader_of(mount).ask(mount)
            self._figures = None
        answers = [*self._disks.answers(), *self._remote.answers()]
        stuck = {*self._disks.stuck(), *self._remote.stuck()}
        # Most readings bring nothing new.
        if self._figures is None or answers or stuck != self._stuck:
            self._usages.update(answers)
            self._stuck = stuck
            self._figures = [
                _figures(mount, None if mount in stuck else self._usages[mount], stuck=mount in stuck)
                for mount in self._mounts
                if mount in stuck or self._usages.get(mount) is not None
            ]
        return self._figures or None

    def close(self) -> None:
        """End the threads."""
        self._disks.close()
        self._remote.close()

    def _reader_of(self, mount: Mount) -> BlockingReader[Mount, Usage | None]:
        return self._remote if _REMOTE.fullmatch(mount.kind) else self._disks


_THREADS = ("procwidget-filesystems", "procwidget-remote-filesystems")


def _figures(mount: Mount, usage: Usage | None, *, stuck: bool) -> Filesystem:
    total, used, available, inodes, inodes_used = usage or (None,) * 5
    # As df counts: what is kept for root is neither used nor available.
    usable = None if used is None or available is None else used + available
    return {
        "mount": clean_text(mount.point),
        "device": clean_text(mount.device),
        "type": clean_text(mount.kind),
        "total": total,
        "used": used,
        "available": available,
        "usage": 100.0 * used / usable if used is not None and usable else None,
        "inodes": inodes,
        "inodes_used": inodes_used,
        "inodes_usage": 100.0 * inodes_used / inodes if inodes_used is not None and inodes else None,
        "read_only": mount.read_only,
        "stuck": stuck,
    }


def parse_mounts(raw: bytes | None) -> list[Mount]:
    """Return the filesystems of /proc/self/mountinfo that can become full, each once, at most `MOST_LISTED`.

    What is mounted several times is the shortest of its places, where it can be written to if it can anywhere.
    """
    at: dict[str, Mount] = {}
    for line in os.fsdecode(raw or b"").splitlines():
        before, separator, after = line.partition(" - ")
        place, kind = before.split(" "), after.split(" ")
        if separator and len(place) >= 6 and len(kind) >= 3:
            read_only = "ro" in (*place[5].split(","), *kind[2].split(","))
            # Of several at one place the last is seen.
            at[place[4]] = Mount(place[2], unescaped(place[4]), unescaped(kind[1]), kind[0], read_only)
    once: dict[str, Mount] = {}
    for mount in sorted(filter(_can_be_full, at.values()), key=lambda mount: (mount.read_only, len(mount.point))):
        once.setdefault(mount.number, mount)
    return sorted(once.values(), key=lambda mount: mount.point)[:MOST_LISTED]


def measure(point: str) -> Usage | None:
    """Return what the filesystem at a place holds; `None` where it cannot be asked, or stores nothing."""
    try:
        # A file that is mounted into a container shows a disk of the host.
        if not os.path.isdir(point):
            return None
        found = os.statvfs(point)
    except OSError:
        return None
    size = found.f_frsize
    if not found.f_blocks or not size:
        return None
    inodes = found.f_files or None
    used = (found.f_blocks - found.f_bfree) * size
    return Usage(
        found.f_blocks * size, used, found.f_bavail * size, inodes, found.f_files - found.f_ffree if inodes else None
    )


def _can_be_full(mount: Mount) -> bool:
    if mount.kind in _ALWAYS_FULL or mount.kind in _NOTHING_STORED:
        return False
    # The layers of containers are on a disk that is listed; in a container they are all there is.
    if mount.kind == "overlay":
        return mount.point == "/"
    if mount.kind == "tmpfs":
        return mount.point in _IN_MEMORY
    known = mount.kind in _WITHOUT_DEVICE or _REMOTE.fullmatch(mount.kind) is not None
    return known or mount.device.startswith("/")
