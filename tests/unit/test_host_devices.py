"""The figures of each disk and interface, and what memory holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from procwidget.sample import Sample
from procwidget.sources.counters import MOST_LISTED
from procwidget.sources.linux import proc
from procwidget.sources.linux.source import LinuxSource
from procwidget.sources.portable.source import PortableSource
from tests.unit.fake_proc import FakeHost
from tests.unit.source_stage import LINUX, MIB

pytestmark = pytest.mark.filterwarnings("ignore:.*memory stats couldn.t be determined")


@pytest.fixture
def host(tmp_path: Path) -> FakeHost:
    made = FakeHost(tmp_path)
    made.publish()
    return made


@pytest.fixture(params=["linux", "portable"])
def source(
    request: pytest.FixtureRequest, host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> Iterator[LinuxSource | PortableSource]:
    """Both sources, each on the same files."""
    if not LINUX:
        pytest.skip("psutil can be pointed at other files on Linux only")
    monkeypatch.setattr(psutil, "PROCFS_PATH", str(host.proc))
    made = host.source() if request.param == "linux" else PortableSource()
    yield made
    made.close()


def read(source: LinuxSource | PortableSource, host: FakeHost) -> Sample:
    host.pass_time(2.0)
    return source.read()


def disk_line(name: str, reads: int, sectors: int, ms: int, busy: int) -> str:
    return f" 8 0 {name} {reads} 0 {sectors} {ms} {reads} 0 {2 * sectors} {ms} 0 {busy} {2 * busy} 0 0 0 0\n"


def test_a_disk_tells_how_busy_and_how_slow_it_is(host: FakeHost):
    """In 2 s 100 reads and 100 writes of 3 ms each, requests half of the time, two at a time then."""
    source = host.source()
    for reads, sectors, ms, busy in ((10, 80, 30, 100), (110, 880, 330, 1100)):
        host.write(
            "diskstats", disk_line("sda", reads, sectors, ms, busy) + disk_line("sda1", reads, sectors, ms, busy)
        )
        sample = read(source, host)
    assert sample["disks"] == [
        {
            **{"name": "sda", "read": 400 * 512, "written": 800 * 512, "reads": 50, "writes": 50},
            **{"busy": 50, "latency": 3, "queue": 1, "counted": True},
        }
    ]
    idle = (read(source, host)["disks"] or [])[0]
    assert (idle["busy"], idle["latency"], idle["queue"]) == (0, None, 0)
    source.close()


def test_an_interface_tells_what_it_lost(host: FakeHost):
    """Packets, errors and drops of both directions, a second; what stands on others is listed and not counted."""
    source = host.source()
    for count in (0, 10):
        line = f"{1000 * count} {count} {count} {2 * count} 0 0 0 0 {500 * count} {9 * count} "
        line += f"{3 * count} {4 * count} 0 0 0 0\n"
        host.write("net/dev", "a|b\nc|d\n" + "".join(f"{name}: {line}" for name in ("lo", "eth0", "docker0")))
        sample = read(source, host)
    figures = {"received": 5000, "sent": 2500, "packets": 50, "errors": 20, "drops": 30, "speed": None}
    assert sample["interfaces"] == [
        {"name": "eth0", **figures, "counted": True},
        {"name": "docker0", **figures, "counted": False},
    ]
    assert sample["network"] == {"received": 5000, "sent": 2500}
    source.close()


def test_unused_devices_and_hundreds_of_pairs_are_not_all_listed(host: FakeHost):
    """Those that count always are."""
    source = host.source()
    host.write("diskstats", " 7 0 loop0 0 0 0 0 0 0 0 0 0 0 0\n" + disk_line("sda", 1, 1, 1, 1))
    pairs = "".join(f"veth{number}: {'0 ' * 16}\n" for number in range(300))
    host.write("net/dev", f"a|b\nc|d\n{pairs}eth0: {'0 ' * 16}\n")
    sample = read(source, host)
    assert [disk["name"] for disk in sample["disks"] or []] == ["sda"]
    listed = sample["interfaces"] or []
    assert len(listed) == MOST_LISTED and [one["name"] for one in listed if one["counted"]] == ["eth0"]
    source.close()


def test_both_sources_tell_the_same_devices(host: FakeHost, source: LinuxSource | PortableSource):
    """Names, and what counts, by psutil too."""
    host.write(
        "diskstats", disk_line("sda", 1, 1, 1, 1) + disk_line("sda1", 1, 1, 1, 1) + disk_line("dm-0", 1, 1, 1, 1)
    )
    sample = read(source, host)
    assert [(disk["name"], disk["counted"]) for disk in sample["disks"] or []] == [("sda", True), ("dm-0", False)]
    assert [(one["name"], one["counted"]) for one in sample["interfaces"] or []] == [("eth0", True)]


def test_memory_tells_what_it_holds(host: FakeHost, source: LinuxSource | PortableSource):
    """tmpfs is shared memory, not cache; huge pages of all sizes are set apart; what is not told is unknown."""
    text = (
        "MemTotal: 1000 kB\nMemFree: 200 kB\nMemAvailable: 250 kB\nBuffers: 10 kB\nCached: 300 kB\nDirty: 7 kB\n"
        "Shmem: 100 kB\nSlab: 50 kB\nCommitted_AS: 2000 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n"
        "HugePages_Total:     128\nHugePages_Free:       28\nHugepagesize:       2048 kB\n"
    )
    host.write("meminfo", text + "Hugetlb:  1310720 kB\n")
    memory = read(source, host)["memory"]
    assert memory is not None
    held = {key: memory[key] for key in ("cached", "buffers", "shared", "slab", "dirty", "committed")}  # type: ignore[literal-required]
    kib = {"cached": 200, "buffers": 10, "shared": 100, "slab": 50, "dirty": 7, "committed": 2000}
    assert held == {key: 1024 * value for key, value in kib.items()}
    assert (memory["huge_pages"], memory["huge_pages_free"], memory["arc"]) == (1280 * MIB, 56 * MIB, None)
    older = proc.parse_memory(text.encode())
    assert older is not None and older["huge_pages"] == 256 * MIB


def test_devices_of_this_host_are_those_of_psutil():
    """On this very host: the same interfaces and disks as psutil has."""
    source = LinuxSource()
    sample = source.read()
    source.close()
    names = [one["name"] for one in sample["interfaces"] or []]
    assert names == [name for name in psutil.net_io_counters(pernic=True, nowrap=False) if name != "lo"][: len(names)]
    disks = psutil.disk_io_counters(perdisk=True, nowrap=False)
    assert {disk["name"] for disk in sample["disks"] or []} <= disks.keys()
