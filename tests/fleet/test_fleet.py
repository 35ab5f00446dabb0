"""A fleet on a real cluster of Dask: two hosts, three workers."""

from __future__ import annotations

import json
import time

import pytest

from procwidget.errors import ActionRefused, InvalidArgument, SourceUnavailable
from procwidget.fleet.remote_monitor import RemoteMonitor
from procwidget.sample import Sample
from tests.fleet.cluster import start_there
from tests.patience import until
from tests.unit.action_stage import Children
from tests.unit.source_stage import conforms


@pytest.fixture
def children():
    made = Children()
    yield made
    made.close()


def both(fleet):
    """The hosts, when each has told its figures."""
    return until(lambda: (rows := fleet.last["hosts"]) and [r["cpu"] is not None for r in rows] == [True] * 2 and rows)


def row_of(sample, pid):
    """The row of a process, when all of it is known."""
    return next((row for row in sample["processes"] if row["pid"] == pid and row["user"]), None)


def test_a_row_for_each_host(cluster, make_fleet):
    """Two workers of one host are one row, told apart from another container of the same machine and boot."""
    fleet = make_fleet(cluster.address)
    rows = both(fleet)
    assert sorted((row["host"], row["workers"]) for row in rows) == [("node1", 2), ("node2", 1)]
    assert {row["key"].partition("/")[0] for row in rows} == {rows[0]["key"].partition("/")[0]}
    assert len({row["key"] for row in rows}) == 2
    assert all(row["age"] < 5 and row["state"] != "silent" for row in rows)
    json.dumps(fleet.last, allow_nan=False)


def test_the_same_from_a_client(cluster, make_fleet):
    """A `distributed.Client` is taken too, and its own topics are left alone."""
    heard = []
    with cluster.client() as client:
        client.subscribe_topic("all", heard.append)
        fleet = make_fleet(client)
        both(fleet)
        client.log_event("all", {"action": "own"})
        until(lambda: any(message.get("action") == "own" for _, message in heard))


def test_figures_of_all_hosts_are_of_the_same_moment(cluster, make_fleet):
    """Readings are taken at multiples of the interval by the wall clock, so they can be compared."""
    fleet = make_fleet(cluster.address)
    both(fleet)
    hosts = fleet.hosts.all()
    until(lambda: all(host.number > 4 for host in hosts))

    def together():
        moments = [host.row["time"] for host in hosts]
        return max(moments) - min(moments) < 0.2 and all(moment % 0.5 < 0.25 for moment in moments)

    until(together)


def _intervals(dask_scheduler=None):
    """On the scheduler: the seconds in which it gathers what it sends to each client."""
    return {client: one.interval for client, one in dask_scheduler.client_comms.items()}


def test_rows_of_a_tick_come_together_and_other_clients_get_theirs_as_before(cluster, make_fleet):
    """A message for each host would cost the kernel more than the rows; nobody else's messages are held back."""
    with cluster.client() as client:
        fleet = make_fleet(cluster.address)
        both(fleet)

        def of_each():
            found = client.run_on_scheduler(_intervals)
            own = found.pop(client.id)
            return own if list(found.values()) == [pytest.approx(0.04)] else None

        assert until(of_each) < 0.01


def test_nobody_looks_and_agents_rest(cluster, make_fleet):
    """When the last one looks away no more rows come, and when somebody looks again they do."""
    fleet = make_fleet(cluster.address)
    hosts = fleet.hosts
    hosts.look(fleet)
    both(fleet)
    hosts.look_away(fleet)
    hosts.look_for(0)
    until(lambda: all(host.rested for host in hosts.all()))
    numbers = until(lambda: _still(hosts))
    hosts.look(fleet)
    until(lambda: all(host.number > number for host, number in zip(hosts.all(), numbers, strict=True)))


def _still(hosts):
    before = [host.number for host in hosts.all()]
    time.sleep(1.2)
    return before if before == [host.number for host in hosts.all()] else None


def test_a_host_is_a_monitor(cluster, make_fleet):
    """`fleet.monitor` is a Monitor whose samples are that host's own: its processes, its name, and its past."""
    fleet = make_fleet(cluster.address)
    both(fleet)
    until(lambda: all(host.number > 4 for host in fleet.hosts.all()))
    monitor = fleet.monitor("node2")
    assert isinstance(monitor, RemoteMonitor)
    with monitor:
        sample = until(lambda: monitor.last)
        assert len(monitor.history) > 2, "what the host remembers came first"
        conforms(sample, Sample)
        assert sample["host"] == "node2"
        assert {row["pid"] for row in sample["processes"]} < set(range(1000))
        seen = len(monitor.history)
        until(lambda: len(monitor.history) > seen + 2)
        moments = monitor.history.columns("monotonic")["monotonic"]
        assert moments == sorted(set(moments))
    assert fleet.monitor("node2") is monitor


def test_what_is_read_on_demand_is_read_there(cluster, make_fleet):
    """A column that somebody shows is read on the host from then on."""
    fleet = make_fleet(cluster.address)
    both(fleet)
    monitor = fleet.monitor("node1")
    with monitor:
        until(lambda: monitor.last)
        assert "oom_score" not in monitor.last["processes"][0]
        monitor.want(fleet, ["oom_score"])
        until(lambda: "oom_score" in monitor.last["processes"][0])


