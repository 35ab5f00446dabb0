"""A notebook through its life in JupyterLab: run again, cut, restarted, saved, opened without its kernel, exported."""

from __future__ import annotations

import json
import urllib.request
from contextlib import ExitStack

import nbformat
import pytest
from nbconvert import HTMLExporter
from playwright.sync_api import expect

from tests.browser.conftest import View, opened
from tests.browser.servers import TOKEN
from tests.kernel.look import POLLERS, Look
from tests.patience import until

SHOW = "from procwidget import Dashboard\nd = Dashboard(interval=0.5)\nd"
WIDGETS = "len(__import__('ipywidgets').widgets.widget._instances)"

pytestmark = pytest.mark.browser


def call(lab, path, method="GET"):
    """Ask the server's API, as somebody who has no page open does."""
    request = urllib.request.Request(
        f"{lab.url}/api/{path}", method=method, headers={"Authorization": f"token {TOKEN}"}
    )
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read() or b"null")


def session(lab, name):
    """The session of a notebook."""
    return next(one for one in call(lab, "sessions") if one["path"] == f"{name}.ipynb")


@pytest.fixture
def look_into(lab):
    """Opens a look at the dashboard `d` of a notebook; looks end with the test."""
    with ExitStack() as looks:

        def look(name):
            kernel = session(lab, name)["kernel"]["id"]
            return looks.enter_context(Look(lab.root.parent / "runtime" / f"kernel-{kernel}.json", "d"))

        yield look


@pytest.fixture(scope="module")
def tab(chromium, lab):
    """A notebook that stays open: what its first cell shows is new whenever that is run, and its second one goes on."""
    with opened(chromium) as (page, errors):
        lab.open(page, [SHOW, "while True: pass"], "life")
        yield page
        assert errors == []


def test_a_saved_notebook_shows_figures_without_its_kernel(lab, page):
    """Live, the still is hidden; without a kernel it stands where "model not found" was; run again, it hides again."""
    file = lab.root / "saved.ipynb"
    lab.open(page, [SHOW], "saved")
    lab.run(page, 0)
    View(page).wait()
    still = page.locator(".procwidget-fallback")
    expect(still).to_contain_text("CPU")
    expect(still.locator("td").first).to_be_attached()
    expect(still).to_be_hidden()
    page.keyboard.press("Control+s")
    until(lambda: "</td>" in file.read_text())
    call(lab, f"sessions/{session(lab, 'saved')['id']}", "DELETE")
    page.goto("about:blank")

    page.goto(f"{lab.url}/lab/workspaces/again/tree/saved.ipynb?token={TOKEN}&reset")
    expect(still).to_be_visible()
    expect(still.locator("td").first).to_be_visible()
    page.wait_for_timeout(2500)
    expect(page.get_by_text("model not found")).to_be_hidden()
    assert "model not found" not in page.locator(".jp-OutputArea").first.inner_text()

    exported, _ = HTMLExporter().from_notebook_node(nbformat.read(file, as_version=4))
    assert "Run this cell for live figures." in exported
    lab.run(page, 0)
    View(page).wait()
    expect(still).to_be_hidden()


@pytest.fixture
def saves_widgets(lab):
    """JupyterLab saves the state of widgets with notebooks."""
    settings = lab.root.parent / "settings" / "@jupyter-widgets" / "jupyterlab-manager" / "plugin.jupyterlab-settings"
    settings.parent.mkdir(parents=True)
    settings.write_text('{"saveState": true}')
    yield
    settings.unlink()
    settings.parent.rmdir()


def test_a_dashboard_saved_with_its_state_is_not_shown_as_if_it_lived(lab, page, saves_widgets):
    """Widgets that come back from the notebook, with no kernel, are hidden and the still stands; exported too."""
    file = lab.root / "state.ipynb"
    lab.open(page, [SHOW], "state")
    lab.run(page, 0)
    View(page).wait()
    expect(page.locator(".procwidget-fallback td").first).to_be_attached()
    page.keyboard.press("Control+s")
    until(lambda: "widget-state+json" in file.read_text() and "</td>" in file.read_text())
    call(lab, f"sessions/{session(lab, 'state')['id']}", "DELETE")
    page.goto("about:blank")

    page.goto(f"{lab.url}/lab/workspaces/state2/tree/state.ipynb?token={TOKEN}&reset")
    expect(page.locator(".procwidget.jupyter-widgets-disconnected")).to_be_attached()
    expect(page.locator(".procwidget-fallback td").first).to_be_visible()
    expect(page.locator(".procwidget")).to_be_hidden()
    shown = page.locator(".jp-OutputArea").first.inner_text()
    assert "Run this cell for live figures." in shown
    assert "not found" not in shown and "Error displaying widget" not in shown

    exported, _ = HTMLExporter().from_notebook_node(nbformat.read(file, as_version=4))
    assert "application/vnd.jupyter.widget-view+json" in exported
    page.route("**/*", lambda route: route.abort())
    page.set_content(exported, wait_until="domcontentloaded")
    expect(page.locator(".procwidget-fallback td").first).to_be_visible()
    assert "not found" not in page.locator("body").inner_text()


