"""Groups, panels and what survives a view, in real JupyterLab and on a real served page."""

from __future__ import annotations

import itertools
import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SHOW, View, scroll_to
from tests.patience import until

COVERED = """panel => {
    const { left, right, top, bottom } = panel.getBoundingClientRect();
    const corners = [[left + 3, top + 3], [right - 3, top + 3], [left + 3, bottom - 3], [right - 3, bottom - 3]];
    return corners.filter(([x, y]) => !panel.contains(document.elementFromPoint(x, y)));
}"""


def test_a_groups_box_selects_all_in_it(view, children):
    """One click on a group's box selects its processes; while some of them are selected it is half checked."""
    started = [children("sleep", "65432.25") for _ in range(3)]
    view.show_only("65432.25")
    expect(view.grid.locator("[data-pid]")).to_have_count(3)
    view.region.get_by_label("Show as").select_option("name")
    box = view.grid.get_by_role("checkbox", name="Select all of sleep")
    box.click()
    selection = view.region.get_by_role("status", name="Selection")
    expect(selection).to_have_text("3 selected")
    view.row(started[0].pid).get_by_role("checkbox").click()
    expect(selection).to_have_text("2 selected")
    expect(box).to_be_checked(indeterminate=True)
    box.click()
    expect(selection).to_have_text("3 selected")


@pytest.mark.hosts("lab", "served")
@pytest.mark.parametrize("height", [800, 420])
def test_panels_are_seen_whole_or_scrolled(view, height):
    """Neither a short window nor a notebook's output cuts off the columns, and the last of them can be reached."""
    view.page.set_viewport_size({"width": 1280, "height": height})
    view.region.get_by_role("button", name="Columns", exact=True).click()
    panel = view.region.get_by_role("group", name="Columns")
    expect(panel).to_be_in_viewport(ratio=1)
    assert panel.evaluate(COVERED) == []
    last = panel.get_by_role("button", name="Usual columns")
    last.scroll_into_view_if_needed()
    expect(last).to_be_in_viewport(ratio=1)
    last.click()
    view.page.keyboard.press("Escape")
    expect(panel).to_be_hidden()


def test_a_panel_has_figures_while_it_is_open(view):
    """Opened, it has a table with headings at once, and its figures move; closed, it is gone and the focus is kept."""
    opener = view.region.get_by_role("group", name="Panels").get_by_role("button", name="Memory", exact=True)
    panel = view.region.get_by_role("region", name="Memory panel")
    expect(panel).to_have_count(0)
    opener.click()
    expect(panel.get_by_role("columnheader", name="Size")).to_be_visible()
    used = panel.get_by_role("row").filter(has=view.page.get_by_role("rowheader", name="Used", exact=True))
    expect(used.get_by_role("cell").first).to_contain_text("iB")
    expect(opener).to_have_attribute("aria-expanded", "true")
    cpu = view.region.get_by_role("group", name="Panels").get_by_role("button", name="CPU", exact=True)
    cpu.click()
    switches = view.region.get_by_role("region", name="CPU panel").locator("dl > div", has_text="Context switches")
    before = switches.inner_text()
    until(lambda: switches.inner_text() != before)
    cpu.click()
    panel.get_by_role("button", name="Close Memory").click()
    expect(panel).to_have_count(0)
    expect(opener).to_be_focused()


def test_the_pointer_over_the_table_moves_nothing(view):
    """That the order is held is said without moving the rows, also where the line above them is full."""
    view.region.get_by_label("Show as").select_option("name")
    line = view.grid.get_by_role("row", expanded=False).first
    scroll_to(line)
    before = view.grid.bounding_box()
    line.hover()
    expect(view.region.locator(".pw-hint")).to_have_text(re.compile("Order held|not shown in order"))
    assert view.grid.bounding_box() == before


def test_a_mistake_is_the_only_thing_said(view):
    """Where nothing matched and then there is a mistake, nothing is said of matches; before, the tip is."""
    view.filter.focus()
    expect(view.region.get_by_text("Words, or cpu>50", exact=False)).to_be_visible()
    none = view.region.get_by_text("No process matches the filter.")
    view.show_only("no process is called this")
    expect(none).to_be_visible()
    view.show_only("no process is called this memry>1g")
    expect(none).to_be_hidden()
    view.show_only("no process is called this")
    expect(none).to_be_visible()


