"""Temperatures, fans, battery and frequency: as psutil has them, off the tick, and only while somebody wants them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from procwidget.fields import HOST_ON_DEMAND
from procwidget.machine import Sensors
from procwidget.sources import blocking
from procwidget.sources.sensors import EVERY, SensorReader, read_sensors
from tests.patience import PATIENCE, until
from tests.unit.fake_proc import FakeHost
from tests.unit.source_stage import LINUX

NONE: Sensors = {
    **{"cpu_frequency": None, "cpu_frequency_most": None, "temperatures": []},
    **{"fans": [], "battery": None},
}  # type: ignore[typeddict-item]


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def degrees(current: float, high: float | None, critical: float | None, label: str = "") -> SimpleNamespace:
    return SimpleNamespace(label=label, current=current, high=high, critical=critical)


def test_what_psutil_says_of_sensors_is_in_the_sample(monkeypatch: pytest.MonkeyPatch):
    """All that a laptop has; a bound of 65,261 °C, as some disks tell it, is none, and so is a time without end."""
    told: dict[str, Any] = {
        "cpu_freq": SimpleNamespace(current=2400.5, min=800.0, max=4700.0),
        "sensors_temperatures": {
            "coretemp": [degrees(97.0, 95.0, 100.0, "Package id 0"), degrees(61.0, 95.0, 100.0, "Core 0")],
            "nvme": [degrees(45.85, 65261.85, 84.85)],
        },
        "sensors_fans": {"thinkpad": [SimpleNamespace(label="", current=3400)]},
        "sensors_battery": SimpleNamespace(percent=81.0, secsleft=psutil.POWER_TIME_UNLIMITED, power_plugged=True),
    }
    for name, answer in told.items():
        monkeypatch.setattr(psutil, name, lambda answer=answer: answer, raising=False)
    assert read_sensors() == {
        "cpu_frequency": 2400.5,
        "cpu_frequency_most": 4700.0,
        "temperatures": [
            {"chip": "coretemp", "label": "Package id 0", "now": 97.0, "high": 95.0, "critical": 100.0},
            {"chip": "coretemp", "label": "Core 0", "now": 61.0, "high": 95.0, "critical": 100.0},
            {"chip": "nvme", "label": "", "now": 45.85, "high": None, "critical": 84.85},
        ],
        "fans": [{"chip": "thinkpad", "label": "", "now": 3400.0}],
        "battery": {"percent": 81.0, "plugged": True, "seconds": None},
    }


@pytest.mark.parametrize("problem", [OSError(5, "Input/output error"), NotImplementedError(), ValueError("odd")])
def test_a_machine_without_sensors_has_none(monkeypatch: pytest.MonkeyPatch, problem: Exception):
    """Where psutil has no such functions, or they fail, all of it is unknown and nothing is raised."""

    def fail() -> None:
        raise problem

    monkeypatch.setattr(psutil, "cpu_freq", fail)
    monkeypatch.setattr(psutil, "sensors_battery", lambda: None, raising=False)
    monkeypatch.setattr(psutil, "sensors_temperatures", fail, raising=False)
    monkeypatch.delattr(psutil, "sensors_fans", raising=False)
    assert read_sensors() == NONE


def test_sensors_are_read_every_ten_seconds_while_they_are_wanted():
    """Nobody asks: they are not read. When somebody asks again, what was known before is not told as new."""
    clock, readings = Clock(), 0

    def count() -> Sensors:
        nonlocal readings
        readings += 1
        return {**NONE, "cpu_frequency": float(readings)}

    reader = SensorReader(count, clock)
    for _ in range(3):
        assert reader.read(False) is None
        clock.now += EVERY
    assert readings == 0
    until(lambda: reader.read(True) == {**NONE, "cpu_frequency": 1.0})
    clock.now += EVERY - 1
    reader.read(True)
    assert readings == 1
    clock.now += 1
    until(lambda: reader.read(True) == {**NONE, "cpu_frequency": 2.0})
    assert reader.read(False) is None
    assert reader.read(True) is None
    until(lambda: reader.read(True) == {**NONE, "cpu_frequency": 3.0})
    reader.close()


def test_a_chip_that_does_not_answer_holds_up_nobody(monkeypatch: pytest.MonkeyPatch):
    """Then the sensors are unknown, not what they were, and a sentence says why."""
    monkeypatch.setattr(blocking, "STUCK_AFTER", 0.0)
    clock, answers, first = Clock(), threading.Event(), [NONE]

    def hang() -> Sensors:
        if first:
            return first.pop()
        answers.wait()
        return NONE

    reader = SensorReader(hang, clock)
    until(lambda: reader.read(True) == NONE)
    clock.now += EVERY
    until(lambda: reader.read(True) is None)
    assert reader.notes() == ["The machine's sensors do not answer, so they are unknown."]
    answers.set()
    until(lambda: reader.read(True) == NONE)
    assert reader.notes() == []
    reader.close()


def test_a_source_reads_them_only_while_they_are_wanted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """`wanted` names them beside the fields of processes, whose rows they do not change."""
    monkeypatch.setattr("procwidget.sources.sensors.read_sensors", lambda: {**NONE, "cpu_frequency": 3000.0})
    host = FakeHost(tmp_path)
    host.publish()
    source = host.source()
    assert source.read()["sensors"] is None
    source.wanted = frozenset(HOST_ON_DEMAND)
    until(lambda: source.read()["sensors"] == {**NONE, "cpu_frequency": 3000.0})
    rows = source.read()["processes"]
    assert [row.keys() & {"sensors", "tcp"} for row in rows] == [set()]
    source.wanted = frozenset()
    assert source.read()["sensors"] is None
    source.close()


# In a mount namespace of its own: a /sys/class with a chip, a fan and a battery.
STAGE = """
import json, pathlib, subprocess
subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/sys/class"], check=True)
def put(folder, **files):
    path = pathlib.Path("/sys/class", folder)
    path.mkdir(parents=True)
    for name, text in files.items():
        (path / name).write_text(text)
put("hwmon/hwmon0", name="coretemp", temp1_input="97000", temp1_label="Package id 0", temp1_max="95000",
    temp1_crit="100000")
put("hwmon/hwmon1", name="nct6775", fan2_input="1200")
put("power_supply/BAT0", energy_now="50", energy_full="100", power_now="25", capacity="50", status="Discharging")
from procwidget.sources.sensors import read_sensors
print(json.dumps(read_sensors()))
"""


@pytest.mark.skipif(not LINUX, reason="mount namespaces are Linux's")
def test_the_sensors_of_a_machine_are_found_in_its_sys():
    """Psutil finds what /sys has, here one that was put there."""
    apart = ["unshare", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"]), "--mount"]
    answer = subprocess.run([*apart, sys.executable, "-c", STAGE], capture_output=True, text=True, timeout=PATIENCE)
    if "unshare" in answer.stderr or "mount:" in answer.stderr:
        pytest.skip(f"no mount namespace can be made here: {answer.stderr}")
    found = json.loads(answer.stdout)
    assert found["temperatures"] == [
        {"chip": "coretemp", "label": "Package id 0", "now": 97.0, "high": 95.0, "critical": 100.0}
    ]
    assert found["fans"] == [{"chip": "nct6775", "label": "", "now": 1200.0}]
    assert found["battery"] == {"percent": 50.0, "plugged": False, "seconds": 7200}
