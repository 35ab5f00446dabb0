"""What the head does about an alert, in real JupyterLab: its cause, thresholds, what is expected, the event list."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import HOG
from tests.patience import PATIENCE


@pytest.fixture
def hog(view, children, lab):
    """A process that seems to take nearly all of the CPU, which is 62 % busy."""
    child = children(*HOG.split())
    lab.run(view.page, 2)
    return child


def set_thresholds(view, **values):
    """Set thresholds of CPU in the dialog."""
    view.region.get_by_role("button", name="Thresholds…").click()
    dialog = view.page.get_by_role("dialog", name="Thresholds")
    for name, value in values.items():
        dialog.get_by_role("spinbutton", name=f"CPU: {name}", exact=True).fill(value)
    dialog.get_by_role("button", name="Set").click()
    return dialog


@pytest.mark.parametrize("view", ["lab"], indirect=True)
def test_the_sentence_shows_its_cause_and_asks_to_end_it(view, hog):
    """Show finds the process in the table; End… opens the usual dialog, and what it did stands in the event list."""
    expect(set_thresholds(view, warning="40", critical="50")).to_have_count(0)
    headline = view.region.locator(".pw-headline")
    expect(headline).to_contain_text(f"sleep ({hog.pid})")
    expect(headline).to_have_attribute("data-level", "critical")
    cause = view.region.get_by_role("group", name="The cause")
    cause.get_by_role("button", name="Show").click()
    expect(view.filter).not_to_have_value("")
    expect(view.row(hog.pid)).to_be_visible()
    cause.get_by_role("button", name="End…").click()
    dialog = view.page.get_by_role("alertdialog", name=f"End sleep ({hog.pid})?")
    dialog.get_by_role("button", name="End process").click()
    expect(view.outcome).to_contain_text(f"Ended sleep ({hog.pid})")
    assert hog.wait(PATIENCE) == -15
    view.region.get_by_role("button", name="Events", exact=True).click()
    events = view.region.get_by_role("list", name="Events").get_by_role("listitem")
    expect(events.filter(has_text=f"Ended sleep ({hog.pid})")).to_have_count(1)
    # On a busy machine somebody else was the worst, and the CPU short before.
    critical = view.page.locator("[data-level=critical]")
    expect(events.filter(has_text="CPU").and_(critical).first).to_be_visible()


@pytest.mark.parametrize("view", ["lab"], indirect=True)
def test_thresholds_are_set_and_an_alert_is_expected_in_the_page(view, hog):
    """A mistake is one sentence; then meter and sentence go by the new ones, until the alert is expected."""
    dialog = set_thresholds(view, warning="60", critical="50")
    expect(dialog.get_by_role("alert")).to_have_text("CPU: the warning, 60, must not be above the critical, 50.")
    dialog.get_by_role("spinbutton", name="CPU: warning", exact=True).fill("40")
    dialog.get_by_role("button", name="Set").click()
    expect(dialog).to_have_count(0)
    expect(view.meter("CPU")).to_have_attribute("data-level", "critical")
    headline = view.region.locator(".pw-headline")
    expect(headline).to_have_attribute("data-level", "critical")
    alerts = view.region.get_by_role("list", name="Alerts")
    view.region.get_by_role("button", name="Expected… (the sentence)").click()
    view.region.get_by_role("menuitem", name="Until it ends").click()
    expect(headline).not_to_have_attribute("data-level", "critical")
    view.region.get_by_role("button", name=re.compile(r"^\d+ (more|expected)$")).click()
    expect(alerts.get_by_role("listitem").filter(has_text="Expected until it ends: CPU")).to_have_count(1)
    view.region.get_by_role("button", name="Take back that this is expected (cpu)").click()
    expect(headline).to_have_attribute("data-level", "critical")
    view.region.get_by_role("button", name="Events", exact=True).click()
    events = view.region.get_by_role("list", name="Events")
    expect(events.get_by_role("listitem").filter(has_text="goes on").first).to_be_visible()
    view.page.keyboard.press("Escape")
    expect(events).to_have_count(0)
