"""What a fleet costs a real cluster, and how soon what happens is seen: a scheduler and forked workers on this machine.

CPU is counted of the scheduler, of this process, which stands for the kernel, and of the workers, minus what the
same cluster takes in the same run while nobody looks. All hosts share this machine's cores: latencies are upper bounds.
"""

from __future__ import annotations

import contextlib
import os
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from distributed import Client

from procwidget.errors import InvalidArgument
from procwidget.fleet.agent import LEASE
from procwidget.fleet.hosts import Hosts
from procwidget.fleet.over_dask import DaskLink
from procwidget.fleet.reading import FleetReading
from procwidget.views.fleet_overview import FleetOverview
from procwidget.views.opened_hosts import OpenedHosts
from tests.benchmarks.fleet_farm import QUIET
from tests.fleet.cluster import Cluster
from tests.patience import until

INTERVAL = 2.0
TICKS = 8
PATIENCE = 240.0
RENEWED_AFTER = LEASE / 3


@dataclass
class Figures:
    """CPU ms a tick beyond the cluster's own, latencies in ms and others in seconds; `None` is not measured."""

    hosts: int
    scheduler: float = 0.0
    kernel: float = 0.0
    agent: float = 0.0
    idle: tuple[float, float] = (0.0, 0.0)
    busy: tuple[float, float] = (0.0, 0.0)
    rows: float = 0.0
    table: float | None = None
    dead: float | None = None
    restarted: float | None = None


