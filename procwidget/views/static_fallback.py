"""A small table in HTML and in words that stands in for the dashboard wherever no kernel runs.

It is in the cell's output under the live dashboard, hidden as long as that lives: a notebook that is opened again,
exported, or shown on a web site then has figures where Jupyter would say "model not found". Any thread may call it.
"""

from __future__ import annotations

from html import escape

from IPython.display import publish_display_data

from procwidget.sample import Sample
from procwidget.views import ipython_state
from procwidget.views.plain_text import NO_READING, aligned, busiest, figures, rated

# In Jupyter's own markup outputs of a cell are siblings. The live dashboard has the class "procwidget" as soon as it
# is drawn; until then, and when it cannot be, its output is a line of text about a model, which helps nobody. Drawn
# from a state that was saved with the notebook, it is "disconnected" from the start and shows hardly anything; one that
# lost its kernel before the reader's eyes says so itself (js/connection/kernel_loss.js) and stays.
_DRAWN = ":is(.procwidget:not(.jupyter-widgets-disconnected), .procwidget[data-lost])"
_STYLE = f"""<style>
.jp-OutputArea-child:has({_DRAWN}) + .jp-OutputArea-child .procwidget-fallback {{ display: none; }}
.jp-OutputArea-child:not(:has({_DRAWN})):has(+ .jp-OutputArea-child .procwidget-fallback) {{ display: none; }}
</style>"""


def static_fallback(sample: Sample | None, name: str = "", *, replay: bool = False) -> dict[str, str]:
    """Return a sample as `text/html` and `text/plain`; `None` gives a sentence that there was none.

    Views of the dashboard with this name hide it, in any front end, while they are live (js/connection/still.js).

    Names are text of this host's users: they are escaped. Command lines are left out, for notebooks are passed on.
    """
    if sample is None:
        line, rows = NO_READING, []
    else:
        more = "to look at the recording" if replay else "for live figures"
        line, rows = f"{figures(sample)} Run this cell {more}.", busiest(sample)
    titles, *cells = [[escape(cell) for cell in row] for row in rows] or [[]]
    head = "".join(f"<th>{title}</th>" for title in titles)
    table = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in cells)
    markup = f"<table><thead><tr>{head}</tr></thead><tbody>{table}</tbody></table>" if rows else ""
    # A class, because Jupyter takes other attributes out of what it does not trust.
    begin = f'<div class="procwidget-fallback procwidget-fallback-{escape(name)}">'
    return {
        "text/html": f"{_STYLE}{begin}<p>{escape(line)}</p>{markup}</div>",
        "text/plain": "\n".join([line, *aligned(rows)]),
    }


class StaticFallback:
    """The still in the outputs of the dashboard with this name, wherever that was shown; `replay`: of a recording."""

    def __init__(self, name: str, *, replay: bool = False) -> None:
        self._name, self._replay = name, replay
        self._place = {"display_id": f"procwidget-{name}"}
        self._shown = False
        self._rated = True

    def show(self, sample: Sample | None) -> None:
        """Add it to the output of the running cell."""
        publish_display_data(self._still(sample), transient=self._place)
        # A terminal would print an update anew.
        self._shown = ipython_state.has_front_end()
        self._rated = rated(sample)

    def complete(self, sample: Sample) -> None:
        """Put `sample` where the still was shown before there were CPU figures; called every tick."""
        if not self._rated and rated(sample):
            self._rated = True
            self.renew(sample)

    def renew(self, sample: Sample | None) -> None:
        """Bring it up to date where it was shown; each time the notebook counts as changed, so do it rarely."""
        if self._shown:
            publish_display_data(self._still(sample), transient=self._place, update=True)

    def _still(self, sample: Sample | None) -> dict[str, str]:
        return static_fallback(sample, self._name, replay=self._replay)
