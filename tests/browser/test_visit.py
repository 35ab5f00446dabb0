"""A visit to the served page, from outside the dashboard: two visitors, a kernel that ends, a server that goes away."""

from __future__ import annotations

import re
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import psutil
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import View, wait_for_charts
from tests.browser.servers import Served, stop_server
from tests.patience import until

NO_FIGURES = "The dashboard's kernel has not answered yet. Waiting for it."

LONGEST_START = 16_000
"""Milliseconds after which a page without figures says so, and a little more."""

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def servers():
    """The servers that these tests started, ended with the last of the tests."""
    servers = []
    yield servers
    for served in servers:
        stop_server(served.process)


@pytest.fixture
def fresh(tmp_path, servers):
    """A server that nobody has visited."""
    servers.append(Served(tmp_path, "--interval=1"))
    return servers[-1]


@pytest.fixture
def own(request, servers):
    """A server to which a test may do what it likes; unless it ends it, or fails, the next test gets the same one."""
    served = servers[-1] if servers and servers[-1].process.poll() is None else request.getfixturevalue("fresh")
    failed = request.session.testsfailed
    yield served
    if request.session.testsfailed > failed:
        stop_server(served.process)


def test_address_bar_loses_the_token(page, served):
    """What is bookmarked, shown or sent has no token in it; the cookie opens the page again."""
    page.goto(served.url)
    View(page).wait()
    assert "token" not in page.url
    page.reload()
    View(page).wait()


def test_page_needs_nothing_that_the_policy_forbids(chromium, served):
    """Under the page's own policy every script and style that it uses loads, and no request goes elsewhere."""
    context = chromium.new_context()
    page = context.new_page()
    complaints, asked = [], []
    page.on("console", lambda message: complaints.append(message.text) if "Content Security" in message.text else None)
    page.on("request", lambda request: asked.append(request.url))
    page.goto(served.url)
    View(page).wait()
    origin = served.url.partition("/?")[0]
    outside = [url for url in asked if not url.startswith((origin, "data:", "blob:"))]
    context.close()
    assert (complaints, outside) == ([], [])


def test_second_visitor_asks_for_a_few_scripts_only(chromium, fresh):
    """What the first browser asked for file by file comes to the next one together, and the page is as live."""
    asked = []
    for _ in range(2):
        context = chromium.new_context()
        page = context.new_page()
        scripts, errors = [], []
        page.on("request", lambda request, to=scripts: to.append(request.url) if ".js" in request.url else None)
        page.on("pageerror", lambda error, to=errors: to.append(str(error)))
        page.goto(fresh.url)
        View(page).wait()
        wait_for_charts(page)
        asked.append(len(scripts))
        context.close()
        assert errors == []
    assert asked[1] < asked[0] / 4


def test_page_gets_over_the_end_of_its_kernel_and_says_so_until_somebody_has_read_it(page, own):
    """The kernel dies under an open page, which loads itself again and is live, with a kernel that is new.

    Who looks for something goes on looking for it, in the same order; a page that is opened later begins anew. It says
    why, above the dashboard, over a reload too, until that is dismissed.
    """
    page.goto(own.url)
    view = View(page).wait()
    heading = view.grid.get_by_role("columnheader", name="Threads")
    heading.click()
    view.show_only("python")
    kernel = own.kernel()
    with page.expect_event("load"):
        kernel.kill()
    view.wait()
    assert own.kernel().pid != kernel.pid
    expect(view.filter).to_have_value("python")
    expect(heading).to_have_attribute("aria-sort", "descending")
    page.reload()
    view.wait()
    expect(view.filter).to_have_value("")
    news = page.locator(".procwidget-news [role=status]")
    expect(news).to_have_text(re.compile(r"^By \d\d:\d\d:\d\d the dashboard's kernel had ended: a new one was started"))
    stands_above(page, view)
    page.get_by_role("button", name="Dismiss").click()
    expect(news).to_be_hidden()
    page.reload()
    view.wait()
    expect(news).to_be_hidden()


def test_a_signal_that_nobody_answered_for_is_told_after_the_reload(page, own, children):
    """The kernel dies between the confirmation and its answer: no dialog is left to say so, and the page does."""
    child = children("sleep", "1000")
    page.goto(own.url)
    view = View(page).wait()
    view.show_only(str(child.pid))
    view.row(child.pid).get_by_role("button").filter(has_text="End").click()
    confirm = page.get_by_role("alertdialog").get_by_role("button", name="End process")
    expect(confirm).to_be_enabled()
    kernel = own.kernel()
    kernel.suspend()
    with page.expect_event("load"):
        confirm.click()
        expect(page.get_by_role("alertdialog")).to_contain_text("Ending sleep")
        kernel.kill()
    expect(page.locator(".procwidget-news")).to_contain_text(
        f"It is not known whether sleep ({child.pid}) was signalled; the audit log says."
    )


def test_a_kernel_that_dies_as_it_starts_leaves_no_page_behind(page, own):
    """The page that asked for it gets a sentence instead, asks again by itself, and is live."""
    page.goto(own.url)
    view = View(page).wait()
    told = threading.Event()

    def kill_each():
        while not told.wait(0.02):
            with suppress(psutil.NoSuchProcess):
                if kernel := own.kernel():
                    kernel.kill()

    with ThreadPoolExecutor() as pool:
        killing = pool.submit(kill_each)
        try:
            expect(page.locator("body")).to_contain_text("This page tries again every 10 seconds.")
        finally:
            told.set()
        killing.result()
    view.wait()
    expect(page.locator(".procwidget-news")).to_contain_text("the dashboard's kernel had ended")


