"""Holds many processes without a file descriptor for each: a pidfd is opened when it is needed, and closed again.

A kernel may open 1,024 files by default, and a tree of 500 processes must not take half of them from the user's code.
So `Holder` gives out pidfds up to a share of that limit, and after it `LateTarget`s. These are as safe: when one was
held, its pid and start tick were shown to be of no other process, now or ever (`Facts.surely_read_at`), so a pidfd
whose process has both is of the same process. Any thread may call.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from procwidget.actions.hold_and_send import PidfdTarget, Target
from procwidget.actions.identity_check import read_facts

_MOST_KEPT = 128
_SHARE = 8
"""One of how many file descriptors that this process may have is used for pidfds at most."""


class LateTarget:
    """A process that is known by its identity, and held by a pidfd for moments.

    Raises:
        OSError: there is no such process (`ProcessLookupError`), or it cannot be looked at now.
    """

    def __init__(self, pid: int) -> None:
        self.pid = pid
        with self._looked_at() as (_, identity):
            self._identity = identity

    @contextmanager
    def _looked_at(self) -> Iterator[tuple[PidfdTarget, str]]:
        target = PidfdTarget(self.pid)
        try:
            facts = read_facts(self.pid)
            # While the process runs its pid is its own, so this says that the facts were of this process.
            if facts is None or not target.runs():
                raise ProcessLookupError(errno.ESRCH, "was gone already")
            yield target, facts.identity
        finally:
            target.close()

    @contextmanager
    def _held(self) -> Iterator[PidfdTarget]:
        with self._looked_at() as (target, identity):
            if identity != self._identity:
                raise ProcessLookupError(errno.ESRCH, "was gone already")
            yield target

    def runs(self) -> bool:
        """Return whether it still runs; a zombie does not."""
        try:
            with self._held():
                return True
        except ProcessLookupError:
            return False
        except OSError:
            # No descriptor is left to look with: then nobody has seen it end.
            return True

    def may_be_signalled(self) -> bool:
        """Return whether the system would permit a signal, without sending one."""
        try:
            with self._held() as target:
                return target.may_be_signalled()
        except ProcessLookupError:
            return True

    def send(self, action: str) -> None:
        """Send `action`, as `Target.send` says."""
        with self._held() as target:
            target.send(action)

    def close(self) -> None:
        """Do nothing: it holds nothing of the system."""


class _Kept(PidfdTarget):
    """A pidfd that is counted until it is closed."""

    def __init__(self, pid: int, those: set[object]) -> None:
        super().__init__(pid)
        self._those = those
        those.add(self)

    def close(self) -> None:
        """Close the pidfd."""
        super().close()
        self._those.discard(self)


class Holder:
    """Holds processes, the first of them by a pidfd each; called with a pid, it returns a `Target`.

    Args:
        most: how many pidfds are kept at once; `None` is a share of what this process may open.
    """

    def __init__(self, most: int | None = None) -> None:
        self._most = most
        # Without a lock, which a fork could leave held: that two threads at once keep one too many does no harm.
        self._open: set[object] = set()

    @property
    def kept(self) -> int:
        """How many pidfds are open now."""
        return len(self._open)

    def __call__(self, pid: int) -> Target:
        """Hold the process of `pid`.

        Raises:
            OSError: there is no such process (`ProcessLookupError`), or it cannot be held now.
        """
        most = most_kept() if self._most is None else self._most
        return _Kept(pid, self._open) if len(self._open) < most else LateTarget(pid)


def most_kept() -> int:
    """Return how many pidfds may be kept open at once: a share of what this process may open."""
    with suppress(ImportError):
        import resource

        soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        if soft != resource.RLIM_INFINITY:
            return max(1, min(_MOST_KEPT, soft // _SHARE))
    return _MOST_KEPT


BY_PIDFD = Holder()
"""What all dashboards of this process hold processes with."""
