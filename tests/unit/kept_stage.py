"""The stage of test_kept_reuse: in a pid namespace of its own, pids whose files are kept open are given to others.

Run as a module it reports as JSON what a reader and a source said of each pid once its process was another.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from procwidget.sources.kept import KeptReader
from procwidget.sources.linux import LinuxSource
from tests.unit.source_stage import by_pid

TRIES = 8


class Runner:
    """A forked child of a name that runs for a moment whenever it is told to."""

    def __init__(self, name: str) -> None:
        reading, self._pipe = os.pipe()
        done, told = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self._pipe)
            Path("/proc/self/comm").write_text(name)
            while os.read(reading, 1):
                os.write(told, b"1")
            os._exit(0)
        os.close(reading), os.close(told)
        self._done = done
        self.run()

    def run(self) -> None:
        """Have it run, and wait until it has."""
        os.write(self._pipe, b"1")
        os.read(self._done, 1)

    def end(self) -> None:
        """End it and collect it."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._pipe), os.close(self._done)

    def give_pid_to(self, name: str) -> Runner:
        """End it and have the kernel give its pid to a new process."""
        self.end()
        Path("/proc/sys/kernel/ns_last_pid").write_text(str(self.pid - 1))
        return Runner(name)


def through_a_reader() -> dict[str, Any]:
    """Return how often a pid was reused, its file was kept before, and what is read was the new process's."""
    figures = {"reused": 0, "kept": 0, "new": 0, "left": 0}
    for _ in range(TRIES):
        files, old = KeptReader(), Runner("victim")
        path = b"/proc/%d/stat" % old.pid
        before = files.read_often(path) or b""
        figures["kept"] += files.kept == 1 and b"(victim)" in before
        new = old.give_pid_to("impostor")
        figures["reused"] += new.pid == old.pid
        figures["new"] += b"(impostor)" in (files.read_often(path) or b"")
        figures["left"] += files.kept
        new.end()
    return figures


def through_a_source(runs: bool) -> dict[str, Any]:
    """Return the same of a source's rows; without `runs` the new process does nothing between two readings."""
    figures = {"reused": 0, "kept": 0, "new": 0, "once": 0}
    source = LinuxSource()
    for _ in range(TRIES):
        old = Runner("victim")
        source.read()
        old.run()
        row = by_pid(source.read())[old.pid]
        figures["kept"] += b"/proc/%d/statm" % old.pid in source._files._kept and row["name"] == "victim"
        new = old.give_pid_to("impostor")
        if runs:
            new.run()
        figures["reused"] += new.pid == old.pid
        rows = source.read()["processes"]
        figures["new"] += by_pid(source.read())[new.pid]["name"] == "impostor"
        figures["once"] += [row["name"] for row in rows if row["pid"] == new.pid] == ["impostor"]
        new.end()
    source.close()
    return figures


if __name__ == "__main__":
    report = {"reader": through_a_reader(), "source": through_a_source(True), "idle": through_a_source(False)}
    json.dump(report, sys.stdout)
