"""Openings of the served page on a machine in trouble: how many show live figures, and after how long.

Run as `python -m tests.benchmarks.openings --openings 30`. `stress-ng` keeps the load up while pages are opened, each
by a visitor with nothing in the cache: alone and beside a page that stays open, in a browser as it is and in one that
is slowed down. A bare page of the same server, one small file, is opened in turns with them, so that ratios hold.
Figures are live once they have changed; the charts come later. It prints figures and judges nothing.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Error, sync_playwright

from tests.benchmarks.visitors import _MOVED, _SHOWN, ended, load
from tests.browser.conftest import FLAGS, browser_path
from tests.browser.servers import Served

BARE = "procwidget/wire.js"
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


def openings(opener, count, what):
    """Open pages, each with another beside it in turns, and print what came of them."""
    bare, taken, beside = [], [], []
    for number in range(count):
        bare.append(opener.bare())
        page, times = opener.open()
        taken.append(times)
        beside.append(page)
        if number % 2:
            while beside:
                beside.pop().context.close()
    for page in beside:
        page.context.close()
    medium = statistics.median(bare)
    print(f"{what}: a bare page takes {medium:.2f} s (median; at most {max(bare):.2f})")
    for place, name in enumerate(("figures", "moving figures", "charts")):
        got = [times[place] for times in taken if len(times) > place]
        if got:
            median = statistics.median(got)
            print(
                f"  {name}: {len(got)} of {count}, after {median:.2f} s (median; at most {max(got):.2f}), "
                f"{median / medium:.2f} x a bare page",
                flush=True,
            )
        else:
            print(f"  {name}: 0 of {count}", flush=True)


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--openings", type=int, default=30)
    parser.add_argument("--hogs", type=int, default=60)
    parser.add_argument("--throttle", type=float, nargs="*", default=[1.0, 6.0])
    parser.add_argument("--patience", type=float, default=120.0)
    given, options = parser.parse_known_args()
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=FLAGS)
        try:
            with ended(Served(Path(name), *options)) as served, load(given.hogs):
                for throttle in given.throttle:
                    opener = Opener(browser, served.url, throttle, given.patience)
                    what = f"load {os.getloadavg()[0]:.0f}, browser slowed down {throttle:g} times"
                    openings(opener, given.openings, what)
        finally:
            browser.close()


if __name__ == "__main__":
    main()
