"""NVIDIA's driver: what NVML's documentation says that it answers is what is shown, and what goes wrong is said."""

from __future__ import annotations

from pathlib import Path

import pynvml
import pytest

from procwidget.sources.gpus import nvidia
from procwidget.sources.gpus.driver import Use
from procwidget.sources.gpus.nvidia import IN_CONTAINER, NO_LIBRARY, NO_MODULE, NvidiaDriver
from tests.patience import until
from tests.unit.fake_nvml import (
    GIB,
    LOST,
    MIB,
    MISMATCH,
    NO_PERMISSION,
    NOT_LOADED,
    NOT_SUPPORTED,
    UNKNOWN,
    Board,
    FakeNvml,
    process,
)

NOW = 1_700_000_000.0


class Clock:
    now = NOW

    def __call__(self) -> float:
        return self.now


def reading_of(nvml: FakeNvml, *, processes: bool = False, host_pids: bool = True):
    driver = nvml.driver(host_pids=host_pids)
    driver.with_processes = processes
    return driver.read()


def test_each_device_has_its_figures() -> None:
    """Two devices; what the driver keeps of the memory for itself is neither used nor there to be used."""
    nvml = FakeNvml(
        Board("NVIDIA H200", 0, used=4 * GIB, total=16 * GIB, reserved=GIB, compute=[process(7, 3 * GIB)]),
        Board("NVIDIA T4", 1, usage=0, used=0),
    )
    first, second = reading_of(nvml).gpus
    assert first == {
        "index": 0,
        "id": "GPU-0",
        "name": "NVIDIA H200",
        "vendor": "NVIDIA",
        "usage": 50.0,
        "memory_used": 4 * GIB,
        "memory_total": 15 * GIB,
        "temperature": 61.0,
        "power": 250.5,
        "power_limit": 700.0,
        "processes": 1,
        "holders": [{"pid": 7, "memory": 3 * GIB}],
        "lost": False,
    }
    assert (second["index"], second["usage"], second["processes"]) == (1, 0.0, 0)


def test_an_older_driver_has_the_first_form_of_memory() -> None:
    """It does not know the second one: the figures of the first are shown."""
    (gpu,) = reading_of(FakeNvml(Board("old", reserved=GIB, errors={"nvmlDeviceGetMemoryInfo_v2": 13}))).gpus
    assert (gpu["memory_used"], gpu["memory_total"]) == (5 * GIB, 16 * GIB)


def test_a_process_that_computes_and_draws_holds_its_memory_once() -> None:
    """It is in both lists, with all its memory in each; on two devices its shares add up."""
    nvml = FakeNvml(
        Board("a", 0, compute=[process(7, GIB)], graphics=[process(7, GIB), process(8, MIB)]),
        Board("b", 1, compute=[process(7, 2 * GIB)]),
    )
    reading = reading_of(nvml)
    assert reading.uses == {7: Use(None, 3 * GIB), 8: Use(None, MIB)}
    assert reading.gpus[0]["processes"] == 2
    assert reading.unknown == ()
    assert "nvmlDeviceGetProcessUtilization" not in nvml.calls, "nobody asked what a process does"


def test_what_a_process_does_is_the_mean_of_its_samples() -> None:
    """Older samples and nonsense do not count; one without samples did nothing; two devices at work are 200 %."""
    nvml = FakeNvml(
        Board(
            "a",
            0,
            compute=[process(7, GIB), process(8, GIB)],
            samples=[(7, NOW - 9, 90), (7, NOW - 1.5, 80), (7, NOW - 0.5, 100), (8, NOW - 1, 4_000_000)],
        ),
        Board("b", 1, compute=[process(7, GIB), process(9, GIB)], samples=[(7, NOW - 1, 100)]),
    )
    assert {pid: use.gpu for pid, use in reading_of(nvml, processes=True).uses.items()} == {7: 190, 8: 0, 9: 0}
    # Nobody did anything: NVML finds no samples, and some releases of pynvml make an error of that success.
    for code in (6, 0):
        idle = Board("c", compute=[process(7, GIB)], errors={"nvmlDeviceGetProcessUtilization": code})
        assert reading_of(FakeNvml(idle), processes=True).uses == {7: Use(0.0, GIB)}


