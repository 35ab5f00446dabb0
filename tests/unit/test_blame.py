"""Who is named for a shortage: only who explains it, and not another one at each reading."""

from __future__ import annotations

import pytest

from procwidget.sources.scripted import make_process, make_sample
from procwidget.state.alerts import Alerts
from procwidget.thresholds import Thresholds

GIB = 2**30
UNMEASURED = "; pressure (PSI) is not measured here"


def found(alerts, moment, **changes):
    """The first alert of a sample `moment` seconds into the story."""
    interval = changes.pop("interval", 2.0)
    given = {"pressure": None, **changes}
    sample = make_sample(monotonic=100.0 + moment, time=5000.0 + moment, interval=interval, **given)
    return alerts.update(sample, interval)[0]


def once(**changes):
    """What is said after "now", and who is named, of one sample."""
    alert = found(Alerts(Thresholds()), 0, **changes)
    return alert["text"].partition(" now")[2].removesuffix(UNMEASURED), alert["process"]


def memory(used, **parts):
    """The memory of a host with 100 GiB."""
    host = make_sample()["memory"]
    return {**host, "total": 100 * GIB, "used": int(used * GIB), "available": int((100 - used) * GIB), **parts}


def shares(**parts):
    """What the CPUs did, with these shares."""
    return {**dict.fromkeys(make_sample()["cpu_times"], 0.0), **parts}


def test_nobody_is_named_who_does_not_explain_it():
    """In a container the CPU is the whole host's: whoever is in there and does nothing is not to blame."""
    rows = [make_process(pid=1, name="python", cpu=0.4), make_process(pid=2, name="sh", cpu=20.0)]
    assert once(cpu_usage=100.0, processes=rows) == (": by processes that are not shown here", None)
    assert once(cpu_usage=100.0, processes=[]) == (": by processes that are not shown here", None)


def test_one_process_that_uses_a_quarter_is_named():
    """Its part is of what is used, in the same unit as the figure before it."""
    half = make_process(pid=7, name="train.py", cpu=51.0)
    text, process = once(cpu_usage=100.0, processes=[make_process(pid=1, cpu=30.0), half])
    assert text == ": train.py (7) uses 25 % of it"
    assert process == {"pid": 7, "name": "train.py", "identity": half["identity"]}


def test_a_program_of_many_processes_is_named_where_no_process_is():
    """A build uses everything, and none of its processes much; another user's of the same name is another program."""
    build = [make_process(pid=pid, name="cc1plus", user="ana", cpu=12.0) for pid in range(10, 24)]
    others = [make_process(pid=pid, name="cc1plus", user="bob", cpu=1.0) for pid in (30, 31)]
    assert once(cpu_usage=93.4, processes=build + others) == (": cc1plus (14 processes of ana) uses 89 % of it", None)


def test_many_programs_together_are_not_called_unseen():
    """They are shown, only none of them is to blame."""
    rows = [make_process(pid=pid, name=f"job{pid}", user=f"user{pid}", cpu=18.0) for pid in range(1, 11)]
    assert once(cpu_usage=95.0, processes=rows) == (": by many processes", None)


def test_processes_that_live_only_between_readings_are_told_from_hidden_ones():
    """Where many start each second they need not be hidden to be unseen."""
    text, process = once(cpu_usage=95.0, started=300)
    assert (text, process) == (": by processes that end before they can be shown, 150 a second", None)


def test_what_was_stolen_is_said_and_no_process_is_named():
    """Steal is time that other virtual machines took: whoever runs here did not."""
    times = shares(user=1.0, steal=94.0, idle=5.0)
    text, process = once(cpu_usage=95.0, cpu_times=times, processes=[make_process(cpu=2.0)])
    assert (text, process) == (": taken by other virtual machines (steal 94 %)", None)
    times = shares(user=10.0, softirq=80.0, irq=5.0, idle=5.0)
    assert once(cpu_usage=95.0, cpu_times=times)[0] == ": taken by interrupts (85 %)"


def test_what_a_group_is_short_of_is_not_what_was_stolen_from_the_host():
    """The group's figure counts its processes alone."""
    limits = {"memory_cgroup": None, "memory_total": None, "memory_used": None, "cpu_cgroup": "/ana", "cpus": 1.0}
    limits |= {"cpu_time": 1.0, "cpu_usage": 95.0, "contained": True}
    text, _ = once(limits=limits, cpu_times=shares(steal=90.0, user=10.0), processes=[make_process(cpu=90.0)])
    assert text == ": sleep (1234) uses 94 % of it"


def test_nobody_is_named_before_anything_is_known_of_the_processes():
    """A source that cannot tell what each uses says neither a name nor that they are hidden."""
    assert once(cpu_usage=95.0, processes=[make_process(cpu=None)]) == ("", None)


def test_a_new_process_counts_for_the_time_that_it_ran():
    """Its first figure is over its age: 100 % of a tenth of a second is not two seconds of CPU."""
    new = make_process(pid=9, name="true", started=4999.9, cpu=100.0)
    old = make_process(pid=8, name="make", cpu=90.0)
    text, _ = once(cpu_usage=95.0, processes=[new, old])
    assert text == ": make (8) uses 47 % of it"


def test_memory_names_who_holds_it():
    """The largest process where it holds a quarter; else its program, whose shared memory may count several times."""
    one = make_process(pid=7, name="train.py", memory=40 * 1024.0)
    assert once(memory=memory(80), processes=[one])[0] == ": train.py (7) holds 50 % of it"
    some = [make_process(pid=pid, name="worker", user="ana", memory=9 * 1024.0) for pid in range(1, 7)]
    assert once(memory=memory(80), processes=some) == (": worker (6 processes of ana) holds up to 67 % of it", None)
    small = [make_process(memory=260.0)]
    assert once(memory=memory(91), processes=small) == (": not by processes that are shown here", None)


