"""How the system is to treat one process: its CPU and I/O priority, its CPUs, who goes first when memory runs out.

`adjustment_of` reads an action's text, such as "renice 5" or "affinity 0-3", and gives an `Adjustment` that can be made
to a pid. On Linux the first three belong to threads, so each thread of the process gets them. There is no pidfd for
these: `apply` asks before and after whether the process runs, so that a pid (or a thread's) that was given to somebody
else in those microseconds is noticed, though not prevented; the OOM score has no such gap. Any thread may call.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import psutil

from procwidget.actions.identity_check import LINUX

_MAY_HAVE_HIT = "a process that got its pid at once may have got the value"

_RENICE = re.compile(r"renice (-?[0-9]{1,2})")
_IONICE = re.compile(r"ionice (?:(idle)|best-effort ([0-7]))")
_AFFINITY = re.compile(r"affinity ([0-9]{1,4}(?:-[0-9]{1,4})?(?:,[0-9]{1,4}(?:-[0-9]{1,4})?)*)")
_OOM = re.compile(r"oom ([0-9]{1,4})")
_HIGHEST_CPU, _HIGHEST_OOM = 8191, 1000
_PASSES = 3
"""How often new threads are looked for: a thread is born with what its maker has."""

WORDS = (
    "renice from -20 to 19, ionice idle or best-effort 0 to 7, affinity with CPUs such as 0-3,7, and oom from 0 to 1000"
)


class Adjustment(NamedTuple):
    """One change of how the system treats a process.

    `what` is its name in sentences, `done` what is true of the process afterwards. `set_thread` makes it to one thread;
    where it is `None`, `text` is written to the process's oom_score_adj. `nice` is the nice value, if it is that.
    """

    what: str
    done: str
    set_thread: Callable[[int], object] | None = None
    text: str = ""
    nice: int | None = None

    def apply(self, pid: int, runs: Callable[[], bool]) -> None:
        """Make it to the process of `pid`, of which `runs` says whether it still runs.

        Raises:
            ProcessLookupError: it is gone; `strerror` says when, to follow its name.
            OSError: what the system has against it, such as `PermissionError`.
        """
        if not LINUX and self.nice is None:
            raise OSError(errno.ENOTSUP, f"this system cannot set the {self.what} of a process")
        if self.set_thread is None:
            _write_oom_score(pid, self.text, runs)
            return
        if not runs():
            raise _gone()
        done: set[int] = set()
        for _ in range(_PASSES):
            for thread in _threads(pid) - done:
                self._to_thread(pid, thread)
                done.add(thread)
        # A pid is not given to another process before its own has ended: running now, it was its own all along.
        if not runs():
            raise self._too_late()

    def _to_thread(self, pid: int, thread: int) -> None:
        assert self.set_thread is not None
        try:
            self.set_thread(thread)
        except (ProcessLookupError, psutil.NoSuchProcess):
            if thread == pid:
                raise
        if LINUX and thread not in _threads(pid) and os.path.exists(f"/proc/{thread}"):
            raise self._too_late()

    def _too_late(self) -> ProcessLookupError:
        return ProcessLookupError(errno.ESRCH, f"ended while its {self.what} was set; {_MAY_HAVE_HIT}")


def _gone() -> ProcessLookupError:
    return ProcessLookupError(errno.ESRCH, "was gone already")


def _threads(pid: int) -> set[int]:
    """Return the ids of a process's threads, none once it is gone; its own alone where there is no list of them."""
    try:
        return {int(name) for name in os.listdir(f"/proc/{pid}/task")} if LINUX else {pid}
    except (FileNotFoundError, ProcessLookupError):
        return set()


def _write_oom_score(pid: int, text: str, runs: Callable[[], bool]) -> None:
    try:
        # What is opened here stays this process's: its pid may get another owner, the open file does not.
        with open(f"/proc/{pid}/oom_score_adj", "w", encoding="ascii") as file:
            if not runs():
                raise _gone()
            file.write(text)
    except FileNotFoundError as error:
        raise _gone() from error


def oom_score(pid: int) -> int | None:
    """Return what is added to a process's OOM score now; `None` if that cannot be read."""
    try:
        return int(Path(f"/proc/{pid}/oom_score_adj").read_bytes())
    except (OSError, ValueError):
        return None


def adjustment_of(action: str) -> Adjustment | None:
    """Return what a text such as "renice 5" asks for; `None` when it is no adjustment, or one that cannot be."""
    if match := _RENICE.fullmatch(action):
        nice = int(match[1])
        if -20 <= nice <= 19:
            return Adjustment("nice value", f"runs at nice {nice} now", lambda t: _set_nice(t, nice), nice=nice)
    elif match := _IONICE.fullmatch(action):
        level = None if match[1] else int(match[2])
        said = "idle" if level is None else f"best-effort {level}"
        return Adjustment("I/O priority", f"has I/O priority {said} now", lambda t: _set_io_priority(t, level))
    elif match := _AFFINITY.fullmatch(action):
        cpus = cpus_of(match[1])
        if cpus:
            word = "CPU" if len(cpus) == 1 else "CPUs"
            return Adjustment("CPUs", f"runs on {word} {match[1]} now", lambda t: os.sched_setaffinity(t, cpus))
    elif (match := _OOM.fullmatch(action)) and int(match[1]) <= _HIGHEST_OOM:
        done = f"has {match[1]} added to its OOM score now"
        return Adjustment("OOM score", done, text=match[1])
    return None


def cpus_of(text: str) -> frozenset[int]:
    """Return the numbers in a list of CPUs such as "0-3,7"; none where a range runs backwards or one is too high."""
    cpus: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        low, high = int(first), int(last or first)
        if low > high or high > _HIGHEST_CPU:
            return frozenset()
        cpus.update(range(low, high + 1))
    return frozenset(cpus)


def _set_nice(thread: int, nice: int) -> None:
    if LINUX:
        os.setpriority(os.PRIO_PROCESS, thread, nice)
    else:
        psutil.Process(thread).nice(nice)


def _set_io_priority(thread: int, level: int | None) -> None:
    process = psutil.Process(thread)
    if level is None:
        process.ionice(psutil.IOPRIO_CLASS_IDLE)
    else:
        process.ionice(psutil.IOPRIO_CLASS_BE, level)
