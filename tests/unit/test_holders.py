"""Who has a port or a file open: real sockets and files of real processes, in other networks too."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from procwidget import Dashboard, Monitor
from procwidget.details import holders as module
from procwidget.details.holders import STANDS, Found, Holders, find_holders
from procwidget.details.sockets import parse_internet, parse_unix
from procwidget.errors import ActionRefused
from procwidget.history import History
from procwidget.lookups import Lookup
from procwidget.process_details import ProcessDetails
from procwidget.sample import Process
from procwidget.snapshots import snapshot
from procwidget.sources.scripted import ScriptedSource, make_process, make_sample
from tests.patience import until
from tests.unit.source_stage import LINUX

SERVER = """
import socket, sys
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
sys.stdin.read()
"""


@pytest.fixture
def server() -> Iterator[tuple[int, int]]:
    """A process that listens: its pid and port."""
    child = subprocess.Popen([sys.executable, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdout is not None
    yield child.pid, int(child.stdout.readline())
    child.communicate()


def rows(pids: set[int] | None = None) -> list[Process]:
    """The processes that there are now, or these of them."""
    return [row for row in snapshot(0.02)["processes"] if pids is None or row["pid"] in pids]


def pids(found: Found) -> set[int]:
    return {int(identity.split("-")[0]) for identity in found.identities}


def test_who_listens_on_a_port_is_found(server: tuple[int, int]) -> None:
    """The one process that does, of all there are."""
    pid, port = server
    assert pids(find_holders(Lookup("port", str(port)), rows())) == {pid}


def test_a_port_of_udp_and_of_ipv6_is_found_too() -> None:
    """Its socket has no state, and a longer address."""
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as udp:
        udp.bind(("::1", 0))
        assert os.getpid() in pids(find_holders(Lookup("port", str(udp.getsockname()[1])), rows()))


def test_a_port_that_nobody_has_finds_nobody() -> None:
    """A port that was just given back, with every process looked into."""
    with socket.create_server(("127.0.0.1", 0)) as own:
        port = own.getsockname()[1]
    assert find_holders(Lookup("port", str(port)), rows()) == Found(frozenset(), 0)


def test_who_has_a_file_or_unix_socket_open_is_found(tmp_path: Path) -> None:
    """By any part of its path, in upper or lower case; a file that was removed since is open all the same."""
    path = tmp_path / "My data ü.csv"
    with path.open("w"), socket.socket(socket.AF_UNIX) as unix:
        path.unlink()
        unix.bind(str(tmp_path / "engine.sock"))
        for text in ("my data", "Ü.CSV", f"{tmp_path}/My", f"{tmp_path.name}/engine"):
            assert pids(find_holders(Lookup("file", text), rows())) == {os.getpid()}, text
    assert find_holders(Lookup("file", "my data ü"), rows()).identities == frozenset()


@pytest.mark.skipif(not LINUX or os.geteuid() != 0, reason="a network of its own takes root, on Linux")
def test_a_port_in_a_containers_network_is_found() -> None:
    """It stands in no list of this network, only in that of its own."""
    child = subprocess.Popen(
        ["unshare", "--net", "sh", "-c", f"ip link set lo up 2>/dev/null; exec \"$0\" -c '{SERVER}'", sys.executable],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert child.stdout is not None and child.stderr is not None
    try:
        line = child.stdout.readline()
        assert line, child.stderr.read()
        assert pids(find_holders(Lookup("port", str(int(line))), rows())) == {child.pid}
    finally:
        child.communicate()


@pytest.mark.skipif(not LINUX or os.geteuid() != 0, reason="only root can become somebody else")
def test_processes_that_may_not_be_looked_into_are_counted(server: tuple[int, int]) -> None:
    """Another user sees that the port is taken and not by whom: that is said, and not that nobody has it."""
    pid, port = server
    code = (
        "import os, sys\n"
        "from procwidget.details.holders import Holders\nfrom procwidget.lookups import Lookup\n"
        "from procwidget.snapshots import snapshot\n"
        "os.setgid(65534); os.setuid(65534)\n"
        f"rows = [row for row in snapshot(0.02)['processes'] if row['pid'] in ({pid}, {os.getpid()})]\n"
        f"lookup = Lookup('port', '{port}')\n"
        "print(Holders().resolve([lookup], rows), len(lookup.found))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", "import procwidget.sources.linux.source\n" + code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.stdout == (
        "2 processes could not be looked into: what other users' processes have open only root may see. 0\n"
    ), done.stderr


def test_elsewhere_psutil_is_asked(server: tuple[int, int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As on macOS: the same processes are found, and those that are refused are counted."""
    pid, port = server
    some = rows({pid, os.getpid(), os.getppid()})
    monkeypatch.setattr(module, "_LINUX", False)
    asked = psutil.Process.net_connections

    def connections(process: psutil.Process, kind: str) -> object:
        if process.pid == os.getppid():
            raise psutil.AccessDenied(process.pid)
        return asked(process, kind)

    monkeypatch.setattr(psutil.Process, "net_connections", connections)
    found = find_holders(Lookup("port", str(port)), some)
    assert (pids(found), found.unread) == ({pid}, 1)
    with (tmp_path / "data.csv").open("w"):
        assert pids(find_holders(Lookup("file", f"{tmp_path.name}/data"), some)) == {os.getpid()}


