"""Processes that take all of the CPU, started from outside while a dashboard is open."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.patience import until

START = "from procwidget import Dashboard; d = Dashboard(interval=0.5); d"
WATCH = {"type": "watch", "view": "v", "on": True}
BUSY = "[row['pid'] for row in dashboard.history[-1]['processes'] if (row['cpu'] or 0) > 0]"


def test_beside_processes_that_take_all_of_the_cpu_figures_go_on_and_are_true_at_once_afterwards(kernel):
    """Eight a core are shown as busy, frames come in their order, and the second reading after their end has none."""
    kernel.run(START)
    table = kernel.run("print(d.table.model_id)").strip()
    kernel.tell(table, WATCH)
    kernel.next_frames(table, 2)
    hogs = [
        subprocess.Popen([sys.executable, "-S", "-E", "-c", "while True: pass"])
        for _ in range(8 * (os.cpu_count() or 1))
    ]
    pids = {hog.pid for hog in hogs}
    try:
        until(lambda: pids.issubset(kernel.look(BUSY)), every=0.5)
        kernel.forget()
        numbers = [content["seq"] for content, _ in kernel.next_frames(table, 4)]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    finally:
        for hog in hogs:
            hog.kill()
        for hog in hogs:
            hog.wait()
    before = kernel.look("len(dashboard.history)")
    until(lambda: kernel.look("len(dashboard.history)") >= before + 2)
    shown = kernel.look(f"[[row['pid'] for row in s['processes']] for s in dashboard.history[{before + 1}:]]")
    assert shown and all(pids.isdisjoint(each) for each in shown)
