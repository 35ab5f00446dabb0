"""What pages of one server cost it a tick, and what a tick has on the wire: run as `python -m tests.benchmarks.wire`.

One page watches, then two more; CPU milliseconds a tick of the server and its kernel together, and the bytes that the
first page's WebSocket gets, headers and all, beside what the page says of itself.
"""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.benchmarks.crowd import crowd
from tests.benchmarks.peers import INTERVAL, cpu_seconds

MOST_BYTES = 10_000
MOST_A_PAGE = 2.0
"""Goals at 1,000 processes, 5 % of them active: bytes a tick, and CPU milliseconds a tick for each further page."""

_FURTHER = 2
_ROUNDS, _TICKS = 5, 4


def main() -> None:
    """Measure and print, with the goals; where there is no Chromium, say so."""
    import psutil
    from playwright.sync_api import sync_playwright

    from tests.browser.conftest import BROWSERS, FLAGS, View
    from tests.browser.servers import Served, stop_server

    browser_path = os.environ.get("PROCWIDGET_BROWSER") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser_path is None:
        print("Not measured: pages and the wire: there is no Chromium.")
        return
    received: list[tuple[float, int]] = []

    def follow(socket: Any) -> None:
        socket.on("framereceived", lambda payload: received.append((time.monotonic(), len(payload))))

    with crowd(1000, 50), tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        served = Served(Path(folder), "--interval", str(INTERVAL))
        try:
            browser = playwright.chromium.launch(executable_path=browser_path, args=FLAGS)
            [kernel] = [
                child.pid
                for child in psutil.Process(served.process.pid).children(recursive=True)
                if "ipykernel" in " ".join(child.cmdline())
            ]
            pages = []

            def enter() -> None:
                page = browser.new_context().new_page()
                page.on("websocket", follow if not pages else lambda _socket: None)
                page.goto(served.url)
                View(page).wait()
                pages.append(page)

            def cost() -> float:
                spent = []
                for _ in range(_ROUNDS):
                    before, began = cpu_seconds(served.process.pid) + cpu_seconds(kernel), time.monotonic()
                    pages[0].wait_for_timeout(_TICKS * INTERVAL * 1000)
                    after = cpu_seconds(served.process.pid) + cpu_seconds(kernel)
                    ticks = (time.monotonic() - began) / INTERVAL
                    spent.append((after - before) * 1000 / ticks)
                return statistics.median(spent)

            enter()
            pages[0].wait_for_timeout(20 * INTERVAL * 1000)
            began = time.monotonic()
            one = cost()
            now = time.monotonic()
            bytes_a_tick = sum(size for when, size in received if began <= when < now) / ((now - began) / INTERVAL)
            said = pages[0].locator(".pw-cost").inner_text()
            for _ in range(_FURTHER):
                enter()
            pages[0].wait_for_timeout(10 * INTERVAL * 1000)
            further = (cost() - one) / _FURTHER
            browser.close()
        finally:
            stop_server(served.process)
    print("\nOne server's pages, at 1,000 processes:")
    print(f"  server and kernel with one page: {one:.1f} ms of CPU a tick")
    print(f"  each further page: {further:.1f} ms ({_verdict(further, MOST_A_PAGE)})")
    print(f"  on the wire: {bytes_a_tick / 1000:.1f} kB a tick ({_verdict(bytes_a_tick / 1000, MOST_BYTES / 1000)})")
    print(f"  the page says: {said}")


def _verdict(value: float, most: float) -> str:
    return f"goal ≤ {most:g}: {'met' if value <= most else 'MISSED'}"


if __name__ == "__main__":
    main()
