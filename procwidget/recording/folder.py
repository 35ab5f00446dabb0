"""Where recordings are, and which files are in there: one a day. Any thread may call."""

from __future__ import annotations

import datetime
import os
import re
import socket
from collections.abc import Callable
from pathlib import Path

from procwidget.errors import InvalidArgument, SourceUnavailable
from procwidget.recording.schema import SUFFIX

_NETWORK = {
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "ncpfs",
    "9p",
    "afs",
    "ceph",
    "lustre",
    "gpfs",
    "beegfs",
    "glusterfs",
}
_NETWORK_FUSE = ("fuse.sshfs", "fuse.s3fs", "fuse.gcsfuse", "fuse.glusterfs", "fuse.ceph")


def default_folder() -> Path:
    """Return where recordings of this user are: in `state_folder`, or in /var/tmp if that is on a network."""
    folder = state_folder()
    return folder if folder == _local() else folder / "recordings"


def state_folder() -> Path:
    """Return where procwidget keeps files of this user: in the state directory, or in /var/tmp if that is on a network.

    SQLite's write-ahead log needs memory that all who read share, which no network file system has; and what is looked
    at at each reading must not hang.
    """
    state = os.environ.get("XDG_STATE_HOME", "")
    try:
        base = Path(state) if os.path.isabs(state) else Path.home() / ".local" / "state"
    except RuntimeError:
        return _local()
    return _local() if network_kind(base) else base / "procwidget"


def _local() -> Path:
    user = os.getuid() if hasattr(os, "getuid") else "user"
    return Path(os.environ.get("TEMP", "/var/tmp") if os.name == "nt" else "/var/tmp") / f"procwidget-{user}"  # noqa: S108


def network_kind(path: Path, mountinfo: Callable[[], bytes | None] | None = None) -> str | None:
    """Return the kind of network file system that a path is on, such as "nfs4"; `None` for a local one.

    Args:
        path: a file or folder; it need not exist.
        mountinfo: what /proc/self/mountinfo says.
    """
    text = mountinfo() if mountinfo else _mountinfo()
    if text is None:
        return None
    real = os.path.realpath(path)
    on = "", ""
    for mount, kind in _mounts(text):
        if (real == mount or real.startswith(mount.rstrip("/") + "/")) and len(mount) >= len(on[0]):
            on = mount, kind
    kind = on[1]
    return kind if kind in _NETWORK or kind.startswith(_NETWORK_FUSE) else None


def _mountinfo() -> bytes | None:
    try:
        return Path("/proc/self/mountinfo").read_bytes()
    except OSError:
        return None


def _mounts(text: bytes) -> list[tuple[str, str]]:
    found = []
    for line in text.decode("utf-8", "surrogateescape").splitlines():
        words = line.split(" ")
        if "-" in words[6:] and len(words) > words.index("-", 6) + 1:
            mount = re.sub(r"\\(\d{3})", lambda code: chr(int(code[1], 8)), words[4])
            found.append((mount, words[words.index("-", 6) + 1]))
    return found


def prepare(folder: Path) -> None:
    """Make the folder, for this user alone.

    Raises:
        InvalidArgument: it is on a network file system.
        SourceUnavailable: it cannot be made, or others may write into it.
    """
    kind = network_kind(folder)
    if kind:
        raise InvalidArgument(
            f"A recording cannot be in {folder}, which is on a network ({kind}): choose one on a disk of this host."
        )
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.stat()
    except OSError as error:
        raise SourceUnavailable(f"The folder {folder} for recordings cannot be made: {error.strerror}.") from error
    if hasattr(os, "getuid") and status.st_uid not in (os.getuid(), 0):
        raise SourceUnavailable(f"The folder {folder} belongs to somebody else: choose one of your own.")


def host_name() -> str:
    """Return the name of this host as files have it."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", socket.gethostname())[:64] or "host"


def file_for(folder: Path, time: float) -> Path:
    """Return the file for the readings of a day."""
    day = datetime.datetime.fromtimestamp(time).strftime("%Y-%m-%d")
    return folder / f"{host_name()}-{day}{SUFFIX}"


def files_in(folder: Path) -> list[Path]:
    """Return the files of recordings in a folder, the oldest first by their names' days."""
    return sorted(folder.glob(f"*-????-??-??{SUFFIX}"), key=lambda file: (file.stem[-10:], file.name))
