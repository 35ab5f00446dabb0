"""Keys typed in the dashboard stay in it: JupyterLab's command mode takes none of them."""

from __future__ import annotations

import os
import string

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SHOW, View, opened

KINDS = "jp-CodeCell jp-MarkdownCell jp-RawCell jp-mod-selected"
LOOK = f"""() => ({{
    focused: document.activeElement?.closest('[role=region][aria-label="Process monitor"]') !== null,
    dialogs: document.querySelectorAll('.jp-Dialog').length,
    cells: [...document.querySelectorAll('.jp-Notebook .jp-Cell')].map(cell => [
        '{KINDS}'.split(' ').filter(name => cell.classList.contains(name)).join(),
        cell.querySelector('.jp-InputPrompt')?.textContent,
        cell.querySelector('.cm-content')?.textContent])
}})"""
RESUME = """region => {
    region.querySelector('.pw-moment:not([hidden]) .pw-moment-live')?.click();
    region.querySelector('[aria-pressed=true].pw-pause')?.click();
}"""
TYPED = string.ascii_lowercase + string.digits
KEYS = [
    # Twice each: "d d" deletes a cell, "0 0" restarts the kernel.
    *(key for letter in TYPED for key in (letter, letter)),
    *(f"Shift+{letter}" for letter in string.ascii_uppercase),
    *("Backspace", "Space", "Shift+Space", "-", "+", "*", "Shift+Enter", "Control+Enter", "Alt+Enter"),
    *("ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "Shift+ArrowUp", "Shift+ArrowDown", "Home", "End"),
    *("Control+Shift+ArrowUp", "Control+Shift+ArrowDown", "Control+Backspace", "Control+Shift+M", "Shift+End"),
    *("Enter", "F2", "Delete", "Escape", "PageDown", "PageUp"),
]


def cell(view):
    """A cell of the first row."""
    view.grid.locator('[data-pid] [data-column="status"]').first.click()


def end_button(view):
    """The button of a row, which has the focus and was not pressed."""
    view.grid.locator("[data-pid] .pw-end").first.focus()


def checkbox(view):
    """The box of a row."""
    view.grid.locator("[data-pid]").get_by_role("checkbox").first.focus()


def heading(view):
    """A heading of the table."""
    view.grid.get_by_role("columnheader", name="Memory").click()


def details(view):
    """The panel of one process."""
    view.grid.locator('[data-pid] [data-column="name"]').first.dblclick()
    panel = view.region.locator(".pw-details")
    expect(panel).to_be_visible()
    panel.locator(".pw-details-title").click()


def pause(view):
    """A button of the summary."""
    view.region.get_by_role("button", name="Pause").focus()


def interval(view):
    """A list to choose from."""
    view.region.get_by_label("Update every").focus()


def meter(view):
    """A part of the summary that does not take the focus."""
    view.meter("CPU").click()


def chart(view):
    """A chart's figure."""
    view.region.locator(".bqplot").first.click()


def chart_heading(view):
    """The words over a chart."""
    view.region.locator(".procwidget-chart .pw-axis-from").first.click()


def help_of_keys(view):
    """The dialog with the keys."""
    view.region.get_by_role("button", name="Keys").click()


def columns(view):
    """The panel with the columns."""
    view.region.get_by_role("button", name="Columns", exact=True).click()


AREAS = [
    cell,
    end_button,
    checkbox,
    heading,
    details,
    pause,
    interval,
    meter,
    chart,
    chart_heading,
    help_of_keys,
    columns,
]


def notebook_of(page):
    """The notebook's cells, what it asks, and whether the dashboard has the focus."""
    return page.evaluate(LOOK)


@pytest.fixture(scope="module")
def shown(chromium, lab):
    """A dashboard between two other cells of a notebook."""
    with opened(chromium) as (page, errors):
        lab.open(page, ["before = 1", SHOW, "after = 1"], "keys")
        lab.run(page, 1)
        yield View(page).wait()
        assert errors == []


@pytest.mark.parametrize("area", AREAS, ids=lambda area: area.__name__)
def test_no_key_reaches_the_notebook(shown, children, area):
    """Letters and digits twice each, with Shift, and the other keys of command mode change nothing around it."""
    page = shown.page
    # Whatever a key may start, it is about processes of this test, also where another run of it goes on beside it.
    ours = f"54321.{os.getpid()}"
    for _ in range(2):
        children("sleep", ours)
    # Keys of the test before may have paused the page, led to the past or scrolled it: then nothing new is shown.
    shown.region.evaluate(RESUME)
    shown.grid.scroll_into_view_if_needed()
    shown.show_only(ours)
    expect(shown.grid.locator("[data-pid]")).to_have_count(2)
    area(shown)
    before = notebook_of(page)
    assert before["focused"] and len(before["cells"]) == 3 and not before["dialogs"]
    for key in KEYS:
        page.keyboard.press(key)
        assert notebook_of(page) == before, f"{key} reached the notebook"
    # Zero twice would ask whether to restart the kernel, a moment later.
    page.wait_for_timeout(500)
    assert notebook_of(page) == before
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    shown.region.evaluate(RESUME)
