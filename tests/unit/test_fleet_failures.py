"""An agent that fails: its host is said to be without figures and why, and neither the others nor the fleet suffer."""

from __future__ import annotations

import asyncio

import pytest

from procwidget.errors import ProcwidgetError
from procwidget.fleet.agent import LEASE
from procwidget.fleet.attached import attach, detach
from tests.patience import until
from tests.unit.test_host_seam import make_agent, make_fleet

__all__ = ["make_fleet"]


def fails(*_args, **_more):
    raise RuntimeError("broken on purpose")


class Carrier:
    """A nanny, as far as an agent needs one."""

    scheduler_addr = scheduler = "test://scheduler"

    def __init__(self):
        self.handlers = {}


def rows(fleet):
    return {row["host"]: row for row in fleet.rows()}


def looked_at(make_fleet, broken, fine):
    """A fleet of both, looked at until the fine one has told its figures."""
    fleet, wire = make_fleet(fine)
    wire.agents["broken"] = broken
    broken._publish = wire.publish
    fleet.hosts.take_peers(wire.peers())
    fleet.hosts.look(fleet)
    until(lambda: rows(fleet)["fine"]["cpu"] is not None)
    return fleet, wire


@pytest.mark.parametrize(
    ("breaks", "name", "says"),
    [
        (lambda agent: setattr(agent, "hello", fails), "broken", "procwidget failed on that host (RuntimeError)"),
        (lambda agent: setattr(agent, "lease", fails), "node1", "procwidget failed on that host (RuntimeError)"),
        (lambda agent: setattr(agent.monitor.source, "read", fails), "node1", "could not be read: broken on purpose"),
        (lambda agent: setattr(agent, "_alerts", None), "node1", "cannot be told (AttributeError"),
    ],
    ids=["greeting", "lease", "reading", "row"],
)
def test_it_is_said_why_there_are_no_figures(make_fleet, breaks, name, says):
    """Whichever of its parts fails, its row has no figures and says what failed; the other host has its own."""
    broken, fine = make_agent("node1"), make_agent("fine")
    breaks(broken)
    fleet, _ = looked_at(make_fleet, broken, fine)
    row = until(lambda: (row := rows(fleet).get(name)) and says in row["text"] and row)
    assert row["state"] in ("silent", "lost")
    assert row["cpu"] is row["memory"] is row["top_cpu"] is None
    assert rows(fleet)["fine"]["state"] == "normal"
    assert fleet.headline_of(fleet.rows())["text"] == f"1 of 2 hosts without figures: {name}"
    assert "fine" in {row["host"] for row in fleet.search("", 5, "cpu")[0]}


def test_a_failure_that_is_over_is_over(make_fleet):
    """The first reading that succeeds again has figures, and nothing of what failed before."""
    broken = make_agent("node1")
    fleet, _ = looked_at(make_fleet, broken, make_agent("fine"))
    until(lambda: rows(fleet)["node1"]["cpu"] is not None)
    read, broken.monitor.source.read = broken.monitor.source.read, fails
    until(lambda: "broken on purpose" in rows(fleet).get("node1", {}).get("text", ""))
    assert fleet.search("", 5, "cpu")[1] == ["node1"], "what was read before is not called the present"
    broken.monitor.source.read = read
    row = until(lambda: rows(fleet)["node1"]["cpu"] is not None and rows(fleet)["node1"])
    assert (row["state"], row["unread"]) == ("normal", "")


def test_a_lease_that_failed_is_asked_for_again_soon(make_fleet):
    """Also of a host that is heard, whose lease is otherwise renewed after minutes: it may be its last."""
    agent = make_agent("node1")
    fleet, _ = looked_at(make_fleet, agent, make_agent("fine"))
    hosts, lease, asked = fleet.hosts, agent.lease, []

    def refuses(*_args):
        asked.append(hosts._clock())
        fails()

    def pass_time(seconds):
        clock = hosts._clock
        hosts._clock = lambda: clock() + seconds
        until(lambda: not hosts.silent_for(hosts.named("node1")))
        hosts._wake.set()

    agent.lease = refuses
    pass_time(LEASE / 3)
    until(lambda: asked and hosts.named("node1").pending.done())
    agent.lease = lambda *args: asked.append(hosts._clock()) or lease(*args)
    pass_time(1.0)
    until(lambda: len(asked) > 1)
    assert asked[1] - asked[0] < 10.0


def test_a_table_that_fails_is_a_sentence_there_alone(make_fleet):
    """Where only the table fails its monitor says so, and the row of that host goes on."""
    broken = make_agent("node1")
    broken.table = fails
    carrier = Carrier()
    attach(carrier, "ask", "", lambda publish, note: broken)
    broken.look("somebody", 0.5, (), ())
    until(lambda: broken.has_news(0))
    request = {"do": "table", "key": broken.key, "who": "me", "interval": 0.5, "since": 0}
    failure = asyncio.run(carrier.handlers["ask"](request))
    broken.table = lambda since: failure
    fleet, _ = looked_at(make_fleet, broken, make_agent("fine"))
    monitor = fleet.monitor("node1")
    unwatch = monitor.watch(print)
    try:
        until(lambda: monitor.problem and "procwidget failed on that host (RuntimeError)" in monitor.problem)
        assert rows(fleet)["node1"]["state"] == "normal"
    finally:
        unwatch()
        detach(carrier, "ask")


def test_who_waits_for_a_reading_gets_it_though_another_is_gone(make_fleet):
    """Of several who wait for the next reading one may have left: the others are told all the same."""
    agent = make_agent("node1")
    told = []
    agent.call_at_news(fails)
    agent.call_at_news(lambda: told.append(True))
    agent.look("somebody", 0.5, (), ())
    until(lambda: told)
    agent.close()


def test_a_host_that_never_answered_is_listed(make_fleet):
    """A worker is connected and its agent never answers: after some seconds its address is listed, without figures."""
    fleet, wire = looked_at(make_fleet, make_agent("node1"), make_agent("fine"))
    wire.agents["tcp://10.0.0.7:4321"] = make_agent("never")
    wire.agents["tcp://10.0.0.7:4322"] = make_agent("never")
    wire.cut = True
    fleet.hosts.take_peers(wire.peers())
    assert "10.0.0.7" not in rows(fleet)
    clock, fleet.hosts._clock = fleet.hosts._clock, lambda: clock() + 6.0
    row = rows(fleet)["10.0.0.7"]
    assert row["text"] == "Not heard for 6 s: its agent does not answer"
    assert row["workers"] == 2
    with pytest.raises(ProcwidgetError, match="cannot be asked: its agent does not answer"):
        fleet.hosts.ask(fleet.hosts.named("10.0.0.7"), "find", 1.0)
