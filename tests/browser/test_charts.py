"""The charts of a served page: they move, and every page draws the same."""

from __future__ import annotations

import os
import signal
import time

import psutil
import pytest

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
