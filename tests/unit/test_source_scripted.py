"""The fake that other tests use: it must not be wrong itself."""

from __future__ import annotations

import pytest

from procwidget.errors import InvalidArgument
from procwidget.sources.scripted import ScriptedSource, make_process, make_sample


def test_plays_in_order_then_repeats_the_last():
    """After the last sample it comes again, its times moved on by its interval."""
    source = ScriptedSource([make_sample(monotonic=1.0), make_sample(monotonic=3.0, interval=0.5)])
    assert [source.read()["monotonic"] for _ in range(4)] == [1.0, 3.0, 3.5, 4.0]


def test_raises_what_the_script_says():
    """An exception in the script is raised in its turn; what follows is played."""
    source = ScriptedSource([OSError("no"), make_sample(cpu_usage=7.0)])
    with pytest.raises(OSError, match="no"):
        source.read()
    assert source.read()["cpu_usage"] == 7.0


def test_made_sample_fits_its_processes():
    """Counts, top processes and identities follow what was asked for."""
    sample = make_sample(processes=[make_process(pid=5, cpu=1.0), make_process(pid=6, cpu=9.0, threads=4)])
    assert (sample["process_count"], sample["thread_count"]) == (2, 5)
    assert [row["pid"] for row in sample["top_processes"]] == [6, 5]
    assert sample["processes"][0]["identity"] == "5-100"


def test_unknown_keys_and_empty_scripts_are_refused():
    """A misspelt key or nothing to play is one clear sentence."""
    with pytest.raises(InvalidArgument, match="no key 'cpus'"):
        make_sample(cpus=1)
    with pytest.raises(InvalidArgument, match="no key 'memroy'"):
        make_process(memroy=1)
    with pytest.raises(InvalidArgument, match="at least one"):
        ScriptedSource([])
