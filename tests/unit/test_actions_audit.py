"""The audit log: whole lines, whoever writes and whatever breaks, readable by its owner alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from procwidget.actions.audit import AuditLog, default_path, read_log
from procwidget.errors import ActionRefused
from tests.unit.action_stage import needs_root


@pytest.fixture
def log(tmp_path: Path) -> AuditLog:
    """A log in a directory that is not there yet."""
    return AuditLog(tmp_path / "state" / "audit.jsonl")


def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, timeout=60)


def test_what_is_written_is_read_back(log: AuditLog) -> None:
    """Records come back as dicts, oldest first."""
    log.append({"pid": 1, "signal": "SIGTERM"})
    log.append({"pid": 2, "name": "名\ud800\n"})
    assert log.read() == [{"pid": 1, "signal": "SIGTERM"}, {"pid": 2, "name": "名\ud800\n"}]


def test_no_log_is_an_empty_list(log: AuditLog) -> None:
    """Before the first signal there is nothing to read, and reading makes no file."""
    assert log.read() == []
    assert not log.path.exists()


def test_only_the_owner_can_read_it(log: AuditLog) -> None:
    """Mode 0600 in a directory with 0700, whatever the umask."""
    before = os.umask(0)
    try:
        log.append({})
    finally:
        os.umask(before)
    assert log.path.stat().st_mode & 0o777 == 0o600
    assert log.path.parent.stat().st_mode & 0o777 == 0o700


def test_a_log_that_others_could_read_is_closed_to_them(log: AuditLog) -> None:
    """A file that was made too open is tightened before anything is written to it."""
    log.append({})
    log.path.chmod(0o644)
    log.append({})
    assert log.path.stat().st_mode & 0o777 == 0o600


WRITER = """
import sys
from procwidget.actions.audit import AuditLog
log = AuditLog(sys.argv[1])
for number in range(100):
    log.append({"writer": sys.argv[2], "number": number, "filler": "x" * 500})
"""


def test_lines_of_several_writers_stay_whole(log: AuditLog) -> None:
    """Four processes write a hundred lines each at once; all are there, each writer's in its order."""
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(log.path), str(name)]) for name in range(4)]
    assert [writer.wait(timeout=60) for writer in writers] == [0] * 4
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        records = log.read()
    for name in range(4):
        assert [record["number"] for record in records if record["writer"] == str(name)] == list(range(100))
    assert len(records) == 400


CRASH = """
import os, sys
write = os.write
def crash(handle, line):
    write(handle, line[: len(line) // 2])
    os._exit(9)
os.write = crash
from procwidget.actions.audit import AuditLog
AuditLog(sys.argv[1]).append({"lost": True})
"""


def test_a_crash_within_a_line_costs_that_line_only(log: AuditLog) -> None:
    """The torn line is left out, with a warning; what was written before and afterwards is all there."""
    log.append({"number": 1})
    assert run(CRASH, str(log.path)).returncode == 9
    with pytest.warns(UserWarning, match="1 line is incomplete"):
        assert log.read() == [{"number": 1}]
    log.append({"number": 2})
    with pytest.warns(UserWarning, match="1 line is incomplete"):
        assert log.read() == [{"number": 1}, {"number": 2}]


