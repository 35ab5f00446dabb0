"""Forked children: joblib, multiprocessing and DataLoader fork a kernel that has a dashboard."""

from __future__ import annotations

import ast
import itertools
import os
import signal
import sys
import threading
import time
from collections import Counter
from concurrent.futures import Future
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import procwidget
from procwidget import Monitor, forking, snapshot
from procwidget.actions.confirmations import Confirmations
from procwidget.details.reader_threads import DetailsReader
from procwidget.fleet.agent import Agent
from procwidget.fleet.hosts import Hosts
from procwidget.fleet.remote_monitor import RemoteSource
from procwidget.history import History
from procwidget.monitor import shared_monitor
from procwidget.rate_limit import RateLimit
from procwidget.sources.blocking import BlockingReader
from procwidget.sources.scripted import ScriptedSource, make_process, make_sample
from tests.patience import PATIENCE, until

_LOCKS = {"Lock", "RLock", "Condition", "Event", "Semaphore", "BoundedSemaphore", "Barrier", "Queue", "SimpleQueue"}
_HUNG = "it hangs"


def ending(child):
    """How a child ended: its exit status; one that hangs is killed."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return _HUNG


def in_a_child(act):
    """Fork a child that does something; return how that ended, 0 if well."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            act()
            code = 0
        except BaseException:
            sys.excepthook(*sys.exc_info())
        finally:
            os._exit(code)
    return ending(child)


class Held:
    """Holds a lock or all of a semaphore in another thread while the block runs."""

    def __init__(self, lock, times=1):
        self._lock, self._times = lock, times
        self._holds, self._enough = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._hold)

    def _hold(self):
        for _ in range(self._times):
            self._lock.acquire()
        self._holds.set()
        self._enough.wait()
        for _ in range(self._times):
            self._lock.release()

    def __enter__(self):
        self._thread.start()
        self._holds.wait()

    def __exit__(self, *_):
        self._enough.set()
        self._thread.join()


def moments(count, start=0):
    """Samples in which every few a process comes, changes or goes."""
    for moment in range(start, start + count):
        rows = [make_process(pid=pid, identity=f"{pid}-1", cpu=1.0) for pid in (1, 2, 3)]
        rows.append(make_process(pid=9, identity=f"9-{moment // 3}", cpu=float(moment)))
        yield make_sample(monotonic=float(moment), time=float(moment), processes=rows)


def figures(history):
    """What a history says: moments and processes."""
    return [(sample["monotonic"], [(row["identity"], row["cpu"]) for row in sample["processes"]]) for sample in history]


def test_every_class_with_locks_makes_them_anew_in_a_child():
    """Whatever in the package is made with a lock, an event or a queue has `after_fork`; no module has one of its own.

    The page's server is left out: it runs no code of a user's that could fork.
    """
    package = Path(procwidget.__file__).parent
    without, of_modules = [], []
    for path in sorted(package.rglob("*.py")):
        if path.parent.name == "server":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
        for one in classes:
            methods = {node.name for node in ast.walk(one) if isinstance(node, ast.FunctionDef)}
            if _locks(one) and "after_fork" not in methods:
                without.append(f"{path.name}: {one.name}")
        # What a function makes for itself is gone with it.
        apart = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)] + classes
        inside = {id(call) for one in apart for call in _locks(one)}
        of_modules += [f"{path.name}:{call.lineno}" for call in _locks(tree) if id(call) not in inside]
    assert without == []
    assert of_modules == []


def _locks(tree):
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return [call for call in calls if (getattr(call, "attr", None) or getattr(call, "id", None)) in _LOCKS]


def a_history():
    history = History()
    for sample in moments(3):
        history.append(sample)
    return history


def a_reader():
    return DetailsReader(read=lambda row, rows, expensive: {"identity": row["identity"]})


def an_agent():
    return Agent(lambda _message: None, source=ScriptedSource(list(moments(3))))


def some_hosts():
    link: Any = SimpleNamespace(name="", set_interval=lambda _seconds: None, open=lambda _hosts: None)
    return Hosts(link)


def another_host():
    nobody: Any = None
    return RemoteSource(nobody, nobody)


def no_news():
    future: Future[None] = Future()
    future.set_result(None)
    return future


