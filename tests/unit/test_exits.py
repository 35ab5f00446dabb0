"""How processes ended: real ones, heard of from the kernel's connector and asked by pidfd."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from procwidget.sources.linux import exits
from procwidget.sources.linux.exits import ExitReader, exit_of
from procwidget.sources.scripted import make_process

CRASH = "import ctypes, resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0)); ctypes.string_at(0)"
WAYS = {
    "status": (["sh", "-c", "read line; exit 3"], "exit status 3", 3, None),
    "killed": (["sleep", "1000"], "killed by SIGKILL", None, "SIGKILL"),
    "crashed": ([sys.executable, "-c", f"input(); {CRASH}"], "killed by SIGSEGV", None, "SIGSEGV"),
}


def row_of(process):
    """Return the row of a real process, the largest there is."""
    return make_process(pid=process.pid, identity=f"{process.pid}-1", memory=1e6, cpu_time=1e6)


def started(command):
    """Start a process of this test's own."""
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def ended(process):
    """Have a process end in its way, and collect it."""
    if process.args[0] == "sleep":
        process.kill()
    process.communicate(b"\n")


@pytest.fixture(params=["connector", "pidfd"])
def reader(request, monkeypatch):
    """A reader that hears of ends, or holds processes."""
    if request.param == "pidfd":
        if tuple(map(int, os.uname().release.split(".")[:2])) < (6, 15):
            pytest.skip("The kernel tells nobody how a process ended before Linux 6.15.")
        monkeypatch.setattr(exits._Connector, "open", classmethod(lambda _: None))
    made = ExitReader()
    if request.param == "connector" and made._connector is None:
        pytest.skip("The kernel's proc connector may not be listened to here.")
    yield made
    made.close()


@pytest.mark.parametrize("way", WAYS)
def test_end_of_a_process_is_told(reader, way):
    """Its exit status, or the signal that ended it; also of processes that are no children in the kernel's eyes."""
    command, text, status, signal = WAYS[way]
    process = started(command)
    row = row_of(process)
    reader.update([row], [], 0)
    ended(process)
    deadline = time.monotonic() + 10
    told = reader.update([], [row], 0)
    assert time.monotonic() < deadline
    assert told == [
        {
            "pid": process.pid,
            "identity": row["identity"],
            "name": row["name"],
            "status": status,
            "signal": signal,
            "text": text,
        }
    ]


def test_held_processes_are_let_go(monkeypatch):
    """Only the largest are held by a descriptor, and none after closing."""
    monkeypatch.setattr(exits._Connector, "open", classmethod(lambda _: None))
    before = set(os.listdir("/proc/self/fd"))
    reader = ExitReader()
    rows = [make_process(pid=os.getpid(), identity=f"{os.getpid()}-{at}", memory=float(at)) for at in range(100)]
    reader.update(rows, [], 0)
    held = set(os.listdir("/proc/self/fd")) - before
    assert exits.HELD <= len(held) <= exits.HELD * 1.5
    for _ in range(exits._CHOSEN_EACH):
        reader.update(rows[:3], [], 0)
    assert len(set(os.listdir("/proc/self/fd")) - before) == 3
    reader.close()
    assert set(os.listdir("/proc/self/fd")) - before == set()


def test_silent_connector_is_given_up(monkeypatch):
    """Where processes end and no message comes the kernel does not tell, and pidfds serve."""
    reader = ExitReader()
    if reader._connector is None:
        pytest.skip("The kernel's proc connector may not be listened to here.")
    monkeypatch.setattr(reader._connector._files, "receive", lambda _: b"")
    reader.update([], [make_process()], 0)
    assert reader._connector is None
    process = started(["sleep", "1000"])
    row = row_of(process)
    reader.update([row], [], 0)
    ended(process)
    assert [one["signal"] for one in reader.update([], [row], 0)] == ["SIGKILL"]
    reader.close()


@pytest.mark.parametrize(
    ("status", "kills", "text"),
    [
        (0, 0, "exit status 0"),
        (9, 0, "killed by SIGKILL"),
        (9, 1, "killed by SIGKILL; the kernel's OOM counter rose at the same time"),
        (15, 1, "killed by SIGTERM"),
        (11 | 0x80, 0, "killed by SIGSEGV, core dumped"),
        (64, 0, "killed by SIGRTMAX"),
        (50, 0, "killed by signal 50"),
    ],
)
def test_wait_status_in_words(status, kills, text):
    """Memory is named only where the counter of its kills rose in that very interval."""
    assert exit_of(make_process(), status, kills)["text"] == text
