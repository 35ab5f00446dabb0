"""Holds one process, so that a signal reaches that process or none.

With pidfds the kernel holds the process: a signal reaches it or nobody, whatever becomes of its pid. Elsewhere
(macOS, Windows, old kernels) a `psutil.Process` is kept and asked before every signal whether the pid is still its
own; between that and the signal some microseconds remain. What is set and not signalled is in `adjustments`. Any thread
may call; one at a time.
"""

from __future__ import annotations

import errno
import os
import select
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import psutil

from procwidget.actions.adjustments import adjustment_of
from procwidget.actions.identity_check import LINUX
from procwidget.actions.kernel_deeds import deed_of

_NONE_LEFT = (errno.EMFILE, errno.ENFILE)


class Target(Protocol):
    """A process that is held from the question to the outcome. `close` gives back what holds it."""

    pid: int

    def runs(self) -> bool:
        """Return whether it still runs; a zombie does not."""
        ...

    def may_be_signalled(self) -> bool:
        """Return whether the system would permit a signal, as far as that can be known without sending one."""
        ...

    def send(self, action: str) -> None:
        """Do what policy allows: a signal by name, an adjustment such as "renice N", or what a kernel's server does.

        Raises:
            ProcessLookupError: it is gone; `strerror` says when, to follow its name.
            PermissionError: the system does not permit it.
            OSError: anything else that the system has against it.
        """
        ...

    def close(self) -> None:
        """Give back what holds it; calling it again does nothing."""
        ...


class PidfdTarget:
    """A process held by a pidfd (Linux 5.3 and later).

    Raises:
        OSError: there is no such process (`ProcessLookupError`), /proc shows another one by this pid, or no file
            descriptor is left.
    """

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._handle = os.pidfd_open(pid)
        try:
            _require_pid_in_proc(self._handle, pid)
        except BaseException:
            os.close(self._handle)
            raise

    def runs(self) -> bool:
        """Return whether it still runs: a pidfd becomes readable when its process ends, pidfd_open(2)."""
        poll = select.poll()
        poll.register(self._handle, select.POLLIN)
        return not poll.poll(0)

    def may_be_signalled(self) -> bool:
        """Return whether the system would permit a signal, without sending one."""
        try:
            signal.pidfd_send_signal(self._handle, 0)
        except PermissionError:
            return False
        except ProcessLookupError:
            pass
        return True

    def send(self, action: str) -> None:
        """Send `action`, as `Target.send` says."""
        adjustment = adjustment_of(action) or deed_of(action)
        with _system_errors():
            if adjustment is None:
                signal.pidfd_send_signal(self._handle, signal.Signals[action])
            else:
                adjustment.apply(self.pid, self.runs)

    def close(self) -> None:
        """Close the pidfd."""
        handle, self._handle = self._handle, -1
        if handle >= 0:
            os.close(handle)


def _require_pid_in_proc(handle: int, pid: int) -> None:
    """See to it that what the pidfd `handle` holds has this pid in /proc too, which may be another namespace's."""
    # pidfd_open(2): the Pid of its fdinfo is -1 once the process was collected, 0 where /proc does not show it.
    lines = Path(f"/proc/self/fdinfo/{handle}").read_bytes().splitlines()
    told = next((int(line.split()[1]) for line in lines if line.startswith(b"Pid:")), None)
    if told == -1:
        raise ProcessLookupError(errno.ESRCH, "was gone already")
    if told != pid:
        raise OSError(errno.EINVAL, "its pid belongs to another process in /proc")


class PsutilTarget:
    """A process held by a `psutil.Process`, which knows it by pid and start time.

    Raises:
        OSError: there is no such process (`ProcessLookupError`), or it may not be looked at.
    """

    def __init__(self, pid: int) -> None:
        self.pid = pid
        with _system_errors():
            self._process = psutil.Process(pid)

    def runs(self) -> bool:
        """Return whether it still runs; a zombie does not."""
        try:
            process = self._process
            if not process.is_running():
                return False
            # Linux calls a process a zombie also when its main thread alone has ended.
            return process.status() != psutil.STATUS_ZOMBIE or (LINUX and process.num_threads() > 1)
        except psutil.NoSuchProcess:
            return False
        except psutil.AccessDenied:
            return True

    def may_be_signalled(self) -> bool:
        """Return `True`: without a pidfd there is no safe way to ask beforehand."""
        return True

    def send(self, action: str) -> None:
        """Send `action`, as `Target.send` says; psutil compares the start time before each."""
        adjustment = adjustment_of(action) or deed_of(action)
        process = self._process
        # These four exist on Windows too, where the signals of the same meaning do not.
        sends = {"SIGTERM": process.terminate, "SIGKILL": process.kill}
        sends |= {"SIGSTOP": process.suspend, "SIGCONT": process.resume}
        with _system_errors():
            if adjustment is not None:
                adjustment.apply(self.pid, process.is_running)
            elif action in sends:
                sends[action]()
            elif action in signal.Signals.__members__:
                process.send_signal(signal.Signals[action])
            else:
                raise OSError(errno.ENOTSUP, f"this system has no {action}")

    def close(self) -> None:
        """Do nothing: a `psutil.Process` holds nothing of the system."""


@contextmanager
def _system_errors() -> Iterator[None]:
    """Turn psutil's errors into OSErrors, and give those that say "gone" the words for it."""
    try:
        yield
    except (psutil.NoSuchProcess, ProcessLookupError) as error:
        told = isinstance(error, ProcessLookupError) and error.strerror
        words = told if told and told != os.strerror(errno.ESRCH) else "was gone already"
        raise ProcessLookupError(errno.ESRCH, words) from error
    except psutil.AccessDenied as error:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM)) from error
    except ValueError as error:
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL)) from error


def pidfds_work() -> bool:
    """Return whether this system has pidfds and lets this process use them; some containers do not."""
    try:
        target = PidfdTarget(os.getpid())
    except AttributeError:
        return False
    except OSError as error:
        # Where only a descriptor was missing there are pidfds, and there will be descriptors again.
        return error.errno in _NONE_LEFT
    try:
        return target.may_be_signalled()
    except (AttributeError, OSError):
        return False
    finally:
        target.close()
