"""What a fleet costs, with the goals: run as `python -m tests.benchmarks.fleet`; `--short` leaves the clusters out.

In this process: the agent beside the reading alone, bytes of rows and tables, and an overview of 1,000 hosts, which
Chromium then shows. In clusters of their own (`fleet_cluster.py`): ten hosts that read, and a hundred that are canned.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from procwidget.fleet.agent import Agent
from procwidget.fleet.known_host import Host
from procwidget.fleet.reading import FleetReading
from procwidget.fleet.row import packed, read, row_of
from procwidget.fleet.wire import Receiver, Sender
from procwidget.sample import Sample
from procwidget.sources import default_source
from procwidget.sources.scripted import make_process, make_sample
from procwidget.state.sentence import state_of
from procwidget.views.fleet_overview import FleetOverview
from procwidget.views.opened_hosts import OpenedHosts
from tests.benchmarks import fleet_browser, fleet_cluster
from tests.benchmarks.crowd import crowd

TICKS = 40
HOSTS = 1000


def milliseconds(call: Any) -> float:
    """CPU milliseconds of a call."""
    began = time.thread_time()
    call()
    return 1000 * (time.thread_time() - began)


def agent_beside_reading() -> tuple[float, float]:
    """CPU ms of a reading, and of all that an agent does with it while somebody looks at the hosts."""
    source, alone, beside = default_source(), [], []
    agent = Agent(lambda _message: None, source=source)
    agent._leases["bench"] = (time.monotonic() + 3600, 2.0)
    agent._unwatch = lambda: None
    samples: list[Sample] = []
    for _ in range(TICKS):
        alone.append(milliseconds(lambda: samples.append(source.read())))
        beside.append(milliseconds(lambda: agent._take(samples[-1])))
        time.sleep(0.1)
    source.close()
    return statistics.median(alone[2:]), statistics.median(beside[2:])


def bytes_of_messages() -> tuple[int, int, int]:
    """Bytes of a row, of a whole table of 150 processes, and of the message after 10 % of them changed."""
    chance = random.Random(1)
    rows = [make_process(pid=pid, name=f"worker-{pid}", command=f"python train.py --part {pid}") for pid in range(150)]
    sender, receiver, sizes = Sender(), Receiver(), []
    for tick in range(20):
        for at in chance.sample(range(150), 15):
            rows[at] = {**rows[at], "cpu": chance.uniform(0, 100), "cpu_time": tick + chance.random()}
        moment = {"time": 1.8e9 + 2 * tick, "monotonic": 2.0 * tick, "cpu_usage": chance.random()}
        sample = make_sample(processes=list(rows), **moment)
        sender.take(sample)
        sizes.append(len(sender.message(receiver.number)))
        receiver.take(sender.message(receiver.number), 15)
    row = packed(row_of(sample, state_of([], [], sample)))
    return len(row), sizes[0], round(statistics.median(sizes[1:]))


class _Known:
    """A thousand hosts that have just been heard."""

    trouble, interval, name, looked_at = "", 2.0, "bench", True

    def __init__(self) -> None:
        row = row_of(make_sample(), state_of([], [], None))
        self._hosts = []
        for at in range(HOSTS):
            host = Host(f"key {at}", f"node{at}")
            host.row = {**row, "cpu": at % 100}
            self._hosts.append(host)
        self.message = packed(row)

    def all(self) -> list[Host]:
        return self._hosts

    def silent_for(self, _host: Host) -> float:
        return 0.0

    def look(self, _who: object) -> None:
        """Whoever looks is told nothing more."""

    look_away = call_at_rows = look


def overview() -> tuple[float, float, list[dict[str, Any]]]:
    """CPU ms of reading a thousand rows' messages and of making the overview of them; and messages for a browser."""
    known, chance = _Known(), random.Random(2)
    reading = FleetReading(known, allow_kill=False)  # type: ignore[arg-type]
    rows = statistics.median(milliseconds(lambda: [read(known.message) for _ in range(HOSTS)]) for _ in range(5))
    shown = FleetOverview(reading, OpenedHosts(lambda _name, _place: None, lambda _shown: None))
    made = statistics.median(milliseconds(shown.content) for _ in range(5))
    messages = []
    for _ in range(fleet_browser.WARM + fleet_browser.TICKS):
        for host in known.all():
            assert host.row is not None
            # All of them move, as figures do: by a little.
            cpu = min(100.0, max(0.0, (host.row["cpu"] or 0.0) + chance.uniform(-5, 5)))
            figures = {"cpu": cpu, "memory": chance.uniform(40, 60), "load": chance.uniform(0, 9)}
            host.row = {**host.row, **figures, "received": chance.uniform(0, 1e9)}  # type: ignore[typeddict-item]
        messages.append(shown.content())
    shown.close()
    return rows, made, messages


def main(arguments: list[str] | None = None) -> None:
    """Measure and print it, with the goals."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="no clusters: half a minute instead of some")
    options = parser.parse_args(arguments)
    print("\nA fleet:")
    with crowd(150, 8):
        reading, beside = agent_beside_reading()
    _say("agent, ms a tick, 150 processes", reading + beside, 2.5, f"{reading:.2f} + {beside:.2f}")
    _say("agent / the reading alone", (reading + beside) / reading, 1.1)
    row, whole, delta = bytes_of_messages()
    _say("bytes of a row", row, 260)
    _say("bytes of a tick of a table at 10 % active", delta, 1500, f"whole: {whole}")
    rows, made, messages = overview()
    _say("1,000 hosts in the kernel, part of an interval", (rows + made) / 2000, 0.1, f"{rows:.1f} + {made:.1f} ms")
    median, late = fleet_browser.applied(messages)
    _say("1,000 hosts in the browser, ms a tick", median, 16, f"95th percentile: {late:.1f}")
    if options.short:
        return
    with tempfile.TemporaryDirectory() as folder, crowd(150, 8):
        few = fleet_cluster.measure(Path(folder), 10, "real", events=False)
    _say_cluster("10 hosts that read", few)
    with tempfile.TemporaryDirectory() as folder:
        many = fleet_cluster.measure(Path(folder), 100, "canned", events=True)
    _say_cluster("100 hosts, canned", many)
    print(
        "  Not measured: a network between hosts, and more than 100 of them at a scheduler: all were on this machine."
    )


def _say_cluster(name: str, figures: fleet_cluster.Figures) -> None:
    _say(f"{name}: agent in its worker, CPU ms a tick", figures.agent, 2.5)
    _say(f"{name}: scheduler, CPU ms a tick", figures.scheduler, 25)
    _say(f"{name}: kernel, CPU ms a tick", figures.kernel, 5, f"{figures.rows:.2f} rows a host and tick came")
    _say(f"{name}: reading to kernel, 99th percentile, ms", figures.idle[1], 150, f"median: {figures.idle[0]:.0f}")
    _say(f"{name}: the same beside a cell of Python", figures.busy[1], 300, f"median: {figures.busy[0]:.0f}")
    for what, value, goal in (
        ("table of a host, s", figures.table, 0.5),
        ("a dead worker is shown, s", figures.dead, 1.0),
        ("figures after a restart of the scheduler, s", figures.restarted, 10.0),
    ):
        if value is not None:
            _say(f"{name}: {what}", value, goal)


def _say(what: str, value: float, goal: float, more: str = "") -> None:
    met = "met" if value <= goal else "MISSED"
    print(f"  {what}: {value:.3g} (goal ≤ {goal:g}: {met}){' ' + more if more else ''}")


if __name__ == "__main__":
    main()
