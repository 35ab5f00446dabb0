"""Nobody watching: a tab that is closed, hidden or crashed, a browser that is killed, a network that is cut.

The kernels' patience is six seconds here instead of fifteen, a little more than a browser's heartbeat takes: on a slow
machine a view is given up now and then, and comes back.
"""

from __future__ import annotations

import json
import time
import urllib.request
from contextlib import suppress

import psutil
import pytest
from playwright.sync_api import Error

from tests.browser.conftest import View, launch
from tests.browser.servers import TOKEN, Lab, Served, stop_server
from tests.kernel.look import POLLERS, SENT
from tests.patience import PATIENCE, until

HASTE = "setattr(__import__('procwidget.views.presence').views.presence, 'PATIENCE', 6.0)"
SHOW = "from procwidget import Dashboard\nd = Dashboard(interval=0.5)\nd"

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def hasty(tmp_path_factory):
    """A server whose kernel gives views up after six seconds, and a look into that kernel."""
    served = Served(tmp_path_factory.mktemp("hasty"), "--interval=0.5")
    try:
        with served.look() as look:
            look(HASTE)
            yield served, look
    finally:
        stop_server(served.process)


def await_silence(look):
    """Wait until nothing polls, and see that nothing is sent then."""
    until(lambda: look(POLLERS) == 0, every=0.2)
    sent = look(SENT)
    time.sleep(1)
    assert look(SENT) == sent


def await_figures(page, look):
    """Wait until the kernel polls for the page, and the page shows that it does."""
    until(lambda: look(POLLERS) == 1, every=0.2)
    View(page).wait_for_others()


def hide(page, hidden):
    """Tell the page that its tab is hidden, or not, as browsers do; without windows none ever is."""
    page.evaluate(
        "state => { Object.defineProperty(document, 'visibilityState', {value: state, configurable: true});"
        " document.dispatchEvent(new Event('visibilitychange')); }",
        "hidden" if hidden else "visible",
    )


def test_a_closed_tab_ends_sending_and_polling_and_the_next_one_is_live(chromium, hasty):
    """The tab closes, the kernel falls silent; a new tab has figures that move."""
    served, look = hasty
    for silent in (True, False):
        context = chromium.new_context()
        page = context.new_page()
        page.goto(served.url)
        View(page).wait()
        await_figures(page, look)
        context.close()
        if silent:
            await_silence(look)


def test_a_hidden_tab_is_not_watching_and_is_current_when_it_comes_back(page, hasty):
    """Hidden, the page costs nothing; shown again, it has figures at once."""
    served, look = hasty
    page.goto(served.url)
    View(page).wait()
    hide(page, True)
    await_silence(look)
    hide(page, False)
    await_figures(page, look)


def test_a_cut_network_ends_sending_and_its_return_brings_figures(page, hasty):
    """Offline, nothing is heard of the page, and the kernel gives it up; online again, it goes on by itself."""
    served, look = hasty
    page.goto(served.url)
    View(page).wait()
    # Chromium's network process computes all the time that a page with a WebSocket is offline, also a blank one.
    page.context.set_offline(True)
    await_silence(look)
    page.context.set_offline(False)
    await_figures(page, look)


def test_a_crashed_tab_and_a_killed_browser_are_nobody(chromium, hasty):
    """Neither says goodbye, and both are noticed."""
    served, look = hasty
    browser, process = second(chromium)
    try:
        for end in (crash, lambda _page: process.kill()):
            page = browser.new_page()
            page.goto(served.url)
            View(page).wait()
            until(lambda: look(POLLERS) == 1)
            end(page)
            await_silence(look)
    finally:
        if process.is_running():
            process.kill()


def second(chromium):
    """Start a second browser; returns it and its process."""
    before = browsers()
    browser = launch(chromium.browser_type)
    # What it starts has its command line too, for a moment.
    return browser, min(browsers() - before, key=psutil.Process.create_time)


def browsers():
    """The browsers that this process started, without their renderers and the like."""
    found = set()
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            command = process.cmdline()
            if "--remote-debugging-pipe" in command and "--type=" not in " ".join(command):
                found.add(process)
    return found


def crash(page):
    """Make the tab's renderer crash."""
    with page.expect_event("crash", timeout=1000 * PATIENCE), suppress(Error):
        page.goto("chrome://crash", timeout=2000)


def test_a_kernel_that_nobody_watches_is_culled_and_one_that_is_watched_is_not(chromium, tmp_path):
    """A real Jupyter Server that ends kernels idle for three seconds ends it once the tab is closed, not before."""
    options = ("cull_idle_timeout=3", "cull_interval=1", "cull_connected=True")
    lab = Lab(tmp_path, *(f"--MappingKernelManager.{option}" for option in options))

    def kernels():
        with urllib.request.urlopen(f"{lab.url}/api/kernels?token={TOKEN}") as answer:
            return json.load(answer)

    try:
        context = chromium.new_context()
        page = context.new_page()
        lab.open(page, [f"import procwidget.views.presence\nprocwidget.views.presence.PATIENCE = 10.0\n{SHOW}"])
        lab.run(page, 0)
        View(page).wait()
        page.wait_for_timeout(5000)
        assert len(kernels()) == 1
        View(page).wait_for_others()
        context.close()
        until(lambda: not kernels(), every=0.5)
    finally:
        stop_server(lab.process)
