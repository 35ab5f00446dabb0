"""Visitors of the served page: how soon the first two see live figures, and what twenty cost more than one.

Run as `python -m tests.benchmarks.visitors`. A stock Voilà serves the same notebook in the same run, in turns with
ours, each visitor with a browser profile that has nothing in its cache while the first one's page stays open. Figures
are there when the first row that a kernel sent is in the page; they move when the reading after that one is there, up
to an interval later for both.
Memory is the proportional share (PSS) of the server and its kernels, CPU the kernel's. It prints figures and judges
nothing.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from tests.benchmarks.peers import cpu_seconds
from tests.browser.conftest import View, browsing
from tests.browser.servers import Served, free_port, start_server, stop_server

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "dashboard.ipynb"
MANY = 20
SETTLING = 15.0
PATIENCE = 150_000
"""Milliseconds that a page may take where twenty of them share the cores with the server."""
INTERVAL = 2.0
CROWD_INTERVAL = 5.0
"""Seconds from reading to reading with many pages: twenty that all draw each 2 s want more than two cores."""

HOGS_SETTLE = 5.0

FIRSTS = (
    "from the command to the first figure",
    "the first visitor's figures",
    "the first visitor's moving figures",
    "the second visitor's figures",
    "the second visitor's moving figures",
)

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


@contextlib.contextmanager
def load(hogs):
    """Keep this many processes busy while the block runs, in a session of their own as somebody else's are."""
    if not hogs:
        yield
        return
    assert shutil.which("stress-ng"), "the benchmark needs stress-ng: apt install stress-ng"
    # It is to end with this process also when that is killed: nothing else would end it, in a session of its own.
    command = ["setpriv", "--pdeathsig", "TERM", "stress-ng", "--cpu", str(hogs), "--quiet"]
    process = subprocess.Popen(command, start_new_session=True)
    try:
        time.sleep(HOGS_SETTLE)
        yield
    finally:
        process.terminate()
        process.wait()


def first_figures(browser, starts, rounds):
    """Print when figures are there: from the command on, and for the first and the second visitor; each in turns."""
    taken = {name: {what: [] for what in FIRSTS} for name in starts}
    for number in range(rounds):
        for name, start in starts.items():
            began = time.monotonic()
            with ended(start(number)) as server:
                first, shown, moved = visit(browser, server.url)
                from_command = time.monotonic() - began - (moved - shown)
                second, *later = visit(browser, server.url)
                values = (from_command, shown, moved, *later)
                print(f"  {number}: {name}: {', '.join(f'{value:.2f}' for value in values)}", flush=True)
                for what, value in zip(FIRSTS, values, strict=True):
                    taken[name][what].append(value)
                for page in (first, second):
                    page.context.close()
    for what in FIRSTS:
        ours, stock = (statistics.median(taken[name][what]) for name in starts)
        for name, values in taken.items():
            print(
                f"{name:>10}: {what} after {statistics.median(values[what]):.2f} s "
                f"(median of {rounds}; {min(values[what]):.2f} to {max(values[what]):.2f})"
            )
        print(f"ours / stock, {what}: {ours / stock:.2f}", flush=True)


def made(folder):
    """Make a folder, and return it."""
    folder.mkdir()
    return folder


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
    parser.add_argument("--hogs", type=int, default=0, help="processes that compute beside the first figures")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, browsing() as browser:
        folder = Path(name)
        if given.only != "many":
            starts = {
                "procwidget": lambda number: Served(made(folder / f"ours{number}"), f"--interval={INTERVAL:g}"),
                "Voilà": lambda number: Stock(made(folder / f"stock{number}")),
            }
            with load(given.hogs):
                first_figures(browser, starts, given.rounds)
        if given.only != "first":
            with ended(Served(folder, f"--interval={CROWD_INTERVAL:g}")) as served:
                crowd_of_visitors(browser, served, given.seconds)


if __name__ == "__main__":
    main()
