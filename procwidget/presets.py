"""The ready-made views of the process table: each a set of columns, what they are sorted by, and how rows are grouped.

`npm run build` writes them for the browser (running this file prints them as JSON). What is read on demand is read only
while such a view shows it. Pure data.
"""

from __future__ import annotations

import json
from typing import NamedTuple


class Preset(NamedTuple):
    """One of them.

    `sort` has the columns that it sorts by, each from the largest on, the first counts most; `columns` is `None` for
    the usual ones; `kind` is how rows are grouped, as the browser calls it.
    """

    name: str
    title: str
    sort: tuple[str, ...]
    columns: tuple[str, ...] | None
    kind: str


PRESETS = (
    Preset("cpu", "CPU", ("cpu",), None, "list"),
    Preset(
        "memory",
        "Memory",
        ("memory",),
        ("name", "pid", "user", "memory", "growth", "swap", "shared", "cpu", "command"),
        "app",
    ),
    Preset(
        "disk",
        "Disk",
        ("written", "read"),
        ("name", "pid", "user", "status", "read", "written", "major_faults", "cpu", "command"),
        "list",
    ),
    Preset(
        "gpu",
        "GPU",
        ("gpu",),
        ("name", "pid", "user", "gpu", "gpu_memory", "cpu", "memory", "command"),
        "list",
    ),
    Preset(
        "notebook",
        "Notebook",
        ("memory",),
        ("name", "pid", "cpu", "trace", "memory", "growth", "cpu_time", "age", "command"),
        "notebook",
    ),
)

BY_NAME = {preset.name: preset for preset in PRESETS}


def as_json() -> str:
    """Return `PRESETS` for the browser, as JSON."""
    return json.dumps(
        [{**preset._asdict(), "sort": [{"key": key, "descending": True} for key in preset.sort]} for preset in PRESETS],
        indent=2,
    )


if __name__ == "__main__":
    print(as_json())