def test_the_next_view_has_the_same_details_open(lab, page):
    """Shown again in another cell, the dashboard looks at the same process and follows it, and takes no focus."""
    lab.open(page, [SHOW, "d"], "views")
    lab.run(page, 0)
    view = View(page).wait()
    view.grid.locator('[data-pid] [data-column="name"]').first.dblclick()
    details = view.region.get_by_role("region", name="Details of ")
    name = details.get_attribute("aria-label")
    details.get_by_role("button", name="Follow ").click()
    lab.run(view.page, 1)
    expect(view.region).to_have_count(2)
    again = view.region.nth(1).get_by_role("region", name=name)
    expect(again).to_be_visible()
    expect(again.get_by_role("button", name="Follow ")).to_have_attribute("aria-pressed", "true")
    assert not again.evaluate("panel => panel.contains(document.activeElement)")


@pytest.mark.parametrize("view", ["served"], indirect=True)
@pytest.mark.parametrize("kind", ["list", "tree", "user"])
def test_nothing_is_out_of_sight_sideways_where_there_is_little_room(view, kind):
    """At 400 px names, figures and the buttons that end a process are all in sight, in each way to show the table."""
    view.page.set_viewport_size({"width": 400, "height": 800})
    view.region.get_by_label("Show as").select_option(kind)
    if kind != "list":
        view.region.get_by_role("button", name="Expand all").click()
    expect(view.grid.get_by_role("columnheader", name="User")).to_have_count(0)
    button = view.grid.get_by_role("button", name="End ").first

    def whole_button_is_in_sight():
        # Which row is the first, and how tall the head is, changes with what the machine does.
        scroll_to(button)
        box, page = button.bounding_box(), view.page.viewport_size
        return box and box["x"] >= 0 and box["x"] + box["width"] <= page["width"] and 0 <= box["y"] < page["height"]

    until(whole_button_is_in_sight)
    panels = view.region.get_by_role("group", name="Panels")
    expect(panels).to_be_hidden()
    view.region.get_by_role("button", name="More", exact=True).click()
    for made in view.page.locator(".pw-bar button, .pw-bar select, .pw-bar input").all():
        box = made.bounding_box()
        assert box is None or (box["x"] >= 0 and box["x"] + box["width"] <= 400), made.inner_text()
    expect(panels.get_by_role("button", name="Sensors")).to_be_in_viewport(ratio=1)
    overflow = view.grid.locator(".pw-scroll").evaluate("box => box.scrollWidth - box.clientWidth")
    assert overflow <= 0


IN_SIGHT = """() => {
    const { bottom } = document.querySelector(".pw-scroll").getBoundingClientRect();
    return [...document.querySelectorAll(".pw-body > .pw-row")].filter(row => {
        const box = row.getBoundingClientRect();
        return box.top >= 0 && box.bottom <= Math.min(bottom, window.innerHeight) + 1;
    }).length;
}"""
BEYOND = """() => {
    const page = document.scrollingElement;
    return [page.scrollWidth - page.clientWidth, page.scrollHeight - page.clientHeight];
}"""
SCROLLS = """() => [...document.querySelectorAll("*")].filter(one => one.scrollHeight > one.clientHeight + 1
    && /auto|scroll/.test(getComputedStyle(one).overflowY)).map(one => one.className || one.id || one.tagName)"""


@pytest.mark.hosts("served")
def test_the_page_fills_the_window_and_nothing_but_its_table_scrolls(view, children):
    """The table takes the height that is left, from a phone to a large screen; a zoom of 200 % halves a window."""
    for _ in range(40):
        children("sleep", "65431.25")
    for width, height, rows in ((1280, 800, 20), (1920, 1080, 30), (400, 800, 20), (640, 400, 6)):
        view.page.set_viewport_size({"width": width, "height": height})
        until(lambda rows=rows: view.page.evaluate(IN_SIGHT) >= rows)
        until(lambda: set(view.page.evaluate(SCROLLS)) <= {"pw-scroll"})
        foot = view.region.locator(".pw-foot").bounding_box()
        assert height - 12 <= foot["y"] + foot["height"] <= height
        assert view.page.evaluate(BEYOND) == [0, 0]
        for name in ("CPU", "Memory"):
            expect(view.meter(name)).to_be_in_viewport(ratio=1)


