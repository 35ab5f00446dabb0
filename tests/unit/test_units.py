"""Quantities in words."""

from __future__ import annotations

import pytest

from procwidget import units
from procwidget.sources.gpus.driver import make_gpu
from procwidget.sources.scripted import make_sample
from procwidget.thresholds import Thresholds
from procwidget.units import bytes_text, duration_text, percent_text, plural, rate_text
from procwidget.views.charts import Charts
from procwidget.views.gpu_panel import gpu_meters
from procwidget.views.panel_contents import describe_network, describe_sensors
from tests.unit.state_stage import Story


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (None, "—"),
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (1536, "1.5 KiB"),
        (16.3 * 2**30, "16.3 GiB"),
        (312 * 2**20, "312 MiB"),
        (2**60, "1024 PiB"),
    ],
)
def test_bytes_read_well(count, text):
    """Binary units, about three figures, unknown as a dash."""
    assert bytes_text(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "—"),
        (0.4, "0 s"),
        (40, "40 s"),
        (61, "1 min"),
        (3700, "1 h 1 min"),
        (3 * 86400 + 4 * 3600, "3 d 4 h"),
        (-5, "0 s"),
    ],
)
def test_durations_read_well(seconds, text):
    """One or two leading units."""
    assert duration_text(seconds) == text


def test_the_rest():
    """Rates, percentages and counts."""
    assert rate_text(2048) == "2.0 KiB/s"
    assert percent_text(97.0) == percent_text(97.4) == "97 %"
    assert percent_text(0.57 * 100) == "57 %"
    assert percent_text(69.999) == "69 %"
    assert percent_text(None) == "—"
    assert plural(1, "core") == "1 core"
    assert plural(1204, "process", "processes") == "1,204 processes"


@pytest.fixture
def other_units():
    """Units that are not the usual ones, for one test."""
    units.use(units.Style(decimal=True, bits=True, fahrenheit=True))
    yield
    units.use(units.Style())


def test_units_are_as_was_asked_for(other_units):
    """A thousand instead of 1,024, bits of the network, degrees Fahrenheit; disks stay in bytes."""
    assert [units.bytes_text(value) for value in (0, 999, 1500, 999_960, 2.5e9)] == [
        *("0 B", "999 B", "1.5 kB", "1.0 MB", "2.5 GB"),
    ]
    assert units.rate_text(1_500_000) == "1.5 MB/s"
    assert units.network_rate_text(1_250_000) == "10.0 Mbit/s"
    assert units.network_rate_text(None) == units.UNKNOWN
    assert units.temperature_text(63) == "145 °F"


def test_the_network_chart_is_told_to_be_in_the_networks_units(other_units):
    """The page's axis says bits where these are wanted; the disk's stays in bytes."""
    charts = Charts(2)
    assert (charts.network.words["unit"], charts.disk.words["unit"]) == ("network_rate", "rate")
    for widget in charts.widgets():
        widget.close()


def test_panels_and_gpus_say_temperatures_in_the_units_that_were_asked_for(other_units):
    """Every temperature of the sensors, its bounds too, and that in a GPU's meter."""
    heat = {"chip": "chip", "label": "core", "now": 60.0, "high": 90.0, "critical": 100.0}
    sensors = {"cpu_frequency": None, "cpu_frequency_most": None, "battery": None, "fans": [], "temperatures": [heat]}
    (table,) = describe_sensors(make_sample(sensors=sensors), Thresholds())["tables"]
    assert table["rows"] == [["chip: core", "140 °F", "194 °F", "212 °F"]]
    gpu = {**make_gpu(0, "GPU-0", "NVIDIA H200", "NVIDIA"), "temperature": 60.0}
    assert gpu_meters(make_sample(gpus=[gpu]), Thresholds())[0]["detail"] == "140 °F"


def test_what_is_said_of_the_network_is_in_the_networks_units(other_units):
    """In its panel, and in the sentence about a busy network."""
    interface = {"name": "eth0", "received": 1_250_000.0, "sent": 125.0, "packets": 3.0, "errors": 0.0, "drops": 0.0}
    busy = {"interfaces": [{**interface, "speed": None, "counted": True}]}
    (table,) = describe_network(make_sample(**busy), Thresholds())["tables"]
    assert table["rows"][0][1:3] == ["10.0 Mbit/s", "1.0 kbit/s"]
    state = Story().play(1, network={"received": 125e6, "sent": 1.25e6}, processes=[])
    assert state["text"] == "Calm. Network: 1.0 Gbit/s in, 10.0 Mbit/s out"


def test_usual_units_of_network_and_temperature():
    """Bytes of 1,024, and degrees Celsius."""
    assert units.network_rate_text(1024**2) == "1.0 MiB/s"
    assert (units.temperature_text(62.6), units.temperature_text(None)) == ("63 °C", units.UNKNOWN)
