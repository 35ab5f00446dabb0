"""Groups of processes for programs that keep series: few names, counters that never fall."""

from __future__ import annotations

from procwidget.server.process_groups import FIRST, MOST, OTHER, ProcessGroups
from procwidget.sources.scripted import make_process, make_sample


def sample(at, *rows):
    """Return a sample `at` seconds after the first."""
    return make_sample(processes=list(rows), time=1.8e9 + at, monotonic=100.0 + at)


def process(pid, name, cpu_time, **more):
    """Return a process that began just before the first sample."""
    return make_process(pid=pid, name=name, cpu_time=cpu_time, **{"started": 1.8e9 - 1, "identity": f"{pid}-1", **more})


def cpu(groups, kind="program"):
    """Return the CPU seconds of each group."""
    return {group.name: group.cpu_seconds for group in groups.of(kind)}


def test_counter_keeps_what_ended_processes_had():
    """And rises by what those that are there used since."""
    groups = ProcessGroups()
    groups.take(sample(0, process(1, "make", 10.0), process(2, "cc", 4.0)))
    groups.take(sample(2, process(1, "make", 11.0)))
    groups.take(sample(4, process(1, "make", 11.5), process(3, "cc", 0.5, started=1.8e9 + 3)))
    assert cpu(groups) == {"cc": 4.5, "make": 11.5, OTHER: 0.0}
    assert [(group.name, group.processes) for group in groups.of("program")][:2] == [("cc", 1), ("make", 1)]


def test_process_that_was_hidden_is_no_storm():
    """One that ran all the time and is seen only now counts from now on; one whose time is unknown goes on later."""
    groups = ProcessGroups()
    groups.take(sample(0, process(1, "a", 5.0)))
    groups.take(sample(2, process(1, "a", None), process(2, "b", 5000.0, started=1.7e9)))
    groups.take(sample(4, process(1, "a", 6.0), process(2, "b", 5001.0, started=1.7e9)))
    assert cpu(groups) == {"a": 6.0, "b": 1.0, OTHER: 0.0}


def test_few_are_named_and_those_stay():
    """The first by CPU and by memory; later ones are named from when they come to the front, the others stay one."""
    groups = ProcessGroups()
    many = [process(pid, f"p{pid:03}", float(pid), memory=1.0) for pid in range(100)]
    groups.take(sample(0, *many))
    first = cpu(groups)
    by_cpu, by_memory = {f"p{pid:03}" for pid in range(90, 100)}, {f"p{pid:03}" for pid in range(10)}
    assert set(first) == by_cpu | by_memory | {OTHER} and len(first) == 2 * FIRST + 1
    assert sum(first.values()) == sum(range(100))
    groups.take(sample(2, *many[:50], process(50, "p050", 90.0), *many[51:90]))
    then = cpu(groups)
    assert then["p050"] == 40.0 and then[OTHER] == first[OTHER] and then["p099"] == 99.0
    for turn in range(20):
        rows = [process(1000 * turn + at, f"n{turn}-{at}", 50.0, started=1.8e9 + 4 * turn + 9) for at in range(20)]
        groups.take(sample(4 * turn + 10, *rows))
    assert len(cpu(groups)) == MOST + 1


def test_groups_are_by_unit_and_user_too():
    """Who is in no unit belongs to the others."""
    groups = ProcessGroups()
    rows = [process(1, "sshd", 1.0, unit="ssh.service", user="root"), process(2, "vi", 2.0, unit=None, user="ana")]
    groups.take(sample(0, *rows))
    assert cpu(groups, "unit") == {"ssh.service": 1.0, OTHER: 2.0}
    assert cpu(groups, "user") == {"ana": 2.0, "root": 1.0, OTHER: 0.0}