def test_parts_of_a_device_are_devices() -> None:
    """With MIG each part has its memory and processes; heat and power are the whole's; how busy it is, is unknown."""
    refused = {"nvmlDeviceGetUtilizationRates": NOT_SUPPORTED, "nvmlDeviceGetProcessUtilization": NOT_SUPPORTED}
    parts = [
        Board("A100 MIG 1g.5gb", uuid="MIG-1", used=GIB, total=5 * GIB, compute=[process(7, GIB)], errors=refused),
        None,
        Board("A100 MIG 2g.10gb", uuid="MIG-3", errors=refused),
    ]
    reading = reading_of(FakeNvml(Board("A100", parts=parts, errors=refused), Board("A100", 1)), processes=True)
    assert [(gpu["index"], gpu["id"], gpu["usage"]) for gpu in reading.gpus] == [
        (0, "MIG-1", None),
        (0, "MIG-3", None),
        (1, "GPU-1", 50),
    ]
    assert (reading.gpus[0]["memory_total"], reading.gpus[0]["power"]) == (5 * GIB, 250.5)
    assert (reading.uses, reading.notes) == ({7: Use(None, GIB)}, ())


def test_what_is_not_supported_or_not_permitted_is_unknown() -> None:
    """That is how a device is, and no trouble: the rest is shown, and nothing is said."""
    errors = {
        "nvmlDeviceGetPowerUsage": NOT_SUPPORTED,
        "nvmlDeviceGetTemperature": NO_PERMISSION,
        "nvmlDeviceGetMemoryInfo": NOT_SUPPORTED,
        "nvmlDeviceGetMemoryInfo_v2": NOT_SUPPORTED,
        "nvmlDeviceGetComputeRunningProcesses": NO_PERMISSION,
        "nvmlDeviceGetGraphicsRunningProcesses": NO_PERMISSION,
    }
    reading = reading_of(FakeNvml(Board("a", errors=errors)), processes=True)
    (gpu,) = reading.gpus
    keys = ("power", "temperature", "memory_used", "memory_total", "processes")
    assert [gpu[key] for key in keys] == [None] * 5
    assert (gpu["usage"], gpu["lost"], reading.notes) == (50.0, False, ())
    assert reading.unknown is None, "who uses it is not known, so nobody is said not to"


def test_windows_does_not_tell_a_processs_memory() -> None:
    """There its driver says that the figure is not available: it is unknown, not 0."""
    reading = reading_of(FakeNvml(Board("a", compute=[process(7, None)])))
    assert (reading.uses, reading.gpus[0]["holders"]) == ({7: Use(None, None)}, [])


def test_a_lost_device_is_said_and_the_others_go_on() -> None:
    """It stays listed without figures. NVML is started anew after half a minute, so after a reset it is back."""
    clock = Clock()
    first, second = Board("a", 0), Board("b", 1, compute=[process(7, GIB)])
    nvml = FakeNvml(first, second)
    driver = nvml.driver(clock=clock)
    assert [gpu["usage"] for gpu in driver.read().gpus] == [50, 50]
    first.all = LOST
    reading = driver.read()
    assert [(gpu["name"], gpu["usage"], gpu["lost"]) for gpu in reading.gpus] == [("a", None, True), ("b", 50, False)]
    assert reading.notes == ("GPU 0 (a) cannot be read in full: GPU is lost.",)
    assert (reading.uses, reading.unknown) == ({7: Use(None, GIB)}, None)
    clock.now += 10
    asked = len(nvml.calls)
    assert driver.read().notes == reading.notes
    assert nvml.calls[asked:].count("nvmlInit") == 0
    clock.now += 30
    reading = driver.read()
    # Whose handle cannot be had any more has no name either.
    assert [(gpu["index"], gpu["lost"]) for gpu in reading.gpus] == [(0, True), (1, False)]
    first.all = None
    clock.now += 31
    reading = driver.read()
    assert [(gpu["name"], gpu["usage"]) for gpu in reading.gpus] == [("a", 50), ("b", 50)]
    assert (reading.notes, nvml.started) == ((), 1)


def test_an_unknown_error_is_said_and_costs_one_figure() -> None:
    """NVML's "unknown error" may be about a single figure: that one is unknown, and a note says what it said."""
    board = Board("a", errors={"nvmlDeviceGetPowerUsage": UNKNOWN})
    reading = reading_of(FakeNvml(board))
    assert (reading.gpus[0]["power"], reading.gpus[0]["usage"]) == (None, 50)
    assert reading.notes == ("GPU 0 (a) cannot be read in full: Unknown Error.",)


def test_a_driver_that_was_replaced_is_said() -> None:
    """After an update without a reboot its library does not fit: a note says so, and it is tried again later."""
    clock, nvml = Clock(), FakeNvml(Board("a"), init=MISMATCH)
    driver = nvml.driver(clock=clock)
    assert driver.read().notes == ("The NVIDIA driver cannot be read: Driver/library version mismatch.",)
    driver.read()
    assert nvml.calls == ["nvmlInit"]
    clock.now, nvml.init = NOW + 31, None
    assert [gpu["name"] for gpu in driver.read().gpus] == ["a"]


