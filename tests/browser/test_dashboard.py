"""The dashboard in real JupyterLab and as a real served page: what a user sees and does."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import View, number

SHOW = "from procwidget import Dashboard\nd = Dashboard(interval=1.0)\nd"
SPIN = "while True: pass"


@pytest.fixture(params=["lab", "served"])
def view(request, page):
    """The dashboard, once in JupyterLab and once as a page."""
    if request.param == "lab":
        lab = request.getfixturevalue("lab")
        lab.open(page, [SHOW], request.node.name.split("[")[0])
        lab.run(page, 0)
    else:
        page.goto(request.getfixturevalue("served").url)
    return View(page).wait()


def test_figures_move(view):
    """Meters, charts and the table show figures, and they change."""
    meter = view.meter("CPU")
    seen = set()
    deadline = time.monotonic() + 20
    while len(seen) < 3:
        assert time.monotonic() < deadline, seen
        seen.add(meter.get_attribute("aria-valuenow"))
        time.sleep(0.3)
    assert 0 < number(view.meter("Memory").get_attribute("aria-valuenow")) < 100
    assert view.region.locator(".bqplot path.line").count() >= 4
    assert view.cell(view.pids()[0], "memory").inner_text().strip()


def test_sorting_by_any_column(view, children):
    """A click on a header sorts; a second click turns the order; aria-sort says so."""
    header = view.grid.get_by_role("columnheader", name="Memory")
    header.click()
    expect(header).to_have_attribute("aria-sort", "descending")
    view.page.mouse.move(0, 0)
    time.sleep(1.5)
    shown = view.grid.locator('[data-pid] [data-column="memory"]').all_inner_texts()[:8]
    assert [mebibytes(text) for text in shown] == sorted(map(mebibytes, shown), reverse=True), shown
    pid_header = view.grid.get_by_role("columnheader", name="PID", exact=True)
    pid_header.click()
    first = pid_header.get_attribute("aria-sort")
    pids = view.pids()
    assert pids == sorted(pids, reverse=first == "descending")
    pid_header.click()
    assert pid_header.get_attribute("aria-sort") != first


def mebibytes(text):
    """What a cell such as "1.2 GiB" says."""
    return number(text) * {"KiB": 1 / 1024, "MiB": 1, "GiB": 1024}[text.split()[-1]]


def test_filter_by_typing(view, children):
    """Typing keeps the rows that match, and the count says how many of how many."""
    child = children("sleep", "98765.25")
    expect(view.row(child.pid).or_(view.grid)).to_be_visible()
    view.show_only("98765.25")
    expect(view.row(child.pid)).to_be_visible()
    expect(view.region.get_by_text("1 of ")).to_be_visible()
    view.show_only("no process is called this")
    expect(view.grid.locator("[data-pid]")).to_have_count(0)
    view.show_only("")
    expect(view.grid.locator("[data-pid]").nth(5)).to_be_visible()


def test_a_child_is_ended_by_clicks_and_is_really_gone(view, children):
    """Button, confirmation that names it, outcome in words; the process is gone."""
    child = children("sleep", "98765.5")
    view.show_only("98765.5")
    view.row(child.pid).get_by_role("button", name=f"End sleep ({child.pid})").click()
    dialog = view.page.get_by_role("alertdialog", name=f"End sleep ({child.pid})?")
    expect(dialog).to_be_visible()
    assert child.poll() is None
    dialog.get_by_role("button", name="End process").click()
    expect(view.outcome).to_contain_text(f"Ended sleep ({child.pid})")
    assert child.wait(5) == -15
    expect(view.row(child.pid)).to_have_count(0)


def test_a_child_that_ignores_the_signal_is_killed_by_a_second_confirmation(view, children):
    """After five seconds the dialog offers to force it, and that works."""
    code = "import signal, time; signal.signal(15, signal.SIG_IGN); print('ready', flush=True); time.sleep(98765.75)"
    child = children(sys.executable, "-c", code, stdout=subprocess.PIPE)
    assert child.stdout.readline() == b"ready\n"
    view.show_only("98765.75")
    view.row(child.pid).get_by_role("button", name="End ").click()
    dialog = view.page.get_by_role("alertdialog")
    dialog.get_by_role("button", name="End process").click()
    force = dialog.get_by_role("button", name="Force kill")
    expect(force).to_be_visible()
    expect(force).to_be_enabled()
    assert child.poll() is None
    force.click()
    expect(view.outcome).to_contain_text(f"({child.pid})")
    assert child.wait(5) == -9


def test_cancel_ends_nothing(view, children):
    """Escape and Cancel close the dialog, and the process lives."""
    child = children("sleep", "98765.125")
    view.show_only("98765.125")
    view.row(child.pid).get_by_role("button", name="End ").click()
    dialog = view.page.get_by_role("alertdialog")
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_have_count(0)
    view.row(child.pid).get_by_role("button", name="End ").click()
    expect(dialog).to_be_visible()
    view.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert child.poll() is None


def test_a_busy_child_turns_its_row_critical(view, children):
    """A process that takes a whole core is marked, by level and by more than colour."""
    child = children(sys.executable, "-c", SPIN + "  # spin-98765")
    view.show_only("spin-98765")
    expect(view.row(child.pid)).to_have_attribute("data-level", "critical", timeout=30_000)
    expect(view.cell(child.pid, "cpu")).to_have_attribute("data-level", "critical")


def test_a_hostile_name_is_text(view, children, tmp_path):
    """A process named like markup, with ESC, bidi and undecodable bytes, shows as text and does nothing."""
    name = b"<img src=x onerror=document.title='owned'>\x1b[31m\xe2\x80\xaeabc\xff"
    child = subprocess.Popen([name, "98765.875"], executable="/bin/sleep")
    try:
        view.show_only("98765.875")
        command = view.cell(child.pid, "command")
        expect(command).to_contain_text("<img src=x onerror=")
        text = command.inner_text()
        assert not set(text) & {"\x1b", "\u202e", "\udcff"}
        assert view.page.title() != "owned"
        assert view.region.locator("img").count() == 0
    finally:
        child.kill()
        child.wait()


def test_pause_stops_the_figures_and_resume_goes_on(view):
    """While paused nothing moves and the button says so; afterwards figures are current."""
    pause = view.region.get_by_role("button", name="Pause")
    pause.click()
    expect(pause).to_have_attribute("aria-pressed", "true")
    time.sleep(0.5)
    text = view.region.inner_text()
    paths = view.region.locator(".bqplot:visible path.line").evaluate_all("all => all.map(p => p.getAttribute('d'))")
    time.sleep(4)
    assert view.grid.inner_text() in text or view.region.inner_text() == text
    assert (
        view.region.locator(".bqplot:visible path.line").evaluate_all("all => all.map(p => p.getAttribute('d'))")
        == paths
    )
    pause.click()
    expect(pause).to_have_attribute("aria-pressed", "false")
    deadline = time.monotonic() + 15
    while view.region.inner_text() == text:
        assert time.monotonic() < deadline
        time.sleep(0.3)


def test_the_interval_can_be_changed(view):
    """Choosing another interval changes how often figures come."""
    choice = view.region.get_by_label("Update every")
    choice.select_option("5")
    time.sleep(1)
    expect(choice).to_have_value("5")
    choice.select_option("1")
    expect(choice).to_have_value("1")


def test_a_narrow_window_has_one_column(view):
    """At 400 px nothing sticks out sideways; JupyterLab's own sidebars need the rest of its window."""
    served = view.page.locator(".jp-NotebookPanel").count() == 0
    view.page.set_viewport_size({"width": 400 if served else 800, "height": 800})
    time.sleep(1.5)
    overflow = view.region.evaluate("region => region.scrollWidth - region.clientWidth")
    assert overflow <= 1
    boxes = [box.bounding_box() for box in view.region.locator(".procwidget-charts .bqplot").all()]
    assert len({round(box["x"]) for box in boxes}) == 1


