"""Servers that the browser tests start and end: JupyterLab with notebooks, and `procwidget` serving its page."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import urllib.request
from contextlib import suppress
from pathlib import Path

import psutil
from playwright.sync_api import Page, expect

from tests.kernel.look import SERVED, Look, connection_file
from tests.patience import PATIENCE, until

TOKEN = "a-token-for-tests"


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
        until(answers, every=0.05)
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


BUILT = Path(__file__).parents[2] / "labextension" / "built"


class Lab:
    """A JupyterLab server of the tests' own, or with `program` "notebook" one of Notebook.

    Our part of them is this checkout's; its notifications are off unless a test is about them, for they may cover
    what another one clicks.
    """

    def __init__(self, folder: Path, *options: str, theme="JupyterLab Light", program="lab", notifications=False):
        self.root = folder / "root"
        self.root.mkdir(parents=True)
        settings = folder / "settings" / "@jupyterlab" / "apputils-extension"
        settings.mkdir(parents=True)
        (settings / "notification.jupyterlab-settings").write_text('{"fetchNews": "false", "checkForUpdates": false}')
        (settings / "themes.jupyterlab-settings").write_text(json.dumps({"theme": theme}))
        ours = folder / "settings" / "procwidget"
        ours.mkdir()
        (ours / "plugin.jupyterlab-settings").write_text(json.dumps({"notifications": notifications}))
        self.url = f"http://127.0.0.1:{free_port()}"
        environment = {
            **os.environ,
            "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
            "JUPYTER_CONFIG_DIR": str(folder / "config"),
            "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
            "PROCWIDGET_AUDIT": str(folder / "audit.jsonl"),
            "XDG_STATE_HOME": str(folder / "state"),
        }
        self.kept_view = folder / "state" / "procwidget" / "view.json"
        command = [sys.executable, "-m", "jupyter", program, "--no-browser", "--ip=127.0.0.1", "--allow-root"]
        command += [f"--LabServerApp.extra_labextensions_path={BUILT}"]
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
        return Look(connection_file(self.kernel()), SERVED)
