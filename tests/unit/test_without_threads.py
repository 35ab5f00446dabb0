"""No thread can be started, as under a limit of processes: what needed one says so or waits, and works afterwards."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

import pytest

from procwidget.details.reader_threads import MOST_THREADS, DetailsReader
from procwidget.errors import SourceUnavailable
from procwidget.sources.linux.gil_held import GilHeldReader
from procwidget.sources.linux.source import LinuxSource
from procwidget.sources.portable.source import PortableSource
from procwidget.sources.users_and_commands import UNKNOWN, proc_reader
from tests.patience import until

pytestmark = pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="these read /proc")


class Me:
    """This process, as a source knows it."""

    pid, name, attributes = os.getpid(), "me", UNKNOWN


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """No thread starts until this is undone."""

    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        yield patch


def test_attributes_are_read_once_a_thread_can_be_had(without: pytest.MonkeyPatch) -> None:
    """What cannot be read now is read later, without anybody asking again."""
    reader, found = proc_reader("/proc", GilHeldReader().read_start), {}
    reader.ask(Me())
    assert reader.answers() == []
    without.undo()

    def described() -> bool:
        for _, values in reader.answers():
            found.update(values)
        return bool(found.get("user") and found.get("command"))

    until(described)
    reader.close()


def test_a_source_reads_on_and_knows_users_later(without: pytest.MonkeyPatch) -> None:
    """Readings have every process all the same, and their users once threads can be had."""
    source = LinuxSource()
    first = source.read()
    assert os.getpid() in {row["pid"] for row in first["processes"]}
    assert all(row["user"] is None for row in first["processes"])
    without.undo()

    def own_user() -> str | None:
        return next(row["user"] for row in source.read()["processes"] if row["pid"] == os.getpid())

    until(own_user, every=0.3)
    source.close()


def test_details_are_refused_in_a_sentence_however_often(without: pytest.MonkeyPatch) -> None:
    """Each try is told why, and none takes the place of a later one."""
    rows = PortableSource().read()["processes"]
    row = next(row for row in rows if row["pid"] == os.getpid())
    reader = DetailsReader()
    for _ in range(MOST_THREADS + 1):
        with pytest.raises(SourceUnavailable, match=r"thread.*\.$"):
            reader.read(row, rows)
    without.undo()
    assert reader.read(row, rows)["threads"]
