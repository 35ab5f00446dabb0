"""A page that is watched is at rest between readings: nothing in it is animated, and what came or went is marked."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import View
from tests.patience import until

# Every frame is looked at for as long as the page is open; the names of what runs in the dashboard are kept.
NOTE = """() => {
    const seen = window.procwidgetAnimations = new Set();
    const region = document.querySelector('[role=region][aria-label="Process monitor"]');
    const look = () => {
        for (const animation of document.getAnimations()) {
            const { target, pseudoElement } = animation.effect;
            if (region.contains(target)) {
                seen.add(`${animation.animationName ?? animation.transitionProperty} of ${target.className}`);
            }
        }
        requestAnimationFrame(look);
    };
    look();
}"""

IS_NEW = """lines => lines.map(line => [
    line.classList.contains('pw-new'), getComputedStyle(line).backgroundColor,
])"""


def shown_as(locator, mark=""):
    """What a line is painted on, and its status, while it has that mark, or none; both are asked at the same moment."""
    found = []

    def look():
        found[:] = locator.evaluate_all(
            """(lines, mark) => lines
                .filter(line => ["pw-new", "pw-ended"].every(one => line.classList.contains(one) === (one === mark)))
                .map(line => [
                    getComputedStyle(line).backgroundColor, line.querySelector('[data-column="status"]').textContent,
                ])""",
            mark,
        )
        return found

    until(look, every=0.05)
    return found[0]


def newcomer(children, row):
    """A process that is shown as new, and what its line is painted on.

    On a busy machine its command, by which it is found, may be known so late that it is not new any more: then another.
    """
    for _ in range(9):
        child = children("sleep", "43210")
        ((new, background),) = until(lambda: row.evaluate_all(IS_NEW), every=0.05)
        if new:
            return child, background
        child.kill()
        child.wait()
        expect(row).to_have_count(0)
    raise AssertionError("no process was shown as new")


def test_nothing_is_animated_while_processes_come_and_go(served, page, children):
    """Over several readings with new and ended rows no animation and no transition runs; the rows are marked."""
    page.goto(served.url)
    view = View(page).wait()
    view.region.get_by_label("Update every").select_option("1")
    view.show_only("43210")
    expect(view.grid.locator("[data-pid]")).to_have_count(0)
    page.mouse.move(0, 0)
    page.evaluate(NOTE)
    row = view.grid.locator(".pw-body > .pw-row")
    for _ in range(2):
        child, fresh = newcomer(children, row)
        plain, _ = shown_as(row)
        child.kill()
        child.wait()
        ended, status = shown_as(row, "pw-ended")
        assert len({plain, fresh, ended}) == 3
        assert status == "ended"
        expect(row).to_have_count(0)
    assert page.evaluate("[...window.procwidgetAnimations]") == []
