"""Details of a process: a row of a real child enters, what the system says of it leaves, or a sentence why not."""

from __future__ import annotations

import json
import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, cast, get_type_hints

import psutil
import pytest

from procwidget.clean_text import TEXT_LIMIT
from procwidget.details.read import COMMAND_LIMIT, MOST_CHILDREN, Details, details, read_identity
from procwidget.details.reader_threads import DetailsReader
from procwidget.errors import SourceUnavailable
from procwidget.history import History
from procwidget.identity import boot_id
from procwidget.process_details import MOST_THREADS_SHOWN, ProcessDetails
from procwidget.sample import Process
from procwidget.sources.linux import gil_held, proc
from procwidget.sources.portable.source import PortableSource
from procwidget.sources.scripted import make_process, make_sample
from tests.patience import PATIENCE, until
from tests.unit.action_stage import Children, needs_root
from tests.unit.source_stage import by_pid, conforms

LINUX = sys.platform.startswith("linux")
NOBODY = 65534


def row_of(pid: int, **given: Any) -> Process:
    """A row of the process that has this pid now."""
    return make_process(pid=pid, identity=read_identity(pid) or "", **given)


def as_nobody(work: Callable[[], object]) -> Any:
    """Return what `work` returns in a copy of this process that belongs to nobody."""
    assert gil_held, proc  # imported before: nobody may not read this interpreter's files
    receiving, sending = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
            os.write(sending, json.dumps(work()).encode())
        finally:
            os._exit(0)
    os.close(sending)
    with os.fdopen(receiving, "rb") as answer:
        found = answer.read()
    os.waitpid(child, 0)
    return json.loads(found)


def test_a_child_is_shown_as_it_is(children: Children, tmp_path: Path) -> None:
    """Executable, directory, session, nice, CPUs, files and memory are those that the child has."""
    child = children.sleeper(cwd=tmp_path, start_new_session=True, preexec_fn=lambda: os.nice(3))
    found = details(row_of(child.pid, name="sleep"), [])
    assert found["command"] == "sleep 1000"
    assert found["executable"] == os.path.realpath(psutil.Process(child.pid).exe())
    assert found["cwd"] == os.path.realpath(tmp_path)
    assert (found["session"], found["nice"], found["terminal"]) == (child.pid, os.nice(0) + 3, None)
    assert found["affinity"] == sorted(os.sched_getaffinity(child.pid))
    assert found["open_files"] == 3
    assert found["thread_count"] == 1
    assert found["threads"] is not None
    assert [(one["id"], one["name"]) for one in found["threads"]] == [(child.pid, "sleep")]
    resident, alone, share = (found[key] or 0 for key in ("memory_resident", "memory_unique", "memory_proportional"))
    assert 0 < alone <= share <= resident
    assert found["memory_swap"] is not None
    assert found["not_permitted"] == []


def test_details_are_what_is_declared_and_plain_data(children: Children) -> None:
    """Every key is there, of its declared type, and JSON takes it."""
    found = details(row_of(children.sleeper().pid), [])
    assert conforms(found, Details)
    assert json.loads(json.dumps(found)) == found


def test_identities_are_those_of_samples() -> None:
    """The identity that is compared is the one in the rows of a source."""
    rows = by_pid(PortableSource().read())
    assert read_identity(os.getpid()) == rows[os.getpid()]["identity"]


def test_the_environment_is_never_shown(children: Children) -> None:
    """What a process has in its environment is nowhere in its details."""
    child = children.sleeper(env={"PATH": os.environ["PATH"], "DETAIL_TOKEN": "environment-secret"})
    assert "environment-secret" not in json.dumps(details(row_of(child.pid), []))


def test_the_command_is_whole_and_clean(children: Children) -> None:
    """A command line is shown beyond what a sample keeps, without controls, and cut off in the end."""
    code = "import time; time.sleep(1000)"
    long = children.start(sys.executable, "-c", code, "a" * (2 * TEXT_LIMIT), "b\nc\u202ed")
    shown = details(row_of(long.pid), [])["command"]
    assert shown == f"{sys.executable} -c {code} {'a' * (2 * TEXT_LIMIT)} b c�d"
    longest = children.start(sys.executable, "-c", code, *["x" * 60_000] * 3)
    shown = details(row_of(longest.pid), [])["command"]
    assert shown is not None
    assert (len(shown), shown[-2:]) == (COMMAND_LIMIT, "x…")


def test_the_busiest_threads_are_listed_and_all_are_counted() -> None:
    """Those with most CPU time come first."""
    end = threading.Event()
    idle = [threading.Thread(target=end.wait) for _ in range(20)]
    for thread in idle:
        thread.start()
    busy_until = time.thread_time() + 0.1
    while time.thread_time() < busy_until:
        pass
    try:
        found = details(row_of(os.getpid()), [])
    finally:
        end.set()
    assert found["threads"] is not None
    assert len(found["threads"]) == found["thread_count"] > 20
    times = [thread["cpu_time"] or 0.0 for thread in found["threads"]]
    assert times == sorted(times, reverse=True)
    assert times[0] > 0


