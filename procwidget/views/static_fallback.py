"""A small table in HTML and in words that stands in for the dashboard wherever no kernel runs.

It is in the cell's output under the live dashboard, hidden as long as that lives: a notebook that is opened again,
exported, or shown on a web site then has figures where Jupyter would say "model not found". Any thread may call it.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from html import escape

from IPython.display import publish_display_data

from procwidget.sample import Sample
from procwidget.units import bytes_text, percent_text, plural
from procwidget.views import ipython_state

_ROWS = 10
_MIB = 2**20

# In Jupyter's own markup outputs of a cell are siblings. The live dashboard has the class "procwidget" as soon as it
# is drawn; until then, and when it cannot be, its output is a line of text about a model, which helps nobody. Drawn
# from a state that was saved with the notebook, it is "disconnected" from the start and shows hardly anything; one that
# lost its kernel before the reader's eyes says so itself (js/connection/kernel_loss.js) and stays.
_DRAWN = ":is(.procwidget:not(.jupyter-widgets-disconnected), .procwidget[data-lost])"
_STYLE = f"""<style>
.jp-OutputArea-child:has({_DRAWN}) + .jp-OutputArea-child .procwidget-fallback {{ display: none; }}
.jp-OutputArea-child:not(:has({_DRAWN})):has(+ .jp-OutputArea-child .procwidget-fallback) {{ display: none; }}
</style>"""


def static_fallback(sample: Sample | None) -> dict[str, str]:
    """Return a sample as `text/html` and `text/plain`; `None` gives a sentence that there was none.

    Names are text of this host's users: they are escaped. Command lines are left out, for notebooks are passed on.
    """
    if sample is None:
        line, rows = "procwidget: run this cell to see the processes.", []
    else:
        counts, shown = sample["effective"], plural(sample["process_count"], "process", "processes")
        when = datetime.fromtimestamp(sample["time"], UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        line = (
            f"{sample['host']} at {when}: CPU {percent_text(counts['cpu_usage'])},"
            f" memory {percent_text(counts['memory_usage'])}, {shown}."
            " Run this cell for live figures."
        )
        rows = [
            (str(row["pid"]), row["name"], percent_text(row["cpu"]), _size(row["memory"]))
            for row in sample["top_processes"][:_ROWS]
        ]
    head = ("PID", "Name", "CPU", "Memory")
    table = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    titles = "".join(f"<th>{title}</th>" for title in head)
    markup = f"<table><thead><tr>{titles}</tr></thead><tbody>{table}</tbody></table>" if rows else ""
    words = "\n".join([line, *("  ".join(row) for row in rows)])
    return {
        "text/html": f'{_STYLE}<div class="procwidget-fallback"><p>{escape(line)}</p>{markup}</div>',
        "text/plain": words,
    }


def _size(memory: float | None) -> str:
    return bytes_text(None if memory is None else memory * _MIB)


class StaticFallback:
    """The still in the outputs of one dashboard, wherever that was shown."""

    def __init__(self) -> None:
        self._place = {"display_id": f"procwidget-{uuid.uuid4().hex}"}
        self._shown = False
        self._rated = True

    def show(self, sample: Sample | None) -> None:
        """Add it to the output of the running cell."""
        publish_display_data(static_fallback(sample), transient=self._place)
        # A terminal would print an update anew.
        self._shown = ipython_state.has_front_end()
        self._rated = False

    def complete(self, sample: Sample) -> None:
        """Put `sample` where the still was shown before there were CPU figures; called every tick."""
        if not self._rated and sample["interval"] is not None:
            self._rated = True
            self.renew(sample)

    def renew(self, sample: Sample | None) -> None:
        """Bring it up to date where it was shown; each time the notebook counts as changed, so do it rarely."""
        if self._shown:
            publish_display_data(static_fallback(sample), transient=self._place, update=True)
