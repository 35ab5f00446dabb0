"""One sentence for each trouble that is not a shortage of CPU, memory or disks: what it says, and when it ends."""

from __future__ import annotations

import pytest

from procwidget.sources.scripted import make_process, make_sample
from tests.unit.state_stage import GIB, Story, holding


def filesystem(mount="/data", **figures):
    """A filesystem with 100 GiB, half of them used, but for these figures."""
    usual = {"total": 100 * GIB, "used": 50 * GIB, "available": 50 * GIB, "usage": 50.0}
    usual |= {"inodes": 1000, "inodes_used": 10, "inodes_usage": 1.0, "read_only": False, "stuck": False}
    return {"mount": mount, "device": "/dev/sdb1", "type": "ext4", **usual, **figures}


@pytest.mark.parametrize(("usage", "level"), [(93.0, "warning"), (99.0, "critical")])
def test_a_full_filesystem_is_short_of_space(usage, level):
    """How much is left is said, for 90 % of much is not 90 % of little; an image is full for good."""
    story = Story()
    full = filesystem(usage=usage, available=2 * GIB)
    state = story.play(1, filesystems=[filesystem("/"), full])
    assert (state["level"], state["short_of"]) == (level, ["space"])
    assert state["text"] == f"Filesystem /data is full ({usage:.0f} %, 2.0 GiB free)"
    assert state["causes"][0]["kind"] == "other"
    assert story.play(4, filesystems=[filesystem("/")])["text"] == "Calm"
    assert Story().play(1, filesystems=[{**full, "read_only": True}])["text"] == "Calm"
    assert Story().play(1, filesystems=None)["text"] == "Calm"


def test_a_filesystem_without_inodes_is_full_though_it_has_space():
    """No file can be made, and df shows half of it free."""
    state = Story().play(1, filesystems=[filesystem(inodes_usage=100.0)])
    assert state["level"] == "critical"
    assert state["text"] == "Filesystem /data is out of inodes (100 %): no more files can be made"


def test_a_filesystem_that_became_read_only_is_told_from_one_that_is():
    """A CD is read-only; a disk that was written to a moment ago has failed."""
    story = Story()
    assert story.play(3, filesystems=[filesystem(read_only=True)])["text"] == "Calm"
    story.play(1, filesystems=[filesystem()])
    state = story.play(2, filesystems=[filesystem(read_only=True)])
    assert state["level"] == "critical"
    assert state["text"].startswith("Filesystem /data became read-only, as it does after an error of its disk")


def test_a_filesystem_that_does_not_answer_is_said_to():
    """As one whose server is away: whoever looks at it hangs."""
    state = Story().play(3, filesystems=[filesystem("/mnt/nfs", usage=None, stuck=True)])
    assert (state["level"], state["text"]) == ("warning", "Filesystem /mnt/nfs does not answer for 4 s")


def test_processes_that_the_kernel_ended_are_told_by_the_difference_and_for_a_minute():
    """Who was the largest and is gone since was probably it; of several nobody can say."""
    story = Story()
    large = make_process(pid=7, name="train.py", memory=60 * 1024.0)
    rows = [large, make_process(pid=8, name="small"), make_process(pid=9, name="big", memory=30 * 1024.0)]
    story.play(2, memory=holding(85), processes=rows)
    state = story.play(1, memory=holding(30), processes=rows[1:], oom_kills=1)
    assert (state["level"], state["short_of"]) == ("critical", ["memory"])
    ended = "Memory ran out: the kernel ended 1 process"
    assert state["text"] == f"{ended}, probably train.py (7), which held 60.0 GiB and is gone"
    assert state["causes"][0]["name"] == "train.py"
    assert story.play(1, memory=holding(30), processes=rows[1:])["text"] == state["text"]
    state = story.play(1, memory=holding(1), processes=rows[1:2], oom_kills=2)
    assert state["text"] == "Memory ran out: the kernel ended 3 processes"
    assert story.play(40)["text"] == "Calm"


def test_what_the_kernel_ended_while_nobody_looked_is_no_news():
    """A page that was left for the night shows its first reading of the morning."""
    story = Story()
    late = make_sample(monotonic=7300.0, time=12300.0, interval=7198.0, oom_kills=3)
    assert story.alerts.update(late, 2.0) == []


