"""What watching costs in the browser: our page, Glances' page and an empty one, each in a Chromium of its own.

Run as `python -m tests.benchmarks.browser`; `make bench` runs it too. All pages are open at the same time, each reads
every two seconds, and the CPU of all processes of its Chromium is counted. `--checkout PATH` measures another checkout
of procwidget beside this one, as for before and after; `--css RULES` our page once more with such rules, as to leave
its charts out. `--minutes` goes on longer, which shows whether the page's memory grows. It prints which goals are met.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from tests.benchmarks.crowd import crowd
from tests.benchmarks.peers import INTERVAL, Unmeasured, cpu_seconds, glances
from tests.browser.conftest import VIEWPORT, View, launch
from tests.browser.servers import Served, free_port, stop_server

CROWDS = {"1,000": (1000, 50), "3,000": (3000, 150)}
OURS, GLANCES, EMPTY = "procwidget's page", "Glances' page", "an empty page"
HIDDEN = f"{OURS}, hidden while others watch"
STRETCH = 5 * INTERVAL
SETTLING = 10 * INTERVAL
MOST_CPU, MOST_RATIO, MOST_RECALCS = 40.0, 0.25, 6.0
"""The goals: CPU ms a second, its part of what Glances' page takes, and style recalculations a second."""

WHEN_IT_CHANGES = """seconds => new Promise(found => {
    const moments = new Set();
    const observer = new MutationObserver(() => moments.add(Math.round(performance.now() / 500)));
    observer.observe(document.body, { subtree: true, childList: true, characterData: true });
    setTimeout(() => { observer.disconnect(); found(moments.size); }, 1000 * seconds);
})"""

HIDE = """() => {
    Object.defineProperty(document, 'visibilityState', { value: 'hidden' });
    document.dispatchEvent(new Event('visibilitychange'));
}"""

COUNTED = {"RecalcStyleCount": "recalcs", "LayoutCount": "layouts"}


class Watched:
    """One page in a Chromium of its own, the only one that it shows."""

    def __init__(self, playwright: Playwright, url: str, ready: Callable[[Page], object], css: str = "") -> None:
        before = _chromiums()
        self.browser: Browser = launch(playwright.chromium)
        self.roots = _chromiums() - before
        self.page = self.browser.new_page(viewport=VIEWPORT)
        self.page.goto(url)
        ready(self.page)
        if css:
            self.page.add_style_tag(content=css)
        self.devtools = self.page.context.new_cdp_session(self.page)
        self.devtools.send("Performance.enable")

    def cpu(self) -> float:
        """CPU seconds of all its processes until now."""
        total = 0.0
        for root in self.roots:
            for process in (root, *root.children(recursive=True)):
                with contextlib.suppress(OSError):  # it ended meanwhile
                    total += cpu_seconds(process.pid)
        return total

    def counters(self) -> dict[str, float]:
        """What Chromium counts about the page."""
        return {one["name"]: one["value"] for one in self.devtools.send("Performance.getMetrics")["metrics"]}

    def refreshes(self) -> int:
        """In how many half seconds of five intervals its text changes: a page that stands still is no peer."""
        return int(self.page.evaluate(WHEN_IT_CHANGES, STRETCH))

    def memory(self) -> tuple[float, int]:
        """MB of its heap after it was tidied up, and the DOM's nodes."""
        self.devtools.send("HeapProfiler.collectGarbage")
        counters = self.counters()
        return counters["JSHeapUsedSize"] / 1e6, int(counters["Nodes"])


def _chromiums() -> set[psutil.Process]:
    """The first processes of the Chromiums that this process started."""
    found = set()
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            arguments = process.cmdline()
            if any(part.startswith("--remote-debugging") for part in arguments) and not any(
                part.startswith("--type=") for part in arguments
            ):
                found.add(process)
    return found


@contextlib.contextmanager
def served(checkout: Path | None = None) -> Iterator[str]:
    """Serve the dashboard, of another checkout if one is given; yields the page's address."""
    with tempfile.TemporaryDirectory() as folder:
        with pytest.MonkeyPatch.context() as environment:
            if checkout is not None:
                environment.setenv("PYTHONPATH", str(checkout))
                environment.setenv("PYTHONSAFEPATH", "1")  # or the folder that this runs in would come first
            server = Served(Path(folder), "--interval", str(INTERVAL))
        try:
            yield server.url
        finally:
            stop_server(server.process)


