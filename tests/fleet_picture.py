"""Makes docs/fleet.png: the page of a cluster with three hosts in trouble, one of them opened: `make fleet-picture`.

Page, agents and what they find are real; the hosts are made up, and so is what carries their messages. It takes a
minute and a half, for pressure has to last before it is called a shortage.
"""

from __future__ import annotations

import math
import os
import random
import secrets
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

HOSTS = 60
SHORT_OF_MEMORY, SHORT_OF_CPU, SHORT_OF_DISK, SILENT = 17, 23, 31, 44
ADDRESS = "tcp://10.0.0.1:8786"
SECONDS = 80
REMEMBERED = 145
GIB = 2**30
CELL = f"import sys; sys.path.insert(0, {str(ROOT)!r})\nfrom tests.fleet_picture import staged\n\nstaged()"
PROGRAMS = [
    ("train.py", "ana", "python train.py --data /scratch/faces --epochs 40"),
    ("gatk", "omar", "java -Xmx24g -jar gatk.jar HaplotypeCaller -R hg38.fa -I s12.bam"),
    ("julia", "mia", "julia --threads 16 climate.jl"),
    ("Rscript", "tom", "Rscript fit_models.R --cv 10"),
    ("ffmpeg", "li", "ffmpeg -i lecture.mov -c:v libx265 lecture.mkv"),
    ("postgres", "postgres", "postgres: writer process"),
]
DAEMONS = [
    *(("dask worker", "dask", 310.0), ("slurmd", "root", 42.0), ("node_exporter", "nobody", 24.0)),
    *(("sshd", "root", 9.0), ("rsyslogd", "syslog", 6.0), ("chronyd", "_chrony", 3.5), ("cron", "root", 2.5)),
]


class MadeUp:
    """A source of one host's samples."""

    name = "made-up"

    def __init__(self, number: int) -> None:
        self.number, self.host = number, f"node{number:02d}"
        self.top = 15
        self.wanted = self.in_sight = frozenset[str]()
        self.notes: list[str] = []
        self.random = random.Random(number)
        self.busy = self.random.betavariate(1.0, 2.0) * 0.85
        self.full = self.random.uniform(0.1, 0.6)
        self.cores, self.total = 16, 128 * GIB

    def read(self):
        if self.number == SILENT and time.monotonic() > STARTED + SECONDS - 25:
            time.sleep(3600)
        return self.sample(0)

    def sample(self, ago: float):
        """The host as it was so many seconds ago."""
        from procwidget.sources.scripted import make_process, make_sample

        now = time.time() - ago
        wave = 0.06 * math.sin(now / 17 + self.number) + self.random.uniform(-0.03, 0.03)
        busy, full, pressure = min(0.99, max(0.01, self.busy + wave)), self.full, [0.0, 0.0, 0.0]
        written = self.random.uniform(1e5, 4e6)
        if self.number == SHORT_OF_MEMORY:
            full = 0.975 - 0.0018 * max(0.0, STARTED_AT - now)
            busy, pressure = 0.42 + wave, [4.0, 43.0 if ago < 90 else 6.0, 9.0]
        elif self.number == SHORT_OF_CPU:
            busy, pressure = 0.995, [71.0, 0.0, 0.0]
        elif self.number == SHORT_OF_DISK:
            pressure, written = [2.0, 0.0, 58.0], 2.3e8 + self.random.uniform(0, 2e7)
        used = int(full * self.total)
        memory = make_sample()["memory"] | {"total": self.total, "used": used, "available": self.total - used}
        per_cpu = [100 * min(1.0, max(0.0, busy + self.random.uniform(-0.08, 0.05))) for _ in range(self.cores)]
        disk = {"read": self.random.uniform(0, 6e6), "written": written}
        return make_sample(
            **{"time": now, "monotonic": time.monotonic() - ago, "host": self.host, "per_cpu": per_cpu},
            **{"boot_id": f"{self.number:08d}-0000-4000-8000-000000000000", "memory": memory, "cpu_usage": 100 * busy},
            uptime=4e6 + now % 1e6,
            pressure={"cgroup": None, "cpu": {"some": pressure[0]}}
            | {
                kind: {"some": some, "full": some / 2}
                for kind, some in zip(("memory", "io"), pressure[1:], strict=True)
            },
            load_average=[busy * self.cores * 1.1, busy * self.cores, busy * self.cores],
            disk=disk,
            network={"received": self.random.uniform(1e5, 9e6), "sent": self.random.uniform(1e5, 3e6)},
            processes=[make_process(**row) for row in self.rows(busy, used, written, now)],
        )

    def rows(self, busy: float, used: int, written: float, now: float):
        """The processes: one program that takes most, and those that every host has."""
        memory = used / 2**20
        main = {SHORT_OF_MEMORY: 0, SHORT_OF_CPU: 1, SHORT_OF_DISK: 5}.get(self.number, self.number % 5)
        name, user, command = PROGRAMS[main]
        many = {SHORT_OF_MEMORY: 1, SHORT_OF_CPU: 16}.get(self.number, 1 + self.number % 4)
        other = PROGRAMS[(main + 2) % 5]
        for at in range(many):
            cpu = 90 * busy * self.cores / many * self.random.uniform(0.97, 1.0)
            yield self.row(4123 + at, name, user, command, cpu, memory * 0.81 / many, threads=18)
        yield self.row(5210, other[0], other[1], other[2], 31 * busy, memory * 0.04, threads=6)
        for at, (daemon, owner, size) in enumerate(DAEMONS):
            yield self.row(812 + 7 * at, daemon, owner, f"/usr/sbin/{daemon}", 0.4 / (at + 1), size, threads=1 + at % 3)

    def row(self, pid: int, name: str, user: str, command: str, cpu: float, memory: float, threads: int):
        status = "running" if cpu > 50 else "sleeping"
        started = STARTED_AT - 3600.0 * (pid % 7 + 1)
        return {
            **{"pid": pid, "name": name, "user": user, "command": command, "cpu": cpu, "memory": memory},
            **{"threads": threads, "status": status, "started": started, "cpu_time": cpu * 36.0},
        }

    def close(self) -> None:
        pass