def test_find_asks_every_host(cluster, make_fleet, children):
    """A search in the table's language finds processes of all hosts, and says of which each is."""
    fleet = make_fleet(cluster.address)
    both(fleet)
    found = fleet.find("name~python", most=100)
    assert {row["host"] for row in found} == {"node1", "node2"}
    assert found == sorted(found, key=lambda row: -(row["cpu"] or 0.0))
    with pytest.raises(InvalidArgument, match="did you mean"):
        fleet.find("cpuu>5")
    with pytest.raises(InvalidArgument, match=r"There is no host 'node3'.*node1, node2"):
        fleet.monitor("node3")


def test_a_process_is_ended_there(cluster, make_fleet):
    """`fleet.end` ends it on its host, and the audit log of that host says who asked."""
    fleet = make_fleet(cluster.address, allow_kill=True)
    both(fleet)
    pid = start_there(cluster, "node2", ["sleep", "86421.5"])
    row = until(lambda: next((row for row in fleet.find("command~86421.5") if row["pid"] == pid), None))
    outcome = fleet.end("node2", row)
    assert outcome["result"] == "ended"
    lines = [json.loads(line) for line in (cluster.folder / "audit.jsonl").read_text().splitlines()]
    mine = [line for line in lines if line.get("pid") == pid]
    assert mine
    assert all("@" in line["by"] and line["by"].endswith(":python") for line in mine)
    with pytest.raises(ActionRefused):
        fleet.end("node2", row)


def test_nothing_is_ended_unless_it_is_allowed(cluster, make_fleet):
    """Without allow_kill=True nothing is signalled, whoever asks."""
    fleet = make_fleet(cluster.address)
    both(fleet)
    row = fleet.find("name~python")[0]
    with pytest.raises(ActionRefused, match="allow_kill=True"):
        fleet.end(row["host"], row)
    assert not fleet.monitor(row["host"]).host.may_signal


def test_the_cluster_does_not_end_itself(cluster, make_fleet):
    """Workers, nannies and all above them are refused on their host, a sibling's worker too."""
    fleet = make_fleet(cluster.address, allow_kill=True)
    both(fleet)
    rows = fleet.find("command~dask or command~spawn_main", most=100)
    for row in rows:
        with pytest.raises(ActionRefused, match=r"of this cluster|runs the whole system"):
            fleet.end(row["host"], row)
    workers = [row for row in rows if "spawn_main" in (row["command"] or "")]
    assert len(workers) >= 3
    with cluster.client() as client:
        assert len(client.scheduler_info(n_workers=-1)["workers"]) == 3


def test_a_question_is_confirmed_there(cluster, make_fleet):
    """The two steps of a click: the host asks, holds and signals, and what became of it comes back."""
    fleet = make_fleet(cluster.address, allow_kill=True)
    both(fleet)
    pid = start_there(cluster, "node1", ["sleep", "86422.5"])
    monitor = fleet.monitor("node1")
    told = []
    signals = monitor.host.signals(allowed=True, told=told.extend)
    with monitor:
        row = until(lambda: monitor.last and row_of(monitor.last, pid))
        question = signals.ask([row["identity"]], "SIGTERM", "view")
        assert [target["pid"] for target in question["targets"]] == [pid]
        assert len(signals.confirmations) == 1
        with pytest.raises(ActionRefused):
            signals.confirm(question["nonce"], "another view", "SIGTERM", [row["identity"]])
        question = signals.ask([row["identity"]], "SIGTERM", "view")
        answer = signals.confirm(question["nonce"], "view", "SIGTERM", [row["identity"]])
        assert answer["outcomes"][0]["result"] == "ended"
        assert told == answer["outcomes"]
        assert signals.sent == 1


def test_ten_confirmations_a_minute_over_all_hosts(cluster, make_fleet):
    """The limit is one for all hosts together: another host is no way to confirm more."""
    fleet = make_fleet(cluster.address, allow_kill=True)
    both(fleet)
    for attempt in range(10):
        with pytest.raises(ActionRefused, match=r"not signalled|not in the newest"):
            fleet.end("node1" if attempt % 2 else "node2", {"identity": f"{attempt + 9000}-1"})
    with pytest.raises(ActionRefused, match="At most 10 confirmations a minute"):
        fleet.end("node2", {"identity": "9999-1"})


def test_details_are_read_there(cluster, make_fleet):
    """A process's details are those of its host, where the same pid here is another process."""
    fleet = make_fleet(cluster.address, allow_kill=True)
    both(fleet)
    pid = start_there(cluster, "node2", ["sleep", "86423.5"])
    monitor = fleet.monitor("node2")
    with monitor:
        row = until(lambda: monitor.last and row_of(monitor.last, pid))
        closeup = monitor.host.closeup(reveal=True)
        details = closeup.details(row["identity"], expensive=False)["details"]
        assert (details["pid"], details["name"]) == (pid, "sleep")
        assert "86423.5" in closeup.command(row["identity"])["command"]
        assert details["history"]["cpu"]
        with pytest.raises(ActionRefused, match="not there any more"):
            closeup.details("1-99999999", expensive=False)
        fleet.end("node2", row)


def test_an_address_that_is_no_scheduler():
    """Who mistypes an address reads one sentence."""
    from procwidget.fleet.over_dask import DaskLink

    with pytest.raises(InvalidArgument, match="scheduler's address"):
        DaskLink(5)
    link = DaskLink("tcp://127.0.0.1:9")
    import procwidget.fleet.over_dask as over_dask

    before, over_dask._PATIENCE = over_dask._PATIENCE, 1.0
    try:
        with pytest.raises(SourceUnavailable, match="No scheduler can be reached"):
            link.open(None)
    finally:
        over_dask._PATIENCE = before
