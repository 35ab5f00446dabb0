"""A command line that blocks when it is read, for every source: ticks go on, its row says so, nobody else is kept."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from procwidget.identity import boot_id
from procwidget.monitor import Monitor
from procwidget.sample import Process, Sample
from procwidget.sources import blocking
from procwidget.sources.base import Source
from procwidget.sources.own_processes import OwnProcessesSource
from procwidget.sources.portable.source import PortableSource
from tests.patience import until
from tests.unit.fake_proc import FakeHost
from tests.unit.population import Population
from tests.unit.source_stage import HOST_SOURCES, LINUX, by_pid

pytestmark = [
    pytest.mark.skipif(not LINUX, reason="psutil can be pointed at other files on Linux only"),
    pytest.mark.filterwarnings("ignore:.*memory stats couldn.t be determined"),
]
OWN = os.getpid()


class Stage:
    """A host of files, with this process in it, and a source that reads it and calls a read stuck soon.

    Whatever starts has the pid of a real child, because psutil asks the kernel for its nice value.
    """

    def __init__(self, host: FakeHost, population: Population, kind: str) -> None:
        self.host, self._population = host, population
        self._fifos: dict[int, Path] = {}
        host.newest = OWN
        host.write("sys/kernel/random/boot_id", f"{boot_id()}\n")
        host.add(1)
        host.publish()
        self.source: Source = PortableSource() if kind == "portable" else host.source()

    def start(self, name: bytes = b"sleep", *, blocks: bool = False) -> int:
        """Have a new process, with a command line that blocks if told so."""
        pid = self._population.sleeper()
        self.host.newest = max(pid, self.host.newest)
        self.host.add(pid, name)
        if blocks:
            self.block(pid)
        return pid

    def tick(self, seconds: float = 0.5) -> Sample:
        self.host.pass_time(seconds)
        self.host.publish()
        return self.source.read()

    def row(self, pid: int) -> Process:
        return by_pid(self.tick())[pid]

    def until_row(self, pid: int, holds: Callable[[Process], object]) -> Process:
        """Tick until the row of a process is as wanted; return it."""
        return until(lambda: row if (row := by_pid(self.tick()).get(pid)) and holds(row) else None)

    def block(self, pid: int) -> None:
        self._fifos[pid] = self.host.block(pid)

    def answer(self, pid: int) -> None:
        """Let the command line of a blocked process be read, as "late"."""
        self._fifos.pop(pid).write_bytes(b"late\x00")

    def close(self) -> None:
        self.source.close()
        for fifo in self._fifos.values():
            # Whoever still waits at it has nothing to wait for any more; there need not be anybody.
            os.close(os.open(fifo, os.O_RDWR))


@pytest.fixture(params=HOST_SOURCES)
def stage(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """One stage for every source."""
    monkeypatch.setattr(blocking, "STUCK_AFTER", 0.05)
    host = FakeHost(tmp_path)
    monkeypatch.setattr(psutil, "PROCFS_PATH", str(host.proc))
    with Population() as population:
        made = Stage(host, population, request.param)
        yield made
        made.close()


@pytest.mark.parametrize("name", [b"sleep", b"fifteen-letters"])
def test_ticks_go_on(stage: Stage, name: bytes):
    """A monitor goes on ticking, also where a name is one that the system may have cut off."""
    pid = stage.start(name, blocks=True)
    stage.host.publish()
    ticks: list[Sample] = []
    unwatch = Monitor(stage.source, interval=0.1).watch(ticks.append)
    until(lambda: ticks and by_pid(ticks[-1])[pid]["stuck"])
    so_far = len(ticks)
    until(lambda: len(ticks) > so_far + 5)
    unwatch()
    assert by_pid(ticks[-1])[pid]["name"] == name.decode()


def test_the_row_says_so_until_it_answers(stage: Stage):
    """Its command is unknown and the row is marked, one note names it, all else is there; later all is as ever."""
    pid = stage.start(blocks=True)
    row = stage.until_row(pid, lambda row: row["stuck"] and row["user"])
    assert (row["command"], row["name"], row["threads"]) == (None, "sleep", 1)
    assert stage.source.notes == [f"The command line of sleep ({pid}) cannot be read: it does not answer."]
    assert not stage.row(OWN)["stuck"]
    stage.host.run(pid, 0.1)
    assert stage.row(pid)["stuck"]
    stage.answer(pid)
    assert not stage.until_row(pid, lambda row: row["command"])["stuck"]
    assert stage.row(pid)["command"] == "late" and stage.source.notes == []


def test_a_known_command_line_stays(stage: Stage):
    """Where it is read again and does not answer any more, the row has what it was, and says so."""
    pid = stage.start()
    stage.until_row(pid, lambda row: row["command"])
    # Its new name makes every source read its command line again.
    stage.host.add(pid, b"nap")
    stage.block(pid)
    stage.host.run(pid, 0.1)
    row = stage.until_row(pid, lambda row: row["stuck"])
    assert (row["name"], row["command"]) == ("nap", "sleep 1000")


def test_others_are_described_all_the_same(stage: Stage):
    """Of a process that starts behind a stuck one, user and command line are known."""
    stage.until_row(stage.start(blocks=True), lambda row: row["stuck"])
    stage.until_row(stage.start(), lambda row: row["user"] and row["command"] == "sleep 1000")


def test_two_that_are_stuck_keep_no_user_unknown(stage: Stage):
    """Command lines of new processes stay unknown then, and a note says so; users are known, and no thread is added."""
    before = threading.active_count()
    stuck = [stage.start(blocks=True) for _ in range(2)]
    until(lambda: all(by_pid(stage.tick())[pid]["stuck"] for pid in stuck))
    (note,) = stage.source.notes
    assert all(f"sleep ({pid})" in note for pid in stuck)
    assert note.endswith(" do not answer, so the command lines of new processes stay unknown.")
    newcomer = stage.start()
    assert stage.until_row(newcomer, lambda row: row["user"])["command"] is None
    # Two for command lines, one for users, and one for the link of the interface, all of which would be there anyway.
    assert threading.active_count() <= before + 4
    stage.answer(stuck[0])
    stage.until_row(newcomer, lambda row: row["command"])


def test_a_process_is_waited_for_once(stage: Stage):
    """It runs, and is due to be asked again and again: it does not take the place of another."""
    pid = stage.start(blocks=True)
    for _ in range(10):
        stage.host.run(pid, 1.0)
        stage.tick(40.0)
    stage.until_row(pid, lambda row: row["stuck"])
    stage.until_row(stage.start(), lambda row: row["command"])
    assert stage.source.notes == [f"The command line of sleep ({pid}) cannot be read: it does not answer."]


def test_our_own_processes_stay_on_their_page(stage: Stage):
    """A page of one user's processes has them, also where none of their command lines can be read."""
    pids = {OWN, *(stage.start(blocks=True) for _ in range(2))}
    stage.block(OWN)
    page = OwnProcessesSource(stage.source)

    def shown() -> set[int]:
        stage.tick()
        return {row["pid"] for row in page.read()["processes"]}

    until(lambda: pids <= shown())


@pytest.mark.parametrize("closed", [True, False], ids=["closed", "dropped"])
@pytest.mark.parametrize("kind", HOST_SOURCES)
def test_threads_end_with_their_source(kind: str, closed: bool):
    """A monitor that is stopped and dropped leaves no thread, its source closed or not, also before a collection."""
    before, kept = set(threading.enumerate()), []
    gc.disable()
    try:
        for _ in range(3):
            monitor = Monitor(HOST_SOURCES[kind](), interval=0.1)
            monitor.start()
            until(lambda monitor=monitor: monitor.last)
            monitor.stop()
            if closed:
                monitor.source.close()
                kept.append(monitor)
            del monitor
        until(lambda: set(threading.enumerate()) <= before)
    finally:
        gc.enable()
