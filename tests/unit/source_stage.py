"""What the tests of sources share: every source, rows by pid, waiting for a sample, and a check of declared types."""

from __future__ import annotations

import math
import sys
import types
import typing
from collections.abc import Callable
from typing import Any

from procwidget.sample import Process, Sample
from procwidget.sources.base import Source
from procwidget.sources.portable.source import PortableSource
from procwidget.sources.scripted import ScriptedSource, make_process, make_sample
from tests.patience import until

LINUX = sys.platform.startswith("linux")
MIB = 2**20


def _linux() -> Source:
    from procwidget.sources.linux.source import LinuxSource

    return LinuxSource()


def _scripted() -> Source:
    still, busy = make_process(pid=1, cpu=None), make_process(pid=2, cpu=50.0, name="python")
    first = make_sample(
        interval=None,
        cpu_usage=None,
        per_cpu=[None, None],
        **dict.fromkeys(
            ("cpu_times", "pressure", "context_switches", "swap_in", "swap_out", "major_faults", "oom_kills")
        ),
        disk={"read": None, "written": None},
        network={"received": None, "sent": None},
        started=None,
        ended=None,
        processes=[still],
    )
    return ScriptedSource([first, make_sample(time=first["time"] + 2, monotonic=102.0, processes=[still, busy])])


HOST_SOURCES: dict[str, Callable[[], Source]] = {"portable": PortableSource, **({"linux": _linux} if LINUX else {})}
SOURCES = {**HOST_SOURCES, "scripted": _scripted}


def by_pid(sample: Sample) -> dict[int, Process]:
    return {row["pid"]: row for row in sample["processes"]}


def read_until(source: Source, holds: Callable[[dict[int, Process]], object]) -> Sample:
    """Read until the rows by pid are as wanted; command lines and users may come a reading later."""

    def wanted() -> Sample | None:
        sample = source.read()
        return sample if holds(by_pid(sample)) else None

    return until(wanted, every=0.05)


def conforms(value: object, hint: Any) -> bool:
    """Return whether a value is of a declared type: TypedDicts, lists, unions and plain classes; NaN never is."""
    if typing.is_typeddict(hint):
        hints = typing.get_type_hints(hint, include_extras=True)
        optional = {key for key, of in hints.items() if typing.get_origin(of) is typing.NotRequired}
        hints = typing.get_type_hints(hint)
        return (
            isinstance(value, dict)
            and hints.keys() - optional <= value.keys() <= hints.keys()
            and all(conforms(value[key], of) for key, of in hints.items() if key in value)
        )
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is list:
        return isinstance(value, list) and all(conforms(item, arguments[0]) for item in value)
    if origin in (types.UnionType, typing.Union):
        return any(conforms(value, argument) for argument in arguments)
    if hint is float:
        return type(value) in (int, float) and math.isfinite(typing.cast(float, value))
    return type(value) is hint
