"""What a row and a program answer, what ended, what is shown as a file, and the page's colours: in the real page."""

from __future__ import annotations

import csv
import itertools
import os
import re
import shutil
import signal
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.patience import PATIENCE, until

NUMBERS = itertools.count()
ENDED = """grid => [
    [...grid.querySelectorAll('[data-column="status"]')].filter(({ textContent }) => textContent === "ended").length,
    grid.textContent.includes("and 10 more ended"),
]"""


@pytest.fixture
def crew(children, tmp_path):
    """Starts some processes of one program that nothing else here runs; its name comes with them."""
    program = tmp_path / f"crew{next(NUMBERS)}x{os.getpid()}"
    shutil.copy(Path("/bin/sleep").resolve(), program)

    def start(count):
        return program.name, [children(program, "1000") for _ in range(count)]

    return start


def menu_of(row):
    """The menu of a row, opened by a right click."""
    row.locator('[data-column="name"]').click(button="right")
    menu = row.page.get_by_role("menu").filter(has=row.page.get_by_role("menuitem", name="Copy row"))
    expect(menu).to_be_visible()
    return menu


def test_a_row_has_a_menu_of_what_can_be_done_with_it(view, crew):
    """By pointer and by key: it filters, pins, copies and opens the dialog of a signal."""
    name, (first, other) = crew(2)
    view.show_only(name)
    expect(view.row(first.pid)).to_be_visible()
    view.page.evaluate("navigator.clipboard.writeText = async text => { window.copied = text; }")
    menu_of(view.row(first.pid)).get_by_role("menuitem", name="Copy PID").click()
    until(lambda: view.page.evaluate("window.copied") == str(first.pid))
    for child in (first, other):
        menu_of(view.row(child.pid)).get_by_role("menuitem", name="Pin to the top").click()
        until(lambda child=child: view.pids()[0] == child.pid)
        menu_of(view.row(child.pid)).get_by_role("menuitem", name="Unpin").click()
    view.row(first.pid).locator('[data-column="pid"]').click()
    view.page.keyboard.press("Shift+F10")
    view.page.get_by_role("menuitem", name="Hang up…").click()
    dialog = view.page.get_by_role("alertdialog")
    expect(dialog).to_contain_text(f"{name} ({first.pid})")
    dialog.get_by_role("button", name="Cancel").click()
    menu_of(view.row(other.pid)).get_by_role("menuitem", name=f"Filter to name {name}").click()
    expect(view.filter).to_have_value(re.compile(f'^name="?{name}"?$'))
    assert first.poll() is None and other.poll() is None


def test_a_program_with_all_its_processes_ends_with_two_clicks(view, crew):
    """In Apps: its row's button, and one confirmation that says how many there are and lists them."""
    name, started = crew(24)
    view.region.get_by_label("Show as").select_option("app")
    view.show_only(f"name={name}")
    view.grid.get_by_role("button", name=f"End {name} (24 processes)").click()
    dialog = view.page.get_by_role("alertdialog", name=f"End 24 {name} processes?")
    expect(dialog).to_contain_text(f"{name} ({started[-1].pid})")
    dialog.get_by_role("button", name="End processes").click()
    for child in started:
        assert child.wait(PATIENCE) == -signal.SIGTERM
    expect(view.outcome).to_contain_text("Ended")


def test_what_ended_is_quiet(view, crew):
    """Of twelve that end at once two have a line, and one line counts the others."""
    name, started = crew(12)
    view.show_only(name)
    expect(view.grid.locator("[data-pid]")).to_have_count(12)
    for child in started:
        child.kill()
    for child in started:
        child.wait()
    # Looked at in one go, for they stay for a moment only.
    until(lambda: view.grid.evaluate(ENDED) == [2, True])


def test_what_is_shown_can_be_saved(view, crew):
    """As a table with headings, of the rows that match in the columns that are shown."""
    name, started = crew(3)
    view.show_only(name)
    expect(view.grid.locator("[data-pid]")).to_have_count(3)
    view.region.get_by_role("button", name="Export", exact=True).click()
    with view.page.expect_download() as saved:
        view.page.get_by_role("menuitem", name="Save as CSV").click()
    with open(saved.value.path(), newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {int(row["pid"]) for row in rows} == {child.pid for child in started}
    assert {row["name"] for row in rows} == {name}


@pytest.mark.hosts("served")
def test_the_page_is_as_dark_as_one_likes_it(view):
    """As the system until somebody chooses; what was chosen is there after a reload."""
    view.page.emulate_media(color_scheme="dark")
    switch = view.region.get_by_role("button", name="Theme:")
    expect(switch).to_have_accessible_name("Theme: auto")
    colours = "getComputedStyle(document.querySelector('.pw-headline')).color"
    dark = view.page.evaluate(colours)
    switch.click()
    expect(switch).to_have_accessible_name("Theme: light")
    light = view.page.evaluate(colours)
    assert light != dark
    view.page.reload()
    expect(switch).to_have_accessible_name("Theme: light")
    assert view.page.evaluate(colours) == light


def test_a_preset_holds_columns_and_sorting(view):
    """One click shows what belongs to memory, another one brings back what one had."""
    headings = view.grid.get_by_role("columnheader")
    before = headings.all_inner_texts()
    view.region.get_by_role("button", name="View", exact=True).click()
    presets = view.page.get_by_role("group", name="View")
    presets.get_by_role("button", name="Memory", exact=True).click()
    expect(view.grid.get_by_role("columnheader", name="Memory", exact=True)).to_have_attribute(
        "aria-sort", "descending"
    )
    expect(view.grid.get_by_role("columnheader", name="Swap")).to_be_visible()
    if not presets.is_visible():
        view.region.get_by_role("button", name="View", exact=True).click()
    presets.get_by_role("button", name="Reset my view").click()
    until(lambda: headings.all_inner_texts() == before)
