"""What every source says of real processes of many kinds, side by side with psutil."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from procwidget.clean_text import clean_command, clean_text
from procwidget.sample import Process
from procwidget.sources.base import Source
from tests.patience import until
from tests.unit.population import Population, end, tell
from tests.unit.source_stage import HOST_SOURCES, LINUX, MIB, by_pid, read_until


@pytest.fixture(params=HOST_SOURCES.values(), ids=HOST_SOURCES.keys())
def host(request: pytest.FixtureRequest) -> Iterator[Source]:
    """Every source that reads this host."""
    made = request.param()
    yield made
    made.close()


def facts(pid: int) -> dict[str, Any]:
    """Return what psutil says of a process, in a row's words."""
    process = psutil.Process(pid)
    command = None if process.status() == psutil.STATUS_ZOMBIE else clean_command(" ".join(process.cmdline()))
    return {
        "name": process.name(),
        "ppid": process.ppid(),
        "user": process.username(),
        "status": process.status(),
        "threads": process.num_threads(),
        "nice": process.nice(),
        "command": command,
        "memory": process.memory_info().rss / MIB,
        "cpu_time": sum(process.cpu_times()[:2]),
    }


def is_command(row: Process) -> bool:
    """Return whether a row has the command line that its process has now."""
    return row["command"] == facts(row["pid"])["command"]


def test_mixed_population_agrees_with_psutil(host: Source, population: Population):
    """Sleepers, spinners, threads, stopped, zombies, reniced and orphans: each value lies within psutil's movement."""
    pids = population.mixed()
    zombie = pids["zombie"]

    def described(rows: dict[int, Process]) -> bool:
        return all(rows[pid]["user"] and (pid == zombie or is_command(rows[pid])) for pid in pids.values())

    read_until(host, described)
    before = {kind: facts(pid) for kind, pid in pids.items()}
    rows = by_pid(host.read())
    after = {kind: facts(pid) for kind, pid in pids.items()}
    for kind, pid in pids.items():
        row, earlier, later = rows[pid], before[kind], after[kind]
        for key in ("name", "ppid", "user", "status", "threads", "nice", "command"):
            if not (pid == zombie and key == "command"):
                assert row[key] in (earlier[key], later[key]), (kind, key)  # type: ignore[literal-required]
        assert earlier["memory"] - 0.01 <= (row["memory"] or 0) <= later["memory"] + 0.01, kind
        # psutil's times advance in steps of 10 ms, user and system each.
        assert earlier["cpu_time"] - 0.02 <= (row["cpu_time"] or 0) <= later["cpu_time"] + 0.02, kind
        # psutil counts from the boot in whole seconds.
        assert row["started"] == pytest.approx(psutil.Process(pid).create_time(), abs=1.1), kind


@pytest.mark.skipif(not LINUX, reason="start ticks are Linux's")
def test_identity_is_pid_and_start_ticks(host: Source, population: Population):
    """Every source names a process by its pid and field 22 of its stat, whatever the wall clock does."""
    pid = population.sleeper()
    with open(f"/proc/{pid}/stat") as file:
        ticks = file.read().rpartition(")")[2].split()[19]
    assert by_pid(host.read())[pid]["identity"] == f"{pid}-{ticks}"


def test_processes_come_and_go(host: Source, population: Population):
    """A new process is in the next sample and counted as started; one that ended is not, and counted as ended."""
    host.read()
    child = population.start("sleep", "1000")
    sample = host.read()
    assert child.pid in by_pid(sample) and (sample["started"] or 0) >= 1
    end(child)
    sample = host.read()
    assert child.pid not in by_pid(sample) and (sample["ended"] or 0) >= 1


def test_new_process_never_reads_zero_cpu(host: Source, population: Population):
    """What a process used before its first reading is not over this interval: it is its own rate, or unknown."""
    host.read()
    pid = population.spinner()
    first = by_pid(host.read())[pid]["cpu"]
    assert first is None or 0 < first < 150


def test_cpu_is_what_the_process_used(host: Source, population: Population):
    """CPU percent is the CPU time that psutil saw pass over the time between the readings, to two of its steps."""
    child = population.obedient()
    times = [time.monotonic()]
    host.read()
    times.append(time.monotonic())
    used = sum(psutil.Process(child.pid).cpu_times()[:2])
    tell(child, "spin 0.3")
    times.append(time.monotonic())
    cpu = by_pid(host.read())[child.pid]["cpu"]
    times.append(time.monotonic())
    used = sum(psutil.Process(child.pid).cpu_times()[:2]) - used
    longest, shortest = times[3] - times[0], times[2] - times[1]
    assert cpu is not None and (used - 0.03) / longest <= cpu / 100 <= (used + 0.03) / shortest


