"""What a control group uses of its CPU limit, in trees of files as both versions show them, and for real."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from procwidget.limits import Limits
from procwidget.sources.cgroup import Reader, groups, read_file
from procwidget.sources.scripted import make_sample
from tests.patience import PATIENCE
from tests.unit.fake_proc import FakeHost


class Grouped(FakeHost):
    """A host with two CPUs of whose time this process may have half of one, in version 1 or 2."""

    def __init__(self, root: Path, version: int, counted_at: str = "/job") -> None:
        super().__init__(root)
        self.version, self.groups = version, root / "cg"
        kinds = (
            {"all": "cgroup2 none rw"} if version == 2 else {"cpu": "cgroup none rw,cpu", "cpuacct": "cgroup c cpuacct"}
        )
        mounts = [f"35 24 0:30 / {self.groups / name} rw - {kind}\n" for name, kind in kinds.items()]
        self.write(f"{os.getpid()}/mountinfo", "".join(mounts))
        own = "0::/job\n" if version == 2 else f"2:cpuacct:{counted_at}\n1:cpu:/job\n"
        self.write(f"{os.getpid()}/cgroup", own)
        if version == 2:
            self.put("all/job/cpu.max", "50000 100000\n")
        else:
            self.put("cpu/job/cpu.cfs_quota_us", "50000\n")
            self.put("cpu/job/cpu.cfs_period_us", "100000\n")

    def put(self, name: str, text: str) -> None:
        path = self.groups / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def used(self, seconds: float) -> None:
        """Let the group have used so much CPU since it was made."""
        if self.version == 2:
            self.put("all/job/cpu.stat", f"usage_usec {seconds * 1e6:.0f}\nuser_usec 7\nsystem_usec 0\n")
        else:
            self.put("cpuacct/job/cpuacct.usage", f"{seconds * 1e9:.0f}\n")


def usages(host: Grouped, *used: float) -> list[float | None]:
    """Return `cpu_usage` of the limits of readings two seconds apart, before which the group had used so much."""
    host.publish()
    source = host.source()
    found: list[float | None] = []
    for seconds in used:
        host.used(seconds)
        limits = source.read()["limits"]
        assert limits is not None and (limits["cpu_cgroup"], limits["cpus"]) == ("/job", 0.5)
        found.append(limits["cpu_usage"])
        host.pass_time(2)
    source.close()
    return found


@pytest.mark.parametrize("version", [1, 2])
def test_usage_is_percent_of_what_the_group_may_use(tmp_path: Path, version: int) -> None:
    """Unknown at first, then against the limit and not the host; what a group ran over its quota is not shown."""
    first, *others = usages(Grouped(tmp_path, version), 100.0, 100.62, 100.62, 101.7)
    assert first is None
    assert others == [pytest.approx(62.0), 0.0, 100.0]


def test_a_counter_that_ran_backwards_is_no_usage(tmp_path: Path) -> None:
    """A group that was made anew counts from zero: unknown for one reading."""
    assert usages(Grouped(tmp_path, 2), 100.0, 0.5, 1.0) == [None, None, pytest.approx(50.0)]


def test_where_nothing_counts_the_hosts_cpu_is_shown(tmp_path: Path) -> None:
    """In version 1 the counter may be of another group, or missing; then it is not this limit's usage."""
    assert usages(Grouped(tmp_path, 1, counted_at="/other"), 1.0, 1.5) == [None, None]
    limits: Limits = {
        "memory_cgroup": None,
        "memory_total": None,
        "memory_used": None,
        "cpu_cgroup": "/job",
        "cpus": 0.5,
        "cpu_time": None,
        "cpu_usage": None,
        "contained": True,
    }
    counted = [make_sample(limits={**limits, "cpu_usage": usage}, cpu_usage=7.0)["effective"] for usage in (None, 80.0)]
    assert [(one["cpu_usage"], one["cpus"], one["cpu_cgroup"]) for one in counted] == [
        (7.0, 2, None),
        (80.0, 0.5, "/job"),
    ]


def test_without_a_limit_no_usage_is_read(tmp_path: Path) -> None:
    """What every tick reads is nothing at all then."""
    host = Grouped(tmp_path, 2)
    host.put("all/job/cpu.max", "max 100000\n")
    host.used(1.0)
    opened: list[str] = []

    def read(path: str) -> bytes | None:
        opened.append(path)
        return read_file(path)

    reader = Reader(str(host.proc), read)
    assert reader.read(None, 2) is None
    assert not any(path.endswith("cpu.stat") for path in opened)
    opened.clear()
    assert reader.read(None, 2) is None
    assert opened == []


READ = """
import json, sys, time
from procwidget.sources.linux.source import LinuxSource
sys.stdin.readline()
source = LinuxSource()
source.read()
end = time.monotonic() + 2
while time.monotonic() < end: pass
print(json.dumps(source.read()["limits"]))
"""


@pytest.fixture
def limited() -> Iterator[tuple[Path, ...]]:
    """A group of this kernel that may use a fifth of a CPU, as the directories that its processes are put into."""
    own, mounts = Path("/proc/self/cgroup").read_bytes(), Path("/proc/self/mountinfo").read_bytes()
    bases = [groups(controller, own, mounts)[-1:] for controller in ("cpu", "cpuacct")]
    # Both names lead to the same place in version 2, and may in version 1.
    made = tuple({str(Path(base[0].directory).resolve()): base[0] for base in bases if base}.values())
    folders = tuple(Path(base.directory) / f"procwidget-test-{os.getpid()}" for base in made)
    try:
        for folder in folders:
            folder.mkdir()
        if not folders:
            pytest.skip("no control group can be made here: no tree of them is mounted")
        if made[0].version == 2:
            (folders[0] / "cpu.max").write_text("20000 100000")
        else:
            (folders[0] / "cpu.cfs_period_us").write_text("100000")
            (folders[0] / "cpu.cfs_quota_us").write_text("20000")
        yield folders
    except OSError as error:
        pytest.skip(f"no control group with a CPU limit can be made here: {error}")
    finally:
        for folder in folders:
            with suppress(OSError):
                folder.rmdir()


def test_a_real_group_that_runs_at_its_limit_is_full(limited: tuple[Path, ...]) -> None:
    """A process that computes without end in a group with a fifth of a CPU: almost all of the limit is used."""
    child = subprocess.Popen([sys.executable, "-c", READ], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        for folder in limited:
            (folder / "cgroup.procs").write_text(str(child.pid))
        found = json.loads(child.communicate("go\n", timeout=PATIENCE)[0])
    finally:
        child.kill()
        child.wait()
    assert found["cpu_cgroup"].endswith(limited[0].name)
    assert found["cpus"] == pytest.approx(0.2)
    assert 50 < found["cpu_usage"] <= 100
