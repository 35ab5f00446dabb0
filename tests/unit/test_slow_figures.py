"""Link speeds and compressed swap, in a tree of files, and what the machine is."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import pytest

from procwidget.sources.slow_figures import EVERY, SlowFigures, SlowFiguresReader, Zram
from procwidget.sources.system_facts import read_system
from tests.patience import until
from tests.unit.fake_proc import FakeHost
from tests.unit.source_stage import LINUX, MIB


@pytest.fixture
def host(tmp_path: Path) -> FakeHost:
    made = FakeHost(tmp_path)
    made.publish()
    return made


def put(host: FakeHost, name: str, text: str) -> None:
    path = host.sysfs / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_an_interface_tells_how_much_its_link_can_carry(host: FakeHost):
    """A link of 10 Gbit/s carries 1.25 GB a second; one that is down says -1, and loopback nothing."""
    counts = "300 0 0 0 0 0 0 0 700 0 0 0 0 0 0 0\n"
    host.write("net/dev", "a|b\nc|d\n" + "".join(f"{name}: {counts}" for name in ("lo", "eth0", "eth1", "wg0")))
    put(host, "class/net/eth0/speed", "10000\n")
    put(host, "class/net/eth1/speed", "-1\n")
    source = host.source()
    expected = {"eth0": 1_250_000_000, "eth1": None, "wg0": None}
    until(lambda: {one["name"]: one["speed"] for one in source.read()["interfaces"] or []} == expected)
    source.close()


def test_compressed_swap_is_named_with_what_it_takes(host: FakeHost):
    """Two zram devices together: 300 MiB are stored in 100; zswap is in /proc/meminfo."""
    host.write("diskstats", "".join(f" 252 0 zram{n} 9 0 80 1 9 0 80 1 0 1 2\n" for n in (0, 1)))
    put(host, "block/zram0/mm_stat", f"{200 * MIB} 5 {60 * MIB} 0 7 0 0 0 0\n")
    put(host, "block/zram1/mm_stat", f"{100 * MIB} 5 {40 * MIB} 0 7 0 0 0 0\n")
    host.write("meminfo", "MemTotal: 900000 kB\nMemAvailable: 800000 kB\nZswap: 1024 kB\nZswapped: 4096 kB\n")
    source = host.source()

    def found() -> list[object]:
        memory = source.read()["memory"] or {}
        return [memory.get(key) for key in ("zram", "zram_stored", "zswap", "zswap_stored")]

    assert found()[2:] == [MIB, 4 * MIB]
    until(lambda: found() == [100 * MIB, 300 * MIB, MIB, 4 * MIB])
    source.close()


def test_they_are_read_now_and_then_and_when_a_device_comes():
    """Not at each reading: every half minute."""
    now, asked = [0.0], []

    def read(path: str) -> bytes | None:
        asked.append(path)
        return b"1000\n" if path.endswith("speed") else b"9 8 7 6"

    reader = SlowFiguresReader(read, "/sys", lambda: now[0])
    until(lambda: reader.read(["eth0"], ["sda"]) == SlowFigures({"eth0": 125_000_000}))
    for _ in range(5):
        reader.read(["eth0"], ["sda"])
    assert asked == ["/sys/class/net/eth0/speed"]
    until(lambda: reader.read(["eth0"], ["sda", "zram0"]) == SlowFigures({"eth0": 125_000_000}, Zram(7, 9)))
    now[0] += EVERY
    reader.read(["eth0"], ["sda", "zram0"])
    until(lambda: len(asked) == 5)
    reader.close()


@pytest.mark.skipif(not LINUX, reason="the files of a Linux host")
def test_the_system_is_named_as_its_files_name_it(tmp_path: Path):
    """Of 256 CPUs only the first is read; a board without a model of its CPU has a name of its own."""
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/os-release").write_text('NAME="X"\nPRETTY_NAME="Example \\"Linux\\" 9"\nID=x\n')
    (tmp_path / "cpuinfo").write_text(
        "".join(f"processor\t: {n}\nmodel\t\t: 49\nmodel name\t: Fast  CPU {n}\n\n" for n in range(256))
    )
    found = read_system(str(tmp_path), str(tmp_path))
    assert found == {
        "os": 'Example "Linux" 9',
        "kernel": platform.release(),
        "architecture": os.uname().machine,
        "cpu": "Fast CPU 0",
    }
    board = tmp_path / "sys/firmware/devicetree/base/model"
    board.parent.mkdir(parents=True)
    board.write_bytes(b"Raspberry Pi 4\0")
    (tmp_path / "cpuinfo").write_text("processor\t: 0\nBogoMIPS\t: 108.00\nCPU implementer\t: 0x41\n")
    assert read_system(str(tmp_path), str(tmp_path))["cpu"] == "Raspberry Pi 4"
    (tmp_path / "cpuinfo").write_text("")
    board.unlink()
    assert read_system(str(tmp_path), str(tmp_path))["cpu"] is None
