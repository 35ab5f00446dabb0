"""What may block is read in threads that are few, that hold up nothing but themselves, and that end."""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Iterator

import pytest

from procwidget.sources import blocking
from procwidget.sources.blocking import BlockingReader
from tests.patience import PATIENCE, until


class Stage:
    """A reader of askers that are words: whose word is blocked is waited for until it is let go."""

    def __init__(self) -> None:
        self.name = f"stage-{next(_numbers)}"
        self.blocked: dict[str, threading.Event] = {}
        self.answered: list[str] = []
        blocked = self.blocked

        def read(asker: str) -> str:
            if asker in blocked:
                blocked[asker].wait(PATIENCE)
            return asker

        self.reader: BlockingReader[str, str] = BlockingReader(read, self.name)

    def block(self, *askers: str) -> None:
        """Ask for askers that are not answered, and wait until the reader calls each of them stuck."""
        for asker in askers:
            self.blocked[asker] = threading.Event()
            assert self.reader.ask(asker)
            until(lambda asker=asker: self.tick() and asker in self.reader.stuck())

    def let_go(self) -> None:
        for event in self.blocked.values():
            event.set()

    def tick(self) -> bool:
        self.answered += [answer for _, answer in self.reader.answers()]
        return True

    def has(self, *answers: str) -> bool:
        self.tick()
        return sorted(self.answered) == sorted(answers)

    def threads(self) -> list[threading.Thread]:
        return [thread for thread in threading.enumerate() if thread.name == self.name]


_numbers = itertools.count()


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """A stage on which a read is stuck soon."""
    monkeypatch.setattr(blocking, "STUCK_AFTER", 0.05)
    made = Stage()
    yield made
    made.let_go()
    made.reader.close()


def test_all_are_answered_by_one_thread(stage: Stage):
    """However many ask, none is forgotten, and one thread is enough."""
    askers = [str(number) for number in range(500)]
    assert all(stage.reader.ask(asker) for asker in askers)
    # At once: who asks for two readings and no more is to have the answers in the second.
    assert stage.threads()
    until(lambda: stage.has(*askers))
    assert len(stage.threads()) == 1 and stage.reader.stuck() == []


def test_a_stuck_thread_holds_up_only_whom_it_reads_for(stage: Stage):
    """What waits behind it goes to a second thread; when it is let go it has its answer too."""
    stage.block("hangs")
    assert stage.reader.ask("behind")
    until(lambda: stage.has("behind"))
    assert stage.reader.stuck() == ["hangs"]
    stage.let_go()
    until(lambda: stage.has("behind", "hangs"))
    assert stage.reader.stuck() == []


def test_what_waits_needs_nobody_who_asks(stage: Stage):
    """The second thread comes with the next tick, also when there are no more questions."""
    stage.blocked["hangs"] = threading.Event()
    assert stage.reader.ask("hangs") and stage.reader.ask("behind")
    until(lambda: stage.has("behind"))


def test_there_are_two_threads_at_most(stage: Stage):
    """Where that one is stuck as well nothing more is read, until one is let go."""
    stage.block("hangs", "hangs too")
    assert stage.reader.ask("behind")
    for _ in range(20):
        stage.tick()
    assert len(stage.threads()) == 2 and stage.answered == []
    assert sorted(stage.reader.stuck()) == ["hangs", "hangs too"]
    stage.blocked["hangs"].set()
    until(lambda: stage.has("hangs", "behind"))


def test_one_asker_keeps_one_thread(stage: Stage):
    """Whose read is not over is not read again: asked for any number of times, it does not take the second thread."""
    stage.block("hangs")
    assert not any(stage.reader.ask("hangs") for _ in range(3))
    assert stage.reader.ask("behind")
    until(lambda: stage.has("behind"))
    stage.let_go()
    until(lambda: stage.has("behind", "hangs"))
    assert stage.reader.ask("hangs")


def test_threads_end_when_nobody_asks_and_start_again(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    """After a while without questions there is no thread; the next question finds one."""
    monkeypatch.setattr(blocking, "IDLE_AFTER", 0.1)
    for count in range(1, 4):
        assert stage.reader.ask("again")
        assert stage.threads()
        until(lambda count=count: stage.has(*["again"] * count))
        until(lambda: not stage.threads())


def test_no_question_is_lost_to_threads_that_end(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    """Asked again and again as the thread ends for want of questions, it is answered all the same."""
    monkeypatch.setattr(blocking, "IDLE_AFTER", 0.0)
    for number in range(300):
        assert stage.reader.ask(str(number))
        until(lambda number=number: stage.tick() and str(number) in stage.answered, every=0)


@pytest.mark.parametrize("stuck", [True, False], ids=["stuck", "idle"])
@pytest.mark.parametrize("how", ["closed", "forgotten"])
def test_threads_end_with_their_reader(stage: Stage, how: str, stuck: bool):
    """Both of two threads end, at work or not, when the reader is closed and when nobody holds it any more."""
    stage.block("hangs", "hangs too")
    if not stuck:
        stage.let_go()
        until(lambda: stage.has("hangs", "hangs too"))
    assert len(stage.threads()) == 2
    reader = stage.reader
    if how == "closed":
        reader.close()
    else:
        stage.reader = BlockingReader(str, stage.name)
        del reader
    stage.let_go()
    until(lambda: not stage.threads())


def test_a_reader_that_is_closed_reads_no_more(stage: Stage):
    """What still waits when it is closed is not read: its threads end after the reads that they are at."""
    stage.block("hangs", "hangs too")
    assert stage.reader.ask("behind")
    stage.reader.close()
    stage.let_go()
    until(lambda: not stage.threads())
    assert stage.has("hangs", "hangs too")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_read_that_fails_takes_nobody_along(stage: Stage):
    """The thread that a failure ends is followed by another, and whose read failed can ask again."""
    failing = ["fails"]

    def read(asker: str) -> str:
        if asker in failing:
            raise RuntimeError(asker)
        return asker

    reader = BlockingReader(read, stage.name)
    assert reader.ask("fails") and reader.ask("behind")
    assert until(reader.answers) == [("behind", "behind")]
    failing.clear()
    assert reader.ask("fails")
    assert until(reader.answers) == [("fails", "fails")]
    reader.close()


def test_a_forked_child_has_threads_of_its_own(stage: Stage):
    """In the child of a fork, where there is none of the parent's threads, questions are answered by new ones."""
    stage.block("hangs")
    child = os.fork()
    if child == 0:
        try:
            stage.let_go()
            assert stage.reader.ask("in the child")
            until(lambda: stage.tick() and "in the child" in stage.answered, seconds=20)
            # Whom the parent's thread reads for, here nobody does.
            assert stage.reader.ask("hangs")
            until(lambda: stage.tick() and "hangs" in stage.answered, seconds=20)
            os._exit(0)
        except BaseException:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == 0
