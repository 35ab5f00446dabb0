"""What axe-core finds in the dashboard: nothing, in JupyterLab and as a page, light and dark, with each part open."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SHOW, View, anew_in_notebook
from tests.browser.servers import Lab, Served, stop_server

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
FINDINGS = """async region => (await axe.run(region, { resultTypes: ["violations"] })).violations.flatMap(
    rule => rule.nodes.map(node => `${rule.id}: ${node.html.slice(0, 160)} ${node.failureSummary}`))"""


NIGHTLY = pytest.mark.nightly


@pytest.fixture(
    params=[
        *("lab-light", "served-dark"),
        *(pytest.param("lab-dark", marks=NIGHTLY), pytest.param("served-light", marks=NIGHTLY)),
    ]
)
def view(request, tmp_path):
    """The dashboard in a place and a theme, all four at night; the dark ones have servers of their own."""
    assert AXE.is_file(), "axe-core comes with `npm ci`"
    place, theme = request.param.split("-")
    own = None
    if place == "served":
        page = request.getfixturevalue("page")
        served = request.getfixturevalue("served")
        if theme == "dark":
            served = own = Served(tmp_path, "--theme", "dark")
        page.goto(served.url)
        view = View(page).wait()
    elif theme == "dark":
        page, own = request.getfixturevalue("page"), Lab(tmp_path / "lab", theme="JupyterLab Dark")
        own.open(page, [SHOW], "axe")
        own.run(page, 0)
        view = View(page).wait()
    else:
        page, _ = request.getfixturevalue("notebook")
        view = anew_in_notebook(page, request.getfixturevalue("lab"))
    page.evaluate(AXE.read_text(encoding="utf-8"))
    yield view
    if own is not None:
        page.goto("about:blank")
        stop_server(own.process)


def choose(view, kind):
    """Show the table as a list, a tree or groups."""
    view.region.get_by_label("Show as").select_option(kind)


def plain(view, child):
    view.show_only("")


def mistake(view, child):
    view.show_only("memry>1g")
    expect(view.filter).to_have_attribute("aria-invalid", "true")


def completions(view, child):
    view.show_only("")
    view.filter.type("us")
    expect(view.region.get_by_role("listbox")).to_be_visible()


def nothing_found(view, child):
    view.show_only("no process is called this")
    expect(view.grid.locator("[data-pid]")).to_have_count(0)


def one_question(view, child):
    view.show_only("76543.25")
    expect(view.grid.locator("[data-pid]")).to_have_count(2)
    view.row(child.pid).get_by_role("button", name="End ").click()
    expect(view.page.get_by_role("alertdialog").get_by_role("button", name="End process")).to_be_enabled()


def selection(view, child):
    view.page.get_by_role("alertdialog").get_by_role("button", name="Cancel").click()
    view.grid.get_by_role("checkbox", name="Select all shown").click()
    expect(view.region.get_by_role("status", name="Selection")).to_have_text("2 selected")


def actions_menu(view, child):
    view.region.get_by_role("button", name="Actions").click()
    expect(view.region.get_by_role("menuitem", name="Renice…")).to_be_visible()


def confirmation(view, child):
    view.region.get_by_role("menuitem", name="End…").click()
    expect(view.page.get_by_role("alertdialog").get_by_role("button", name="End processes")).to_be_enabled()


def outcome(view, child):
    # A question expires after ten seconds, and axe may look at it for longer: so ask once more.
    view.page.get_by_role("alertdialog").get_by_role("button", name="Cancel").click()
    actions_menu(view, child)
    confirmation(view, child)
    view.page.get_by_role("alertdialog").get_by_role("button", name="End processes").click()
    expect(view.outcome).to_contain_text(f"Ended sleep ({child.pid})")


def tree(view, child):
    view.show_only("")
    choose(view, "tree")
    expect(view.grid.get_by_role("row", expanded=True).first).to_be_visible()


def groups(view, child):
    choose(view, "user")
    expect(view.grid.get_by_role("row", expanded=False).first).to_be_visible()


def details(view, child):
    choose(view, "list")
    view.grid.locator("[data-pid]").first.locator('[data-column="name"]').dblclick()
    expect(view.region.get_by_role("region", name="Details of ").get_by_text("Threads", exact=True)).to_be_visible()


def panels(view, child):
    buttons = view.region.get_by_role("group", name="Panels").get_by_role("button")
    for place in range(buttons.count()):
        buttons.nth(place).click()
    expect(view.region.get_by_role("columnheader", name="Mounted on")).to_be_visible()


def row_menu(view, child):
    view.grid.locator("[data-pid]").first.locator('[data-column="cpu"]').click(button="right")
    expect(view.region.get_by_role("menu", name="Menu of ")).to_be_visible()


def columns_menu(view, child):
    view.region.get_by_role("button", name="Columns", exact=True).click()
    expect(view.region.get_by_role("group", name="Columns")).to_be_visible()


def keys_help(view, child):
    view.region.get_by_role("button", name="Keys", exact=True).click()
    expect(view.page.get_by_role("dialog", name="Keys")).to_be_visible()


def large_chart(view, child):
    view.page.keyboard.press("Escape")
    chart = view.region.get_by_role("group", name="CPU over time")
    chart.get_by_role("button", name="each core").or_(chart.get_by_role("button", name="busiest core")).click()
    chart.get_by_role("button", name="Large chart of CPU").click()
    chart.hover()
    expect(view.region.get_by_role("tooltip")).to_be_visible()


def no_charts(view, child):
    view.region.get_by_label("Chart span").select_option("no charts")
    expect(view.region.get_by_role("group", name="CPU over time")).to_be_hidden()


PARTS = (
    *(plain, mistake, completions, nothing_found, one_question, selection, actions_menu, confirmation, outcome),
    *(tree, groups, details, row_menu, panels, columns_menu, large_chart, no_charts, keys_help),
)


def test_axe_finds_nothing(view, children):
    """No rule of axe-core is broken inside the dashboard, whatever of it is open; no rule is left out."""
    child, *_ = [children("sleep", "76543.25", *["0s"] * 300) for _ in range(2)]
    found = []
    for part in PARTS:
        part(view, child)
        found += [f"{part.__name__}: {finding}" for finding in view.region.evaluate(FINDINGS)]
    assert not found, "\n".join(found)
