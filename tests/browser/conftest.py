"""A real Chromium, and pages of the real servers in it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import zlib
from contextlib import contextmanager, suppress

import pytest
from playwright.sync_api import Error, Page, expect, sync_playwright

from tests.browser.servers import Lab, Served, stop_server
from tests.patience import PATIENCE, until

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
VIEWPORT = {"width": 1280, "height": 800}
SHOW = "from procwidget import Dashboard\nd = Dashboard(interval=1.0)\nd"
SELECTED = "import json; print(json.dumps([p['pid'] for p in d.selected]))"
HOG = "sleep 87654.03125"
STAGE = f"""
read = type(d.monitor.source).read.__get__(d.monitor.source)
def staged():
    sample = read()
    hog = [row["identity"] for row in sample["processes"] if row["command"] == "{HOG}"]
    if hog:
        busy = {{"cpu": 60.0 * sample["effective"]["cpus"]}}
        rows = [row | busy if row["identity"] in hog else row for row in sample["processes"]]
        counts = sample["effective"] | {{"cpu_usage": 62.0}}
        sample = sample | {{"processes": rows, "effective": counts, "pressure": None}}
    return sample
d.monitor.source.read = staged
"""
"""Has a process that is called HOG take nearly all of what the CPUs did, which is 62 %, on any machine."""

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")

expect.set_options(timeout=PATIENCE * 1000)


def browser_path():
    """Where the browser is; a machine without one fails, it does not skip."""
    path = os.environ.get("PROCWIDGET_BROWSER") or next(filter(None, map(shutil.which, BROWSERS)), None)
    assert path, "the browser tests need Chromium or Chrome: run ./test, which installs it"
    return path


def launch(kind, *flags):
    """Start a browser, with flags of its own; `kind` is Playwright's `chromium`."""
    return kind.launch(executable_path=browser_path(), args=[*FLAGS, *flags])


@contextmanager
def browsing():
    """A browser of its own while the block runs."""
    with sync_playwright() as playwright:
        browser = launch(playwright.chromium)
        try:
            yield browser
        finally:
            browser.close()


@pytest.fixture(scope="package")
def chromium():
    """The browser."""
    with browsing() as browser:
        yield browser


@contextmanager
def opened(chromium):
    """A page of its own while the block runs, and the errors of ours that it throws."""
    context = chromium.new_context(viewport=VIEWPORT)
    context.set_default_timeout(PATIENCE * 1000)
    page, errors = context.new_page(), []

    def note(error):
        # On a busy machine anywidget gives widgets up, which are live all the same: see test_slow_start.
        if ("procwidget" in str(error) or "anywidget" in str(error)) and "Failed to initialize model" not in str(error):
            errors.append(str(error))

    page.on("pageerror", note)
    yield page, errors
    context.close()


@pytest.fixture
def page(chromium):
    """A page of its own; an error that the page throws fails the test."""
    with opened(chromium) as (page, errors):
        yield page
    assert errors == []


@pytest.fixture(scope="package")
def lab(tmp_path_factory):
    """One JupyterLab for all tests."""
    lab = Lab(tmp_path_factory.mktemp("lab"))
    yield lab
    stop_server(lab.process)


@pytest.fixture(scope="package")
def served(tmp_path_factory):
    """One served dashboard for all tests."""
    served = Served(tmp_path_factory.mktemp("served"))
    yield served
    stop_server(served.process)


@pytest.fixture(scope="package")
def notebook(chromium, lab):
    """A notebook that stays open in JupyterLab, for what its first cell shows is new whenever that is run."""
    with opened(chromium) as (page, errors):
        lab.open(page, [SHOW, SELECTED, STAGE], "notebook")
        yield page, errors


HOSTS = ("lab", "served")