def test_a_view_gets_the_busiest_threads_and_the_count_of_all() -> None:
    """Names, numbers and CPU times are read anyway: the first eight go to the panel."""
    row = row_of(os.getpid())
    answers = ProcessDetails(lambda: make_sample(processes=[row], boot_id=boot_id() or ""), History(), reveal=False)
    end = threading.Event()
    idle = [threading.Thread(target=end.wait) for _ in range(MOST_THREADS_SHOWN + 2)]
    for thread in idle:
        thread.start()
    try:
        shown = answers.details(row["identity"], expensive=False)["details"]
    finally:
        end.set()
    assert shown["threads"] > MOST_THREADS_SHOWN
    busiest = shown["busiest_threads"]
    assert len(busiest) == MOST_THREADS_SHOWN
    assert set(busiest[0]) == {"id", "name", "cpu_time", "cpu"}
    times = [thread["cpu_time"] for thread in busiest]
    assert times == sorted(times, reverse=True)


def test_relatives_come_from_the_rows() -> None:
    """Parents are the chain upwards, the nearest first; children are counted beyond the list."""
    own = os.getpid()
    crowd = [make_process(pid=10**7 + n, name=f"child{n}", ppid=own) for n in range(MOST_CHILDREN + 1)]
    parents = [make_process(pid=10**6, name="shell", ppid=1), make_process(pid=1, name="init", ppid=0)]
    row = row_of(own, ppid=10**6)
    found = details(row, [*parents, *crowd, row])
    assert found["parents"] == [{"pid": 10**6, "name": "shell"}, {"pid": 1, "name": "init"}]
    assert found["children"][:1] == [{"pid": 10**7, "name": "child0"}]
    assert (len(found["children"]), found["child_count"]) == (MOST_CHILDREN, MOST_CHILDREN + 1)


def test_parents_in_a_circle_end() -> None:
    """Rows whose parents lead back to themselves, as on systems that reuse a parent's pid, do not hang it."""
    one, other = make_process(pid=10**6, ppid=10**6 + 1), make_process(pid=10**6 + 1, ppid=10**6)
    found = details(row_of(os.getpid(), ppid=10**6), [one, other])
    assert [parent["pid"] for parent in found["parents"]] == [10**6, 10**6 + 1]


@pytest.mark.skipif(not LINUX, reason="what others may read is another thing on every system")
def test_what_may_not_be_read_is_named(children: Children) -> None:
    """Of another user's process nobody sees what everybody may, and which of the rest is not permitted."""
    needs_root()
    row = row_of(children.sleeper().pid)
    found = as_nobody(lambda: details(row, []))
    assert found["command"] == "sleep 1000"
    assert found["memory_resident"] > 0
    assert (found["nice"], found["thread_count"], found["memory_swap"]) == (os.nice(0), 1, 0)
    refused = {"executable", "cwd", "open_files", "io_read", "io_written", "memory_unique", "memory_proportional"}
    assert set(found["not_permitted"]) == refused
    assert all(found[key] is None for key in refused)


@pytest.mark.skipif(not LINUX, reason="other systems show their zombies in other ways")
def test_a_zombie_has_little_and_nothing_is_made_up(children: Children) -> None:
    """Of a zombie parents and session are there; it has no memory any more; its command is unknown, not forbidden."""
    child = children.start("true", collected=False)
    until(lambda: psutil.Process(child.pid).status() == psutil.STATUS_ZOMBIE)
    found = details(row_of(child.pid, ppid=os.getpid()), [make_process(pid=os.getpid(), name="test", ppid=None)])
    assert found["parents"] == [{"pid": os.getpid(), "name": "test"}]
    assert found["session"] == os.getsid(0)
    assert [found[key] for key in ("command", "executable", "cwd", "memory_swap")] == [None] * 4
    assert [found[key] for key in ("memory_resident", "memory_unique")] == [0, 0]
    assert found["not_permitted"] == []


def test_a_process_that_is_gone_is_said_so(children: Children) -> None:
    """A process that ended before it was asked for is an error in a sentence."""
    child = children.sleeper()
    row = row_of(child.pid, name="sleep")
    child.kill()
    child.wait()
    with pytest.raises(SourceUnavailable, match=rf"^sleep \({child.pid}\) has ended\.$"):
        details(row, [])


def test_another_process_with_the_pid_is_not_shown(children: Children) -> None:
    """A row of an earlier process gets no details of the one that has its pid now."""
    pid = children.sleeper().pid
    row = make_process(pid=pid, name="sleep", identity=f"{pid}-1")
    with pytest.raises(SourceUnavailable, match="has ended, and its PID is another process's now"):
        details(row, [])


