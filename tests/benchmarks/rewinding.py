"""How long it takes from a click in a chart to the table of that moment. Part of `make bench`.

    python -m tests.benchmarks.rewinding

A dashboard of 1,000 processes is in a JupyterLab, in Chromium. Moments all over its CPU chart are clicked, and beside
each a column's heading, for the same rows in another order: that is the baseline. First while the kernel is idle, then
while a cell computes, in the kernel's main thread, which is left out of its figures then. A click ends with the frame
after the one that drew the table. Figures are medians.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import CDPSession, Page, expect

from tests.benchmarks.crowd import crowd
from tests.benchmarks.peers import cpu_seconds
from tests.browser.conftest import VIEWPORT, View, browsing, wait_for_charts
from tests.browser.servers import Lab, stop_server

MOST_MS = 50.0
_TRIES = 12
_HISTORY = 45.0
"""Seconds that are watched before there is a past to look at."""

_SHOW = "from procwidget import Dashboard\nDashboard(interval=2.0)"
_COMPUTE = "import time\nend = time.monotonic() + 300\nwhile time.monotonic() < end: sum(range(1000))"

_CLICK = """async ([what, ago]) => {
    const drawn = () => new Promise(then => requestAnimationFrame(() => setTimeout(then)));
    const changed = (element, attribute) => new Promise((then, fail) => {
        setTimeout(() => fail(new Error(`${what} did nothing`)), 20000);
        const observer = new MutationObserver(() => { observer.disconnect(); then(); });
        observer.observe(element, { attributes: true, attributeFilter: [attribute] });
    });
    const dashboard = document.querySelector('.procwidget');
    const began = performance.now();
    if (what === 'sort') {
        const heading = dashboard.querySelector('[role=columnheader][data-column=memory]');
        const sorted = changed(heading, 'aria-sort');
        heading.click();
        await sorted;
    } else {
        const plot = dashboard.querySelector('.procwidget-chart-cpu .bqplot');
        const { left, top, width } = plot.getBoundingClientRect();
        const [span, unit] = dashboard.querySelector('.pw-axis-from').textContent.split(' ');
        const share = 1 - ago / (span * (unit === 'min' ? 60 : 1));
        const at = { bubbles: true, button: 0, clientX: left + share * width, clientY: top + 20 };
        const shown = changed(dashboard.querySelector('.pw-moment'), 'data-time');
        plot.dispatchEvent(new PointerEvent('pointerdown', at));
        plot.dispatchEvent(new PointerEvent('pointerup', at));
        await shown;
    }
    await drawn();
    return performance.now() - began;
}"""


def _kernel(lab: Lab) -> psutil.Process:
    children = psutil.Process(lab.process.pid).children(recursive=True)
    return next(child for child in children if "ipykernel_launcher" in child.cmdline())


def _answering(kernel: psutil.Process, *, computes: bool) -> float:
    """CPU milliseconds of the kernel until now, without its main thread while that computes."""
    main = Path(f"/proc/{kernel.pid}/task/{kernel.pid}/schedstat").read_text().split()[0] if computes else 0
    return cpu_seconds(kernel.pid) * 1000 - int(main) / 1e6


def _drawing(devtools: CDPSession) -> float:
    """CPU milliseconds of the browser's main thread until now."""
    metrics = devtools.send("Performance.getMetrics")["metrics"]
    return 1000 * next(one["value"] for one in metrics if one["name"] == "ThreadTime")


def measure(page: Page, devtools: CDPSession, kernel: psutil.Process, *, computes: bool) -> dict[str, dict[str, float]]:
    """Return milliseconds of clicks at moments, and of clicks that sort: wall, browser, kernel."""
    found: dict[str, dict[str, list[float]]] = {
        what: {"wall": [], "browser": [], "kernel": []} for what in ("moment", "sort")
    }
    for at in range(_TRIES):
        for what, each in found.items():
            before = _drawing(devtools), _answering(kernel, computes=computes)
            wall = page.evaluate(_CLICK, [what, _HISTORY * (0.1 + 0.8 * at / _TRIES)])
            after = _drawing(devtools), _answering(kernel, computes=computes)
            each["wall"].append(wall)
            each["browser"].append(after[0] - before[0])
            each["kernel"].append(after[1] - before[1])
            # The strip's day, and a process's figures, are asked for when a moment stays.
            time.sleep(0.4)
            if what == "moment":
                page.evaluate("document.querySelector('.procwidget .pw-moment-live').click()")
                time.sleep(0.4)
    return {what: {key: statistics.median(values) for key, values in each.items()} for what, each in found.items()}


def _tell(name: str, found: dict[str, dict[str, float]]) -> None:
    moment, sort = found["moment"], found["sort"]

    def words(each: dict[str, Any]) -> str:
        return f"{each['wall']:.0f} ms ({each['browser']:.0f} CPU in the browser, {each['kernel']:.0f} in the kernel)"

    met = "met" if moment["wall"] <= MOST_MS else "MISSED"
    print(f"  {name}: a moment {words(moment)} (goal ≤ {MOST_MS:g}: {met}), sorting {words(sort)};", end=" ")
    print(f"ratio {moment['wall'] / sort['wall']:.1f}, of the browser's CPU {moment['browser'] / sort['browser']:.1f}")


def main() -> None:
    """Measure and print."""
    print("\nFrom a click in a chart to the table of then, 1,000 processes:", flush=True)
    with tempfile.TemporaryDirectory() as folder, crowd(1000, 50), browsing() as browser:
        lab = Lab(Path(folder))
        try:
            page = browser.new_page(viewport=VIEWPORT)
            lab.open(page, [_SHOW, _COMPUTE], "rewinding")
            lab.run(page, 0)
            View(page).wait()
            wait_for_charts(page)
            time.sleep(_HISTORY)
            devtools = page.context.new_cdp_session(page)
            devtools.send("Performance.enable")
            kernel = _kernel(lab)
            _tell("the kernel idle", measure(page, devtools, kernel, computes=False))
            lab.run(page, 1)
            expect(page.locator(".jp-InputPrompt").nth(1)).to_contain_text("*")
            _tell("a cell computes", measure(page, devtools, kernel, computes=True))
        finally:
            stop_server(lab.process)


if __name__ == "__main__":
    main()
