"""What is read of processes on demand: right on real processes, exact and no more than needed on a host of files."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from procwidget.sources.base import Source
from procwidget.sources.group_names import group_names
from procwidget.sources.growth import Growth
from procwidget.sources.linux.source import LinuxSource
from procwidget.sources.portable.source import PortableSource
from tests.patience import until
from tests.unit.fake_proc import PAGE, SECOND, FakeHost
from tests.unit.population import Population, tell
from tests.unit.source_stage import HOST_SOURCES, LINUX, by_pid, read_until

pytestmark = [
    pytest.mark.skipif(not LINUX, reason="these are files of Linux"),
    pytest.mark.filterwarnings("ignore:.*memory stats couldn.t be determined"),
]

MIB = 2**20
WRITE = """
import os, sys
for line in sys.stdin:
    with open(sys.argv[1], "wb") as file:
        file.write(bytes(9 << 20))
        file.flush()
        os.fsync(file.fileno())
    print("done", flush=True)
"""


@pytest.fixture(params=HOST_SOURCES.values(), ids=HOST_SOURCES.keys())
def host(request: pytest.FixtureRequest) -> Iterator[Source]:
    """Every source that reads this host."""
    made = request.param()
    yield made
    made.close()


class Stage:
    """A host of files with one process, 7, and a source that is asked for some fields."""

    def __init__(self, root: Path, *wanted: str, **values: Any) -> None:
        self.host = FakeHost(root)
        self.host.add(7, **values)
        self.host.publish()
        self.source = self.host.source()
        self.source.wanted = frozenset(wanted)

    def tick(self, seconds: float = 2.0, ran: float = 0.0) -> dict[str, Any]:
        """Let time pass, in which 7 ran for some of it; return its row."""
        self.host.run(7, ran)
        self.host.pass_time(seconds)
        self.host.publish()
        return dict(by_pid(self.source.read())[7])

    def io(self, read: int, written: int) -> None:
        self.host.write(
            "7/io", f"rchar: 9\nwchar: 9\nread_bytes: {read}\nwrite_bytes: {written}\ncancelled_write_bytes: 0\n"
        )

    def answered(self, total: int | None) -> dict[str, Any]:
        """Read again at the same moment, until the counters that were asked for have come."""
        return until(lambda: row if (row := self.tick(0.0))["read_total"] == total else None)


IO = ("read", "written", "read_total", "written_total")


def test_disk_rates_are_over_the_time_in_which_a_process_ran(tmp_path: Path) -> None:
    """They come a reading later; one that did not run did nothing, and is not read for that."""
    stage = Stage(tmp_path, *IO)
    stage.io(0, MIB)
    stage.tick()
    row = stage.answered(0)
    assert [row[key] for key in IO] == [None, None, 0, MIB]
    stage.io(10 * MIB, MIB)
    stage.tick(2.0, ran=0.01)
    row = stage.answered(10 * MIB)
    assert [row[key] for key in IO] == [5 * MIB, 0.0, 10 * MIB, MIB]
    stage.host.deny("7/io")
    row = stage.tick(60.0)
    assert [row[key] for key in IO] == [0.0, 0.0, 10 * MIB, MIB]
    # Two seconds, not the minute before in which it slept.
    stage.io(10 * MIB, 5 * MIB)
    stage.tick(2.0, ran=0.01)
    row = until(lambda: row if (row := stage.tick(0.0))["written_total"] == 5 * MIB else None)
    assert [row[key] for key in IO] == [0.0, 2 * MIB, 10 * MIB, 5 * MIB]
    stage.source.close()


def test_disk_rates_stay_right_where_a_reading_takes_the_answers_to_the_one_before(tmp_path: Path) -> None:
    """As it is on a real host: the counters of a tick are known at the next, which asks for the next ones already."""
    stage = Stage(tmp_path, *IO)
    worker = stage.source._processes._on_demand._io._reader._worker
    rates = []
    for second in range(0, 10, 2):
        stage.io(second * MIB, 0)
        rates.append(stage.tick(2.0, ran=0.1)["read"])
        until(lambda: not worker.waiting)
    assert set(rates[1:]) <= {None, MIB}
    assert rates[-1] == MIB
    stage.source.close()


def test_an_idle_process_has_its_totals_once_they_are_wanted(tmp_path: Path) -> None:
    """Its rates are 0 then, not unknown: it did not run."""
    stage = Stage(tmp_path)
    stage.io(MIB, 0)
    stage.tick()
    stage.source.wanted = frozenset(IO)
    stage.tick()
    row = stage.answered(MIB)
    assert [row[key] for key in IO] == [0.0, 0.0, MIB, 0]
    stage.source.close()


def test_disk_figures_that_may_not_be_read_are_unknown(tmp_path: Path) -> None:
    """None of them is 0, whether the process runs or not."""
    stage = Stage(tmp_path, *IO)
    stage.io(0, 0)
    stage.tick()
    stage.answered(0)
    stage.host.deny("7/io")
    stage.tick(ran=0.1)
    row = stage.answered(None)
    assert [row[key] for key in IO] == [None] * 4
    assert [stage.tick()[key] for key in IO] == [None] * 4
    assert [stage.tick(ran=0.1)[key] for key in IO] == [None] * 4
    stage.source.close()


def test_disk_totals_are_those_of_the_kernel(host: Source, population: Population, tmp_path: Path) -> None:
    """As /proc/PID/io has them; a file system in memory counts nothing, and then nothing is right."""
    child = population.start(sys.executable, "-c", WRITE, str(tmp_path / "file"))
    host.wanted = frozenset(IO)
    tell(child, "write")
    counted = {
        key: int(amount) for key, amount in re.findall(r"(\w+): (\d+)", Path(f"/proc/{child.pid}/io").read_text())
    }
    row = by_pid(
        read_until(
            host,
            lambda rows: (
                rows[child.pid]["written_total"] == counted["write_bytes"] and rows[child.pid]["written"] is not None
            ),
        )
    )[child.pid]
    assert row["read_total"] == counted["read_bytes"]


def test_of_other_users_processes_disk_figures_are_unknown_but_for_root(population: Population) -> None:
    """A reader that is not root sees its own, and none of theirs."""
    if os.geteuid():
        pytest.skip("needs root to be somebody else")
    code = (
        "import ctypes, os; os.setgid(65534); os.setuid(65534); ctypes.CDLL(None).prctl(4, 1)\n"
        "from procwidget import snapshot\n"
        "rows = {row['pid']: row for row in snapshot(0.3, fields=['read_total', 'read'])['processes']}\n"
        "print([rows[os.getpid()]['read_total'] is None, rows[os.getppid()]['read_total'], rows[os.getppid()]['read']])"
    )
    path = os.pathsep.join(sys.path)
    done = subprocess.run(
        [sys.executable, "-c", "import procwidget.monitor, procwidget.sources.linux.source\n" + code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert done.stdout == "[False, None, None]\n", done.stderr


def test_wait_is_the_part_of_the_time_without_a_cpu(tmp_path: Path) -> None:
    """Over the interval in which it ran; one that sleeps waits for none, one that never gets its turn all the time."""
    stage = Stage(tmp_path, "wait", state="S")
    stage.host.write("7/schedstat", "5 0 1")
    assert stage.tick()["wait"] is None
    assert stage.tick(60.0)["wait"] == 0.0
    stage.host.write("7/schedstat", f"5 {SECOND} 1")
    assert stage.tick(2.0, ran=0.1)["wait"] == 50.0
    stage.host.add(7, state="R", ns=stage.host.ran[7])
    assert stage.tick(2.0, ran=0.1)["wait"] == 0.0
    assert stage.tick()["wait"] == 100.0
    assert stage.tick()["wait"] == 100.0
    # Six seconds since it was seen, for five of which it waited: the kernel counts them when it has its turn.
    stage.host.write("7/schedstat", f"5 {6 * SECOND} 1")
    assert stage.tick(2.0, ran=0.1)["wait"] == pytest.approx(500 / 6)
    (stage.host.proc / "7/schedstat").unlink()
    assert stage.tick(2.0, ran=0.1)["wait"] is None
    assert stage.tick()["wait"] is None
    stage.source.close()


def test_two_that_share_a_cpu_wait_for_it(population: Population) -> None:
    """Each computes for half of the time at most, and waits for a good part of the other half."""
    pids = [population.spinner() for _ in range(2)]
    for pid in pids:
        os.sched_setaffinity(pid, {min(os.sched_getaffinity(0))})
    source = LinuxSource()
    source.wanted = frozenset({"wait", "last_cpu"})
    source.read()
    rows = by_pid(read_until(source, lambda rows: all((rows[pid]["wait"] or 0) > 20 for pid in pids)))
    assert {rows[pid]["last_cpu"] for pid in pids} == {min(os.sched_getaffinity(0))}
    source.close()


def test_major_faults_are_a_second(tmp_path: Path) -> None:
    """Unknown at first, then of the interval; 0 for one that did not run."""
    stage = Stage(tmp_path, "major_faults", "last_cpu", "terminal", faults=100, last_cpu=3, terminal=0x8803)
    row = stage.tick()
    assert (row["major_faults"], row["last_cpu"], row["terminal"]) == (None, 3, "pts/3")
    assert stage.tick()["major_faults"] == 0.0
    stage.host.add(7, faults=150, last_cpu=1, ns=stage.host.ran[7])
    row = stage.tick(2.0, ran=0.1)
    assert (row["major_faults"], row["last_cpu"], row["terminal"]) == (25.0, 1, None)
    assert stage.tick()["major_faults"] == 0.0
    stage.source.close()


def test_growth_is_over_half_a_minute_to_a_minute() -> None:
    """Unknown for ten seconds, then MiB a minute; a plateau is 0, and sleep in between does not make it less."""
    growth = Growth.begin(0.0, 100.0)
    assert growth.per_minute(5.0, 150.0) is None
    assert growth.per_minute(10.0, 110.0) == pytest.approx(60.0)
    assert growth.per_minute(30.0, 130.0) == pytest.approx(60.0)
    assert growth.per_minute(60.0, 100.0) == pytest.approx(-60.0)
    for now in (90.0, 120.0):
        last = growth.per_minute(now, 100.0)
    assert last == 0.0
    assert growth.per_minute(1000.0, 160.0) == pytest.approx(60.0)


def test_growth_of_a_process_ends_when_it_does_not_run_any_more(tmp_path: Path) -> None:
    """It is followed also while it sleeps: what it allocated a minute ago is no growth now."""
    stage = Stage(tmp_path, "growth", pages=256)
    assert stage.tick()["growth"] is None
    stage.host.add(7, pages=256 * 11, ns=stage.host.ran[7])
    assert stage.tick(10.0, ran=0.1)["growth"] == pytest.approx(10 * PAGE * 256 / MIB * 6)
    assert stage.tick(5.0)["growth"] == pytest.approx(10 * PAGE * 256 / MIB * 4)
    for _ in range(5):
        row = stage.tick(30.0)
    assert row["growth"] == 0.0
    stage.source.close()


def test_swap_and_shared_and_score_are_those_of_the_kernel(tmp_path: Path) -> None:
    """MiB from status and statm, and the score as it is; unknown where the file is not there."""
    stage = Stage(tmp_path, "swap", "shared", "oom_score")
    row = stage.tick()
    assert (row["swap"], row["shared"], row["oom_score"]) == (None, 100 * PAGE / MIB, None)
    stage.host.write("7/status", "Uid:\t0\t0\t0\t0\nVmSwap:\t    2048 kB\n")
    stage.host.write("7/oom_score", "667\n")
    row = stage.tick(10.0, ran=0.1)
    assert (row["swap"], row["oom_score"]) == (2.0, 667)
    # It is swapped out as it sleeps: its resident memory tells at its turn.
    stage.host.write("7/status", "Uid:\t0\t0\t0\t0\nVmSwap:\t    4096 kB\n")
    assert stage.tick(30.0)["swap"] == 4.0
    stage.source.close()


def test_real_figures_are_those_of_proc(population: Population) -> None:
    """For a process that sleeps, read at any time, all of these agree with the files themselves."""
    pid = population.sleeper()
    source = LinuxSource()
    source.read()
    source.wanted = frozenset({"swap", "shared", "oom_score", "container", "unit", "last_cpu"})
    row = by_pid(source.read())[pid]
    folder = Path(f"/proc/{pid}")
    assert row["shared"] == int((folder / "statm").read_text().split()[2]) * PAGE / MIB
    assert row["swap"] == 0.0
    assert row["oom_score"] == pytest.approx(int((folder / "oom_score").read_text()), abs=5)
    assert (row["container"], row["unit"]) == group_names((folder / "cgroup").read_bytes())
    assert row["last_cpu"] == psutil.Process(pid).cpu_num()
    source.close()


@pytest.mark.parametrize("kind", ["linux", "portable"])
def test_container_and_unit_are_read_again_in_their_time(
    tmp_path: Path, kind: str, population: Population, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process may be moved, also while it sleeps; once in 30 s it is looked at, or at once by psutil's source."""
    pid = population.sleeper()
    files = FakeHost(tmp_path)
    files.add(pid)
    files.write(f"{pid}/cgroup", "0::/system.slice/ssh.service\n")
    files.publish()
    monkeypatch.setattr(psutil, "PROCFS_PATH", str(files.proc))
    source: Source = files.source() if kind == "linux" else PortableSource()
    source.wanted = frozenset({"container", "unit"})

    def read(seconds: float) -> tuple[str | None, str | None]:
        files.pass_time(seconds)
        files.publish()
        row = by_pid(source.read())[pid]
        return row["container"], row["unit"]

    assert read(0) == read(40) == (None, "ssh.service")
    files.write(f"{pid}/cgroup", f"0::/docker/{'3f4e1d2c9a0b' + '5' * 52}\n")
    if kind == "linux":
        assert read(2) == (None, "ssh.service")
    assert read(30) == ("docker/3f4e1d2c9a0b", None)
    source.close()


