"""procwidget in JupyterLab and Notebook: the line, the side panel, notifications, and the monitor that it opens."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.request

import psutil
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import VIEWPORT, View, opened
from tests.browser.servers import TOKEN, Lab, stop_server, write_notebook
from tests.browser.test_accessibility import AXE, FINDINGS
from tests.browser.test_leaving import hide
from tests.patience import until

pytestmark = pytest.mark.browser

OPTIONS = ("--Procwidget.interval=1", "--LabServerApp.expose_app_in_browser=True")
FIGURES = re.compile(r"CPU [\d.]+ % · [\d.]+ \w+ of [\d.]+ \w+")
PERIODS = 2.5
"""Intervals for which nothing is asked: two readings at least would be missed."""


@pytest.fixture(scope="module")
def own_lab(tmp_path_factory):
    """A JupyterLab whose notifications are on."""
    lab = Lab(tmp_path_factory.mktemp("own_lab"), *OPTIONS, notifications=True)
    yield lab
    stop_server(lab.process)


@pytest.fixture(scope="module")
def opened_page(chromium, own_lab):
    """A notebook in it, and the requests to our routes."""
    with opened(chromium) as (page, errors):
        asked = []
        page.on("request", lambda request: asked.append(request.url) if "/procwidget/state" in request.url else None)
        own_lab.open(page, ["1"], "train")
        yield page, asked
        assert errors == []


@pytest.fixture
def workspace(opened_page):
    """The page with the panel closed, the status bar there and the light theme."""
    page, asked = opened_page
    yield page, asked
    page.unroute_all(behavior="wait")
    close_panel(page)
    run(page, "apputils:change-theme", theme="JupyterLab Light")


def run(page, command, **arguments):
    """Run a command of JupyterLab and return what it answers, where that is JSON."""
    page.evaluate(
        "([name, args]) => window.jupyterapp.commands.execute(name, args).then(() => null)", [command, arguments]
    )


def line(page):
    return page.locator(".procwidget-StatusLine-button")


def panel(page):
    return page.get_by_role("region", name="Process monitor", exact=True)


def open_panel(page):
    line(page).click()
    expect(panel(page).get_by_role("table", name="Processes").locator("tbody tr").first).to_be_visible()


def close_panel(page):
    if panel(page).is_visible():
        run(page, "application:toggle-left-area")
    expect(panel(page)).to_be_hidden()


def quiet(page, asked):
    """Whether nothing is asked for some periods; what was asked just before is answered first."""
    page.wait_for_load_state("networkidle")
    before = len(asked)
    page.wait_for_timeout(1000 * PERIODS)
    return len(asked) == before


def test_line_says_how_the_machine_and_the_notebook_are(workspace):
    """One look at the status bar: the sentence, CPU and memory, and what this notebook takes."""
    page, _ = workspace
    expect(line(page)).to_contain_text(FIGURES)
    expect(line(page)).to_contain_text(re.compile(r"train\.ipynb: [\d.]+ MiB \([\d.]+ %\), CPU [\d.]+ %"))
    assert page.locator(".procwidget-StatusLine-sentence").inner_text()


def test_line_has_room_for_who_causes_a_trouble(workspace):
    """At 1280 px with the file browser open: the figures give way, then what is wrong, but not who causes it."""
    page, _ = workspace
    who = "python (15 processes of root) uses 80 % of it"
    text = f"CPU is full and tasks wait for it for at least 1 min 12 s: {who}"
    said = {"level": "warning", "text": text}

    def state(route):
        answer = route.fetch()
        route.fulfill(response=answer, json=answer.json() | said)

    page.route("**/procwidget/state*", state)
    run(page, "filebrowser:activate")
    cause = page.locator(".procwidget-StatusLine-who")
    expect(cause).to_have_text(who)
    bar = page.locator("#jp-main-statusbar .jp-StatusBar-Middle").bounding_box()
    shown = cause.bounding_box()
    assert cause.evaluate("one => one.scrollWidth <= one.clientWidth")
    assert bar["x"] < shown["x"] and shown["x"] + shown["width"] <= bar["x"] + bar["width"]
    expect(line(page)).to_have_accessible_name(re.compile(f"Warning CPU is full and .* 12 s: ?{re.escape(who)}"))
    page.set_viewport_size({"width": 400, "height": 800})
    run(page, "procwidget:show-panel")
    expect(panel(page)).to_contain_text(text)
    page.set_viewport_size(VIEWPORT)
    # Where nothing is wrong it is one part, of which the beginning is seen.
    said |= {"level": "normal", "text": "Busy: CPU 98 % for at least 1 min 12 s: by many processes"}
    expect(page.locator(".procwidget-StatusLine-what")).to_have_text(said["text"])
    expect(cause).to_be_empty()


def test_panel_finds_processes(workspace):
    """The panel opens from the line; its table is searched and sorted by the server."""
    page, asked = workspace
    needle = "needle-of-the-panel"
    process = subprocess.Popen([sys.executable, "-c", "input()", needle], stdin=subprocess.PIPE)
    try:
        open_panel(page)
        panel(page).get_by_role("searchbox").fill(needle)
        rows = panel(page).get_by_role("table", name="Processes").locator("tbody tr")
        expect(rows).to_have_count(1)
        expect(rows.first).to_have_attribute("title", re.compile(f"{needle}\nPID {process.pid}, of"))
        panel(page).get_by_role("searchbox").fill("cpu>x")
        expect(panel(page).get_by_role("status")).to_contain_text("takes a number")
    finally:
        process.communicate(b"\n")
    panel(page).get_by_role("searchbox").fill("")
    memory = panel(page).get_by_role("columnheader", name="Memory").last
    memory.get_by_role("button").click()
    expect(memory).to_have_attribute("aria-sort", "descending")
    until(lambda: page.wait_for_timeout(50) or "sort=memory" in asked[-1])


def test_nothing_is_asked_while_nobody_looks(workspace):
    """A hidden page costs nothing, nor does a closed panel where the status bar is off; whoever comes back sees it."""
    page, asked = workspace
    open_panel(page)
    hide(page, True)
    assert quiet(page, asked)
    hide(page, False)
    until(lambda: page.wait_for_timeout(50) or "n=" in asked[-1])
    close_panel(page)
    page.wait_for_timeout(100)
    count = len(asked)
    until(lambda: page.wait_for_timeout(50) or len(asked) > count + 1)
    assert "n=" not in asked[-1]
    run(page, "statusbar:toggle")
    assert quiet(page, asked)
    count = len(asked)
    run(page, "statusbar:toggle")
    until(lambda: page.wait_for_timeout(50) or len(asked) > count)


def test_news_is_told(workspace):
    """An alert that begins is a notification, and so is why a kernel died; what was there before is none."""
    page, _ = workspace
    old = {"kind": "swap", "about": "", "level": "warning", "since": 1.0, "text": "Swap is full since long ago"}
    new = {"kind": "memory", "about": "", "level": "critical", "since": 2.0, "text": "Memory is full: by the test"}
    why = "train.ipynb's kernel was killed (SIGKILL) in In [12]"
    death = {"time": 0, "notebook": "train.ipynb", "text": f"{why}, {'and much more can be said, ' * 9}to the end."}
    told = {"alerts": [old], "deaths": [], "kernels": None}

    def state(route):
        answer = route.fetch()
        body = answer.json() | {"alerts": told["alerts"]}
        if told["kernels"] is not None:
            body["kernels"] = told["kernels"]
        route.fulfill(response=answer, json=body)

    page.route("**/procwidget/state*", state)
    page.route("**/procwidget/deaths*", lambda route: route.fulfill(json={"deaths": told["deaths"]}))
    page.reload()
    expect(line(page)).to_contain_text(FIGURES)
    with page.expect_response("**/procwidget/state*"):
        told["alerts"] = [old, new]
    toasts = page.locator(".Toastify__toast")
    expect(toasts).to_have_count(1)
    expect(toasts).to_contain_text(new["text"])
    told["deaths"] = [death | {"time": page.evaluate("Date.now() / 1000")}]
    told["kernels"] = []
    expect(toasts.filter(has_text=why)).to_have_count(1)
    # JupyterLab cuts long ones off.
    toasts.filter(has_text=why).get_by_role("button", name="Read on").click()
    expect(page.get_by_role("dialog")).to_contain_text("to the end.")
    page.get_by_role("dialog").get_by_role("button", name="Ok").click()


def test_a_kernels_death_is_told(workspace, own_lab):
    """A notebook's kernel is killed: a notification says why, beside JupyterLab's word that it restarts."""
    page, _ = workspace
    expect(line(page)).to_contain_text("train.ipynb")
    for child in psutil.Process(own_lab.process.pid).children():
        if "ipykernel_launcher" in child.cmdline():
            child.kill()
    toast = page.locator(".Toastify__toast").filter(has_text="train.ipynb's kernel was killed (SIGKILL)")
    expect(toast).to_have_count(1)
    page.get_by_role("dialog").get_by_role("button", name="Ok").click()


def test_monitor_opens_and_ends_with_its_tab(workspace, own_lab):
    """The whole dashboard in a tab of its own, which comes back with the page; its kernel ends with the tab."""
    page, _ = workspace

    def sessions():
        request = urllib.request.Request(f"{own_lab.url}/api/sessions", headers={"Authorization": f"token {TOKEN}"})
        with urllib.request.urlopen(request) as answer:
            return [one["path"] for one in json.load(answer)]

    run(page, "procwidget:open")
    monitor = page.locator(".procwidget-Monitor")
    View(page).wait()
    expect(monitor.locator(".jp-InputArea-editor:visible")).to_have_count(0)
    assert "process-monitor" in sessions()
    tab = page.locator("#jp-main-dock-panel").get_by_role("tab", name="Process monitor")
    page.reload()
    # JupyterLab turns to the notebook of its address late.
    expect(line(page)).to_contain_text("train.ipynb:")
    figures = View(page).grid.locator("[data-pid]").first
    until(lambda: tab.click() or (figures.count() and figures.is_visible()), every=2)
    tab.locator(".lm-TabBar-tabCloseIcon").click()
    until(lambda: "process-monitor" not in sessions())


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_line_and_panel_are_accessible(workspace, theme):
    """axe-core finds nothing in either theme, contrast included, also where the machine is in trouble."""
    page, _ = workspace

    def state(route):
        answer = route.fetch()
        alert = {"kind": "memory", "about": "", "level": "critical", "since": 2.0, "text": "Memory is full"}
        route.fulfill(response=answer, json=answer.json() | {"level": "critical", "alerts": [alert, alert]})

    run(page, "apputils:change-theme", theme=f"JupyterLab {theme}")
    page.route("**/procwidget/state*", state)
    open_panel(page)
    expect(panel(page).get_by_text("Critical", exact=True)).to_be_visible()
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert panel(page).evaluate(FINDINGS) + page.locator(".procwidget-StatusLine").evaluate(FINDINGS) == []


def test_notebook_has_it_too(page, tmp_path):
    """Notebook 7: the line in its header, the panel, and the monitor in a browser tab of its own."""
    notebook = Lab(tmp_path, *OPTIONS, program="notebook")
    try:
        write_notebook(notebook.root / "train.ipynb", ["1"])
        page.goto(f"{notebook.url}/notebooks/train.ipynb?token={TOKEN}")
        expect(line(page)).to_contain_text(re.compile(r"train\.ipynb: [\d.]+ MiB"))
        line(page).click()
        table = panel(page).get_by_role("table", name="Processes")
        expect(table.locator("tbody tr").first).to_be_visible()
        with page.expect_popup() as popup:
            panel(page).get_by_role("button", name="Open process monitor").click()
        View(popup.value).wait()
    finally:
        page.goto("about:blank")
        stop_server(notebook.process)
