"""What is recorded is there again: written, killed, cut, full, read by others meanwhile."""

from __future__ import annotations

import datetime
import json
import os
import random
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from procwidget.errors import InvalidArgument, SourceUnavailable
from procwidget.history import History
from procwidget.masking import mask
from procwidget.recording import schema
from procwidget.recording.folder import default_folder, files_in, network_kind
from procwidget.recording.recording import Recording
from procwidget.recording.writer import RecordingWriter
from procwidget.sources.scripted import make_process, make_sample
from tests.unit.recording_stage import NOON, exit_of, rounded, samples_of

WEEK, GIB = 7 * 86400, 2**30


@pytest.fixture
def folder(tmp_path):
    """A folder for a recording."""
    return tmp_path / "recording"


def record(folder, samples, **how):
    """Write samples and close the file."""
    writer = RecordingWriter(folder, how.get("keep", WEEK), how.get("max_bytes", GIB))
    for sample in samples:
        writer.append(sample)
    writer.close()


def test_recorded_samples_are_what_was_read(folder):
    """Each sample comes back as a plain dict with all it had, to the digits that are kept."""
    samples = samples_of(200)
    record(folder, samples)
    with Recording(folder) as recording:
        assert len(recording) == 200
        for at in (0, 74, 75, 76, 99, 100, 150, -1):
            assert rounded(recording[at]) == rounded(samples[at])
        assert [sample["time"] for sample in recording[10:13]] == [sample["time"] for sample in samples[10:13]]
        json.dumps(recording[-1], allow_nan=False)


def test_recording_is_asked_as_a_history_is(folder):
    """For a moment, an interval, columns and one process."""
    record(folder, samples_of(100))
    with Recording(folder) as recording:
        assert recording.at("12:01:00")["cpu_usage"] == 40.0
        assert recording.at("10s")["cpu_usage"] == 104.0
        rows = {row["name"]: row for row in recording.between("12:01:00", "12:02:00")["processes"]}
        assert rows["works"]["cpu_seconds"] == 30.0 and rows["works"]["memory_change"] == 30.0
        assert rows["ends"]["why"] == "killed by SIGKILL" and rows["ends"]["ended"] == NOON + 100
        assert rows["begins"]["began"] == NOON + 100 and rows["begins"]["cpu_seconds"] == 0.5
        columns = recording.columns("time", "cpu_usage", "memory.total", "disk.read")
        assert columns["cpu_usage"] == [10.0 + at for at in range(100)] and columns["time"][0] == NOON
        assert set(columns["memory.total"]) == {16 * GIB} and columns["disk.read"] == [0] * 100
        assert recording.process(1)["memory"][-1] == 199.0 and recording.process(77)["time"] == []
        with pytest.raises(InvalidArgument, match="A sample has no key 'nonsense'"):
            recording.columns("nonsense")
        with pytest.raises(InvalidArgument, match=r"no reading from 11:00:00: the first is from 12:00:00"):
            recording.at("11:00")


def test_recording_is_a_sequence_as_a_history_is(folder):
    """The same samples by iteration, slices, columns and since, over the files of two days."""
    late = datetime.datetime(2026, 11, 29, 23, 58, 0).timestamp()
    samples = samples_of(160, late)
    record(folder, samples)
    expected = [rounded(sample) for sample in samples]
    with Recording(folder) as recording:
        assert [rounded(sample) for sample in recording] == expected
        for some in (slice(50, 70), slice(-3, None), slice(0, 160, 40), slice(None, None, -53), slice(200, 300)):
            assert [rounded(sample) for sample in recording[some]] == expected[some]
        with pytest.raises(IndexError):
            recording[160]
        assert [sample["time"] for sample in recording.since(120)] == [sample["time"] for sample in samples[-61:]]
        assert len([*recording.during(late + 100, late + 140)]) == 21
        assert len(recording.columns("processes")["processes"][0]) == 2
        assert recording.to_csv(folder / "host.csv") == 160


