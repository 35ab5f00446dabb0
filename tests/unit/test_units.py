"""Quantities in words."""

from __future__ import annotations

import pytest

from procwidget.units import bytes_text, duration_text, percent_text, plural, rate_text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (None, "—"),
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (1536, "1.5 KiB"),
        (16.3 * 2**30, "16.3 GiB"),
        (312 * 2**20, "312 MiB"),
        (2**60, "1024 PiB"),
    ],
)
def test_bytes_read_well(count, text):
    """Binary units, about three figures, unknown as a dash."""
    assert bytes_text(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "—"),
        (0.4, "0 s"),
        (40, "40 s"),
        (61, "1 min"),
        (3700, "1 h 1 min"),
        (3 * 86400 + 4 * 3600, "3 d 4 h"),
        (-5, "0 s"),
    ],
)
def test_durations_read_well(seconds, text):
    """One or two leading units."""
    assert duration_text(seconds) == text


def test_the_rest():
    """Rates, percentages and counts."""
    assert rate_text(2048) == "2.0 KiB/s"
    assert percent_text(97.0) == percent_text(97.4) == "97 %"
    assert percent_text(0.57 * 100) == "57 %"
    assert percent_text(69.999) == "69 %"
    assert percent_text(None) == "—"
    assert plural(1, "core") == "1 core"
    assert plural(1204, "process", "processes") == "1,204 processes"
