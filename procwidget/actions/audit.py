"""The audit log: one JSON object a line, written before a signal is sent and again when its outcome is known.

Records enter with `AuditLog.append`, from any thread and any number of processes; `read_log` gives them back as
dicts. Each line is one `write` to a file opened with O_APPEND, so writers do not mix lines on a local file system;
hence one file per host and user, should the home directory be a network's. It never carries command lines.
"""

from __future__ import annotations

import errno
import json
import os
import re
import socket
import stat
import warnings
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from procwidget.errors import ActionRefused

_FLAGS = os.O_APPEND | os.O_CREAT | os.O_RDWR
# A planted link or FIFO must neither redirect the log nor block the dashboard.
_WARY = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


def default_path() -> Path:
    """Return where the log of this host and user is: $PROCWIDGET_AUDIT, or a file in the user's state directory.

    Raises:
        ActionRefused: this user has no home directory.
    """
    told = os.environ.get("PROCWIDGET_AUDIT")
    if told:
        return Path(told)
    import psutil  # not before it is needed: it takes a while to import

    state = os.environ.get("XDG_STATE_HOME", "")
    # The XDG base directory specification says to ignore a relative path.
    try:
        base = Path(state) if os.path.isabs(state) else Path.home() / ".local" / "state"
    except RuntimeError as error:
        raise ActionRefused("There is no home directory for the audit log: set PROCWIDGET_AUDIT to a file.") from error
    return (
        base
        / "procwidget"
        / f"audit-{_file_name(socket.gethostname())}-{_file_name(psutil.Process().username())}.jsonl"
    )


def _file_name(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "_", text)[:64] or "_"


class AuditLog:
    """The log of one dashboard: append-only, readable by its owner alone (mode 0600, directory 0700).

    Args:
        path: the file; `None` is `default_path()`, looked up at each use. It is made at the first line.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        self._path = None if path is None else Path(path)

    @property
    def path(self) -> Path:
        """Where the log is now."""
        return self._path or default_path()

    def append(self, *records: Mapping[str, Any]) -> None:
        """Write each record as one line, all in one go, and have them on the disk before returning.

        Raises:
            ActionRefused: they are not wholly written: no space, no permission, not a plain file of this user.
        """
        path = self.path
        # ASCII only: a lone surrogate in a name must not keep the line from being written.
        lines = [json.dumps(record, separators=(",", ":"), allow_nan=False) + "\n" for record in records]
        line = "".join(lines).encode("ascii")
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = open_own_plain_file(path, _FLAGS)
            try:
                if hasattr(os, "fchmod") and stat.S_IMODE(os.fstat(handle).st_mode) != 0o600:
                    os.fchmod(handle, 0o600)
                _require_space(handle, len(line))
                if _ends_torn(handle):
                    line = b"\n" + line
                if os.write(handle, line) != len(line):
                    raise OSError("only part of a line could be written")
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as error:
            why = error.strerror or str(error)
            raise ActionRefused(
                f"Nothing is signalled, because the audit log {path} cannot be written: {why}."
            ) from error

    def read(self) -> list[dict[str, Any]]:
        """Return the records, oldest first, as `read_log` does."""
        return read_log(self.path)


def open_own_plain_file(path: Path, flags: int) -> int:
    """Open `path` if it is a file that nobody else put there or can put another in the place of.

    Raises:
        OSError: it is not, or cannot be opened.
    """
    handle = os.open(path, flags | _WARY, 0o600)
    try:
        facts, folder = os.fstat(handle), path.parent.stat()
        if not stat.S_ISREG(facts.st_mode):
            raise OSError("it is not a plain file")
        if facts.st_nlink != 1:
            raise OSError("it has another name, under which it can be changed or deleted")
        if hasattr(os, "geteuid"):
            if facts.st_uid != os.geteuid():
                raise OSError("it belongs to another user")
            if folder.st_mode & (stat.S_IWOTH | stat.S_ISVTX) == stat.S_IWOTH:
                raise OSError("everybody may write to its directory")
    except OSError:
        os.close(handle)
        raise
    return handle


def _require_space(handle: int, size: int) -> None:
    # A full disk takes a part of a line as long as its last block has room.
    if hasattr(os, "fstatvfs"):
        system = os.fstatvfs(handle)
        free = system.f_bavail if os.geteuid() else system.f_bfree
        if system.f_blocks and free * system.f_frsize < size:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _ends_torn(handle: int) -> bool:
    """Say whether the last writer died within its line, so that the next line must not continue it."""
    end = os.lseek(handle, 0, os.SEEK_END)
    if end == 0:
        return False
    os.lseek(handle, end - 1, os.SEEK_SET)
    return os.read(handle, 1) != b"\n"


def read_log(path: str | os.PathLike[str] | None = None) -> list[dict[str, Any]]:
    """Return the audit log's records, oldest first; an empty list when nothing was ever signalled.

    A line that its writer could not finish (a crash, a full disk) is left out, with a `UserWarning` that says so.

    Args:
        path: the file; `None` is that of this host and user.

    Raises:
        ActionRefused: there is a log, and it cannot be read, or somebody else may have written it.
    """
    place = default_path() if path is None else Path(path)
    try:
        with open(open_own_plain_file(place, os.O_RDONLY), "rb") as file:
            content = file.read()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ActionRefused(f"The audit log {place} cannot be read: {error.strerror or error}.") from error
    records: list[dict[str, Any]] = []
    torn = 0
    for line in content.split(b"\n"):
        record = None
        with suppress(ValueError, RecursionError):
            record = json.loads(line)
        if isinstance(record, dict):
            records.append(record)
        elif line:
            torn += 1
    if torn:
        lines = "1 line is" if torn == 1 else f"{torn} lines are"
        warnings.warn(f"{lines} incomplete in the audit log {place} and left out.", stacklevel=2)
    return records
