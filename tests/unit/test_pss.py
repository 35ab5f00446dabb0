"""PSS: memory that several processes share counts once, measured of the few that matter, seldom, and off the tick."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from procwidget.sources import blocking
from procwidget.sources.base import Source
from procwidget.sources.pss import AGAIN_AFTER, MOST, Candidate, PssReader, candidate, read_pss
from tests.patience import until
from tests.unit.fake_proc import FakeHost
from tests.unit.source_stage import HOST_SOURCES, LINUX, by_pid, read_until

pytestmark = pytest.mark.skipif(not LINUX, reason="Linux measures PSS, and no other system")
WORKERS = """
import os, sys
block = bytearray(os.urandom(1)) * (64 << 20)
children = []
for _ in range(3):
    if (child := os.fork()) == 0:
        sum(block[::4096])
        os.write(1, b"ready\\n")
        sys.stdin.buffer.raw.read(1)
        os._exit(0)
    children.append(child)
sys.stdin.buffer.raw.read(1)
"""


class Asked(NamedTuple):
    """A process that may be measured."""

    pid: int
    name: str = "python"


class Stage:
    """A reader with a clock that moves when told; what was measured is in `measured`, a measurement takes `takes`."""

    def __init__(self, sizes: dict[int, float]) -> None:
        self.now, self.takes, self.sizes = 100.0, 0.0, sizes
        self.in_sight: frozenset[str] = frozenset()
        self.measured: list[int] = []
        self.reader: PssReader[Asked] = PssReader(self._read, lambda: self.now)

    def _read(self, asked: Asked) -> float:
        self.measured.append(asked.pid)
        self.now += self.takes
        return self.sizes[asked.pid] / 2

    def _candidates(self) -> Iterator[tuple[Candidate, Asked]]:
        for pid, size in self.sizes.items():
            yield candidate(size, f"{pid}-1", self.in_sight), Asked(pid)

    def pass_time(self, seconds: float = 0.0) -> set[int]:
        """Let time pass and ask; return whom this had measured."""
        self.now += seconds
        before = len(self.measured)
        self.reader.ask(self._candidates)
        until(lambda: not self.reader._reader._worker.waiting)
        self.reader.ask(self._candidates)
        return set(self.measured[before:])


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = Stage({pid: float(pid) for pid in range(1, 51)})
    yield made
    made.reader.close()


def test_only_the_largest_are_measured(stage: Stage) -> None:
    """Of fifty the twenty largest; the others are unknown, not 0."""
    assert stage.pass_time() == set(range(31, 51))
    assert len(stage.measured) == MOST
    assert (stage.reader.value(Asked(50)), stage.reader.value(Asked(30))) == (25.0, None)


def test_those_in_sight_come_first(stage: Stage) -> None:
    """Who searches for small processes sees theirs, and what is left of the twenty goes to the largest."""
    stage.in_sight = frozenset({"1-1", "2-1"})
    assert stage.pass_time() == {1, 2, *range(33, 51)}


def test_they_are_measured_again_in_their_time(stage: Stage) -> None:
    """Not at each reading: every ten seconds, and more seldom where all of them together take long."""
    stage.sizes = {1: 10.0, 2: 10.0}
    stage.pass_time()
    assert stage.pass_time(AGAIN_AFTER / 2) == set()
    stage.takes = 0.05
    assert stage.pass_time(AGAIN_AFTER) == {1, 2}
    # A quarter percent of a CPU for both: 0.1 s in 40 s.
    assert stage.pass_time(15.0) == set()
    assert stage.pass_time(26.0) == {1, 2}
    stage.takes = 5.0
    stage.pass_time(41.0)
    assert stage.pass_time(100.0) == set()
    assert stage.pass_time(30.0) == {1, 2}


def test_one_that_is_not_among_the_largest_any_more_is_unknown_again(stage: Stage) -> None:
    """What was measured long ago is no figure of now."""
    stage.pass_time()
    stage.sizes[50] = 0.5
    stage.pass_time(10.0)
    assert stage.reader.value(Asked(50)) is None
    assert stage.reader.value(Asked(30)) == 15.0


def test_a_process_that_is_gone_is_forgotten(stage: Stage) -> None:
    """Neither its figure nor its turn is kept."""
    stage.pass_time()
    stage.reader.keep({Asked(49)})
    assert [stage.reader.value(Asked(pid)) for pid in (49, 50)] == [24.5, None]


def test_its_own_huge_pages_are_part_of_it(tmp_path: Path) -> None:
    """The kernel leaves them out of every share; a process without the file, or without memory, is unknown."""
    (tmp_path / "7").mkdir()
    (tmp_path / "7/smaps_rollup").write_text(
        "0-1 ---p 0 00:00 0 [rollup]\nRss: 9000 kB\nPss:     2048 kB\nPss_Dirty: 7 kB\nPrivate_Hugetlb:  1024 kB\n"
    )
    assert read_pss(str(tmp_path), 7) == 3.0
    (tmp_path / "7/smaps_rollup").write_text("")
    assert read_pss(str(tmp_path), 7) is read_pss(str(tmp_path), 8) is None


@pytest.mark.parametrize("make", HOST_SOURCES.values(), ids=HOST_SOURCES.keys())
def test_what_forked_workers_share_counts_once(make: type[Source]) -> None:
    """Four processes of 64 MiB of the same pages: 256 MiB resident, and 64 MiB with what little each has of its own."""
    parent = subprocess.Popen([sys.executable, "-c", WORKERS], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    source = make()
    try:
        assert parent.stdout is not None and [parent.stdout.readline() for _ in range(3)] == [b"ready\n"] * 3
        source.wanted = frozenset({"pss"})
        rows = by_pid(source.read())
        family = {pid for pid, row in rows.items() if parent.pid in (pid, row["ppid"])}
        source.in_sight = frozenset(rows[pid]["identity"] for pid in family)
        rows = by_pid(read_until(source, lambda rows: all(rows[pid]["pss"] for pid in family)))
        assert len(family) == 4
        resident, shares = (sum(rows[pid][key] or 0.0 for pid in family) for key in ("memory", "pss"))
        assert resident > 4 * 64
        assert 64 < shares < 64 + 4 * 12
    finally:
        parent.stdin.write(b"....") if parent.stdin else None
        parent.communicate()
        source.close()


def test_one_that_does_not_answer_holds_up_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """smaps_rollup waits for a lock of its process: a note says so, and all else is measured."""
    monkeypatch.setattr(blocking, "STUCK_AFTER", 0.1)
    host = FakeHost(tmp_path)
    host.add(7, pages=9000)
    host.write(f"{os.getpid()}/smaps_rollup", "Pss: 1024 kB\n")
    fifo = host.proc / "7/smaps_rollup"
    os.mkfifo(fifo)
    host.publish()
    source = host.source()
    source.wanted = frozenset({"pss"})
    until(lambda: by_pid(source.read())[os.getpid()]["pss"] == 1.0 and source.notes)
    assert source.notes == ["The PSS of sleep (7) is unknown: it does not answer."]
    assert by_pid(source.read())[7]["pss"] is None
    fifo.write_bytes(b"Pss: 2048 kB\n")
    until(lambda: by_pid(source.read())[7]["pss"] == 2.0)
    source.close()