def test_who_ended_by_itself_is_not_said_to_be_ended_for_memory():
    """A small process that is gone was hardly chosen."""
    story = Story()
    story.play(1, memory=holding(85), processes=[make_process(pid=7, memory=20.0)])
    assert story.play(1, processes=[], oom_kills=1)["text"] == "Memory ran out: the kernel ended 1 process"


def killed_by(signal, *rows):
    """How these processes ended, as a sample says it."""
    return [{"pid": r["pid"], "identity": r["identity"], "name": r["name"], "signal": signal} for r in rows]


IN_A_GROUP = "Memory ran out in a control group with a limit of its own: the kernel ended"


def test_a_kill_while_the_host_has_room_is_one_of_a_control_group_and_names_who_was_killed():
    """Nobody seeks the cause on a host that holds 17 %; however small they were, SIGKILL tells who it was."""
    story = Story()
    rows = [make_process(pid=pid, name="worker", memory=float(pid)) for pid in (7, 8, 9)]
    story.play(1, memory=holding(17), processes=rows)
    state = story.play(
        1, memory=holding(17), processes=[rows[2]], oom_kills=2, exits=killed_by("SIGKILL", rows[0], rows[1])
    )
    names = "worker (8) with 8.0 MiB and worker (7) with 7.0 MiB"
    assert state["text"] == f"{IN_A_GROUP} 2 processes, probably {names}"
    assert (state["short_of"], state["causes"][0]["query"]) == (["limit"], "pid=8")


def test_who_was_killed_just_before_the_reading_is_named_at_the_next_one():
    """The counter rises at once, and to end takes a moment; one that ended by itself is not named."""
    story = Story()
    row, other = make_process(pid=7, memory=20.0), make_process(pid=8, memory=30.0)
    story.play(1, memory=holding(17), processes=[row, other])
    exits = killed_by(None, other)
    assert (
        story.play(1, memory=holding(17), processes=[row], oom_kills=1, exits=exits)["text"]
        == f"{IN_A_GROUP} 1 process"
    )
    state = story.play(1, memory=holding(17), processes=[], exits=killed_by("SIGKILL", row))
    assert state["text"] == f"{IN_A_GROUP} 1 process, probably sleep (7), which held 20.0 MiB and is gone"


def test_who_is_gone_from_a_group_is_named_as_that_where_nobody_tells_how_it_ended():
    """A tenth of the host's memory, as elsewhere, is more than a small group has."""
    story = Story()
    story.play(1, memory=holding(17), processes=[make_process(pid=7, memory=20.0)])
    state = story.play(1, memory=holding(17), processes=[], oom_kills=1)
    assert state["text"] == f"{IN_A_GROUP} 1 process; gone since the reading before: sleep (7) with 20.0 MiB"


def test_kills_by_the_group_that_counts_here_are_no_others():
    """In a container whose own memory is full the sentence is about that."""
    story = Story()
    full = {**make_sample()["effective"], "memory_usage": 99.0, "memory_cgroup": "/docker/a"}
    story.play(1, memory=holding(17), effective=full)
    text = story.play(1, memory=holding(17), oom_kills=1)["text"]
    assert text == "Memory ran out: the kernel ended 1 process"


def zombies(count, **changes):
    """So many zombies of one parent, and the parent."""
    parent = make_process(pid=2999, name="supervisord")
    return [
        parent,
        *(make_process(pid=3000 + at, name="sh", ppid=2999, status="zombie", **changes) for at in range(count)),
    ]


def test_many_zombies_are_one_trouble_that_of_their_parent():
    """Forty alerts would hide all others; who left them is who can be ended."""
    story = Story()
    state = story.play(6, processes=zombies(40))
    assert state["text"] == "40 zombies of sh, left by supervisord (2999) for 10 s"
    assert story.kinds == ["zombie"]
    cause = state["causes"][0]
    assert (cause["name"], cause["query"]) == ("supervisord", "status=zombie ppid=2999")
    state = story.play(1, processes=zombies(1))
    assert state["text"] == "sh (3000) is a zombie, left by supervisord (2999) for 12 s"
    assert len(story.alerts.hanging) == 1


def test_many_processes_that_hang_for_one_reason_are_one_trouble():
    """As all that wait for one server; two of them are two, for they may have nothing in common."""
    story = Story()
    rows = [make_process(pid=pid, name="ls", user="ana", status="disk-sleep") for pid in (1, 2, 3)]
    state = story.play(6, processes=rows)
    assert state["text"] == "3 processes of ls hang in uninterruptible sleep for 10 s"
    assert state["causes"][0]["query"] == "status=disk-sleep name=ls user=ana"
    assert len(story.alerts.current) == 1
    story.play(3, processes=rows[:2])
    assert len(story.alerts.current) == 2


