"""The past in a real browser: a recording is replayed, and a live page goes back and forth."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import expect

from procwidget.recording.writer import RecordingWriter
from procwidget.sources.scripted import make_process, make_sample
from tests.browser.conftest import View, opened, wait_for_charts
from tests.browser.servers import Served, stop_server
from tests.patience import until

HOSTILE = "<img src=x onerror=document.title='had'>"
READINGS = 300
HOLE = range(100, 200)
BEGAN = int(time.time()) - 2 * READINGS - 60


def sample_at(at):
    """Return a reading; the process with a hostile name is busy until the hole, and is killed in it."""
    rows = [make_process(pid=7, name="stays", cpu=1.0, memory=50.0)]
    if at < HOLE.start:
        rows.append(make_process(pid=13, name=HOSTILE, command=f"{HOSTILE} --at {at}", cpu=90.0))
    return make_sample(processes=rows, time=BEGAN + 2.0 * at, monotonic=100.0 + 2 * at, cpu_usage=float(at % 50))


@pytest.fixture(scope="module")
def replayed(chromium, tmp_path_factory):
    """A recording of ten minutes with a hole in the middle, as `procwidget replay` shows it."""
    folder = tmp_path_factory.mktemp("replay")
    writer = RecordingWriter(folder / "recording", 1e9, 2**30)
    named = {"number": 1, "kind": "cpu", "about": "", "level": "critical", "worst": 90.0, "process": None}
    event = named | {"began": BEGAN + 40.0, "ended": BEGAN + 60.0, "text": f"CPU is full: {HOSTILE} (13)"}
    for at in range(READINGS):
        if at not in HOLE:
            writer.append(sample_at(at), [event] if at == 30 else [])
    writer.close()
    served = Served(folder, "replay", str(folder / "recording"))
    try:
        opens, address, *_ = (folder / "log").read_text().splitlines()
        assert opens.startswith("procwidget opens the recording") and "procwidget is at" in address
        with opened(chromium) as (page, errors):
            page.goto(served.url)
            yield View(page).wait()
            assert not errors
    finally:
        stop_server(served.process)


def shown_time(view):
    """Return which moment the strip shows, in Unix seconds."""
    return float(view.region.get_by_role("status", name="Moment").get_attribute("data-time"))


def step_towards(view, ended):
    """Go to the reading before, or after if this one is from before a process ended, and wait until it is shown."""
    before = shown_time(view)
    view.page.keyboard.press("t" if before >= ended else "T")
    until(lambda: shown_time(view) != before)


def test_recording_is_the_past_from_its_end_to_its_beginning(replayed):
    """It is scrubbed by pointer, stepped by keys and played; in the hole it says so, and its names are text."""
    view, page = replayed, replayed.page
    strip = view.region.get_by_role("status", name="Moment")
    expect(strip).to_have_attribute("data-time", str(BEGAN + 2 * READINGS - 2))
    expect(strip).to_contain_text("Recording of example")
    expect(view.row(7)).to_be_visible()
    expect(view.row(13)).to_have_count(0)
    plot = strip.locator(".pw-day-plot")
    expect(plot.locator(".pw-day-hole")).to_have_count(1)
    box = plot.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(strip).to_contain_text("Nothing was read at")
    assert shown_time(view) == BEGAN + 2 * HOLE.start - 2
    expect(view.cell(13, "name")).to_contain_text(HOSTILE)
    expect(view.row(13)).to_have_class(re.compile("pw-ended-since"))
    view.filter.focus()
    # Through the hint of the search box, which is over it.
    strip.get_by_role("button", name="Reading before").click()
    until(lambda: shown_time(view) == BEGAN + 2 * HOLE.start - 4)
    page.keyboard.press("t")
    until(lambda: shown_time(view) == BEGAN + 2 * HOLE.start - 6)
    page.keyboard.press("Escape")
    strip.get_by_label("Speed").select_option("1")
    strip.get_by_role("button", name="Play").click()
    until(lambda: shown_time(view) > BEGAN + 2 * HOLE.stop, every=0.2)
    strip.get_by_role("button", name="Pause").click()
    view.region.get_by_role("button", name="Events", exact=True).click()
    event = view.region.get_by_role("list", name="Events").get_by_role("listitem")
    expect(event).to_contain_text(HOSTILE)
    event.get_by_role("button").click()
    until(lambda: shown_time(view) == BEGAN + 40)
    assert page.title() != "had"


def test_nothing_can_be_ended_in_a_recording(replayed):
    """Neither by button, menu or key; the details say what was known."""
    view = replayed
    box = view.region.get_by_role("textbox", name="Jump to")
    box.fill(time.strftime("%H:%M:%S", time.localtime(BEGAN + 100)))
    box.press("Enter")
    until(lambda: shown_time(view) == BEGAN + 100)
    expect(view.region.get_by_role("button", name=re.compile("^End "))).to_have_count(0)
    view.cell(13, "name").click(button="right")
    menu = view.page.get_by_role("menu")
    expect(menu.get_by_role("menuitem", name="Details")).to_be_visible()
    expect(menu.get_by_role("menuitem", name=re.compile("End|kill|Tell|go to it now"))).to_have_count(0)
    menu.get_by_role("menuitem", name="Details").click()
    details = view.region.get_by_role("region", name=re.compile("^Details of"))
    expect(details.get_by_role("status")).to_contain_text(re.compile(r"As it was at .*\. It ended"))
    expect(details).to_contain_text("--at 50")
    view.page.keyboard.press("Escape")
    view.page.keyboard.press("Delete")
    expect(view.page.get_by_role("alertdialog")).to_have_count(0)


def test_click_in_a_chart_brings_back_the_table_with_who_has_ended(chromium, served, children):
    """From there "still runs" leads to the live row, a dragged interval is a table, and Escape is the present."""
    with opened(chromium) as (page, errors):
        page.goto(served.url)
        view = View(page).wait()
        wait_for_charts(page)
        ends, stays = children("sleep", "7313.25"), children("sleep", "7313.5")
        view.show_only("7313.")
        expect(view.row(ends.pid)).to_be_visible()
        expect(view.row(stays.pid)).to_be_visible()
        ended = time.time()
        ends.kill()
        ends.wait()
        expect(view.row(ends.pid)).to_have_count(0)
        strip = view.region.get_by_role("status", name="Moment")
        plot = view.region.get_by_role("group", name="CPU over time").locator(".bqplot").bounding_box()
        edge, low = plot["x"] + plot["width"] - 2, plot["y"] + 45
        page.mouse.click(edge, low)
        expect(strip).to_be_visible()
        page.keyboard.press("Escape")
        expect(strip).to_be_hidden()
        page.mouse.click(edge, low)
        expect(strip).to_be_visible()
        # Two pixels are seconds: it may not have been there yet.
        until(lambda: view.row(ends.pid).count() or step_towards(view, ended), every=0.3)
        expect(view.row(ends.pid)).to_have_class(re.compile("pw-ended-since"))
        expect(view.row(ends.pid).get_by_role("button", name=re.compile("^End "))).to_be_hidden()
        page.mouse.move(plot["x"] + plot["width"] * 0.2, low)
        page.mouse.down()
        page.mouse.move(edge, low, steps=4)
        page.mouse.up()
        interval = view.region.get_by_role("region", name="Between two moments")
        expect(interval.locator("tbody tr").first).to_be_visible()
        interval.get_by_role("button", name="Close").click()
        view.cell(stays.pid, "name").dblclick()
        view.region.get_by_role("button", name="Still runs: go to it now").click()
        expect(strip).to_be_hidden()
        # It opens once the live table has come.
        expect(view.region.get_by_role("region", name=f"Details of sleep ({stays.pid})")).to_be_focused()
        expect(view.row(stays.pid)).to_have_attribute("aria-current", "true")
        expect(view.row(ends.pid)).to_have_count(0)
        page.keyboard.press("Escape")
        page.keyboard.press("t")
        expect(strip).to_be_visible()
        page.keyboard.press("Escape")
        expect(strip).to_be_hidden()
        assert not errors