def test_active_process_that_goes_idle_rests_at_zero(host: Source, population: Population):
    """It has 0 % in one new row, and that row then stands."""
    child = population.obedient()
    read_until(host, lambda rows: rows[child.pid]["user"])
    tell(child, "spin 0.05")
    until(lambda: psutil.Process(child.pid).status() == psutil.STATUS_SLEEPING)
    busy = by_pid(host.read())[child.pid]
    idle = by_pid(read_until(host, lambda rows: rows[child.pid]["cpu"] == 0.0))[child.pid]
    assert busy["cpu"] and idle is not busy
    assert by_pid(host.read())[child.pid] is idle


def test_growing_memory_is_followed(host: Source, population: Population):
    """A process that takes 50 MiB more has 50 MiB more in the next sample."""
    child = population.obedient()
    before = by_pid(host.read())[child.pid]["memory"] or 0
    tell(child, "grow 50")
    assert by_pid(host.read())[child.pid]["memory"] == pytest.approx(before + 50, abs=2)


def test_program_that_starts_another_gets_its_name(host: Source, population: Population):
    """After an exec the row has the new name and command line and the same identity."""
    child = population.start("sh", "-c", "read line; exec sleep 1000")
    before = by_pid(read_until(host, lambda rows: rows[child.pid]["command"]))[child.pid]
    assert child.stdin is not None
    child.stdin.write("\n")
    child.stdin.flush()
    rows = by_pid(read_until(host, lambda rows: rows[child.pid]["command"] == "sleep 1000"))
    assert (before["name"], rows[child.pid]["name"]) == ("sh", "sleep")
    assert rows[child.pid]["identity"] == before["identity"]


@pytest.mark.skipif(not LINUX, reason="names are set through /proc/self/comm")
@pytest.mark.parametrize("name", [b"a) R 1 (b", b"\x1b[31mred", "‮evil".encode(), b"\xff\xfe", b"<img src=x>", b"1 2 3"])
def test_hostile_name_is_only_text(host: Source, population: Population, name: bytes):
    """Parentheses, escapes, bidi controls and undecodable bytes leave the row right and the name harmless."""
    child = population.obedient()
    tell(child, f"name {name.hex()}")
    row = by_pid(host.read())[child.pid]
    assert row["name"] == clean_text(os.fsdecode(name))
    assert (row["ppid"], row["threads"]) == (os.getpid(), 1)
    assert row["status"] in ("running", "sleeping")


@pytest.mark.skipif(not LINUX, reason="the kernel cuts names off on Linux")
def test_name_that_the_kernel_cut_off_is_shown_whole(host: Source, population: Population, tmp_path: Path):
    """A program with a name of over 15 bytes has all of it, as in psutil."""
    program = tmp_path / "a-program-with-a-long-name"
    program.symlink_to("/bin/sleep")
    pid = population.start(str(program), "1000").pid
    rows = by_pid(read_until(host, lambda rows: rows[pid]["command"]))
    assert rows[pid]["name"] == psutil.Process(pid).name() == program.name


@pytest.mark.skipif(not LINUX, reason="the kernel cuts names off on Linux")
@pytest.mark.parametrize("name", ["ansible-playbook", "обучение-модели.sh", "训练一个大模型.sh"])
def test_name_of_a_script_is_shown_whole(host: Source, population: Population, tmp_path: Path, name: str):
    """A script with "#!" has the name of its file also where 15 bytes end within it, or within a character of it."""
    script = tmp_path / name
    script.write_text("#!/bin/sh -u\nread line\n")
    script.chmod(0o755)
    pid = population.start(str(script)).pid
    rows = by_pid(read_until(host, lambda rows: rows[pid]["command"]))
    assert rows[pid]["name"] == name


def test_zombie_keeps_the_command_line_it_had(host: Source, population: Population):
    """What has ended and is not collected yet is still there, as a zombie, with what it was."""
    child = population.start("sleep", "1000")
    read_until(host, lambda rows: rows[child.pid]["command"])
    child.kill()
    row = by_pid(read_until(host, lambda rows: rows[child.pid]["status"] == "zombie"))[child.pid]
    assert (row["command"], row["memory"]) == ("sleep 1000", 0.0)
