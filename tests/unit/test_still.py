"""The still: what a notebook without a kernel shows of a sample."""

from __future__ import annotations

from procwidget.sources.scripted import make_process, make_sample
from procwidget.state.sentence import state_of
from procwidget.thresholds import Thresholds
from procwidget.views.static_fallback import static_fallback
from procwidget.views.summary import describe


def test_figures_stand_in_markup_and_in_words():
    """Both forms name the host, the moment and the processes."""
    shown = static_fallback(make_sample(cpu_usage=12.4, processes=[make_process(pid=77, name="python", cpu=150.0)]))
    for text in shown.values():
        assert all(part in text for part in ("example", "2023-11-14 22:15:00 UTC", "CPU 12 %", "77", "python", "150 %"))


def test_in_a_container_the_still_says_what_the_live_page_says():
    """CPU and memory are those of the group that is limited, as in the headline, the meters and the charts."""
    limits = {
        "memory_cgroup": "/job",
        "memory_total": 2**30,
        "memory_used": 960 * 2**20,
        "cpu_cgroup": "/job",
        "cpus": 1.0,
        "cpu_time": 10.0,
        "cpu_usage": 98.0,
        "contained": True,
    }
    sample = make_sample(cpu_usage=5.0, limits=limits)
    meters = describe(sample, [], state_of([], [], None), Thresholds(), 2.0, [], None)["meters"]
    assert [meter["text"] for meter in meters[:2]] == ["98 %", "93 %"]
    assert "CPU 98 %, memory 93 %, 1 process." in static_fallback(sample)["text/plain"]


def test_hostile_names_are_text_and_command_lines_stay_here():
    """A name cannot be markup; a command line, which may hold a secret, is not passed on with a notebook."""
    row = make_process(name="<script>alert(1)</script>", command="mysql --password=hunter2")
    markup = static_fallback(make_sample(processes=[row], host="<b>h</b>"))["text/html"]
    assert "<script" not in markup and "<b>" not in markup
    assert "hunter2" not in markup
    assert "&lt;script&gt;" in markup


def test_before_the_first_reading_there_is_a_sentence():
    """No sample is no table, and no error."""
    assert static_fallback(None)["text/plain"] == "procwidget: there was no reading yet."
    assert "<table" not in static_fallback(None)["text/html"]


def test_of_a_recording_no_live_figures_are_promised():
    """Where the cell is of a recording, running it shows that."""
    assert "Run this cell for live figures." in static_fallback(make_sample())["text/plain"]
    assert "Run this cell to look at the recording." in static_fallback(make_sample(), replay=True)["text/plain"]
