"""The surroundings of one process: what it waits for, its limits and group, its threads' CPU, and what it has open."""

from __future__ import annotations

import os
import re
import resource
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from procwidget.details import open_files, surroundings
from procwidget.details.open_files import MOST_LISTED, opened
from procwidget.details.read import Thread, details, read_identity
from procwidget.details.surroundings import parse_limits
from procwidget.details.thread_cpu import ThreadCpu
from procwidget.details.waiting import waits_for
from procwidget.errors import SourceUnavailable
from procwidget.history import History
from procwidget.identity import boot_id
from procwidget.process_details import ProcessDetails
from procwidget.sample import Process
from procwidget.sources.scripted import make_process, make_sample
from tests.patience import until
from tests.unit.action_stage import needs_root
from tests.unit.source_stage import LINUX
from tests.unit.test_details import as_nobody

pytestmark = pytest.mark.skipif(not LINUX, reason="these are files of Linux")


def row_of(pid: int) -> Process:
    """A row of the process that has this pid now."""
    return make_process(pid=pid, name="python", identity=read_identity(pid) or "")


@pytest.fixture
def reading() -> Iterator[subprocess.Popen[bytes]]:
    """A process that has begun to wait for what comes through a pipe."""
    child = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdin is not None and child.stdout is not None
    child.stdin.write(b"begin\n")
    child.stdin.flush()
    child.stdout.readline()
    until(lambda: psutil.Process(child.pid).status() == psutil.STATUS_SLEEPING)
    yield child
    child.communicate()


def test_what_a_process_waits_for_is_said_in_words(reading: subprocess.Popen[bytes]) -> None:
    """cat waits for whoever writes; where the kernel does not tell this, nothing is said."""
    told = Path(f"/proc/{reading.pid}/wchan").read_bytes().strip(b"\0\n")
    said = details(row_of(reading.pid), [])["waits_for"]
    assert said == (None if told in (b"", b"0") else "another process to write into a pipe")


@pytest.mark.parametrize(
    ("wchan", "words"),
    [
        (b"do_wait", "a child to end"),
        (b"poll_schedule_timeout.constprop.0\n", "events"),
        (b"rpc_wait_bit_killable", "a network file system (NFS)"),
        (b"some_new_function.isra.3", "some_new_function (a function of the kernel)"),
        (b"0", None),
        (b"", None),
        (b"\xff<b>", None),
    ],
)
def test_functions_of_the_kernel_become_words(wchan: bytes, words: str | None) -> None:
    """The compiler's variants are the function; one that is not known is named, and what is no name is not shown."""
    assert waits_for(wchan) == words


def test_limits_are_those_that_hold(reading: subprocess.Popen[bytes]) -> None:
    """The soft one and how far it may be raised; no end is `None`."""
    resource.prlimit(reading.pid, resource.RLIMIT_NOFILE, (64, 128))
    resource.prlimit(reading.pid, resource.RLIMIT_CPU, (3600, resource.RLIM_INFINITY))
    limits = {limit["name"]: limit for limit in details(row_of(reading.pid), [])["limits"] or []}
    assert limits["open files"] == {"name": "open files", "soft": 64, "hard": 128, "unit": "files"}
    assert limits["cpu time"] == {"name": "cpu time", "soft": 3600, "hard": None, "unit": "seconds"}
    assert "realtime priority" not in limits
    assert parse_limits("nonsense\nMax open files x y files\n") == []


def test_group_priority_and_switches_are_the_kernels(reading: subprocess.Popen[bytes]) -> None:
    """The control group stands in its file, the priority is what was set, and both counts are psutil's."""
    psutil.Process(reading.pid).ionice(psutil.IOPRIO_CLASS_BE, 6)
    found = details(row_of(reading.pid), [])
    assert found["io_priority"] == "best effort 6"
    assert f":{found['control_group']}\n" in Path(f"/proc/{reading.pid}/cgroup").read_text()
    counts = psutil.Process(reading.pid).num_ctx_switches()
    assert (found["gave_way"], found["had_to_give_way"]) == (counts.voluntary, counts.involuntary)


def test_a_group_is_looked_for_where_processes_are_in_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """With both versions mounted the tree of the second is empty: the group is systemd's."""
    text = "12:cpu,cpuacct:/\n1:name=systemd:/user.slice/ana.scope\n0::/\n"
    monkeypatch.setattr(surroundings, "_text", lambda _process, _name: text)
    assert surroundings.control_group(psutil.Process()) == ("/user.slice/ana.scope",)
    monkeypatch.setattr(surroundings, "_text", lambda _process, _name: "0::/\n")
    assert surroundings.control_group(psutil.Process()) == ("/",)
    monkeypatch.setattr(surroundings, "_text", lambda _process, _name: "")
    assert surroundings.control_group(psutil.Process()) == (None,)


