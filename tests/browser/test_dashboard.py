"""The dashboard in real JupyterLab and as a real served page: what a user sees and does."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SHOW, View, number
from tests.patience import PATIENCE, until

# On each core, and without Python's lock: a row is measured against all of them.
SPIN = """
import hashlib, os, threading
def spin():
    while True:
        hashlib.pbkdf2_hmac("sha256", b"", b"", 100_000)
for _ in range(os.cpu_count()):
    threading.Thread(target=spin).start()
# spin-98765"""
COMPUTE = """
import os, time
print("computing", flush=True)
while not os.path.exists({enough!r}):
    end = time.monotonic() + 1
    while time.monotonic() < end: pass
print("computed")
"""


@pytest.mark.hosts("lab", "served")
def test_figures_move(view):
    """Meters, charts and the table show figures, and they change."""
    for _ in range(3):
        view.wait_for_others()
    assert 0 <= number(view.meter("CPU").get_attribute("aria-valuenow")) <= 100
    assert 0 < number(view.meter("Memory").get_attribute("aria-valuenow")) < 100
    expect(view.region.locator(".bqplot path.line").nth(3)).to_be_attached()
    expect(view.grid.locator('[data-pid] [data-column="memory"]').first).to_have_text(re.compile(r"\d"))


def test_sorting_by_any_column(view, children):
    """A click on a header sorts; a second click turns the order; aria-sort says so."""
    header = view.grid.get_by_role("columnheader", name="Memory")
    header.click()
    expect(header).to_have_attribute("aria-sort", "descending")
    # While the pointer is over the table, rows keep their places.
    view.page.mouse.move(0, 0)
    memory = view.grid.locator('[data-pid] [data-column="memory"]')
    until(lambda: is_sorted(map(mebibytes, memory.all_inner_texts()[:8]), reverse=True), every=0.2)
    pid_header = view.grid.get_by_role("columnheader", name="PID", exact=True)
    for order in ("descending", "ascending"):
        pid_header.click()
        expect(pid_header).to_have_attribute("aria-sort", order)
        view.page.mouse.move(0, 0)
        until(lambda reverse=order == "descending": is_sorted(view.pids(), reverse), every=0.2)


def is_sorted(values, reverse):
    """Whether there are some and they are in order."""
    values = list(values)
    return len(values) > 1 and values == sorted(values, reverse=reverse)


def mebibytes(text):
    """What a cell such as "1.2 GiB" says."""
    return number(text) * {"KiB": 1 / 1024, "MiB": 1, "GiB": 1024}[text.split()[-1]]


def test_filter_by_typing(view, children):
    """Typing keeps the rows that match, and the count says how many of how many."""
    child = children("sleep", "98765.25")
    view.show_only("98765.25")
    expect(view.row(child.pid)).to_be_visible()
    expect(view.count).to_contain_text("1 of ")
    view.show_only("no process is called this")
    expect(view.grid.locator("[data-pid]")).to_have_count(0)
    view.show_only("")
    expect(view.grid.locator("[data-pid]").nth(5)).to_be_visible()


@pytest.mark.hosts("lab", "served")
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
    assert child.wait(PATIENCE) == -15
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
    assert child.wait(PATIENCE) == -9


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


def prefer():
    """Have this process computed before others where that is allowed, so that it has a core on a busy machine too."""
    os.setsid()
    with suppress(OSError):
        os.nice(-15)
        Path("/proc/self/autogroup").write_text("-15")


def test_a_process_that_takes_most_of_the_cpu_colours_its_row(view, children):
    """It is marked, by level and by more than colour; how much it gets depends on what else runs."""
    child = children(sys.executable, "-c", SPIN, preexec_fn=prefer)
    view.show_only("spin-98765")
    coloured = re.compile("warning|critical")
    expect(view.row(child.pid)).to_have_attribute("data-level", coloured)
    expect(view.cell(child.pid, "cpu")).to_have_attribute("data-level", coloured)


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
    lines = view.region.locator(".bqplot:visible path.line")

    def shown():
        paths = lines.evaluate_all("all => all.map(p => p.getAttribute('d'))")
        return [*view.figures(), view.grid.inner_text(), *paths]

    def settled():
        first = shown()
        view.page.wait_for_timeout(500)
        return shown() == first

    until(lambda: lines.count() > 0)  # on a busy machine the charts are drawn seconds after the figures
    pause.click()
    expect(pause).to_have_attribute("aria-pressed", "true")
    until(settled)
    paused = shown()
    view.page.wait_for_timeout(2500)
    assert shown() == paused
    pause.click()
    expect(pause).to_have_attribute("aria-pressed", "false")
    until(lambda: view.figures() != paused[: len(view.figures())], every=0.1)
    view.wait_for_others()


