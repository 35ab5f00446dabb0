"""What each field read on demand adds to a reading of 1,000 processes, 50 of them active. Part of `make bench`.

Figures of the host that are read so are among them. All readers run at the same time, each in a process of its own, so
that whatever else the machine does is the same for each; a thread that reads what may block is counted too.
"""

from __future__ import annotations

import contextlib
import statistics
import time

from procwidget.fields import HOST_ON_DEMAND, ON_DEMAND
from tests.benchmarks.crowd import crowd
from tests.benchmarks.peers import INTERVAL, script

READER = """
import time
from procwidget.sources.linux.source import LinuxSource
source = LinuxSource()
source.wanted = frozenset({wanted!r})
while True:
    source.read()
    time.sleep({interval})
"""
USUAL = "none of them"
ALL = "all of them"


def measure(readers: dict[str, str], rounds: int) -> dict[str, float]:
    """Return the medians of CPU milliseconds a refresh of programs that refresh every `INTERVAL` seconds."""
    with contextlib.ExitStack() as running:
        clocks = {name: running.enter_context(script(code)) for name, code in readers.items()}
        # What is asked about new processes is asked less and less often in their first half minute.
        time.sleep(20 * INTERVAL)
        costs: dict[str, list[float]] = {name: [] for name in clocks}
        for _ in range(rounds):
            before = {name: (clock(), time.monotonic()) for name, clock in clocks.items()}
            time.sleep(4 * INTERVAL)
            for name, clock in clocks.items():
                spent, began = before[name]
                costs[name].append((clock() - spent) * 1000 / ((time.monotonic() - began) / INTERVAL))
    return {name: statistics.median(values) for name, values in costs.items()}


def main(rounds: int = 5) -> None:
    """Measure each field and print it."""
    keys = (*ON_DEMAND, *HOST_ON_DEMAND)
    wanted = {USUAL: [], **{key: [key] for key in keys}, ALL: list(keys)}
    readers = {name: READER.format(wanted=keys, interval=INTERVAL) for name, keys in wanted.items()}
    with crowd(1000, 50):
        costs = measure(readers, rounds)
    print("\nFields read on demand, at 1,000 processes, CPU of a refresh with the field / without any:\n")
    print("| field | ratio | more ms |\n|---|---|---|")
    for name, cost in costs.items():
        print(f"| {name} | {cost / costs[USUAL]:.2f} | {cost - costs[USUAL]:+.2f} |")


if __name__ == "__main__":
    main()
