"""Ticks while a cell computes: lateness, the cell's loss of speed, and memory. Part of `make bench`.

Runs in a process of its own, with a pure-Python loop in the main thread as a cell that computes is.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

from jupyter_client.manager import start_new_kernel

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

DASHBOARD = """
import statistics, threading, time

def spin(seconds):
    end, rounds = time.perf_counter() + seconds, 0
    while time.perf_counter() < end:
        for _ in range(1000): rounds += 1
    return rounds / seconds

def others():
    return time.process_time() - time.thread_time()

def intervals(watched):
    \"\"\"The parts of the time that the poller and all threads but the cell's take, and the cell's speed.\"\"\"
    if watched:
        d.monitor.start(); spin(2.1)
        (poller,) = [thread for thread in threading.enumerate() if thread.name == "procwidget-poller"]
        clock = time.pthread_getcpuclockid(poller.ident)
    began, ours, all_others = time.monotonic(), time.clock_gettime(clock) if watched else 0.0, others()
    speed = spin(8)
    ours, all_others = (time.clock_gettime(clock) if watched else 0.0) - ours, others() - all_others
    lasted = time.monotonic() - began
    if watched:
        assert d.table.present()
        d.monitor.stop()
    return ours / lasted, all_others / lasted, speed

d.monitor.stop()
spin(1)
idle, watched = [], []
for _ in range(6):
    idle.append(intervals(False)); watched.append(intervals(True))
middle = lambda values: statistics.median(values) * 100
poller = middle([one[0] for one in watched])
rest = middle([one[1] for one in watched]) - middle([one[1] for one in idle])
slower = middle([1 - after[2] / before[2] for before, after in zip(idle, watched)])
noise = middle([abs(1 - after[2] / before[2]) for before, after in zip(idle, idle[1:])])
print("a dashboard that is watched, every 2 s, medians of 6 pairs of stretches with and without it:")
print(f"  its poller takes {poller:.2f} % of the time, {poller * 20:.1f} ms a tick (goal 0.5 %),", end=" ")
print(f"all threads but the cell's {rest:.2f} %")
print(f"  the cell is {slower:.2f} % slower, where two stretches without it differ by {noise:.2f} %")
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
monitor = Monitor(interval=0.25); monitor.start(); time.sleep(4); started = resident(); time.sleep(148); monitor.stop()
more = resident() - before
rows = len(monitor.history[-1]["processes"])
samples = f"{len(monitor.history)} samples of {rows:,} processes, five of them new in each"
print(f"memory of the poller after {samples}:", end=" ")
print(f"{more:.1f} MB over the same imports (goal 10 MB), {started - before:.1f} MB of that after the first 4 s")
"""

CHURN = """
import os, time
while True:
    os.posix_spawn("/bin/sleep", ["sleep", "5"], os.environ)
    time.sleep(0.05)
    try:
        while os.waitpid(-1, os.WNOHANG)[0]: pass
    except ChildProcessError: pass
"""


@contextlib.contextmanager
def churn() -> Iterator[None]:
    """Have twenty processes a second start, and end five seconds later, while the block runs."""
    process = subprocess.Popen([sys.executable, "-S", "-E", "-c", CHURN])
    try:
        yield
    finally:
        process.kill()
        process.wait()


@contextlib.contextmanager
def watched_kernel(interval: float = 2.0) -> Iterator[Callable[..., str]]:
    """Have a kernel with a dashboard `d` that a front end watches; yields what runs a cell."""
    manager, client = start_new_kernel(kernel_name="python3")
    printed: list[str] = []

    def hear(message: dict[str, Any]) -> None:
        content = message["content"]
        if message["msg_type"] == "stream":
            printed.append(content["text"])
        elif message["msg_type"] == "error":
            raise RuntimeError("\n".join(content["traceback"]))

    def run(cell: str, patience: float = 60) -> str:
        printed.clear()
        client.execute_interactive(cell, timeout=patience, output_hook=hear)
        return "".join(printed)

    try:
        run(f"from procwidget import Dashboard; d = Dashboard(interval={interval})")
        watch = {"method": "custom", "content": {"type": "watch", "view": "v", "on": True}}
        comm = run("print(d.table.model_id)").strip()
        client.shell_channel.send(client.session.msg("comm_msg", {"comm_id": comm, "data": watch}))
        # What is asked about new processes is asked less and less often in their first half minute.
        run("import time; time.sleep(30)")
        yield run
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def main() -> None:
    """Measure with 1,000 processes, and print."""
    with crowd(1000, 50):
        print("\nWhile a cell computes in pure Python, 1,000 processes:")
        for code in (LOOP, MEMORY):
            with churn() if code is MEMORY else contextlib.nullcontext():
                run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
            print("  " + run.stdout.strip().replace("\n", "\n  "), flush=True)
        with watched_kernel() as run_cell:
            print("  " + run_cell(DASHBOARD, 300).strip().replace("\n", "\n  "))


if __name__ == "__main__":
    main()
