"""What the machine is short of: what tasks wait for, and for how long, not what is busy."""

from __future__ import annotations

import pytest

from procwidget.sources.gpus.driver import make_gpu, without_figures
from procwidget.sources.scripted import make_process, make_sample
from procwidget.thresholds import Thresholds
from tests.unit.state_stage import GIB, Story, holding, pressed

HOG = make_process(pid=7, name="train.py", cpu=190.0)


def test_a_cpu_that_is_busy_while_nobody_waits_is_no_shortage():
    """All cores at work is what they were bought for: it is said, who it is too, and nothing is red."""
    story = Story()
    state = story.play(50, cpu_usage=100.0, pressure=pressed(cpu=20.0), processes=[HOG])
    assert state["text"] == "Busy, not short: CPU 100 % for 1 min: train.py (7) uses 95 % of it"
    assert (state["level"], state["short_of"], state["causes"]) == ("normal", [], [])
    assert story.alerts.current == []


@pytest.mark.parametrize(("some", "level"), [(60.0, "warning"), (90.0, "critical")])
def test_the_cpu_is_short_when_tasks_wait_for_it_for_a_minute(some, level):
    """Not sooner, and with who uses it, since when it is full."""
    story = Story()
    busy = {"cpu_usage": 97.0, "pressure": pressed(cpu=some), "processes": [HOG]}
    state = story.play(29, **busy)
    assert (state["level"], state["text"]) == ("normal", "Busy: CPU 97 % for 56 s: train.py (7) uses 97 % of it")
    state = story.play(12, **busy)
    assert state["level"] == level
    assert state["text"] == "CPU is full and tasks wait for it for 1 min: train.py (7) uses 97 % of it"
    assert state["short_of"] == ["cpu"]
    assert state["causes"] == [
        {
            "kind": "process",
            "name": "train.py",
            "share": pytest.approx(97.9, abs=0.1),
            "processes": [HOG["identity"]],
            "query": "pid=7",
        }
    ]
    assert story.play(4, cpu_usage=10.0, pressure=pressed(cpu=5.0))["text"] == "Calm"


def test_a_core_that_rests_for_a_moment_ends_no_shortage():
    """The sentence does not say "Calm" for a reading and take it back."""
    story = Story()
    for turn in range(60):
        usage = 60.0 if turn % 10 == 9 else 97.0
        story.play(1, cpu_usage=usage, pressure=pressed(cpu=90.0), processes=[HOG])
        if turn > 40:
            assert story.kinds == ["cpu"]


def test_tasks_that_wait_beside_an_idle_cpu_lack_no_cpu():
    """A group that used up its limit, or one pinned to a busy core, has pressure too."""
    assert Story().play(60, cpu_usage=60.0, pressure=pressed(cpu=95.0), processes=[])["text"] == "Calm"


@pytest.mark.parametrize(("full", "level"), [(25.0, "warning"), (60.0, "critical")])
def test_memory_is_short_when_all_tasks_wait_for_it(full, level):
    """Thrashing for ten seconds, however much is in use; a moment of it is none."""
    story = Story()
    thrashing = {"pressure": pressed(memory=full), "memory": holding(80)}
    assert story.play(4, **thrashing, processes=[make_process(pid=7, name="r", memory=60 * 1024.0)])["text"] == "Calm"
    state = story.play(3, **thrashing, processes=[make_process(pid=7, name="r", memory=60 * 1024.0)])
    assert (state["level"], state["short_of"]) == (level, ["memory"])
    assert state["text"] == "Memory is short and tasks wait for it for 4 s: r (7) holds 75 % of it"


def test_a_night_in_which_nobody_looked_is_no_time_of_a_shortage():
    """The kernel's counters tell how long tasks waited in all of it, not that they still do."""
    story = Story()
    late = make_sample(monotonic=7300.0, time=12300.0, interval=7198.0, pressure=pressed(memory=60.0))
    assert story.alerts.update(late, 2.0) == []


def test_one_stall_is_no_shortage_of_memory():
    """A second in which all waited, and then none."""
    story = Story()
    story.play(1, pressure=pressed(memory=50.0))
    assert story.play(20, pressure=pressed())["text"] == "Calm"
    assert story.kinds == []


