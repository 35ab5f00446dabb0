"""What is wrong, since when, and who."""

from __future__ import annotations

import pytest

from procwidget.sources.scripted import make_process, make_sample
from procwidget.state.alerts import Alerts
from procwidget.thresholds import Thresholds


def at(moment: float, **changes):
    """A sample `moment` seconds into the story, of a system that measures no pressure unless it is given."""
    given = {"pressure": None, **changes}
    return make_sample(monotonic=100.0 + moment, time=5000.0 + moment, interval=2.0, **given)


def headline(alerts):
    """The level and the sentence of now."""
    return alerts.state["level"], alerts.state["text"]


def test_a_quiet_host_is_calm():
    """Without anything above its threshold the headline is one word."""
    alerts = Alerts(Thresholds())
    alerts.update(at(0, cpu_usage=5.0, memory_usage=20.0))
    assert headline(alerts) == ("normal", "Calm")


def test_the_headline_says_what_since_when_and_who():
    """The sentence names the figure, how long, the process and its share of what is used."""
    alerts = Alerts(Thresholds())
    hog = make_process(pid=1234, name="python", cpu=180.0)
    for moment in range(0, 41, 2):
        alerts.update(at(moment, cpu_usage=97.0, processes=[make_process(pid=1, cpu=1.0), hog]))
    level, text = headline(alerts)
    assert level == "critical"
    assert text == (
        "CPU is full (97 %) for at least 40 s: python (1234) uses 92 % of it; pressure (PSI) is not measured here"
    )


def test_a_short_dip_does_not_restart_the_clock():
    """One reading below the threshold keeps "since"; a longer calm ends the alert."""
    alerts = Alerts(Thresholds())
    alerts.update(at(0, cpu_usage=95.0))
    assert alerts.update(at(2, cpu_usage=60.0)) == []
    assert alerts.update(at(4, cpu_usage=95.0))[0]["since"] == 5000.0
    for moment in (6, 8, 10, 12):
        assert alerts.update(at(moment, cpu_usage=60.0)) == []
    assert alerts.update(at(14, cpu_usage=95.0))[0]["since"] == 5014.0


def test_what_happened_without_readings_is_not_claimed():
    """After minutes in which nobody watched, an alert begins anew: nothing is known of the time between."""
    alerts = Alerts(Thresholds())
    for moment in (0, 2, 4):
        alerts.update(at(moment, cpu_usage=95.0))
    assert alerts.update({**at(544, cpu_usage=95.0), "interval": 540.0})[0]["seconds"] == 0.0
    assert alerts.update(at(546, cpu_usage=95.0))[0]["seconds"] == 2.0


def test_callbacks_hear_the_beginning_the_change_and_the_end():
    """A callback is called when something changes, not every tick."""
    heard = []
    alerts = Alerts(Thresholds())
    alerts.register(lambda alert: heard.append((alert["kind"], alert["level"], alert["state"])))
    for moment, usage in enumerate([50.0, 75.0, 76.0, 95.0, 50.0, 50.0, 50.0, 50.0]):
        alerts.update(at(moment * 2, cpu_usage=usage))
    assert heard == [("cpu", "warning", "began"), ("cpu", "critical", "changed"), ("cpu", "critical", "ended")]


def test_a_process_above_a_threshold_of_ones_own_is_an_alert_after_it_settled():
    """A spike of one process is not an alert; ten seconds of it are, for who asked, and of the machine's CPU."""
    hog = make_process(pid=9, name="spin", cpu=100.0, memory=4 * 1024.0)
    asked = Alerts(Thresholds(process_cpu=(40.0, 90.0), process_memory=(20.0, 24.0)))
    usual, few = Alerts(Thresholds()), Alerts(Thresholds(process_cpu=(60.0, 90.0)))
    assert asked.update(at(0, processes=[hog])) == []
    for moment in range(2, 12, 2):
        for alerts in (asked, usual, few):
            alerts.update(at(moment, processes=[hog]))
    assert [(alert["kind"], alert["level"], alert["text"]) for alert in asked.current] == [
        ("process_memory", "critical", "spin (9) holds 25 % of memory for at least 10 s"),
        ("process_cpu", "warning", "spin (9) uses 50 % of the CPU for at least 10 s"),
    ]
    assert asked.current[0]["process"] == {"pid": 9, "name": "spin", "identity": hog["identity"]}
    assert usual.current == few.current == []


@pytest.mark.parametrize("status", ["zombie", "stopped", "disk-sleep"])
def test_a_process_that_hangs_is_found(status):
    """Zombies, stopped and stuck processes are alerts once they stayed so for ten seconds."""
    alerts = Alerts(Thresholds())
    stuck = make_process(pid=9, name="dd", status=status, cpu_time=1.0)
    found = []
    for moment in range(0, 12, 2):
        found = alerts.update(at(moment, processes=[stuck]))
    assert [alert["kind"] for alert in found] == [status]