def test_a_process_that_is_gone_is_forgotten(tmp_path: Path) -> None:
    """Nothing of it is kept, also when its counters come after it."""
    stage = Stage(tmp_path, *IO, "growth", "wait")
    stage.io(0, 0)
    stage.tick()
    stage.host.end(7)
    stage.host.pass_time(2)
    stage.host.publish()
    assert 7 not in by_pid(stage.source.read())
    on_demand = stage.source._processes._on_demand
    assert {entry.pid for entry in (*on_demand._known, *on_demand._moving)} == {os.getpid()}
    stage.source.close()


def test_a_process_whose_disk_figures_do_not_come_holds_up_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """/proc/PID/io may wait for a lock: a note says so, its rates are unknown, and all else goes on."""
    from procwidget.sources import blocking

    monkeypatch.setattr(blocking, "STUCK_AFTER", 0.1)
    stage = Stage(tmp_path, *IO)
    stage.host.write(f"{os.getpid()}/io", "read_bytes: 5\nwrite_bytes: 6\n")
    fifo = stage.host.proc / "7" / "io"
    os.mkfifo(fifo)
    stage.tick()
    row = until(lambda: row if (row := stage.tick(0.01)) and stage.source.notes else None)
    assert stage.source.notes == ["What sleep (7) reads from disks and writes to them is unknown: it does not answer."]
    assert row["read"] is None
    until(lambda: by_pid(stage.source.read())[os.getpid()]["read_total"] == 5)
    fifo.write_bytes(b"read_bytes: 7\nwrite_bytes: 8\n")
    stage.answered(7)
    assert stage.source.notes == []
    stage.source.close()


@pytest.mark.parametrize(
    ("number", "policy"), [(0, "other"), (1, "fifo"), (3, "batch"), (5, "idle"), (7, "ext"), (99, None)]
)
def test_policy_and_time_of_children_are_those_of_stat(tmp_path: Path, number: int, policy: str | None) -> None:
    """The policy by its name; of children that were waited for, both kinds of CPU time."""
    stage = Stage(tmp_path, "policy", "child_time", policy=number, child_times=(150, 50))
    row = stage.tick()
    assert (row["policy"], row["child_time"]) == (policy, 2.0)
    stage.source.close()


def test_policy_and_time_of_children_are_the_same_by_psutil(population: Population) -> None:
    """This process has a policy and has waited for children, and a batch process is told as one."""
    pid = population.sleeper()
    os.sched_setscheduler(pid, os.SCHED_BATCH, os.sched_param(0))
    rows = []
    for source in (LinuxSource(), PortableSource()):
        source.wanted = frozenset({"policy", "child_time"})
        rows.append(by_pid(source.read()))
        source.close()
    assert [found[pid]["policy"] for found in rows] == ["batch", "batch"]
    own = [found[os.getpid()]["child_time"] for found in rows]
    assert own[0] == pytest.approx(own[1], abs=0.05)
