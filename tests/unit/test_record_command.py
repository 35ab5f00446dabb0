"""`procwidget record`: it takes its settings from where the page takes them, and says what is wrong in one sentence."""

from __future__ import annotations

import configparser
import csv
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from procwidget.cli import main
from procwidget.recording.recording import Recording
from procwidget.recording.writer import RecordingWriter
from procwidget.sources.scripted import make_process, make_sample
from tests.patience import until

UNIT = Path(__file__).parents[2] / "docs" / "procwidget-record.service"


def test_settings_come_from_the_file_too(tmp_path):
    """The folder and the interval stand in the file; SIGTERM ends it, and says how much was written."""
    file = tmp_path / "procwidget.toml"
    file.write_text(f'record = "{tmp_path / "there"}"\ninterval = 0.5\nkeep = "2h"\n')
    process = subprocess.Popen(
        [sys.executable, "-m", "procwidget", "--config", str(file), "record"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PROCWIDGET_MAX_SIZE": "20M"},
    )
    try:
        assert process.stdout.readline() == (
            f"procwidget records into {tmp_path / 'there'} every 0.5 s; end it with Ctrl+C.\n"
        )
        until(lambda: list((tmp_path / "there").glob("*.sqlite")))
    finally:
        process.send_signal(signal.SIGTERM)
        said = process.communicate()[0]
    assert process.returncode == 0 and f"readings are in {tmp_path / 'there'}" in said
    with Recording(tmp_path / "there") as recording:
        assert f"{len(recording):,} readings" in said


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            ["record", "--keep", "soon"],
            "How long to keep readings is an age from 1h to 3660d, such as 7d or 90m, not 'soon'.",
        ),
        (["record", "--interval", "often"], "interval must be a number from 0.1 to 3600, not 'often'."),
        (["record", "--fields", "colour"], "There is no field 'colour' to record; there are "),
        (["record", "--max-size", "1"], "is a size from 1M on, such as 1G or 500M, not '1'."),
    ],
)
def test_mistake_is_one_sentence(arguments, says, tmp_path, monkeypatch, capsys):
    """Before anything is recorded, and with exit code 2."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert main(arguments) == 2
    assert says in capsys.readouterr().err and not list(tmp_path.iterdir())


def test_export_is_safe_in_a_spreadsheet_and_of_the_time_asked_for(tmp_path, capsys):
    """A name that a spreadsheet would compute is text there; --since and --until are moments."""
    writer = RecordingWriter(tmp_path, 86400, 2**30)
    for at in range(200):
        rows = [make_process(name="=1+1", cpu_time=float(at))]
        writer.append(make_sample(processes=rows, time=1.8e9 + at, monotonic=float(at)))
    writer.close()
    assert main(["export", str(tmp_path), "--csv", "--since", "10s"]) == 0
    heading, *lines = csv.reader(capsys.readouterr().out.splitlines())
    assert len(lines) == 11 and {line[heading.index("name")] for line in lines} == {"'=1+1"}
    assert main(["export", str(tmp_path), "--json", "--since", "99s", "--until", "98s"]) == 0
    samples = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [sample["processes"][0]["cpu_time"] for sample in samples] == [100.0, 101.0]


def test_unit_for_systemd_runs_a_command_that_there_is(tmp_path, monkeypatch):
    """Its sections are systemd's, and its command line is one that this version takes."""
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str
    unit.read(UNIT)
    assert unit.sections() == ["Unit", "Service", "Install"]
    program, *arguments = unit["Service"]["ExecStart"].split()
    assert program.endswith("/procwidget")
    monkeypatch.setattr("procwidget.record_commands.record", lambda given, environment: 77)
    assert main(arguments) == 77
