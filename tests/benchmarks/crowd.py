"""A crowd of processes for benchmarks: run as `python -m tests.benchmarks.crowd COUNT ACTIVE`.

COUNT children sleep; ACTIVE of them wake twice a second for a moment of work. It prints "ready" when all are there,
and they all end when its standard input is closed, or when it ends.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

_PR_SET_PDEATHSIG = 1


def end_with_parent(parent: int) -> None:
    """In a forked child: end when the parent does."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)


def _child(active: bool, parent: int) -> None:
    end_with_parent(parent)
    while True:
        if active:
            time.sleep(0.5)
            sum(range(1000))
        else:
            signal.pause()


def main(count: int, active: int) -> None:
    """Start the crowd, say so, and wait for the end of standard input."""
    parent = os.getpid()
    for place in range(count):
        if os.fork() == 0:
            _child(place < active, parent)
            os._exit(0)
    print("ready", flush=True)
    sys.stdin.read()


@contextlib.contextmanager
def crowd(count: int, active: int) -> Iterator[None]:
    """Have `count` processes, `active` of them active, while the block runs."""
    command = [sys.executable, "-S", "-E", __file__, str(count), str(active)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        time.sleep(1.0)
        yield
    finally:
        process.kill()
        process.wait()
        time.sleep(0.5)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
