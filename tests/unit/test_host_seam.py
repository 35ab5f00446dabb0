"""A dashboard of another host: whatever it does beyond showing samples is done by that host, and nothing here."""

from __future__ import annotations

import os
from concurrent.futures import Future

import pytest

from procwidget.errors import ActionRefused, HostSilent, SourceUnavailable
from procwidget.fleet import agent as agents
from procwidget.fleet.agent import Agent, AlignedMonitor, signed
from procwidget.fleet.hosts import Hosts
from procwidget.fleet.link import Peer
from procwidget.fleet.reading import FleetReading
from procwidget.fleet.requests import answer
from procwidget.history import History
from procwidget.host import LocalHost, host_of
from procwidget.identity import boot_id, identity_of, is_of_here, pid_namespace
from procwidget.monitor import Monitor
from procwidget.process_details import ProcessDetails
from procwidget.sources import default_source
from procwidget.sources.own_processes import own_processes
from procwidget.sources.scripted import ScriptedSource, make_process, make_sample
from procwidget.views.dashboard import Dashboard
from tests.patience import until


class Wire:
    """A link to agents in this process; what it carries can be cut."""

    name = "test://here"

    def __init__(self, *made: Agent):
        self.agents = {f"address{at}": one for at, one in enumerate(made)}
        self.cut = False
        self.asked: list[str] = []
        for one in made:
            one._publish = self.publish

    def peers(self):
        return [Peer(address, address, "nanny") for address in self.agents]

    def open(self, listener):
        self.listener = listener
        listener.take_peers(self.peers())

    def publish(self, message):
        if not self.cut:
            self.listener.take_row(message)

    def request(self, peer, request):
        future: Future = Future()
        if self.cut:
            return future
        self.asked.append(request["do"])
        agent = self.agents[peer.address]
        if request["do"] == "table":
            agent.look(request["who"], request["interval"], request["wanted"], request["in_sight"])

            def reply():
                future.set_result(agent.table(request["since"]))

            reply() if agent.has_news(request["since"]) else agent.call_at_news(reply)
        elif request["do"] == "past":
            future.set_result(agent.past())
        else:
            future.set_result(answer(agent, request))
        return future

    def core_pids(self):
        return {}

    def set_interval(self, seconds):
        pass

    def close(self):
        pass


def make_agent(name: str, key: str = "", figures: dict | None = None, **options) -> Agent:
    """An agent of a host that has another key than this one, whose sample has these figures."""
    sleeper = make_process(pid=os.getpid(), name="elsewhere", command="elsewhere")
    rows = {"processes": [sleeper], "per_cpu": [1.0] * 6, "load_average": None}
    source = ScriptedSource([make_sample(host=name, boot_id="another", **rows, **(figures or {}))])
    made = Agent(lambda _message: None, source=source, **options)
    made.key = key or f"key of {name}"
    hello = made.hello
    made.hello = lambda: {**hello(), "name": name}  # type: ignore[method-assign]
    return made


@pytest.fixture
def make_fleet():
    """Fleets over agents in this process, closed after the test with all that they made."""
    made = []

    def make(*agents_of, allow_kill=False):
        wire = Wire(*agents_of)
        fleet = FleetReading(Hosts(wire, 0.5), allow_kill=allow_kill)
        made.append((fleet, wire, agents_of))
        until(lambda: len(fleet.hosts.all()) == len({agent.key for agent in agents_of}))
        return fleet, wire

    yield make
    for fleet, wire, agents_of in made:
        fleet.close()
        for agent in {*agents_of, *wire.agents.values()}:
            agent.close()


def test_details_of_another_host_are_never_read_here():
    """A live process of another host is not looked for under its pid here, and not called ended."""
    row = make_process(pid=os.getpid())
    details = ProcessDetails(lambda: make_sample(host="node17", processes=[row]), History(), reveal=True)
    for ask in (details.command, details.opened, details.stack, lambda one: details.details(one, expensive=False)):
        with pytest.raises(SourceUnavailable, match="of another host, node17"):
            ask(row["identity"])


def test_a_container_of_this_machine_is_another_host():
    """The boot id alone is no host key: with another pid namespace, nothing is signalled and nothing read."""
    boot, namespace = boot_id() or "", pid_namespace()
    if namespace is None:
        pytest.skip("there are no pid namespaces on this system")
    assert is_of_here(boot, namespace)
    assert not is_of_here(boot, namespace + 1)
    me = make_process(pid=os.getpid(), identity=identity_of(os.getpid(), 5))
    sample = make_sample(boot_id=boot, pid_namespace=namespace + 1, processes=[me])
    host = LocalHost(Monitor(ScriptedSource([sample])))
    host.monitor._tick()
    with pytest.raises(ActionRefused, match="not those of this host"):
        host.signals(allowed=True, told=print).ask([me["identity"]], "SIGTERM", "view")
    assert own_processes(sample) == []


