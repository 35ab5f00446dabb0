"""Deaths of kernels: the sentence, the file, and what dashboards are told of it."""

from __future__ import annotations

import json
import os
import stat

import pytest

from procwidget.jupyter.death import Evidence, death_of
from procwidget.jupyter.death_log import MOST, DeathLog
from procwidget.jupyter.death_news import TOLD_FOR, TOLD_FOR_OWN, DeathNews
from procwidget.state.events import EventLog

GIB = 2**30
KERNEL = "0f8fad5b-d9cb-469f-a165-70867728950e"
NOTEBOOK = ("train.ipynb", "/home/ana/train.ipynb")
KILLED = "train.ipynb's kernel was killed (SIGKILL) in In [12] after 41 s, holding 14.9 GiB of 16.0 GiB; "
FULL = Evidence(int(14.9 * GIB), 0.4, int(15.9 * GIB), 16 * GIB, 1, 0.4, "/ana")


def death(code=-9, time=1041.0, seen=FULL, notebook=NOTEBOOK, cell=(12, 1000.0), heard=True):
    return death_of(code, time, KERNEL, notebook, cell, seen, heard)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (
            {},
            f"{KILLED}the OOM counter of its control group /ana rose in the same 1 s; 15.9 GiB of memory were in use.",
        ),
        (
            {"seen": FULL._replace(group=None, watched=1.9, used=GIB)},
            f"{KILLED}Linux's OOM counter rose in the same 2 s.",
        ),
        (
            {"seen": FULL._replace(oom_kills=0, used=GIB, enders=["earlyoom"])},
            f"{KILLED}the OOM counter "
            "of its control group /ana did not rise, so a process sent the signal; earlyoom ends processes here when "
            "memory is short.",
        ),
        (
            {"seen": Evidence(), "notebook": None, "cell": None},
            "The kernel 0f8fad5b was killed (SIGKILL) while no cell ran.",
        ),
        # It ended before it could be heard: whether a cell ran is not known, and not said.
        (
            {"seen": Evidence(), "notebook": None, "cell": None, "heard": False},
            "The kernel 0f8fad5b was killed (SIGKILL).",
        ),
        (
            {"code": 3, "seen": Evidence(GIB, 4.0, None, None)},
            "train.ipynb's kernel ended by itself with exit status 3 in In [12] after 41 s, "
            "holding 1.0 GiB 4 s before.",
        ),
        (
            {"code": -11, "seen": Evidence(), "cell": (None, 1000.0)},
            "train.ipynb's kernel crashed (SIGSEGV) in a cell after 41 s; "
            "compiled code used memory that it may not use.",
        ),
        ({"code": -60, "seen": Evidence()}, "train.ipynb's kernel was ended (signal 60) in In [12] after 41 s."),
    ],
)
def test_the_sentence_has_facts_and_says_how_certain_they_are(given, text):
    """A counter that rose and a signal are facts; "out of memory" would be a guess."""
    assert death(**given)["text"] == text


@pytest.mark.parametrize(
    ("code", "rose", "oom"), [(-9, 1, True), (-9, 0, False), (-9, None, False), (-15, 1, False), (3, 1, False)]
)
def test_only_a_kill_with_a_counter_that_rose_is_for_want_of_memory(code, rose, oom):
    """Somebody else may have been killed meanwhile: what ended by itself was not."""
    assert death(code, seen=FULL._replace(oom_kills=rose))["oom"] is oom


def test_the_file_is_its_owners_alone_and_keeps_the_last_ones_for_all_servers(tmp_path):
    """Each server reads what the others wrote before it writes."""
    path = tmp_path / "state" / "deaths.jsonl"
    logs = DeathLog(path), DeathLog(path)
    for number in range(MOST + 2):
        assert logs[number % 2].add(death(time=2000.0 + number)) is None
    assert [one["time"] for one in logs[0].deaths()] == [2000.0 + number for number in range(2, MOST + 2)]
    assert logs[0].deaths() == logs[1].deaths()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and os.listdir(path.parent) == [path.name]


def test_what_cannot_be_written_is_kept_in_memory_and_said(tmp_path):
    """A full disk is among the reasons why kernels die."""
    (tmp_path / "state").write_text("no folder")
    log = DeathLog(tmp_path / "state" / "deaths.jsonl")
    assert "The end of a kernel is not kept: " in (log.add(death()) or "")
    assert log.deaths() == [death()]
    (tmp_path / "state").unlink()
    assert log.add(death(time=2000.0)) is None
    assert DeathLog(log.path).deaths() == [death(), death(time=2000.0)]


def test_lines_that_are_none_of_ours_are_passed_over(tmp_path):
    """Another version may write others, and a disk may break."""
    path = tmp_path / "deaths.jsonl"
    ours = json.dumps(death())
    path.write_text(f"{ours}\n{{}}\n[1]\nnot\n{json.dumps({**death(), 'cell': 'x'})}\n{ours[:40]}\n", "ascii")
    path.chmod(0o600)
    assert DeathLog(path).deaths() == [death()]


def test_a_death_is_an_event_once_for_all_dashboards_of_a_monitor(tmp_path):
    """Two dashboards share the log, and one that is opened later finds what was before."""
    events, log = EventLog(), DeathLog(tmp_path / "deaths.jsonl")
    news = DeathNews(events, log)
    news.take(1100.0)
    log.add(death())
    news.take(1100.0)
    log.add(death(time=1050.0))
    news.take(1100.0)
    noted = [(event["kind"], event["began"], event["level"], event["text"]) for event in events.copies()]
    assert noted == [("kernel_death", time, "critical", death(time=time)["text"]) for time in (1041.0, 1050.0)]
    assert DeathNews.of(events) is DeathNews.of(events)


@pytest.mark.parametrize("own", [(KERNEL, None), ("another", NOTEBOOK[1])])
def test_the_notebooks_own_kernel_is_told_of_for_longer_than_that_of_others(tmp_path, own):
    """Who opens it again wants to know; others hear of it while it is news."""
    log = DeathLog(tmp_path / "deaths.jsonl")
    log.add(death())
    news = DeathNews(EventLog(), log)
    news.take(1100.0)
    before, after = 1041.0 + TOLD_FOR - 1, 1041.0 + TOLD_FOR + 1
    assert news.newest(before, (None, None)) == death() and news.newest(after, (None, None)) is None
    assert news.newest(after, own) == death() and news.newest(1041.0 + TOLD_FOR_OWN + 1, own) is None
