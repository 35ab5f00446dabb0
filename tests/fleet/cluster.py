"""Real clusters for these tests: a scheduler and workers that they started, ended by their pids.

A worker may be on a host of its own: a pid namespace with its own /proc and host name, as a container is one.
"""

from __future__ import annotations

import contextlib
import os
import platform
import signal
import subprocess
import sys
from pathlib import Path

import cloudpickle
import psutil
from distributed import Client

from tests.browser.servers import free_port
from tests.fleet.cable import Cable
from tests.patience import PATIENCE, until

HIDDEN = "import sys; sys.modules['procwidget'] = None; from distributed.cli.dask_worker import main; main()"
"""A worker on whose host there is no procwidget."""


class Cluster:
    """A scheduler and its workers."""

    def __init__(self, folder: Path, *options: str, protocol: str = "tcp", host: str = "127.0.0.1"):
        self.folder, self.options, self.host = folder, options, host
        self.port = free_port()
        self.address = f"{protocol}://{host}:{self.port}"
        self.started: list[subprocess.Popen] = []
        self.scheduler = self.start_scheduler()

    def start_scheduler(self):
        command = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", self.host, "--no-dashboard"]
        return self._start([*command, "--port", str(self.port), *self.options], "scheduler")

    def start_worker(
        self,
        *options: str,
        host: str | None = None,
        code: str | None = None,
        prepare: str = "",
        cable: Cable | None = None,
        **environment: str,
    ):
        """Start a worker with its nanny; with `host` on one of its own, which is called so.

        `prepare` are lines of a shell that come before, on that host; its last one may run the rest, "$@", in its way.
        With a `cable` the host has no other network.
        """
        command = [sys.executable, *(["-c", code] if code else ["-m", "distributed.cli.dask_worker"]), self.address]
        command += ["--nthreads", "1", "--no-dashboard", "--local-directory", str(self.folder)]
        command += ["--worker-port", "0", "--host", "127.0.0.1"]
        if cable:
            options = (*options, "--host", cable.there)
            prepare = cable.waits
        command += [*self.options, *options]
        if host is not None:
            named = ["sh", "-c", f'hostname "$0"\n{prepare}\nexec "$@"', host, *command]
            namespaces = ["--pid", "--fork", "--kill-child", "--mount-proc", "--uts", *(["--net"] if cable else [])]
            command = ["unshare", *namespaces, *named]
        started = self._start(command, host or "worker", **environment)
        if cable:
            cable.plug(started)
        return started

    def _start(self, command, name, **environment):
        log = open(self.folder / f"{name}-{len(self.started)}.log", "wb")  # noqa: SIM115
        folder = str(self.folder / "audit.jsonl")
        settings = {"PROCWIDGET_AUDIT": folder, "DASK_DISTRIBUTED__WORKER__MEMORY__TERMINATE": "false"}
        process = subprocess.Popen(
            command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env={**os.environ, **settings, **environment}
        )
        log.close()
        self.started.append(process)
        return process

    def client(self, **options) -> Client:
        return Client(self.address, set_as_default=False, timeout=PATIENCE, **options)

    def wait_for_workers(self, count: int) -> None:
        with self.client() as client:
            client.wait_for_workers(count, timeout=PATIENCE)

    def kill(self, process: subprocess.Popen) -> None:
        """End one at once, with all that it started."""
        with contextlib.suppress(psutil.NoSuchProcess):
            for child in reversed(psutil.Process(process.pid).children(recursive=True)):
                with contextlib.suppress(psutil.NoSuchProcess):
                    child.send_signal(signal.SIGCONT)
                    child.kill()
        process.kill()
        process.wait()

    def close(self) -> None:
        for process in reversed(self.started):
            if process.poll() is None:
                self.kill(process)


def descendants(process: subprocess.Popen) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


def nanny_of(process: subprocess.Popen) -> psutil.Process:
    """The process of the nanny, which is that of the command or below `unshare`."""

    def found():
        for one in [psutil.Process(process.pid), *descendants(process)]:
            with contextlib.suppress(psutil.Error):
                line = one.cmdline()
                if any("dask_worker" in part for part in line) and "unshare" not in line[0] and line[0] != "sh":
                    return one
        return None

    return until(found)


def on_host(cluster: Cluster, host: str, act, *given):
    """What a function returns that a worker of a host runs."""
    with cluster.client() as client:
        workers = client.run(platform.node)
        address = next(address for address, name in workers.items() if name == host)
        return client.run(act, *given, workers=[address])[address]


def start_there(cluster: Cluster, host: str, command: list[str]) -> int:
    """Start a process on a host by a task of the cluster; its pid there."""
    return on_host(cluster, host, _pid_of_started, command)


def _pid_of_started(command):
    import subprocess

    return subprocess.Popen(command, start_new_session=True).pid


# No worker has these files.
cloudpickle.register_pickle_by_value(sys.modules[__name__])
