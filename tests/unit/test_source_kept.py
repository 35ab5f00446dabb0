"""Descriptors that stay open: they speak of their process only, are few, and are given back."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from procwidget.sources import kept
from procwidget.sources.kept import KeptReader
from tests.unit.population import Population, end


@pytest.fixture
def files() -> Iterator[KeptReader]:
    made = KeptReader()
    yield made
    made.release()


def descriptors() -> set[str]:
    """Return what this process has open below /proc/PID."""
    found = set()
    for number in os.listdir("/proc/self/fd"):
        try:
            found.add(os.readlink(f"/proc/self/fd/{number}"))
        except FileNotFoundError:
            continue
    return {path for path in found if path.endswith(("/stat", "/statm"))}


def test_a_kept_file_is_read_anew_each_time(files: KeptReader, tmp_path: Path) -> None:
    """It says what is there now, not what was there when it was opened."""
    path = tmp_path / "file"
    for text in (b"one", b"two", b"three"):
        path.write_bytes(text)
        assert files.read_often(os.fsencode(path)) == text
    assert files.kept == 1


def test_of_a_process_that_is_gone_nothing_is_read(files: KeptReader) -> None:
    """Its descriptor says so and is closed."""
    with Population() as population:
        child = population.start("sleep", "1000")
        path = b"/proc/%d/stat" % child.pid
        assert files.read_often(path) and files.kept == 1
        end(child)
        assert files.read_often(path) is None and files.gone
    assert files.kept == 0 and os.fsdecode(path) not in descriptors()


def test_those_in_use_are_not_given_up_for_others(
    files: KeptReader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With room for two, the third is read all the same, and takes the place of one that rests for a reading."""
    monkeypatch.setattr(kept, "MOST_KEPT", 2)
    paths = [os.fsencode(tmp_path / name) for name in ("a", "b", "c")]
    for path in paths:
        Path(os.fsdecode(path)).write_bytes(path)
    files.begin_turn()
    assert [files.read_often(path) for path in paths] == paths
    assert [files.forget(path) for path in reversed(paths)] == [False, True, True]
    files.read_often(paths[0]), files.read_often(paths[1])
    for _ in range(2):
        files.begin_turn()
        files.read_often(paths[1])
    assert files.read_often(paths[2]) == paths[2]
    assert [files.forget(path) for path in paths] == [False, True, True]


def test_without_descriptors_those_kept_are_given_back(files: KeptReader, tmp_path: Path) -> None:
    """Where none is left for another file, it is read in the place of those, and nobody is told."""
    first, other = tmp_path / "first", tmp_path / "other"
    first.write_bytes(b"1"), other.write_bytes(b"2")
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert files.read_often(os.fsencode(first)) == b"1"
    number = next(file for file, _ in files._kept.values())
    held = []
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(number + 1, 64), limits[1]))
        while True:
            held.append(os.open("/dev/null", os.O_RDONLY))
    except OSError:
        if number >= 64:  # it lies above all that may be opened now: no place of its own to give back
            os.close(held.pop())
        assert files.read_start(os.fsencode(other)) == b"2"
        assert not files.exhausted
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        for file in held:
            os.close(file)


def test_a_low_limit_keeps_nothing(files: KeptReader, tmp_path: Path) -> None:
    """Where a process may open few files, none of them is for us."""
    path = tmp_path / "file"
    path.write_bytes(b"x")
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (100, limits[1]))
        files.begin_turn()
        assert files.read_often(os.fsencode(path)) == b"x" and files.kept == 0
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def test_a_reader_that_nobody_holds_closes_its_files() -> None:
    """Forgotten, not closed, it leaves no descriptor behind; none is passed on to another program."""
    path = f"/proc/{os.getppid()}/statm"
    reader = KeptReader()
    reader.read_often(os.fsencode(path))
    assert path in descriptors()
    assert not any(os.get_inheritable(file) for file, _ in reader._kept.values())
    del reader
    assert path not in descriptors()


def test_a_forked_child_starts_with_none(files: KeptReader) -> None:
    """It closes its copies at once; the parent's go on."""
    path = f"/proc/{os.getppid()}/statm"
    files.read_often(os.fsencode(path))
    child = os.fork()
    if child == 0:
        os._exit(0 if files.kept == 0 and path not in descriptors() else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert files.kept == 1 and files.read_often(os.fsencode(path))
