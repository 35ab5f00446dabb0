"""Real servers and a real Chromium: JupyterLab with a notebook of ours, and `procwidget` serving its page."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import urllib.request
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.kernel.look import Look
from tests.patience import PATIENCE, until

TOKEN = "a-token-for-tests"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")

expect.set_options(timeout=PATIENCE * 1000)


def browser_path():
    """Where the browser is; a machine without one fails, it does not skip."""
    path = os.environ.get("PROCWIDGET_BROWSER") or next(filter(None, map(shutil.which, BROWSERS)), None)
    assert path, "the browser tests need Chromium or Chrome: run ./test, which installs it"
    return path


@pytest.fixture(scope="package")
def chromium():
    """The browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium):
    """A page of its own; an error that the page throws fails the test."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(PATIENCE * 1000)
    page = context.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert [error for error in errors if "procwidget" in error or "anywidget" in error] == []


def free_port():
    """A TCP port on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_server(command, url, log, **options):
    """Start a server and wait until `url` answers; returns its process."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, **options)

    def answers():
        assert process.poll() is None, f"the server ended:\n{log.read_text()[-3000:]}"
        with suppress(OSError):
            urllib.request.urlopen(url, timeout=PATIENCE).close()
            return True

    try:
        until(answers, every=0.2)
    except AssertionError:
        stop_server(process)
        raise
    return process


def stop_server(process):
    """End a server that a test started, politely first."""
    process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Lab:
    """A JupyterLab server of the tests' own."""

    def __init__(self, folder: Path, *options: str, theme="JupyterLab Light"):
        self.root = folder / "root"
        self.root.mkdir(parents=True)
        settings = folder / "settings" / "@jupyterlab" / "apputils-extension"
        settings.mkdir(parents=True)
        (settings / "notification.jupyterlab-settings").write_text('{"fetchNews": "false", "checkForUpdates": false}')
        (settings / "themes.jupyterlab-settings").write_text(json.dumps({"theme": theme}))
        self.url = f"http://127.0.0.1:{free_port()}"
        environment = {
            **os.environ,
            "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
            "JUPYTER_CONFIG_DIR": str(folder / "config"),
            "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
            "PROCWIDGET_AUDIT": str(folder / "audit.jsonl"),
        }
        command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--ip=127.0.0.1", "--allow-root"]
        command += [f"--port={self.url.rsplit(':', 1)[1]}", f"--IdentityProvider.token={TOKEN}"]
        command += [f"--ServerApp.root_dir={self.root}", "--ServerApp.port_retries=0", *options]
        self.process = start_server(command, self.url + "/api", folder / "log", env=environment)

    def open(self, page: Page, cells: list[str], name="test"):
        """Open a new notebook with these code cells, its kernel ready."""
        write_notebook(self.root / f"{name}.ipynb", cells)
        page.goto(f"{self.url}/lab/workspaces/{name}/tree/{name}.ipynb?token={TOKEN}&reset")
        page.wait_for_selector(".jp-Notebook .jp-Cell")
        # JupyterLab's other signs of a kernel are idle too while there is none; asked to run then, it opens a dialog.
        expect(page.locator("#jp-main-statusbar")).to_contain_text("(ipykernel) | Idle")

    def run(self, page: Page, place: int):
        """Run the cell at `place` as a user does, and do not wait for its end."""
        cell = page.locator(".jp-Notebook .jp-CodeCell").nth(place)
        before = cell.locator(".jp-InputPrompt").inner_text()

        def ran():
            cell.locator(".jp-InputArea-editor").click()
            page.keyboard.press("Control+Enter")
            # JupyterLab drops the request while it still connects to the kernel.
            with suppress(AssertionError):
                expect(cell.locator(".jp-InputPrompt")).not_to_have_text(before, timeout=2000)
                return True

        until(ran)


def write_notebook(path: Path, cells: list[str]):
    """Write a notebook with these code cells."""
    path.write_text(
        json.dumps(
            {
                "cells": [
                    {
                        "cell_type": "code",
                        "id": f"cell{place}",
                        "metadata": {},
                        "outputs": [],
                        "execution_count": None,
                        "source": source,
                    }
                    for place, source in enumerate(cells)
                ],
                "metadata": {
                    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
                },
                "nbformat": 4,
                "nbformat_minor": 5,
            }
        )
    )


@pytest.fixture(scope="package")
def lab(tmp_path_factory):
    """One JupyterLab for all tests."""
    lab = Lab(tmp_path_factory.mktemp("lab"))
    yield lab
    stop_server(lab.process)


class Served:
    """`procwidget` as a user starts it, on a port of its own."""

    def __init__(self, folder: Path, *options: str):
        port = free_port()
        self.url = f"http://127.0.0.1:{port}/?token={TOKEN}"
        command = [sys.executable, "-m", "procwidget", "--no-browser", f"--port={port}", f"--token={TOKEN}", *options]
        environment = {
            **os.environ,
            "PROCWIDGET_AUDIT": str(folder / "audit.jsonl"),
            "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        }
        address = f"http://127.0.0.1:{port}/procwidget/metrics?token={TOKEN}"
        self.process = start_server(command, address, folder / "log", env=environment)

    def kernel(self):
        """The process of its kernel."""
        for child in psutil.Process(self.process.pid).children():
            with suppress(psutil.NoSuchProcess):  # ZombieProcess is one
                if "ipykernel_launcher" in child.cmdline():
                    return child

    def look(self):
        """A look at the dashboard that all its visitors share."""
        command = self.kernel().cmdline()
        return Look(command[command.index("-f") + 1], "__import__('procwidget').Dashboard._of_page")


@pytest.fixture(scope="package")
def served(tmp_path_factory):
    """One served dashboard for all tests."""
    served = Served(tmp_path_factory.mktemp("served"))
    yield served
    stop_server(served.process)


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


def number(text: str) -> float:
    """The first number in a text."""
    return float(re.search(r"[\d.,]+", text)[0].replace(",", ""))