def test_a_real_sample_says_which_pids_it_has():
    """Every sample of this host has the pid namespace, by which containers are told apart."""
    source = default_source()
    assert source.read()["pid_namespace"] == pid_namespace()
    source.close()


def test_a_dashboard_takes_everything_from_its_host(make_fleet):
    """Cores are those of the host, signals and details are asked there, and none of it of this machine."""
    fleet, wire = make_fleet(make_agent("node17"), allow_kill=True)
    monitor = fleet.monitor("node17")
    assert host_of(monitor) is monitor.host
    assert isinstance(host_of(Monitor(ScriptedSource([make_sample()]))), LocalHost)
    dashboard = Dashboard(monitor=monitor)
    try:
        until(lambda: monitor.last)
        assert monitor.host.cores() == 6
        identity = monitor.last["processes"][0]["identity"]
        dashboard.table._closeup.look_up([{"kind": "port", "value": "1"}])
        with pytest.raises(ActionRefused, match="not those of this host"):
            dashboard.service.ask([identity], "SIGTERM", "view")
        assert {"look_up", "ask"} <= set(wire.asked)
        with pytest.raises(ActionRefused, match="not those of this host"):
            dashboard.end({"identity": identity})
    finally:
        dashboard.close()


def test_a_dashboard_only_shows_what_the_fleet_does_not_allow(make_fleet):
    """Without allow_kill=True a host's dashboard has no buttons, though in a notebook one of this host has."""
    fleet, _ = make_fleet(make_agent("node17"))
    dashboard = Dashboard(monitor=fleet.monitor("node17"))
    try:
        assert dashboard.table.options["actions"] is False
        assert dashboard.table.options["never"] is None
    finally:
        dashboard.close()


def test_a_host_may_refuse_whatever_the_client_says(make_fleet):
    """Where the host says no, the client's allow_kill=True changes nothing: neither here nor there."""
    agent = make_agent("node17", may_kill=False)
    fleet, _ = make_fleet(agent, allow_kill=True)
    host = fleet.monitor("node17").host
    assert not host.may_signal
    with pytest.raises(ActionRefused, match="lets nobody end processes"):
        fleet.end("node17", {"identity": "5-5"})
    agent.protect("somebody", [])
    with pytest.raises(ActionRefused, match="switched off"):
        agent.signal("somebody", ["5-5"], "SIGTERM", "x@y:python")


def test_which_host_refuses_by_its_environment(monkeypatch):
    """`PROCWIDGET_ALLOW_KILL=0` on a host is enough."""
    monkeypatch.setenv(agents._MAY_KILL, "0")
    assert not Agent(print, source=ScriptedSource([make_sample()])).may_kill
    monkeypatch.setenv(agents._MAY_KILL, "1")
    assert Agent(print, source=ScriptedSource([make_sample()])).may_kill


def test_who_did_not_say_what_the_cluster_is_ends_nothing():
    """As long as an agent does not know which processes are the cluster's, it signals nobody."""
    agent = make_agent("node17")
    with pytest.raises(ActionRefused, match="not known yet"):
        agent.service("somebody")


def test_a_silent_host_is_a_sentence_and_no_calm(make_fleet, caplog):
    """Nothing heard for three intervals: the row has no figures, the monitor says since when, the log has nothing."""
    fleet, wire = make_fleet(make_agent("node17"))
    monitor = fleet.monitor("node17")
    said = []
    unwatch = monitor.watch(lambda _sample: said.append(""), said.append)
    until(lambda: monitor.last and fleet.last["hosts"][0]["cpu"] is not None)
    wire.cut = True
    row = until(lambda: (row := fleet.last["hosts"][0])["state"] == "silent" and row)
    assert row["text"].startswith("Not heard for ")
    assert row["cpu"] is row["top_cpu"] is None
    until(lambda: any("node17 was not heard for" in text for text in said))
    with pytest.raises(ActionRefused, match="not heard for"):
        monitor.host.require_heard()
    assert "Traceback" not in caplog.text
    unwatch()


