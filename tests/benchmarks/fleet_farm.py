"""Many hosts in one: `python -m tests.benchmarks.fleet_farm SCHEDULER FOLDER`; each line of its input starts workers.

A line is how many and `real` or `canned`. Each worker is a fork of this process and says that it is another host;
one that is canned reads /proc thrice and repeats that, so that a hundred hosts on a few cores do not fight for caches.
For each that is connected a line says its pid. All end with the input.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from typing import Any

import dask
from distributed import Worker

from procwidget.fleet import agent, attached, core_archive
from procwidget.sample import Sample
from procwidget.sources import default_source
from procwidget.sources.base import Source
from tests.benchmarks.crowd import end_with_parent

QUIET = {
    # What an idle worker costs itself says nothing of us, and is 40 ms in two seconds with Dask's defaults.
    "distributed.admin.tick.interval": "10s",
    "distributed.admin.system-monitor.interval": "60s",
    "distributed.worker.profile.enabled": False,
    "distributed.worker.memory.terminate": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.target": False,
}


class Canned:
    """A source that has read this host thrice, and tells that again at each reading."""

    name = "canned"

    def __init__(self, source: Source) -> None:
        self.top, self.notes = source.top, list[str]()
        self.wanted: frozenset[str] = frozenset()
        self.in_sight: frozenset[str] = frozenset()
        for _ in range(3):
            self._sample = source.read()
            time.sleep(0.05)
        source.close()

    def read(self) -> Sample:
        """Return the sample, as of now."""
        return {**self._sample, "time": time.time(), "monotonic": time.monotonic(), "interval": 2.0}

    def close(self) -> None:
        """There is nothing to give back."""


def _work(address: str, number: int, source: Source | None, said: int, folder: str) -> None:
    """Be one host, until the end; what Dask writes is in `folder`."""
    key = f"bench-{number}-{os.getpid()}/1/1"
    agent.host_key = lambda: key
    made = agent.Agent

    def make(publish: Any, note: str) -> agent.Agent:
        one = made(publish, source=source, note=note)
        hello = one.hello
        one.hello = lambda: {**hello(), "name": f"node{number}"}  # type: ignore[method-assign]
        return one

    attached.attach.__defaults__ = (make,)

    async def run() -> None:
        async with Worker(address, nthreads=1, local_directory=folder, dashboard=False, name=number) as worker:
            os.write(said, f"{number} {os.getpid()} {time.time()}\n".encode())
            await worker.finished()

    with contextlib.suppress(Exception):
        asyncio.run(run())
    os._exit(0)


def main(address: str, folder: str) -> None:
    """Start what the input says, until it ends."""
    dask.config.set(QUIET)
    core_archive.core_archive()
    canned = Canned(default_source())
    number, parent = 0, os.getpid()
    for line in sys.stdin:
        count, kind = line.split()
        for _ in range(int(count)):
            number += 1
            if os.fork() == 0:
                end_with_parent(parent)
                signal.signal(signal.SIGINT, signal.SIG_IGN)
                _work(address, number, canned if kind == "canned" else None, 1, folder)


if __name__ == "__main__":
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    main(*sys.argv[1:])