def test_what_processes_did_is_what_a_history_says_they_did(folder):
    """Whoever comes and goes, for any interval: the file is asked otherwise than the history is."""
    chance = random.Random(5)
    history, samples, rows, number = History(3600), [], {}, 100
    for at in range(240):
        for pid in [pid for pid in rows if chance.random() < 0.03]:
            del rows[pid]
        for pid, row in [*rows.items()]:
            if chance.random() < 0.2:
                rows[pid] = {**row, "cpu_time": row["cpu_time"] + 0.5, "memory": row["memory"] + 1}
            elif chance.random() < 0.02:
                rows[pid] = {**row, "nice": chance.randrange(19)}
        if len(rows) < 30:
            number += 1
            rows[number] = make_process(pid=number, started=NOON + 2 * at - 1, cpu_time=0.25, identity=f"{number}-7")
        gone = [exit_of(pid) for pid in range(100, number) if pid not in rows and chance.random() < 0.1]
        times = {"time": NOON + 2 * at, "monotonic": 100.0 + 2 * at}
        samples.append(make_sample(processes=[*rows.values()], exits=gone, **times))
        history.append(samples[-1])
    record(folder, samples[:100])
    record(folder, samples[100:])  # another writer, which does not know who was there
    with Recording(folder) as recording:
        for _ in range(40):
            begin, end = sorted(chance.sample(range(240), 2))
            moments = NOON + 2 * begin, NOON + 2 * end
            found, expected = recording.between(*moments), history.between(*moments)
            key = lambda row: row["pid"]  # noqa: E731 - twice below
            assert sorted(found["processes"], key=key) == sorted(expected["processes"], key=key)


def test_interval_over_midnight_is_one(folder):
    """Each day is a file; what ran on is the same process in both."""
    late = datetime.datetime(2026, 11, 29, 23, 59, 0).timestamp()
    record(folder, samples_of(100, late))
    assert [file.stem[-10:] for file in files_in(folder)] == ["2026-11-29", "2026-11-30"]
    with Recording(folder) as recording:
        assert len(recording) == 100
        assert recording[29]["cpu_usage"] == 39.0 and recording[30]["cpu_usage"] == 40.0
        rows = {row["name"]: row for row in recording.between(late, late + 198)["processes"]}
        assert rows["works"]["cpu_seconds"] == 99.0 and rows["works"]["began"] is None
        assert rows["ends"]["ended"] == late + 100


def test_file_is_private_and_one_when_closed(folder):
    """Mode 0600 in a folder of mode 0700, and nothing beside it."""
    record(folder, samples_of(3))
    (file,) = files_in(folder)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert sorted(path.name for path in folder.iterdir()) == [".lock", file.name]
    assert file.read_bytes()[18] == 1  # not in write-ahead mode, https://sqlite.org/fileformat.html


def test_others_read_with_sql_while_it_is_written(folder):
    """A reader sees whole readings, and never keeps the writer waiting."""
    writer = RecordingWriter(folder, WEEK, GIB)
    samples = samples_of(50)
    for sample in samples[:20]:
        writer.append(sample)
    other = sqlite3.connect(f"file:{files_in(folder)[0]}?mode=ro", uri=True)
    reading = other.execute(
        "SELECT tick.time, name, cpu FROM row JOIN tick ON tick.id = tick JOIN process ON"
        " process.id = process WHERE name = 'works'"
    )
    assert reading.fetchone() == (NOON * 1000, "works", 5000)
    for sample in samples[20:]:
        writer.append(sample)
    with Recording(folder) as recording:
        assert len(recording) == 50
    other.close()
    writer.close()


def test_secrets_in_command_lines_are_masked(folder):
    """As in the table, and before anything is on the disk: a file is kept and sent to others."""
    command = "mysql --password=swordfish-7 shop"
    record(folder, [make_sample(processes=[make_process(command=command)], time=NOON)])
    assert Recording(folder)[0]["processes"][0]["command"] == mask(command) != command
    assert not any(b"swordfish-7" in file.read_bytes() for file in folder.iterdir())


def test_recording_that_is_just_begun_is_one_or_empty(folder, monkeypatch):
    """Whoever looks while the tables are made sees all of them or none, so it is never taken for another program's."""
    seen = []
    usual = schema.create

    def create(connection):
        connection.set_trace_callback(lambda _: seen.append(files_in(folder)[0].stat().st_size))
        usual(connection)
        connection.set_trace_callback(None)

    monkeypatch.setattr(schema, "create", create)
    record(folder, samples_of(1))
    assert len(seen) > schema.TABLES.count("CREATE") and set(seen) == {0}


