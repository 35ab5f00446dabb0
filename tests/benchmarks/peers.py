"""What the benchmark runs: procwidget's parts and its peers, each in a process of its own.

Each refreshes every two seconds, as procwidget does, and can say how much CPU all its threads have taken so far.
"""

from __future__ import annotations

import contextlib
import os
import pty
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import venv
from collections.abc import Callable, Iterator
from pathlib import Path

INTERVAL = 2.0
PYTHON = sys.executable

SOURCE = """
import sys, time
from procwidget.sources.{module}.source import {name}
source = {name}()
while True:
    source.read()
    time.sleep({interval})
"""
NAIVE = """
import psutil, time
names = ["pid", "name", "username", "status", "cpu_percent", "memory_info"]
names += ["num_threads", "create_time", "cmdline", "ppid"]
while True:
    [process.info for process in psutil.process_iter(names)]
    psutil.cpu_percent(percpu=True), psutil.virtual_memory(), psutil.disk_io_counters(), psutil.net_io_counters()
    time.sleep({interval})
"""


class Unmeasured(Exception):
    """A peer could not be measured; the message says why."""


def cpu_seconds(pid: int) -> float:
    """CPU seconds of all threads of a process since it started, to the nanosecond."""
    return time.clock_gettime_ns((~pid << 3) | 2) / 1e9


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextlib.contextmanager
def script(code: str) -> Iterator[Callable[[], float]]:
    """Run Python code in a process of its own; yields a function that reads its CPU seconds."""
    process = subprocess.Popen([PYTHON, "-c", code])
    try:
        yield lambda: cpu_seconds(process.pid)
    finally:
        _end(process)


@contextlib.contextmanager
def terminal(command: list[str], environment: dict[str, str] | None = None) -> Iterator[Callable[[], float]]:
    """Run a program in a terminal of 200 × 50 characters whose output is read and dropped."""
    if shutil.which(command[0]) is None:
        raise Unmeasured(f"{command[0]} is not installed")
    pid, master = pty.fork()
    if pid == 0:
        os.environ.update(
            {"TERM": "xterm-256color", "LANG": "C.UTF-8", "COLUMNS": "200", "LINES": "50", **(environment or {})}
        )
        os.execvp(command[0], command)
    import fcntl
    import struct
    import termios

    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))

    def drain() -> None:
        with contextlib.suppress(OSError):
            while os.read(master, 65536):
                pass

    threading.Thread(target=drain, daemon=True).start()
    try:
        time.sleep(1.0)
        done, _ = os.waitpid(pid, os.WNOHANG)
        if done:
            raise Unmeasured(f"{command[0]} ended at once")
        yield lambda: cpu_seconds(pid)
    finally:
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        os.close(master)


def glances() -> Path:
    """Return the path of Glances in an environment of its own, made at the first call.

    Raises:
        Unmeasured: it could not be installed.
    """
    folder = Path(tempfile.gettempdir()) / "procwidget-bench-glances"
    program = folder / "bin" / "glances"
    if not program.exists():
        venv.create(folder, with_pip=True, clear=True)
        installed = subprocess.run(
            [folder / "bin" / "pip", "install", "-q", "glances[web]==4.5.*"], capture_output=True, text=True
        )
        if installed.returncode:
            raise Unmeasured("Glances could not be installed: " + installed.stderr.strip().splitlines()[-1])
    return program


@contextlib.contextmanager
def glances_web() -> Iterator[Callable[[], float]]:
    """Run Glances' web server, polled once an interval as its page does."""
    port = 61300 + os.getpid() % 200
    command = [str(glances()), "-w", "-B", "127.0.0.1", "-p", str(port), "-t", str(INTERVAL), "--disable-check-update"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    stopping = threading.Event()

    def poll() -> None:
        while not stopping.wait(INTERVAL):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api/4/all", timeout=10).read()

    try:
        for _ in range(60):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api/4/status", timeout=5).close()
                break
            time.sleep(0.5)
        else:
            raise Unmeasured("Glances' web server did not answer")
        threading.Thread(target=poll, daemon=True).start()
        yield lambda: cpu_seconds(process.pid)
    finally:
        stopping.set()
        _end(process)


@contextlib.contextmanager
def dashboard() -> Iterator[Callable[[], float]]:
    """Serve the dashboard, watched by one page; yields the CPU seconds of its kernel and of the page's server."""
    import psutil
    from playwright.sync_api import sync_playwright

    from tests.browser.conftest import BROWSERS, FLAGS, View
    from tests.browser.servers import Served, stop_server

    browser_path = os.environ.get("PROCWIDGET_BROWSER") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser_path is None:
        raise Unmeasured("there is no Chromium")
    with tempfile.TemporaryDirectory() as folder:
        served = Served(Path(folder), "--interval", str(INTERVAL))
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=browser_path, args=FLAGS)
                page = browser.new_page()
                page.goto(served.url)
                View(page).wait()
                kernels = [
                    child.pid
                    for child in psutil.Process(served.process.pid).children(recursive=True)
                    if "ipykernel" in " ".join(child.cmdline())
                ]
                yield lambda: cpu_seconds(kernels[0]) + cpu_seconds(served.process.pid)
                browser.close()
        finally:
            stop_server(served.process)


def _btop() -> contextlib.AbstractContextManager[Callable[[], float]]:
    home = Path(tempfile.mkdtemp())
    (home / "btop").mkdir()
    # Its first line is a header; an option there would not be read, and it would refresh every two seconds.
    (home / "btop" / "btop.conf").write_text(f"#? Config file for btop\nupdate_ms={int(INTERVAL * 1000)}\n")
    return terminal(["btop", "--utf-force"], {"XDG_CONFIG_HOME": str(home)})


PEERS: dict[str, Callable[[], contextlib.AbstractContextManager[Callable[[], float]]]] = {
    "procwidget, the Linux source": lambda: script(
        SOURCE.format(module="linux", name="LinuxSource", interval=INTERVAL)
    ),
    "procwidget, the portable source": lambda: script(
        SOURCE.format(module="portable", name="PortableSource", interval=INTERVAL)
    ),
    "procwidget, the whole dashboard": dashboard,
    "psutil, as everyone writes it": lambda: script(NAIVE.format(interval=INTERVAL)),
    "top -b": lambda: terminal(["top", "-b", "-d", str(INTERVAL)]),
    "htop": lambda: terminal(["htop", "-d", str(int(INTERVAL * 10))]),
    "btop": _btop,
    "Glances, in a terminal": lambda: terminal([str(glances()), "-t", str(INTERVAL), "--disable-check-update"]),
    "Glances, its web server": glances_web,
}
