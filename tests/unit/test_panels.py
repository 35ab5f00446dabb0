"""Panels: their words are made and sent while somebody has one open, and not else; what is wrong is marked."""

from __future__ import annotations

import json
from typing import Any

import pytest

from procwidget.sample import Sample
from procwidget.sources.scripted import make_sample
from procwidget.thresholds import Thresholds
from procwidget.views.panel_contents import Content
from procwidget.views.panels import PANELS, Panels, titles
from procwidget.views.presence import Presence
from procwidget.views.pressure_words import NOT_MEASURED, pressure_words
from procwidget.views.table import ProcessTable

GIB = 2**30
DISK: dict[str, Any] = {
    **{"name": "sda", "read": 2048.0, "written": 5 * 2.0**20, "reads": 2.5, "writes": 1234.0},
    **{"busy": 97.0, "latency": 14.25, "queue": 5.1, "counted": True},
}
INTERFACE: dict[str, Any] = {
    **{"name": "eth0", "received": 2048.0, "sent": None, "packets": 3.0, "errors": 0.0, "drops": 2.5},
    **{"speed": 1_250_000_000, "counted": True},
}
FILESYSTEM: dict[str, Any] = {
    **{"mount": "/", "device": "/dev/sda1", "type": "ext4", "total": 100 * GIB, "used": 40 * GIB},
    **{"available": 55 * GIB, "usage": 42.1, "inodes": 1000, "inodes_used": 30, "inodes_usage": 3.0},
    **{"read_only": False, "stuck": False},
}


def said(name: str, **changes: Any) -> Content:
    """What a panel says of a sample with these changes; it can be sent as it is."""
    describe = {panel.name: panel.describe for panel in PANELS}[name]
    content = describe(make_sample(**changes), Thresholds())
    assert json.loads(json.dumps(content, allow_nan=False)) == content
    assert all(len(row) == len(table["columns"]) for table in content["tables"] for row in table["rows"])
    return content


def facts(content: Content) -> dict[str, str]:
    return {fact["label"]: fact["text"] for fact in content["facts"]}


def marked(content: Content) -> list[tuple[str, str]]:
    """The text and level of everything that is marked."""
    cells: list[Any] = [cell for table in content["tables"] for row in table["rows"] for cell in row]
    cells += content["facts"]
    return [(cell["text"], cell["level"]) for cell in cells if isinstance(cell, dict) and "level" in cell]


def test_nothing_is_made_for_a_panel_that_nobody_has_open(monkeypatch: pytest.MonkeyPatch):
    """Only the open one is put into words; nothing is read on demand for those that need nothing."""
    described: list[str] = []

    def note(name: str) -> Any:
        return lambda _sample, _thresholds: described.append(name) or {"facts": [], "tables": [], "notes": [name]}

    monkeypatch.setattr(
        "procwidget.views.panels.PANELS", [panel._replace(describe=note(panel.name)) for panel in PANELS]
    )
    panels, sample = Panels(Thresholds()), make_sample()
    panels.draw(sample)
    assert (described, panels.part(whole=True), panels.wanted) == ([], {}, frozenset())
    panels.open("a", frozenset({"disks", "no such panel"}))
    assert panels.wanted == frozenset()
    panels.open("b", frozenset({"sensors"}))
    assert panels.wanted == {"sensors"}
    panels.draw(sample)
    assert sorted(described) == ["disks", "sensors"]
    assert list(panels.part(whole=True)) == ["disks", "sensors"]
    panels.open("b", frozenset())
    panels.draw(sample)
    assert list(panels.part(whole=True)) == ["disks"]
    panels.forget()
    panels.draw(sample)
    assert panels.part(whole=True) == {}


def test_what_did_not_change_is_not_sent_again():
    """A filesystem is asked every 15 s: between that its panel costs nothing; a whole frame has all."""
    panels = Panels(Thresholds())
    panels.open("v", frozenset({"filesystems", "network"}))
    for read, expected in ((1.0, {"filesystems", "network"}), (1.0, set()), (2.0**20, {"network"})):
        panels.draw(make_sample(filesystems=[FILESYSTEM], interfaces=[{**INTERFACE, "received": read}]))
        assert panels.part(whole=False).keys() == expected
    assert panels.part(whole=True).keys() == {"filesystems", "network"}