def test_what_hangs_is_known_before_it_is_an_alert_and_dated_as_that():
    """Rows are coloured by this, so row and alert begin together; what dips for a reading is left out meanwhile."""
    alerts = Alerts(Thresholds())

    def hanging(moment, *statuses):
        rows = [make_process(pid=pid, status=status) for pid, status in enumerate(statuses, 1)]
        alerts.update(at(moment, processes=rows), 2.0)
        return dict(alerts.hanging)

    first, second = (make_process(pid=pid)["identity"] for pid in (1, 2))
    assert hanging(0, "zombie", "sleeping") == {first: 5000.0}
    assert hanging(2, "zombie", "stopped") == {first: 5000.0, second: 5002.0}
    assert hanging(4, "zombie", "sleeping") == {first: 5000.0}
    assert hanging(6, "zombie", "stopped") == {first: 5000.0, second: 5002.0}
    for moment in (8, 10, 12):
        assert hanging(moment, "sleeping", "stopped") == {second: 5002.0}
    assert [alert["since"] for alert in alerts.current] == [5002.0]


def test_a_process_that_waits_for_a_disk_but_gets_on_does_not_hang():
    """Uninterruptible sleep at every reading is normal for busy input and output, as long as CPU time grows."""
    alerts = Alerts(Thresholds())
    for moment in range(0, 60, 2):
        busy = make_process(pid=9, status="disk-sleep", cpu_time=float(moment))
        assert alerts.update(at(moment, processes=[busy])) == []


def test_critical_comes_before_warning_and_the_host_before_processes():
    """The worst is first."""
    alerts = Alerts(Thresholds())
    rows = [make_process(pid=9, cpu=100.0, status="running"), make_process(pid=8, status="zombie")]
    for moment in range(0, 14, 2):
        found = alerts.update(at(moment, memory_usage=75.0, cpu_usage=95.0, processes=rows))
    assert [alert["kind"] for alert in found] == ["cpu", "memory", "zombie"]


@pytest.mark.parametrize("jump", [-3600.0, 3600.0])
def test_a_jump_of_the_wall_clock_does_not_change_how_long(jump):
    """How long something lasts is time that passed, whatever became of the time of day."""
    alerts = Alerts(Thresholds())
    for passed in range(0, 41, 2):
        time = 9000.0 + passed + (jump if passed > 20 else 0.0)
        (alert,) = alerts.update({**at(passed, cpu_usage=99.0), "time": time})
    assert alert["seconds"] == 40.0
    assert "for at least 40 s" in alert["text"]


def test_a_callback_that_raises_costs_nobody_else_the_alert():
    """The other callbacks hear of it, and the caller gets the alerts."""
    alerts, heard = Alerts(Thresholds()), []
    alerts.register(lambda alert: 1 / 0)
    alerts.register(heard.append)
    assert len(alerts.update(at(0, cpu_usage=99.0))) == len(heard) == 1


def test_another_interval_ends_no_alert():
    """The first readings come close together, and a user may choose another interval: what is on stays on."""
    heard = []
    alerts = Alerts(Thresholds())
    alerts.register(lambda alert: heard.append(alert["state"]))
    for moment, interval, planned in [(0, 0.0, 2), (0.25, 0.25, 2), (2.25, 2, 2), (12.25, 10, 10), (14.25, 2, 2)]:
        alerts.update({**at(moment, cpu_usage=95.0), "interval": interval}, planned)
    assert heard == ["began"]
    assert alerts.current[0]["since"] == 5000.0


def test_every_alert_that_began_ends():
    """A process stuck on a disk that runs for a moment has its alert ended before another begins."""
    heard = []
    alerts = Alerts(Thresholds())
    alerts.register(lambda alert: heard.append(alert["state"]))
    for moment in range(0, 40, 2):
        alerts.update(at(moment, processes=[make_process(status="disk-sleep", cpu_time=float(moment >= 16))]))
    for moment in range(40, 50, 2):
        alerts.update(at(moment))
    assert heard == ["began", "ended", "began", "ended"]


@pytest.mark.parametrize(("contained", "who"), [(True, ": postgres (10) holds 100 % of it"), (False, "")])
def test_nobody_outside_a_limited_group_is_blamed(contained, who):
    """Where the group has only some of the processes it is not known which, so none is named."""
    limits = {"memory_cgroup": "/ana", "memory_total": 2**31, "memory_used": 2**31, "cpu_cgroup": None}
    limits |= {"cpus": None, "cpu_time": None, "cpu_usage": None, "contained": contained}
    postgres = make_process(pid=10, name="postgres", memory=40.0 * 1024)
    found = Alerts(Thresholds()).update(at(0, limits=limits, processes=[postgres]))
    assert found[0]["text"] == f"Memory of /ana is nearly full (100 %) now{who}; pressure (PSI) is not measured here"
    assert (found[0]["process"] is not None) == contained


