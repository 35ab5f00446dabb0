"""Visitors of the served page: how soon the second one sees live figures, and what twenty cost more than one.

Run as `python -m tests.benchmarks.visitors`. A stock Voilà serves the same notebook in the same run, each visitor with
a browser profile that has nothing in its cache while the first one's page stays open. "Shown" is when the first row
that a kernel sent is in the page; "moved" is when the reading after that one is, up to an interval later for both.
Memory is the proportional share (PSS) of the server and its kernels, CPU the kernel's. It prints figures and judges
nothing.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import psutil
from playwright.sync_api import sync_playwright

from tests.benchmarks.peers import cpu_seconds
from tests.browser.conftest import FLAGS, View, browser_path
from tests.browser.servers import Served, free_port, start_server, stop_server

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "dashboard.ipynb"
MANY = 20
SETTLING = 15.0
PATIENCE = 150_000
"""Milliseconds that a page may take where twenty of them share the cores with the server."""
INTERVAL = 2.0
CROWD_INTERVAL = 5.0
"""Seconds from reading to reading with many pages: twenty that all draw each 2 s want more than two cores."""

# The text of the uptime and of the meters moves with every reading.
_MOVED = """() => {
    const region = document.querySelector('[role=region][aria-label="Process monitor"]');
    if (!region || !region.querySelector('[data-pid]')) return false;
    const text = [...region.querySelectorAll('[role=meter]')].map(meter => meter.parentElement.innerText).join();
    window.procwidgetFirst ??= text;
    return window.procwidgetFirst !== text;
}"""
_SHOWN = """() => document.querySelector('[role=region][aria-label="Process monitor"] [data-pid]') !== null"""


class Stock:
    """Voilà as it comes, with our notebook."""

    def __init__(self, folder):
        self.url = f"http://127.0.0.1:{free_port()}/"
        port = self.url.rstrip("/").rsplit(":", 1)[1]
        command = [sys.executable, "-m", "voila", str(NOTEBOOK), "--no-browser", f"--port={port}"]
        environment = {**os.environ, "PROCWIDGET_AUDIT": str(folder / "audit.jsonl")}
        # Any answer says that it is there, and a page would start a kernel.
        address = self.url + "voila/static/voila.js"
        self.process = start_server(command, address, folder / "log", env=environment)


@contextlib.contextmanager
def ended(server):
    """End a server when the block does."""
    try:
        yield server
    finally:
        stop_server(server.process)


def visit(browser, url):
    """Visit with an empty cache; return the page and the seconds to its first row and to the first that moved."""
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    began = time.monotonic()
    page.goto(url, wait_until="commit")
    page.wait_for_function(_SHOWN, timeout=PATIENCE, polling=50)
    shown = time.monotonic() - began
    page.wait_for_function(_MOVED, timeout=PATIENCE, polling=50)
    return page, shown, time.monotonic() - began


def first_figures(browser, servers, rounds):
    """Print when visitors after the first one see figures, ours and stock in turns."""
    taken = {name: ([], []) for name in servers}
    first = [visit(browser, url)[0] for url in servers.values()]
    for _ in range(rounds):
        for name, url in servers.items():
            page, shown, moved = visit(browser, url)
            taken[name][0].append(shown)
            taken[name][1].append(moved)
            page.context.close()
    for page in first:
        page.context.close()
    medians = {name: [statistics.median(values) for values in both] for name, both in taken.items()}
    for name, (shown, moved) in taken.items():
        for what, values in (("shown", shown), ("moved", moved)):
            print(
                f"{name:>10}: first figure {what} after {statistics.median(values):.2f} s (median of {rounds}; ", end=""
            )
            print(f"{min(values):.2f} to {max(values):.2f})")
    for place, what in enumerate(("shown", "moved")):
        print(f"ours / stock, {what}: {medians['procwidget'][place] / medians['Voilà'][place]:.2f}")


def family(process):
    """The server and its kernels."""
    server = psutil.Process(process.pid)
    return [server, *server.children(recursive=True)]


def cost(process, seconds):
    """Return memory in MiB at the end, kernel CPU percent and server CPU percent over some seconds."""
    server, kernel = family(process)[:2]
    before = cpu_seconds(kernel.pid), cpu_seconds(server.pid)
    time.sleep(seconds)
    after = cpu_seconds(kernel.pid), cpu_seconds(server.pid)
    kernel_cpu, server_cpu = (100 * (end - start) / seconds for start, end in zip(before, after, strict=True))
    return sum(member.memory_full_info().pss for member in family(process)) / 2**20, kernel_cpu, server_cpu


def crowd_of_visitors(browser, served, seconds):
    """Print what one page costs the server and its kernel, and what twenty do."""
    pages = [visit(browser, served.url)[0]]
    time.sleep(SETTLING)
    one = cost(served.process, seconds)
    while len(pages) < MANY:
        pages.append(visit(browser, served.url)[0])
    time.sleep(SETTLING)
    many = cost(served.process, seconds)
    live = sum(_moves(page) for page in pages)
    print(f"{MANY} pages, one reading each {CROWD_INTERVAL:g} s, {live} of them live at the end:")
    names = ("MiB of server and kernel", "% CPU of the kernel", "% CPU of the server")
    for what, before, after in zip(names, one, many, strict=True):
        print(f"{before:6.1f} with one page, {after:6.1f} with {MANY}, {after / before:.2f} times: {what}")
    for page in pages:
        page.context.close()


def _moves(page):
    text = View(page).region.inner_text()
    until = time.monotonic() + 3 * CROWD_INTERVAL
    while time.monotonic() < until:
        time.sleep(0.5)
        if View(page).region.inner_text() != text:
            return True
    return False


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--only", choices=("first", "many"))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        (folder / "stock").mkdir()
        browser = playwright.chromium.launch(executable_path=browser_path(), args=FLAGS)
        try:
            if given.only != "many":
                with ended(Served(folder, f"--interval={INTERVAL:g}")) as ours, ended(Stock(folder / "stock")) as stock:
                    first_figures(browser, {"procwidget": ours.url, "Voilà": stock.url}, given.rounds)
            if given.only != "first":
                with ended(Served(folder, f"--interval={CROWD_INTERVAL:g}")) as served:
                    crowd_of_visitors(browser, served, given.seconds)
        finally:
            browser.close()


if __name__ == "__main__":
    main()
