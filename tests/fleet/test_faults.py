"""What goes wrong on a real cluster: what is killed, hung, cut off or lies is said so, and the others go on."""

from __future__ import annotations

import signal
import time

import pytest

from procwidget.errors import ProcwidgetError
from procwidget.fleet import core_archive
from tests.fleet.cluster import HIDDEN, Cluster, nanny_of
from tests.patience import until
from tests.unit.action_stage import needs_root


@pytest.fixture(scope="module")
def harmed(tmp_path_factory):
    """A cluster for these tests alone: a host, one without procwidget, and one whose worker has no nanny."""
    needs_root()
    made = Cluster(tmp_path_factory.mktemp("harmed"))
    made.whole = made.start_worker(host="whole")
    made.bare = made.start_worker(host="bare", code=HIDDEN)
    made.alone = made.start_worker("--no-nanny", host="alone")
    made.wait_for_workers(3)
    made.there = {"whole", "bare", "alone"}
    yield made
    made.close()


@pytest.fixture
def fleet(harmed, make_fleet):
    made = make_fleet(harmed.address)
    made.hosts.look(made)
    until(lambda: all(rows(made).get(name, {}).get("cpu") is not None for name in harmed.there))
    return made


def rows(fleet):
    return {row["host"]: row for row in fleet.rows()}


def worker_of(process):
    """The process of a worker, which its nanny started."""
    nanny = nanny_of(process)
    return until(lambda: next((p for p in nanny.children() if "spawn_main" in " ".join(p.cmdline())), None))


def test_a_host_without_procwidget_is_read_all_the_same(fleet):
    """The core is sent along, and nothing of ours is imported from the host."""
    assert rows(fleet)["bare"]["processes"] >= 1
    assert fleet.find("name~python", most=5)


def test_a_worker_without_a_nanny_says_what_that_means(fleet):
    """Its agent is in the worker, and the row says that a task can silence it."""
    assert "no nanny" in rows(fleet)["alone"]["note"]
    assert rows(fleet)["whole"]["note"] == ""


def test_a_task_that_holds_the_gil_silences_no_host_with_a_nanny(harmed, fleet):
    """While a task keeps its worker from running anything else, the host's rows go on."""
    with harmed.client() as client:
        address = next(a for a, name in client.run(lambda: __import__("platform").node()).items() if name == "whole")
        future = client.submit(_hold_the_gil, 8.0, workers=[address], pure=False)
        host = fleet.hosts.named("whole")
        longest = 0.0
        while not future.done():
            longest = max(longest, fleet.hosts.silent_for(host))
            time.sleep(0.05)
        # An agent in the worker would be silent for all of that time.
        assert longest < 5.0


def _hold_the_gil(seconds):
    import ctypes

    ctypes.PyDLL(None).usleep(int(seconds * 1e6))


def test_a_hung_host_is_silent_and_holds_up_nobody(harmed, fleet):
    """It is said since when it was not heard; all others are heard and asked on; when it wakes it is back."""
    processes = [nanny_of(harmed.whole), *nanny_of(harmed.whole).children(recursive=True)]
    for one in processes:
        one.send_signal(signal.SIGSTOP)
    try:
        until(lambda: rows(fleet)["whole"]["state"] == "silent")
        assert rows(fleet)["whole"]["text"].startswith("Not heard for")
        assert rows(fleet)["bare"]["state"] not in ("silent", "lost")
        assert {row["host"] for row in fleet.search("name~python", 5, "cpu")[0]} == {"bare", "alone"}
        with pytest.raises(ProcwidgetError):
            fleet.hosts.ask(fleet.hosts.named("whole"), "find", 0.5, query="", most=1, sort="cpu")
    finally:
        for one in processes:
            one.send_signal(signal.SIGCONT)
    until(lambda: rows(fleet)["whole"]["state"] not in ("silent", "lost"))


def test_a_lying_client_or_worker_changes_nothing(harmed, fleet):
    """Rows that are huge, no numbers, foreign or forged are dropped; the hosts that there are stay as they are."""
    topic = core_archive.core_archive().name
    token = fleet.hosts.named("whole").token
    lies = [
        None,
        "x",
        {"from": token, "number": 10**9, "row": b"x" * 100_000, "sign": b"12345678"},
        {"from": token, "number": 10**9, "row": b"[NaN]", "sign": b""},
        {"from": "nobody", "number": 1, "row": b"[]", "sign": b"12345678"},
        {"from": token, "number": "1", "row": {}, "sign": 5},
    ]
    heard = []
    take, fleet.hosts.take_row = fleet.hosts.take_row, lambda message: (heard.append(message), take(message))
    with harmed.client() as client:
        for lie in lies:
            client.log_event(topic, lie)
        until(lambda: all(any(message == lie for message in heard) for lie in lies))
    host = fleet.hosts.named("whole")
    assert host.number < 10**9
    assert sorted(rows(fleet)) == ["alone", "bare", "whole"]


def test_a_killed_worker_is_shown_and_its_host_goes_on(harmed, fleet):
    """The nanny outlives its worker: the row's count falls at once, and figures go on; the nanny starts another."""
    worker_of(harmed.whole).kill()
    until(lambda: rows(fleet)["whole"]["workers"] == 0)
    assert rows(fleet)["whole"]["state"] != "lost"
    until(lambda: rows(fleet)["whole"]["workers"] == 1)
    number = fleet.hosts.named("whole").number
    until(lambda: fleet.hosts.named("whole").number > number)


def test_a_killed_nanny_is_a_lost_host(harmed, fleet):
    """Without its nanny the host is not heard, and has no worker after a moment; nothing is called calm."""
    harmed.there.remove("bare")
    nanny = nanny_of(harmed.bare)
    for one in [*nanny.children(recursive=True), nanny]:
        one.kill()
    until(lambda: rows(fleet)["bare"]["state"] == "silent" and rows(fleet)["bare"]["workers"] == 0)
    assert "no worker of it is connected" in rows(fleet)["bare"]["text"]
    assert rows(fleet)["bare"]["cpu"] is None


def test_after_a_restart_of_the_scheduler_everything_is_set_up_again(harmed, fleet):
    """The scheduler forgets agents and subscriptions: when workers are back their figures are, without any call."""
    harmed.scheduler.kill()
    harmed.scheduler.wait()
    until(lambda: fleet.hosts.trouble)
    assert fleet.headline_of(fleet.rows())["level"] == "critical"
    harmed.scheduler = harmed.start_scheduler()
    # It comes when the nannies have their agents, and has none itself.
    harmed.start_worker("--no-nanny", host="later")
    until(lambda: rows(fleet).get("later", {}).get("cpu") is not None)
    assert fleet.hosts.trouble == ""
