"""A page that shows the processes of one user."""

from __future__ import annotations

import os

from procwidget.identity import boot_id
from procwidget.sources.own_processes import OwnProcessesSource
from procwidget.sources.scripted import ScriptedSource, make_process, make_sample

ME = make_process(pid=os.getpid(), user="me", threads=3)
MINE = make_process(pid=os.getpid() + 1, user="me", threads=1)
OTHER = make_process(pid=os.getpid() + 2, user="somebody", cpu=99.0)


def shown(*rows):
    """What is left of a sample with these rows."""
    here = make_sample(processes=list(rows), started=4, ended=5, boot_id=boot_id() or "")
    return OwnProcessesSource(ScriptedSource([here])).read()


def test_only_our_users_processes_are_left():
    """Rows, the top ones and every count are those of the user who runs this process; the host's figures stay."""
    sample = shown(OTHER, ME, MINE)
    assert sample["processes"] == [ME, MINE]
    assert {row["pid"] for row in sample["top_processes"]} == {ME["pid"], MINE["pid"]}
    assert (sample["process_count"], sample["thread_count"]) == (2, 4)
    assert (sample["started"], sample["ended"]) == (None, None)
    assert sample["cpu_usage"] == make_sample()["cpu_usage"]


def test_where_our_own_process_is_hidden_nothing_is_shown():
    """Not knowing who we are shows nothing rather than everything."""
    assert shown(OTHER)["processes"] == []


def test_it_says_what_is_left_out():
    """A note tells the reader why processes are missing."""
    assert "Only the processes of the user" in OwnProcessesSource(ScriptedSource([make_sample()])).notes[-1]


def test_the_number_of_top_processes_passes_through():
    """Setting `top` sets the source's own."""
    inner = ScriptedSource([make_sample()])
    OwnProcessesSource(inner).top = 7
    assert inner.top == 7
