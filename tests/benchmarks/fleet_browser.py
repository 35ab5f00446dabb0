"""A thousand hosts in a browser: what a tick costs its main thread, from the message to style and layout.

The bundle runs in a page of its own in Chromium, and the messages are made up as the kernel makes them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from playwright.sync_api import Route

from tests.browser.conftest import VIEWPORT, browsing

STATIC = Path(__file__).parents[2] / "procwidget" / "views" / "static"
WARM, TICKS = 5, 40

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>fleet</title>
<link rel="stylesheet" href="/fleet.css"><div id="fleet"></div><script type="module">
import fleet from "/fleet.js";
const taken = [], el = document.getElementById("fleet");
const model = {get: () => undefined, on: (_, take) => taken.push(take), off: () => {}, send: () => {}};
fleet.render({model, el});
window.ticks = async (messages, warm) => { const all = [];
  for (const text of messages) {
    const frame = window.requestAnimationFrame; let draw = null;
    window.requestAnimationFrame = callback => { draw = callback; return 1; };
    const began = performance.now(), message = JSON.parse(text);
    taken.forEach(take => take(message)); window.requestAnimationFrame = frame;
    draw?.(); document.body.getBoundingClientRect();
    all.push(performance.now() - began);
    await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
  }
  const timed = all.slice(warm).sort((a, b) => a - b);
  return [timed[Math.floor(timed.length / 2)], timed[Math.floor(0.95 * timed.length)],
          document.querySelectorAll(".pw-hosts-strip > [data-host]").length];
};
window.ready = true;
</script></html>"""


def applied(messages: list[dict[str, Any]]) -> tuple[float, float]:
    """Return the median and the 95th percentile of the milliseconds that a message takes; each has all hosts."""

    def serve(route: Route) -> None:
        name = route.request.url.rpartition("/")[2]
        if name:
            kind = "text/css" if name.endswith(".css") else "text/javascript"
            route.fulfill(body=(STATIC / name).read_text("utf-8"), content_type=kind)
        else:
            route.fulfill(body=PAGE, content_type="text/html")

    with browsing() as browser:
        page = browser.new_page(viewport=VIEWPORT)
        page.route("http://fleet.test/**", serve)
        page.goto("http://fleet.test/")
        page.wait_for_function("window.ready")
        texts = [json.dumps(message) for message in messages]
        median, late, cells = page.evaluate("([texts, warm]) => ticks(texts, warm)", [texts, WARM])
    assert cells == len(messages[0]["rows"]), "every host has its cell"
    return float(median), float(late)
