"""GPUs in samples: absent at no cost, asked in a thread of their own, and a driver that hangs holds up nothing."""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from procwidget import snapshot
from procwidget.history import History
from procwidget.identity import boot_id
from procwidget.machine import Gpu
from procwidget.query import parse
from procwidget.sources import blocking
from procwidget.sources.gpus.choose_driver import gpu_reader
from procwidget.sources.gpus.driver import DriverReading, Use, make_gpu
from procwidget.sources.gpus.reader import ASKED_AFTER, LOOKED_AFTER, GpuReader
from procwidget.sources.own_processes import OwnProcessesSource
from procwidget.sources.scripted import ScriptedSource, make_process, make_sample
from tests.patience import until
from tests.unit.fake_nvml import GIB, MIB, Board, FakeNvml, process
from tests.unit.source_stage import LINUX, by_pid, conforms

NONE, BOTH = frozenset[str](), frozenset({"gpu", "gpu_memory"})


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class FakeDriver:
    """Answers with what it is given; `read` waits for `gate` if there is one."""

    def __init__(self, reading: DriverReading | None = None, name: str = "fake") -> None:
        self.reading = reading or DriverReading([gpu()], {7: Use(50.0, GIB)})
        self.name, self.with_processes, self.here, self.closed = name, False, True, False
        self.looked = self.asked = 0
        self.gate: threading.Event | None = None

    def is_here(self) -> bool:
        self.looked += 1
        return self.here

    def read(self) -> DriverReading:
        self.asked += 1
        if self.gate:
            self.gate.wait()
        return self.reading

    def close(self) -> None:
        self.closed = True


def gpu(**values: Any) -> Gpu:
    made = make_gpu(0, "GPU-0", "fake", "NVIDIA")
    made.update(values)  # type: ignore[typeddict-item]
    return made


def answered(reader: GpuReader, wanted: frozenset[str] = NONE) -> Any:
    """Read until the drivers have answered."""
    return until(lambda: (found := reader.read(wanted)) is not None and not reader.pending and [found])[0]


def test_where_there_is_no_gpu_nothing_is_asked() -> None:
    """No thread, no question, and twice a minute a look whether there is one now."""
    clock, driver = Clock(), FakeDriver()
    driver.here = False
    reader = GpuReader([driver], clock=clock)
    before = set(threading.enumerate())
    for _ in range(100):
        assert reader.read(BOTH) == []
        clock.now += LOOKED_AFTER / 100
    assert (driver.looked, driver.asked) == (1, 0)
    assert set(threading.enumerate()) <= before
    (row,) = reader.fill([make_process(pid=7)], BOTH)
    assert (row["gpu"], row["gpu_memory"]) == (None, None)
    driver.here = True
    clock.now += 1
    assert reader.read(NONE) is None, "there is one since, and it has not answered yet"
    assert answered(reader) == [gpu()]
    reader.close()
    assert driver.closed


def test_nvidias_library_is_imported_only_where_it_has_a_device(tmp_path: Path) -> None:
    """A source of a host without one does without: the module costs 40 ms."""
    before = sys.modules.pop("pynvml", None)
    names: dict[str, list[str]] = {"/dev": ["null", "nvidia-caps"]}
    reader = gpu_reader(lambda _: None, names.get)
    try:
        assert reader.read(BOTH) == []
        assert "pynvml" not in sys.modules
    finally:
        reader.close()
        if before:
            sys.modules["pynvml"] = before


@pytest.mark.skipif(not LINUX, reason="these are devices of Linux")
@pytest.mark.parametrize("device", ["nvidiactl", "dxg"])
def test_a_device_of_nvidia_without_its_library_is_said(device: str) -> None:
    """As in a container that was given the device alone: here, too, libnvidia-ml is missing."""
    reader = gpu_reader(lambda _: None, {"/dev": ["null", device]}.get)
    until(lambda: (reader.read(NONE), not reader.pending)[1])
    # A machine with a GPU has figures.
    assert reader.read(NONE) or reader.notes[0].startswith("The NVIDIA GPU cannot be read: the library libnvidia-ml")
    reader.close()