STARTED, STARTED_AT = time.monotonic(), time.time()


def staged():
    """The fleet, in the page's kernel."""
    from procwidget.fleet import over_dask
    from procwidget.fleet.agent import Agent
    from procwidget.views.served_fleet import served_fleet
    from tests.unit.test_host_seam import Wire

    made = []
    for number in range(1, HOSTS + 1):
        source = MadeUp(number)
        agent = Agent(lambda _message: None, source=source, may_kill=True)
        agent.key = f"key of {source.host}"
        known = agent.hello
        agent.hello = lambda known=known, name=source.host: {**known(), "name": name}
        if number == SHORT_OF_MEMORY:
            for ago in range(2 * REMEMBERED, 2, -2):
                agent.monitor.history.append(source.sample(ago))
        made.append(agent)
    wire = Wire(*made)
    wire.name = ADDRESS
    over_dask.DaskLink = lambda _cluster: wire
    return served_fleet()


def serve(port: str, token: str) -> int:
    """Serve the page."""
    from procwidget import cli
    from procwidget.server import page

    page._FLEET = CELL
    return cli.main(["--dask", ADDRESS, "--allow-kill", "--no-browser", "--port", port, "--token", token])


def main(path: str) -> None:
    """Write the picture to `path`."""
    from tests.browser.conftest import browsing, opened
    from tests.browser.servers import free_port, start_server, stop_server

    port, token = str(free_port()), secrets.token_hex(24)
    address = f"http://127.0.0.1:{port}/"
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, __file__, "--serve", port, token]
        log = Path(folder) / "log"
        server = start_server(command, f"{address}procwidget/metrics?token={token}", log, env={**os.environ})
        try:
            with browsing() as browser, opened(browser) as (page, _errors):
                page.goto(f"{address}?token={token}")
                page.locator(".pw-host-row[data-host]").first.wait_for()
                time.sleep(SECONDS)
                page.locator(f".pw-host-row[data-host=node{SHORT_OF_MEMORY}]").click()
                page.locator("[data-pid]").first.wait_for()
                time.sleep(7)
                page.locator("#procwidget-page").evaluate("page => (page.scrollTop = 0)")
                page.mouse.move(1270, 790)
                time.sleep(1)
                page.screenshot(path=path)
        finally:
            stop_server(server)


if __name__ == "__main__":
    if sys.argv[1] == "--serve":
        sys.exit(serve(sys.argv[2], sys.argv[3]))
    main(sys.argv[1])