def test_recording_that_is_dropped_closes_its_files(folder):
    """`Recording(folder)[-1]` leaves nothing open, so its writer can make one plain file of it."""
    writer = RecordingWriter(folder, WEEK, GIB)
    writer.append(samples_of(1)[0])
    assert Recording(folder)[-1]["process_count"] == 2
    writer.close()
    assert not list(folder.glob("*-wal"))


def test_second_writer_is_refused_in_a_sentence(folder):
    """It says what to do; after the first has ended, there may be another."""
    writer = RecordingWriter(folder, WEEK, GIB)
    with pytest.raises(InvalidArgument, match=r"^Another procwidget records in .* already: open that recording, or"):
        RecordingWriter(folder, WEEK, GIB)
    writer.close()
    record(folder, samples_of(2))
    record(folder, samples_of(2, NOON + 100))
    assert len(Recording(folder)) == 4


WRITES = """
import sys, itertools
from pathlib import Path
from procwidget.recording.writer import RecordingWriter
from procwidget.sources.scripted import make_process, make_sample
writer = RecordingWriter(Path(sys.argv[1]), 7 * 86400, 2**30)
start = float(sys.argv[2])
for at in itertools.count():
    rows = [make_process(pid=1, cpu_time=float(at))]
    writer.append(make_sample(processes=rows, time=start + at, monotonic=start + at))
    print(at, flush=True)
"""


def test_writer_that_is_killed_loses_nothing(folder):
    """Twenty times: what was said to be written is there, and the next writer goes on after it."""
    written = 0
    for turn in range(20):
        command = [sys.executable, "-S", "-c", f"import sys; sys.path[:] = {sys.path!r}\n{WRITES}"]
        process = subprocess.Popen([*command, str(folder), str(NOON + 1000 * turn)], stdout=subprocess.PIPE, text=True)
        for line in process.stdout:
            if int(line) == 5 + turn % 7:
                break
        process.send_signal(signal.SIGKILL)
        written += int(line) + 1
        written += len(process.stdout.readlines())
        process.wait()
        process.stdout.close()
        with Recording(folder) as recording:
            # The one that was being written when the kill came may be there, too.
            assert written <= len(recording) <= written + turn + 1
            assert recording[-1]["processes"][0]["cpu_time"] >= 5 + turn % 7
    (file,) = files_in(folder)
    assert sqlite3.connect(file).execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_oldest_days_are_deleted_whole(folder):
    """By age, and by the size of all; the day that is written stays."""
    for day in range(5):
        record(folder, samples_of(30, NOON + 86400 * day))
    assert len(files_in(folder)) == 5
    record(folder, samples_of(2, NOON + 86400 * 5), keep=2 * 86400)
    assert [file.stem[-2:] for file in files_in(folder)] == ["01", "02", "03", "04"][-3:]
    record(folder, samples_of(2, NOON + 86400 * 6), max_bytes=1)
    assert [file.stem[-2:] for file in files_in(folder)] == ["05"]


def test_clock_that_is_set_back_loses_nothing(folder):
    """The readings stay in the order in which they were made, and the later one answers for a moment."""
    before, after = samples_of(10), samples_of(10, NOON - 3600, boot_id=samples_of(1)[0]["boot_id"])
    for sample in after:
        sample["monotonic"] += 1000
    record(folder, [*before, *after])
    with Recording(folder) as recording:
        assert [sample["time"] for sample in recording] == [sample["time"] for sample in [*before, *after]]
        assert recording.at("11:00:04")["monotonic"] == after[2]["monotonic"]
        assert recording.at(NOON + 4)["monotonic"] == before[2]["monotonic"]
        assert len([*recording.during()]) == 20
        assert recording.between(NOON - 3596, NOON + 4)["processes"][0]["name"] == "works"


def test_another_boot_begins_anew(folder):
    """The processes of a boot before are not those of this one, whatever their numbers."""
    record(folder, samples_of(10))
    again = samples_of(10, NOON + 100, boot_id="11111111-0000-4000-8000-000000000000")
    for sample in again:
        sample["processes"] = [make_process(pid=1, name="another", cpu_time=1.0)]
    record(folder, again)
    with Recording(folder) as recording:
        assert [row["name"] for row in recording[-1]["processes"]] == ["another"]
        assert recording[9]["boot_id"] != recording[10]["boot_id"]