@contextlib.contextmanager
def glances_page() -> Iterator[str]:
    """Run Glances' web server; yields its page's address, told to refresh as often as ours."""
    port = free_port()
    command = [str(glances()), "-w", "-B", "127.0.0.1", "-p", str(port), "-t", str(INTERVAL), "--disable-check-update"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(120):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api/4/status", timeout=5).close()
                break
            time.sleep(0.5)
        else:
            raise Unmeasured("Glances' web server did not answer")
        yield f"http://127.0.0.1:{port}/?refresh={INTERVAL:g}"
    finally:
        stop_server(process)


def _glances_shows(page: Page) -> object:
    return page.wait_for_function("document.querySelectorAll('td').length > 100", timeout=120_000)


def measure(pages: dict[str, Watched], rounds: int) -> dict[str, dict[str, float]]:
    """Return CPU ms, style recalculations and layouts a second of each page: medians of `rounds` stretches."""
    found: dict[str, dict[str, list[float]]] = {name: {key: [] for key in ("cpu", *COUNTED.values())} for name in pages}
    for _ in range(rounds):
        before = {name: (page.cpu(), page.counters(), time.monotonic()) for name, page in pages.items()}
        time.sleep(STRETCH)
        for name, page in pages.items():
            cpu, counters, began = before[name]
            cpu = page.cpu() - cpu
            seconds = time.monotonic() - began
            found[name]["cpu"].append(cpu * 1000 / seconds)
            now = page.counters()
            for counter, key in COUNTED.items():
                found[name][key].append((now[counter] - counters[counter]) / seconds)
    return {name: {key: statistics.median(values) for key, values in each.items()} for name, each in found.items()}


def run(name: str, options: argparse.Namespace) -> None:
    """Measure beside one crowd and print what was found."""
    with crowd(*CROWDS[name]), sync_playwright() as playwright, contextlib.ExitStack() as running:

        def watch(url: str, ready: Callable[[Page], object], css: str = "") -> Watched:
            watched = Watched(playwright, url, ready, css)
            running.callback(watched.browser.close)
            return watched

        def live(page: Page) -> object:
            return View(page).wait()

        def hide(page: Page) -> object:
            # Chromium without a window shows every tab, so the page is told what it would be told.
            return live(page), page.evaluate(HIDE)

        # All servers first: one that starts beside pages that are drawn takes long.
        address = running.enter_context(served())
        wanted = {OURS: (address, live, ""), HIDDEN: (address, hide, ""), EMPTY: ("about:blank", lambda page: None, "")}
        wanted |= {f"{OURS} with {css}": (address, live, css) for css in options.css}
        for place in options.checkout:
            wanted[f"{OURS}, {place.name}"] = (running.enter_context(served(place.resolve())), live, "")
        try:
            wanted[GLANCES] = (running.enter_context(glances_page()), _glances_shows, "")
        except Unmeasured as reason:
            print(f"Not measured: {GLANCES}: {reason}.")
        pages = {title: watch(*each) for title, each in wanted.items()}
        time.sleep(SETTLING)
        slow: set[str] = set()
        for title in {OURS, GLANCES} & pages.keys():
            changes = pages[title].refreshes()
            print(f"{title} changed in {changes} half seconds of {STRETCH:g} s.", flush=True)
            if changes < 3:
                slow.add(title)
        before = {title: page.memory() for title, page in pages.items()}
        began = time.monotonic()
        found = measure(pages, max(options.rounds, round(options.minutes * 60 / STRETCH)))
        minutes = (time.monotonic() - began) / 60
        print(f"\n{name} processes, 5 % active, every {INTERVAL:g} s, for {minutes:.1f} minutes:\n")
        print("| | CPU ms a second | style recalculations | layouts | heap MB, before and after | DOM nodes |")
        print("|---|---|---|---|---|---|")
        for title, each in found.items():
            (heap, nodes), (heap_after, nodes_after) = before[title], pages[title].memory()
            print(
                f"| {title} | {each['cpu']:.1f} | {each['recalcs']:.1f} | {each['layouts']:.1f}"
                f" | {heap:.1f}, {heap_after:.1f} | {nodes}, {nodes_after} |"
            )
        ours = found[OURS]
        _judge("CPU ms a second", ours["cpu"], MOST_CPU)
        if slow:
            print(f"  Not judged against Glances' page: too seldom changed {' and '.join(sorted(slow))}.")
        elif GLANCES in found:
            _judge("CPU / Glances' page", ours["cpu"] / found[GLANCES]["cpu"], MOST_RATIO)
        _judge("style recalculations a second", ours["recalcs"], MOST_RECALCS)


def _judge(what: str, value: float, goal: float) -> None:
    print(f"  {what}: {value:.3g} (goal ≤ {goal:g}: {'met' if value <= goal else 'MISSED'})", flush=True)


def main(arguments: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="stretches of five refreshes (5)")
    parser.add_argument("--minutes", type=float, default=0.0, help="go on at least so long")
    parser.add_argument("--crowd", action="append", choices=CROWDS, help="only this crowd; may be repeated")
    parser.add_argument("--checkout", action="append", type=Path, default=[], help="another procwidget to measure")
    parser.add_argument("--css", action="append", default=[], help="rules to measure our page with, too")
    options = parser.parse_args(arguments)
    print("The browser: CPU of all processes of a Chromium that shows one page", flush=True)
    for name in options.crowd or CROWDS:
        run(name, options)


if __name__ == "__main__":
    main()