@pytest.mark.parametrize(
    ("make", "lock", "use"),
    [
        (a_history, "_lock", lambda history: (len(history), history[-1], history.columns("time"))),
        (lambda: Monitor(ScriptedSource(list(moments(3)))), "_lock", lambda monitor: (monitor.start(), monitor.stop())),
        (lambda: RateLimit(10, 60.0), "_lock", lambda rate: rate.take()),
        (lambda: Confirmations(time.monotonic), "_lock", lambda pending: pending.close()),
        (a_reader, "_lock", lambda reader: reader.read(make_process(), [])),
        (a_reader, "_free", lambda reader: reader.read(make_process(), [])),
        (an_agent, "_lock", lambda agent: agent.protect("somebody", [1])),
        (some_hosts, "_lock", lambda hosts: (hosts.all(), hosts.wait_for_rows(0.01))),
        (another_host, "_lock", lambda source: source._take(no_news())),
    ],
    ids=["history", "monitor", "rate", "questions", "details", "details, all threads busy", "agent", "hosts", "remote"],
)
def test_a_lock_that_a_thread_holds_at_the_fork_is_free_in_the_child(make, lock, use):
    """The thread that holds it is not there in the child, so that nobody else would ever let go of it."""
    thing = make()
    with Held(getattr(thing, lock), 4 if lock == "_free" else 1):
        assert in_a_child(lambda: use(thing)) == 0


def test_a_reader_that_waits_for_questions_at_the_fork_answers_in_the_child():
    """In the child a new thread takes over the queue, and what was asked before is answered there too."""
    reader = BlockingReader(lambda asker: asker.upper(), "test-reader")
    assert reader.ask("a")
    assert until(reader.answers) == [("a", "A")]

    def ask():
        assert reader.ask("b")
        assert until(reader.answers, seconds=20) == [("b", "B")]

    assert in_a_child(ask) == 0
    reader.close()


def test_a_fork_anywhere_in_an_append_leaves_the_child_a_whole_history():
    """Forked at each line of an append, the child reads what was there, the new sample or not, and can append more.

    A line that is come to again and again is forked at three times.
    """
    history = History(8)
    for sample in moments(40):
        history.append(sample)
    (newest,) = moments(1, 40)
    before = figures(history)
    after = [*before[1:], (40.0, [(row["identity"], row["cpu"]) for row in newest["processes"]])]
    later = History(8)
    for sample in moments(60, 41):
        later.append(sample)
    endings: list[int] = []
    seen: Counter[tuple[Any, int]] = Counter()

    def check():
        found = figures(history)
        assert found in (before, after), found
        assert figures([history[0], history[-1]]) == [found[0], found[-1]]
        history.columns("top_processes"), history.process(9)
        for sample in moments(60, 41):
            history.append(sample)
        assert figures(history) == figures(later)
        assert len(history._seldom) == len(history._index) < 30

    def fork_here(frame, event, _argument):
        if not frame.f_code.co_filename.endswith(("history.py", "packing.py")):
            return None
        place = frame.f_code, frame.f_lineno
        seen[place] += event == "line"
        if event == "line" and seen[place] <= 3:
            sys.settrace(None)
            endings.append(in_a_child(check))
            sys.settrace(fork_here)
        return fork_here

    sys.settrace(fork_here)
    try:
        history.append(newest)
    finally:
        sys.settrace(None)
    assert len(endings) > 50
    assert set(endings) == {0}
    assert figures(history) == after


def test_in_the_child_nothing_polls_until_it_is_asked_to():
    """A monitor that ran reads as not running, calls none of the parent's watchers, and polls anew for the child's."""
    monitor = Monitor(interval=0.1)
    told = []
    unwatch = monitor.watch(told.append)
    try:
        until(lambda: told)

        def act():
            assert not monitor.running
            told.clear()
            mine = []
            monitor.watch(mine.append)
            until(lambda: len(mine) > 2, seconds=20)
            assert monitor.running and told == []
            assert os.getpid() in {row["pid"] for row in mine[-1]["processes"]}
            unwatch()
            assert monitor.running
            monitor.stop()

        assert in_a_child(act) == 0
        assert monitor.running
        told.clear()
        until(lambda: told)
    finally:
        unwatch()


def test_a_fork_in_the_middle_of_a_reading_does_not_harm_the_childs_readings():
    """The child's poller reads with a source of its own, for the parent's may be half at something."""
    monitor = Monitor(interval=0.1)
    source = monitor.source
    source.top = 3

    def act():
        source.read = lambda: 1 / 0
        monitor.start()
        until(lambda: len(monitor.history) > 1, seconds=20)
        assert monitor.problem is None and monitor.source.top == 3

    assert in_a_child(act) == 0
    assert monitor.source is source


def test_everything_public_works_in_a_child_of_a_child():
    """snapshot, audit, a monitor and the shared one work there too."""

    def act():
        def again():
            assert os.getpid() in {row["pid"] for row in snapshot(0.05)["processes"]}
            procwidget.audit()
            monitor = shared_monitor()
            monitor.start()
            until(lambda: len(monitor.history), seconds=20)
            monitor.stop()

        assert in_a_child(again) == 0

    assert in_a_child(act) == 0


def test_what_nobody_holds_is_forgotten():
    """Objects are registered for as long as they live, and no longer."""
    before = len(forking._objects)
    for _ in itertools.repeat(None, 50):
        Monitor(ScriptedSource([make_sample()]))
    assert len(forking._objects) <= before + 4
