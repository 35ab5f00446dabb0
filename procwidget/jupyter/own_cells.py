"""The cells of this kernel: what they cost as its server saw it, or, without one of ours, as IPython's events say it.

In the kernel's main thread, but for `cells`, which any thread may call. Nothing of it is in the user's namespace.
"""

from __future__ import annotations

import ast
import os
import time
from collections import deque
from typing import Any, cast

from procwidget.jupyter.cell_cost import CellCost, Usage, cost_of, cost_text, read_usage
from procwidget.jupyter.cell_meter import MOST
from procwidget.sources.notebooks.server_link import ask_server

_PATIENCE = 1.0
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
        after = read_usage()
        if after is not None:
            seconds = time.perf_counter() - began
            cell = result.execution_count
            self.costs.append(cost_of(cell, seconds, before, after, began=before.time))


def observe(shell: Any) -> None:
    """Measure the cells of this shell from the next one on, and give it `%%cost`; nothing if that is so already."""
    global _observer
    if not hasattr(shell, "register_magic_function"):
        return  # a shell that is not IPython's has no cells
    if _observer is None or _observer._shell is not shell:
        _observer = Observer(shell)
        shell.register_magic_function(lambda line, cell: _cost(shell, cell), "cell", "cost")


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


def _cost(shell: Any, code: str) -> Any:
    """Run a cell and print what it cost in one line after it."""
    text = shell.transform_cell(code)
    name = shell.compile.cache(text, shell.execution_count, raw_code=code)
    tree, last = ast.parse(text, name), None
    if tree.body and isinstance(tree.body[-1], ast.Expr):
        last = ast.Expression(tree.body.pop().value)
    statements = compile(tree, name, "exec")
    expression = compile(last, name, "eval") if last else None
    before, began = read_usage(), time.perf_counter()
    try:
        exec(statements, shell.user_ns)  # noqa: S102 - it is what the magic is for
        return eval(expression, shell.user_ns) if expression else None  # noqa: S307
    finally:
        seconds, after = time.perf_counter() - began, read_usage()
        if before is not None and after is not None:
            print(cost_text(cost_of(None, seconds, before, after, began=before.time)))
