"""Descriptors that stay open: they speak of their process only, are few, and are given back."""

from __future__ import annotations

import ctypes
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from procwidget.sources.linux import kept_files
from procwidget.sources.linux.kept_files import KeptFilesReader
from tests.patience import until
from tests.unit.population import Population, end


@pytest.fixture
def files() -> Iterator[KeptFilesReader]:
    made = KeptFilesReader()
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


def test_a_kept_file_is_read_anew_each_time(files: KeptFilesReader, tmp_path: Path) -> None:
    """It says what is there now, not what was there when it was opened."""
    path = tmp_path / "file"
    for text in (b"one", b"two", b"three"):
        path.write_bytes(text)
        assert files.read_often(os.fsencode(path)) == text
    assert files.kept == 1


def test_of_a_process_that_is_gone_nothing_is_read(files: KeptFilesReader) -> None:
    """Its descriptor says so and is closed."""
    with Population() as population:
        child = population.start("sleep", "1000")
        path = b"/proc/%d/stat" % child.pid
        assert files.read_often(path) and files.kept == 1
        end(child)
        assert files.read_often(path) is None and files.gone
    assert files.kept == 0 and os.fsdecode(path) not in descriptors()


def test_those_in_use_are_not_given_up_for_others(
    files: KeptFilesReader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With room for two, the third is read all the same, and takes the place of one that rests for a reading."""
    monkeypatch.setattr(kept_files, "MOST_KEPT", 2)
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


@contextmanager
def soft_limit(most: int) -> Iterator[None]:
    """Let this process open no more than so many files for a while."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


@contextmanager
def opened(wanted: Callable[[int], bool]) -> Iterator[None]:
    """Have files open up to the first whose number is as wanted, or up to the limit."""
    held: list[int] = []
    try:
        with suppress(OSError):
            while not held or not wanted(held[-1]):
                held.append(os.open("/dev/null", os.O_RDONLY))
        yield
    finally:
        for file in held:
            os.close(file)


def numbers(files: KeptFilesReader) -> list[int]:
    return [file for file, _ in files._kept.values()]


def test_without_descriptors_those_kept_are_given_back(files: KeptFilesReader, tmp_path: Path) -> None:
    """Where none is left for another file, it is read in the place of those, and nobody is told."""
    first, other = tmp_path / "first", tmp_path / "other"
    first.write_bytes(b"1"), other.write_bytes(b"2")
    with soft_limit(1024):
        files.begin_turn()
        assert files.read_often(os.fsencode(first)) == b"1" and max(numbers(files)) < 1024
        with opened(lambda _: False):
            with pytest.raises(OSError, match="Too many open files"):
                os.open(other, os.O_RDONLY)
            assert files.read_start(os.fsencode(other)) == b"2" and files.kept == 0
            assert not files.exhausted


def test_where_half_of_the_limit_is_in_use_nothing_is_kept(files: KeptFilesReader, tmp_path: Path) -> None:
    """The other half is the user's: with his 512 of 1,024 open, none is kept, and those that were are given back."""
    first, other = os.fsencode(tmp_path / "first"), os.fsencode(tmp_path / "other")
    for path in (first, other):
        Path(os.fsdecode(path)).write_bytes(path)
    with soft_limit(1024):
        files.begin_turn()
        with opened(lambda number: number >= 511):
            assert files.read_often(first) == first and files.kept == 0
        assert files.read_often(first) == first and files.kept == 1
        with opened(lambda number: number >= 511):
            assert files.read_start(other) == other and files.kept == 0


def test_no_more_than_a_quarter_of_the_limit_is_kept(files: KeptFilesReader, tmp_path: Path) -> None:
    """Of 1,024, these are 256; the next one is read all the same."""
    paths = [os.fsencode(tmp_path / str(number)) for number in range(257)]
    for path in paths:
        Path(os.fsdecode(path)).write_bytes(path)
    with soft_limit(1024):
        files.begin_turn()
        assert [files.read_often(path) for path in paths] == paths
        assert files.kept == 256


def test_where_there_are_many_the_low_numbers_are_left_to_the_user(files: KeptFilesReader, tmp_path: Path) -> None:
    """What select(2) can take, below 1,024, is not used where there are others, and none is lost on the way."""
    path = tmp_path / "file"
    path.write_bytes(b"x")
    with soft_limit(4096):
        files.begin_turn()
        before = len(os.listdir("/proc/self/fd"))
        assert files.read_often(os.fsencode(path)) == b"x"
        assert numbers(files)[0] >= 1024 and not os.get_inheritable(numbers(files)[0])
        assert len(os.listdir("/proc/self/fd")) == before + 1


def test_a_low_limit_keeps_nothing(files: KeptFilesReader, tmp_path: Path) -> None:
    """Where a process may open few files, none of them is for us."""
    path = tmp_path / "file"
    path.write_bytes(b"x")
    with soft_limit(100):
        files.begin_turn()
        assert files.read_often(os.fsencode(path)) == b"x" and files.kept == 0


def test_a_reader_that_nobody_holds_closes_its_files() -> None:
    """Forgotten, not closed, it leaves no descriptor behind; none is passed on to another program."""
    path = f"/proc/{os.getppid()}/statm"
    reader = KeptFilesReader()
    reader.read_often(os.fsencode(path))
    assert path in descriptors()
    assert not any(os.get_inheritable(file) for file, _ in reader._kept.values())
    del reader
    assert path not in descriptors()


def test_a_forked_child_starts_with_none(files: KeptFilesReader) -> None:
    """It closes its copies at once; the parent's go on."""
    path = f"/proc/{os.getppid()}/statm"
    files.read_often(os.fsencode(path))
    child = os.fork()
    if child == 0:
        os._exit(0 if files.kept == 0 and path not in descriptors() else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert files.kept == 1 and files.read_often(os.fsencode(path))


@pytest.mark.parametrize("notices", ["the next reading", "the end of the reader"])
def test_in_a_child_that_python_does_not_know_of_no_number_is_closed(notices: str) -> None:
    """A library forked it: the numbers may be another's there by now, so they are neither read nor closed."""
    path = f"/proc/{os.getppid()}/statm"
    reader = KeptFilesReader()
    reader.read_often(os.fsencode(path))
    usual = sys.getswitchinterval()
    try:
        # In such a child Python would wait for ever for a thread that asked for its turn just now.
        sys.setswitchinterval(1000)
        time.sleep(0.05)
        child = ctypes.PyDLL(None).fork()
    finally:
        sys.setswitchinterval(usual)
    if child == 0:
        if notices == "the next reading":
            reader.begin_turn()
            forgotten = reader.kept == 0
        else:
            del reader
            forgotten = True
        os._exit(0 if forgotten and path in descriptors() else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert reader.kept == 1 and reader.read_often(os.fsencode(path))
    reader.release()


def test_a_kept_file_goes_on_when_its_process_starts_another_program(files: KeptFilesReader) -> None:
    """The process is the same one, so what is read is of its new program."""
    with Population() as population:
        child = population.start("sh", "-c", "read line; exec sleep 1000")
        path = b"/proc/%d/stat" % child.pid
        until(lambda: b"(sh)" in (files.read_often(path) or b""))
        assert child.stdin is not None
        child.stdin.write("\n"), child.stdin.flush()
        until(lambda: b"(sleep)" in (files.read_often(path) or b""))
        assert files.kept == 1
