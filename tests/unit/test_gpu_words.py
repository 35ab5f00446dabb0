"""GPUs in words: meters, the panel, and who holds the memory of one that is full."""

from __future__ import annotations

import json
from typing import Any

import pytest

from procwidget.sample import Gpu, Process
from procwidget.sources.gpus.driver import make_gpu, without_figures
from procwidget.sources.scripted import make_process, make_sample
from procwidget.state.gpu_shortage import NOT_SHOWN, gpu_shortages
from procwidget.thresholds import Thresholds
from procwidget.views.gpu_panel import MOST_METERS, describe_gpus, gpu_meters
from procwidget.views.summary import describe

GIB = 2**30


def gpu(index: int = 0, used: int | None = 20, total: int | None = 80, **values: Any) -> Gpu:
    """A GPU with so many GiB in use."""
    made = make_gpu(index, f"GPU-{index}", "NVIDIA H200", "NVIDIA")
    known = {"usage": 97.0, "temperature": 61.4, "power": 250.5, "power_limit": 700.0, "processes": 3}
    made.update({**known, **values})  # type: ignore[typeddict-item]
    made["memory_used"] = None if used is None else used * GIB
    made["memory_total"] = None if total is None else total * GIB
    return made


def shortages(rows: list[Process], *gpus: Gpu, **thresholds: Any) -> Any:
    return gpu_shortages(make_sample(processes=rows, gpus=list(gpus)), Thresholds(**thresholds))


def holders(**gib: int) -> list[dict[str, int]]:
    """Who holds how many GiB, by pid, as p7=20."""
    return [{"pid": int(pid[1:]), "memory": memory * GIB} for pid, memory in gib.items()]


def test_a_meter_of_each_gpu_is_of_its_memory() -> None:
    """Memory is what runs out, so it has the level; use, heat and power are its details."""
    sample = make_sample(gpus=[gpu(0, 20), gpu(1, 79, usage=0.0)])
    meters = describe(sample, [], Thresholds(), 2.0, [], None)["meters"]
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
def test_without_gpus_there_is_neither_meter_nor_panel(gpus: list[Gpu] | None) -> None:
    """None at all and not known are the same to who looks."""
    sample = make_sample(gpus=gpus)
    assert (gpu_meters(sample, Thresholds()), describe_gpus(sample)) == ([], None)


def test_of_many_gpus_the_fullest_have_meters() -> None:
    """In the order of their numbers; the panel has all."""
    sample = make_sample(gpus=[gpu(number, 79 if number == 11 else number) for number in range(16)])
    labels = [meter["label"] for meter in gpu_meters(sample, Thresholds())]
    assert labels == [f"GPU {number} memory" for number in range(8, 16)]
    assert len(labels) == MOST_METERS
    panel = describe_gpus(sample)
    assert panel
    assert [row["gpu"] for row in panel["rows"]] == [f"GPU {number}" for number in range(16)]


def test_the_panel_has_all_figures_in_words() -> None:
    """One row a GPU, its name as the detail; what is unknown is a dash."""
    amd = make_gpu(1, "0000:03:00.0", "AMD Radeon", "AMD")
    panel = describe_gpus(make_sample(gpus=[gpu(0), gpu(1, processes=1200), amd, without_figures(amd)]))
    assert panel
    assert panel["facts"] == "4 GPUs, 40.0 GiB of memory in use, 501 W"
    assert [column["key"] for column in panel["columns"]] == [key for key in panel["rows"][0] if key != "detail"]
    assert [*panel["rows"][1].values()] == [
        *("NVIDIA GPU 1", "NVIDIA H200", "97 %", "20.0 of 80.0 GiB", "61 °C", "250 of 700 W", "1,200")
    ]
    assert [*panel["rows"][2].values()] == ["AMD GPU 1 part 0", "AMD Radeon", "—", "—", "—", "—", "—"]
    assert panel["rows"][3]["detail"] == "AMD Radeon, does not answer"


def test_a_full_gpu_says_who_holds_it() -> None:
    """Workers of one program and user are one; two programs that share it are both named; the fullest GPU is first."""
    rows = [
        make_process(pid=7, name="train.py", user="ana"),
        *(make_process(pid=pid, name="python", user="bo") for pid in (8, 9)),
        make_process(pid=10, name="Xorg", user="root"),
    ]
    full = gpu(0, 80, holders=holders(p7=20, p8=30, p9=20, p10=1))
    first, second = shortages(rows, gpu(1, 73, holders=holders(p7=70)), full, gpu(2, 10))
    assert (first.gpu["index"], first.level, first.what) == (0, "critical", "Memory of GPU 0 100 %")
    assert first.cause == "python (2 processes of bo) holds 62 % and train.py (7) holds 25 % of it"
    assert [(one.name, one.memory, [row["pid"] for row in one.rows]) for one in first.holdings] == [
        ("python", 50 * GIB, [8, 9]),
        ("train.py", 20 * GIB, [7]),
        ("Xorg", 1 * GIB, [10]),
    ]
    assert (second.level, second.cause) == ("warning", "train.py (7) holds 95 % of it")
    three = gpu(0, 80, holders=holders(p7=20, p8=30, p10=20))
    assert shortages(rows, three)[0].cause == (
        "python (8) holds 37 %, train.py (7) holds 25 % and Xorg (10) holds 25 % of it"
    )


def test_nobody_is_blamed_for_what_others_hold() -> None:
    """Whoever is not in the sample, or holds little, is not named: as in a container, or with --own-processes."""
    rows = [make_process(pid=7, name="train.py")]
    for held in ([], holders(p5=79), holders(p7=1)):
        assert shortages(rows, gpu(0, 80, holders=held))[0].cause == NOT_SHOWN


def test_of_an_only_gpu_the_rows_know_it_too() -> None:
    """Where its driver names no holders and the rows were asked for it; with two, a row's memory may be on either."""
    rows = [make_process(pid=7, name="train.py", gpu_memory=60.0 * 1024, gpu=None)]
    assert shortages(rows, gpu(0, 80))[0].cause == "train.py (7) holds 75 % of it"
    assert shortages(rows, gpu(0, 80), gpu(1, 1))[0].cause == NOT_SHOWN


def test_a_gpu_that_is_not_full_or_not_known_is_no_shortage() -> None:
    """Its thresholds are its own, and can be set."""
    assert shortages([], gpu(0, 71), gpu(1, None), gpu(2, 5, None), without_figures(gpu(3))) == []
    assert [one.level for one in shortages([], gpu(0, 60), gpu_memory=(70, 75))] == ["critical"]
