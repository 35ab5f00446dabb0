"""A storm of 200 process starts a second, 5,000 processes, and 64 that compute, beside us. Part of `make bench`."""

from __future__ import annotations

import gc
import itertools
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from procwidget.monitor import Monitor
from procwidget.sample import Sample
from tests.benchmarks.crowd import crowd
from tests.benchmarks.on_time import watched_kernel

STORM = """
import os, time
end, due = time.monotonic() + {seconds}, time.monotonic()
while due < end:
    os.waitpid(os.posix_spawn("/bin/true", ["true"], {{}}), 0)
    due += 1 / {rate}
    time.sleep(max(0.0, due - time.monotonic()))
"""


def resident() -> float:
    """Return the resident memory of this process in MB."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


def watch(seconds: float, interval: float) -> tuple[list[Sample], Monitor]:
    """Poll for some seconds; return every sample's host figures and the monitor."""
    monitor, samples = Monitor(interval=interval, keep=30), []
    monitor.watch(lambda sample: samples.append({**sample, "processes": [], "top_processes": []}))
    time.sleep(seconds)
    monitor.stop()
    return samples, monitor


def missed(samples: list[Sample], interval: float) -> int:
    """Return how many ticks are missing between samples."""
    moments = [sample["monotonic"] for sample in samples[1:]]
    return sum(round((after - before) / interval) - 1 for before, after in itertools.pairwise(moments))


RECORD = """
import gc, itertools, statistics
ticks = []
def resident():
    gc.collect()
    return int(open("/proc/self/statm").read().split()[1]) * 4096 / 1e6
def take(sample):
    ticks.append((sample["monotonic"], d.monitor.lateness, {row["pid"] for row in sample["processes"]}))
d.monitor.watch(take)
before = resident()
"""

REPORT = """
began, ended, hogs = {began}, {ended}, {hogs}
late = sorted(tick[1] * 1000 for tick in ticks if began < tick[0] < ended)
lost = sum(round((after[0] - before_it[0]) / 1.0) - 1 for before_it, after in itertools.pairwise(ticks))
print(f"{{len(late)}} ticks at 1 s, late by {{statistics.median(late):.0f}} ms", end=" ")
print(f"(the worst {{late[-1]:.0f}} ms), {{lost}} lost, memory {{resident() - before:+.1f}} MB")
later = [tick for tick in ticks if tick[0] > ended]
current = [hogs.isdisjoint(tick[2]) and tick[1] < 0.05 for tick in later]
print(f"  ended, the dashboard is current at tick {{current.index(True) + 1}} (goal 2)")
"""


def beside_hogs(count: int, seconds: float) -> None:
    """Have `count` processes compute beside a watched dashboard, and print how late it is beside a bare sleeper."""
    with watched_kernel(1.0) as run:
        run(RECORD)
        time.sleep(10)
        hogs = [subprocess.Popen([sys.executable, "-S", "-E", "-c", "while True: pass"]) for _ in range(count)]
        try:
            began, bare = time.monotonic() + 2, []
            due = began
            while due < began + seconds:
                time.sleep(max(0.0, due - time.monotonic()))
                bare.append((time.monotonic() - due) * 1000)
                due += 1.0
        finally:
            for hog in hogs:
                hog.kill()
            for hog in hogs:
                hog.wait()
        ended = time.monotonic()
        time.sleep(5)
        said = run(REPORT.format(began=began, ended=ended, hogs={hog.pid for hog in hogs}))
    print(f"  {count} processes that compute, on {os.cpu_count()} CPUs: a dashboard: {said.strip()}")
    print(f"  beside it a bare sleeper is late by {statistics.median(bare):.0f} ms (the worst {max(bare):.0f} ms)")


def main() -> None:
    """Measure, and print."""
    print("\nUnder load:")
    beside_hogs(64, 40)
    watch(35, 1.0)
    before = resident()
    storm = subprocess.Popen([sys.executable, "-S", "-E", "-c", STORM.format(seconds=60, rate=200)])
    samples, monitor = watch(60, 1.0)
    storm.wait()
    started = sum(sample["started"] or 0 for sample in samples)
    print(
        f"  a storm of 200 starts a second for 60 s: {len(samples)} samples, {missed(samples, 1.0)} ticks missed,",
        end=" ",
    )
    print(f"problem: {monitor.problem}, {started:,} starts counted")
    after, _ = watch(35, 1.0)
    print(f"  memory before {before:.1f} MB, after it {resident():.1f} MB ({len(after)} calm samples later)")
    with crowd(5000, 250):
        samples, monitor = watch(30, 2.0)
        lacking = missed(samples, 2.0)
        print(f"  5,000 processes at 2 s: {len(samples)} samples, {lacking} ticks missed,", end=" ")
        print(f"{monitor.tick_seconds * 1000:.1f} ms CPU a tick, interval kept at {monitor.actual_interval:g} s")


if __name__ == "__main__":
    main()
