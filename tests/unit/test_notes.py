"""What a dashboard says of itself below the figures: what it costs, and that figures come late."""

from __future__ import annotations

import json
import os
import sys
from types import SimpleNamespace

import pytest

from procwidget import Dashboard, Monitor
from procwidget.sources.scripted import ScriptedSource, make_sample
from procwidget.views import about_itself, ipython_state

SERVED = '{"interval": 2.0, "allow_kill": false, "own_processes": false}'


@pytest.fixture
def monitor():
    """A monitor that reads nothing while a test looks."""
    monitor = Monitor(ScriptedSource([make_sample()]))
    yield monitor
    monitor.stop()


def reading(monitor, age=0.0, lateness=0.0):
    """What the summary shows at second 100 of a tick that began `age` seconds before."""
    dashboard = Dashboard(monitor=monitor)
    try:
        # Its poller would count how late it is itself.
        monitor.stop()
        monitor.lateness, monitor.ticked = lateness, 100.0 - age
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(about_itself, "time", SimpleNamespace(monotonic=lambda: 100.0))
            dashboard._draw(make_sample(), [])
        return dashboard.summary.reading
    finally:
        dashboard.close()


@pytest.mark.skipif(sys.platform != "linux", reason="nobody asks for priority there")
@pytest.mark.parametrize(("nice", "said"), [(-8, True), (0, False), (5, False)])
def test_cost_line_says_whether_priority_was_raised(monkeypatch, monitor, nice, said):
    """Of a served page's kernel only, and only where the system permitted it."""
    monkeypatch.setattr(os, "getpriority", lambda *_which: nice)
    assert not reading(monitor)["cost"]["text"].endswith("priority raised")
    monkeypatch.setattr(ipython_state, "served_options", lambda: json.loads(SERVED))
    assert reading(monitor)["cost"]["text"].endswith(", priority raised") is said
    assert ipython_state.priority_raised() is said


def late(notes):
    """The sentence about figures that come late, if there is one."""
    return [note for note in notes if "late" in note]


def test_figures_that_come_late_are_said_to(monitor):
    """Counted from when a reading was due, through what it waited for until it was drawn."""
    assert late(reading(monitor, age=0.3)["notes"]) == []
    assert late(reading(monitor, age=1.4)["notes"]) == ["This machine is busy: figures come 1.4 s late."]


def test_a_reading_that_began_late_counts(monitor):
    """The poller got no CPU when its turn came: that is lateness, too."""
    assert late(reading(monitor, lateness=3.0)["notes"]) == ["This machine is busy: figures come 3.0 s late."]


@pytest.mark.parametrize("patched", [True, False])
def test_threads_that_gevent_replaced_are_said_to_be(monkeypatch, monitor, patched):
    """A greenlet waits until the cell is done; gevent alone, with nothing patched, replaces no thread."""
    asked = []
    monkey = SimpleNamespace(is_module_patched=lambda name: asked.append(name) or patched)
    monkeypatch.setitem(sys.modules, "gevent.monkey", monkey)
    said = [note for note in reading(monitor)["notes"] if "gevent" in note]
    assert set(asked) == {"threading"}
    assert (
        said
        == ["gevent has replaced threads in this process (monkey.patch_all): no figures come while a cell computes."][
            : int(patched)
        ]
    )


def test_gevent_is_not_loaded_to_ask_it(monitor):
    """Where nobody uses it nothing is said of it."""
    assert "gevent" not in "".join(reading(monitor)["notes"])
    assert "gevent" not in sys.modules