def test_end_and_filter_work_while_a_cell_computes(lab, page, children):
    """In JupyterLab a cell computes for ten seconds; meanwhile the filter answers and a process is ended."""
    lab.open(
        page,
        [SHOW, "import time\nend = time.monotonic() + 10\nwhile time.monotonic() < end: pass\nprint('computed')"],
        "busy",
    )
    lab.run(page, 0)
    view = View(page).wait()
    child = children("sleep", "98765.375")
    view.show_only("98765.375")
    expect(view.row(child.pid)).to_be_visible()
    lab.run(page, 1)
    began = time.monotonic()
    time.sleep(1)
    view.show_only("")
    expect(view.grid.locator("[data-pid]").nth(5)).to_be_visible()
    view.show_only("98765.375")
    view.row(child.pid).get_by_role("button", name="End ").click()
    page.get_by_role("alertdialog").get_by_role("button", name="End process").click()
    assert child.wait(8) == -15
    assert time.monotonic() - began < 9.5, "the cell had ended before the process did"
    assert not page.get_by_text("computed", exact=True).is_visible()
    expect(page.get_by_text("computed", exact=True)).to_be_visible()


def test_five_hundred_processes_start_and_end_while_the_page_is_open(served, page, children):
    """A storm of processes: no error, no missed tick, and the table follows within two ticks."""
    page.goto(served.url)
    view = View(page).wait()
    view.region.get_by_label("Update every").select_option("1")
    view.show_only("98766")
    time.sleep(2)
    started = [children("sleep", "98766") for _ in range(500)]
    expect(view.region.get_by_text("500 of ")).to_be_visible(timeout=8_000)
    assert len(view.pids()) < 100, "the table is not virtual"
    for child in started:
        child.kill()
    for child in started:
        child.wait()
    expect(view.grid.locator("[data-pid]")).to_have_count(0, timeout=8_000)
    assert "stale" not in view.region.inner_text()


def test_the_served_page_needs_no_network(served, chromium):
    """Nothing is asked from any other host."""
    context = chromium.new_context()
    page = context.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(served.url)
    View(page).wait()
    context.close()
    port = served.url.split("/")[2]
    assert [url for url in asked if not url.startswith(("data:", "blob:")) and url.split("/")[2] != port] == []
