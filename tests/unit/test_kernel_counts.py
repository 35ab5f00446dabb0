"""What the kernel counts of the whole host: shares of CPU time, pressure, swapping, kills."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from procwidget.sample import Sample
from procwidget.sources.cgroup import groups
from procwidget.sources.linux.source import LinuxSource
from procwidget.sources.portable.source import PortableSource
from procwidget.sources.pressure import PressureReader
from tests.patience import until
from tests.unit.cgroup_stage import small_group
from tests.unit.fake_proc import PAGE, FakeHost
from tests.unit.population import Population

CONTAIN = """
echo $$ > $1/cgroup.procs &&
exec unshare --cgroup --pid --fork --mount-proc \\
sh -c 'umount -l $0; mount -t cgroup2 none $0 && exec "$@"' $2 "$3" -c "$4"
"""
READ = """
import json, time
from procwidget.sources.linux.source import LinuxSource
source = LinuxSource()
source.read()
time.sleep(1)
print(json.dumps(source.read()["pressure"]))
"""
SNMP = """Icmp: InMsgs
Icmp: 7
Tcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens AttemptFails EstabResets CurrEstab InSegs OutSegs RetransSegs
Tcp: 1 200 120000 -1 9 9 9 9 12 5000 {} {}
"""  # noqa: E501 - a line of the kernel's
CONTAINER = "35 24 0:30 {root} {at} rw - cgroup2 cgroup2 rw\n"


@pytest.fixture
def host(tmp_path: Path) -> FakeHost:
    made = FakeHost(tmp_path)
    made.publish()
    return made


@pytest.fixture
def source(host: FakeHost) -> Iterator[LinuxSource]:
    made = host.source()
    yield made
    made.close()


def read(source: LinuxSource | PortableSource, host: FakeHost, seconds: float = 2.0) -> Sample:
    host.pass_time(seconds)
    return source.read()


def stall(folder: Path, pattern: str, micros: int) -> None:
    """Have tasks waited for so long: for memory twice, for I/O three times as long, all of them for half of that."""
    for factor, kind in enumerate(("cpu", "memory", "io"), 1):
        text = "some avg10=0.00 avg60=0.00 avg300=0.00 total={}\nfull avg10=0.00 avg60=0.00 avg300=0.00 total={}\n"
        (folder / (pattern % kind)).parent.mkdir(parents=True, exist_ok=True)
        (folder / (pattern % kind)).write_text(text.format(factor * micros, factor * micros // 2))


def test_shares_of_cpu_time_add_up(host: FakeHost, source: LinuxSource):
    """94 % were taken by other guests of the hardware: steal, not work; guests of this host are not its users too."""
    for times in ("100 10 5 500 3 1 1 0 20 4", "114 12 7 505 2 2 2 188 24 6"):
        host.write("stat", f"cpu  {times}\ncpu0 100 0 0 0 0 0 0 0 0 0\n")
        sample = read(source, host)
    shares = sample["cpu_times"]
    assert shares is not None
    spent = {
        "user": 10,
        "nice": 0,
        "system": 2,
        "idle": 5,
        "iowait": 0,
        "irq": 1,
        "softirq": 1,
        "steal": 188,
        "guest": 6,
    }
    assert shares == {key: pytest.approx(100 * time / 213) for key, time in spent.items()}


def test_an_old_kernel_tells_fewer_shares(host: FakeHost, source: LinuxSource):
    """What it does not count is unknown, not 0."""
    for idle in (100, 150):
        host.write("stat", f"cpu  {idle} 0 0 {idle}\n")
        sample = read(source, host)
    assert sample["cpu_times"] == {
        **{"user": 50.0, "nice": 0.0, "system": 0.0, "idle": 50.0},
        **dict.fromkeys(("iowait", "irq", "softirq", "steal", "guest")),
    }


def test_what_happens_in_the_kernel_is_told_by_the_second(host: FakeHost, source: LinuxSource):
    """Swapping in bytes, faults and switches a second; kills since the reading before; what waits at this moment."""
    for count in (10, 14):
        host.write("stat", f"intr {50 * count} 7 0 {count}\nctxt {100 * count}\nprocs_running 7\nprocs_blocked 3\n")
        host.write(
            "vmstat", f"pswpin {count}\npswpout {2 * count}\npgfault 9\npgmajfault {3 * count}\noom_kill {count}\n"
        )
        sample = read(source, host)
    assert (sample["swap_in"], sample["swap_out"]) == (2 * PAGE, 4 * PAGE)
    assert (sample["major_faults"], sample["context_switches"], sample["oom_kills"]) == (6, 200, 4)
    assert (sample["running"], sample["blocked"], sample["interrupts"]) == (7, 3, 100)
    host.write("vmstat", "pswpin 3\noom_kill 3\n")
    sample = read(source, host)
    assert (sample["swap_in"], sample["swap_out"], sample["major_faults"], sample["oom_kills"]) == (None,) * 4


@pytest.mark.filterwarnings("ignore:.*memory stats couldn.t be determined")
@pytest.mark.parametrize("kind", ["linux", "portable"])
def test_connections_are_counted_while_somebody_wants_them(host: FakeHost, monkeypatch: pytest.MonkeyPatch, kind: str):
    """Twelve are open, three are closing; in two seconds 200 segments were sent, and 10 of them again."""
    monkeypatch.setattr(psutil, "PROCFS_PATH", str(host.proc))
    moment = [100.0]
    monkeypatch.setattr("procwidget.sources.portable.host.time.monotonic", lambda: moment[0])
    source = host.source() if kind == "linux" else PortableSource()
    host.write("net/sockstat", "sockets: used 50\nTCP: inuse 5 orphan 0 tw 3 alloc 6 mem 1\nUDP: inuse 1 mem 0\n")
    for wanted, segments in ((False, 0), (True, 1000), (True, 1200)):
        source.wanted = frozenset({"tcp"} if wanted else ())
        host.write("net/snmp", SNMP.format(segments, segments // 20))
        moment[0] += 2.0
        sample = read(source, host)
        assert (sample["tcp"] is not None) == wanted
    assert sample["tcp"] == {"established": 12, "time_wait": 3, "sent": 100, "resent": 5}
    for name in ("snmp", "sockstat"):
        (host.proc / "net" / name).unlink()
    assert read(source, host)["tcp"] is None
    source.close()


def test_pressure_is_the_share_of_the_interval(host: FakeHost, source: LinuxSource):
    """In two seconds some waited for CPU for 0.5 s, for memory for 1 s and for I/O for 1.5 s, all half as long."""
    for waited in (1_000_000, 1_500_000):
        stall(host.proc, "pressure/%s", waited)
        source._pressure._reads = 0  # as if the files had been there from the beginning
        sample = read(source, host)
    assert sample["pressure"] == {
        "cgroup": None,
        "cpu": {"some": 25.0},
        "memory": {"some": 50.0, "full": 25.0},
        "io": {"some": 75.0, "full": 37.5},
    }


def test_pressure_that_is_not_measured_is_unknown(host: FakeHost, source: LinuxSource):
    """Where the kernel has no such files, as on RHEL by default, or denies them, it is not 0."""
    assert read(source, host)["pressure"] is None
    (host.proc / "pressure").mkdir()
    for kind in ("cpu", "memory", "io"):
        (host.proc / "pressure" / kind).symlink_to("/proc/sys/vm/drop_caches")
    for _ in range(40):
        sample = read(source, host)
    assert sample["pressure"] is None


@pytest.mark.parametrize(
    ("root", "own", "first", "group"),
    [
        ("/docker/ab", "/docker/ab", "/docker/ab", "/docker/ab"),
        ("/", "/", "/init", "/"),
        # A host, all of whose processes are shown to one with a group of its own.
        ("/", "/", "/../../init.scope", None),
    ],
)
def test_pressure_in_a_container_is_its_own(
    host: FakeHost, tmp_path: Path, root: str, own: str, first: str, group: str | None
):
    """The host may be full while the container is not: what counts is what its processes wait for."""
    host.add(1, b"init")
    host.write("1/cgroup", f"0::{first}\n")
    host.write(f"{os.getpid()}/cgroup", f"0::{own}\n")
    host.write(f"{os.getpid()}/mountinfo", CONTAINER.format(root=root, at=tmp_path / "cg"))
    stall(tmp_path / "cg", "%s.pressure", 0)
    (tmp_path / "cg/cgroup.events").write_text("populated 1\n")
    stall(host.proc, "pressure/%s", 0)
    source = host.source()
    source.read()
    stall(tmp_path / "cg", "%s.pressure", 200_000)
    stall(host.proc, "pressure/%s", 1_000_000)
    pressure = read(source, host)["pressure"]
    source.close()
    assert pressure is not None
    assert (pressure["cgroup"], pressure["cpu"]["some"]) == (group, 10.0 if group else 50.0)
    (tmp_path / "cg/cgroup.events").unlink()
    whole = host.source()
    outside = whole.read()["pressure"]
    whole.close()
    assert outside is not None and outside["cgroup"] is None


@pytest.mark.skipif(not os.access("/proc/pressure/cpu", os.R_OK), reason="this kernel measures no pressure")
@pytest.mark.parametrize("make", [LinuxSource, PortableSource])
def test_more_processes_than_cpus_are_pressure_here(make: type[LinuxSource] | type[PortableSource]):
    """On this very host, by either source: some wait for CPU nearly all of the time."""
    source = make()
    with Population() as population:
        for _ in range(2 * (os.cpu_count() or 1) + 1):
            population.spinner()
        source.read()

        def some() -> float:
            time.sleep(0.3)
            pressure = source.read()["pressure"]
            assert pressure is not None
            return pressure["cpu"]["some"] or 0.0

        assert until(lambda: (share := some()) > 80 and share, every=0.1) <= 100
    source.close()


@pytest.mark.skipif(not os.access("/proc/pressure/cpu", os.R_OK), reason="this kernel measures no pressure")
def test_pressure_of_a_real_container_is_not_the_hosts():
    """Outside all CPUs are fought for, inside a process sleeps: nobody there waits."""
    mounts = Path("/proc/self/mountinfo").read_bytes()
    tops = groups("pressure", b"0::/", mounts)
    if not tops:
        pytest.skip("no tree of control groups of version 2 is mounted here")
    folder = Path(tops[0].directory, f"procwidget-test-{os.getpid()}")
    source = LinuxSource()
    try:
        folder.mkdir()
        with Population() as population:
            for _ in range(3 * (os.cpu_count() or 1)):
                population.spinner()
            source.read()
            command = ["sh", "-c", CONTAIN, "sh", str(folder), tops[0].directory, sys.executable, READ]
            answer = subprocess.run(command, capture_output=True, text=True)
            outside = source.read()["pressure"]
    except OSError as error:
        pytest.skip(f"no control group can be made here: {error}")
    finally:
        with suppress(OSError):
            folder.rmdir()
        source.close()
    if answer.returncode:
        pytest.skip(f"no container can be made here: {answer.stderr.strip()}")
    inside = json.loads(answer.stdout)
    assert outside is not None and (outside["cpu"]["some"] or 0) > 30
    assert inside["cgroup"] == "/" and inside["cpu"]["some"] < 50


def test_a_kill_for_want_of_memory_is_counted_here():
    """A process that the kernel kills in a control group that is too small is one more in the next sample."""
    with small_group(30) as group:
        source = LinuxSource()
        source.read()
        code = f"open({group.directory + '/cgroup.procs'!r}, 'w').write('0'); held = b'x' * (200 << 20)"
        ended = subprocess.run([sys.executable, "-c", code])
        kills = source.read()["oom_kills"]
        source.close()
    assert ended.returncode == -9
    assert kills is not None and kills >= 1


def test_a_proc_with_processes_alone_is_said():
    """For real, as in a service with ProcSubset=pid: nothing is known of the host, and a note says so."""
    apart = ["unshare", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"]), "--pid", "--fork", "--mount"]
    code = """if True:
        import json
        from procwidget.sources.linux.source import LinuxSource
        source = LinuxSource()
        source.read()
        sample = source.read()
        host = ("cpu_usage", "cpu_times", "memory", "load_average", "running")
        known = [key for key in host if sample[key] is not None]
        print(json.dumps([known, len(sample["processes"]), source.notes]))
    """
    mounted = ["sh", "-c", 'mount -t proc -o subset=pid proc /proc && exec "$0" -c "$1"', sys.executable, code]
    answer = subprocess.run([*apart, *mounted], capture_output=True, text=True)
    if answer.returncode and ("unshare" in answer.stderr or "mount:" in answer.stderr):
        pytest.skip(f"no such /proc can be mounted here: {answer.stderr.strip()}")
    known, processes, notes = json.loads(answer.stdout)
    assert (known, processes) == ([], 1)
    assert notes == ["CPU and memory of this host cannot be read: its /proc shows processes alone (subset=pid)."]


def test_what_tasks_waited_for_in_the_minute_before_is_known_at_once():
    """The system has averages: of ten seconds for memory that all waited for, of a minute for the others."""
    line = b"%s avg10=%d.50 avg60=%d.25 avg300=0.00 total=9\n"
    kinds = {"cpu": line % (b"some", 1, 2), "memory": line % (b"some", 3, 4) + line % (b"full", 5, 6)}
    files = {f"/proc/pressure/{kind}": raw for kind, raw in kinds.items()}
    assert PressureReader("/proc", files.get).averages() == (2.25, 4.25, 5.5, None)
    assert PressureReader("/proc", {}.get).averages() is None
