"""Processes that /proc does not show (hidepid): every source says so, on hosts of files and in real namespaces."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from procwidget.sources.assemble import HIDDEN
from procwidget.sources.base import Source
from procwidget.sources.linux.proc import hides_others
from procwidget.sources.portable.source import PortableSource
from tests.unit.fake_proc import SECOND, FakeHost
from tests.unit.source_stage import HOST_SOURCES, LINUX, by_pid

pytestmark = [
    pytest.mark.skipif(not LINUX, reason="hidepid is Linux's"),
    pytest.mark.filterwarnings("ignore:.*memory stats couldn.t be determined"),
]
OWN = os.getpid()
STATUS = b"Name:\tpython\nGid:\t1000\t1000\t1000\t1000\nGroups:\t4 27 1000 \nCapEff:\t0000000000000000\n"
TRACER = STATUS.replace(b"CapEff:\t0000000000000000", b"CapEff:\t000001ffffffffff")
UNPRIVILEGED = """
import encodings.ascii, os, subprocess, sys, time
from procwidget.sources.{kind}.source import {name}
own, spinner = 65534, subprocess.Popen([sys.executable, "-c", "while True: pass"])
os.setgroups([]); os.setresgid(own, own, own); os.setresuid(own, own, own)
source, deadline = {name}(), time.monotonic() + 60
source.read()
while time.monotonic() < deadline:
    time.sleep(0.3)
    row = {{row["pid"]: row for row in source.read()["processes"]}}.get(spinner.pid)
    if row is None or row["user"] and row["command"] and row["cpu"] and row["status"] == "running":
        break
print(row and (row["user"], row["status"], row["memory"] > 0, row["cpu"] > 0, row["command"][-16:]), source.notes)
"""
ELEVATED = """
import encodings.ascii, os, subprocess, sys, time
from procwidget.sources.linux.source import LinuxSource
os.setgroups([]); os.setresgid(65534, 65534, 65534); os.setresuid(65534, 65534, 65534)
shell = subprocess.Popen(["sh", "-c", "while read what; do [ $what = go ] && exec /mnt/elevated 1000; done"], stdin=-1)
source, deadline = LinuxSource(), time.monotonic() + 60
def look(told, holds):
    while time.monotonic() < deadline:
        shell.stdin.write(told); shell.stdin.flush()
        row = {row["pid"]: row for row in source.read()["processes"]}.get(shell.pid)
        figures = row and (row["name"], row["status"] is not None, row["memory"] is not None)
        kept = b"/proc/%d/stat" % shell.pid in source._files._kept
        if holds(figures, kept):
            break
        time.sleep(0.1)
    return figures, kept
before = look(b"stay\\n", lambda figures, kept: kept)
# In the midst of its start the new program has its name and may still be read.
(_, *after), kept = look(b"go\\n", lambda figures, kept: not figures[1])
print(before, after, kept)
"""
SHOWN = "('root', 'running', True, True, 'while True: pass') []"


def mounted(*options: str, at: str = "/proc") -> bytes:
    """Return a mountinfo with a /proc for each of these options, the last one on top, among other mounts."""
    lines = ["22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw,hidepid=2"]
    lines += [
        f"{40 + place} 22 0:21 / {at} rw,nosuid shared:5 - proc proc {text}" for place, text in enumerate(options)
    ]
    return "\n".join([*lines, "60 22 0:50 / /mnt/proc rw - proc proc rw,hidepid=2", ""]).encode()


@pytest.mark.parametrize(
    ("mounts", "status", "hides"),
    [
        (mounted("rw"), STATUS, False),
        (mounted("rw,hidepid=2"), STATUS, True),
        (mounted("rw,hidepid=invisible"), STATUS, True),
        (mounted("rw,hidepid=ptraceable"), STATUS, True),
        (mounted("rw,hidepid=4"), STATUS, True),
        # Those are shown, and may not be read: another sentence says so.
        (mounted("rw,hidepid=1"), STATUS, False),
        (mounted("rw,hidepid=noaccess"), STATUS, False),
        # Whoever may look into all processes sees them all; so do the members of one group, "root" if none is named.
        (mounted("rw,hidepid=2"), TRACER, False),
        (mounted("rw,gid=27,hidepid=2"), STATUS, False),
        (mounted("rw,gid=1000,hidepid=2"), STATUS.replace(b"27 1000", b"27"), False),
        (mounted("rw,gid=100,hidepid=2"), STATUS, True),
        (mounted("rw,hidepid=2"), STATUS.replace(b"4 27", b"0 4 27"), False),
        (mounted("rw,gid=27,hidepid=ptraceable"), STATUS, True),
        # The one on top counts.
        (mounted("rw,hidepid=2", "rw"), STATUS, False),
        (mounted("rw", "rw,hidepid=2"), STATUS, True),
        (None, None, False),
        (b"22 1 8:1 - proc", b"CapEff: x", False),
    ],
)
def test_hidepid_is_read_as_the_kernel_means_it(mounts: bytes | None, status: bytes | None, hides: bool):
    """By value, by group and by privilege, of the mount that is seen."""
    assert hides_others(mounts, status, b"/proc") is hides


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeHost:
    """A host of files, whose first process is there, as in a container."""
    made = FakeHost(tmp_path)
    made.add(1)
    made.publish()
    monkeypatch.setattr(psutil, "PROCFS_PATH", str(made.proc))
    return made


@pytest.fixture(params=HOST_SOURCES)
def kind(request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of every source."""
    yield request.param


