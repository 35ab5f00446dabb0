"""Says what the machine, or the container, is short of: not what is busy, but what tasks wait for.

The measure is pressure (PSI): for how long tasks waited. Where the system does not measure that, the older rules serve,
which go by how much is used, and the sentence says so. Pure; the poller's thread calls it, once a tick.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from procwidget.machine import gpu_memory_usage
from procwidget.sample import Interface, Sample
from procwidget.sources.kernel_counts import PressureAverages
from procwidget.state.causes import of_other
from procwidget.state.finding import Finding
from procwidget.state.forecast import Trend
from procwidget.state.pressed import CPU, IO, MEMORY, MEMORY_OF_SOME, THROTTLED, Pressed, Rule
from procwidget.state.storm import Storm
from procwidget.state.uses import PART, Uses, cpu_uses, disk_uses, fault_uses, gpu_uses, memory_uses
from procwidget.thresholds import Level, Thresholds
from procwidget.units import network_rate_text, percent_text

_BUSY = 90.0
"""Percent of CPU from which on waiting for it is a shortage; it ends 5 points below."""

_NEARLY_FULL = (90.0, 97.0)
"""Percent of memory from which on it is a warning, and critical, also while nobody waits: the next who asks may."""

_ENOUGH = 70.0
"""Percent of memory below which the host has enough, so that who waits for it does so in a group with a limit."""

"""Percent of a GPU's memory: programs may take nearly all of it beforehand, so it is never critical."""

_MULTIPLY = Rule(20.0, math.inf, 10.0)
"""How many more processes there are each second."""

_LOST = Rule(100.0, math.inf, 10.0)
"""Packets a second that an interface drops or finds broken: some always are, as those nobody here understands."""

_FAST = 50 * 2**20
"""Bytes a second through the network from which on they are worth a word: half of what a usual line carries."""

_BLOCKED = 4
"""So many tasks a CPU that wait for a disk are too many."""

_WANTED_FOR = 60.0
"""Seconds for which fields are read on: to begin reading them takes longer than to go on."""

_UNMEASURED = "; pressure (PSI) is not measured here"
_GROUPS = ("notebook", "container", "unit")

Judge = Callable[[str, str, float | None, tuple[float, float]], Level]


