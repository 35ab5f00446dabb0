"""Causes: what a container, a unit, a user or a program that causes a trouble is called, and how it is found."""

from __future__ import annotations

import json
from random import Random

import pytest

from procwidget.query import parse
from procwidget.sample import Process
from procwidget.sources.scripted import make_process
from procwidget.state.causes import MOST_PROCESSES, common_ancestor, comparison
from procwidget.state.conspicuous import Conspicuous
from tests.unit.state_stage import Story, holding

FULL = {"cpu_usage": 96.0, "pressure": None}


def who(rows, **changes):
    """What the sentence of a full CPU says after "for …: ", and the cause."""
    story = Story()
    text = story.play(3, processes=rows, **{**FULL, **changes})["text"]
    return text.partition(": ")[2].partition(";")[0], story.first["cause"]


def found(cause, rows):
    """The pids that the cause's search finds."""
    query = parse(cause["query"])
    return [row["pid"] for row in rows if query.matches(row, 0.0)]


def build(count, **changes):
    """A build of ana's: make, a shell under it a compiler, and that many of these."""
    rows = [make_process(pid=2, name="make", user="ana", cpu=1.0), make_process(pid=1, name="systemd")]
    for pid in range(100, 100 + count):
        rows.append(make_process(pid=pid + 500, name="sh", user="ana", ppid=2))
        rows.append(make_process(pid=pid, name="cc1plus", user="ana", ppid=pid + 500, cpu=170.0 / count, **changes))
    return rows


def test_a_program_is_named_with_what_started_it():
    """A compiler's name says less than the build that it belongs to."""
    rows = build(14)
    text, cause = who(rows)
    assert text == "cc1plus (14 processes of make, ana) uses 88 % of it"
    assert (cause["kind"], cause["name"], cause["query"]) == ("program", "cc1plus", "name=cc1plus user=ana")
    assert found(cause, rows) == list(range(100, 114))
    assert len(cause["processes"]) == 14
    json.dumps(cause, allow_nan=False)


def test_what_starts_anything_explains_nothing():
    """A shell that the processes were started from is not why they run, nor is systemd."""
    for name in ("bash", "systemd", "python3.12"):
        shell = make_process(pid=2, name=name, ppid=1)
        jobs = [make_process(pid=pid, name="job", user="ana", ppid=2, cpu=40.0) for pid in (10, 11, 12, 13)]
        assert who([shell, *jobs])[0] == "job (4 processes of ana) uses 83 % of it"


def test_ancestors_are_found_through_others_and_in_circles_too():
    """A parent may be gone, and a pid may be another's by now."""
    rows = build(3)
    by_pid = {row["pid"]: row for row in rows}
    compilers = [row for row in rows if row["name"] == "cc1plus"]
    assert common_ancestor(compilers, by_pid)["name"] == "make"
    assert common_ancestor(compilers, {}) is None
    first, second = make_process(pid=5, ppid=6), make_process(pid=6, ppid=5)
    assert common_ancestor([first, second], {5: first, 6: second}) is None


def test_a_container_is_named_where_it_explains_what_no_program_does():
    """Of many programs none is to blame, and what they run in is."""
    rows = [
        make_process(pid=pid, name=f"job{pid}", container="docker/3f4e1d2c9a0b", unit="d.scope", cpu=16.0)
        for pid in range(10, 20)
    ]
    rows.append(make_process(pid=30, name="other", container=None, unit=None, cpu=10.0))
    text, cause = who(rows)
    assert text == "container docker/3f4e1d2c9a0b (10 processes) uses 83 % of it"
    assert cause["kind"] == "container"
    assert found(cause, rows) == list(range(10, 20))


def test_a_unit_is_named_and_a_session_is_not():
    """A session's unit holds whatever its user runs: the user is named then, and root never."""
    rows = [
        make_process(pid=pid, name=f"job{pid}", user="root", unit="backup.service", cpu=16.0) for pid in range(10, 20)
    ]
    text, cause = who(rows)
    assert text == "unit backup.service (10 processes) uses 83 % of it"
    assert found(cause, rows) == list(range(10, 20))
    rows = [
        make_process(pid=pid, name=f"job{pid}", user="ana", unit="session-3.scope", cpu=16.0) for pid in range(10, 20)
    ]
    text, cause = who(rows)
    assert text == "user ana (10 processes) uses 83 % of it"
    assert (cause["kind"], cause["query"]) == ("user", "user=ana")
    assert who([{**row, "user": "root"} for row in rows]) == ("by many processes", None)


def kernel(pid, notebook, **changes):
    command = f"python -m ipykernel_launcher -f /run/kernel-0f3a2b1c-0000-4000-8000-{pid:012}.json"
    return make_process(pid=pid, name="python", user="ann", notebook=notebook, command=command, **changes)


