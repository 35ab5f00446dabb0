"""Openings of the served page on a machine in trouble: how many show live figures, and after how long.

Run as `python -m tests.benchmarks.openings --openings 30`. `stress-ng` keeps the load up while pages are opened, each
by a visitor with nothing in the cache: alone and beside a page that stays open, in a browser as it is and in one that
is slowed down. A bare page of the same server, one small file, is opened in turns with them, so that ratios hold.
Figures are live once they have changed; the charts come later. With `--lab` it is a cell in a new notebook of
JupyterLab each time. It prints figures and judges nothing.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Error, expect

from tests.benchmarks.visitors import _MOVED, _SHOWN, ended, load
from tests.browser.conftest import SHOW, browsing
from tests.browser.servers import Lab, Served

BARE = "procwidget/visit_status.js"
_CHARTS = "() => document.querySelectorAll('.procwidget-charts .bqplot').length === 4"


class Opener:
    """Opens pages of one server in new contexts of one browser.

    Args:
        browser: where.
        url: the page's address, with the token.
        throttle: how many times slower the browser is to be.
        patience: seconds until a page without figures counts as dead.
    """

    def __init__(self, browser, url, throttle, patience):
        self._browser, self._url, self._throttle, self._patience = browser, url, throttle, patience

    def _page(self):
        page = self._browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
        if self._throttle > 1:
            session = page.context.new_cdp_session(page)
            session.send("Emulation.setCPUThrottlingRate", {"rate": self._throttle})
        return page

    def bare(self):
        """Return the seconds that a bare page of the server takes."""
        page = self._page()
        began = time.monotonic()
        page.goto(self._url.replace("?", f"{BARE}?"), timeout=1000 * self._patience)
        taken = time.monotonic() - began
        page.context.close()
        return taken

    def open(self):
        """Return the page, and the seconds to its first figures, to the first that moved and to its charts."""
        page = self._page()
        began = time.monotonic()
        taken = []
        try:
            page.goto(self._url, wait_until="commit", timeout=1000 * self._patience)
            for condition in (_SHOWN, _MOVED, _CHARTS):
                page.wait_for_function(condition, timeout=1000 * self._patience, polling=100)
                taken.append(time.monotonic() - began)
        except Error:
            text = page.evaluate("() => document.body.innerText").strip()
            print(f"  dead after {time.monotonic() - began:.0f} s: {text[:150]!r}")
        return page, taken


def in_lab(browser, lab, count, patience):
    """Run a cell that shows a dashboard in new notebooks of JupyterLab, and print how many show one."""
    expect.set_options(timeout=1000 * patience)
    taken = []
    for number in range(count):
        page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
        page.set_default_timeout(1000 * patience)
        times = []
        try:
            lab.open(page, [SHOW], f"opening{number}")
            began = time.monotonic()
            lab.run(page, 0)
            for condition in (_SHOWN, _MOVED, _CHARTS):
                page.wait_for_function(condition, timeout=1000 * patience, polling=100)
                times.append(time.monotonic() - began)
        except (Error, AssertionError) as error:
            text = page.evaluate("() => document.querySelector('.jp-Notebook')?.innerText ?? ''").strip()
            print(f"  dead: {str(error)[:150]!r}, {text[:150]!r}", flush=True)
        print(f"  {number}: {', '.join(f'{value:.2f}' for value in times)}", flush=True)
        taken.append(times)
        page.context.close()
    tell(taken, count)


def tell(taken, count, bare=None):
    """Print how many came to show what, and after how long."""
    for place, name in enumerate(("figures", "moving figures", "charts")):
        got = [times[place] for times in taken if len(times) > place]
        if not got:
            print(f"  {name}: 0 of {count}", flush=True)
            continue
        median = statistics.median(got)
        ratio = f", {median / bare:.2f} x a bare page" if bare else ""
        print(
            f"  {name}: {len(got)} of {count}, after {median:.2f} s (median; at most {max(got):.2f}){ratio}", flush=True
        )


def openings(opener, count, what):
    """Open pages, each with another beside it in turns, and print what came of them."""
    bare, taken, beside = [], [], []
    for number in range(count):
        bare.append(opener.bare())
        page, times = opener.open()
        taken.append(times)
        print(f"  {number}: bare {bare[-1]:.2f}; {', '.join(f'{value:.2f}' for value in times)}", flush=True)
        beside.append(page)
        if number % 2:
            while beside:
                beside.pop().context.close()
    for page in beside:
        page.context.close()
    medium = statistics.median(bare)
    print(f"{what}: a bare page takes {medium:.2f} s (median; at most {max(bare):.2f})")
    tell(taken, count, medium)


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--openings", type=int, default=30)
    parser.add_argument("--hogs", type=int, default=60)
    parser.add_argument("--throttle", type=float, nargs="*", default=[1.0, 6.0])
    parser.add_argument("--patience", type=float, default=120.0)
    parser.add_argument("--lab", action="store_true", help="cells in JupyterLab instead of the served page")
    given, options = parser.parse_known_args()
    with tempfile.TemporaryDirectory() as name, browsing() as browser:
        if given.lab:
            # A server is started before the load: that takes minutes beside it.
            with ended(Lab(Path(name))) as lab, load(given.hogs):
                print(f"JupyterLab at load {os.getloadavg()[0]:.0f}, from running the cell on:")
                in_lab(browser, lab, given.openings, given.patience)
            return
        with ended(Served(Path(name), *options)) as served, load(given.hogs):
            for throttle in given.throttle:
                opener = Opener(browser, served.url, throttle, given.patience)
                what = f"load {os.getloadavg()[0]:.0f}, browser slowed down {throttle:g} times"
                openings(opener, given.openings, what)


if __name__ == "__main__":
    main()
