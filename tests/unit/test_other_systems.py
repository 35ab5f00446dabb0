"""What other systems do differently, played by what psutil gives there: idle time, set clocks, Windows' signals."""

from __future__ import annotations

import ctypes
import os
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from procwidget.actions import identity_check, policy, system_limits
from procwidget.actions.policy import SIGNALS, refusal
from procwidget.details import read as details_read
from procwidget.sources.linux import gil_held
from procwidget.sources.linux.gil_held import GilHeldReader
from procwidget.sources.portable import idle_time
from procwidget.sources.portable import source as portable
from procwidget.sources.portable.source import PortableSource
from procwidget.sources.scripted import make_process
from tests.unit.source_stage import by_pid
from tests.unit.test_actions_policy import CONTEXT

OWN = os.getpid()
HOUR = 3600.0


class OtherProcess(psutil.Process):
    """A process as psutil shows it on macOS: its start moves with the clock."""

    moved = 0.0

    def create_time(self) -> float:
        return super().create_time() + self.moved


def play(monkeypatch: pytest.MonkeyPatch, platform: str) -> None:
    """Have our modules take this system for another one, whose processes psutil shows as `OtherProcess`."""
    monkeypatch.setattr(psutil, "Process", OtherProcess)
    for module in (portable, details_read):
        monkeypatch.setattr(module, "_LINUX", False)
    monkeypatch.setattr(identity_check, "LINUX", False)
    monkeypatch.setattr(portable, "is_idle_time", lambda pid, name=None: idle_time.is_idle_time(pid, name, platform))


def test_idle_time_of_windows_is_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pid 0 is what eight idle CPUs do: as a process it would take 788 % of a core for ever, and be blamed."""
    play(monkeypatch, "win32")
    monkeypatch.setattr(psutil, "pids", lambda: [0, OWN])
    looked_at: list[int | None] = []

    def look(process: psutil.Process, pid: int | None = None) -> None:
        looked_at.append(pid)
        _init(process, pid)

    monkeypatch.setattr(OtherProcess, "__init__", look)
    source = PortableSource()
    source.read()
    sample = source.read()
    assert set(by_pid(sample)) == {OWN}
    assert (sample["started"], sample["ended"]) == (0, 0)
    assert 0 not in looked_at
    source.close()


_init = psutil.Process.__init__


def test_idle_time_of_freebsd_is_no_process_either() -> None:
    """There it is a process "idle" among the kernel's first; a user's program of that name is a process."""
    assert idle_time.is_idle_time(11, "idle", "freebsd14")
    assert not idle_time.is_idle_time(4711, "idle", "freebsd14")
    assert not idle_time.is_idle_time(11, "idle", "linux")
    assert not idle_time.is_idle_time(0, "kernel_task", "darwin")


def test_a_process_is_the_same_after_the_clock_of_macos_was_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """psutil moves its start by the hour; identity, details and the check before a signal know it all the same."""
    play(monkeypatch, "darwin")
    monkeypatch.setattr(psutil, "pids", lambda: [OWN])
    booted = psutil.boot_time()
    monkeypatch.setattr(psutil, "boot_time", lambda: booted + OtherProcess.moved)
    source = PortableSource()
    before = by_pid(source.read())[OWN]
    monkeypatch.setattr(OtherProcess, "moved", HOUR)
    sample = source.read()
    row = by_pid(sample)[OWN]
    assert row["identity"] == before["identity"] == details_read.read_identity(OWN)
    assert (sample["started"], sample["ended"]) == (0, 0)
    # The age stays right: the start moves with the clock.
    assert row["started"] == pytest.approx((before["started"] or 0.0) + HOUR)
    facts = identity_check.read_facts(OWN)
    assert facts is not None and facts.difference_from_row({**row, "user": None, "ppid": None, "name": ""}) is None
    source.close()


@pytest.mark.parametrize("signal", [*SIGNALS, "renice 5", "SIGHUP"])
def test_windows_is_asked_only_for_what_it_can(signal: str) -> None:
    """Interrupt and renice have their reasons, other signals are not there; all are on Linux and macOS."""
    works = signal in ("SIGTERM", "SIGKILL", "SIGSTOP", "SIGCONT")
    assert (system_limits.lacking(signal, "win32") is None) == works
    assert system_limits.lacking(signal, "linux") is system_limits.lacking(signal, "darwin") is None


def test_the_page_is_told_what_signals_do_on_windows() -> None:
    """The menu leaves out interrupt and renice, and "End" promises no time to save."""
    page = system_limits.for_page((*SIGNALS, "renice"), "win32")
    assert set(page["lacking"]) == {"SIGINT", "renice", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"}
    assert page["meanings"] == {"SIGTERM": "Windows ends a process at once: it cannot save its work first."}
    assert system_limits.for_page(SIGNALS, "linux") == {"lacking": {}, "meanings": {}}


@pytest.mark.parametrize(
    ("platform", "name", "spared"),
    [
        ("win32", "csrss.exe", True),
        ("win32", "LSASS.exe", True),
        ("win32", "notepad.exe", False),
        ("darwin", "WindowServer", True),
        ("linux", "csrss.exe", False),
    ],
)
def test_what_a_system_cannot_do_without_is_never_signalled(
    monkeypatch: pytest.MonkeyPatch, platform: str, name: str, spared: bool
) -> None:
    """Ending csrss stops Windows with an error, ending WindowServer logs the user out: refused, with a sentence."""
    vital = system_limits.vital
    monkeypatch.setattr(
        policy, "system_limits", SimpleNamespace(lacking=system_limits.lacking, vital=lambda row: vital(row, platform))
    )
    sentence = refusal(make_process(pid=700, name=name), "SIGTERM", CONTEXT)
    assert (sentence == f"{name} (700) keeps the system or its session running: it is never signalled.") == spared


class Musl:
    """A C library without `getdents64`, as musl is."""

    _libc = ctypes.PyDLL(None)

    def __getattr__(self, name: str) -> Any:
        if name == "getdents64":
            raise AttributeError(name)
        return getattr(self._libc, name)

    def __getitem__(self, name: str) -> Any:
        return self._libc[name]


def test_directories_are_listed_with_the_gil_under_musl_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """Without the symbol the system call is made by its number: nothing lists a directory the way that lets go."""
    expected = GilHeldReader()
    monkeypatch.setattr(ctypes, "PyDLL", lambda _name: Musl())
    monkeypatch.setattr(gil_held.os, "listdir", None)
    for number in range(3000):
        (tmp_path / str(number)).touch()
    folder = os.fsencode(tmp_path)
    reader = GilHeldReader()
    assert sorted(reader.list_pids(folder) or []) == [*range(3000)]
    assert sorted(reader.list_names(folder) or []) == sorted(expected.list_names(folder) or [])
    assert reader.list_pids(folder + b"/nowhere") is None
    assert reader.gone


def test_a_machine_whose_numbers_are_not_known_is_listed_as_python_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong number would be another system call: there directories are listed at the cost of the GIL."""
    monkeypatch.setattr(ctypes, "PyDLL", lambda _name: Musl())
    monkeypatch.setattr(gil_held.platform, "machine", lambda: "vax")
    reader = GilHeldReader()
    assert gil_held.listing_call(Musl(), "vax") is None
    assert OWN in (reader.list_pids(b"/proc") or [])