def grow(story, readings, rows=(), step=0.4, start=60.0):
    """Have memory grow by `step` GiB a reading, and one process with it."""
    used = start
    for _ in range(readings):
        used += step
        hog = make_process(pid=7, name="train.py", memory=(used - start) * 1024.0)
        state = story.play(1, memory=holding(used), processes=[hog, *rows])
    return state


def test_memory_that_is_full_soon_is_said_before_it_is():
    """Where it grows steadily: when, who grows, and who may end processes before."""
    state = grow(Story(), 32)
    text = "Memory is full in about 2 min: train.py (7) grows"
    assert (state["level"], state["text"]) == ("warning", text)
    assert state["short_of"] == ["memory"]
    assert state["causes"][0]["query"] == "pid=7"
    state = grow(Story(), 32, [make_process(pid=3, name="earlyoom")])
    assert state["text"] == f"{text}; earlyoom may end processes before"


def test_memory_that_is_full_within_a_minute_is_said_in_seconds():
    """There is time to save, or there is not: by fives, for nobody knows it better."""
    assert grow(Story(), 32, start=50.0, step=1.1)["text"].endswith("in about 25 s: train.py (7) grows")


def test_memory_that_grows_once_or_slowly_is_no_forecast():
    """One that loads a file stops, and what takes a day is no news of today."""
    assert grow(Story(), 60, step=0.005)["text"] == "Calm"
    story = Story()
    story.play(20, memory=holding(60))
    story.play(1, memory=holding(75))
    assert story.play(20, memory=holding(75))["text"] == "Calm"
    falling = Story()
    for used in range(80, 60, -1):
        falling.play(1, memory=holding(used))
    assert falling.alerts.state["text"] == "Calm"


def test_what_will_be_full_and_nearly_is_said_in_one_sentence():
    """It is one fact."""
    story = Story()
    state = grow(story, 32, start=88.0, step=0.1)
    assert story.kinds == ["memory"]
    assert state["text"].startswith("Memory is nearly full (91 %) for ")
    assert "; full in about 3 min: train.py (7) grows" in state["text"]


def test_the_notebook_that_grows_is_named_from_the_first_sentence_on():
    """Its kernel by its name; several workers that fill memory together as the notebook. Its name is read before."""
    story, used = Story(), 60.0
    for turn in range(32):
        used += 0.4
        rows = [make_process(pid=pid, name="python3", memory=turn * 100.0) for pid in (1, 2, 3, 4)]
        named = [{**row, "notebook": "train.ipynb"} if "notebook" in story.alerts.wanted else row for row in rows]
        state = story.play(1, memory=holding(used), processes=named)
        assert "python3" not in state["text"]
    assert state["text"] == "Memory is full in about 2 min: train.ipynb (4 processes) grows"
    assert state["causes"][0]["query"] == "notebook=train.ipynb"


def test_several_programs_growing_are_named_as_one_where_they_are_of_one_name():
    """Workers that fill memory together, each a little."""
    story, used = Story(), 60.0
    for turn in range(32):
        used += 0.4
        rows = [make_process(pid=pid, name="worker", user="ana", memory=turn * 100.0) for pid in (1, 2, 3, 4)]
        state = story.play(1, memory=holding(used), processes=rows)
    assert state["text"] == "Memory is full in about 2 min: worker (4 processes) grows"
    assert state["causes"][0]["query"] == "name=worker user=ana"


def test_the_state_lists_what_is_short_and_why_each_once():
    """The worst first, as the alerts stand; what is no shortage is a trouble all the same."""
    story = Story()
    state = story.play(
        8,
        memory=holding(92),
        filesystems=[filesystem(usage=99.0)],
        processes=[make_process(pid=7, name="db", memory=80 * 1024.0), *zombies(3)],
    )
    assert state["level"] == "critical"
    assert state["text"] == "Filesystem /data is full (99 %, 50.0 GiB free), and 2 more"
    assert state["short_of"] == ["space", "memory"]
    assert [cause["name"] for cause in state["causes"]] == ["/data", "db", "supervisord"]
