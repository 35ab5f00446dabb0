"""Puts what this kernel's cells cost into a panel's list, which the browser sorts, and into bands of the charts."""

from __future__ import annotations

from procwidget.jupyter import own_cells
from procwidget.jupyter.cell_cost import CellCost, cost_text, seconds_text
from procwidget.sample import Sample
from procwidget.thresholds import Thresholds
from procwidget.units import UNKNOWN, bytes_text
from procwidget.views.panel_contents import Cell, Column, Content

MOST_LISTED = 100
MOST_BANDS = 60

Band = list[int | float | str | None]
"""The number of a cell, its begin and end in Unix seconds, `None` while it runs, and what it cost in words."""

_COLUMNS: list[Column] = [
    {"label": "Cell", "number": False},
    {"label": "Time", "number": True},
    {"label": "CPU", "number": True, "hint": "Of all threads, children and their children"},
    {"label": "Peak memory", "number": True, "hint": "≥ where the kernel held more before: at least so much"},
    {"label": "Stayed", "number": True, "hint": "Memory that the kernel holds more than before; negative: given back"},
    {"label": "Read", "number": True},
    {"label": "Written", "number": True},
    {"label": "Stalled", "number": True, "hint": "For how long tasks of this host waited for memory meanwhile"},
]


def describe_cells(_sample: Sample, _thresholds: Thresholds) -> Content:
    """Return the cells of this kernel, the newest first."""
    costs = own_cells.own()[: -MOST_LISTED - 1 : -1]
    notes = [] if costs else ["No cell has ended since this dashboard was made."]
    if any(cost["shared"] for cost in costs):
        notes.append("shared: something else of this kernel ran at the same time, so not all of it is the cell's.")
    return {
        "facts": [],
        "tables": [
            {
                "caption": "Cells",
                "columns": _COLUMNS,
                "rows": [_words(cost) for cost in costs],
                "values": [_values(cost) for cost in costs],
            }
        ]
        if costs
        else [],
        "notes": notes,
    }


def _words(cost: CellCost) -> list[Cell]:
    peak, grown = cost["peak_memory"], cost["grown"]
    return [
        _name(cost["cell"]) + (" (shared)" if cost["shared"] else ""),
        seconds_text(cost["seconds"]),
        UNKNOWN if cost["cpu_seconds"] is None else seconds_text(cost["cpu_seconds"]),
        UNKNOWN if peak is None else f"{'' if cost['peak_exact'] else '≥ '}{bytes_text(peak)}",
        UNKNOWN if grown is None else f"{'−' if grown < 0 else ''}{bytes_text(abs(grown))}",
        *(UNKNOWN if cost[key] is None else bytes_text(cost[key] or 0) for key in ("read", "written")),
        UNKNOWN if cost["stalled"] is None else seconds_text(cost["stalled"]),
    ]


def _values(cost: CellCost) -> list[float | None]:
    figures = (cost["cell"], cost["seconds"], cost["cpu_seconds"], cost["peak_memory"], cost["grown"])
    return [*figures, cost["read"], cost["written"], cost["stalled"]]


def bands(since: float) -> list[Band]:
    """Return the cells that ran since a Unix time, the oldest first, and the one that runs."""
    found: list[Band] = [
        [cost["cell"], round(cost["began"], 2), round(cost["began"] + cost["seconds"], 2), cost_text(cost)]
        for cost in own_cells.own()[-MOST_BANDS:]
        if cost["began"] + cost["seconds"] >= since
    ]
    running = own_cells.running()
    return [*found, [running[0], round(running[1], 2), None, "runs"]] if running else found


def _name(cell: int | None) -> str:
    return "a cell" if cell is None else f"In [{cell}]"
