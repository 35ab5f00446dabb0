"""Closes the dashboards that earlier runs of a cell made.

The output of an earlier run of a cell is gone, so nobody can see its dashboard any more; ipywidgets would keep every
model of it. Called in the thread that runs cells.
"""

from __future__ import annotations

from typing import Protocol

from procwidget.views import ipython_state


class Closeable(Protocol):
    """What can be closed, more than once."""

    def close(self) -> None:
        """Let go of everything."""


_made: dict[str, list[tuple[str, Closeable]]] = {}


def close_earlier_runs() -> None:
    """Close what earlier runs of the running cell made; what this run made already stays."""
    place = ipython_state.current_cell()
    if place is None:
        return
    cell, execution = place
    for made_in, earlier in tuple(_made.get(cell, ())):
        if made_in != execution:
            earlier.close()


def note(made: Closeable) -> None:
    """Remember that the running cell made this, until `forget`."""
    place = ipython_state.current_cell()
    if place is not None:
        cell, execution = place
        _made.setdefault(cell, []).append((execution, made))


def forget(made: Closeable) -> None:
    """Let go of it."""
    for cell, those in tuple(_made.items()):
        _made[cell] = [one for one in those if one[1] is not made]
        if not _made[cell]:
            del _made[cell]