def test_a_kernel_that_somebody_else_restarted_is_told_and_the_cell_run_again_lives(lab, tab):
    """The page says what happened and does not look live; what is asked of it is refused with that sentence."""
    page = tab
    lab.run(page, 0)
    view = View(page).wait()
    kernel = session(lab, "life")["kernel"]["id"]
    call(lab, f"kernels/{kernel}/restart", "POST")
    happened = "The kernel was restarted: run the cell again for live figures."
    expect(view.region.locator(".pw-headline")).to_have_text(happened)
    expect(view.region.get_by_text("stale since").first).to_be_visible()
    end = view.grid.get_by_role("button", name="End ").first
    dialog = page.get_by_role("alertdialog")
    end.click()
    expect(dialog).to_contain_text(happened)
    dialog.get_by_role("button", name="Cancel").click()

    lab.run(page, 0)
    view.wait()
    expect(view.region).to_have_count(1)
    expect(view.region.locator(".pw-headline")).not_to_have_text(happened)
    # The kernel hears this page again: it answers what is asked.
    end.click()
    expect(dialog.get_by_role("button", name="End process")).to_be_enabled(timeout=60_000)
    dialog.get_by_role("button", name="Cancel").click()


def test_cleared_output_leaves_no_poller_and_the_cell_starts_one(lab, tab, look_into):
    """An output that was cleared is nobody; run, interrupted and run again, there is one poller."""
    page = tab
    lab.run(page, 0)
    view = View(page).wait()
    kernel = session(lab, "life")["kernel"]["id"]
    look = look_into("life")
    page.locator(".jp-Notebook .jp-CodeCell .jp-InputPrompt").first.click()
    page.get_by_role("menuitem", name="Edit", exact=True).click()
    page.get_by_role("menuitem", name="Clear Cell Output", exact=True).click()
    expect(view.region).to_have_count(0)
    until(lambda: look(POLLERS) == 0)
    lab.run(page, 0)
    view.wait()
    lab.run(page, 1)
    expect(page.locator('.jp-Notebook-ExecutionIndicator[data-status="busy"]')).to_be_attached()
    call(lab, f"kernels/{kernel}/interrupt", "POST")
    expect(page.get_by_text("KeyboardInterrupt").first).to_be_visible()
    lab.run(page, 0)
    view.wait()
    expect(view.region).to_have_count(1)
    until(lambda: look(POLLERS) == 1)


def test_run_again_cut_and_restarted_there_is_never_a_second_poller(lab, tab, look_into):
    """Two runs leave one poller and one set of widgets; without its cell it rests; a restart starts anew."""
    page = tab
    lab.run(page, 0)
    view = View(page).wait()
    look = look_into("life")
    widgets = look(WIDGETS)
    lab.run(page, 0)
    view.wait()
    expect(view.region).to_have_count(1)
    until(lambda: look(WIDGETS) == widgets)
    until(lambda: look(POLLERS) == 1)
    page.locator(".jp-Notebook .jp-CodeCell .jp-InputPrompt").first.click()
    page.keyboard.press("d")
    page.keyboard.press("d")
    expect(view.region).to_have_count(0)
    until(lambda: look(POLLERS) == 0)
    page.keyboard.press("z")
    page.get_by_role("button", name="Restart the kernel", exact=True).click()
    page.get_by_role("button", name="Confirm Kernel Restart").click()
    page.wait_for_selector('.jp-Notebook-ExecutionIndicator[data-status="idle"]')
    lab.run(page, 0)
    view.wait()
    expect(view.region).to_have_count(1)
