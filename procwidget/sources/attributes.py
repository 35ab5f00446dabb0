"""Users and command lines of processes: processes enter a bounded queue, answers leave, read in one thread of its own.

These reads can block, on a lock of the process, on a dead network file system, on a directory server that knows the
users. So they let go of the GIL and happen here; one that blocks holds up the answers after it, and nothing else.
"""

from __future__ import annotations

import os
import pwd
import threading
import time
import weakref
from contextlib import suppress
from queue import SimpleQueue
from typing import Generic, NamedTuple, TypeVar

from procwidget.sample import clean_text
from procwidget.sources.proc import COMMAND_BYTES, parse_command, parse_uid

_MOST_WAITING = 10_000
_STATUS_BYTES = 8192

Asker = TypeVar("Asker")


class Attributes(NamedTuple):
    """What was read of a process; `None` where it could not be."""

    user: str | None
    command: str | None
    first_argument: str


UNKNOWN = Attributes(None, None, "")


class _Question(NamedTuple, Generic[Asker]):
    pid: int
    asker: Asker


class AttributeReader(Generic[Asker]):
    """Reads attributes in a thread that starts with the first question.

    Args:
        proc: where /proc is.
    """

    def __init__(self, proc: str) -> None:
        self._proc = proc
        self._questions: SimpleQueue[_Question[Asker] | None] = SimpleQueue()
        self._answers: SimpleQueue[tuple[Asker, Attributes]] = SimpleQueue()
        self._at_work: list[tuple[Asker, float]] = []
        self._thread: threading.Thread | None = None
        # A source that is forgotten, not closed, ends its thread too.
        self._end = weakref.finalize(self, self._questions.put, None)

    def ask(self, pid: int, asker: Asker) -> bool:
        """Have the attributes of a process read for `asker`; returns whether that can be done."""
        if self._questions.qsize() >= _MOST_WAITING:
            return False
        if self._thread is None:
            arguments = (self._proc, self._questions, self._answers, self._at_work)
            thread = threading.Thread(target=_answer, args=arguments, name="procwidget-attributes", daemon=True)
            try:
                thread.start()
            except RuntimeError:  # no thread can be started now
                return False
            self._thread = thread
        self._questions.put(_Question(pid, asker))
        return True

    def answers(self) -> list[tuple[Asker, Attributes]]:
        """Return the answers since the last call, with whom they are for."""
        return [self._answers.get() for _ in range(self._answers.qsize())]

    def stuck(self, seconds: float) -> Asker | None:
        """Return for whom the thread has been reading for longer than `seconds`, if so."""
        at_work = self._at_work[:1]
        return at_work[0][0] if at_work and time.monotonic() - at_work[0][1] > seconds else None

    def close(self) -> None:
        """End the thread, after the read that it is at."""
        self._end()


def _answer(
    proc: str,
    questions: SimpleQueue[_Question[Asker] | None],
    answers: SimpleQueue[tuple[Asker, Attributes]],
    at_work: list[tuple[Asker, float]],
) -> None:
    users: dict[int, str] = {}
    while (question := questions.get()) is not None:
        at_work.append((question.asker, time.monotonic()))
        uid = parse_uid(_read(f"{proc}/{question.pid}/status", _STATUS_BYTES))
        user = None if uid is None else users.get(uid)
        if uid is not None and user is None:
            user = users[uid] = _user_name(uid)
        command, first_argument = parse_command(_read(f"{proc}/{question.pid}/cmdline", COMMAND_BYTES))
        answers.put((question.asker, Attributes(user, command, first_argument)))
        at_work.clear()


def _read(path: str, size: int) -> bytes | None:
    with suppress(OSError):
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            return os.read(file, size)
        finally:
            os.close(file)
    return None


def _user_name(uid: int) -> str:
    try:
        return clean_text(pwd.getpwuid(uid).pw_name)
    except (KeyError, OSError):
        return str(uid)
