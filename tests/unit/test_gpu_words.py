"""GPUs in words: meters, the panel, and who holds the memory of one that is full."""

from __future__ import annotations

import json
from typing import Any

import pytest

from procwidget.machine import Gpu
from procwidget.sources.gpus.driver import make_gpu, without_figures
from procwidget.sources.scripted import make_sample
from procwidget.state.alerts import Alerts
from procwidget.thresholds import Thresholds
from procwidget.views.arguments import check_panels
from procwidget.views.gpu_panel import MOST_METERS, describe_gpus, gpu_meters
from procwidget.views.panels import found, titles
from procwidget.views.presence import Presence
from procwidget.views.summary import describe
from procwidget.views.table import ProcessTable

GIB = 2**30


def gpu(index: int = 0, used: int | None = 20, total: int | None = 80, **values: Any) -> Gpu:
    """A GPU with so many GiB in use."""
    made = make_gpu(index, f"GPU-{index}", "NVIDIA H200", "NVIDIA")
    known = {"usage": 97.0, "temperature": 61.4, "power": 250.5, "power_limit": 700.0, "processes": 3}
    made.update({**known, **values})  # type: ignore[typeddict-item]
    made["memory_used"] = None if used is None else used * GIB
    made["memory_total"] = None if total is None else total * GIB
    return made


def test_a_meter_of_each_gpu_is_of_its_memory() -> None:
    """Memory is what runs out, so it has the level; use, heat and power are its details."""
    sample = make_sample(gpus=[gpu(0, 20), gpu(1, 79, usage=0.0)])
    meters = describe(sample, [], Alerts(Thresholds()).state, Thresholds(), 2.0, [], None)["meters"]
    assert [meter["label"] for meter in meters] == ["CPU", "Memory", "Swap", "GPU 0 memory", "GPU 1 memory"]
    assert meters[3] == {
        "key": "gpu_memory_GPU-0",
        "label": "GPU 0 memory",
        "value": 25.0,
        "max": 100,
        "text": "25 %",
        "detail": "busy 97 %, 20.0 of 80.0 GiB, 61 °C, 250 of 700 W",
        "level": "normal",
        "bounds": [90.0, 98.0],
        "below": True,
    }
    assert (meters[4]["level"], meters[4]["text"]) == ("critical", "98 %")
    json.dumps(meters, allow_nan=False)


def test_without_memory_of_its_own_a_meter_shows_use() -> None:
    """A GPU at work is what it is for, so that has no level; one that does not answer says so."""
    intel = make_gpu(0, "0000:00:02.0", "Intel Arc", "Intel")
    intel["usage"] = 100.0
    assert [
        (m["label"], m["text"], m["level"], m["detail"]) for m in gpu_meters(make_sample(gpus=[intel]), Thresholds())
    ] == [("GPU 0", "100 %", "normal", "")]
    (lost,) = gpu_meters(make_sample(gpus=[without_figures(gpu())]), Thresholds())
    assert (lost["value"], lost["text"], lost["detail"], lost["level"]) == (None, "—", "does not answer", "normal")
    assert lost["key"] != "gpu_memory_GPU-0", "another meter, or the page would keep the old one's name and marks"


@pytest.mark.parametrize("gpus", [None, []])
def test_without_gpus_there_is_neither_meter_nor_button(gpus: list[Gpu] | None) -> None:
    """None at all and not known are the same to who looks."""
    sample = make_sample(gpus=gpus)
    content = describe_gpus(sample, Thresholds())
    assert (gpu_meters(sample, Thresholds()), content["facts"], content["tables"]) == ([], [], [])
    assert content["notes"] and found(sample) == []


def test_of_many_gpus_the_fullest_have_meters() -> None:
    """In the order of their numbers; the panel has all."""
    sample = make_sample(gpus=[gpu(number, 79 if number == 11 else number) for number in range(16)])
    labels = [meter["label"] for meter in gpu_meters(sample, Thresholds())]
    assert labels == [f"GPU {number} memory" for number in range(8, 16)]
    assert len(labels) == MOST_METERS
    (table,) = describe_gpus(sample, Thresholds())["tables"]
    assert [row[0] for row in table["rows"]] == [f"GPU {number}" for number in range(16)]


def test_the_panel_has_all_figures_in_words() -> None:
    """One row a GPU with its name; what is unknown is a dash, full memory is marked as in its meter."""
    amd = make_gpu(1, "0000:03:00.0", "AMD Radeon", "AMD")
    sample = make_sample(gpus=[gpu(0, 79), gpu(1, processes=1200), amd, without_figures(amd)])
    content = describe_gpus(sample, Thresholds())
    assert {fact["label"]: fact["text"] for fact in content["facts"]} == {
        **{"GPUs": "4", "Memory in use": "99.0 GiB", "Power": "501 W"}
    }
    (table,) = content["tables"]
    assert all(len(row) == len(table["columns"]) for row in table["rows"])
    assert table["rows"][0][3] == {"text": "79.0 of 80.0 GiB", "level": "critical"}
    assert table["rows"][1] == [
        *("NVIDIA GPU 1", "NVIDIA H200", "97 %", "20.0 of 80.0 GiB", "61 °C", "250 of 700 W", "1,200")
    ]
    assert table["rows"][2] == ["AMD GPU 1 part 0", "AMD Radeon", "—", "—", "—", "—", "—"]
    assert table["rows"][3][2] == {"text": "no answer", "level": "critical"}


def test_the_panels_button_comes_with_the_first_frame_of_a_host_that_has_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    """Titles are told before a first reading, so frames say what was found; on another host nothing is said."""
    assert [entry["name"] for entry in titles() if entry["optional"]] == ["gpus"]
    assert check_panels(["gpus"]) == ["gpus"]
    service: Any = None
    sent: list[dict[str, Any]] = []
    table = ProcessTable(service, service, Presence(), lambda: None, Thresholds(), {})
    monkeypatch.setattr(table, "send", lambda content, _buffers=None: sent.append(content))
    for gpus in ([], [gpu()]):
        table.publish(make_sample(gpus=gpus))
    assert ["found" in frame for frame in sent] == [False, True]
    assert sent[1]["found"] == ["gpus"]
    table.close()
