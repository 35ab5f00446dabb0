"""Statuses: declared once, and what is made of that."""

from __future__ import annotations

import psutil
import pytest

from procwidget.query import parse
from procwidget.sources.linux.proc import parse_stat
from procwidget.sources.scripted import make_process, make_sample
from procwidget.state.alerts import Alerts
from procwidget.statuses import BY_LETTER, HANGS_AFTER, STATUSES
from procwidget.thresholds import Thresholds
from procwidget.views.frames import FrameEncoder


def test_every_status_of_psutil_is_one() -> None:
    """The rows of the portable source, and what actions read by psutil, have no other words."""
    words = {value for name, value in vars(psutil).items() if name.startswith("STATUS_")}
    assert words <= {status.name for status in STATUSES}


def test_frames_keep_their_places() -> None:
    """A frame's statuses are these, in this order: whoever adds one appends it."""
    names = "running sleeping disk-sleep stopped tracing-stop zombie dead idle parked wake-kill waking locked waiting"
    assert list(FrameEncoder().encode(make_sample())[0]["statuses"]) == [*names.split(), "suspended"]


@pytest.mark.parametrize("letter", sorted(BY_LETTER))
def test_every_letter_of_the_kernel_is_read(letter: bytes) -> None:
    """A row's status is what the table says of the letter in /proc/PID/stat."""
    stat = parse_stat(b"7 (sleep) " + letter + b" 1" + b" 0" * 48)
    assert stat is not None
    assert stat.status == next(status.name for status in STATUSES if letter.decode() in status.letters)


@pytest.mark.parametrize("status", STATUSES, ids=lambda status: status.name)
def test_a_status_is_searched_by_its_word_and_by_its_name(status) -> None:
    """What the table shows can be typed, and so can what a sample has."""
    row = make_process(status=status.name)
    assert parse(f'status="{status.word}"').matches(row, 0.0)
    assert parse(f'status="{status.name}"').matches(row, 0.0)


@pytest.mark.parametrize("status", STATUSES, ids=lambda status: status.name)
def test_what_hangs_is_an_alert_after_the_time_declared_and_not_before(status) -> None:
    """Its sentence is the status's own; the others are never one."""
    alerts = Alerts(Thresholds())
    rows = [make_process(pid=9, name="dd", status=status.name)]

    def texts(moment: float) -> list[str]:
        sample = make_sample(monotonic=100.0 + moment, time=5000.0 + moment, interval=2.0, processes=rows)
        return [alert["text"] for alert in alerts.update(sample, HANGS_AFTER)]

    assert texts(0.0) == texts(HANGS_AFTER - 1) == []
    assert texts(HANGS_AFTER) == ([f"dd (9) {status.hangs} for at least 10 s"] if status.hangs else [])
