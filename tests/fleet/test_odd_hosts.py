"""Hosts that are not as hosts should be: old, closed, broken, hidden, cut off, or with names that draw on a screen."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time

import cloudpickle
import pytest

from procwidget.errors import ActionRefused, ProcwidgetError
from procwidget.fleet.core_archive import core_archive
from tests.fleet.cable import Cable
from tests.fleet.cluster import Cluster, nanny_of, on_host, start_there
from tests.patience import until
from tests.unit.action_stage import needs_root

cloudpickle.register_pickle_by_value(sys.modules[__name__])

OLD = """
def core_archive():
    raise TypeError("an older procwidget has none")
"""
"""What an older procwidget has in the place of what is asked here."""

CLOSED = """
import sys

class Refuses:
    def find_spec(self, name, path=None, target=None):
        if name.startswith("procwidget"):
            raise ImportError("nothing of strangers runs here")

sys.meta_path.insert(0, Refuses())
from distributed.cli.dask_worker import main; main()
"""
"""A worker whose host refuses what is sent to it."""

HIDES = f"""{sys.executable} -c "import socket; socket.sethostname(b'hides\\x1b[31m\\xff')"
mount -o remount,hidepid=2,gid=54321 /proc
setpriv --reuid 65534 --clear-groups sleep 86431.5 &
exec setpriv --bounding-set=-sys_ptrace "$@" """

NAMES = ["\x1b[2J\x1b]0;x\x07", "<img src=x>", "a\nb\rc", "\u202egpj.exe", "\udcff\udcfe raw"]


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    """A cluster with a host that has an older procwidget and ends nothing, a broken one, and one that hides."""
    needs_root()
    cable = Cable()
    made = Cluster(tmp_path_factory.mktemp("odd"), host=cable.here)
    made.cable = cable
    old = made.folder / "old" / "procwidget" / "fleet"
    old.mkdir(parents=True)
    (old.parent / "__init__.py").write_text("__version__ = '0.0.1'\n")
    (old / "__init__.py").write_text("")
    (old / "core_archive.py").write_text(OLD)
    code = "import sys; sys.path.insert(0, sys.argv.pop()); import procwidget.fleet.core_archive; " + (
        "from distributed.cli.dask_worker import main; main()"
    )
    made.old = made.start_worker(str(old.parent.parent), host="old", code=code, PROCWIDGET_ALLOW_KILL="0")
    made.broken = made.start_worker(host="broken", code=CLOSED)
    made.hides = made.start_worker(host="hides", prepare=HIDES)
    made.far = made.start_worker(host="far", cable=cable)
    made.wait_for_workers(4)
    made.readable = 3
    yield made
    made.close()
    cable.close()


@pytest.fixture
def fleet(odd, make_fleet):
    made = make_fleet(odd.address, allow_kill=True)
    made.hosts.look(made)
    until(lambda: len([row for row in made.rows() if row["cpu"] is not None]) == odd.readable)
    return made


def rows(fleet):
    return {row["host"]: row for row in fleet.rows()}


def test_a_host_with_an_older_procwidget_runs_ours(odd, fleet):
    """What is sent along is what runs, whatever procwidget the host has imported: there is no skew of versions."""
    assert rows(fleet)["old"]["cpu"] is not None
    with odd.client() as client:
        loaded = client.run(_loaded, nanny=True).values()
    ours = {(version, agent) for version, agent in loaded if version}
    assert ours == {("0.0.1", f"{core_archive().name}.fleet.agent")}


def _loaded():
    modules = sys.modules
    version = getattr(modules.get("procwidget"), "__version__", None)
    return version, next((name for name in modules if name.endswith(".fleet.agent")), None)


def test_a_host_where_the_agent_cannot_start_says_why(fleet):
    """It stands there by its address, without figures, with the reason; the others have theirs."""
    row = rows(fleet)["127.0.0.1"]
    assert "procwidget cannot start there (ImportError: nothing of strangers runs here)" in row["text"]
    assert row["cpu"] is None
    # Others come first where this machine is busy: "3 of 4 hosts are short: …. 1 more without figures: 127.0.0.1".
    assert re.search(r"\b1 \S+ .*without figures: 127\.0\.0\.1", fleet.headline_of(fleet.rows())["text"])
    assert fleet.search("", 5, "cpu")[1] == ["127.0.0.1"]


def test_a_host_that_hides_processes_says_so(odd, fleet):
    """Where /proc hides what others run, the row's note says it, and what is there is shown."""
    row = next(row for name, row in rows(fleet).items() if name.startswith("hides"))
    assert row["host"] == "hides\ufffd[31m\ufffd"
    assert "hidden (hidepid)" in row["note"]
    assert row["processes"] >= 2
    assert not fleet.search("command~86431.5", 5, "cpu")[0]


def test_a_host_that_ends_nothing_refuses_whoever_asks(fleet):
    """Neither `end` nor a forged request gets by a host that lets nobody end processes."""
    row = next(row for row in fleet.search("name~python", 100, "cpu")[0] if row["host"] == "old")
    with pytest.raises(ActionRefused, match="old lets nobody end processes"):
        fleet.end("old", row)
    host = fleet.hosts.named("old")
    asked = {"identities": [row["identity"]], "signal": "SIGKILL", "by": "x@y:python", "pids": []}
    for do in ("ask", "signal"):
        with pytest.raises(ActionRefused, match="switched off"):
            fleet.hosts.ask(host, do, 10.0, **asked)