def test_a_kernel_and_its_workers_are_named_by_their_notebook():
    """What uses all of it is the notebook, not one of its processes, nor Python, which all notebooks are."""
    alone = [kernel(20, "train.ipynb", cpu=170.0), kernel(30, "fit.ipynb", cpu=20.0)]
    text, cause = who(alone)
    assert text.startswith("train.ipynb (20) uses 88 % of it")
    workers = [make_process(pid=p, name="python", user="ann", notebook="train.ipynb", cpu=36.0) for p in range(40, 44)]
    text, cause = who([kernel(20, "train.ipynb", cpu=5.0), kernel(30, "fit.ipynb", cpu=40.0), *workers])
    assert text.startswith("train.ipynb (5 processes) uses 77 % of it")
    assert (cause["kind"], cause["name"], cause["query"]) == ("notebook", "train.ipynb", "notebook=train.ipynb")
    assert found(cause, [*alone, *workers]) == [20, 40, 41, 42, 43]
    text, _ = who([kernel(20, "train.ipynb", cpu=5.0), make_process(pid=9, name="sh", notebook="train.ipynb", cpu=180)])
    assert text.startswith("sh (9) of train.ipynb uses")
    text, cause = who([kernel(20, "a Jupyter kernel", cpu=90.0), kernel(30, "a Jupyter kernel", cpu=95.0)])
    assert "a Jupyter kernel" not in (text, cause["name"])


def test_the_narrowest_that_explains_much_is_named():
    """One process of a program where it is most of it, the program where that is much more; a user for want of both."""
    rows = [make_process(pid=1, name="a", user="ana", cpu=60.0), make_process(pid=2, name="a", user="ana", cpu=40.0)]
    rows += [make_process(pid=pid, name=f"b{pid}", user="ana", cpu=9.0) for pid in range(10, 20)]
    assert who(rows)[0] == "a (1) uses 31 % of it"
    rows = [make_process(pid=pid, name="a", user="ana", cpu=60.0) for pid in (1, 2, 3)]
    assert who(rows)[0] == "a (3 processes of ana) uses 93 % of it"


def test_groups_are_read_while_something_is_short_and_not_while_all_is_well():
    """They cost a reading of every process; a shortage that comes and goes does not begin that again each time."""
    story = Story()
    assert story.alerts.wanted == frozenset()
    story.play(1, memory=holding(95))
    assert story.alerts.wanted == {"notebook", "container", "unit"}
    story.play(20)
    assert story.alerts.wanted == {"notebook", "container", "unit"}
    story.play(12)
    assert story.alerts.wanted == frozenset()


def test_who_starts_processes_that_end_at_once_is_named():
    """They are gone when a reading comes; whose children the few are that are seen is who it is."""
    loop = make_process(pid=5, name="loop.sh", cpu=15.0)
    rows = [loop, make_process(pid=9, name="old", started=1.0, ppid=7), make_process(pid=7, name="x", started=1.0)]
    story = Story()
    for turn in range(6):
        now = 5000.0 + story.now + 2.0
        young = make_process(pid=50 + turn, name="true", ppid=5, started=now - 0.01, cpu=None)
        story.play(1, **FULL, started=800, ended=800, processes=[*rows, young])
    text = story.first["text"].partition(": ")[2].partition(";")[0]
    assert text == "by processes that end before they can be shown, 400 a second, started by loop.sh (5)"
    cause = story.first["cause"]
    assert cause["name"] == "loop.sh"
    assert found(cause, [*rows, young]) == [5, 55]


def test_processes_that_multiply_are_a_trouble_of_their_own():
    """A fork bomb that sleeps takes no CPU; it takes all process ids."""
    bomb = make_process(pid=5, name="bomb")
    story = Story()
    for turn in range(8):
        now = 5000.0 + story.now + 2.0
        young = [make_process(pid=100 + 10 * turn + at, name="bomb", ppid=5, started=now - 0.1) for at in range(5)]
        story.play(1, started=240, ended=0, processes=[bomb, *young])
    assert story.first["text"] == "Processes multiply: 6, 120 more each second for 16 s, started by bomb (5)"
    assert story.first["cause"]["query"] == "pid=5 or ppid=5"


@pytest.mark.parametrize(
    "name", ["two words", 'a "quoted" one', "it's", "(sd-pam)", "a=b", "x~y", "a'b\"c", "<b>", "or"]
)
def test_a_search_for_any_name_finds_it(name):
    """Whoever runs something chooses its name."""
    rows = [make_process(pid=1, name=name), make_process(pid=2, name="other")]
    query = parse(comparison("name", name))
    assert [row["pid"] for row in rows if query.matches(row, 0.0)] == [1]


def test_a_cause_of_thousands_lists_some_of_them():
    """The search finds the others; what goes to the browser with each reading stays small."""
    story = Story()
    rows = [make_process(pid=2999, name="supervisord"), make_process(pid=1, name="init")]
    rows += [make_process(pid=pid, name="sh", ppid=2999, status="zombie") for pid in range(3000, 7000)]
    story.play(6, processes=rows)
    assert len(story.first["cause"]["processes"]) == MOST_PROCESSES
    assert len(found(story.first["cause"], rows)) == 4000


def test_who_is_conspicuous_is_found_among_the_rows_that_changed_alone():
    """It is the same as to look at all of them, whichever come, go, change or move."""
    random, conspicuous = Random(7), Conspicuous()
    rows: list[Process] = []
    for turn in range(300):
        rows = [row for row in rows if random.random() > 0.05]
        for place in range(len(rows)):
            if random.random() < 0.2:
                rows[place] = {**rows[place], "cpu": random.choice([None, 0.0, 40.0, 90.0])}
        for pid in range(random.randrange(4)):
            rows.append(make_process(pid=turn * 10 + pid, status=random.choice(["zombie", "sleeping"]), cpu=60.0))
        greedy = 50.0 if turn % 50 else 30.0
        expected = [row for row in rows if (row["cpu"] or 0.0) >= greedy or row["status"] == "zombie"]
        found = conspicuous.update(list(rows), greedy)
        assert sorted(map(id, found)) == sorted(map(id, expected))