def test_another_process_with_the_same_pid_is_not_found(server: tuple[int, int]) -> None:
    """The row is of one that ended: who has its pid now is not in the sample."""
    pid, port = server
    before = [{**row, "identity": f"{pid}-1"} for row in rows({pid})]
    assert find_holders(Lookup("port", str(port)), before) == Found(frozenset())  # type: ignore[arg-type]


def test_what_was_found_stands_for_some_seconds() -> None:
    """Ten views that ask cost one search; when it is old it is made anew."""
    now, asked = [100.0], []

    def find(lookup: Lookup, _rows: object) -> Found:
        asked.append(lookup.value)
        return Found(frozenset({f"{len(asked)}-1"}))

    finder = Holders(find, lambda: now[0])
    for _ in range(3):
        lookup = Lookup("port", "80")
        assert finder.resolve([lookup, Lookup("port", "81")], []) is None
        assert lookup.found == {"1-1"}
    now[0] += STANDS
    finder.resolve([lookup], [])
    assert (asked, lookup.found) == (["80", "81", "80"], {"3-1"})


def test_lists_of_the_kernel_are_read_as_they_are() -> None:
    """Addresses, states in words, no remote end for who listens; what nobody holds any more is left out."""
    tcp = (
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
        "   0: 0100007F:22B8 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0 100 0\n"
        "   1: 0100007F:22B8 0100007F:9C40 01 00000000:00000000 00:00000000 00000000  1000        0 4712 1 0 20 4\n"
        "   2: 0100007F:22B8 0100007F:9C41 06 00000000:00000000 03:00000000 00000000     0        0 0 3 0\n"
    )
    if sys.byteorder == "little":
        found = [(inode, end.local, end.port, end.remote, end.state) for inode, end in parse_internet(tcp, "tcp")]
        assert found == [
            (4711, "127.0.0.1:8888", 8888, None, "listening"),
            (4712, "127.0.0.1:8888", 8888, "127.0.0.1:40000", "connected"),
        ]
    unix = (
        "Num       RefCount Protocol Flags    Type St Inode Path\n"
        "ffff8a3: 00000002 00000000 00010000 0001 01 23456 /run/my engine.sock\n"
        "ffff8a4: 00000003 00000000 00000000 0001 03 23457\n"
    )
    assert [(inode, end.local) for inode, end in parse_unix(unix)] == [(23456, "/run/my engine.sock")]


def test_python_finds_by_port_too(server: tuple[int, int]) -> None:
    """`dashboard.find` looks up at once, together with what rows know."""
    pid, port = server
    monitor = Monitor(interval=0.1)
    dashboard = Dashboard(monitor=monitor)
    monitor.start()
    try:
        until(lambda: monitor.last and any(row["pid"] == pid for row in monitor.last["processes"]))
        assert [row["pid"] for row in dashboard.find(f"port:{port} pid={pid}")] == [pid]
        assert dashboard.find(f"port:{port} not pid={pid}") == []
    finally:
        dashboard.close()
        monitor.stop()


def test_python_is_warned_of_what_could_not_be_looked_into() -> None:
    """The list alone would seem to be all."""
    monitor = Monitor(ScriptedSource([make_sample(processes=[make_process(identity="1-1")])]))
    dashboard = Dashboard(monitor=monitor)
    dashboard._holders._find = lambda _lookup, _rows: Found(frozenset({"1-1"}), 7)
    monitor._tick()
    with pytest.warns(UserWarning, match="^7 processes could not be looked into"):
        assert len(dashboard.find("port:80")) == 1
    dashboard.close()


def test_a_page_that_ends_nothing_looks_up_no_files() -> None:
    """Paths are as private as command lines; a port may be asked for, and nonsense is refused in a sentence."""
    sample = make_sample(processes=[make_process(identity="1-1")])
    for reveal in (True, False):
        details = ProcessDetails(lambda: sample, History(), reveal=reveal)
        details.holders._find = lambda _lookup, _rows: Found(frozenset({"1-1"}), 2)
        answer = details.look_up([{"kind": "port", "value": "80"}])
        assert (answer["result"], answer["found"]) == ("holders", [["1-1"]])
        assert answer["note"].startswith("2 processes could not be looked into")
        if reveal:
            assert details.look_up([{"kind": "file", "value": "x"}])["found"] == [["1-1"]]
        else:
            with pytest.raises(ActionRefused, match=r"^What processes have open is not shown on this page"):
                details.look_up([{"kind": "file", "value": "x"}])
        for wrong in (None, [], "port", [{"kind": "port", "value": "x"}], [{"kind": "cpu", "value": "1"}], [1] * 9):
            with pytest.raises(ActionRefused, match=r"^This is nothing"):
                details.look_up(wrong)
