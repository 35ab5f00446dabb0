"""When a cell is interrupted before memory is full, and when it is not."""

from __future__ import annotations

import signal
import threading

import pytest

from procwidget import audit
from procwidget.errors import InvalidArgument
from procwidget.jupyter import memory_guard
from procwidget.jupyter.memory_guard import MemoryGuard, interrupt_this_process
from procwidget.jupyter.memory_in_reach import InReach
from tests.patience import PATIENCE

MIB = 2**20


class Stage:
    """A guard that is not left to its thread, and what it sees."""

    def __init__(self, monkeypatch, percent=90.0):
        self.used, self.held, self.cell, self.told, self.sent, self.problem = 50, 10, None, [], 0, None
        self.limit = 100 * MIB
        monkeypatch.setattr(memory_guard.threads, "start", lambda thread: None)
        self.workers = 0
        monkeypatch.setattr(memory_guard, "held_memory", lambda: (self.held * MIB, self.workers * MIB))
        self.guard = MemoryGuard(percent, lambda: self.cell, self.told.append, self, self.interrupt)

    def group(self):
        return b""

    def follow(self, group):
        pass

    def read(self):
        return InReach(self.used * MIB, self.limit, 0, None, 0)

    def interrupt(self):
        self.sent += 1
        return self.problem

    def look(self, cell=None, used=50, held=10, workers=0):
        self.cell, self.used, self.held, self.workers = cell, used, held, workers
        self.guard.look()
        return self.sent


def test_a_cell_that_took_memory_is_interrupted_once_and_that_is_said(monkeypatch):
    """It gets a while to come to its end; what was in use, and its part, are said."""
    stage = Stage(monkeypatch)
    assert stage.look("In [3]") == 0
    assert stage.look("In [3]", used=89, held=49) == 0
    assert stage.look("In [3]", used=91, held=51) == 1
    assert stage.look("In [3]", used=95, held=55) == 1
    assert stage.told == [
        "In [3] was interrupted (SIGINT): 91.0 MiB of 100 MiB of memory were in use, of which it took 41.0 MiB."
    ]
    assert [stage.look("In [3]", used=95, held=55) for _ in range(60)][-1] == 2
    # The next one begins at once, and is another.
    assert stage.look("In [4]", used=60, held=20) == 2
    assert stage.look("In [4]", used=95, held=55) == 3


def test_a_cell_that_is_not_the_one_that_takes_memory_goes_on(monkeypatch):
    """Interrupting it would give nothing back; nor is anything interrupted between cells."""
    stage = Stage(monkeypatch)
    assert stage.look("In [3]", held=60) == 0
    assert stage.look("In [3]", used=95, held=62) == 0
    assert stage.look(None, used=95, held=90) == 0
    assert stage.look("In [4]", used=95, held=90) == 0


def test_what_the_workers_of_a_cell_take_is_the_cells(monkeypatch):
    """Whoever computes with several processes is saved too; what they share with the kernel nobody has taken."""
    stage = Stage(monkeypatch)
    assert stage.look("In [3]", held=30) == 0
    assert stage.look("In [3]", used=92, held=31, workers=41) == 1
    assert stage.told[-1].endswith("of which it took 42.0 MiB.")
    assert stage.look(None) == 1
    assert stage.look("In [4]", used=88, held=30) == 1
    assert stage.look("In [4]", used=91, held=30, workers=4 * 30) == 1


def test_that_it_could_not_be_interrupted_is_said_with_the_reason(monkeypatch):
    """Who relied on it must know."""
    stage = Stage(monkeypatch)
    stage.problem = "it cannot be looked at"
    stage.look("In [3]")
    stage.look("In [3]", used=91, held=51)
    assert stage.told[0].startswith("In [3] could not be interrupted (it cannot be looked at): 91.0 MiB of 100 MiB")


def test_where_memory_is_not_known_it_is_refused(monkeypatch):
    """Who relies on it must know."""
    monkeypatch.setattr(Stage, "read", lambda self: InReach(None, None, None, None, None))
    with pytest.raises(InvalidArgument, match="only Linux"):
        Stage(monkeypatch)


def test_the_interrupt_reaches_this_process_and_stands_in_the_audit_log(monkeypatch, tmp_path):
    """By identity, as every signal; where the log cannot be written, that is no reason to lose the kernel."""
    monkeypatch.setenv("PROCWIDGET_AUDIT", str(tmp_path / "audit.jsonl"))
    interrupt_from_a_thread()
    first = audit()[0]
    assert (first["signal"], first["by"], first["event"]) == ("SIGINT", "interrupt_at", "signal")
    monkeypatch.setenv("PROCWIDGET_AUDIT", str(tmp_path))
    interrupt_from_a_thread()


def interrupt_from_a_thread():
    """Have this, the main thread, interrupted as a cell is."""
    thread = threading.Thread(target=interrupt_this_process)
    # A shell has what it runs in the background ignore it.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            thread.start()
            signal.sigtimedwait([], PATIENCE)
    finally:
        signal.signal(signal.SIGINT, before)
    thread.join(PATIENCE)
    assert not thread.is_alive()
