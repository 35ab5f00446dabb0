"""What cells cost: the difference of two readings, and what is said where that is not all the cell's."""

from __future__ import annotations

import subprocess
import sys

import pytest

from procwidget.jupyter.cell_cost import Usage, cost_of, cost_text, read_usage
from procwidget.jupyter.cell_meter import CellMeter
from procwidget.jupyter.executions import Execution

MIB = 2**20


def usage(time, cpu=1.0, memory=100, peak=100, children=0, read=0, written=0, stalled=0.0):
    return Usage(time, cpu, memory * MIB, peak * MIB, children, read, written, stalled)


def test_peak_is_exact_where_the_mark_rose_and_else_at_least_what_was_seen():
    """A mark that was higher before says nothing of this cell."""
    rose = cost_of(1, 2.0, usage(0), usage(2, memory=120, peak=300), began=0.0)
    assert (rose["peak_memory"], rose["peak_exact"], rose["grown"]) == (300 * MIB, True, 20 * MIB)
    before = usage(0, peak=900)
    stayed = cost_of(1, 2.0, before, usage(2, memory=90, peak=900), began=0.0, largest=400 * MIB)
    assert (stayed["peak_memory"], stayed["peak_exact"], stayed["grown"]) == (400 * MIB, False, -10 * MIB)
    workers = cost_of(1, 2.0, usage(0), usage(2, memory=120, peak=300, children=2), began=0.0, largest=800 * MIB)
    assert (workers["peak_memory"], workers["peak_exact"]) == (800 * MIB, False)


@pytest.mark.parametrize(
    ("after", "text"),
    [
        (usage(2, 9.0, 400, 1300), "4.1 s, CPU 8.0 s, peak 1.3 GiB, 300 MiB stayed"),
        (
            usage(2, 1.02, 50, 100, written=3 * MIB, stalled=0.5),
            "4.1 s, CPU 20 ms, peak ≥ 100 MiB, 50.0 MiB given back, written 3.0 MiB, "
            "500 ms of waiting for memory on this host",
        ),
    ],
)
def test_a_cost_is_one_line(after, text):
    """What is nothing is left out."""
    assert cost_text(cost_of(12, 4.1, usage(0), after, began=0.0)) == text


class Kernel:
    """A meter with readings of its own."""

    def __init__(self):
        self.now = usage(0.0)
        self.meter = CellMeter(7, lambda pid: self.now)

    def cell(self, request, began, ended, number=1, seen=None, after=None, shared=False):
        self.now = seen or self.now
        self.meter.began(Execution(request, number, began))
        self.now = after or self.now
        return self.meter.ended(Execution(request, number, began, ended, shared))


def test_a_cell_is_over_before_its_reading_came_and_still_has_its_cost():
    """The reading of before it counts: the kernel did nothing meanwhile."""
    kernel = Kernel()
    kernel.meter.look()
    cost = kernel.cell("a", 5.0, 5.03, seen=usage(5.04, cpu=1.03), after=usage(5.05, cpu=1.03))
    assert cost and cost["cpu_seconds"] == pytest.approx(0.03) and not cost["shared"]


def test_a_thread_that_outlives_its_cell_makes_the_next_one_shared():
    """Whose the time is cannot be said; what was used before is not the next one's."""
    kernel = Kernel()
    kernel.meter.look()
    cost = kernel.cell("a", 5.0, 7.0, seen=usage(5.0, cpu=5.5), after=usage(7.0, cpu=8.5))
    assert cost and cost["shared"] and cost["cpu_seconds"] == pytest.approx(3.0)
    assert kernel.cell("b", 8.0, 9.0, after=usage(9.0, cpu=8.5), shared=True)["shared"]
    assert kernel.meter.ended(Execution("never", 1, 1.0, 2.0)) is None


def test_children_of_any_thread_count_and_what_is_gone_is_none():
    """Their CPU time, also when they have ended and were waited for."""
    code = "import sys, time\nwhile time.process_time() < 0.3: pass\nprint(); sys.stdout.flush(); sys.stdin.read()"
    before = read_usage()
    child = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    child.stdout.readline()
    during = read_usage()
    child.communicate(b"")
    after = read_usage()
    assert before and during and after and during.children == before.children + 1
    assert during.cpu - before.cpu >= 0.25 and after.cpu - before.cpu >= 0.25
    assert read_usage(2**22 + 1) is None
