"""A page on a machine so busy that anywidget gives its widgets up: their scripts come after the time that it waits."""

from __future__ import annotations

from contextlib import contextmanager

import pytest

from tests.browser.conftest import VIEWPORT, View, wait_for_charts
from tests.patience import PATIENCE, until

pytestmark = pytest.mark.browser

SHOW_AND_SEARCH = """
from procwidget import Dashboard
d = Dashboard(interval=1.0)
display(d)
d.filter = "python"
"""

GIVES_UP = """
const usual = AbortSignal.timeout.bind(AbortSignal);
window.gaveUp = 0;
AbortSignal.timeout = (milliseconds) => {
  if (milliseconds !== 2000) return usual(milliseconds);
  const now = new AbortController();
  queueMicrotask(() => { window.gaveUp += 1; now.abort(); });
  return now.signal;
};
"""
"""Has anywidget, which waits 2 s for a script, wait no time at all."""


@contextmanager
def impatient(chromium):
    """A page on which anywidget has given each widget up before its script is there."""
    context = chromium.new_context(viewport=VIEWPORT)
    context.set_default_timeout(PATIENCE * 1000)
    page = context.new_page()
    page.add_init_script(GIVES_UP)
    yield page
    assert page.evaluate("gaveUp") >= 2
    context.close()


def test_served_page_stays_live(chromium, served):
    """Figures go on after the charts have come, which is when the page's widgets become Jupyter's."""
    with impatient(chromium) as page:
        page.goto(served.url)
        view = View(page).wait()
        wait_for_charts(page)
        until(lambda: page.evaluate("gaveUp") >= 2)
        for _ in range(3):
            view.wait_for_others()


def test_notebook_shows_figures_and_hears_python(chromium, lab):
    """The table comes, is live, and shows what Python sets in the cell that shows it and later."""
    with impatient(chromium) as page:
        lab.open(page, [SHOW_AND_SEARCH, 'd.filter = "jupyter"'], "slow")
        lab.run(page, 0)
        view = View(page).wait()
        until(lambda: view.filter.input_value() == "python")
        view.wait_for_others()
        lab.run(page, 1)
        until(lambda: view.filter.input_value() == "jupyter")
        view.wait_for_others()