def test_every_panel_says_something_of_a_host_that_tells_nothing():
    """Unknown is a dash or a sentence, never 0."""
    empty = dict.fromkeys(("cpu_times", "running", "blocked", "context_switches", "interrupts", "memory", "disks"))
    empty |= dict.fromkeys(("interfaces", "filesystems", "swap_in", "swap_out", "major_faults", "oom_kills"))
    nothing: Any = {**empty, "memory_usage": None, "per_cpu": [None], "cpu_numbers": None}
    for entry in titles():
        content = said(entry["name"], **nothing)
        assert set(facts(content).values()) <= {"—"}
        assert content["facts"] or content["notes"]
        assert content["tables"] == [] and marked(content) == []


def test_the_cpu_panel_names_the_busiest_by_their_numbers():
    """Of 256 the eight busiest; what is throttled is marked, and said first."""
    use = [1.0] * 256
    use[137], use[9] = 99.0, 75.0
    content = said("cpu", per_cpu=use, cpu_numbers=[*range(256, 512)], throttled=40.0)
    (table,) = content["tables"]
    assert len(table["rows"]) == 8
    assert table["rows"][:2] == [
        ["393", {"text": "99 %", "level": "critical"}],
        ["265", {"text": "75 %", "level": "warning"}],
    ]
    assert content["facts"][0]["label"] == "Throttled" and marked(content)[-1] == ("40.0 %", "warning")
    assert facts(content) | {"User": "3.0 %", "Steal": "0.0 %", "Interrupts": "300/s"} == facts(content)
    assert content["notes"] == ["Example CPU, x86_64, Example 1, kernel 6.1.0"]
    assert "Throttled" not in facts(said("cpu"))


def test_the_memory_panel_says_what_memory_holds():
    """With swap and compressed swap; what a machine has none of has no line."""
    memory = {**make_sample()["memory"], "arc": 8 * GIB, "zram": GIB, "zram_stored": 3 * GIB, "swap_used": GIB}
    content = said("memory", memory=memory, oom_kills=2)
    rows = {row[0]: row[1:] for row in content["tables"][0]["rows"]}
    assert rows["Used"] == ["4.0 GiB", "25 %"] and rows["Cache of ZFS (ARC)"] == ["8.0 GiB", "50 %"]
    assert rows["Swap in use"] == ["1.0 GiB", "50 %"] and "Huge pages" not in rows
    assert content["notes"] == ["zram keeps 3.0 GiB of swapped pages compressed in 1.0 GiB of memory."]
    assert marked(content) == [("2", "critical")]


def test_the_disk_panel_has_each_disk_and_says_which_are_not_added():
    """What stands on others is listed, and named below."""
    content = said("disks", disks=[DISK, {**DISK, "name": "dm-0", "latency": None, "counted": False}])
    figures = ["2.0 KiB/s", "5.0 MiB/s", "2.5/s", "1,234/s", "97 %"]
    assert content["tables"][0]["rows"] == [["sda", *figures, "14.2 ms", "5.1"], ["dm-0", *figures, "—", "5.1"]]
    assert content["notes"] == ["Not a part of the totals, for they stand on other disks: dm-0."]


def test_a_filesystem_that_is_nearly_full_is_marked_and_comes_first():
    """Of its room or of its inodes, from 90 % on; one that does not answer comes before all."""
    found = [
        FILESYSTEM,
        {**FILESYSTEM, "mount": "/srv", "inodes_usage": 99.0, "read_only": True},
        {**FILESYSTEM, "mount": "/var", "usage": 90.0},
        {**FILESYSTEM, **dict.fromkeys(("total", "used", "available", "usage")), "mount": "/home", "stuck": True},
    ]
    content = said("filesystems", filesystems=found)
    rows = content["tables"][0]["rows"]
    assert [row[0] for row in rows] == ["/home", "/var", "/", "/srv"]
    assert marked(content) == [("no answer", "critical"), ("90 %", "warning"), ("99 %", "warning")]
    assert (rows[3][6], rows[2][6]) == ("ext4, read-only", "ext4")
    assert said("filesystems", filesystems=[{**FILESYSTEM, "usage": 89.99}])["tables"][0]["rows"][0][1] == "89 %"


def test_packets_that_are_lost_are_marked():
    """Errors and drops above 0; the speed of the link as it is written on it, and TCP while it is counted."""
    tcp = {"established": 12, "time_wait": 3, "sent": 100.0, "resent": 0.5}
    content = said("network", interfaces=[INTERFACE, {**INTERFACE, "name": "br0\x1b", "counted": False}], tcp=tcp)
    assert content["tables"][0]["rows"][0] == [
        *("eth0", "2.0 KiB/s", "—", "3.0/s", "0/s"),
        {"text": "2.5/s", "level": "warning"},
        "10 Gbit/s",
    ]
    assert facts(content) == {"TCP open": "12", "Closed lately": "3", "Segments sent": "100/s", "Sent again": "0.5/s"}
    assert "\x1b" not in json.dumps(content, ensure_ascii=False)


