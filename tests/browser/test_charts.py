"""The charts of a served page: they move, and every page draws the same."""

from __future__ import annotations

import os
import re
import signal
import time

import psutil
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import View, opened
from tests.browser.servers import Served, stop_server
from tests.patience import until

STALL = 6.0


@pytest.fixture(scope="module")
def often(tmp_path_factory):
    """A served dashboard of these tests' own, with a tick each second."""
    served = Served(tmp_path_factory.mktemp("charts"), "--interval", "1")
    yield served
    stop_server(served.process)


def line(view):
    """The line of the whole CPU, as the browser draws it."""
    return view.region.locator(".procwidget-charts .bqplot").first.locator("path.line").last.get_attribute("d") or ""


def points(drawn):
    """How many points a line has that has no gap."""
    return drawn.count("L")


def test_charts_move_survive_a_reload_and_are_everybodys(often, chromium):
    """Points are added each tick; a page that is loaded again, and a second visitor, have those from before them."""
    with opened(chromium) as (page, errors), opened(chromium) as (second, more):
        page.goto(often.url)
        view = View(page).wait()
        until(lambda: points(line(view)) >= 2)
        before = line(view)
        until(lambda: points(line(view)) >= points(before) + 4)
        known = points(line(view))
        page.reload()
        view.wait()
        until(lambda: points(line(view)) >= known)
        second.goto(often.url)
        other = View(second).wait()
        until(lambda: points(line(other)) >= known)
        # The same in both as soon as both have drawn the same tick.
        until(lambda: line(view) == line(other) != before, every=0.05)
        assert errors == more == []


def test_a_stall_is_a_gap_on_the_page(often, page):
    """A kernel that stood still for seconds leaves a hole in the line, and goes on behind it."""
    page.goto(often.url)
    view = View(page).wait()
    until(lambda: points(line(view)) >= 3)
    [kernel] = [child for child in psutil.Process(often.process.pid).children() if "ipykernel" in str(child.cmdline())]
    gaps = line(view).count("M")
    os.kill(kernel.pid, signal.SIGSTOP)
    try:
        time.sleep(STALL)
    finally:
        os.kill(kernel.pid, signal.SIGCONT)
    until(lambda: line(view).count("M") > gaps)
    until(lambda: points(line(view).rpartition("M")[2]) >= 2)


def test_a_chart_says_what_was_when_and_is_shown_as_one_chooses(often, page):
    """Value and time under the pointer and by the arrow keys; span, series and size are the visitor's."""
    page.goto(often.url)
    view = View(page).wait()
    chart = view.region.get_by_role("group", name="CPU over time")
    expect(chart).to_be_visible()
    until(lambda: points(line(view)) >= 6)
    tip = view.region.get_by_role("tooltip")
    box = chart.locator(".bqplot").bounding_box()
    page.mouse.move(box["x"] + box["width"] - 2, box["y"] + 20)
    expect(tip).to_have_text(re.compile(r"^\d\d:\d\d:\d\d, now.*all\d+ %"))
    expect(view.region.locator(".pw-cross:not([hidden])")).to_have_count(4)
    page.mouse.move(5, 5)
    expect(tip).to_be_hidden()
    # By keys, as from the control before it.
    chart.focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(tip).to_have_text(re.compile(r"^\d\d:\d\d:\d\d, 2 s ago.*all\d+ %"))
    expect(chart).to_have_attribute("aria-describedby", tip.get_attribute("id"))
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    # A few seconds of values are no sliver in a corner; on a busy machine few of them may have come yet.
    left = """chart => {
        const lines = [...chart.querySelectorAll("path.line")];
        const { left, width } = chart.querySelector(".bqplot").getBoundingClientRect();
        return (lines[lines.length - 1].getBoundingClientRect().left - left) / width;
    }"""
    until(lambda: chart.evaluate(left) < 0.5, seconds=20)
    before = chart.locator(".pw-axis-from").inner_text()
    assert before.endswith(" s") or before.endswith(" min")
    view.region.get_by_label("Chart span").select_option("60")
    until(lambda: points(line(view)) <= 62)
    cores = chart.get_by_role("button", name="each core").or_(chart.get_by_role("button", name="busiest core"))
    cores.click()
    expect(cores).to_have_attribute("aria-pressed", "false")
    chart.get_by_role("button", name="Large chart of CPU").click()
    until(lambda: chart.locator(".bqplot").bounding_box()["height"] > 200)
    expect(view.region.get_by_role("group", name="Memory over time")).to_be_hidden()
    until(lambda: chart.locator("svg.svg-figure").bounding_box()["height"] > 200)
    chart.get_by_role("button", name="Large chart of CPU").click()
    view.region.get_by_label("Chart span").select_option("no charts")
    expect(chart).to_be_hidden()
