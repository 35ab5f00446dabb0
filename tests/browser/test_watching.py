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


def background(locator, mark=""):
    """What a line is painted on once it has that mark, or none; both asked at once, for it loses the mark soon."""
    found = []

    def look():
        found[:] = locator.evaluate_all(
            """(lines, mark) => lines
                .filter(line => ["pw-new", "pw-ended"].every(one => line.classList.contains(one) === (one === mark)))
                .map(line => getComputedStyle(line).backgroundColor)""",
            mark,
        )
        return found

    until(look, every=0.05)
    return found[0]


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
    for _ in range(3):
        child = children("sleep", "43210")
        fresh = background(row, "pw-new")
        plain = background(row)
        child.kill()
        child.wait()
        ended = background(row, "pw-ended")
        assert len({plain, fresh, ended}) == 3
        expect(row.locator('[data-column="status"]')).to_have_text("ended")
        expect(row).to_have_count(0)
    assert page.evaluate("[...window.procwidgetAnimations]") == []
