"""What servers record: as long as they run, whether anybody looks or not, and outside their kernels."""

from __future__ import annotations

import pytest

from procwidget.cli import main
from procwidget.recording.recording import Recording
from procwidget.recording.this_host import RECORDING
from procwidget.recording.writer import RecordingWriter
from tests.patience import until


@pytest.mark.parametrize("name", ["served", "jupyter"])
def test_server_records_before_anybody_looks(request, name):
    """The page's by --record, any Jupyter Server by its configuration; readings come from the start on."""
    server = request.getfixturevalue(name)
    folder = server.log.parent / "recording"
    assert f"procwidget records into {folder}" in server.log.read_text()
    with Recording(folder) as recording:
        before = until(lambda: len(recording) >= 2 and len(recording))
        until(lambda: len(recording) > before)
        assert server.process.pid in [row["pid"] for row in recording[-1]["processes"]]


def test_kernel_is_told_where_the_recording_is(served):
    """So that a dashboard in it goes back beyond what it has seen itself."""
    served.visit()
    (kernel,) = until(served.kernels)[:1]
    assert kernel.environ()[RECORDING] == str(served.log.parent / "recording")


def test_end_of_the_server_closes_the_recording(start, folder):
    """It is one plain file afterwards, and the next server goes on in it."""
    place = folder / "recording"
    counts = [0]
    for _ in range(2):
        server = start("--record", str(place), "--interval", "0.5")
        until(lambda: readings(place) >= counts[-1] + 2)
        assert server.stop() == 0
        assert not list(place.glob("*-wal"))
        counts.append(readings(place))


def readings(folder):
    """Return how many readings a folder has."""
    if not any(file.stat().st_size for file in folder.glob("*.sqlite")):
        return 0
    with Recording(folder) as recording:
        return len(recording)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--keep", "soon"], "How long to keep readings is an age from 1h to 3660d, such as 7d or 90m, not 'soon'."),
        (["--keep", "1m"], "such as 7d or 90m, not '1m'."),
        (["--max-size", "much"], "How large a recording may be is a size from 1M on, such as 1G or 500M, not 'much'."),
        (["--record", ""], "The folder to record into must not be empty"),
    ],
)
def test_mistake_gets_one_sentence(arguments, says, capsys):
    """Before anything is recorded."""
    assert main(arguments) == 2
    assert says in capsys.readouterr().err


def test_folder_of_another_recorder_is_refused(tmp_path, capsys):
    """In a sentence, before the page starts."""
    writer = RecordingWriter(tmp_path, 86400, 2**30)
    assert main(["--no-browser", "--no-priority", "--port", "0", "--record", str(tmp_path)]) == 2
    assert "Another procwidget records in" in capsys.readouterr().err
    writer.close()