def test_memory_of_a_small_group_that_thrashes_is_told_from_the_machines():
    """The machine has enough; who reads its pages again and again is named, which is read on demand."""
    story = Story()
    thrashing = {"pressure": pressed(memory=60.0), "memory": holding(10)}
    story.play(2, **thrashing)
    assert {"major_faults", "container", "unit"} <= story.alerts.wanted
    rows = [make_process(pid=8, name="calm", memory=900.0, major_faults=0.0)]
    rows.append(make_process(pid=7, name="python", memory=60.0, major_faults=800.0))
    state = story.play(5, **thrashing, processes=rows, major_faults=900.0)
    what = "Memory of a control group is short, and tasks wait, while the machine has enough"
    assert state["text"] == f"{what} for 14 s: python (7) causes 88 % of the page reads"
    assert state["causes"][0]["query"] == "pid=7"
    some = {**pressed(), "memory": {"some": 40.0, "full": 3.0}}
    story = Story()
    state = story.play(14, pressure=some, memory=holding(10), processes=rows, major_faults=900.0)
    assert (state["level"], state["text"]) == ("warning", f"{what} for 26 s: python (7) causes 88 % of the page reads")
    assert Story().play(20, pressure=some, memory=holding(80))["text"] == "Calm", "the machine itself is at work then"
    story.play(60, processes=rows)
    assert story.alerts.wanted == frozenset(), "whoever is calm has nothing read on demand"


def test_memory_that_is_nearly_full_is_said_before_anybody_waits():
    """The next who asks for some may be ended; but 80 % in use is what memory is for."""
    assert Story().play(10, memory=holding(85))["text"] == "Calm"
    state = Story().play(1, memory=holding(92), processes=[make_process(pid=7, name="db", memory=80 * 1024.0)])
    assert (state["level"], state["text"]) == (
        "warning",
        "Memory is nearly full (92 %) just now: db (7) holds 86 % of it",
    )
    assert Story().play(1, memory=holding(98))["level"] == "critical"


@pytest.mark.parametrize(("full", "level", "since"), [(30.0, "warning", "36 s"), (70.0, "critical", "40 s")])
def test_disks_are_short_when_all_tasks_wait_for_them(full, level, since):
    """Who writes is read on demand as soon as tasks wait, and named with a part of the traffic."""
    story = Story()
    disk = {**make_disk("vda"), "busy": 99.0}
    slow = {"pressure": pressed(io=full), "disks": [disk], "disk": {"read": 0.0, "written": 100.0}}
    story.play(3, **slow)
    assert {"read", "written"} <= story.alerts.wanted
    rows = [make_process(pid=7, name="dd", read=0.0, written=90.0), make_process(pid=8, read=1.0, written=0.0)]
    assert story.play(10, **slow, processes=rows)["text"] == "Calm"
    state = story.play(7, **slow, processes=rows)
    assert (state["level"], state["short_of"]) == (level, ["disk"])
    assert state["text"] == f"Disk vda is overloaded and tasks wait for {since}: dd (7) causes 90 % of the traffic"
    assert state["causes"][0]["name"] == "dd"


def make_disk(name, **figures):
    """A disk that does nothing but this."""
    rates = dict.fromkeys(("read", "written", "reads", "writes", "busy", "queue"), 0.0)
    return {"name": name, **rates, "latency": None, "counted": True, **figures}


def test_who_may_not_be_seen_is_not_called_idle():
    """Without root the counters of others are unknown: then nobody is named for the disk."""
    story = Story()
    rows = [make_process(pid=7, name="dd", read=None, written=None)]
    state = story.play(20, pressure=pressed(io=90.0), processes=rows, disk={"read": 5e6, "written": 0.0})
    assert state["text"] == "Disks are overloaded and tasks wait for 40 s"
    rows.append(make_process(pid=8, name="mine", read=1.0, written=0.0))
    state = story.play(1, pressure=pressed(io=90.0), processes=rows, disk={"read": 5e6, "written": 0.0})
    assert state["text"].endswith(": by processes that may not be seen here, or by the kernel itself")


