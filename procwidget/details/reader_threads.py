"""Reads details in threads of their own: any thread asks, waits a bounded time, and has an answer.

Reading a process can block for as long as a network file system is away. Such a read holds its thread. There are few
threads, and each process has at most one. A second request for the same process shares the running read, even if that
read skips USS and PSS; it fails at once when the read has lasted too long already. Other processes are read as usual.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future

from procwidget import forking, threads
from procwidget.details.read import Details, details
from procwidget.errors import SourceUnavailable
from procwidget.sample import Process

MOST_THREADS = 4


class DetailsReader:
    """Reads details; any thread may call, several at a time.

    Args:
        timeout: seconds that anybody waits for an answer, and before that as long at most for a thread to be free.
        read: reads the details of a row among the rows of its sample; with `expensive` those that take long as well.
        most: how many processes are read at a time.
    """

    def __init__(
        self,
        timeout: float = 5.0,
        read: Callable[..., Details] = details,
        most: int = MOST_THREADS,
    ) -> None:
        self._timeout = timeout
        self._read = read
        self._most = most
        self._free = threading.BoundedSemaphore(most)
        self._lock = threading.Lock()
        self._at_work: dict[str, tuple[Future[Details], float]] = {}
        forking.register(self)

    def after_fork(self) -> None:
        """In a forked child: nothing is at work, for there is none of the threads that were."""
        self._free, self._lock = threading.BoundedSemaphore(self._most), threading.Lock()
        self._at_work = {}

    def read(self, row: Process, rows: Iterable[Process], *, expensive: bool = False) -> Details:
        """Return the details of the process that `row` shows, `rows` being those of its sample.

        Args:
            row: the process.
            rows: as `details` needs them.
            expensive: whether USS and PSS are wanted; a reading that is at work already may come without.

        Raises:
            SourceUnavailable: it has ended, it does not answer in time, or too many others do not.
        """
        who = f"{row['name']} ({row['pid']})"
        future, since = self._asked(row, rows, expensive)
        try:
            return future.result(max(0.0, since + self._timeout - time.monotonic()))
        except TimeoutError:
            pass
        raise SourceUnavailable(
            f"{who} has not answered for {time.monotonic() - since:.0f} s: a file system that it uses may be away."
        )

    def stuck(self) -> list[str]:
        """Return the identities of the processes that have not answered in time and hold a thread each."""
        late = time.monotonic() - self._timeout
        with self._lock:
            return [identity for identity, (_, since) in self._at_work.items() if since <= late]

    def _asked(self, row: Process, rows: Iterable[Process], expensive: bool) -> tuple[Future[Details], float]:
        """Return the reading of this process that is at work, or a new one, and since when it is."""
        identity = row["identity"]
        with self._lock:
            if identity in self._at_work:
                return self._at_work[identity]
        if not self._free.acquire(timeout=self._timeout):
            raise SourceUnavailable("Other processes do not answer, so no more are read for now: try again later.")
        with self._lock:
            if identity in self._at_work:
                self._free.release()
                return self._at_work[identity]
            asked = self._at_work[identity] = Future(), time.monotonic()
        # A daemon, so that one that is stuck does not keep the interpreter from ending.
        work = threading.Thread(
            target=self._work, args=(row, rows, expensive, asked[0]), name="procwidget-details", daemon=True
        )
        try:
            threads.start(work)
        except threads.NoThread:
            with self._lock:
                del self._at_work[identity]
            self._free.release()
            raise
        return asked

    def _work(self, row: Process, rows: Iterable[Process], expensive: bool, future: Future[Details]) -> None:
        try:
            found = self._read(row, rows, expensive=expensive)
        except BaseException as error:
            future.set_exception(error)
        else:
            future.set_result(found)
        finally:
            with self._lock:
                del self._at_work[row["identity"]]
            self._free.release()
