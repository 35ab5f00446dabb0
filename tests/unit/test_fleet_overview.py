"""The overview of a fleet: what is said of all hosts, what a search of them finds, and what browsers may send."""

from __future__ import annotations

import json

import pytest

from procwidget.errors import InvalidArgument, QueryError
from procwidget.fleet import host_search
from procwidget.fleet.reading import FleetReading
from procwidget.fleet.row import row_of
from procwidget.fleet.sentence import fleet_state, silence_text, state_of
from procwidget.sources.scripted import make_sample
from procwidget.state.alerts import Alerts
from procwidget.thresholds import Thresholds
from procwidget.views.fleet_overview import COLUMNS, FleetOverview
from procwidget.views.opened_hosts import MOST, OpenedHosts
from tests.patience import until
from tests.unit.test_host_seam import make_agent, make_fleet

__all__ = ["make_fleet"]


def host(name="node1", **changes):
    return {
        **dict.fromkeys(COLUMNS),
        "host": name,
        "state": "normal",
        "text": "Calm",
        "cpu": 10.0,
        "memory": 20.0,
        "short_of": [],
        "top_cpu": {"name": "train.py", "user": "ana", "value": 120.0, "processes": 1},
        "top_memory": {"name": "load.py", "user": "ben", "value": 900.0, "processes": 1},
        **changes,
    }


def test_one_sentence_says_who_is_short_of_what():
    """It names the hosts that are short, of what, and which program of whom is to blame."""
    hosts = [host("node17", state="critical", short_of=["memory"]), host("node2", state="warning", short_of=["cpu"])]
    hosts += [host(f"n{at}") for at in range(98)]
    said = fleet_state(hosts, "")
    assert said["level"] == "critical"
    assert said["text"] == "2 of 100 hosts are short: node17 memory (load.py, ben); node2 cpu (train.py, ana)"


@pytest.mark.parametrize(
    ("hosts", "trouble", "level", "text"),
    [
        ([], "", "normal", "No host of this cluster has been heard yet."),
        ([host()], "", "normal", "The host is fine"),
        ([host(), host("b", cpu=93.0)], "", "normal", "All 2 hosts are fine. Busiest: b, CPU 93 %, train.py"),
        ([host(), host("b", state="silent")], "", "warning", "1 of 2 hosts not heard: b"),
        ([host(), host("b", state="lost")], "", "critical", "1 of 2 hosts not heard: b"),
        ([host(), host("b", state="waiting")], "", "normal", "Waiting for 1 of 2 hosts."),
        ([host()], "The scheduler does not answer.", "critical", "The scheduler does not answer."),
        (
            [host("a", state="warning", text="/ is full"), host("b", state="silent")],
            "",
            "warning",
            "1 of 2 hosts has a trouble: a: / is full. 1 more not heard: b",
        ),
    ],
)
def test_sentences_about_all(hosts, trouble, level, text):
    """Each state of a fleet has its sentence; nothing that is not heard is called fine."""
    assert fleet_state(hosts, trouble) == {"level": level, "text": text}


def test_a_silent_host_is_silent_then_lost():
    """Silence comes before what was said last, and gets worse with time."""
    assert state_of("normal", 12.0, 30.0) == "silent"
    assert state_of("critical", 31.0, 30.0) == "lost"
    assert state_of(None, 0.0, 30.0) == "waiting"
    assert silence_text(12.0, 1) == "Not heard for 12 s"
    assert silence_text(12.0, 0) == "Not heard for 12 s; no worker of it is connected"


def test_a_first_row_says_nothing_of_its_host(make_fleet):
    """It has no rates yet: its host is waited for, and not fine."""
    fleet, _ = make_fleet(make_agent("node17"))
    (host,) = fleet.hosts.all()
    host.row = row_of(make_sample(interval=None), Alerts(Thresholds()).state)
    last = fleet.last
    assert (last["hosts"][0]["state"], last["hosts"][0]["text"]) == ("waiting", "Measuring…")
    assert last["text"] == "Waiting for 1 of 1 host."


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["node1", "node12", "login"]),
        ("cpu>80 host~node1*", ["node12"]),
        ("host=node1", ["node1"]),
        ("host=node*", ["node1", "node12"]),
        ("state=critical or program~train", ["node1", "node12", "login"]),
        ("not state=critical", ["node1", "login"]),
        ("node", ["node1", "node12"]),
        ("short_of~memory", ["node12"]),
        ("memory_total<16g", []),
        ("host~/^node\\d$/", ["node1"]),
    ],
)
def test_hosts_are_searched_in_the_tables_language(query, names):
    """Comparisons, words, units and patterns mean what they mean for processes; a star in a host's name is anything."""
    hosts = [host("node1"), host("node12", cpu=91.0, state="critical", short_of=["memory"]), host("login")]
    assert host_search.found(host_search.parse_hosts(query), hosts, 0.0) == names


def test_a_mistake_in_a_search_of_hosts_is_explained():
    """A column that hosts do not have is named, with the one that was probably meant."""
    with pytest.raises(QueryError, match="no column 'memry'; did you mean memory"):
        host_search.parse_hosts("memry>5")
    with pytest.raises(InvalidArgument):
        host_search.parse_hosts("command~x")


class Shown:
    """Stands for a host's dashboard."""

    def __init__(self, host, place):
        self.host, self.place, self.closed = host, place, False

    def close(self):
        self.closed = True


@pytest.fixture
def opened():
    """Open hosts, with the lists that were shown one after another."""

    def make(host, place):
        if host == "bad":
            raise InvalidArgument("There is no host 'bad'.")
        return Shown(host, place)

    made = OpenedHosts(make, lambda shown: made.placed.append([one.host for one in shown]))
    made.placed = []
    return made


