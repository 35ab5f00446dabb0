"""What it takes to know what a cell costs: CPU for one empty cell, in its kernel and in a Jupyter Server.

Both with and without, turn by turn, in this process; what a server reads of a kernel, a kernel reads of itself. Part of
`make bench`.
"""

from __future__ import annotations

import os
import statistics
import threading
import time

from IPython.core.interactiveshell import InteractiveShell

from procwidget.jupyter.cell_meter import CellMeter
from procwidget.jupyter.executions import Execution
from procwidget.jupyter.own_cells import Observer

THREADS = 12
"""As many as a kernel with a dashboard has: each is asked for its children."""

ALLOWED = 1.0
"""Milliseconds a cell."""


def _of_cells(shell: InteractiveShell, count: int = 50) -> float:
    began = time.thread_time()
    for _ in range(count):
        shell.run_cell("1;", store_history=True)
    return (time.thread_time() - began) * 1000 / count


def _of_meter(count: int = 50) -> float:
    meter, began = CellMeter(os.getpid()), time.thread_time()
    for number in range(count):
        now = time.time()
        meter.began(Execution("a", number, now))
        meter.ended(Execution("a", number, now, now))
    return (time.thread_time() - began) * 1000 / count


def main(rounds: int = 7) -> None:
    """Measure and print both; more than `ALLOWED` ends with an error."""
    shell = InteractiveShell.instance()
    shell.display_formatter.active_types = []
    for _ in range(THREADS):
        threading.Thread(target=threading.Event().wait, daemon=True).start()
    observer = Observer(shell)
    events = ("pre_run_cell", observer._began), ("post_run_cell", observer._ended)
    costs: dict[str, list[float]] = {"in the kernel": [], "in the server": []}
    for _ in range(rounds):
        watched = _of_cells(shell)
        for name, callback in events:
            shell.events.unregister(name, callback)
        costs["in the kernel"].append(watched - _of_cells(shell))
        for name, callback in events:
            shell.events.register(name, callback)
        costs["in the server"].append(_of_meter())
    print("\nWhat a cell costs is known at the cost of so many ms of CPU a cell:\n\n| where | ms |\n|---|---|")
    for name, values in costs.items():
        print(f"| {name} | {statistics.median(values):.2f} |")
    if max(map(statistics.median, costs.values())) > ALLOWED:
        raise SystemExit(f"More than {ALLOWED} ms a cell.")


if __name__ == "__main__":
    main()
