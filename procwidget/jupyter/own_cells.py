"""The cells of this kernel: what they cost as its server saw it, or, without one of ours, as IPython's events say it.

In the kernel's main thread, but for `cells`, which any thread may call. Nothing of it is in the user's namespace.

`%%cost` is taken off a cell before IPython runs it, and the cost is printed once it has run. So the cell is like any
other: it may have `await` at its top level, and a traceback has no line of ours.
"""

from __future__ import annotations

import os
import re
import time
from collections import deque
from typing import Any, cast

from procwidget.errors import InvalidArgument
from procwidget.jupyter.cell_cost import CellCost, Usage, cost_of, cost_text, read_usage
from procwidget.jupyter.cell_meter import MOST
from procwidget.sources.notebooks.server_link import ask_server

_PATIENCE = 1.0
_COST = re.compile(r"\s*(?:%%[^\n]*\n\s*)*?%%cost[^\S\n]*(?:\n|\Z)")
"""At the top of a cell, below other magics of cells or not."""

_observer: Observer | None = None


class Observer:
    """Measures the cells of an IPython shell by its events."""

    def __init__(self, shell: Any) -> None:
        self.costs: deque[CellCost] = deque(maxlen=MOST)
        self._shell = shell
        self._before: tuple[Usage, float] | None = None
        self.running: tuple[int, float] | None = None
        shell.events.register("pre_run_cell", self._began)
        shell.events.register("post_run_cell", self._ended)

    def _began(self, info: Any) -> None:
        # A cell that runs another one, by a magic, is one cell; and one that a front end sends silently is none.
        usage = read_usage() if self._before is None and info.store_history else None
        if usage is not None:
            # Its number is where its input is going to be.
            number = len(self._shell.history_manager.input_hist_parsed)
            self._before, self.running = (usage, time.perf_counter()), (number, usage.time)

    def _ended(self, result: Any) -> None:
        if self._before is None or result.info is None or not result.info.store_history:
            return
        (before, began), self._before, self.running = self._before, None, None
        seconds, after = time.perf_counter() - began, read_usage()
        if after is None:
            return
        cost = cost_of(result.execution_count, seconds, before, after, began=before.time)
        self.costs.append(cost)
        if result.error_before_exec is None and _COST.match(result.info.raw_cell):
            print(cost_text(cost))


def observe(shell: Any) -> None:
    """Measure the cells of this shell from the next one on, and give it `%%cost`; nothing if that is so already."""
    global _observer
    if not hasattr(shell, "register_magic_function"):
        return  # a shell that is not IPython's has no cells
    if _observer is None or _observer._shell is not shell:
        _observer = Observer(shell)
        shell.input_transformers_cleanup.append(_without_cost)
        # For completion and `%%cost?`.
        shell.register_magic_function(_cost, "cell", "cost")


def cells() -> list[CellCost]:
    """Return what cells cost that ran while the server extension or a dashboard was there, the newest last.

    Those of all notebooks of this kernel's Jupyter Server, if that has procwidget; else those of this kernel that ran
    since a `Dashboard` was made or `%load_ext procwidget`. They are plain dicts, see `CellCost`.
    """
    try:
        answer = ask_server(os.getppid(), {"ask": "cells"}, _PATIENCE)["cells"]
        if isinstance(answer, list):
            return [cast(CellCost, cost) for cost in answer if isinstance(cost, dict)]
    except (OSError, ValueError, LookupError):
        pass
    return [cost.copy() for cost in _observer.costs] if _observer else []


def own() -> list[CellCost]:
    """Return what cells of this kernel cost, as IPython's events say it, the newest last."""
    return list(_observer.costs) if _observer else []


def running() -> tuple[int, float] | None:
    """Return the number of the cell that runs, and since when in Unix seconds."""
    return _observer.running if _observer else None


def _without_cost(lines: list[str]) -> list[str]:
    """Return a cell without `%%cost`; its lines keep their numbers where that does not hide another magic."""
    if not lines or not _COST.fullmatch(lines[0]):
        return lines
    magic_follows = len(lines) > 1 and lines[1].startswith("%%")
    return lines[1:] if magic_follows else ["\n", *lines[1:]]


# Whether a cell typed in a terminal is whole is told by its magic.
_without_cost.has_side_effects = True  # type: ignore[attr-defined]


def _cost(line: str, cell: str) -> None:
    """Print in one line what this cell cost: time, CPU, memory, what was read and written.

    It stands alone in the first line of a cell: `%%cost`.
    """
    raise InvalidArgument("%%cost stands alone in the first line of a cell, with nothing after it.")