def test_without_pressure_the_older_rules_serve_and_the_sentence_says_so():
    """Not measured is not 0: what is busy may be short, and for disks the CPUs' wait tells."""
    state = Story().play(1, cpu_usage=95.0, pressure=None, processes=[HOG])
    more = "; pressure (PSI) is not measured here"
    assert state["text"] == f"CPU is full (95 %) just now: train.py (7) uses 100 % of it{more}"
    assert Story().play(1, memory=holding(75), pressure=None, processes=[])["text"].endswith(more)
    times = {**dict.fromkeys(make_sample()["cpu_times"], 0.0), "idle": 40.0, "iowait": 60.0}
    state = Story().play(20, cpu_times=times, pressure=None)
    assert (state["level"], state["text"]) == ("critical", "CPUs wait for disks (iowait 59 %) for 40 s")


def test_in_a_container_it_is_the_groups_pressure():
    """And the group is named, whether it has limits or not."""
    story = Story()
    story.play(35, cpu_usage=99.0, pressure=pressed("/docker/abc", cpu=90.0), processes=[HOG])
    assert story.first["text"].startswith("CPU of /docker/abc is full and tasks wait for it for 1 min")
    story = Story()
    story.play(10, pressure=pressed("/docker/abc", memory=30.0), memory=holding(50))
    assert story.first["text"].startswith("Memory of /docker/abc is short and tasks wait for it")
    story = Story()
    story.play(20, pressure=pressed("/docker/abc", io=60.0))
    assert story.first["text"] == "Disks are overloaded for /docker/abc and tasks wait for 40 s"


def test_stolen_time_is_a_shortage_that_pressure_does_not_see():
    """Who waits for a CPU that another virtual machine has is running, as far as this kernel knows."""
    times = {**dict.fromkeys(make_sample()["cpu_times"], 0.0), "steal": 94.0, "user": 1.0, "idle": 5.0}
    state = Story().play(2, cpu_usage=95.0, cpu_times=times, pressure=pressed(cpu=1.0))
    taken = "taken by other virtual machines (steal 94 %)"
    assert (state["level"], state["text"]) == ("critical", f"CPU is full (95 %) for 2 s: {taken}")
    assert state["causes"][0] == {
        "kind": "other",
        "name": "steal",
        "share": pytest.approx(98.9, abs=0.1),
        "processes": [],
        "query": "",
    }


def test_a_threshold_of_ones_own_counts_as_it_is():
    """Who set it wants to hear of it, whatever the pressure; of the others the usual rules go on."""
    own = Story(Thresholds(cpu=(30.0, 60.0)))
    state = own.play(1, cpu_usage=40.0, memory=holding(80))
    assert state["level"] == "warning"
    assert state["text"].startswith("CPU 40 % just now")
    assert own.kinds == ["cpu"]
    assert Story().play(1, cpu_usage=40.0, memory=holding(80))["level"] == "normal"


def test_a_limit_that_stops_its_processes_is_named_as_that():
    """They are slow though the machine has CPU left; one fact is said once, not as a full CPU as well."""
    limits = {"memory_cgroup": None, "memory_total": None, "memory_used": None, "cpu_cgroup": "/docker/abc"}
    limits |= {"cpus": 0.5, "cpu_time": 1.0, "cpu_usage": 100.0, "contained": True}
    held_up = {"limits": limits, "processes": [make_process(pid=7, name="make", cpu=45.0)]}
    story = Story()
    story.play(20, more={"throttled": 90.0}, **held_up, pressure=pressed("/docker/abc", cpu=95.0))
    assert story.kinds == ["throttled"]
    what = "The CPU limit of /docker/abc of 0.5 CPUs is used up, and its processes are held up"
    assert story.first["text"].startswith(f"{what} for ")
    assert story.first["text"].endswith(": make (7) uses 90 % of it")
    assert (story.first["level"], story.first["short_of"]) == ("warning", "limit")
    for unknown in ({}, {"throttled": None}):
        story = Story()
        story.play(20, more=unknown, **held_up)
        assert story.kinds == [], "and it is no trouble where it is not known"