def test_a_host_that_is_back_is_shown_at_once(make_fleet):
    """There is no waiting that doubles: what comes is shown when it comes."""
    fleet, _ = make_fleet(make_agent("node17"))
    monitor = fleet.monitor("node17")
    assert monitor._next(0.0, None, 12) - monitor._next(0.0, None, 1) < 1.0
    with pytest.raises(HostSilent, match="Waiting for the first figures of node17"):
        fleet.hosts._link.cut = True
        monitor.source.read()


def test_a_host_that_is_opened_is_as_its_row_says(make_fleet):
    """Its dashboard judges what the host remembers too: it is not calm at first, nor where it is opened again."""
    nothing = {"some": 0.0, "full": 0.0}
    pressure = {"cpu": {"some": 99.0}, "memory": nothing, "io": nothing, "cgroup": None}
    # Each reading is 20 s after the one before: what must last a minute has lasted after some.
    agent = make_agent("node17", figures={"cpu_usage": 100.0, "interval": 20.0, "pressure": pressure})
    fleet, _ = make_fleet(agent)
    fleet.hosts.look(fleet)
    until(lambda: fleet.rows()[0]["state"] == "critical")
    monitor, said = fleet.monitor("node17"), []
    for _ in range(2):
        unwatch = monitor.watch(lambda _sample: said.append(monitor.headline["level"]))
        # Of one that is opened again the first may have been on its way when it was left.
        until(lambda: len(said) > 1)
        unwatch()
        assert set(said) == {"critical"} == {fleet.rows()[0]["state"]}
        said.clear()
        seen = len(agent.monitor.history)
        until(lambda seen=seen: len(agent.monitor.history) > seen + 6)


def test_an_interval_that_is_set_reaches_the_host(make_fleet):
    """Whoever chooses an interval in a host's dashboard chooses it for all hosts, on the hosts."""
    agent = make_agent("node17")
    fleet, _ = make_fleet(agent)
    fleet.hosts.look(fleet)
    until(lambda: agent.monitor.interval == 0.5)
    fleet.monitor("node17").interval = 3.0
    until(lambda: agent.monitor.interval == 3.0)
    assert fleet.hosts.interval == 3.0


def test_no_host_speaks_for_another(make_fleet):
    """A row that is not signed with the host's own secret is no row of it, nor one that was heard before."""
    one, other = make_agent("node1"), make_agent("node2")
    fleet, wire = make_fleet(one, other)
    fleet.hosts.look(fleet)
    host = until(lambda: next((h for h in fleet.hosts.all() if h.name == "node1" and h.row), None))
    heard = []
    publish, wire.publish = wire.publish, lambda _message: None
    one._publish = heard.append
    message = until(lambda: heard and heard[-1])
    publish({**message, "number": message["number"] + 50})
    forged = signed(message["row"], message["number"] + 50, other._secret)
    publish({**message, "number": message["number"] + 50, "sign": forged})
    assert host.number < message["number"]
    publish(message)
    assert host.number == message["number"]
    host.row = None
    publish(message)
    assert host.row is None


def test_two_hosts_of_one_name_are_two(make_fleet):
    """They get a mark that stays; each is found by its own name alone."""
    fleet, _ = make_fleet(make_agent("node", "key one"), make_agent("node", "key two"))
    names = [host.name for host in fleet.hosts.all()]
    assert len(set(names)) == 2
    assert all(name.startswith("node (") for name in names)
    assert [fleet.monitor(name).host.host.key for name in names] == [host.key for host in fleet.hosts.all()]


def test_an_address_that_is_another_hosts_now_is_refused():
    """What is meant for a host that is gone never reaches the one that has its address."""
    with pytest.raises(ActionRefused, match="Another host answers"):
        make_agent("node17").require("another key")


def test_ticks_are_multiples_of_the_interval():
    """An aligned monitor ticks at wall-clock multiples, so that all hosts read at the same moment."""
    import time

    monitor = AlignedMonitor(ScriptedSource([make_sample()]), 2.0)
    due = time.time() + monitor._next(0.0, True, 0) - time.monotonic()
    assert abs(due / 2 - round(due / 2)) < 0.01


def test_nobody_asks_and_the_agent_rests(make_fleet):
    """When the last one looks away the agent reads no more."""
    agent = make_agent("node17")
    fleet, _ = make_fleet(agent)
    fleet.hosts.look(fleet)
    until(lambda: agent.monitor.running)
    fleet.hosts.look_away(fleet)
    until(lambda: not agent.monitor.running)