def test_a_library_without_a_driver_is_no_trouble() -> None:
    """As in an image made for a cluster: there is no device here, and nothing to say."""
    reading = reading_of(FakeNvml(init=NOT_LOADED))
    assert (reading.gpus, reading.notes) == ([], ())


def test_whoever_else_shuts_nvml_down_costs_half_a_minute() -> None:
    """The user's own code in the same process may: it is started anew."""
    clock, nvml = Clock(), FakeNvml(Board("a"))
    driver = nvml.driver(clock=clock)
    driver.read()
    nvml.started = 0
    assert driver.read().notes == ("The NVIDIA driver cannot be read: Uninitialized.",)
    clock.now += 31
    assert (driver.read().gpus[0]["usage"], nvml.started) == (50, 1)


def test_a_bug_of_the_library_stops_nothing() -> None:
    """Whatever it raises is a sentence."""
    board = Board("a")
    board.compute = None  # type: ignore[assignment]  # as no release should answer
    board.graphics = [object()]
    reading = reading_of(FakeNvml(board))
    assert (reading.gpus, reading.unknown) == ([], None)
    assert reading.notes[0].startswith("The NVIDIA driver cannot be read: ")


def test_process_ids_of_the_host_are_nobodys_in_a_container() -> None:
    """The driver tells the host's, which are others here: nobody is named, and why is said where it was asked for."""
    nvml = FakeNvml(Board("a", used=4 * GIB, compute=[process(7, GIB)]))
    reading = reading_of(nvml, processes=True, host_pids=False)
    assert (reading.gpus[0]["holders"], reading.uses, reading.unknown) == ([], {}, None)
    assert (reading.gpus[0]["processes"], reading.notes) == (1, (IN_CONTAINER,))
    assert reading_of(nvml, host_pids=False).notes == ()


def test_a_forked_child_waits_for_nobody() -> None:
    """Another thread was at a reading when the fork happened, and is not in the child: NVML is started anew there."""
    nvml = FakeNvml(Board("a"))
    driver = nvml.driver()
    driver.read()
    driver._lock.acquire()
    driver.after_fork()
    assert [gpu["name"] for gpu in driver.read().gpus] == ["a"]
    assert nvml.calls.count("nvmlInit") == 2


def test_what_was_started_is_shut_down() -> None:
    """A kernel that stays without a monitor must not keep a GPU awake; and it is not waited for."""
    nvml = FakeNvml(Board("a"))
    driver = nvml.driver()
    driver.read()
    driver.close()
    until(lambda: nvml.started == 0)
    assert (driver.read().gpus, nvml.started) == ([], 0)


@pytest.mark.parametrize(("error", "note"), [(ImportError, NO_MODULE), (OSError, NO_LIBRARY)])
def test_what_is_missing_is_named(error: type[Exception], note: str) -> None:
    """Where there is a device, and what reads it is not installed."""

    def load() -> None:
        raise error("missing")

    reading = NvidiaDriver(lambda: True, load).read()
    assert (reading.gpus, reading.unknown, reading.notes) == ([], None, (note,))


def test_the_real_library_has_what_is_called() -> None:
    """Every function that is asked for is one of nvidia-ml-py, and its errors have the numbers that are used here."""
    source = Path(nvidia.__file__).read_text("utf-8")
    named = {word for word in source.replace('"', " ").replace("(", " ").replace(".", " ").split() if "nvml" in word}
    functions = {word for word in named if word.startswith(("nvmlDevice", "nvmlInit", "nvmlShutdown"))}
    assert len(functions) >= 15
    assert {name for name in functions if not hasattr(pynvml, name)} == set()
    numbers = (1, 6, 9, 10, 15, 16, 999)
    names = ("UNINITIALIZED", "NOT_FOUND", "DRIVER_NOT_LOADED", "TIMEOUT", "GPU_IS_LOST", "RESET_REQUIRED", "UNKNOWN")
    assert tuple(getattr(pynvml, f"NVML_ERROR_{name}") for name in names) == numbers
    assert pynvml.NVML_TEMPERATURE_GPU == 0
    assert pynvml.nvmlMemory_v2 == FakeNvml.nvmlMemory_v2


def test_the_real_library_without_a_driver_is_a_sentence() -> None:
    """nvidia-ml-py as it is: where it can start it gives devices, and where it cannot a note, or nothing to say."""
    reading = NvidiaDriver(lambda: True, lambda: pynvml).read()
    assert reading.gpus or reading.notes in ((), ("The NVIDIA driver cannot be read: NVML Shared Library Not Found.",))