def test_names_of_another_host_arrive_harmless(odd, fleet):
    """Control and bidirectional characters, bytes that are no text and endless names: what arrives may be shown."""
    pids = on_host(odd, "old", _start_named, NAMES)
    monitor = fleet.monitor("old")
    with monitor:
        of_them = until(lambda: (found := _of(monitor.last, pids)) and len(found) == len(NAMES) + 1 and found)
        texts = [value for row in of_them for value in row.values() if isinstance(value, str)]
    found = [row for row in fleet.search("name=sleep", 50, "cpu")[0] if row["pid"] in pids]
    texts += [value for row in found for value in row.values() if isinstance(value, str)]
    assert len(found) == len(NAMES) + 1
    assert all(text.isprintable() and len(text) <= 4096 for text in texts), texts
    assert any("<img src=x>" in text for text in texts), "what is no markup here is text"
    json.dumps([fleet.rows(), found], allow_nan=False)
    for pid in pids:
        on_host(odd, "old", _end, pid)


def _of(sample, pids):
    return [row for row in sample["processes"] if row["pid"] in pids and row["command"]] if sample else []


def _start_named(names):
    import subprocess

    shell = 'exec -a "$0" sleep 86432.5'
    named = [["bash", "-c", shell, name] for name in [*names, "x" * 10_000]]
    return [subprocess.Popen(command, start_new_session=True).pid for command in named]


def _end(pid):
    import signal

    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def test_a_pid_that_another_process_has_now_is_not_signalled_there(cluster, make_fleet):
    """A process ends there and its pid is given to another: neither `end` nor a click's second step reaches it."""
    fleet = make_fleet(cluster.address, allow_kill=True)
    fleet.hosts.look(fleet)
    pid = start_there(cluster, "node2", ["sleep", "86433.5"])
    row = until(lambda: next((row for row in fleet.find("command~86433.5") if row["pid"] == pid), None))
    _give_away(cluster, pid)
    with pytest.raises(ActionRefused, match=r"not signalled|not there any more|not in the newest|another process"):
        fleet.end("node2", row, "KILL")
    assert on_host(cluster, "node2", _runs, pid)

    row = until(lambda: next((row for row in fleet.find("command~86434.5") if row["pid"] == pid), None))
    signals = fleet.monitor("node2").host.signals(allowed=True, told=print)
    question = signals.ask([row["identity"]], "SIGKILL", "view")
    assert question["result"] == "question"
    _give_away(cluster, pid)
    answer = signals.confirm(question["nonce"], "view", "SIGKILL", [row["identity"]])
    assert {outcome["result"] for outcome in answer["outcomes"]} <= {"gone", "changed"}
    assert on_host(cluster, "node2", _runs, pid)
    on_host(cluster, "node2", _end, pid)


def _give_away(cluster, pid):
    assert on_host(cluster, "node2", _reuse, pid) == pid


def _reuse(pid):
    import subprocess
    from pathlib import Path

    _end(pid)
    for _ in range(50):
        # Threads of this worker may take it first.
        Path("/proc/sys/kernel/ns_last_pid").write_text(str(pid - 1))
        child = subprocess.Popen(["sleep", "86434.5"], start_new_session=True)
        if child.pid == pid:
            break
        child.kill()
        child.wait()
    return child.pid


def _runs(pid):
    from pathlib import Path

    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "S"


def test_a_host_whose_network_was_cut_for_ten_seconds_is_back(odd, fleet):
    """It is silent meanwhile and heard again by itself; the other hosts go on all that time."""
    others = [host for host in fleet.hosts.all() if host.number and host.name != "far"]
    began, longest = time.monotonic(), 0.0
    odd.cable.cut()
    try:
        while time.monotonic() < began + 10:
            longest = max(longest, *(fleet.hosts.silent_for(host) for host in others))
            time.sleep(0.05)
        assert rows(fleet)["far"]["state"] == "silent"
        assert rows(fleet)["far"]["cpu"] is None
        with pytest.raises(ProcwidgetError, match=r"far (was not heard|did not answer|is not|cannot be)"):
            fleet.monitor("far").host.require_heard()
    finally:
        odd.cable.mend()
    until(lambda: rows(fleet)["far"]["cpu"] is not None)
    assert rows(fleet)["far"]["workers"] == 1
    assert longest < 5.0


def test_a_host_whose_proc_is_gone_says_why(odd, fleet):
    """Without /proc nothing can be read there: in the place of figures the row says so, not only that it is silent."""
    odd.readable -= 1
    inside = ["nsenter", "-t", str(nanny_of(odd.old).pid), "-m"]
    subprocess.run([*inside, "mount", "-t", "tmpfs", "none", "/proc"], check=True)
    row = until(lambda: (row := rows(fleet)["old"])["unread"] and row)
    assert row["text"].startswith("CPU and memory of this host cannot be read"), row
    assert row["cpu"] is None
    assert row["state"] == "silent", "what is not read is not called calm"
    assert next(row for name, row in rows(fleet).items() if name.startswith("hides"))["state"] != "silent"


@pytest.mark.nightly
def test_a_host_whose_network_was_cut_for_45_seconds_is_lost(odd, fleet):
    """Dask ends its worker for good then: the host is lost, and says that no worker of it is connected."""
    odd.readable -= 1
    odd.cable.cut()
    time.sleep(45)
    assert rows(fleet)["far"]["state"] == "lost"
    assert rows(fleet)["far"]["text"].endswith("no worker of it is connected")
    assert re.search(r"\b1 \S+ .*not heard: far", fleet.headline_of(fleet.rows())["text"])
    odd.cable.mend()
    until(lambda: odd.far.poll() is not None)
    until(lambda: rows(fleet)["far"]["cpu"] is None)
    assert any(row["cpu"] is not None for row in fleet.rows())