def swapping(usage, **rates):
    """A sample's keys for swap in use to `usage` percent, and the rates at which pages move."""
    memory = {**make_sample()["memory"], "swap_used": int(usage * 2**20), "swap_total": 100 * 2**20}
    return {"memory": {**memory, "swap_usage": usage}, "swap_in": 0.0, "swap_out": 0.0, **rates}


def test_swap_that_is_full_and_still_is_no_alarm():
    """Zram is used for weeks on a machine that lacks nothing; only pages that move slow it down."""
    alerts = Alerts(Thresholds())
    assert alerts.update(at(0, **swapping(95.0))) == []
    moving = alerts.update(at(2, **swapping(95.0, swap_in=4096.0)))
    assert [alert["text"] for alert in moving] == ["Swap 95 % just now: pages move in or out"]
    assert len(alerts.update(at(4, **swapping(95.0)))) == 1, "a pause of one reading is none"
    assert len(alerts.update(at(6, **swapping(95.0, swap_out=4096.0)))) == 1
    for moment in (8, 10, 12):
        found = alerts.update(at(moment, **swapping(95.0)))
    assert found == []


def test_swap_is_judged_by_how_full_it_is_where_pages_are_not_counted():
    """Unknown is not still; but the first reading of a host that counts is not unknown for long."""
    unknown = swapping(95.0, swap_in=None, swap_out=None)
    found = Alerts(Thresholds()).update(at(0, **unknown))
    assert [alert["text"] for alert in found] == ["Swap 95 % now"]
    assert Alerts(Thresholds()).update({**at(0, **unknown), "interval": None}) == []


def test_a_figure_that_moves_around_its_threshold_does_not_flap():
    """What began at 90 ends below 85, what began at 70 below 65, and nobody is called each time."""
    heard = []
    alerts = Alerts(Thresholds())
    alerts.register(lambda alert: heard.append((alert["level"], alert["state"])))
    for moment, usage in enumerate(
        [91.0, 88.0, 92.0, 86.0, 91.0, 84.0, 88.0, 71.0, 66.0, 71.0, 64.0, 66.0, 66.0, 66.0]
    ):
        alerts.update(at(moment * 2, cpu_usage=usage))
    assert heard == [("critical", "began"), ("warning", "changed"), ("warning", "ended")]


def busy(seconds, rows, **changes):
    """The headline after so many seconds with these rows."""
    alerts = Alerts(Thresholds())
    for moment in range(0, seconds + 1, 2):
        sample = at(moment, processes=rows, **changes)
        alerts.update(sample)
    return headline(alerts)


@pytest.mark.parametrize(
    ("cpu", "much"), [(99.6, "one core"), (180.0, "1.8 cores"), (94.0, "0.9 of a core"), (60.0, "0.6 of a core")]
)
def test_one_busy_process_of_a_machine_with_cpu_left_is_news_and_no_alarm(cpu, much):
    """A compute node of 256 CPUs would never be calm; who is busiest is said all the same."""
    rows = [make_process(pid=1234, name="train.py", cpu=cpu), make_process(pid=5, name="b", cpu=52.0)]
    sentence = busy(10, rows, cpu_usage=0.6, per_cpu=[0.0] * 255 + [99.6])
    assert sentence == ("normal", f"Calm. Busiest: train.py (1234), {much} for at least 10 s")


def test_a_busy_process_is_a_cause_where_the_cpu_is_short():
    """How short it is decides the level: one core of many does not make a warning critical."""
    rows = [make_process(pid=1234, name="train.py", cpu=180.0)]
    level, text = busy(10, rows, cpu_usage=95.0)
    unmeasured = "; pressure (PSI) is not measured here"
    by = "train.py (1234) uses 94 % of it"
    assert (level, text) == ("critical", f"CPU is full (95 %) for at least 10 s: {by}{unmeasured}")
    level, text = busy(10, rows, cpu_usage=75.0, per_cpu=[75.0] * 256)
    by = "by processes that are not shown here"
    assert (level, text) == ("warning", f"CPU 75 % for at least 10 s: {by}{unmeasured}")


def test_a_busy_process_hides_no_other_trouble():
    """What hangs, or fills memory, decides the level; the busy one is one more."""
    rows = [make_process(pid=9, cpu=100.0), make_process(pid=8, name="sh", status="zombie")]
    assert busy(10, rows, cpu_usage=30.0) == ("warning", "sh (8) is a zombie for at least 10 s")


def test_what_is_unknown_is_not_called_calm():
    """A /proc that shows only processes tells neither CPU nor memory; one of the two is enough to say something."""
    unknown = {"cpu_usage": None, "per_cpu": [], "memory": None, "memory_usage": None}
    assert busy(0, [], **unknown) == ("normal", "CPU and memory cannot be read here")
    text = busy(10, [make_process(pid=9, name="spin", cpu=100.0)], **unknown)[1]
    assert text == "CPU and memory cannot be read here. Busiest: spin (9), one core for at least 10 s"
    assert busy(0, [], cpu_usage=None) == ("normal", "Calm")
