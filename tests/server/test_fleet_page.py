"""`procwidget --dask`: a real page over a real cluster of one host."""

from __future__ import annotations

import asyncio
import json
import re

import pytest

from procwidget.server.options import Options
from tests.fleet.cluster import Cluster
from tests.patience import PATIENCE
from tests.server.conftest import TOKEN, kernel_of, start_procwidget
from tests.server.visitor import Visitor

VIEW = "only-to-look"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    made = Cluster(tmp_path_factory.mktemp("c"))
    made.start_worker()
    made.wait_for_workers(1)
    yield made
    made.close()


@pytest.fixture(scope="module")
def server(cluster, tmp_path_factory):
    options = ("--dask", cluster.address, "--interval", "0.5", "--units", "MB", "--view-token", VIEW)
    made = start_procwidget(tmp_path_factory.mktemp("s"), *options)
    yield made
    assert made.stop() == 0
    assert "Traceback" not in made.log.read_text()


class Onlooker:
    """A visitor of the overview."""

    def __init__(self, server, token=TOKEN):
        answer = server.ask("/", query=f"?token={token}")
        assert answer.status == 200, answer.body
        self.page, self.server = answer.body, server
        self.cookie = answer.headers["Set-Cookie"].partition(";")[0]

    async def enter(self):
        self.visitor = await Visitor.enter(self.server, kernel_of(self.page), self.cookie)
        control = await self.visitor.open_control()
        await self.visitor.ask_states(control)
        self.states = await self.visitor.states(control)
        [self.overview] = [name for name, one in self.states.items() if "units" in one["state"]]
        return self

    async def say(self, **content):
        data = {"method": "custom", "content": content}
        await self.visitor.send("comm_msg", {"comm_id": self.overview, "data": data})

    async def hear(self, wanted):
        """Return the next message of the overview for which `wanted` is true."""

        def fits(kind, _parent, content):
            return kind == "comm_msg" and content["comm_id"] == self.overview and wanted(said(content))

        return said(await self.visitor.until(fits, 2 * PATIENCE))


def said(content):
    return content.get("data", {}).get("content", {})


def shows_figures(message):
    if message.get("type") != "hosts" or not message["rows"]:
        return False
    return message["rows"][0][message["columns"].index("cpu")] is not None


def test_the_page_shows_the_hosts(server, cluster):
    """The page has the fleet and no dashboard; its first message has the host's figures, in the chosen units."""

    async def visit():
        onlooker = await Onlooker(server).enter()
        parts = re.search(r'<script id="procwidget-parts"[^>]*>(.*?)</script>', onlooker.page, re.DOTALL)
        [fleet] = json.loads(parts[1]).values()
        assert onlooker.states[fleet["id"]]["model_name"] == "VBoxModel"
        assert f"<title>Hosts of {cluster.address}</title>" in onlooker.page
        assert onlooker.states[onlooker.overview]["state"]["units"]["decimal"] is True
        await onlooker.say(type="watch", view="v", on=True)
        message = await onlooker.hear(shows_figures)
        assert (message["cluster"], message["interval"]) == (cluster.address, 0.5)
        onlooker.visitor.leave()

    asyncio.run(visit())


def test_who_only_looks_searches_all_the_same(server):
    """The view token's page says so; hosts and processes are found there, and the interval stays what it is."""

    async def visit():
        onlooker = await Onlooker(server, VIEW).enter()
        assert 'data-look-only="true"' in onlooker.page
        await onlooker.say(type="interval", seconds=5)
        await onlooker.say(type="watch", view="w", on=True)
        await onlooker.say(type="search", view="w", text="processes>0")
        found = await onlooker.hear(lambda message: message.get("found", {}).get("w"))
        assert len(found["found"]["w"]) == 1
        await onlooker.say(type="processes", request="r", query="name~python", sort="cpu")
        answer = await onlooker.hear(lambda message: message.get("request") == "r")
        assert answer["rows"]
        assert (await onlooker.hear(shows_figures))["interval"] == 0.5
        onlooker.visitor.leave()

    asyncio.run(visit())


def test_a_scheduler_that_goes_is_said_and_comes_back(server, cluster):
    """While it is away the sentence says so; with a new one the figures come again, and nobody loaded the page anew."""

    async def visit():
        onlooker = await Onlooker(server).enter()
        await onlooker.say(type="watch", view="x", on=True)
        await onlooker.hear(shows_figures)
        for one in cluster.started:
            cluster.kill(one)
        away = await onlooker.hear(lambda message: message.get("headline", {}).get("level") == "critical")
        assert away["headline"]["text"].startswith("The scheduler ")
        await onlooker.say(type="ack")
        cluster.start_scheduler()
        cluster.start_worker()

        def is_back(message):
            columns = message.get("columns", [])
            return any(
                row[columns.index("workers")] and shows_figures({**message, "rows": [row]})
                for row in message.get("rows", [])
            )

        asked = asyncio.ensure_future(_acknowledge(onlooker))
        await onlooker.hear(is_back)
        asked.cancel()
        onlooker.visitor.leave()

    asyncio.run(visit())


async def _acknowledge(onlooker):
    while True:
        await asyncio.sleep(4)
        await onlooker.say(type="ack")


def test_certificates_that_dask_does_not_know_get_one_sentence(start):
    """The server does not start then: one line that says what is missing, and exit code 1."""
    server = start("--dask", "tls://127.0.0.1:9", wait=False)
    assert server.process.wait(PATIENCE) == 1
    [line] = server.log.read_text().splitlines()
    assert line.startswith("procwidget: ")
    assert "tls://127.0.0.1:9 is an address with TLS, and Dask knows no certificates" in line


def test_the_kernel_gets_the_certificates_of_dask():
    """Dask's variables name files; the one of the key is kept, where variables that end so are not."""
    environment = {"DASK_DISTRIBUTED__COMM__TLS__CLIENT__KEY": "key.pem", "SECRET_KEY": "x"}
    kept = Options(dask="tls://s:8786").kernel_environment(environment)
    assert kept["DASK_DISTRIBUTED__COMM__TLS__CLIENT__KEY"] == "key.pem"
    assert "SECRET_KEY" not in kept
    assert "DASK_DISTRIBUTED__COMM__TLS__CLIENT__KEY" not in Options().kernel_environment(environment)


@pytest.mark.parametrize(("given", "kills"), [(None, False), (True, True), (False, False)])
def test_a_fleet_ends_nothing_unless_it_is_told_to(given, kills):
    """Also where only this machine reaches the page: the processes are those of others."""
    assert Options(dask="tcp://s:8786", allow_kill=given).kills is kills
