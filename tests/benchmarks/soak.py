"""The dashboard for an hour, under churn: threads, files, widgets and memory of every process of ours stay flat.

Two dashboards run: a served one with Chromium before it, whose tab is closed and opened again, and one in a kernel of
its own as in JupyterLab, whose cell is run again and whose busy cells are interrupted. Meanwhile processes come and
go. Once a minute, at the same moment of the same cycle, the processes are measured. `make soak` runs it; it ends with
a verdict, and with status 1 when something grew.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
from jupyter_client.manager import KernelManager

from tests.browser.conftest import View, browsing
from tests.browser.servers import Served, stop_server
from tests.kernel.conftest import Kernel, frames
from tests.kernel.look import SERVED, Look, connection_file

CYCLE = 60.0
INTERVAL = 2.0
KEEP = 600.0
"""Seconds of history, as by default; memory is expected to grow until it is full."""

SIGN_OF_LIFE = 5.0
"""Seconds from one sign of life to the next; each leaves its digest in the kernel, so more would look like growth."""

MOST_GROWTH = 1024
"""Bytes that a tick may add to a process's memory, on average after the warm-up."""

COUNTS = {"threads": 1, "files": 2, "widgets": 0, "pollers": 0}
"""What is counted, and by how much the last third of the run may exceed the first."""

# What waits to be collected, such as the widgets of an earlier run of the cell, is no growth.
LOOK = """{
    "garbage": __import__("gc").collect() * 0,
    "widgets": len(__import__("ipywidgets").widgets.widget._instances),
    "pollers": sum(t.name == "procwidget-poller" for t in __import__("threading").enumerate()),
}"""


class Soak:
    """Both dashboards, the browser, and what happens to them."""

    def __init__(self, folder, browser, keep):
        self.browser = browser
        self.served = Served(folder, f"--interval={INTERVAL:g}")
        self.context = None
        self.visit()
        server = psutil.Process(self.served.process.pid)
        served_kernel = next(child for child in server.children() if "ipykernel_launcher" in " ".join(child.cmdline()))
        file = connection_file(served_kernel)
        manager = KernelManager(kernel_name="python3")
        manager.start_kernel()
        self.kernel = Kernel(manager)
        self.kernel.run("from procwidget import Dashboard")
        self.run_cell()
        self.processes = {
            "server": server,
            "served kernel": served_kernel,
            "notebook kernel": psutil.Process(manager.provisioner.pid),
        }
        self.looks = {
            "served kernel": Look(file, SERVED),
            "notebook kernel": Look(manager.connection_file, "d"),
        }
        for look in self.looks.values():
            look(f"setattr(dashboard.monitor.history, 'seconds', {keep})")
        self.crowd = []

    def visit(self):
        """Close the tab and open another."""
        self.leave()
        self.context = self.browser.new_context(viewport={"width": 1280, "height": 800})
        self.page = self.context.new_page()
        self.page.goto(self.served.url)
        View(self.page).wait()

    def leave(self):
        if self.context is not None:
            self.context.close()
            self.context = None

    def run_cell(self):
        """Run the notebook's cell, again, and watch what it shows."""
        self.kernel.run(f"d = Dashboard(interval={INTERVAL}); d", cell="dashboard")
        self.table = self.kernel.run("print(d.table.model_id)").strip()
        self.kernel.tell(self.table, {"type": "watch", "view": "soak", "on": True})

    def interrupt(self):
        """Interrupt a cell that computes."""
        request = self.kernel.start("while True: pass")
        self.pass_time(2)
        self.kernel.manager.interrupt_kernel()
        came = self.kernel.listen(
            10, lambda m: m["msg_type"] == "error" and m["parent_header"].get("msg_id") == request
        )
        assert came and came[-1]["content"]["ename"] == "KeyboardInterrupt", "the cell was not interrupted"

    def pass_time(self, seconds):
        """Let time pass, giving the notebook's kernel a sign of life as often as its browser does."""
        end, next_sign = time.monotonic() + seconds, 0.0
        while time.monotonic() < end:
            came = frames(self.kernel.listen(0.5), self.table)
            self.kernel.messages.clear()
            if came and time.monotonic() >= next_sign:
                next_sign = time.monotonic() + SIGN_OF_LIFE
                self.kernel.tell(self.table, {"type": "ack", "view": "soak", "seq": came[-1][0]["seq"]})
            if self.context is not None:
                self.page.wait_for_timeout(1)

    def churn(self):
        self.crowd = [subprocess.Popen(["sleep", "1000"]) for _ in range(30)]

    def calm(self):
        for child in self.crowd:
            child.kill()
            child.wait()
        self.crowd = []

    def cycle(self, number):
        """A minute of use; it ends with everything as it began."""
        end = time.monotonic() + CYCLE
        if number % 5 == 4:
            # Long enough that the kernel notices, and stops polling.
            self.leave()
            self.pass_time(20)
        self.visit()
        self.churn()
        self.pass_time(5)
        self.interrupt()
        self.run_cell()
        self.calm()
        self.pass_time(end - time.monotonic())

    def figures(self):
        """What each process has now."""
        found = {}
        for name, process in self.processes.items():
            counts = self.looks[name](LOOK) if name in self.looks else {}
            memory = process.memory_info().rss
            found[name] = {"rss": memory, "threads": process.num_threads(), "files": process.num_fds(), **counts}
        return found

    def close(self):
        self.calm()
        self.leave()
        stop_server(self.served.process)
        for look in self.looks.values():
            look.close()
        self.kernel.close()


def verdict(times, rows):
    """Print what became of each figure after the warm-up; return whether nothing grew."""
    good = True
    third = max(1, len(rows) // 3)
    for name in rows[0]:
        for key, allowed in COUNTS.items():
            if key in rows[0][name]:
                first, last = (
                    statistics.median(row[name][key] for row in part) for part in (rows[:third], rows[-third:])
                )
                flat = last <= first + allowed
                good &= flat
                print(f"{name}: {key} {first:g} → {last:g} {'flat' if flat else 'GREW'}")
        memory = [row[name]["rss"] for row in rows]
        slope = statistics.linear_regression(times, memory).slope * INTERVAL
        flat = slope < MOST_GROWTH
        good &= flat
        print(
            f"{name}: memory {memory[0] / 2**20:.1f} → {memory[-1] / 2**20:.1f} MiB, {slope:.0f} bytes a tick,"
            f" {'flat' if flat else 'GREW'}"
        )
    print("nothing grew" if good else "SOMETHING GREW")
    return good


def main():
    """Run it for as long as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60, help="how long, 4 at least (default: 60)")
    minutes = parser.parse_args().minutes
    if minutes < 4:
        parser.error(f"--minutes must be 4 at least, not {minutes:g}")
    keep = min(KEEP, minutes * 60 / 6)
    # The history fills, and the allocator needs some cycles more to settle.
    warmth = keep + min(300.0, keep)
    times, rows = [], []
    with tempfile.TemporaryDirectory() as folder, browsing() as browser:
        soak = Soak(Path(folder), browser, keep)
        began = time.monotonic()
        try:
            for number in range(int(minutes * 60 / CYCLE)):
                soak.cycle(number)
                now = soak.figures()
                elapsed = time.monotonic() - began
                warm = elapsed > warmth
                print(f"{elapsed:6.0f} s {'' if warm else '(warming up) '}{now}", flush=True)
                if warm:
                    times.append(elapsed)
                    rows.append(now)
        finally:
            soak.close()
    return 0 if verdict(times, rows) else 1


if __name__ == "__main__":
    sys.exit(main())