@pytest.mark.parametrize("later", [None, "another"])
def test_a_pid_that_changes_hands_while_it_is_read_gives_nothing(children: Children, later: str | None) -> None:
    """What was read while the process ended, or its pid became another's, is thrown away."""
    row = row_of(children.sleeper().pid)
    identities = iter([row["identity"], later])
    with pytest.raises(SourceUnavailable, match="has ended"):
        details(row, [], identify=lambda _pid: next(identities))
    assert next(identities, "none left") == "none left"


class Stage:
    """Readings that last until they are let go, by pid, and how many of each were begun."""

    def __init__(self, *stuck: int) -> None:
        self.let_go = {pid: threading.Event() for pid in stuck}
        self.begun: list[int] = []

    def read(self, row: Process, _rows: Iterable[Process], **_expensive: bool) -> Details:
        self.begun.append(row["pid"])
        if row["pid"] in self.let_go:
            self.let_go[row["pid"]].wait()
        if row["name"] == "broken":
            raise SourceUnavailable("broken has ended.")
        return cast(Details, {"pid": row["pid"]})


def test_a_stuck_process_holds_one_thread_and_the_others_go_on() -> None:
    """Whoever asks for a stuck process is told in time, then at once; it is read once; others are read as ever."""
    stage = Stage(1)
    reader = DetailsReader(timeout=1.0, read=stage.read, most=2)
    stuck = make_process(pid=1, name="dd")
    for expensive in (False, True, False):
        with pytest.raises(SourceUnavailable, match=r"^dd \(1\) has not answered for \d+ s: a file system .* away\.$"):
            reader.read(stuck, [], expensive=expensive)
    assert reader.stuck() == [stuck["identity"]]
    for pid in range(2, 12):
        assert reader.read(make_process(pid=pid), [])["pid"] == pid
    assert stage.begun == list(range(1, 12))
    stage.let_go[1].set()
    until(lambda: not reader.stuck())
    assert reader.read(stuck, [])["pid"] == 1


def test_when_all_threads_are_stuck_nobody_waits_for_ever() -> None:
    """With as many stuck processes as there are threads, another is refused in a sentence, and no thread is added."""
    stage = Stage(1, 2)
    reader = DetailsReader(timeout=0.05, read=stage.read, most=2)
    for pid in (1, 2):
        with pytest.raises(SourceUnavailable, match="has not answered"):
            reader.read(make_process(pid=pid), [])
    with pytest.raises(SourceUnavailable, match=r"^Other processes do not answer, so no more are read for now"):
        reader.read(make_process(pid=3), [])
    assert stage.begun == [1, 2]
    for event in stage.let_go.values():
        event.set()


def test_two_who_ask_for_one_process_share_its_reading() -> None:
    """Two tabs that open the same row at once cost one reading, and both get it."""
    stage = Stage(1)
    reader = DetailsReader(timeout=PATIENCE, read=stage.read)
    answers: list[int] = []
    askers = [
        threading.Thread(target=lambda: answers.append(reader.read(make_process(pid=1), [])["pid"])) for _ in "ab"
    ]
    for asker in askers:
        asker.start()
    until(lambda: stage.begun)
    time.sleep(0.05)
    stage.let_go[1].set()
    for asker in askers:
        asker.join(PATIENCE)
    assert answers == [1, 1]
    assert stage.begun == [1]


def test_an_error_of_the_reading_reaches_who_asked() -> None:
    """That the process has ended is said by the reader as by `details`, and its thread is free again."""
    reader = DetailsReader(timeout=PATIENCE, read=Stage().read, most=1)
    for _ in range(2):
        with pytest.raises(SourceUnavailable, match=r"^broken has ended\.$"):
            reader.read(make_process(name="broken"), [])


def test_the_reader_reads_real_processes(children: Children) -> None:
    """With nothing faked, it answers what `details` does."""
    row = row_of(children.sleeper().pid)
    plain, expensive = DetailsReader().read(row, [row]), DetailsReader().read(row, [row], expensive=True)
    assert plain["command"] == expensive["command"] == "sleep 1000"
    assert set(plain) == set(expensive) == set(get_type_hints(Details))
    assert plain["memory_unique"] is None
    assert expensive["memory_unique"] is not None


@pytest.mark.skipif(not LINUX, reason="only Linux says that the file of a program is gone")
def test_an_executable_that_was_replaced_says_so(children: Children, tmp_path: Path) -> None:
    """After an upgrade the old program still runs: "(deleted)" stays where the kernel puts it."""
    program = tmp_path / "sleeper"
    shutil.copy("/bin/sleep", program)
    child = children.start(str(program), "1000")
    program.unlink()
    assert details(row_of(child.pid, name="sleeper"), [])["executable"] == f"{program} (deleted)"
