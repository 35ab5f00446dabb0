"""Figures of this host as OpenMetrics, for Prometheus and its like.

No pid and no command line is ever a label: such a program keeps a series for each value that it saw. Pure but for the
clock of this process; `prometheus_client` makes the text.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, get_args

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST, generate_latest

from procwidget import __version__
from procwidget.errors import SourceUnavailable
from procwidget.server.observed import Observed
from procwidget.server.process_groups import Kind

CONTENT_TYPE = CONTENT_TYPE_LATEST

_SHORTAGES = ("cpu", "memory", "swap", "io")
_LEVELS = ("normal", "warning", "critical")
_MOST_FILESYSTEMS = 20

# Name, keys in the sample, what its figure is multiplied by, and what it is.
_GAUGES = (
    ("cpu_usage_ratio", ("cpu_usage",), 0.01, "CPU in use, of all CPUs"),
    ("memory_usage_ratio", ("memory_usage",), 0.01, "Memory in use"),
    ("memory_total_bytes", ("memory", "total"), 1, "Memory"),
    ("memory_used_bytes", ("memory", "used"), 1, "Memory in use"),
    ("memory_available_bytes", ("memory", "available"), 1, "Memory that programs can have without swapping"),
    ("swap_total_bytes", ("memory", "swap_total"), 1, "Swap"),
    ("swap_used_bytes", ("memory", "swap_used"), 1, "Swap in use"),
    ("load1", ("load_average", 0), 1, "Load average of a minute"),
    ("processes", ("process_count",), 1, "Processes"),
    ("processes_running", ("running",), 1, "Tasks that run or wait for a CPU"),
    ("processes_blocked", ("blocked",), 1, "Tasks that wait for a disk"),
    ("disk_read_bytes_per_second", ("disk", "read"), 1, "Read from disks"),
    ("disk_written_bytes_per_second", ("disk", "written"), 1, "Written to disks"),
    ("network_received_bytes_per_second", ("network", "received"), 1, "Received over the network"),
    ("network_sent_bytes_per_second", ("network", "sent"), 1, "Sent over the network"),
    (
        "effective_cpus",
        ("effective", "cpus"),
        1,
        "CPUs that may be used: the host's, or of the container's limit",
    ),
    ("effective_cpu_usage_ratio", ("effective", "cpu_usage"), 0.01, "CPU in use, of those"),
    ("effective_memory_bytes", ("effective", "memory_total"), 1, "Memory that may be used: the host's, or the limit"),
    ("effective_memory_usage_ratio", ("effective", "memory_usage"), 0.01, "Memory in use, of that"),
)


class HostFigures:
    """Makes the families of metrics of what was observed last; `prometheus_client` calls it a collector.

    Args:
        observed: what is known of the host.
        groups: also process groups, whose names not everybody may see.
    """

    def __init__(self, observed: Observed, *, groups: bool = True) -> None:
        self._observed, self._with_groups = observed, groups

    def describe(self) -> list[Metric]:
        """Return nothing: to register this reads nothing."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Return the families; none before the first reading."""
        with self._observed.lock:
            sample = self._observed.last
            if sample is None:
                return iter(())
            families = [*self._host(sample), *self._state(), *self._cost()]
            if self._with_groups:
                families += self._groups()
        return iter(families)

    def text(self) -> bytes:
        """Return them as OpenMetrics has them."""
        return generate_latest(self)

    def _host(self, sample: Mapping[str, Any]) -> Iterator[Metric]:
        about = {"version": __version__, "host": str(sample["host"] or ""), "boot_id": str(sample["boot_id"] or "")}
        yield InfoMetricFamily("procwidget", "What this is about", value=about)
        yield _gauge("time_seconds", "When the host was read, in Unix seconds", sample["time"])
        for name, keys, factor, help_text in _GAUGES:
            value = _part(sample, keys)
            if value is not None:
                yield _gauge(name, help_text, value * factor)
        kills = CounterMetricFamily("procwidget_oom_kills", "Processes that the kernel ended for want of memory")
        kills.add_metric([], self._observed.oom_kills)
        yield kills
        pressure = GaugeMetricFamily(
            "procwidget_pressure_ratio", "Part of the time in which tasks waited", labels=["resource", "tasks"]
        )
        for resource in ("cpu", "memory", "io"):
            for tasks in ("some", "full"):
                value = _part(sample, ("pressure", resource, tasks))
                if value is not None:
                    pressure.add_metric([resource, tasks], value / 100)
        yield pressure
        space = GaugeMetricFamily("procwidget_filesystem_usage_ratio", "Space in use", labels=["mount"])
        for filesystem in (sample["filesystems"] or [])[:_MOST_FILESYSTEMS]:
            if filesystem["usage"] is not None:
                space.add_metric([filesystem["mount"]], filesystem["usage"] / 100)
        yield space

    def _state(self) -> Iterator[Metric]:
        alerts = self._observed.alerts
        yield _gauge(
            "level",
            "How the host is: 0 normal, 1 warning, 2 critical",
            _LEVELS.index(alerts.state["level"]),
        )
        active = GaugeMetricFamily("procwidget_alerts", "Alerts of now", labels=["kind", "level"])
        current = Counter[tuple[str, str]]((alert["kind"], alert["level"]) for alert in alerts.current)
        # Those of a shortage are always there, so that a rule has something to compare.
        pairs = {(kind, level) for kind in _SHORTAGES for level in _LEVELS[1:]} | current.keys()
        for kind, level in sorted(pairs):
            active.add_metric([kind, level], current[kind, level])
        yield active

    def _groups(self) -> Iterator[Metric]:
        for kind in get_args(Kind):
            cpu = CounterMetricFamily(
                f"procwidget_{kind}_cpu_seconds", f"CPU of each {kind}, of ended processes too", labels=[kind]
            )
            memory = GaugeMetricFamily(
                f"procwidget_{kind}_memory_bytes", f"Resident memory of each {kind}", labels=[kind]
            )
            count = GaugeMetricFamily(f"procwidget_{kind}_processes", f"Processes of each {kind}", labels=[kind])
            for group in self._observed.groups.of(kind):
                cpu.add_metric([group.name], group.cpu_seconds)
                memory.add_metric([group.name], group.memory)
                count.add_metric([group.name], group.processes)
            yield from (cpu, memory, count)

    def _cost(self) -> Iterator[Metric]:
        reading = CounterMetricFamily("procwidget_reading_cpu_seconds", "CPU that reading the host took")
        reading.add_metric([], self._observed.reader.cpu_seconds)
        yield reading
        server = CounterMetricFamily("procwidget_server_cpu_seconds", "CPU of the process that serves this")
        server.add_metric([], time.process_time())
        yield server


class ServerFigures(HostFigures):
    """The host's figures among those of a Jupyter Server, at its `/metrics`, without names of processes.

    That address may be open to all, and is answered in the event loop, which must not wait for a reading: figures are
    of the reading before, and each scrape asks for the next.
    """

    def __init__(self, observed: Observed) -> None:
        super().__init__(observed, groups=False)
        self._asked: asyncio.Task[object] | None = None

    def collect(self) -> Iterator[Metric]:
        """Return the families of the reading before; none at first."""
        if self._asked is None or self._asked.done():
            self._asked = asyncio.get_running_loop().create_task(self._ask())
        return super().collect()

    async def _ask(self) -> None:
        # The route of its own says what is the matter.
        with suppress(SourceUnavailable):
            await self._observed.sample()


def _gauge(name: str, help_text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"procwidget_{name}", help_text, value=value)


def _part(sample: Any, keys: tuple[str | int, ...]) -> float | None:
    part = sample
    for key in keys:
        if part is None:
            return None
        part = part.get(key) if isinstance(part, dict) else part[key]
    return None if part is None else float(part)
