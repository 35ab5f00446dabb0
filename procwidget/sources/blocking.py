"""Reads what may block, in threads of its own behind a bounded queue.

A read can wait for a lock of a process, for a network file system or a user directory that is away. So it lets go of
the GIL and happens here, in one thread. A thread that is at one read for long is stuck, and a second one takes over
what waits behind it; there is never a third, so a host where everything blocks has two stuck threads and no more.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from procwidget import forking, threads

STUCK_AFTER = 5.0
"""Seconds that a read may take before its thread counts as stuck."""

IDLE_AFTER = 60.0
"""Seconds without a question after which a thread ends.

Longer than it takes until anything is asked about a process that runs: while a cell computes, no tick starts a thread.
"""

_MOST_THREADS = 2
_MOST_WAITING = 10_000

Asker = TypeVar("Asker")
Answer = TypeVar("Answer")


class BlockingReader(Generic[Asker, Answer]):
    """Reads for askers, in a thread that starts with the first question and ends when there are none for a while.

    One thread at a time may call.

    Args:
        read: reads what an asker wants to know. It must not hold whatever holds this reader.
        name: what the threads are called.
    """

    def __init__(self, read: Callable[[Asker], Answer], name: str) -> None:
        self._name = name
        self._worker = _Worker(read)
        # A reader that is forgotten, not closed, ends its threads too.
        self._end = weakref.finalize(self, self._worker.end)

    def ask(self, asker: Asker) -> bool:
        """Have something read for `asker`; returns whether that can be done.

        It cannot for one whose last question has no answer yet: one asker keeps one thread at most.
        """
        worker = self._worker
        if asker in worker.waiting or worker.questions.qsize() >= _MOST_WAITING:
            return False
        worker.waiting.add(asker)
        worker.questions.put(asker)
        if not worker.at_work:
            self._staff()
        return True

    def answers(self) -> list[tuple[Asker, Answer]]:
        """Return the answers since the last call, with whom they are for."""
        worker = self._worker
        if worker.questions.qsize():
            self._staff()
        return [worker.answers.get() for _ in range(worker.answers.qsize())]

    def stuck(self) -> list[Asker]:
        """Return for whom a thread has been reading for longer than `STUCK_AFTER`."""
        at_work = self._worker.at_work
        if not any(at_work.values()):
            return []
        late = time.monotonic() - STUCK_AFTER
        return [work[0] for work in tuple(at_work.values()) if work is not None and work[1] <= late]

    def close(self) -> None:
        """End the threads, each after the read that it is at."""
        self._end()

    def _staff(self) -> None:
        """Start a thread if none is free and fewer than two exist."""
        worker = self._worker
        # Some did not start, and one may have failed.
        for thread in tuple(worker.at_work):
            if not thread.is_alive() and (work := worker.at_work.pop(thread, None)):
                worker.waiting.discard(work[0])
        if len(self.stuck()) == len(worker.at_work) < _MOST_THREADS:
            thread = threading.Thread(target=worker.work, name=self._name, daemon=True)
            worker.at_work[thread] = None
            # Where no thread can be started now, the next tick tries again.
            with suppress(threads.NoThread):
                threads.start(thread)


class _Worker(Generic[Asker, Answer]):
    """What a reader and its threads share; they do not hold the reader, so that it can be forgotten."""

    def __init__(self, read: Callable[[Asker], Answer]) -> None:
        self._read = read
        self._ended = False
        self.questions: SimpleQueue[Asker | None] = SimpleQueue()
        self.answers: SimpleQueue[tuple[Asker, Answer]] = SimpleQueue()
        self.waiting: set[Asker] = set()
        self.at_work: dict[threading.Thread, tuple[Asker, float] | None] = {}
        forking.register(self)

    def after_fork(self) -> None:
        """In a forked child: no thread is at work, nor waits for the queue."""
        self.waiting -= {work[0] for work in self.at_work.values() if work is not None}
        self.at_work = {}
        self.questions = SimpleQueue()
        for asker in self.waiting:
            self.questions.put(asker)
        if self._ended:
            self.questions.put(None)

    def work(self) -> None:
        """Answer questions until the end or until there have been none for a while."""
        me = threading.current_thread()
        while not self._ended:
            try:
                asker = self.questions.get(timeout=IDLE_AFTER)
            except Empty:
                # Who has asked at this very moment gets another thread at the next tick.
                del self.at_work[me]
                return
            if asker is None:
                break
            self.at_work[me] = asker, time.monotonic()
            try:
                answer = self._read(asker)
            finally:
                # Before the answer can be seen: who has one must not look stuck.
                self.at_work[me] = None
                self.waiting.discard(asker)
            self.answers.put((asker, answer))
        # There may be another thread to tell.
        self.questions.put(None)

    def end(self) -> None:
        self._ended = True
        self.questions.put(None)
