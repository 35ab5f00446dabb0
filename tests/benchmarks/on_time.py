"""Ticks while a cell computes: lateness, the cell's loss of speed, and memory. Part of `make bench`.

Runs in a process of its own, with a pure-Python loop in the main thread as a cell that computes is.
"""

from __future__ import annotations

import subprocess
import sys

from tests.benchmarks.crowd import crowd

LOOP = """
import statistics, sys, threading, time
from procwidget.monitor import Monitor

def spin(seconds):
    end, rounds = time.perf_counter() + seconds, 0
    while time.perf_counter() < end:
        for _ in range(1000): rounds += 1
    return rounds / seconds

monitor = Monitor(interval=2.0)
lateness = []
monitor.watch(lambda sample: lateness.append(monitor.lateness))
monitor.stop()
spin(1)
losses = []
for _ in range(8):
    without = spin(4)
    monitor.start(); spin(2.1); began = len(lateness)
    with_poller = spin(4)
    monitor.stop()
    losses.append(1 - with_poller / without)
monitor.interval = 0.5
monitor.start(); spin(1); lateness.clear(); spin(50); monitor.stop()
late = sorted(lateness)
middle, worst = late[len(late) // 2] * 1000, late[int(len(late) * 0.99)] * 1000
print(f"{monitor.source.name}: {len(late)} ticks: lateness median {middle:.1f} ms, p99 {worst:.1f} ms (goal 50 ms)")
loss = statistics.median(losses) * 100
print(f"speed lost to the poller at 2 s: {loss:.2f} %, median of 8 pairs (goal 0.5 %)")
"""

MEMORY = """
import gc, sys
import ipywidgets, bqplot, anywidget
from procwidget.views.dashboard import Dashboard
from procwidget.monitor import Monitor
def resident():
    gc.collect()
    return int(open("/proc/self/statm").read().split()[1]) * 4096 / 1e6
import time
before = resident()
monitor = Monitor(interval=0.5); monitor.start(); time.sleep(151); monitor.stop()
more = resident() - before
print(f"memory of the poller after {len(monitor.history)} samples: {more:.1f} MB over the same imports (goal 10 MB)")
"""


def main() -> None:
    """Measure with 1,000 processes, and print."""
    with crowd(1000, 50):
        print("\nWhile a cell computes in pure Python, 1,000 processes:")
        for code in (LOOP, MEMORY):
            run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
            print("  " + run.stdout.strip().replace("\n", "\n  "))


if __name__ == "__main__":
    main()
