"""The panels of the page, each with more figures of one kind: which of them are open, and what goes to the browser.

Nobody opens one: nothing is computed, read or sent for it. A view tells which it has open; the words of those that any
view has open go with the table's frames. To add a panel, add an entry to `PANELS`: the browser shows whatever content
it has. The table calls this under its lock, from the poller's thread and from those that handle messages.
"""

from __future__ import annotations

from collections.abc import Callable, Set
from typing import Any, NamedTuple

from procwidget.sample import Sample
from procwidget.thresholds import Thresholds
from procwidget.views import cell_panel, gpu_panel, panel_contents
from procwidget.views.demands import Demands
from procwidget.views.panel_contents import Content


class Panel(NamedTuple):
    """A panel: its name in messages, its title, what it says of a sample, and what of that is read on demand."""

    name: str
    title: str
    describe: Callable[[Sample, Thresholds], Content]
    wants: frozenset[str] = frozenset()
    found: Callable[[Sample], bool] | None = None
    """Whether the host has what it is about, where not each has: until then it has no button."""


PANELS = (
    Panel("cpu", "CPU", panel_contents.describe_cpu, frozenset({"sensors"})),
    Panel("memory", "Memory", panel_contents.describe_memory),
    Panel("disks", "Disks", panel_contents.describe_disks),
    Panel("filesystems", "Filesystems", panel_contents.describe_filesystems),
    Panel("network", "Network", panel_contents.describe_network, frozenset({"tcp"})),
    Panel("sensors", "Sensors", panel_contents.describe_sensors, frozenset({"sensors"})),
    Panel("gpus", "GPUs", gpu_panel.describe_gpus, found=gpu_panel.has_gpus),
    Panel("cells", "Cells", cell_panel.describe_cells),
)


def titles(*, cells: bool = True) -> list[dict[str, str | bool]]:
    """Return what the browser makes a button of for each panel; `cells` is whether the host has cells of ours.

    `optional` is whether the button is to be seen only once `found` names the panel: no sample was read yet.
    """
    return [
        {"name": panel.name, "title": panel.title, "optional": panel.found is not None}
        for panel in PANELS
        if cells or panel.name != "cells"
    ]


def found(sample: Sample) -> list[str]:
    """Return the names of the optional panels that this host has something for."""
    return [panel.name for panel in PANELS if panel.found is not None and panel.found(sample)]


def contents(sample: Sample, thresholds: Thresholds, names: Set[str]) -> dict[str, Content]:
    """Return what panels say of a sample, by name; unknown names are ignored."""
    return {panel.name: panel.describe(sample, thresholds) for panel in PANELS if panel.name in names}


class Panels:
    """What is open in any view, and its content.

    Args:
        thresholds: from which values on a figure is marked.
    """

    def __init__(self, thresholds: Thresholds) -> None:
        self._thresholds = thresholds
        self._open = Demands()
        self._contents: dict[str, Content] = {}
        self._told: dict[str, Content] = {}

    @property
    def wanted(self) -> frozenset[str]:
        """What has to be read on demand for those that are open."""
        return frozenset[str]().union(*(panel.wants for panel in PANELS if panel.name in self._open.union))

    def open(self, view: str, names: frozenset[str]) -> None:
        """Note which panels a view has open; any name may come."""
        self._open.set(view, names.intersection(panel.name for panel in PANELS))

    def forget(self) -> None:
        """Forget what is open: nobody watches any more."""
        self._open.clear()
        self._contents, self._told = {}, {}

    def draw(self, sample: Sample) -> None:
        """Put a sample into the words of the panels that are open."""
        self._contents = contents(sample, self._thresholds, self._open.union)

    def part(self, *, whole: bool) -> dict[str, Any]:
        """Return what has changed since the part before, or all, by panel; empty where there is nothing to tell."""
        told, self._told = self._told, self._contents
        return {name: now for name, now in self._contents.items() if whole or told.get(name) != now}