def test_a_driver_is_asked_once_a_reading_and_once_a_second_at_most() -> None:
    """Its own figures are averages of about a second, and each question takes milliseconds."""
    clock, driver = Clock(), FakeDriver()
    reader = GpuReader([driver], clock=clock)
    answered(reader)
    assert driver.asked == 1
    clock.now += ASKED_AFTER + 0.01
    reader.read(NONE)
    until(lambda: driver.asked == 2)
    for _ in range(5):
        clock.now += ASKED_AFTER / 10
        reader.read(NONE)
    assert driver.asked == 2
    reader.close()


def test_a_driver_that_hangs_is_said_and_holds_up_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its devices stay listed without figures, who uses them is unknown; the other driver goes on; then all is back."""
    monkeypatch.setattr(blocking, "STUCK_AFTER", 0.05)
    clock = Clock()
    hung, well = FakeDriver(name="NVIDIA"), FakeDriver(DriverReading([gpu(index=1, usage=5.0)], {8: Use(1.0, MIB)}))
    hung.reading.gpus[0]["usage"] = 70.0
    reader = GpuReader([hung, well], clock=clock)
    rows = [make_process(pid=7), make_process(pid=9)]
    until(lambda: len(answered(reader, BOTH)) == 2)
    assert [row["gpu"] for row in reader.fill(rows, BOTH)] == [50.0, 0.0]
    hung.gate = threading.Event()
    clock.now += 2
    before = time.monotonic()
    reader.read(BOTH)
    assert time.monotonic() - before < 5
    until(lambda: (clock.__setattr__("now", clock.now + 2), reader.read(BOTH), reader.notes)[2])
    assert reader.notes == ["The NVIDIA driver does not answer, so its GPUs have no figures."]
    first, second = reader.read(BOTH) or ()
    assert (first["lost"], first["usage"], first["name"], second["usage"]) == (True, None, "fake", 5.0)
    assert [row["gpu"] for row in reader.fill(rows, BOTH)] == [None, None]
    asked = well.asked
    until(lambda: (clock.__setattr__("now", clock.now + 2), reader.read(BOTH), well.asked > asked + 2)[2])
    assert hung.asked == 2, "it keeps one thread, and no question waits behind"
    hung.gate.set()
    until(lambda: (reader.read(BOTH) or [first])[0]["usage"] == 70.0)
    assert reader.notes == []
    reader.close()


def test_what_needs_two_answers_is_waited_for() -> None:
    """A snapshot of a host with an Intel GPU would never say how busy that is."""
    clock, driver = Clock(), FakeDriver(DriverReading([gpu()], first=True))
    reader = GpuReader([driver], clock=clock)
    until(lambda: reader.read(NONE))
    assert reader.pending
    driver.reading = DriverReading([gpu(usage=5.0)])
    clock.now += 2
    assert answered(reader)[0]["usage"] == 5.0
    reader.close()


def test_rows_stay_the_same_objects_while_nothing_changes() -> None:
    """What did not change is not sent to anybody; a process that uses no GPU uses 0 of it, for its driver knows all."""
    clock, driver = Clock(), FakeDriver()
    reader = GpuReader([driver], clock=clock)
    answered(reader, BOTH)
    rows = [make_process(pid=7), make_process(pid=8)]
    assert reader.fill(rows, NONE) is rows
    first = reader.fill(rows, BOTH)
    assert [(row["gpu"], row["gpu_memory"]) for row in first] == [(50.0, 1024.0), (0.0, 0.0)]
    assert all(one is other for one, other in zip(first, reader.fill(rows, BOTH), strict=True))
    driver.reading = DriverReading([gpu()], {7: Use(60.0, GIB)}, unknown={8})
    clock.now += 2
    reader.read(BOTH)
    until(lambda: (reader.read(BOTH), reader.fill(rows, BOTH)[0]["gpu"] == 60.0)[1])
    assert reader.fill(rows, BOTH)[1]["gpu"] is None
    assert reader.fill(rows, frozenset({"gpu"}))[0].keys() - rows[0].keys() == {"gpu"}
    assert rows == [make_process(pid=7), make_process(pid=8)], "the given rows were not changed"
    reader.close()


def test_two_drivers_together_know_what_both_know() -> None:
    """A process on GPUs of both is the sum; of one that either cannot tell of, nothing is said."""
    one = FakeDriver(DriverReading([gpu()], {7: Use(50.0, GIB), 8: Use(None, MIB)}, unknown={9}))
    other = FakeDriver(DriverReading([gpu(index=1)], {7: Use(25.0, GIB), 8: Use(10.0, None)}))
    reader = GpuReader([one, other])
    until(lambda: len(answered(reader, BOTH)) == 2)
    rows = reader.fill([make_process(pid=pid) for pid in (7, 8, 9, 10)], BOTH)
    assert [(row["gpu"], row["gpu_memory"]) for row in rows] == [(75, 2048), (10, 1), (None, None), (0, 0)]
    reader.close()


def test_where_not_all_gpus_can_be_seen_none_is_not_said() -> None:
    """On Windows and macOS those of other makers stay unknown, so their absence does too."""
    driver = FakeDriver()
    driver.here = False
    assert GpuReader([driver], complete=False).read(NONE) is None
    failed = GpuReader([FakeDriver(DriverReading([], unknown=None, notes=("It failed.",)))])
    until(lambda: (failed.read(NONE), failed.notes)[1])
    assert failed.read(NONE) is None
    failed.close()


@pytest.mark.skipif(not LINUX, reason="it reads a Linux host")
def test_a_source_has_gpus_and_who_uses_them() -> None:
    """Through NVML as it answers: in the sample, as JSON, in the rows, in the history, in a search."""
    from procwidget.sources.linux.source import LinuxSource

    me = threading.get_native_id()
    board = Board("NVIDIA H200", used=4 * GIB, compute=[process(me, 3 * GIB)], samples=[(me, 1_699_999_999.5, 80)])
    source = LinuxSource(gpus=GpuReader([FakeNvml(board).driver()]))
    source.wanted = BOTH
    sample = until(lambda: (read := source.read())["gpus"] and by_pid(read)[me].get("gpu") == 80 and read)
    source.close()
    assert conforms(sample["gpus"], list[Gpu])
    assert sample["gpus"][0]["holders"] == [{"pid": me, "memory": 3 * GIB}]
    assert json.loads(json.dumps(sample["gpus"])) == sample["gpus"]
    history = History()
    history.append(sample)
    assert history[-1] == sample
    assert by_pid(sample)[me]["gpu_memory"] == 3 * 1024
    search = parse("gpu>50 gpu_memory>2g")
    assert [row["pid"] for row in sample["processes"] if search.matches(row, sample["time"])] == [me]


def test_a_snapshot_waits_for_a_driver_that_starts() -> None:
    """It may take seconds, and a script that asks once is to have the figures; one that never answers is not."""

    class Starting(ScriptedSource):
        pending = True

        def read(self) -> Any:
            sample = super().read()
            self.pending = self._next < 4
            return sample

    source = Starting(
        [make_sample(gpus=None), make_sample(gpus=None), make_sample(gpus=None), make_sample(gpus=[gpu()])]
    )
    assert snapshot(0.02, source=source)["gpus"] == [gpu()]


def test_of_ones_own_processes_no_others_are_named() -> None:
    """`--own-processes` hides the others, also as holders of a GPU's memory."""
    import os

    mine = make_process(pid=os.getpid(), user="ana")
    holders = [{"pid": 5, "memory": GIB}, {"pid": os.getpid(), "memory": MIB}]
    rows, here = [mine, make_process(pid=5, user="bo")], boot_id() or ""
    sample = make_sample(processes=rows, gpus=[gpu(holders=holders)], boot_id=here)
    (shown,) = OwnProcessesSource(ScriptedSource([sample])).read()["gpus"] or ()
    assert shown["holders"] == holders[1:]
    assert OwnProcessesSource(ScriptedSource([make_sample(processes=[mine], gpus=None)])).read()["gpus"] is None
