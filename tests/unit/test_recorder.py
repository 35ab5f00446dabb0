"""A recorder records whether anybody watches or not, and a disk that hangs or is full stops no reading."""

from __future__ import annotations

import os
import subprocess
import threading

import pytest

from procwidget.monitor import Monitor
from procwidget.recording.recorder import Recorder
from procwidget.recording.recording import Recording
from procwidget.recording.writer import RecordingWriter
from procwidget.sources.scripted import ScriptedSource
from tests.patience import until
from tests.unit.recording_stage import NOON, HandsOver, rounded, samples_of


def test_recorder_records_when_nobody_watches(tmp_path):
    """The poller goes on for it alone, and ends with it; what was read is on the disk then."""
    monitor = Monitor(ScriptedSource(samples_of(1)), interval=0.1, record=tmp_path)
    until(lambda: monitor.recorder.written >= 3)
    written = monitor.recorder
    assert monitor.running
    monitor.stop_recording()
    assert not monitor.running and len(Recording(tmp_path)) == written.written >= 3


def test_hung_disk_stops_no_tick_and_is_said(tmp_path, monkeypatch):
    """Ten readings wait, those after them are lost and counted; the sentence goes when the disk is back."""
    hangs = threading.Event()
    usual = RecordingWriter.append

    def append(writer, sample, events):
        hangs.wait()
        usual(writer, sample, events)

    monkeypatch.setattr(RecordingWriter, "append", append)
    monitor = HandsOver()
    recorder = Recorder(monitor, tmp_path)
    for sample in samples_of(30):
        monitor.give(sample)
    assert recorder.lost >= 19
    assert recorder.notes == [
        f"The recording in {tmp_path} falls behind: its disk does not answer in time. "
        f"{recorder.lost} readings lost so far."
    ]
    hangs.set()
    until(lambda: recorder.notes == [])
    recorder.close()
    assert len(Recording(tmp_path)) == 30 - recorder.lost


def test_full_disk_is_said_and_the_recording_goes_on_after_it(tmp_path):
    """On a disk that is really full: readings are lost, and those after it are whole again."""
    if os.getuid() != 0:
        pytest.skip("only root can mount a small disk")
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "none", str(disk)], check=False).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        monitor = HandsOver()
        recorder = Recorder(monitor, disk / "recording")
        monitor.give(samples_of(1)[0])
        until(lambda: recorder.written == 1)
        filler = disk / "filler"
        file = os.open(filler, os.O_CREAT | os.O_WRONLY)
        with pytest.raises(OSError, match="No space"):
            while True:
                os.write(file, bytes(4096))
        os.close(file)
        later = samples_of(40, NOON + 100)
        for at, sample in enumerate(later[:20]):
            monitor.give(sample)
            until(lambda at=at: recorder.written + recorder.lost == at + 2)
        assert recorder.lost and "cannot be written: " in recorder.notes[0]
        filler.unlink()
        before = recorder.written
        for at, sample in enumerate(later[20:]):
            monitor.give(sample)
            until(lambda at=at: recorder.written == before + at + 1)
        assert recorder.notes == []
        recorder.close()
        with Recording(disk / "recording") as recording:
            assert len(recording) == recorder.written
            assert rounded(recording[-1]) == rounded(later[-1])
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)
