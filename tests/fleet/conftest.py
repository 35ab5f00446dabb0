"""One real cluster for those tests that do it no harm: two hosts, the first with two workers."""

from __future__ import annotations

import pytest

from procwidget.fleet.hosts import Hosts
from procwidget.fleet.over_dask import DaskLink
from procwidget.fleet.reading import FleetReading
from procwidget.fleet.remote_host import OVER_ALL_HOSTS
from tests.fleet.cluster import Cluster
from tests.unit.action_stage import needs_root

INTERVAL = 0.5


@pytest.fixture(scope="session")
def cluster(tmp_path_factory):
    needs_root()
    made = Cluster(tmp_path_factory.mktemp("cluster"))
    made.start_worker("--nworkers", "2", host="node1")
    made.start_worker(host="node2")
    made.wait_for_workers(3)
    yield made
    made.close()


@pytest.fixture
def make_fleet(monkeypatch, tmp_path):
    """Makes fleets that rest when the test is over; what is confirmed in one test does not count in another."""
    monkeypatch.setenv("PROCWIDGET_AUDIT", str(tmp_path / "audit-of-the-notebook.jsonl"))
    OVER_ALL_HOSTS._taken.clear()
    made = []

    def make(cluster, allow_kill=False, interval=INTERVAL):
        fleet = FleetReading(Hosts(DaskLink(cluster), interval), allow_kill=allow_kill)
        made.append(fleet)
        return fleet

    yield make
    for fleet in made:
        fleet.close()