class Shortage:
    """Follows what there is too little of.

    Args:
        thresholds: what a user chose.
        judge: returns the level of a figure of a kind and a name by its bounds; it knows the level before.
        longest_hold: seconds for which something must hold at most until it counts.
    """

    def __init__(self, thresholds: Thresholds, judge: Judge, longest_hold: float = math.inf) -> None:
        self._thresholds, self._judge, self._chosen = thresholds, judge, thresholds.chosen
        self.cpu, self.memory, self.io, self.throttled, self.multiply, self.blocked, self.lost = (
            Pressed(rule, longest_hold) for rule in (CPU, MEMORY, IO, THROTTLED, _MULTIPLY, IO, _LOST)
        )
        self.limited = Pressed(MEMORY_OF_SOME, longest_hold)
        self._trend, self._storm = Trend(), Storm()
        self._busy = self._full = False
        self._busy_at = -math.inf
        self._swapped = -math.inf  # when pages moved last
        self._wanted: dict[str, float] = {}

    @property
    def wanted(self) -> frozenset[str]:
        """The fields that are to be read to say who causes what is short now."""
        return frozenset(self._wanted)

    def findings(
        self, sample: Sample, grace: float, *, gap: bool, before: PressureAverages | None = None
    ) -> list[Finding]:
        """Return what is short, and how busy the CPU is where that is worth a word.

        Args:
            sample: the reading.
            grace: seconds for which something may pause and is not over.
            gap: whether nothing is known of the time before.
            before: what the system itself has measured of that time: what has lasted need not be waited for.
        """
        self._press(sample, grace, gap, before)
        self._storm.update(sample)
        forecast = self._trend.update(sample, gap=gap)
        memory = list(self._memory(sample, forecast and forecast.text))
        if forecast and not memory:
            group = _of(sample["effective"]["memory_cgroup"])
            what = f"Memory{group} is full {forecast.text}"
            finding = Finding("memory_forecast", "", "warning", forecast.seconds, what, timed=False, short_of="memory")
            memory.append(finding._replace(process=forecast.process, cause=forecast.cause))
        swap = [] if memory else self._swap(sample, grace)
        found = [*self._cpu(sample), *memory, *swap, *self._disks(sample), *self._forks(sample), *self._gpus(sample)]
        found += self._network(sample)
        self._want(sample["monotonic"], found)
        return found

    def _press(self, sample: Sample, grace: float, gap: bool, before: PressureAverages | None) -> None:
        """Give the figures of this reading to all that follow one."""
        pressure, counts, cpu_times = sample["pressure"], sample["effective"], sample["cpu_times"]
        seconds = sample["interval"] or 0.0
        now = sample["monotonic"], sample["time"]
        usage = counts["cpu_usage"]
        if usage is not None:
            self._busy = usage >= _BUSY - 5 * self._busy
        if self._busy:
            self._busy_at = now[0]
        # A core that rests for a moment is no end of a shortage.
        self._full = self._busy or now[0] - self._busy_at < grace
        some, some_memory = (pressure and pressure[key]["some"] for key in ("cpu", "memory"))
        enough = pressure is not None and pressure["cgroup"] is None and (counts["memory_usage"] or 100.0) < _ENOUGH
        waits = pressure["io"]["full"] if pressure else cpu_times and cpu_times["iowait"]
        started, ended = sample["started"], sample["ended"]
        more = None if started is None or ended is None or not seconds else max(0.0, (started - ended) / seconds)
        blocked = sample["blocked"]
        many = None if blocked is None else 100.0 * (blocked >= _BLOCKED * max(2.0, counts["cpus"]))
        for pressed, value, average in (
            (self.cpu, some if self._full or some is None else 0.0, before and before.cpu_some),
            (self.memory, pressure and pressure["memory"]["full"], before and before.memory_full),
            (self.limited, some_memory if enough else some_memory and 0.0, before and enough and before.memory_some),
            (self.io, waits, before and pressure and before.io_full),
            (self.throttled, sample["throttled"], None),
            (self.multiply, more, None),
            (self.blocked, many, None),
            (self.lost, max((_lost(one) for one in sample["interfaces"] or ()), default=None), None),
        ):
            if average and value is not None:
                pressed.assume((now[0] - seconds, now[1] - seconds), average)
                pressed.update(now, seconds, value)
            else:
                pressed.update(now, seconds, value, gap=gap)

    def _cpu(self, sample: Sample) -> Iterator[Finding]:
        counts, pressure = sample["effective"], sample["pressure"]
        usage = counts["cpu_usage"]
        if usage is None:
            return
        by_usage = self._judge("cpu", "", usage, self._thresholds.cpu)
        level: Level = "normal"
        if self.throttled.level != "normal":
            yield self._throttled(sample)
            return
        if pressure is None or "cpu" in self._chosen:
            level = by_usage
        elif self._full:
            times = sample["cpu_times"]
            steal = (times and times["steal"]) or 0.0
            stolen = counts["cpu_cgroup"] is None and steal >= PART * usage
            # Who waits for a CPU that another virtual machine has does not wait as PSI counts it.
            level = _worse(self.cpu.level, by_usage) if stolen else self.cpu.level
        if level == "normal" and not self._busy:
            return
        group, more = _of(counts["cpu_cgroup"] or (pressure and pressure["cgroup"])), ""
        what = f"CPU{group} {percent_text(usage)}"
        waited = self.cpu.level != "normal"
        if level != "normal" and (waited or self._busy):
            what = f"CPU{group} is full" + (" and tasks wait for it" if waited else f" ({percent_text(usage)})")
        if level != "normal" and pressure is None and "cpu" not in self._chosen:
            more = _UNMEASURED
        short_of = "cpu" if level != "normal" else ""
        finding = Finding("cpu", "", level, usage, what, uses=self._cpu_uses(sample), more=more, short_of=short_of)
        yield self._since_before(finding, self.cpu)

    def _cpu_uses(self, sample: Sample) -> Uses | None:
        return cpu_uses(sample, self._storm.text, self._storm.cause)

    def _throttled(self, sample: Sample) -> Finding:
        limits, level = sample["limits"], self.throttled.level
        group = _of(sample["effective"]["cpu_cgroup"])
        cpus = f" of {limits['cpus']:g} CPUs" if limits and limits["cpus"] else ""
        what = f"The CPU limit{group}{cpus} is used up, and its processes are held up"
        # They run on, only slower: that is what the limit is for.
        level = "warning" if level != "normal" else level
        value = self.throttled.value
        return Finding("throttled", "", level, value, what, uses=self._cpu_uses(sample), short_of="limit")

    def _memory(self, sample: Sample, forecast: str | None) -> Iterator[Finding]:
        counts, pressure = sample["effective"], sample["pressure"]
        usage = counts["memory_usage"]
        by_usage: Level = "normal"
        measured = pressure is not None and "memory" not in self._chosen
        if usage is not None:
            by_usage = self._judge("memory", "", usage, _NEARLY_FULL if measured else self._thresholds.memory)
        if by_usage == "normal" and self.memory.level == self.limited.level == "normal":
            return
        level = _worse(by_usage, self.memory.level)
        group, more = _of(counts["memory_cgroup"] or (pressure and pressure["cgroup"])), ""
        if level == "normal" or (self.memory.level != "normal" and not group and (usage or 0.0) < _ENOUGH):
            pressed = self.limited if level == "normal" else self.memory
            what = "Memory of a control group is short, and tasks wait, while the machine has enough"
            finding = Finding("memory", "group", pressed.level, usage, what, uses=fault_uses(sample), short_of="memory")
            yield finding._replace(since=pressed.since, at_least=pressed.at_least)
            return
        if self.memory.level == "normal":
            full = usage is not None and usage >= _NEARLY_FULL[0]
            what = (
                f"Memory{group} is nearly full ({percent_text(usage)})"
                if full
                else f"Memory {percent_text(usage)}{group}"
            )
            if pressure is None and "memory" not in self._chosen:
                more = _UNMEASURED
        else:
            what = f"Memory{group} is short and tasks wait for it"
        more += f"; full {forecast}" if forecast else ""
        finding = Finding("memory", "", level, usage, what, uses=memory_uses(sample), more=more, short_of="memory")
        yield self._since_before(finding, self.memory)

    def _since_before(self, finding: Finding, pressed: Pressed) -> Finding:
        """Return it with since when it has been so, where that was before anybody looked."""
        if not pressed.assumed or pressed.level == "normal":
            return finding
        return finding._replace(since=pressed.since, at_least=pressed.at_least)

    def _swap(self, sample: Sample, grace: float) -> Iterator[Finding]:
        now, memory = sample["monotonic"], sample["memory"]
        if sample["swap_in"] or sample["swap_out"]:
            self._swapped = now
        swaps = self._swapped > now - grace
        swap = memory["swap_usage"] if memory else None
        # Swap that is full and lies still, as zram does for weeks, slows nobody down. Nothing is known of it yet in the
        # first reading, and never where the system counts no pages.
        uncounted = sample["swap_in"] is None and sample["swap_out"] is None and sample["interval"] is not None
        if not (swaps or uncounted):
            return
        level = self._judge("swap", "", swap, self._thresholds.swap)
        if level != "normal":
            moved = [disk["name"] for disk in sample["disks"] or () if (disk["read"] or 0.0) + (disk["written"] or 0.0)]
            zram = any(name.startswith("zram") for name in moved)
            more = ": pages move in or out" if swaps else ""
            what = f"Swap{' (zram, compressed memory)' if zram else ''} {percent_text(swap)}"
            yield Finding("swap", "", level, swap, what, more=more, short_of="memory")

    def _disks(self, sample: Sample) -> Iterator[Finding]:
        pressure, blocked = sample["pressure"], sample["blocked"]
        level = self.io.level
        if level != "normal":
            busy = [disk["name"] for disk in sample["disks"] or () if disk["counted"] and (disk["busy"] or 0.0) >= 50.0]
            disks = f"Disk {busy[0]} is" if len(busy) == 1 else "Disks are"
            group = f" for {pressure['cgroup']}" if pressure and pressure["cgroup"] else ""
            what = f"{disks} overloaded{group} and tasks wait"
            if pressure is None:
                what = f"CPUs wait for disks (iowait {percent_text(self.io.value)})"
            uses, since, at_least = disk_uses(sample), self.io.since, self.io.at_least
            yield Finding(
                "io", "", level, self.io.value, what, uses=uses, short_of="disk", since=since, at_least=at_least
            )
        elif self.blocked.level != "normal" and blocked:
            what = f"{blocked} tasks wait for disks"
            uses, since = disk_uses(sample), self.blocked.since
            yield Finding("blocked", "", "warning", float(blocked), what, uses=uses, short_of="disk", since=since)

    def _forks(self, sample: Sample) -> Iterator[Finding]:
        if self.multiply.level != "normal" and self.multiply.value is not None:
            what = f"Processes multiply: {sample['process_count']:,}, {self.multiply.value:.0f} more each second"
            more = self._storm.text.partition(" a second")[2]
            since = self.multiply.since
            yield Finding(
                "forks", "", "warning", self.multiply.value, what, more=more, cause=self._storm.cause, since=since
            )

    def _network(self, sample: Sample) -> Iterator[Finding]:
        received, sent = sample["network"]["received"] or 0.0, sample["network"]["sent"] or 0.0
        if self.lost.level != "normal" and self.lost.value is not None:
            worst = max(sample["interfaces"] or (), key=_lost)["name"]
            what = f"Interface {worst} loses packets, {self.lost.value:.0f} a second,"
            cause, since, at_least = of_other(worst), self.lost.since, self.lost.at_least
            finding = Finding("network", "", "warning", self.lost.value, what, cause=cause, short_of="network")
            yield finding._replace(since=since, at_least=at_least)
        elif received + sent >= _FAST:
            what = f"{network_rate_text(received)} in, {network_rate_text(sent)} out"
            yield Finding("network", "", "normal", received + sent, what, timed=False)

    def _gpus(self, sample: Sample) -> Iterator[Finding]:
        for gpu in sample["gpus"] or ():
            usage = gpu_memory_usage(gpu)
            if usage is None:
                continue
            level = self._judge("gpu_memory", gpu["id"], usage, self._thresholds.gpu_memory)
            if level != "normal":
                what = f"Memory of GPU {gpu['index']} ({gpu['name']}) is full ({percent_text(usage)})"
                yield Finding("gpu_memory", gpu["id"], level, usage, what, uses=gpu_uses(sample, gpu), short_of="gpu")

    def _want(self, now: float, found: list[Finding]) -> None:
        wanted: set[str] = set()
        if (self._busy and self.cpu.high) or any(finding.short_of for finding in found):
            wanted.update(_GROUPS)
        if self.io.high or self.blocked.high:
            wanted.update(("read", "written", *_GROUPS))
        if self.memory.high or self.limited.high:
            wanted.update(("major_faults", *_GROUPS))
        if any(finding.kind == "gpu_memory" for finding in found):
            wanted.add("gpu_memory")
        if self._trend.rising:
            wanted.add("notebook")
        if wanted or self._wanted:
            self._wanted = {key: at for key, at in self._wanted.items() if now - at < _WANTED_FOR}
            self._wanted |= dict.fromkeys(wanted, now)


def _lost(interface: Interface) -> float:
    # What leads nowhere, as a bridge, drops what the hardware has taken already.
    return (interface["errors"] or 0.0) + (interface["drops"] or 0.0) if interface["counted"] else 0.0


def _of(cgroup: str | None) -> str:
    return f" of {cgroup}" if cgroup else ""


def _worse(one: Level, other: Level) -> Level:
    order: tuple[Level, ...] = ("normal", "warning", "critical")
    return max(one, other, key=order.index)