def test_memory_that_no_process_has_is_said_to_be_that():
    """What is left in /dev/shm by a process that is gone is held by none, nor are huge pages that wait for one."""
    small = [make_process(memory=19.1)]
    text, process = once(memory=memory(80, shared=60 * GIB), processes=small)
    assert (text, process) == (": shared memory, such as files in /dev/shm, holds 75 % of it", None)
    text, _ = once(memory=memory(80, huge_pages=64 * GIB, huge_pages_free=40 * GIB), processes=small)
    assert text == ": huge pages that are set apart and not in use hold 50 % of it"


@pytest.mark.parametrize(("shared", "more"), [(0, ""), (240 * 2**20, "; it may be files in /dev/shm")])
def test_in_a_group_what_may_be_is_not_claimed(shared, more):
    """How much of the host's shared memory is the group's is not known."""
    limits = {"memory_cgroup": "/ana", "memory_total": 300 * 2**20, "memory_used": 255 * 2**20, "cpu_cgroup": None}
    limits |= {"cpus": None, "cpu_time": None, "cpu_usage": None, "contained": True}
    text, _ = once(limits=limits, memory=memory(5, shared=shared), processes=[make_process(memory=19.1)])
    assert text == f": not by processes that are shown here{more}"


def test_who_is_named_stays_until_another_clearly_leads():
    """Two that take turns do not take turns in the sentence."""
    alerts, named = Alerts(Thresholds()), []
    for moment in range(0, 60, 2):
        first = 110.0 if moment % 4 == 0 else 80.0
        rows = [make_process(pid=1, name="a", cpu=first), make_process(pid=2, name="b", cpu=190.0 - first)]
        named.append(found(alerts, moment, cpu_usage=95.0, processes=rows)["process"]["pid"])
    assert set(named) == {1}
    for moment in range(60, 240, 2):
        rows = [make_process(pid=1, name="a", cpu=55.0), make_process(pid=2, name="b", cpu=135.0)]
        named.append(found(alerts, moment, cpu_usage=95.0, processes=rows)["process"]["pid"])
    assert named == sorted(named)
    assert named[-1] == 2


def test_one_that_began_just_now_is_not_blamed_for_what_lasts():
    """The sentence says for how long: at its first reading a process has caused nothing of that yet."""
    alerts = Alerts(Thresholds())
    for moment in (0, 2):
        rows = [make_process(pid=pid, name=f"job{pid}", user=f"user{pid}", cpu=19.0) for pid in range(1, 11)]
        assert found(alerts, moment, cpu_usage=95.0, processes=rows)["process"] is None
    late = [make_process(pid=99, name="late", cpu=190.0)]
    assert found(alerts, 4, cpu_usage=95.0, processes=late)["process"] is None
    assert found(alerts, 6, cpu_usage=95.0, processes=late)["process"]["pid"] == 99


def test_who_rests_for_a_reading_is_still_named_and_who_is_gone_is_not():
    """CPU time that was used stays used; but a name that is in no row helps nobody."""
    alerts = Alerts(Thresholds())
    hog = make_process(pid=1, name="hog", cpu=190.0)
    other = make_process(pid=2, name="other", cpu=150.0)
    for moment in (0, 2, 4):
        found(alerts, moment, cpu_usage=95.0, processes=[hog])
    resting = found(alerts, 6, cpu_usage=95.0, processes=[{**hog, "cpu": 0.0}, other])
    assert resting["process"]["pid"] == 1
    gone = found(alerts, 8, cpu_usage=95.0, processes=[other])
    assert gone["process"] is None or gone["process"]["pid"] == 2


def test_a_program_whose_processes_come_and_go_is_named():
    """No process of it lives for long enough, the program does."""
    alerts, text = Alerts(Thresholds()), ""
    for moment in range(0, 60, 2):
        rows = [make_process(pid=moment + 10, name="cc1plus", user="ana", cpu=180.0)]
        alert = found(alerts, moment, cpu_usage=95.0, processes=rows if moment % 4 == 0 else [])
        text = alert["text"]
    who = "cc1plus (processes of ana, one after another) uses 45 % of it"
    assert text == f"CPU is full (95 %) for at least 58 s: {who}{UNMEASURED}"


def test_a_program_is_not_described_in_another_way_when_all_but_one_of_its_processes_rest():
    """Words that change are spoken again to those who cannot see them."""
    alerts, build = Alerts(Thresholds()), [make_process(pid=pid, name="cc1plus", cpu=18.0) for pid in range(10)]
    texts = {
        found(alerts, moment, cpu_usage=95.0, processes=rows)["text"].partition(" uses")[0].partition(": ")[2]
        for moment, rows in ((0, build), (2, build[:1]), (4, build))
    }
    assert texts == {"cc1plus (10 processes of alice)"}


def test_memory_that_was_given_back_is_not_blamed():
    """What is held counts, not what was held."""
    alerts = Alerts(Thresholds())
    large = make_process(pid=1, name="large", memory=60 * 1024.0)
    for moment in range(0, 20, 2):
        assert found(alerts, moment, memory=memory(80), processes=[large])["process"]["pid"] == 1
    alert = found(alerts, 20, memory=memory(80), processes=[{**large, "memory": 10.0}])
    assert alert["process"] is None