def test_where_there_is_no_proc_these_are_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on macOS: `None`, and not "not permitted"."""
    monkeypatch.setattr(surroundings, "_LINUX", False)
    found = details(row_of(os.getpid()), [])
    assert [found[key] for key in ("control_group", "limits", "waits_for")] == [None] * 3  # type: ignore[literal-required]
    assert found["not_permitted"] == []


def test_threads_are_rated_by_what_they_do_now() -> None:
    """One that worked for hours and now sleeps comes after the one that works; a new one is unknown."""
    now = [100.0]
    rater = ThreadCpu(lambda: now[0])

    def look(**spent: float | None) -> list[tuple[int, float | None]]:
        threads: list[Thread] = [{"id": int(key[1:]), "name": None, "cpu_time": time} for key, time in spent.items()]
        return [(one["id"], one["cpu"]) for one in rater.rate("7-1", threads)]

    assert look(t1=9000.0, t2=1.0) == [(1, None), (2, None)]
    now[0] += 5.0
    assert look(t1=9000.0, t2=3.5, t3=0.5) == [(2, 50.0), (1, 0.0), (3, None)]
    # Another view looks a moment later: its figures are not those of a few milliseconds.
    now[0] += 0.1
    assert look(t1=9000.0, t2=3.5) == [(1, None), (2, None)]
    now[0] += 1.9
    assert look(t1=9000.5, t2=3.5) == [(1, 25.0), (2, 0.0)]


def test_only_processes_that_are_looked_at_are_remembered() -> None:
    """Of a hundred that were opened one after another, few are kept."""
    rater = ThreadCpu()
    for pid in range(100):
        rater.rate(f"{pid}-1", [{"id": pid, "name": None, "cpu_time": 1.0}])
    assert len(rater._before) == 16


def test_files_and_sockets_of_a_process_are_listed(tmp_path: Path) -> None:
    """By path and address, who listens first; pipes are counted, and a file that was removed says so."""
    path = tmp_path / "data.csv"
    with path.open("w") as one, path.open() as _other, socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        client = socket.create_connection(("127.0.0.1", port))
        peer, _ = server.accept()
        with client, peer, socket.socket(socket.AF_UNIX) as unix:
            unix.bind(str(tmp_path / "own.sock"))
            found = opened(row_of(os.getpid()))
            path.unlink()
            later = opened(row_of(os.getpid()))
        assert one
    ours = [file for file in found["files"] if str(tmp_path) in file["path"]]
    assert ours == [{"path": str(path), "descriptors": 2}]
    assert f"{path} (deleted)" in [file["path"] for file in later["files"]]
    ends = [end for end in found["sockets"] if str(port) in f"{end['local']} {end['remote']}"]
    assert ends[0] == {"kind": "tcp", "local": f"127.0.0.1:{port}", "remote": None, "state": "listening"}
    assert [end["state"] for end in ends[1:]] == ["connected", "connected"]
    assert {end["remote"] for end in ends[1:]} >= {f"127.0.0.1:{port}"}
    assert {"kind": "unix", "local": str(tmp_path / "own.sock"), "remote": None, "state": None} in found["sockets"]
    assert found["others"] > 0


def test_of_very_many_files_some_are_listed_and_all_are_counted(tmp_path: Path) -> None:
    """A page is not to hang on a process with ten thousand of them."""
    for number in range(MOST_LISTED + 20):
        (tmp_path / f"{number}").touch()
    code = "import os, sys\nos.chdir(sys.argv[1])\nfiles = [*map(open, os.listdir())]\nprint(1, flush=True)\ninput()"
    child = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert child.stdout is not None and child.stdout.readline()
        found = opened(row_of(child.pid))
    finally:
        child.communicate(b"\n")
    assert len(found["files"]) == MOST_LISTED
    assert found["file_count"] >= MOST_LISTED + 20


def test_what_other_users_processes_have_open_only_root_sees() -> None:
    """Refused in a sentence that says who may."""
    needs_root()
    row = row_of(os.getppid())

    def look() -> str:
        try:
            opened(row)
        except SourceUnavailable as error:
            return str(error)
        return ""

    assert re.fullmatch(
        r"What python \(\d+\) has open cannot be read: only its user and root may see it\.", as_nobody(look)
    )


def test_another_process_with_the_same_pid_is_not_listed() -> None:
    """It ended while its files were read: they may be another's."""
    row, answers = row_of(os.getpid()), iter([row_of(os.getpid())["identity"], f"{os.getpid()}-1"])
    with pytest.raises(SourceUnavailable, match=r"its PID is another process's now\.$"):
        opened(row, lambda _pid: next(answers))


def test_elsewhere_psutil_lists_what_is_open(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As on macOS: paths, and addresses of the internet."""
    monkeypatch.setattr(open_files, "_LINUX", False)
    with (tmp_path / "data.csv").open("w"), socket.create_server(("127.0.0.1", 0)) as server:
        found = opened(row_of(os.getpid()))
        local = f"127.0.0.1:{server.getsockname()[1]}"
    assert {"path": str(tmp_path / "data.csv"), "descriptors": 1} in found["files"]
    assert {"kind": "tcp", "local": local, "remote": None, "state": "listening"} in found["sockets"]


def test_a_page_that_ends_nothing_shows_sockets_and_no_paths() -> None:
    """Paths are as private as command lines."""
    row = row_of(os.getpid())
    for reveal in (True, False):
        here = make_sample(processes=[row], boot_id=boot_id() or "")
        answer = ProcessDetails(lambda: here, History(), reveal=reveal).opened(row["identity"])  # noqa: B023
        assert answer["result"] == "opened"
        assert (answer["opened"]["files"] is not None) == reveal
        assert answer["opened"]["file_count"] > 0