def test_a_kernel_that_does_not_answer_is_told_to_who_comes_new(page, own):
    """Nothing but "Loading widget" for ever says nothing; once the kernel answers, the page is live."""
    kernel = own.kernel()
    kernel.suspend()
    page.clock.install()
    page.goto(own.url)
    page.clock.fast_forward(LONGEST_START)
    trouble = page.locator(".procwidget-trouble")
    expect(trouble).to_have_text(NO_FIGURES)
    kernel.resume()
    View(page).wait()
    expect(trouble).to_have_text("")


def test_models_that_come_late_are_waited_for(page, own):
    """The kernel stops as the widget manager asks it for the models, for longer than that waits: the charts come."""
    kernel = own.kernel()
    sockets = []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    page.goto(own.url)
    until(lambda: page.title() and len(sockets) == 2)
    kernel.suspend()
    page.wait_for_timeout(5000)
    kernel.resume()
    wait_for_charts(page)
    View(page).wait().wait_for_others()
    expect(page.locator("body")).not_to_contain_text("model not found")


def test_a_script_that_could_not_be_loaded_is_asked_for_again(page, own):
    """Figures are there without the charts' scripts; these are tried again, and the charts come by themselves."""
    refused = []

    def refuse_twice(route):
        if len(refused) < 2:
            refused.append(route.request.url)
            route.abort()
        else:
            route.continue_()

    page.route("**/voila/static/voila.js", refuse_twice)
    page.goto(own.url)
    View(page).wait()
    wait_for_charts(page)
    assert len(refused) == 2


def test_the_way_to_the_kernel_opens_before_the_scripts_are_there(page, own):
    """On a slow machine each wait that waits for another is felt, so the page asks for its WebSocket first of all."""
    sockets = []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    page.route("**/procwidget/*.js", lambda route: route.abort())
    page.goto(own.url)
    until(lambda: page.title() and len(sockets) == 1)


def test_a_page_whose_own_script_is_missing_loads_itself_again_ever_less_often(page, own):
    """Nothing else helps there; the second reload takes longer to come than the first, so a slow server gets a rest."""
    page.clock.install()
    begun, loads = [], []
    page.on("request", lambda request: begun.append(request.url) if request.is_navigation_request() else None)
    page.on("load", lambda: loads.append(page.url))
    page.route("**/procwidget/start.js", lambda route: route.abort())
    page.goto(own.url)

    def steps_to_next_load():
        before = len(begun)
        for step in range(1, 60):
            page.clock.run_for(10_000)
            page.wait_for_timeout(300)
            if len(begun) > before:
                until(lambda: page.wait_for_timeout(50) or len(loads) == len(begun))
                return step
        raise AssertionError("the page did not load itself again")

    first = steps_to_next_load()
    page.unroute("**/procwidget/start.js")
    assert steps_to_next_load() > first
    View(page).wait()


def test_figures_that_come_late_are_said_to(page, own):
    """A reading that waited for its turn tells by how much, in the notes below the figures."""
    page.goto(own.url)
    View(page).wait()
    kernel = own.kernel()
    notes = page.locator(".pw-notes")

    def late():
        kernel.suspend()
        page.wait_for_timeout(2500)
        kernel.resume()
        return re.search(r"This machine is busy: figures come \d+\.\d s late\.", notes.text_content() or "")

    until(late)


def test_page_says_that_the_server_is_gone(page, own):
    """Figures that stand still are told as such, above the dashboard and not over it."""
    page.goto(own.url)
    view = View(page).wait()
    stop_server(own.process)
    trouble = page.locator(".procwidget-trouble")
    expect(trouble).to_contain_text("No connection to the server")
    expect(trouble).to_have_role("status")
    stands_above(page, view)


def test_a_server_that_hangs_is_told_and_its_return_too(page, own):
    """It takes connections and answers none: that is no answer, however long one waits, here for two seconds."""
    page.add_init_script("const { timeout } = AbortSignal; AbortSignal.timeout = (wait) => timeout(wait / 5);")
    page.goto(own.url)
    view = View(page).wait()
    own.process.send_signal(signal.SIGSTOP)
    trouble = page.locator(".procwidget-trouble")
    try:
        expect(trouble).to_contain_text("No connection to the server")
    finally:
        own.process.send_signal(signal.SIGCONT)
    expect(trouble).to_have_text("")
    view.wait_for_others()


def stands_above(page, view):
    """Wait until what the page says covers nothing of the dashboard, and pushes nothing out of the window."""

    def fits():
        bar = page.locator(".procwidget-visit").bounding_box()
        cells = page.locator("#procwidget-page").bounding_box()
        return (
            bar["y"] == 0
            and 20 < bar["height"] == cells["y"] <= view.region.bounding_box()["y"]
            and cells["y"] + cells["height"] == page.viewport_size["height"]
        )

    until(fits)


def test_second_visitor_goes_on_when_the_first_leaves(chromium, own):
    """Two browsers, one kernel: closing one leaves the other live."""
    contexts = [chromium.new_context() for _ in range(2)]
    first, second = (context.new_page() for context in contexts)
    for visitor in (first, second):
        visitor.goto(own.url)
        View(visitor).wait()
    kernel = own.kernel().pid
    first.close(run_before_unload=True)
    contexts[0].close()
    for _ in range(3):
        View(second).wait_for_others()
    assert own.kernel().pid == kernel
    contexts[1].close()