def test_hostile_name_is_text(folder):
    """Quotes, tags and SQL in a name change nothing."""
    name = "'); DROP TABLE row; -- <img src=x onerror=alert(1)>"
    record(folder, [make_sample(processes=[make_process(name=name)], time=NOON)])
    assert Recording(folder)[0]["processes"][0]["name"] == name


class TestWhatCannotBeRead:
    """Each gets one sentence, and no traceback of SQLite's."""

    def test_nothing_there(self, tmp_path):
        """A folder without one, and a file that does not exist."""
        with pytest.raises(InvalidArgument, match=r"There is no recording in .*: make one with procwidget record\."):
            Recording(tmp_path)
        with pytest.raises(InvalidArgument, match="There is no recording"):
            Recording(tmp_path / "nothing.sqlite")

    def test_no_bytes(self, folder):
        """A file that was begun and not filled is passed over in a folder, and named when it is asked for."""
        record(folder, samples_of(3))
        empty = folder / f"host-2020-01-01{schema.SUFFIX}"
        empty.touch()
        assert len(Recording(folder)) == 3
        with pytest.raises(InvalidArgument, match="is no recording of procwidget"):
            Recording(empty)

    def test_something_else(self, tmp_path):
        """Another program's database, and no database."""
        other = tmp_path / "other.sqlite"
        connection = sqlite3.connect(other)
        connection.execute("CREATE TABLE tick (id)")
        connection.close()
        with pytest.raises(InvalidArgument, match="is no recording of procwidget"):
            Recording(other)
        other.write_bytes(b"hello" * 1000)
        with pytest.raises(SourceUnavailable, match="damaged"):
            Recording(other)

    def test_newer_version(self, folder):
        """It says to install a newer procwidget; a writer does not touch it either."""
        record(folder, samples_of(3))
        (file,) = files_in(folder)
        connection = sqlite3.connect(file)
        connection.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
        connection.close()
        with pytest.raises(InvalidArgument, match="made by a newer procwidget"):
            Recording(folder)
        with pytest.raises(InvalidArgument, match="made by a newer procwidget"):
            record(folder, samples_of(3))

    def test_cut_in_the_middle_of_a_page(self, folder, tmp_path):
        """What is before the cut may be read; what is behind it gets a sentence."""
        record(folder, [sample for turn in range(6) for sample in samples_of(100, NOON + 1000 * turn)])
        (file,) = files_in(folder)
        cut = tmp_path / file.name
        shutil.copy(file, cut)
        os.truncate(cut, cut.stat().st_size * 2 // 3 + 100)
        with pytest.raises(SourceUnavailable, match=r"The recording .* damaged"):
            list(Recording(cut))

    def test_read_only_place(self, folder, tmp_path):
        """A closed recording is read from where nothing may be written."""
        record(folder, samples_of(3))
        folder.chmod(0o500)
        files_in(folder)[0].chmod(0o400)
        if os.getuid() == 0:
            bind = ["mount", "--bind", str(folder), str(folder)]
            remount = ["mount", "-o", "remount,ro,bind", str(folder)]
            if any(subprocess.run(command, check=False).returncode for command in (bind, remount)):
                pytest.skip("nothing can be mounted here")
        try:
            with Recording(folder) as recording:
                assert len(recording) == 3
        finally:
            if os.getuid() == 0:
                subprocess.run(["umount", "-l", str(folder)], check=True)
            folder.chmod(0o700)


def test_no_log_on_a_network(tmp_path, monkeypatch):
    """SQLite's log does not work on NFS: a recording there is refused, and the usual folder is a local one."""
    mounts = f"1 0 0:1 / / rw - ext4 /dev/sda rw\n2 1 0:2 / {tmp_path} rw - nfs4 server:/home rw\n".encode()
    monkeypatch.setattr("procwidget.recording.folder._mountinfo", lambda: mounts)
    assert network_kind(tmp_path / "state") == "nfs4" and network_kind(Path("/var/lib")) is None
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert not str(default_folder()).startswith(str(tmp_path))
    with pytest.raises(InvalidArgument, match=r"on a network \(nfs4\): choose one on a disk of this host"):
        RecordingWriter(tmp_path / "recording", WEEK, GIB)
    assert not (tmp_path / "recording").exists()