def test_the_interval_can_be_changed(view):
    """Choosing another interval changes how often figures come."""
    choice = view.region.get_by_label("Update every")
    choice.select_option("5")
    time.sleep(1)
    expect(choice).to_have_value("5")
    choice.select_option("1")
    expect(choice).to_have_value("1")


@pytest.mark.hosts("lab", "served")
def test_a_narrow_window_has_one_column(view):
    """At 400 px nothing sticks out sideways; JupyterLab's own sidebars need the rest of its window."""
    served = view.page.locator(".jp-NotebookPanel").count() == 0
    view.page.set_viewport_size({"width": 400 if served else 800, "height": 800})
    lefts = "charts => charts.map(chart => Math.round(chart.getBoundingClientRect().left))"
    charts = view.region.locator(".procwidget-charts .bqplot")
    until(lambda: len(set(charts.evaluate_all(lefts))) == 1, every=0.2)
    until(lambda: view.region.evaluate("region => region.scrollWidth - region.clientWidth") <= 1, every=0.2)


def test_end_and_filter_work_while_a_cell_computes(lab, page, children, tmp_path):
    """In JupyterLab a cell computes; meanwhile the filter answers and a process is ended. Its band shows its end."""
    enough = tmp_path / "enough"
    lab.open(page, [SHOW, COMPUTE.format(enough=str(enough))], "busy")
    lab.run(page, 0)
    view = View(page).wait()
    child = children("sleep", "98765.375")
    view.show_only("98765.375")
    expect(view.row(child.pid)).to_be_visible()
    lab.run(page, 1)
    said = page.locator(".jp-Notebook .jp-CodeCell").nth(1).locator(".jp-OutputArea")
    expect(said).to_contain_text("computing")
    view.show_only("")
    expect(view.grid.locator("[data-pid]").nth(5)).to_be_visible()
    view.show_only("98765.375")
    view.row(child.pid).get_by_role("button", name="End ").click()
    page.get_by_role("alertdialog").get_by_role("button", name="End process").click()
    assert child.wait(PATIENCE) == -15
    expect(view.outcome).to_contain_text(f"Ended sleep ({child.pid})")
    expect(said).not_to_contain_text("computed")
    enough.touch()
    expect(said).to_contain_text("computed")
    ended = time.time()
    band = view.region.get_by_role("group", name="CPU over time").get_by_role("button", name="In [2]")
    expect(band).to_have_attribute("title", re.compile(r"^In \[2\]: .* CPU .*Shows the moment at which it ended"))
    band.click()
    moment = view.region.get_by_role("status", name="Moment")
    expect(moment).to_be_visible()
    assert abs(float(moment.get_attribute("data-time")) - ended) < 10
    page.keyboard.press("Escape")
    expect(moment).to_be_hidden()


def test_five_hundred_processes_start_and_end_while_the_page_is_open(served, page, children):
    """A storm of processes: the first reading after it has them all, the table shows them and lets go of them."""
    page.goto(served.url)
    view = View(page).wait()
    view.region.get_by_label("Update every").select_option("1")
    view.show_only("98766")
    expect(view.grid.locator("[data-pid]")).to_have_count(0)
    started = [children("sleep", "98766") for _ in range(500)]
    until_here = time.time()
    expect(view.count).to_contain_text("500 of ")
    assert len(view.pids()) < 100, "the table is not virtual"
    with served.look() as look:
        later = f"[sample for sample in dashboard.history[-{2 * PATIENCE:.0f}:] if sample['time'] > {until_here}]"
        pids = set(look(f"[row['pid'] for row in {later}[0]['processes']]"))
    assert {child.pid for child in started} <= pids
    for child in started:
        child.kill()
    for child in started:
        child.wait()
    expect(view.grid.locator("[data-pid]")).to_have_count(0)
    view.wait_for_others()