def pytest_generate_tests(metafunc):
    """Run a test with a `view` in one of the two hosts, in the other one at night.

    What happens in the dashboard is the same in both: about half of the tests run in each. `@pytest.mark.hosts` names
    where a test is to run, for what a host may take part in: its keys, its layout, its scrolling.
    """
    named = [name for mark in metafunc.definition.iter_markers("parametrize") for name in mark.args[0].split(",")]
    if "view" not in metafunc.fixturenames or "view" in named or hasattr(metafunc.module, "view"):
        return
    marker = metafunc.definition.get_closest_marker("hosts")
    chosen = marker.args if marker else (HOSTS[zlib.crc32(metafunc.definition.name.encode()) % 2],)
    hosts = [host if host in chosen else pytest.param(host, marks=pytest.mark.nightly) for host in HOSTS]
    metafunc.parametrize("view", hosts, indirect=True)


@pytest.fixture
def view(request):
    """A new dashboard, in JupyterLab or as a page."""
    if request.param == "served":
        page = request.getfixturevalue("page")
        page.goto(request.getfixturevalue("served").url)
        yield View(page).wait()
    else:
        page, errors = request.getfixturevalue("notebook")
        yield anew_in_notebook(page, request.getfixturevalue("lab"))
        assert errors == []


def anew_in_notebook(page, lab):
    """A new dashboard in the notebook that stays open."""
    # What a test that failed left open would be in the way.
    page.keyboard.press("Escape")
    page.set_viewport_size(VIEWPORT)
    # A new dashboard is as nobody arranged it: what the test before chose would be there again.
    page.evaluate("for (const key in localStorage) key.startsWith('procwidget') && localStorage.removeItem(key)")
    lab.kept_view.unlink(missing_ok=True)
    lab.run(page, 0)
    expect(page.locator(".jp-InputPrompt").first).to_have_text(re.compile(r"\d"))
    return View(page).wait()


@pytest.fixture
def children():
    """Starts processes for a test and ends what is left of them, by pid."""
    started = []

    def start(*command, **options):
        process = subprocess.Popen(command, **options)
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()


class View:
    """The dashboard on a page, found as screen readers find it."""

    def __init__(self, page: Page):
        self.page = page
        self.region = page.get_by_role("region", name="Process monitor")
        self.grid = self.region.get_by_role("grid", name="Processes").or_(
            self.region.get_by_role("treegrid", name="Processes")
        )
        self.filter = self.region.get_by_role("searchbox", name="Filter processes")
        self.count = self.region.locator(".pw-count")
        self.outcome = self.region.get_by_role("status", name="Last action")

    def wait(self):
        """Wait until figures are shown."""
        expect(self.region).to_be_visible()
        expect(self.grid.locator("[data-pid]").first).to_be_visible()
        return self

    def figures(self):
        """What stands in the meters and facts; some of it is another with every reading or two."""
        return self.region.locator(".pw-meters, .pw-facts").all_inner_texts()

    def wait_for_others(self):
        """Wait until other figures than now are shown, and as live ones."""
        before = self.figures()
        until(lambda: self.figures() != before, every=0.1)
        expect(self.region.locator(".pw-summary")).to_have_attribute("data-state", "live")

    def row(self, pid: int):
        """The row of a process."""
        return self.grid.locator(f'[data-pid="{pid}"]')

    def cell(self, pid: int, column: str):
        """A cell of a process."""
        return self.row(pid).locator(f'[data-column="{column}"]')

    def pids(self):
        """The pids in sight, top first."""
        return [
            int(value) for value in self.grid.locator("[data-pid]").evaluate_all("rows => rows.map(r => r.dataset.pid)")
        ]

    def meter(self, name: str):
        """A gauge."""
        return self.region.get_by_role("meter", name=name, exact=True)

    def show_only(self, text: str):
        """Type into the filter."""
        self.filter.fill(text)


def wait_for_charts(page: Page):
    """Wait until all four charts are drawn; on a served page they come after the figures, with Jupyter's client."""
    expect(page.locator(".procwidget-charts .bqplot")).to_have_count(4)


def scroll_to(locator):
    """Scroll something into view; where a row ends meanwhile, what is then in its place."""

    def scrolled():
        with suppress(Error):
            locator.scroll_into_view_if_needed()
            return True

    until(scrolled)


def number(text: str) -> float:
    """The first number in a text."""
    return float(re.search(r"[\d.,]+", text)[0].replace(",", ""))
