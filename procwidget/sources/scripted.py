"""Plays given samples, one a reading: for tests.

`make_process` and `make_sample` make valid rows and samples from only what matters to the reader.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from procwidget.effective import effective_of
from procwidget.errors import InvalidArgument, SourceUnavailable
from procwidget.fields import ON_DEMAND
from procwidget.identity import identity_of
from procwidget.sample import Process, Sample, top_processes

_GIB = 2**30


class ScriptedSource:
    """Plays samples in their order, then the last one again and again, its times moved on by its interval.

    Args:
        samples: what `read` gives; an exception among them is raised in its turn.
        top: how many `top_processes` a sample carries.

    Raises:
        InvalidArgument: there is nothing to play.
    """

    name = "scripted"

    def __init__(self, samples: Iterable[Sample | Exception], top: int = 15) -> None:
        self._script = list(samples)
        if not self._script:
            raise InvalidArgument("A scripted source needs at least one sample to play.")
        self.top = top
        self.wanted: frozenset[str] = frozenset()  # what the given samples have, they have
        self.in_sight: frozenset[str] = frozenset()
        self.notes: list[str] = []
        self._next = 0
        self._closed = False

    def read(self) -> Sample:
        """Return the next sample, or raise the next exception.

        Raises:
            SourceUnavailable: the source is closed.
        """
        if self._closed:
            raise SourceUnavailable("This source is closed; make a new one.")
        place = min(self._next, len(self._script) - 1)
        again = self._next - place
        self._next += 1
        turn = self._script[place]
        if isinstance(turn, Exception):
            raise turn
        interval = turn["interval"] or 1.0
        return {
            **turn,
            "time": turn["time"] + again * interval,
            "monotonic": turn["monotonic"] + again * interval,
            "interval": interval if again else turn["interval"],
            "top_processes": top_processes(turn["processes"], self.top),
        }

    def close(self) -> None:
        """Stop playing; reading afterwards is an error."""
        self._closed = True


def make_process(**overrides: Any) -> Process:
    """Return a row of a calm process, with `overrides` for its keys; its identity follows its pid.

    Raises:
        InvalidArgument: a process has no such key.
    """
    pid = overrides.get("pid", 1234)
    row: Process = {
        "pid": pid,
        "name": "sleep",
        "cpu": 0.0,
        "memory": 1.5,
        "ppid": 1,
        "user": "alice",
        "status": "sleeping",
        "threads": 1,
        "started": 1_700_000_000.0,
        "command": "sleep 1000",
        "nice": 0,
        "session": pid,
        "cpu_time": 0.01,
        "stuck": False,
        "identity": identity_of(pid, 100),
    }
    on_demand = {key: overrides[key] for key in ON_DEMAND if key in overrides}
    others = {key: value for key, value in overrides.items() if key not in on_demand}
    return cast(Process, {**_overridden("process", cast("dict[str, Any]", row), others), **on_demand})


def make_sample(**overrides: Any) -> Sample:
    """Return a sample of a calm host with two CPUs and one process, with `overrides` for its keys.

    Counts and `top_processes` follow `processes`, `memory_usage` follows `memory`, `cpu_numbers` follow `per_cpu`,
    `effective` the host and `limits`, unless they are given too.

    Raises:
        InvalidArgument: a sample has no such key.
    """
    rows = overrides.get("processes", [make_process()])
    memory = overrides.get(
        "memory",
        {
            "total": 16 * _GIB,
            "available": 12 * _GIB,
            "used": 4 * _GIB,
            "swap_total": 2 * _GIB,
            "swap_used": 0,
            "swap_usage": 0.0,
            "cached": 3 * _GIB,
            "buffers": 0,
            "shared": 0,
            "slab": 0,
            "dirty": 0,
            "committed": 5 * _GIB,
            "huge_pages": 0,
            "huge_pages_free": 0,
            "arc": None,
            "zram": None,
            "zram_stored": None,
            "zswap": None,
            "zswap_stored": None,
        },
    )
    sample: Sample = {
        "time": 1_700_000_100.0,
        "monotonic": 100.0,
        "interval": 2.0,
        "source": ScriptedSource.name,
        "host": "example",
        "boot_id": "00000000-0000-4000-8000-000000000000",
        "pid_namespace": None,
        "uptime": 100.0,
        "cpu_usage": 5.0,
        "per_cpu": [4.0, 6.0],
        "cpu_numbers": [0, 1],
        "cpu_times": {
            "user": 3.0,
            "nice": 0.0,
            "system": 2.0,
            "idle": 95.0,
            "iowait": 0.0,
            "irq": 0.0,
            "softirq": 0.0,
            "steal": 0.0,
            "guest": 0.0,
        },
        "pressure": {
            "cgroup": None,
            "cpu": {"some": 0.0},
            "memory": {"some": 0.0, "full": 0.0},
            "io": {"some": 0.0, "full": 0.0},
        },
        "running": 1,
        "blocked": 0,
        "context_switches": 500.0,
        "interrupts": 300.0,
        "throttled": None,
        "memory_usage": 100.0 * memory["used"] / memory["total"] if memory else None,
        "memory": memory,
        "swap_in": 0.0,
        "swap_out": 0.0,
        "major_faults": 0.0,
        "oom_kills": 0,
        "load_average": [0.1, 0.1, 0.1],
        "disk": {"read": 0.0, "written": 0.0},
        "disks": [],
        "network": {"received": 0.0, "sent": 0.0},
        "interfaces": [],
        "filesystems": [],
        "gpus": [],
        "tcp": None,
        "sensors": None,
        "system": {"os": "Example 1", "kernel": "6.1.0", "architecture": "x86_64", "cpu": "Example CPU"},
        "limits": None,
        "effective": effective_of(None, [], None, None, None),
        "process_count": len(rows),
        "thread_count": sum(row["threads"] or 0 for row in rows),
        "started": 0,
        "ended": 0,
        "exits": [],
        "processes": rows,
        "top_processes": top_processes(rows, 15),
    }
    made = _overridden("sample", cast("dict[str, Any]", sample), overrides)
    if "cpu_numbers" not in overrides:
        made["cpu_numbers"] = [*range(len(made["per_cpu"]))]
    if "effective" not in overrides:
        figures = (made[key] for key in ("cpu_usage", "per_cpu", "memory_usage", "memory", "limits"))
        made["effective"] = effective_of(*figures)
    return cast(Sample, made)


def _overridden(kind: str, made: dict[str, Any], overrides: dict[str, Any]) -> dict[str, Any]:
    for key in overrides:
        if key not in made:
            raise InvalidArgument(f"A {kind} has no key {key!r}; it has {', '.join(made)}.")
    return {**made, **overrides}