@pytest.mark.hosts("served")
def test_the_toolbar_is_one_line_from_640_px_on(view):
    """None of its controls covers another or is pushed out, in a window as wide as a tablet or as a notebook's cell.

    With a tree's buttons and a filter's count there may be two lines, and still nothing is covered.
    """
    boxes = """bar => [...bar.querySelectorAll("button, select, input")].map(one => one.getBoundingClientRect())
        .filter(box => box.width).map(({ left, right, top }) => [left, right, top]).sort((a, b) => a[0] - b[0])"""
    for width in (640, 800):
        view.page.set_viewport_size({"width": width, "height": 800})
        found = view.page.locator(".pw-tools").evaluate(boxes)
        covered = [pair for pair in itertools.pairwise(found) if pair[0][1] > pair[1][0] + 0.5]
        assert covered == []
        assert found[-1][1] <= width
        assert max(box[2] for box in found) - min(box[2] for box in found) < 4
    view.region.get_by_label("Show as").select_option("tree")
    view.filter.fill("e")
    expect(view.page.locator(".pw-count[data-part]")).to_have_count(1)
    for width in (800, 850, 1000, 1150, 1280):
        view.page.set_viewport_size({"width": width, "height": 800})
        found = view.page.locator(".pw-tools").evaluate(boxes)
        assert max(right for _, right, _ in found) <= width
        lines = [[box for box in found if (box[2] - found[0][2] < 20) is first] for first in (True, False)]
        pairs = [pair for line in lines for pair in itertools.pairwise(line)]
        # The buttons of one group share their edges.
        assert [pair for pair in pairs if pair[0][1] > pair[1][0] + 1.5] == []


@pytest.mark.hosts("served")
def test_with_colours_of_the_users_own_it_is_seen_what_is_chosen(view):
    """In forced colours the way to show the table, the bars, and what is new stand out as without them."""
    view.page.emulate_media(forced_colors="active")
    kinds = view.region.get_by_role("group", name="Rows are")
    background = "one => getComputedStyle(one).backgroundColor"
    chosen = kinds.get_by_role("button", name="Processes").evaluate(background)
    assert chosen != kinds.get_by_role("button", name="Apps").evaluate(background)
    bar = view.grid.locator(".pw-row:not(.pw-ended) > .pw-bar-cell").first
    assert "linear-gradient" in bar.evaluate("one => getComputedStyle(one).backgroundImage")
    # A row is new for seconds only, and this is about how it looks.
    edge = "one => { one.classList.add('pw-new'); return getComputedStyle(one.firstElementChild).borderLeftWidth; }"
    assert view.grid.locator(".pw-body > .pw-row:not(.pw-ended)").first.evaluate(edge) == "3px"


@pytest.mark.hosts("lab")
def test_a_notebook_remembers_its_users_view(view, lab):
    """In whatever browser: the kernel keeps it in a file, and the next dashboard begins so; a reset forgets it."""
    choice = view.region.get_by_label("Show as")
    expect(choice).to_have_value("list")
    choice.select_option("tree")
    until(lambda: lab.kept_view.exists())
    view.page.evaluate("localStorage.clear()")
    lab.run(view.page, 0)
    again = View(view.page).wait()
    expect(again.region.get_by_label("Show as")).to_have_value("tree")
    again.region.get_by_role("button", name="View", exact=True).click()
    again.region.get_by_role("button", name="Reset my view").click()
    expect(again.region.get_by_label("Show as")).to_have_value("list")
    until(lambda: not lab.kept_view.exists())


@pytest.mark.hosts("lab")
def test_a_notebook_shows_processes_without_scrolling(view):
    """At 1280 × 800, beside the file browser: the sentence, the meters and at least eight rows."""
    expect(view.region.get_by_role("status", name="State")).to_be_in_viewport(ratio=1)
    for name in ("CPU", "Memory", "Swap"):
        expect(view.meter(name)).to_be_in_viewport(ratio=1)
    until(lambda: view.page.evaluate(IN_SIGHT) >= 8)
    assert view.page.locator(".jp-WindowedPanel-outer").first.evaluate("box => box.scrollTop") == 0
