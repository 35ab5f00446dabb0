"""CPU per refresh of procwidget and its peers, in one run on one machine: `make bench`.

Prints a table of medians in milliseconds a refresh, the ratios that matter, and what could not be measured; then what
fields read on demand add, what the sentence and a recording cost, what pollers cost a cell that computes, how they keep
time under load, what the page costs the browser, and how long a click takes to go back to a moment.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import sys
import time

from tests.benchmarks import browser, fleet, judging, on_demand, on_time, rewinding, under_load, wire
from tests.benchmarks.crowd import crowd
from tests.benchmarks.peers import INTERVAL, PEERS, Unmeasured
from tests.benchmarks.recording import main as measure_recordings

CROWDS = {
    "150": (150, 8),
    "1,000": (1000, 50),
    "3,000": (3000, 150),
    "300, 10 % active": (300, 30),
    "300, all active": (300, 300),
}
GOALS = [
    ("procwidget, the Linux source", "btop", "1,000", 0.25),
    ("procwidget, the Linux source", "htop", "1,000", 0.08),
    ("procwidget, the whole dashboard", "btop", "1,000", 1.0),
    ("procwidget, the whole dashboard", "Glances, its web server", "1,000", 0.1),
    ("procwidget, the Linux source", "psutil, as everyone writes it", "300, all active", 0.3),
]


def measure(peers: list[str], rounds: int, missing: dict[str, str]) -> dict[str, float]:
    """Return the medians of CPU milliseconds a refresh over `rounds` stretches of four refreshes.

    All peers run at the same time, so that whatever else the machine does is the same for each.
    """
    with contextlib.ExitStack() as running:
        clocks = {}
        for peer in peers:
            try:
                clocks[peer] = running.enter_context(PEERS[peer]())
            except Unmeasured as reason:
                missing[peer] = str(reason)
        # What is asked about new processes is asked less and less often in their first half minute.
        time.sleep(20 * INTERVAL)
        costs: dict[str, list[float]] = {peer: [] for peer in clocks}
        for _ in range(rounds):
            before = {peer: (clock(), time.monotonic()) for peer, clock in clocks.items()}
            time.sleep(4 * INTERVAL)
            for peer, clock in clocks.items():
                spent, began = before[peer]
                costs[peer].append((clock() - spent) * 1000 / ((time.monotonic() - began) / INTERVAL))
    return {peer: statistics.median(values) for peer, values in costs.items()}


def main() -> None:
    """Measure everything and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="stretches of four refreshes a measurement (5)")
    parser.add_argument("--crowd", action="append", choices=CROWDS, help="only this crowd; may be repeated")
    parser.add_argument("--peer", action="append", choices=PEERS, help="only this peer; may be repeated")
    options = parser.parse_args()
    crowds, peers = options.crowd or list(CROWDS), options.peer or list(PEERS)
    costs: dict[tuple[str, str], float] = {}
    missing: dict[str, str] = {}
    for name in crowds:
        with crowd(*CROWDS[name]):
            for peer, cost in measure(peers, options.rounds, missing).items():
                costs[peer, name] = cost
                print(f"  {name}: {peer}: {cost:.2f} ms", file=sys.stderr)
    print("CPU ms a refresh (user and system, host figures included), medians\n")
    print("| | " + " | ".join(crowds) + " |\n|---|" + "---|" * len(crowds))
    for peer in peers:
        cells = (f"{costs[peer, name]:.1f}" if (peer, name) in costs else "—" for name in crowds)
        print(f"| {peer} | " + " | ".join(cells) + " |")
    print("\nRatios, with the goal of each:")
    for ours, theirs, name, goal in GOALS:
        if (ours, name) in costs and (theirs, name) in costs:
            ratio = costs[ours, name] / costs[theirs, name]
            print(f"  {ours} / {theirs}, {name}: {ratio:.3f} (goal ≤ {goal:g}: {'met' if ratio <= goal else 'MISSED'})")
    for what, why in missing.items():
        print(f"Not measured: {what}: {why}.")
    if not options.peer:
        on_demand.main()
        cells.main()
        judging.main()
        measure_recordings()
        on_time.main()
        under_load.main()
        wire.main()
        fleet.main([])
        browser.main([])
        rewinding.main()


if __name__ == "__main__":
    main()