def test_a_gpu_whose_memory_is_full_is_short_and_has_a_cause():
    """Two of them are told apart; without GPUs there is nothing to say."""
    free, full = (make_gpu(at, f"GPU-{at}", "H200", "NVIDIA") for at in range(2))
    free |= {"memory_used": GIB, "memory_total": 140 * GIB}
    holders = [{"pid": 7, "memory": 120 * GIB}, {"pid": 99, "memory": 19 * GIB}]
    full |= {"memory_used": 139 * GIB, "memory_total": 140 * GIB, "holders": holders}
    rows = [make_process(pid=7, name="train.py")]
    story = Story()
    state = story.play(1, more={"gpus": [free, full]}, processes=rows)
    what = "Memory of GPU 1 (H200) is full (99 %) just now: train.py (7) holds 86 % of it"
    assert (state["level"], state["text"], state["short_of"]) == ("critical", what, ["gpu"])
    for gpus in (None, [], [without_figures(full)]):
        assert Story().play(1, more={"gpus": gpus})["text"] == "Calm"


def test_who_holds_little_of_a_gpu_or_is_not_shown_is_not_blamed():
    """As in a container, or with --own-processes; of an only GPU the rows know it too."""
    full = make_gpu(0, "GPU-0", "H200", "NVIDIA") | {"memory_used": 79 * GIB, "memory_total": 80 * GIB}
    for holders in ([{"pid": 5, "memory": 79 * GIB}], [{"pid": 7, "memory": GIB}]):
        state = Story().play(1, more={"gpus": [full | {"holders": holders}]}, processes=[make_process(pid=7)])
        assert state["text"].endswith("by processes that are not shown here")
    rows = [make_process(pid=7, name="train.py", gpu_memory=60.0 * 1024, gpu=None)]
    assert Story().play(1, more={"gpus": [full]}, processes=rows)["text"].endswith("train.py (7) holds 75 % of it")


def test_swap_on_zram_is_called_that():
    """Compressed memory that pages move in and out of, not a disk."""
    moving = {"memory": holding(50, swap_usage=95.0), "swap_in": 4096.0}
    state = Story().play(1, **moving, disks=[make_disk("zram0", read=4096.0, counted=False)])
    assert state["text"] == "Swap (zram, compressed memory) 95 % just now: pages move in or out"
    assert Story().play(1, **moving, disks=[make_disk("zram0")])["text"].startswith("Swap 95 %")


def test_a_network_at_work_is_news_and_one_that_loses_packets_a_trouble():
    """Nobody is named, for the kernel counts no process's traffic; a bridge's drops are not the line's."""
    story = Story()
    state = story.play(1, network={"received": 110 * 2**20, "sent": 2**20}, processes=[])
    assert (state["level"], state["text"]) == ("normal", "Calm. Network: 110 MiB/s in, 1.0 MiB/s out")
    line = {"name": "eth0", "received": 0.0, "sent": 0.0, "errors": 500.0, "drops": 400.0, "counted": True}
    story.play(1, interfaces=[{**line, "errors": 0.0, "drops": 0.0}])
    state = story.play(10, interfaces=[line, {**line, "name": "br0", "errors": 9e9, "counted": False}])
    assert (state["level"], state["short_of"]) == ("warning", ["network"])
    assert state["text"] == "Interface eth0 loses packets, 900 a second, for 20 s"
    assert Story().play(10, interfaces=[{**line, "errors": 0.0, "drops": 30.0}])["text"] == "Calm"


def test_one_fact_is_said_once():
    """Memory that is short, swap that moves and a forecast are the same trouble."""
    story = Story()
    moving = {"memory": holding(95, swap_usage=95.0), "swap_in": 4096.0, "pressure": pressed(memory=80.0)}
    story.play(10, **moving)
    assert story.kinds == ["memory"]


def test_many_tasks_that_wait_for_disks_are_found_without_pressure_too():
    """As where a network filesystem's server is away: nobody gets on, and nothing is measured as full."""
    story = Story()
    state = story.play(20, blocked=17)
    assert (state["level"], state["text"]) == ("warning", "17 tasks wait for disks for 40 s")
    assert Story().play(20, blocked=5)["text"] == "Calm"


@pytest.mark.parametrize(("looked", "so_long"), [(True, "for 18 s"), (False, "for at least 18 s")])
def test_what_began_before_anybody_looked_is_for_at_least_so_long(looked, so_long):
    """A page that is opened in the middle of it does not know when it began."""
    state = Story(looked=looked).play(10, pressure=None, cpu_usage=95.0, processes=[HOG])
    assert f" {so_long}: " in state["text"]
