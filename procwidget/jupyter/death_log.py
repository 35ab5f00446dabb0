"""The file with the last deaths of this user's kernels on this host: it outlives the server that wrote them.

One JSON object a line, the newest last, readable by its owner alone. Any thread may call, any number of servers write,
and all pages and notebooks of the user read.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from procwidget import forking
from procwidget.actions.audit import open_own_plain_file
from procwidget.jupyter.death import Death
from procwidget.recording.folder import state_folder

MOST = 100
"""How many are kept."""

_MOST_BYTES = 1 << 18
_KINDS: dict[str, tuple[type, ...]] = {
    "time": (int, float),
    "notebook": (str, type(None)),
    "path": (str, type(None)),
    "kernel": (str,),
    "cell": (int, type(None)),
    "seconds": (int, float, type(None)),
    "signal": (str, type(None)),
    "status": (int, type(None)),
    "oom": (bool,),
    "memory": (int, type(None)),
    "limit": (int, type(None)),
    "text": (str,),
}


def default_path() -> Path:
    """Return where the file of this user is."""
    return state_folder() / "kernel-deaths.jsonl"


class DeathLog:
    """Keeps how kernels ended.

    Args:
        path: the file; `None` is `default_path()`, looked up at each use. It is made with the first death.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        self._path = None if path is None else Path(path)
        self._lock = threading.Lock()
        self._unwritten: list[Death] = []
        self._stamp: tuple[int, ...] | None = None
        self._read: list[Death] = []
        forking.register(self)

    def after_fork(self) -> None:
        """In a forked child: make the lock anew."""
        self._lock = threading.Lock()

    @property
    def path(self) -> Path:
        """Where the file is now."""
        return self._path or default_path()

    def add(self, death: Death) -> str | None:
        """Keep one; return why it is not on the disk, in a sentence. It is kept in memory then."""
        with self._lock:
            path = self.path
            try:
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                deaths = [*self._of_file(), *self._unwritten, death][-MOST:]
                fresh = path.with_name(f".{path.name}.{os.getpid()}")
                fresh.unlink(missing_ok=True)
                try:
                    handle = open_own_plain_file(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
                    with open(handle, "w", encoding="ascii") as file:
                        file.writelines(json.dumps(one, separators=(",", ":")) + "\n" for one in deaths)
                    os.replace(fresh, path)
                except OSError:
                    with suppress(OSError):
                        fresh.unlink()
                    raise
            except OSError as error:
                self._unwritten = [*self._unwritten, death][-MOST:]
                return f"The end of a kernel is not kept: {path} cannot be written: {error.strerror or error}."
            self._unwritten = []
            return None

    def deaths(self) -> list[Death]:
        """Return them, the oldest first, as dicts of the caller's own; none where the file cannot be read."""
        with self._lock:
            with suppress(OSError):
                stamp = self._stamp_of(self.path)
                if stamp != self._stamp:
                    self._stamp, self._read = stamp, self._of_file()
            return [death.copy() for death in (*self._read, *self._unwritten)]

    @property
    def stamp(self) -> object:
        """Another object whenever the file is another: that is cheap to ask for."""
        try:
            return self._stamp_of(self.path)
        except OSError:
            return None

    def _stamp_of(self, path: Path) -> tuple[int, ...]:
        facts = os.stat(path)
        return facts.st_mtime_ns, facts.st_size, facts.st_ino

    def _of_file(self) -> list[Death]:
        try:
            with open(open_own_plain_file(self.path, os.O_RDONLY), "rb") as file:
                content = file.read(_MOST_BYTES)
        except FileNotFoundError:
            return []
        found = []
        for line in content.splitlines():
            with suppress(ValueError, RecursionError):
                record = json.loads(line)
                if _is_death(record):
                    found.append(cast(Death, {key: record[key] for key in _KINDS}))
        return found[-MOST:]


def _is_death(record: object) -> bool:
    """Return whether a line of the file is what was written into it: another version may have written others."""
    return isinstance(record, Mapping) and all(
        key in record and isinstance(record[key], kinds) for key, kinds in cast(Mapping[str, Any], _KINDS).items()
    )
