"""Real processes of many kinds for the tests of sources; each is ended by its own pid when the population ends."""

from __future__ import annotations

import signal
import subprocess
import sys
from types import TracebackType

import psutil

from tests.patience import until

THREADS = 5
_NICE = 7

SPIN = "while True: pass"
THREADED = (
    f"import threading, time\nfor _ in range({THREADS - 1}): threading.Thread(target=time.sleep, args=(1000,)).start()"
)
OBEY = """
import os, sys, time
held = []
for line in sys.stdin:
    what, _, amount = line.partition(" ")
    if what == "spin":
        until = time.process_time() + float(amount)
        while time.process_time() < until: pass
    elif what == "grow":
        held.append(bytearray(os.urandom(1024)) * (1024 * int(amount)))
    elif what == "name":
        with open("/proc/self/comm", "wb") as file: file.write(bytes.fromhex(amount))
    print("done", flush=True)
"""
"""A program that does what it is told: "spin SECONDS", "grow MIB", "name HEX"."""


class Population:
    """Processes that live as long as the `with` block."""

    def __init__(self) -> None:
        self._children: list[subprocess.Popen[str]] = []
        self._adopted: list[psutil.Process] = []

    def __enter__(self) -> Population:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for orphan in self._adopted:
            if orphan.is_running():
                orphan.kill()
        for child in self._children:
            end(child)

    def start(self, *command: str) -> subprocess.Popen[str]:
        """Start a child whose standard input and output are pipes."""
        child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self._children.append(child)
        return child

    def sleeper(self) -> int:
        return self.start("sleep", "1000").pid

    def spinner(self) -> int:
        """Start a child that computes, and wait until it does."""
        child = self.start(sys.executable, "-c", SPIN)
        until(lambda: sum(psutil.Process(child.pid).cpu_times()[:2]) > 0.1)
        return child.pid

    def threaded(self) -> int:
        child = self.start(sys.executable, "-c", THREADED)
        until(lambda: psutil.Process(child.pid).num_threads() == THREADS)
        return child.pid

    def stopped(self) -> int:
        child = self.start("sleep", "1000")
        child.send_signal(signal.SIGSTOP)
        until(lambda: psutil.Process(child.pid).status() == psutil.STATUS_STOPPED)
        return child.pid

    def zombie(self) -> int:
        child = self.start("true")
        until(lambda: psutil.Process(child.pid).status() == psutil.STATUS_ZOMBIE)
        return child.pid

    def reniced(self) -> int:
        child = self.start("sleep", "1000")
        psutil.Process(child.pid).nice(_NICE)
        return child.pid

    def with_child(self) -> tuple[subprocess.Popen[str], int]:
        """Start a shell with a sleeping child; the child gets another parent when the shell ends."""
        shell = self.start("sh", "-c", "sleep 1000 & echo $!; wait")
        assert shell.stdout is not None
        child = int(shell.stdout.readline())
        self._adopted.append(psutil.Process(child))
        return shell, child

    def reparented(self) -> int:
        shell, child = self.with_child()
        end(shell)
        return child

    def obedient(self) -> subprocess.Popen[str]:
        """Start a program that `tell` can tell what to do."""
        child = self.start(sys.executable, "-c", OBEY)
        tell(child, "start")
        return child

    def mixed(self) -> dict[str, int]:
        """Start one of each kind; return their pids by kind."""
        return {
            "sleeper": self.sleeper(),
            "spinner": self.spinner(),
            "threaded": self.threaded(),
            "stopped": self.stopped(),
            "zombie": self.zombie(),
            "reniced": self.reniced(),
            "reparented": self.reparented(),
        }


def tell(child: subprocess.Popen[str], what: str) -> None:
    """Have an obedient child do something, and wait until it is done."""
    assert child.stdin is not None and child.stdout is not None
    child.stdin.write(what + "\n")
    child.stdin.flush()
    assert child.stdout.readline() == "done\n"


def end(child: subprocess.Popen[str]) -> None:
    """End a child and collect it."""
    child.kill()
    child.wait()
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            pipe.close()
