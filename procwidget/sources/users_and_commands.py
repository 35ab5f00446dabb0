"""Users and command lines of processes, read without holding up a tick.

What can block is read elsewhere (`procwidget.sources.blocking`): a command line, which waits for a lock of its process,
and the name of a user, which waits for a directory server. The owner's number never blocks, and the names of the few
users that there are stay known: so a command line that does not answer keeps no user unknown. Runs in the caller's
thread.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable
from contextlib import suppress
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from procwidget.clean_text import clean_text
from procwidget.sources.blocking import BlockingReader
from procwidget.sources.linux.proc import COMMAND_BYTES, parse_command, parse_uid

_MOST_NAMES = 1000
_MOST_UNNAMED = 10_000


class Attributes(NamedTuple):
    """What is known of a process, `None` or empty where nothing is; `stuck` is as in its row."""

    user: str | None = None
    command: str | None = None
    long_names: tuple[str, ...] = ()
    stuck: bool = False


UNKNOWN = Attributes()

Command = tuple[str | None, tuple[str, ...]]
"""A command line, `None` for none, and its `proc.long_names`."""


class Described(Protocol):
    """A process: one object for as long as it is the same process."""

    name: str
    attributes: Attributes

    @property
    def pid(self) -> int:
        """Its process id."""
        ...


Asker = TypeVar("Asker", bound=Described)


class AttributeReader(Generic[Asker]):
    """Reads attributes of processes, for one thread at a time.

    Args:
        read_owner: returns a hashable key of the user of a process, such as the uid, without blocking; `None`
            where that cannot be read.
        read_name: reads a user's name, given that key.
        read_command: reads the command line of a process.
    """

    def __init__(
        self,
        read_owner: Callable[[Asker], Hashable],
        read_name: Callable[[Any], str | None],
        read_command: Callable[[Asker], Command],
    ) -> None:
        self._read_owner = read_owner
        self._users: BlockingReader[Hashable, str | None] = BlockingReader(read_name, "procwidget-users")
        self._commands = BlockingReader(read_command, "procwidget-commands")
        self._names: dict[Hashable, str | None] = {}
        self._owners: dict[Asker, Hashable] = {}  # of the processes whose users are not told yet

    def ask(self, process: Asker) -> bool:
        """Have the attributes of a process read; returns whether its command line will be, as `BlockingReader.ask`."""
        asked = self._commands.ask(process)
        # One whose command line is still waited for has a user all the same.
        if asked or process.attributes.user is None:
            owner = self._read_owner(process)
            name = self._names.get(owner)
            if owner is not None and (name is None or name != process.attributes.user):
                self._owners[process] = owner
                self._look_up(owner)
        return asked

    def answers(self) -> list[tuple[Asker, dict[str, Any]]]:
        """Return what has been found since the last call: for which process, and its new values of `Attributes`."""
        if len(self._names) > _MOST_NAMES:
            self._names.clear()
        self._names.update(self._users.answers())
        found: list[tuple[Asker, dict[str, Any]]] = []
        owners, self._owners = self._owners, {}
        # Where users cannot be named, those who wait for it longest are left out: they may have ended long ago.
        for process, owner in [*owners.items()][-_MOST_UNNAMED:]:
            if owner not in self._names:
                self._owners[process] = owner
                self._users.ask(owner)  # it may have been forgotten since
            elif (user := self._names[owner]) is not None:
                found.append((process, {"user": user}))
        for process, (command, long_names) in self._commands.answers():
            # A zombie has no command line any more; what it was is still worth knowing.
            known = {} if command is None else {"command": command, "long_names": long_names}
            found.append((process, {"stuck": False, **known}))
        found.extend((process, {"stuck": True}) for process in self._commands.stuck())
        return found

    def _look_up(self, owner: Hashable) -> None:
        if owner not in self._names:
            # Named since, perhaps: no user is to be looked up for each of his processes.
            self._names.update(self._users.answers())
        if owner not in self._names:
            self._users.ask(owner)

    def notes(self) -> list[str]:
        """Return a sentence for what does not answer, commands and users each."""
        notes = []
        names = [f"{process.name[:64]} ({process.pid})" for process in self._commands.stuck()]
        if len(names) == 1:
            notes.append(f"The command line of {names[0]} cannot be read: it does not answer.")
        elif names:
            these = " and ".join(names)
            notes.append(f"{these} do not answer, so the command lines of new processes stay unknown.")
        if self._users.stuck():
            notes.append("The names of some users cannot be read: what knows them does not answer.")
        return notes

    def close(self) -> None:
        """End the threads, each after the read that it is at."""
        self._users.close()
        self._commands.close()


def proc_reader(proc: str, read: Callable[[bytes], bytes | None]) -> AttributeReader[Any]:
    """Return what reads attributes from a /proc; `read` reads those of its files that cannot block."""
    root = os.fsencode(proc)
    return AttributeReader(
        lambda process: parse_uid(read(b"%b/%d/status" % (root, process.pid))),
        user_name,
        lambda process: read_command(proc, process.pid),
    )


def read_command(proc: str, pid: int) -> Command:
    """Read the command line of a process from a /proc, of its threads where its main one has ended; that can block."""
    folder = f"{proc}/{pid}"
    with suppress(OSError):
        command = parse_command(_start_of(f"{folder}/cmdline"))
        if command[0] is not None:
            return command
        for thread in os.listdir(f"{folder}/task"):
            if thread != str(pid):
                return parse_command(_start_of(f"{folder}/task/{thread}/cmdline"))
    return None, ()


def _start_of(path: str) -> bytes:
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(file, COMMAND_BYTES)
    finally:
        os.close(file)


def user_name(uid: int) -> str:
    """Return the name of a user of a POSIX system, the number where none can be found; that can block."""
    try:
        return account_name(uid)
    except OSError:
        return str(uid)


def account_name(uid: int) -> str:
    """Return the name of a user as it may be shown, the number where there is none; that can block.

    Raises:
        OSError: what knows the names cannot be asked.
    """
    import pwd  # not on Windows, where this is not called

    try:
        return clean_text(pwd.getpwuid(uid).pw_name)
    except KeyError:
        return str(uid)
