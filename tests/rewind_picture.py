"""Makes docs/rewind.png: a page at a past moment of the made-up recording of a notebook: `make rewind-picture`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import expect

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.browser.conftest import View, browsing, opened, wait_for_charts  # noqa: E402
from tests.browser.servers import Served, stop_server  # noqa: E402

MOMENT = "10:34:10"
"""Before the kernel with the pid GREW is ended for want of memory."""

GREW = 850


def main(path: str) -> None:
    """Write the picture to `path`."""
    with tempfile.TemporaryDirectory() as folder:
        served = Served(Path(folder), "replay", str(ROOT / "notebooks" / "what_happened.sqlite"))
        try:
            with browsing() as browser, opened(browser) as (page, _errors):
                page.goto(served.url)
                view = View(page).wait()
                wait_for_charts(page)
                strip = view.region.get_by_role("status", name="Moment")
                box = view.region.get_by_role("textbox", name="Jump to")
                box.fill(MOMENT)
                box.press("Enter")
                expect(strip).to_contain_text(MOMENT)
                view.cell(GREW, "name").dblclick()
                expect(view.region.get_by_role("region", name="Details of")).to_contain_text("killed by SIGKILL")
                page.mouse.move(0, 0)
                # The charts around the moment, and the order of the rows, come when it stays.
                page.wait_for_timeout(4000)
                page.screenshot(path=path)
        finally:
            stop_server(served.process)


if __name__ == "__main__":
    main(sys.argv[1])
