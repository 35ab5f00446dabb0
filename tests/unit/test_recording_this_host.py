"""A kernel finds the recording of the host that it runs on, and no other's."""

from __future__ import annotations

import pytest

from procwidget.identity import boot_id
from procwidget.recording.folder import default_folder
from procwidget.recording.this_host import RECORDING, of_this_host
from procwidget.recording.writer import RecordingWriter
from procwidget.sources.scripted import make_sample


@pytest.fixture(autouse=True)
def state(tmp_path, monkeypatch):
    """A state directory of the test's own, and no server that records."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv(RECORDING, raising=False)


def record(folder, boot):
    """Record one reading of a boot of this host."""
    writer = RecordingWriter(folder, 86400, 2**30)
    writer.append(make_sample(time=1.8e9, boot_id=boot))
    writer.close()


def test_usual_folder_is_found_if_it_has_this_boot():
    """Before there is one, and with one from before the last boot, there is none."""
    assert of_this_host() is None
    record(default_folder(), "a boot before")
    assert of_this_host() is None
    record(default_folder(), boot_id())
    assert of_this_host() == default_folder()


def test_folder_that_a_server_tells_of_comes_first(tmp_path, monkeypatch):
    """As long as it has something; else the usual one is looked at."""
    record(default_folder(), boot_id())
    monkeypatch.setenv(RECORDING, str(tmp_path / "told"))
    assert of_this_host() == default_folder()
    record(tmp_path / "told", boot_id())
    assert of_this_host() == tmp_path / "told"


def test_another_host_is_another(tmp_path, monkeypatch):
    """Its file may have come to this folder: it is not of this host."""
    monkeypatch.setattr("socket.gethostname", lambda: "elsewhere")
    record(default_folder(), boot_id())
    monkeypatch.undo()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert of_this_host() is None


def test_damaged_file_is_none(tmp_path, monkeypatch):
    """Nobody who looks at the live table is told of it."""
    record(default_folder(), boot_id())
    (file,) = default_folder().glob("*.sqlite")
    file.write_bytes(b"nothing" * 1000)
    assert of_this_host() is None
