"""The process table in a browser: 5,000 made-up processes, and what a tick, a sort, a search and a scroll cost.

Run by `python -m tests.benchmarks.table`: it serves the bundle and a page of its own on loopback, drives Chromium, and
prints medians and 95th percentiles in milliseconds. "A tick" is the main thread's time for a frame: applying it, the
drawing, and the browser's style and layout. The rest is from the input to the next paint.
"""

from __future__ import annotations

import http.server
import os
import shutil
import threading
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

ROWS = 5000
GOALS = {"tick": 8.0, "input": 50.0}
STATIC = Path(__file__).parents[2] / "procwidget" / "views" / "static"

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>table</title>
<link rel="stylesheet" href="/static/table.css">
<div class="procwidget"><div id="table"></div></div><script type="module">
import make from "/static/table.js";
const N = ROWS, handlers = [], sent = [];
const options = {sort_by: "cpu", rows: 15, actions: true, filter: "", columns: null, reveal: false};
const state = {options, thresholds: {process_cpu: [50, 90], process_memory: [20, 50]}};
const model = {get: name => state[name], on: (_, f) => handlers.push(f), off: () => {}, send: m => sent.push(m)};
let seed = 7, seq = 0;
const random = () => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648;
const names = ["python", "chrome", "postgres", "kworker/u8:3", "bash", "sshd", "node", "jupyter-lab"];
const rows = Array.from({length: N}, (_, at) => ({key: at + 1, pid: at + 1, name: names[Math.floor(random() * 8)],
  ppid: at ? 1 + Math.floor(random() * at) : 0, user: random() < 0.3 ? "root" : "ana",
  cpu: random() < 0.05 ? random() * 60 : 0, memory: random() * 900}));
const columns = [["key", "u4"], ["cpu", "f4"], ["memory", "f4"], ["cpu_time", "f4"], ["threads", "i4"],
  ["status", "i4"]];
function frame(changed, whole) {
  const n = changed.length, block = new ArrayBuffer(24 * n), strings = [], places = new Map();
  const key = new Uint32Array(block, 0, n), cpu = new Float32Array(block, 4 * n, n);
  const memory = new Float32Array(block, 8 * n, n), rest = new Int32Array(block, 16 * n, 2 * n).fill(1);
  const place = text => places.get(text) ?? (places.set(text, strings.push(text) - 1), strings.length - 1);
  changed.forEach((row, at) => { key[at] = row.key; cpu[at] = row.cpu; memory[at] = row.memory; });
  const info = whole ? changed.map(row => [`${row.pid}-${row.key}`, place(row.name), place(row.user), 1e9 + row.key,
    place(`/usr/bin/${row.name} --port ${row.key}`), row.ppid, 0, 1]) : [];
  return [{type: "frame", seq: ++seq, whole, time: 2e9 + seq, interval: 1, memory_total: 16e9, count: n, columns,
    statuses: ["running", "sleeping"], strings, info, gone: []}, [new DataView(block)]];
}
const emit = ([content, buffers]) => handlers.forEach(handler => handler(content, buffers));
const widget = make(), el = document.getElementById("table");
widget.initialize({model}); widget.render({model, el});
const painted = () => new Promise(done => requestAnimationFrame(() => {
  const after = new MessageChannel(); after.port1.onmessage = done; after.port2.postMessage(0); }));
const stat = all => { all.sort((a, b) => a - b);
  return {median: all[Math.floor(all.length / 2)], p95: all[Math.floor(all.length * 0.95)]}; };
window.start = async () => { while (!sent.some(m => m.type === "watch")) await painted();
  emit(frame(rows, true)); await painted(); };
window.ticks = async (part, times) => { const all = [];
  for (let at = 0; at < times; at++) {
    const changed = rows.filter(() => random() < part);
    for (const row of changed) { row.cpu = random() * 40; row.memory += 0.1; }
    const message = frame(changed, false), real = window.requestAnimationFrame; let draw = null;
    window.requestAnimationFrame = callback => { draw = callback; return 1; };
    const began = performance.now();
    emit(message); window.requestAnimationFrame = real; draw?.(); document.body.getBoundingClientRect();
    all.push(performance.now() - began); await painted();
  } return stat(all); };
window.inputs = async (act, times) => { const all = [];
  for (let at = 0; at < times; at++) { const began = performance.now(); act(at); await painted();
    all.push(performance.now() - began); } return stat(all); };
</script></html>"""

SORT = "inputs(() => document.querySelector('[role=columnheader][data-column={key}]').click(), 20)"
SHOW = """inputs(at => {{ const select = document.querySelector('.pw-show-as select');
  select.value = at % 2 ? 'list' : '{kind}'; select.dispatchEvent(new Event('change')); }}, 20)"""
SEARCH = """inputs(at => { const box = document.querySelector('[role=searchbox]');
  box.value = ['p', 'py', 'pyt', 'cpu>5', 'cpu>5 user=ana', ''][at % 6];
  box.dispatchEvent(new Event('input')); }, 36)"""
SCROLL = """inputs(at => { const box = document.querySelector('.pw-scroll');
  box.scrollTop = (at * 937) % (box.scrollHeight - 600); }, 60)"""
AS_TREE = """() => { const select = document.querySelector('.pw-show-as select');
  select.value = 'tree'; select.dispatchEvent(new Event('change')); }"""


class _Files(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Answer with the page, or with a file of the bundle."""
        name = Path(self.path).name
        known = self.path.startswith("/static/") and (STATIC / name).is_file()
        body = (STATIC / name).read_bytes() if known else PAGE.replace("ROWS", str(ROWS)).encode()
        kinds = {".js": "text/javascript", ".css": "text/css"}
        self.send_response(200)
        self.send_header("Content-Type", kinds.get(Path(name).suffix, "text/html"))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def measure(page: Page) -> dict[str, dict[str, float]]:
    """Return median and 95th percentile in milliseconds by what was measured."""
    found = {"tick, 10 % changed": page.evaluate("ticks(0.1, 60)"), "tick, all changed": page.evaluate("ticks(1, 40)")}
    for key in ("name", "cpu", "command"):
        found[f"input: sort by {key}"] = page.evaluate(SORT.format(key=key))
    found["input: search"] = page.evaluate(SEARCH)
    found["input: scroll"] = page.evaluate(SCROLL)
    for kind in ("tree", "user"):
        found[f"input: show as {kind} and back"] = page.evaluate(SHOW.format(kind=kind))
    page.evaluate(AS_TREE)
    found["tick in a tree, 10 % changed"] = page.evaluate("ticks(0.1, 40)")
    found["tick in a tree, all changed"] = page.evaluate("ticks(1, 40)")
    return found


def main() -> None:
    """Measure, and print."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Files)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.goto(f"http://127.0.0.1:{server.server_port}/")
            page.evaluate("start()")
            print(f"The table with {ROWS:,} processes, in milliseconds:")
            for name, figures in measure(page).items():
                goal = GOALS["tick" if name.startswith("tick") else "input"]
                print(f"  {name:34} median {figures['median']:6.1f}  p95 {figures['p95']:6.1f}  (goal {goal:.0f})")
            nodes = page.evaluate("document.querySelectorAll('.pw-table *').length")
            print(f"  {nodes} elements in the document")
            browser.close()
    finally:
        server.shutdown()
        server.server_close()


if __name__ == "__main__":
    main()