def test_each_view_has_its_own_host_open(opened):
    """Two views of one host share its dashboard; it is closed when the last of them shows another, or none."""
    one = opened.open("a", "node1")
    assert opened.open("b", "node1") is one
    two = opened.open("a", "node2")
    assert (opened.places(), one.closed) == ({"node1": 0, "node2": 1}, False)
    opened.leave("b")
    assert (opened.places(), one.closed, two.closed) == ({"node2": 1}, True, False)
    assert opened.open("b", "node3").place == 0
    opened.close()
    assert (opened.places(), two.closed, opened.placed[-1]) == ({}, True, [])


def test_of_too_many_open_hosts_the_oldest_gives_way(opened):
    """Views that went without a word leave no more than a few dashboards; no two have the same place."""
    shown = [opened.open(f"view{number}", f"node{number}") for number in range(MOST + 1)]
    assert [one.closed for one in shown] == [True] + [False] * MOST
    assert len(opened.places()) == MOST == len(set(opened.places().values()))
    assert shown[-1].place not in {one.place for one in shown[1:-1]}


def test_a_host_that_is_none_closes_nothing(opened):
    """The view goes on to show what it has."""
    one = opened.open("a", "node1")
    with pytest.raises(InvalidArgument):
        opened.open("a", "bad")
    assert (opened.places(), one.closed) == ({"node1": 0}, False)


@pytest.fixture
def overview(make_fleet, opened):
    fleet, _ = make_fleet(make_agent("node17"))
    made = FleetOverview(fleet, opened)
    made.sent_messages = []
    made.send = lambda content, _buffers=None: made.sent_messages.append(json.loads(json.dumps(content)))
    yield made
    made.close()


def messages(overview, kind):
    return [one for one in overview.sent_messages if one["type"] == kind]


def test_who_watches_gets_all_hosts(overview):
    """A view that comes gets the hosts, and again at each tick; what it searches is found for it alone."""
    overview._handle(None, {"type": "watch", "view": "v", "on": True}, [])
    overview._handle(None, {"type": "search", "view": "v", "text": "host~node*"}, [])
    message = until(lambda: next((m for m in messages(overview, "hosts") if m["rows"] and m["rows"][0][6]), None))
    assert message["columns"] == list(COLUMNS)
    assert message["rows"][0][0] == "node17"
    until(lambda: messages(overview, "hosts")[-1]["found"] == {"v": ["node17"]})
    overview._handle(None, {"type": "watch", "view": "v", "on": False}, [])
    until(lambda: not overview._looks)
    assert overview._searches == {}


def test_a_wrong_search_is_told_and_shows_all(overview):
    """The mistake goes to the view, and nothing is filtered by what was not understood."""
    overview._handle(None, {"type": "search", "view": "v", "text": "cpu>>5"}, [])
    told = messages(overview, "searched")[-1]
    assert told["mistake"]["text"]
    assert overview._searches == {}


def test_a_host_is_opened_and_a_mistake_told(overview, opened):
    """What a click asks for is done aside and shown to its view, and what cannot be is a sentence for that view."""
    for name, shown in (("node17", [["node17"]]), ("", [["node17"], []])):
        overview._handle(None, {"type": "open", "view": "v", "host": name}, [])
        until(lambda shown=shown: opened.placed == shown)
    assert any(message["opened"] == {"node17": 0} for message in messages(overview, "hosts"))
    overview._handle(None, {"type": "open", "view": "v", "host": "bad"}, [])
    refused = until(lambda: messages(overview, "refused"))[-1]
    assert (refused["view"], refused["text"]) == ("v", "There is no host 'bad'.")


def test_processes_of_all_hosts_are_answered(overview, make_fleet):
    """The table of all processes gets rows with their host; a mistake in its search is an answer too."""
    overview._handle(None, {"type": "watch", "view": "v", "on": True}, [])
    until(lambda: overview._reading.last["hosts"][0]["cpu"] is not None)
    overview._handle(None, {"type": "processes", "request": "1", "query": "elsewhere", "sort": "cpu"}, [])
    answer = until(lambda: next((m for m in messages(overview, "answer") if m["request"] == "1"), None))
    assert answer["rows"][0][:3] == ["node17", answer["rows"][0][1], "elsewhere"]
    overview._handle(None, {"type": "processes", "request": "2", "query": "cpuu>1", "sort": "x"}, [])
    answer = until(lambda: next((m for m in messages(overview, "answer") if m["request"] == "2"), None))
    assert answer["result"] == "refused"


@pytest.mark.parametrize(
    "content",
    [
        *(None, 5, [], {}, {"type": 5}, {"type": "watch"}, {"type": "watch", "view": "x" * 999, "on": True}),
        *({"type": "search", "view": 5, "text": []}, {"type": "interval", "seconds": "x"}),
        *({"type": "interval", "seconds": float("nan")}, {"type": "open", "view": "v", "host": {}}),
        {"type": "processes", "request": [], "query": 1, "sort": 2},
    ],
)
def test_anything_else_is_ignored(overview, content):
    """Whatever a browser sends, nothing fails and nothing comes of it."""
    before = overview._reading.hosts.interval
    overview._handle(None, content, [])
    assert overview._reading.hosts.interval == before
    assert isinstance(overview._reading, FleetReading)


def test_requests_are_bounded(overview):
    """Who floods the overview is told so."""
    for _ in range(60):
        overview._handle(None, {"type": "open", "view": "v", "host": ""}, [])
    assert any("Too many" in one["text"] for one in messages(overview, "refused"))