def test_a_hot_sensor_is_marked_by_its_own_bounds():
    """From high on a warning, from critical on more; without bounds none is hot."""
    degrees = [(89.0, 90.0, 100.0), (90.0, 90.0, 100.0), (100.0, 90.0, 100.0), (120.0, None, None)]
    temperatures = [
        {"chip": "chip", "label": str(at), "now": now, "high": high, "critical": critical}
        for at, (now, high, critical) in enumerate(degrees)
    ]
    sensors = {
        **{"cpu_frequency": 2841.0, "cpu_frequency_most": 3700.0, "temperatures": temperatures},
        "fans": [{"chip": "fans", "label": "", "now": 1240.0}],
        "battery": {"percent": 50.0, "plugged": False, "seconds": 7200},
    }
    content = said("sensors", sensors=sensors)
    assert marked(content) == [("90 °C", "warning"), ("100 °C", "critical")]
    assert facts(content) == {"CPU frequency": "2.84 GHz", "Battery": "50 %, not plugged in, 2 h 0 min left"}
    assert [table["caption"] for table in content["tables"]] == ["Temperatures", "Fans"]
    none: Any = {**sensors, "temperatures": [], "fans": [], "battery": None}
    assert said("sensors", sensors=none)["notes"][0].startswith("This machine tells no temperatures")


def test_pressure_is_said_as_waiting_and_what_is_not_measured_as_that():
    """All waited is said where they did; a container is named."""
    sample: Sample = make_sample()
    pressure: Any = {
        "cgroup": None,
        "cpu": {"some": 12.9},
        "memory": {"some": 5.0, "full": 0.4},
        "io": {"some": 41.0, "full": 30.0},
    }
    assert sample["pressure"] is not None
    assert pressure_words(pressure) == {
        "label": "Tasks waited for",
        "text": "",
        "parts": [
            {"label": "CPU", "text": "12 %"},
            {"label": "memory", "text": "5 %"},
            {"label": "I/O", "text": "41 % (all 30 %)"},
        ],
    }
    assert pressure_words({**pressure, "cgroup": "/job"})["label"] == "Tasks of /job waited for"
    assert pressure_words(None) == {"label": "How long tasks wait", "text": NOT_MEASURED, "parts": []}


def test_a_table_sends_the_panels_that_any_view_has_open(monkeypatch: pytest.MonkeyPatch):
    """At once when one is opened, then with each frame, until nobody has it open; and what it needs is read."""
    wanted: list[frozenset[str]] = []
    sent: list[dict[str, Any]] = []
    service: Any = None
    table = ProcessTable(
        service,
        service,
        Presence(),
        lambda: None,
        Thresholds(),
        {},
        on_demand=lambda keys, _in_sight: wanted.append(keys),
    )
    monkeypatch.setattr(table, "send", lambda content, _buffers=None: sent.append(content))

    def tell(kind: str, **content: Any) -> None:
        table._handle(table, {"type": kind, "view": "v", **content}, [])

    table.publish(make_sample())
    assert "panels" not in sent.pop()
    tell("fields", keys=["priority"])
    tell("panels", names=["sensors", "disks"])
    assert wanted[-1] == {"priority", "sensors"}
    (at_once,) = sent
    assert (at_once["type"], list(at_once["panels"])) == ("panels", ["disks", "sensors"])
    table.publish(make_sample())
    assert "panels" not in sent[-1], "nothing has changed"
    table.publish(make_sample(disks=[DISK]))
    assert list(sent[-1]["panels"]) == ["disks"]
    tell("panels", names=["disks"])
    assert wanted[-1] == {"priority"}
    tell("whole")
    assert list(sent[-1]["panels"]) == ["disks"]
    tell("watch", on=False)
    assert wanted[-1] == frozenset()
    table.publish(make_sample(disks=[]))
    assert "panels" not in sent[-1]
    table.close()


def test_opening_panels_all_the_time_floods_nobody(monkeypatch: pytest.MonkeyPatch):
    """After twenty times the panels come with the next frame, as they would anyway."""
    service: Any = None
    sent: list[dict[str, Any]] = []
    table = ProcessTable(service, service, Presence(), lambda: None, Thresholds(), {})
    monkeypatch.setattr(table, "send", lambda content, _buffers=None: sent.append(content))
    table.publish(make_sample())
    for _ in range(100):
        table._handle(table, {"type": "panels", "view": "v", "names": ["disks"]}, [])
    assert 20 <= len(sent) - 1 <= 22
    table.close()
