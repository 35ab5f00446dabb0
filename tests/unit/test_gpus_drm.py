"""GPUs of AMD and Intel, from files as the kernel writes them: devices from sysfs, who uses them from fdinfo."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from procwidget.sources.gpus.driver import Use
from procwidget.sources.gpus.fdinfo import Engine, parse_client
from tests.unit.fake_drm import AMD, ASPEED, GIB, INTEL, MIB, FakeDrm, amd_info, xe_info
from tests.unit.source_stage import LINUX

pytestmark = pytest.mark.skipif(not LINUX, reason="these are files of Linux")

SECOND = 10**9
SENSORS = {
    "hwmon__hwmon4__temp1_input": 61_000,
    "hwmon__hwmon4__power1_average": 120_500_000,
    "hwmon__hwmon4__power1_cap": 300_000_000,
}


@pytest.fixture
def host(tmp_path: Path) -> FakeDrm:
    return FakeDrm(tmp_path)


def amd(host: FakeDrm, number: int = 1, slot: str = "0000:03:00.0", **files: object) -> Path:
    known = {"gpu_busy_percent": 42, "mem_info_vram_used": 2 * GIB, "mem_info_vram_total": 16 * GIB}
    return host.card(number, AMD, slot, **{**known, **SENSORS, **files})


def test_a_device_has_the_figures_of_its_files(host: FakeDrm) -> None:
    """Percent and bytes as they stand there, thousandths of °C, millionths of W."""
    amd(host, product_name="Radeon PRO W7900")
    assert host.driver.is_here()
    reading = host.driver.read()
    (gpu,) = reading.gpus
    assert {key: gpu[key] for key in ("index", "id", "name", "vendor", "usage", "processes", "lost")} == {
        "index": 1,
        "id": "0000:03:00.0",
        "name": "AMD Radeon PRO W7900",
        "vendor": "AMD",
        "usage": 42.0,
        "processes": None,
        "lost": False,
    }
    assert (gpu["memory_used"], gpu["memory_total"]) == (2 * GIB, 16 * GIB)
    assert (gpu["temperature"], gpu["power"], gpu["power_limit"]) == (61.0, 120.5, 300.0)
    # Nobody asked who uses it, and it is not full.
    assert (reading.uses, reading.unknown) == ({}, None)


def test_what_only_shows_a_picture_is_no_gpu(host: FakeDrm) -> None:
    """A server's own card has no render node, and other makers' cards say nothing that could be read."""
    host.card(0, AMD, "0000:01:00.0", renders=False)
    assert not host.driver.is_here()
    host.card(1, ASPEED, "0000:02:00.0")
    host.card(2, "0x10de", "0000:04:00.0")
    host.card(3, INTEL, "0000:00:02.0")
    assert host.driver.is_here()
    assert [(gpu["index"], gpu["vendor"]) for gpu in host.driver.read().gpus] == [(0, "AMD"), (3, "Intel")]


def test_a_device_that_sleeps_is_not_woken(host: FakeDrm) -> None:
    """To read how busy it is would wake it on some kernels; it does nothing and holds nothing then."""
    folder = amd(host, power__runtime_status="suspended")
    (folder / "gpu_busy_percent").unlink()
    os.mkfifo(folder / "gpu_busy_percent")  # whoever opened it would wait for ever
    host.driver.is_here()
    (gpu,) = host.driver.read().gpus
    assert (gpu["usage"], gpu["memory_used"], gpu["memory_total"], gpu["temperature"]) == (0.0, 0, 16 * GIB, None)


def test_a_device_that_is_reset_is_said(host: FakeDrm) -> None:
    """amdgpu refuses to be read meanwhile; the device stays listed without figures, the other one goes on."""
    folder = amd(host)
    amd(host, 2, "0000:43:00.0")
    (folder / "gpu_busy_percent").unlink()
    (folder / "gpu_busy_percent").mkdir()  # reading it fails, for root too
    host.driver.is_here()
    reading = host.driver.read()
    assert [(gpu["lost"], gpu["usage"], gpu["memory_total"]) for gpu in reading.gpus] == [
        (True, None, None),
        (False, 42.0, 16 * GIB),
    ]
    assert len(reading.notes) == 1
    assert reading.notes[0].startswith("GPU 1 (AMD ")
    assert "it may be about to be reset" in reading.notes[0]


def test_a_process_uses_what_its_clients_did_meanwhile(host: FakeDrm) -> None:
    """The busiest engine over the time; several files of one client are one, and the memory is what is resident."""
    amd(host)
    host.driver.is_here()
    host.driver.with_processes = True
    host.process(7, fd3=amd_info(1, 5 * SECOND, 1024), fd4=amd_info(1, 5 * SECOND, 1024), fd5=amd_info(2, 0, 2048))
    assert host.driver.read().uses == {7: Use(None, 3 * MIB)}, "a share needs two readings"
    host.now += 2
    host.process(7, fd3=amd_info(1, 6 * SECOND, 1024), fd4=amd_info(1, 6 * SECOND, 1024))
    reading = host.driver.read()
    assert reading.uses == {7: Use(50.0, 3 * MIB)}
    (gpu,) = reading.gpus
    assert (gpu["processes"], gpu["holders"]) == (1, [{"pid": 7, "memory": 3 * MIB}])
    # A counter that falls back is to catch up: nothing was done until it has.
    for seconds, percent in ((4, 0.0), (6, 0.0), (8, 100.0)):
        host.now += 2
        host.process(7, fd3=amd_info(1, seconds * SECOND, 1024), fd4=amd_info(1, seconds * SECOND, 1024))
        assert host.driver.read().uses[7].gpu == percent


def test_two_devices_at_work_are_two_hundred_percent(host: FakeDrm) -> None:
    """As two cores are; the same number is another client on another device."""
    amd(host)
    amd(host, 2, "0000:43:00.0")
    host.driver.is_here()
    host.driver.with_processes = True
    for done in (0, 2 * SECOND):
        host.process(7, fd3=amd_info(1, done, 1024), fd4=amd_info(1, done, 1024, pdev="0000:43:00.0"))
        reading = host.driver.read()
        host.now += 2
    assert reading.uses == {7: Use(200.0, 2 * MIB)}
    assert [gpu["processes"] for gpu in reading.gpus] == [1, 1]


def test_a_client_that_a_fork_shares_counts_once(host: FakeDrm) -> None:
    """Child and parent have the same open file: what it holds is the parent's, or it would be there twice."""
    amd(host)
    host.driver.is_here()
    host.driver.with_processes = True
    host.process(7, fd3=amd_info(1, 0, 1024))
    host.process(8, fd3=amd_info(1, 0, 1024), fd4=amd_info(2, 0, 512))
    assert host.driver.read().uses == {7: Use(None, MIB), 8: Use(None, MIB // 2)}


def test_intels_usage_is_the_sum_of_what_its_clients_do(host: FakeDrm) -> None:
    """Nothing else tells: cycles out of all cycles, of an engine that there are four of a quarter."""
    host.card(0, INTEL, "0000:00:02.0", hwmon__hwmon1__energy1_input=5_000_000)
    host.driver.is_here()
    host.process(7, fd3=xe_info(1, 1_000, 10_000))
    host.process(8, fd3=xe_info(2, 0, 10_000))
    reading = host.driver.read()
    (gpu,) = reading.gpus
    assert (gpu["usage"], gpu["power"], gpu["memory_total"], reading.first) == (None, None, None, True)
    host.now += 2
    host.process(7, fd3=xe_info(1, 4_000, 20_000))
    host.process(8, fd3=xe_info(2, 2_000, 20_000))
    (folder,) = (host.sysfs / "class/drm/card0/device/hwmon").iterdir()
    (folder / "energy1_input").write_text("35000000\n")
    reading = host.driver.read()
    (gpu,) = reading.gpus
    assert (gpu["usage"], gpu["power"], reading.first) == (50.0, 15.0, False)
    assert reading.uses == {7: Use(30.0, 4 * MIB), 8: Use(20.0, 4 * MIB)}


def test_who_fills_a_device_is_known_without_being_asked(host: FakeDrm) -> None:
    """Memory that is nearly full is a shortage, and it is to have a cause."""
    amd(host, mem_info_vram_used=15 * GIB)
    host.driver.is_here()
    host.process(7, fd3=amd_info(1, 0, 14 * 2**20))
    assert host.driver.read().gpus[0]["holders"] == [{"pid": 7, "memory": 14 * GIB}]


def test_whom_one_may_not_look_at_is_unknown(host: FakeDrm) -> None:
    """Of other users' processes only root sees the open files: not 0, but unknown. One that is gone is neither."""
    amd(host)
    host.driver.is_here()
    host.driver.with_processes = True
    (host.proc / "9").mkdir()
    (host.proc / "9" / "fd").write_text("no folder, so that root cannot list it either")
    (host.proc / "10").mkdir()
    assert set(host.driver.read().unknown or ()) == {9}


def test_a_process_that_opens_a_gpu_is_found_in_ten_seconds(host: FakeDrm) -> None:
    """To look for such files costs most, so it is done seldom; what a process that ended held is gone at once."""
    amd(host)
    host.driver.is_here()
    host.driver.with_processes = True
    host.process(7, fd3=amd_info(1, 0, 1024))
    host.driver.read()
    host.process(8, fd3=amd_info(2, 0, 1024))
    (host.proc / "7" / "fdinfo" / "3").unlink()
    host.now += 2
    assert host.driver.read().uses == {}
    host.now += 8
    assert [*host.driver.read().uses] == [8]


@pytest.mark.parametrize(
    ("text", "engines", "memory"),
    [
        ("drm-memory-vram: 5 KiB\ndrm-memory-gtt: 9 KiB\n", {}, 5 * 2**10),
        ("drm-total-local0: 3 MiB\ndrm-resident-local0: 1 MiB\ndrm-resident-system0: 8 MiB\n", {}, MIB),
        ("drm-total-memory: 77\n", {}, 77),
        ("drm-engine-capacity-video: 2\ndrm-engine-video: 8 ns\n", {"video": Engine(8, None, 2)}, None),
        ("drm-engine-render: many ns\ndrm-resident-vram: 5 PiB\n", {}, None),
        ("drm-cycles-rcs: 5\n", {}, None),
    ],
)
def test_every_form_of_the_documentation_is_understood(
    text: str, engines: dict[str, Engine], memory: int | None
) -> None:
    """Old names and new, units, several engines of a kind; what makes no sense is unknown."""
    client = parse_client(f"drm-client-id: 4\ndrm-pdev: 0000:00:02.0\n{text}".encode())
    assert client == (("0000:00:02.0", 4), engines, memory)


@pytest.mark.parametrize(
    "raw", [b"", b"pos: 0\n", b"drm-client-id: x\ndrm-pdev: a\n", b"drm-client-id: 1\n", b"\xff:\xff"]
)
def test_other_files_are_of_no_gpu(raw: bytes) -> None:
    """Whatever stands there."""
    assert parse_client(raw) is None
