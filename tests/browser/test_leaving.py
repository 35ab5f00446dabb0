"""Nobody watching: a tab that is closed, hidden or crashed, a browser that is killed, a network that is cut.

The kernels' patience is six seconds here instead of fifteen, a little more than a browser's heartbeat takes.
"""

from __future__ import annotations

import json
import time
import urllib.request
from contextlib import suppress

import psutil
import pytest
from playwright.sync_api import Error

from tests.browser.conftest import FLAGS, TOKEN, Lab, Served, View, browser_path, stop_server
from tests.kernel.look import POLLERS, SENT, Look

HASTE = "setattr(__import__('procwidget.views.audience').views.audience, 'PATIENCE', 6.0)"
SHOW = "from procwidget import Dashboard\nd = Dashboard(interval=0.5)\nd"

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def hasty(tmp_path_factory):
    """A server whose kernel gives views up after six seconds, and a look into that kernel."""
    served = Served(tmp_path_factory.mktemp("hasty"), "--interval=0.5")
    try:
        kernel = next(
            child
            for child in psutil.Process(served.process.pid).children()
            if "ipykernel_launcher" in " ".join(child.cmdline())
        )
        file = kernel.cmdline()[kernel.cmdline().index("-f") + 1]
        look = Look(file, "__import__('procwidget').Dashboard._of_page")
        look(HASTE)
        yield served, look
        look.close()
    finally:
        stop_server(served.process)


def await_silence(look, seconds=20):
    """Wait until nothing is sent and nothing polls; fail after `seconds`."""
    deadline = time.monotonic() + seconds
    while look(POLLERS) != 0:
        assert time.monotonic() < deadline, "the poller goes on for nobody"
        time.sleep(0.2)
    sent = look(SENT)
    time.sleep(1)
    assert look(SENT) == sent


def await_figures(page, seconds=5):
    """Wait until the page shows other figures than now; fail after `seconds`."""
    region = View(page).region
    before = region.inner_text()
    deadline = time.monotonic() + seconds
    while region.inner_text() == before:
        assert time.monotonic() < deadline, "the figures stand still"
        page.wait_for_timeout(100)
    assert "stale since" not in region.inner_text()


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
    for _ in range(2):
        context = chromium.new_context()
        page = context.new_page()
        page.goto(served.url)
        View(page).wait()
        await_figures(page)
        assert look(POLLERS) == 1
        context.close()
        await_silence(look)


def test_a_hidden_tab_is_not_watching_and_is_current_when_it_comes_back(page, hasty):
    """Hidden, the page costs nothing; shown again, it has figures at once."""
    served, look = hasty
    page.goto(served.url)
    View(page).wait()
    hide(page, True)
    await_silence(look)
    hide(page, False)
    await_figures(page)


def test_a_cut_network_ends_sending_and_its_return_brings_figures(page, hasty):
    """Offline, nothing is heard of the page, and the kernel gives it up; online again, it goes on by itself."""
    served, look = hasty
    page.goto(served.url)
    View(page).wait()
    page.context.set_offline(True)
    await_silence(look)
    page.context.set_offline(False)
    await_figures(page)


def test_a_crashed_tab_and_a_killed_browser_are_nobody(chromium, hasty):
    """Neither says goodbye, and both are noticed."""
    served, look = hasty
    browser, process = launch(chromium)
    try:
        for end in (crash, lambda _page: process.kill()):
            page = browser.new_page()
            page.goto(served.url)
            View(page).wait()
            assert look(POLLERS) == 1
            end(page)
            await_silence(look)
    finally:
        if process.is_running():
            process.kill()


def launch(chromium):
    """Start a second browser; returns it and its process."""
    before = descendants()
    browser = chromium.browser_type.launch(executable_path=browser_path(), args=FLAGS)
    (process,) = [
        process
        for process in descendants() - before
        if "--remote-debugging-pipe" in process.cmdline() and "--type=" not in " ".join(process.cmdline())
    ]
    return browser, process


def descendants():
    """Every process that this one started, and theirs."""
    return set(psutil.Process().children(recursive=True))


def crash(page):
    """Make the tab's renderer crash."""
    with page.expect_event("crash"), suppress(Error):
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
        lab.open(page, [f"import procwidget.views.audience\nprocwidget.views.audience.PATIENCE = 6.0\n{SHOW}"])
        lab.run(page, 0)
        View(page).wait()
        page.wait_for_timeout(5000)
        assert len(kernels()) == 1
        await_figures(page)
        context.close()
        deadline = time.monotonic() + 30
        while kernels():
            assert time.monotonic() < deadline, kernels()
            time.sleep(0.5)
    finally:
        stop_server(lab.process)