def made(kind: str, host: FakeHost) -> Source:
    return PortableSource() if kind == "portable" else host.source()


@pytest.mark.parametrize(("options", "notes"), [("rw", []), ("rw,gid=5,hidepid=invisible", [HIDDEN])])
def test_it_is_said_also_where_the_first_process_is_shown(kind: str, host: FakeHost, options: str, notes: list[str]):
    """As in a container whose first process is one's own: how /proc is mounted tells it."""
    host.write(f"{OWN}/mountinfo", mounted(options, at=str(host.proc)))
    host.write(f"{OWN}/status", b"Uid:\t7\t7\t7\t7\nThreads:\t1\n" + STATUS)
    source = made(kind, host)
    assert 1 in by_pid(source.read())
    assert source.notes == notes
    source.close()


def test_it_is_said_where_the_first_process_is_left_out(kind: str, host: FakeHost):
    """However /proc is mounted: the first process exists, and is not shown."""
    host.end(1)
    host.ran[1] = SECOND
    source = made(kind, host)
    assert 1 not in by_pid(source.read())
    assert source.notes == [HIDDEN]
    source.close()


@pytest.mark.parametrize(("options", "started"), [("rw", 5), ("rw,gid=5,hidepid=invisible", 1)])
def test_ids_of_hidden_processes_are_not_taken_for_short_lives(host: FakeHost, options: str, started: int):
    """Of five ids given out one is seen: four came and went, unless they may as well be hidden."""
    host.write(f"{OWN}/mountinfo", mounted(options, at=str(host.proc)))
    host.write(f"{OWN}/status", b"Uid:\t7\t7\t7\t7\n" + STATUS)
    source = host.source()
    source.read()
    host.newest, host.forks = host.newest + 5, host.forks + 5
    host.add(host.newest, start=100_000)
    host.add(1, ns=host.ran[1] + 1, child_faults=7)
    host.pass_time(2.0)
    host.publish()
    assert source.read()["started"] == started
    source.close()


@pytest.mark.parametrize("is_first", [False, True])
@pytest.mark.parametrize(("hidepid", "answer"), [(0, SHOWN), (2, f"None {[HIDDEN]}")])
def test_other_users_processes_need_no_privileges(kind: str, is_first: bool, hidepid: int, answer: str):
    """As nobody, a root process has all its values; under hidepid=2 it is hidden, and that is said."""
    _needs_root()
    # In a pid namespace of its own: what is started there ends with it, and the host's /proc stays as it is.
    script = f'mount -t proc -o hidepid={hidepid} proc /proc && {"exec " if is_first else ""}"$@"'
    program = UNPRIVILEGED.format(kind=kind, name="PortableSource" if kind == "portable" else "LinuxSource")
    stage = _in_namespace(script, program)
    assert stage.stdout.strip() == answer, stage.stderr


def test_files_kept_open_do_not_outlive_the_permission_to_open_them():
    """Under hidepid=1 a process of one's own that starts a setuid program may not be read, though its file is open."""
    _needs_root()
    script = """
        mount -t proc -o hidepid=1 proc /proc && mount -t tmpfs -o mode=755 tmpfs /mnt &&
        cp "$(readlink -f "$(command -v sleep)")" /mnt/elevated && chmod 4755 /mnt/elevated && "$@"
    """
    stage = _in_namespace(script, ELEVATED)
    assert stage.stdout.strip() == "(('sh', True, True), True) [False, False] False", stage.stderr


def _needs_root() -> None:
    if os.geteuid() != 0:
        if os.environ.get("CI") == "true":
            pytest.fail("only root can become another user and mount /proc, and CI must")
        pytest.skip("only root can become another user and mount /proc")


def _in_namespace(script: str, program: str) -> subprocess.CompletedProcess[str]:
    """Run a Python program as the last command of a shell script whose mounts and processes are its own."""
    namespace = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", script, "sh"]
    return subprocess.run([*namespace, sys.executable, "-c", program], capture_output=True, text=True)