def test_a_line_is_on_the_disk_before_anything_is_sent(log: AuditLog, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that loses its power right after the signal still has the line."""
    synced: list[bytes] = []
    monkeypatch.setattr(os, "fsync", lambda handle: synced.append(os.pread(handle, 100, 0)))
    log.append({"number": 1})
    assert synced == [b'{"number":1}\n']


FULL = """
import resource, sys
from procwidget.actions.audit import AuditLog
from procwidget.errors import ActionRefused
log = AuditLog(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (log.path.stat().st_size + 10,) * 2)
for _ in range(2):
    try:
        log.append({"number": 2})
    except ActionRefused as error:
        print(error)
"""


def test_a_full_disk_refuses_and_keeps_what_is_there(log: AuditLog) -> None:
    """When a line cannot be wholly written that is an error, and the next writer starts a line of its own."""
    log.append({"number": 1})
    result = run(FULL, str(log.path))
    assert result.returncode == 0, result.stderr
    first, second = result.stdout.splitlines()
    start = f"Nothing is signalled, because the audit log {log.path} cannot be written: "
    assert first == start + "only part of a line could be written."
    assert second == start + "File too large."
    log.append({"number": 3})
    with pytest.warns(UserWarning, match="1 line is incomplete"):
        assert log.read() == [{"number": 1}, {"number": 3}]


KINDS = {
    "link": "Too many levels of symbolic links",
    "fifo": "it is not a plain file",
    "device": "it is not a plain file",
    "second name": "it has another name, under which it can be changed or deleted",
    "another user's": "it belongs to another user",
    "open directory": "everybody may write to its directory",
}


@pytest.fixture(params=KINDS)
def planted(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, str]:
    """A path at which somebody else put something, and what is said about it."""
    kind, path = str(request.param), tmp_path / "audit.jsonl"
    if kind == "link":
        (tmp_path / "elsewhere").touch()
        path.symlink_to(tmp_path / "elsewhere")
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "device":
        path = Path("/dev/full")
    else:
        path.touch()
    if kind == "second name":
        path.with_name("elsewhere").hardlink_to(path)
    elif kind == "another user's":
        needs_root()
        os.chown(path, 65534, 65534)
    elif kind == "open directory":
        tmp_path.chmod(0o777)
    return path, KINDS[kind]


def test_what_somebody_else_may_have_put_there_is_refused(planted: tuple[Path, str]) -> None:
    """A planted file neither redirects the log nor blocks who writes or reads it: one sentence, and it is as before."""
    path, why = planted
    with pytest.raises(ActionRefused, match=rf"^Nothing is signalled, because .* cannot be written: {why}\.$"):
        AuditLog(path).append({})
    with pytest.raises(ActionRefused, match=rf"^The audit log {path} cannot be read: {why}\.$"):
        read_log(path)
    assert path == Path("/dev/full") or path.is_fifo() or path.read_bytes() == b""


def test_a_sticky_directory_will_do(tmp_path: Path) -> None:
    """In /tmp everybody may make files, and nobody may put another in the place of ours."""
    tmp_path.chmod(0o1777)
    AuditLog(tmp_path / "audit.jsonl").append({"number": 1})
    assert read_log(tmp_path / "audit.jsonl") == [{"number": 1}]


def test_reading_changes_nothing(log: AuditLog) -> None:
    """A log that its owner opened to others stays so when it is read."""
    log.append({})
    log.path.chmod(0o644)
    assert log.read() == [{}]
    assert log.path.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("kind", ["directory", "below a file"])
def test_a_place_where_no_file_can_be_is_refused(tmp_path: Path, kind: str) -> None:
    """A mistaken path is a sentence, not a traceback."""
    path = tmp_path / "audit.jsonl"
    if kind == "directory":
        path.mkdir()
    else:
        path.touch()
        path = path / "audit.jsonl"
    with pytest.raises(ActionRefused, match=r"Nothing is signalled, because the audit log .* cannot be written: .*\."):
        AuditLog(path).append({})
    with pytest.raises(ActionRefused, match=r"^The audit log .* cannot be read: .*\.$"):
        read_log(path)


@pytest.mark.parametrize("line", [b"[1]", b"7", b"{", b"\xff\xfe", b"null", b"[" * 100_000])
def test_a_line_that_is_no_record_is_left_out(log: AuditLog, line: bytes) -> None:
    """Whatever somebody wrote into the file, the records are read."""
    log.append({"number": 1})
    with log.path.open("ab") as file:
        file.write(line + b"\n")
    log.append({"number": 2})
    with pytest.warns(UserWarning, match="1 line is incomplete"):
        assert [record["number"] for record in log.read()] == [1, 2]


def test_the_log_is_where_xdg_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One file a host and user in the state directory; a variable of its own goes before."""
    monkeypatch.delenv("PROCWIDGET_AUDIT", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_STATE_HOME", "not/absolute")
    assert default_path().parent == tmp_path / "home/.local/state/procwidget"
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert default_path().parent == tmp_path / "state/procwidget"
    assert default_path().name.startswith("audit-")
    monkeypatch.setattr("socket.gethostname", lambda: "../../box")
    assert "/" not in default_path().name
    monkeypatch.setenv("PROCWIDGET_AUDIT", str(tmp_path / "mine.jsonl"))
    assert default_path() == tmp_path / "mine.jsonl"
    AuditLog().append({"number": 1})
    assert read_log() == [json.loads((tmp_path / "mine.jsonl").read_text())]
