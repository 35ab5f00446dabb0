"""The compact dashboard: the sentence, the meters and the rows, without charts."""

from __future__ import annotations

import pytest

from procwidget import Dashboard, Monitor
from procwidget.errors import InvalidArgument
from procwidget.sources.scripted import ScriptedSource, make_sample


@pytest.fixture
def monitor():
    """A monitor that reads nothing while a test looks."""
    monitor = Monitor(ScriptedSource([make_sample()]))
    yield monitor
    monitor.stop()


@pytest.mark.parametrize("compact", [True, False])
def test_a_compact_dashboard_has_no_charts_and_sends_none(monitor, compact):
    """Neither their widgets are made nor their points sent; all else is the same."""
    dashboard = Dashboard(monitor=monitor, compact=compact)
    try:
        monitor.stop()
        dashboard._draw(make_sample(), [])
        content, buffers = dashboard._beside(True)
        assert len(dashboard.children) == (2 if compact else 3)
        assert ("procwidget-compact" in dashboard._dom_classes) is compact
        assert bool(content["charts"]) is bool(buffers) is not compact
        assert content["reading"]["values"]["meters"]
        assert any(type(widget).__module__.startswith("bqplot") for widget in dashboard._parts()) is not compact
    finally:
        dashboard.close()
    assert dashboard.children == ()


def test_compact_is_yes_or_no(monitor):
    """Anything else is refused in words."""
    with pytest.raises(InvalidArgument, match="compact must be True or False, not 'small'"):
        Dashboard(monitor=monitor, compact="small")
