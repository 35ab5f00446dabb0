"""The page of a fleet: all hosts, one of them opened, and back."""

from __future__ import annotations

import platform
import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import View
from tests.browser.servers import Served, stop_server
from tests.browser.test_accessibility import AXE, FINDINGS
from tests.fleet.cluster import Cluster


@pytest.fixture
def served(tmp_path):
    """The page of a cluster of one host, this one."""
    cluster = Cluster(tmp_path)
    cluster.start_worker()
    made = Served(tmp_path, "--dask", cluster.address, "--interval", "0.5")
    made.scheduler = cluster.scheduler.pid
    yield made
    stop_server(made.process)
    cluster.close()


def test_a_host_is_opened_and_left(page, served):
    """Its row opens the whole dashboard below, back is where it was; axe finds nothing in hosts or processes."""
    page.goto(served.url)
    hosts = page.get_by_role("region", name="All hosts")
    name = platform.node()
    row = hosts.get_by_role("grid", name="Hosts").get_by_role("row").filter(has_text=name)
    expect(row.locator("[data-column=cpu]")).to_contain_text("%")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert hosts.evaluate(FINDINGS) == []

    row.click()
    dashboard = View(page).wait()
    expect(hosts.get_by_role("heading", name=name)).to_be_in_viewport()
    expect(dashboard.region.locator(".procwidget-chart .bqplot").first).to_be_visible()
    expect(row).to_have_attribute("aria-selected", "true")
    dashboard.wait_for_others()

    hosts.get_by_role("button", name="‹ All hosts").click()
    expect(dashboard.region).to_be_hidden()
    expect(row).to_be_focused()
    page.keyboard.press("Enter")
    expect(dashboard.region).to_be_visible()
    hosts.get_by_role("button", name="‹ All hosts").click()

    hosts.get_by_role("button", name="Processes of all hosts").click()
    hosts.get_by_role("searchbox", name="Search the processes of all hosts").fill(f"pid={served.scheduler}")
    expect(hosts.get_by_role("table").get_by_role("row")).to_have_count(2)
    assert hosts.evaluate(FINDINGS) == []
    hosts.get_by_role("table").get_by_role("button", name=name).press("Enter")
    expect(dashboard.region).to_be_visible()
    expect(dashboard.filter).to_have_value(re.compile(r"pid=\d+"))
    expect(dashboard.grid.locator("[data-pid]")).to_have_count(1)
