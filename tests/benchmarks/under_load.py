"""The poller in a storm of 200 process starts a second, and among 5,000 processes. Part of `make bench`."""

from __future__ import annotations

import gc
import itertools
import subprocess
import sys
import time
from pathlib import Path

from procwidget.monitor import Monitor
from procwidget.sample import Sample
from tests.benchmarks.crowd import crowd

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


def main() -> None:
    """Measure, and print."""
    print("\nUnder load:")
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