class Farm:
    """Forked workers, each of which says that it is a host of its own."""

    def __init__(self, address: str, folder: Path) -> None:
        command = [sys.executable, "-m", "tests.benchmarks.fleet_farm", address, str(folder)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        self._process = subprocess.Popen(command, text=True, bufsize=1, **pipes)  # type: ignore[call-overload]
        self.pids: dict[int, int] = {}
        self.connected: dict[int, float] = {}
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            number, pid, moment = line.split()
            self.pids[int(number)], self.connected[int(number)] = int(pid), float(moment)

    def start(self, count: int, kind: str) -> None:
        """Start so many, and wait until they are connected."""
        wanted = len(self.pids) + count
        assert self._process.stdin is not None
        for _ in range(0, count, 10):
            # All at once they would wait for each other.
            self._process.stdin.write(f"{min(10, count)} {kind}\n")
            have = len(self.pids) + min(10, count)
            until(lambda have=have: len(self.pids) >= have, PATIENCE)  # type: ignore[misc]
        assert len(self.pids) == wanted

    def cpu(self) -> float:
        """CPU seconds of all workers that run."""
        return sum(_cpu(pid) for pid in self.pids.values())

    def close(self) -> None:
        """End all of them."""
        self._process.kill()
        self._process.wait()


def _cpu(pid: int) -> float:
    with contextlib.suppress(psutil.Error):
        times = psutil.Process(pid).cpu_times()
        return float(times.user + times.system)
    return 0.0


@contextlib.contextmanager
def cluster(folder: Path, count: int, kind: str) -> Iterator[tuple[Cluster, Farm]]:
    """A scheduler and so many hosts."""
    quiet = {f"DASK_{key.replace('.', '__').replace('-', '_').upper()}": str(value) for key, value in QUIET.items()}
    before = {key: os.environ.get(key) for key in quiet}
    os.environ.update(quiet)
    made = Cluster(folder)
    farm = None
    try:
        with made.client():
            farm = Farm(made.address, folder)
            farm.start(count, kind)
        yield made, farm
    finally:
        if farm is not None:
            farm.close()
        made.close()
        for key, value in before.items():
            os.environ.pop(key) if value is None else os.environ.update({key: value})


class Latencies:
    """Milliseconds from each reading on a host to its row here."""

    def __init__(self, hosts: Hosts) -> None:
        self.taken: list[float] = []
        take = hosts.take_row

        def noted(message: Any) -> None:
            arrived = time.time()
            take(message)
            with contextlib.suppress(Exception):
                moment = float(message["row"][1 : message["row"].index(b",")])
                self.taken.append(1000 * (arrived - moment))

        hosts.take_row = noted  # type: ignore[method-assign]

    def during(self, act: Callable[[], object]) -> tuple[float, float]:
        """The median and the 99th percentile while something is done."""
        self.taken.clear()
        act()
        ordered = sorted(self.taken)
        return statistics.median(ordered), ordered[int(0.99 * (len(ordered) - 1))]


def _open_none(name: str, place: int) -> Any:
    raise InvalidArgument(f"{name} is not opened here.")


def _compute() -> None:
    """A cell of pure Python."""
    ends, total = time.monotonic() + TICKS * INTERVAL, 0
    while time.monotonic() < ends:
        total += sum(range(10_000))


def measure(folder: Path, count: int, kind: str, *, events: bool) -> Figures:
    """Measure a cluster of so many hosts, with `events` also how soon what happens is seen."""
    figures = Figures(count)
    with cluster(folder, count, kind) as (made, farm):
        scheduler = made.scheduler.pid

        def spent() -> tuple[float, float, float]:
            return _cpu(scheduler), time.process_time(), farm.cpu()

        def a_while() -> tuple[float, float, float]:
            before = spent()
            time.sleep(TICKS * INTERVAL)
            scheduler_part, kernel, workers = (1000 * (b - a) / TICKS for a, b in zip(before, spent(), strict=True))
            return scheduler_part, kernel, workers / count

        with Client(made.address, set_as_default=False):
            own = a_while()
        fleet = FleetReading(Hosts(DaskLink(made.address), INTERVAL), allow_kill=False)
        try:
            until(lambda: len(fleet.hosts.all()) == count, PATIENCE)
            latencies = Latencies(fleet.hosts)
            overview = FleetOverview(fleet, OpenedHosts(_open_none, print))
            overview._presence.present = lambda: True  # type: ignore[method-assign]
            until(lambda: all(row["cpu"] is not None for row in fleet.rows()), PATIENCE, every=0.2)
            looked: list[tuple[float, float, float]] = []
            figures.idle = latencies.during(lambda: looked.append(a_while()))
            figures.rows = len(latencies.taken) / count / TICKS
            # Once more with what is asked of each host in the time of many ticks, and its part of one tick.
            fleet.hosts.interval = INTERVAL
            renewed = a_while()
            part = TICKS * INTERVAL / RENEWED_AFTER
            figures.scheduler, figures.kernel, figures.agent = (
                seen - cost + part * max(0.0, more - seen)
                for cost, seen, more in zip(own, looked[0], renewed, strict=True)
            )
            figures.busy = latencies.during(_compute)
            if events:
                _events(figures, made, farm, fleet)
            overview.close()
        finally:
            fleet.close()
    return figures


def _events(figures: Figures, made: Cluster, farm: Farm, fleet: FleetReading) -> None:
    began = time.monotonic()
    with fleet.monitor("node3") as monitor:
        until(lambda: monitor.last, every=0.005)
        figures.table = time.monotonic() - began

    began = time.monotonic()
    os.kill(farm.pids[5], signal.SIGKILL)
    host = fleet.hosts.named("node5")
    until(lambda: not host.peers, every=0.005)
    figures.dead = time.monotonic() - began

    made.scheduler.kill()
    made.scheduler.wait()
    until(lambda: fleet.hosts.trouble)
    time.sleep(3)
    made.scheduler = made.start_scheduler()
    known = set(farm.connected)
    farm.start(1, "canned")
    (number,) = set(farm.connected) - known

    def figures_of_it() -> bool:
        return any(row["host"] == f"node{number}" and row["cpu"] is not None for row in fleet.rows())

    until(figures_of_it)
    figures.restarted = time.time() - farm.connected[number]
