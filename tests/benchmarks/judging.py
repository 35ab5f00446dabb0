"""What the sentence costs a reading of 1,000 processes, 50 of them active, as a part of it. Part of `make bench`.

Each reading is judged as it is, and again as that of a machine which lacks CPU and of one which lacks memory; all in
one thread and one run, so that whatever else the machine does is the same for each.
"""

from __future__ import annotations

import statistics
import time
from typing import Any

from procwidget.sample import Sample
from procwidget.sources.linux.source import LinuxSource
from procwidget.sources.scripted import make_sample
from procwidget.state.alerts import Alerts
from procwidget.thresholds import Thresholds
from tests.benchmarks.crowd import crowd

_READINGS = 40
_EVERY = 0.5


def _stories(sample: Sample) -> dict[str, dict[str, Any]]:
    """Return what differs from a calm machine in each story."""
    pressure, memory = make_sample()["pressure"], sample["memory"]
    short = {"cpu_usage": 98.0, "cpus": 2, "cpu_cgroup": None}
    full = memory and {**memory, "used": int(0.92 * memory["total"])}
    calm = {**sample["effective"], "cpu_usage": 5.0, "memory_usage": 20.0}
    nearly = {**calm, "memory_usage": 92.0, "memory_used": full and full["used"]}
    waits = pressure and {**pressure, "cpu": {"some": 90.0}}
    return {
        "all is well": {"effective": calm, "pressure": pressure},
        "CPU is short": {"effective": {**calm, **short}, "pressure": waits},
        "memory is nearly full": {"effective": nearly, "memory": full, "pressure": pressure},
    }


def main() -> None:
    """Measure and print it."""
    costs: dict[str, list[float]] = {}
    judges: dict[str, Alerts] = {}
    with crowd(1000, 50):
        source = LinuxSource()
        for _ in range(_READINGS):
            began = time.thread_time()
            sample = source.read()
            costs.setdefault("a reading", []).append(time.thread_time() - began)
            for name, changes in _stories(sample).items():
                judge = judges.setdefault(name, Alerts(Thresholds()))
                began = time.thread_time()
                judge.update({**sample, **changes}, _EVERY)  # type: ignore[typeddict-item]
                costs.setdefault(name, []).append(time.thread_time() - began)
            time.sleep(_EVERY)
        source.close()
    # The first readings take up all processes.
    medians = {name: statistics.median(values[_READINGS // 2 :]) for name, values in costs.items()}
    reading = medians.pop("a reading")
    print(f"\nThe sentence, at 1,000 processes: a reading takes {reading * 1000:.1f} ms of CPU, and to judge it")
    for name, cost in medians.items():
        print(f"  where {name}: {cost * 1e6:.0f} µs, {100 * cost / reading:.1f} % of it")


if __name__ == "__main__":
    main()
