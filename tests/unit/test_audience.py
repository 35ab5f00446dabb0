"""Who is watching."""

from __future__ import annotations

from procwidget.views.audience import PATIENCE, Audience


class Clock:
    """Monotonic seconds that a test moves."""

    now = 1000.0

    def __call__(self):
        return self.now


def test_a_view_that_falls_silent_is_gone():
    """Fifteen seconds without a word end the watching; a word in time prolongs it."""
    assert PATIENCE == 15.0
    clock = Clock()
    audience = Audience(clock)
    assert not audience.present()
    audience.arrive("a")
    clock.now += PATIENCE - 1
    audience.hear()
    clock.now += PATIENCE - 1
    assert audience.present()
    clock.now += 2
    assert not audience.present()


def test_a_view_that_leaves_is_gone_at_once():
    """A hidden tab says so, and is not waited for; the others stay."""
    audience = Audience(Clock())
    audience.arrive("a")
    audience.arrive("b")
    audience.leave("a")
    assert audience.present()
    audience.leave("b")
    assert not audience.present()


def test_one_word_is_good_for_all():
    """As long as one is heard the others need say nothing; after the last word all are gone together."""
    clock = Clock()
    audience = Audience(clock)
    audience.arrive("a")
    audience.arrive("crashed")
    for _ in range(10):
        clock.now += PATIENCE - 1
        audience.hear()
        assert audience.present()
    audience.leave("a")
    clock.now += PATIENCE
    assert not audience.present()
    assert len(audience) == 0


def test_who_is_expected_counts_until_somebody_comes():
    """A dashboard waits for its first view; that one's leaving is the end all the same."""
    clock = Clock()
    audience = Audience(clock)
    audience.expect()
    assert audience.present()
    audience.arrive("a")
    audience.leave("a")
    assert not audience.present()
    audience.expect()
    clock.now += PATIENCE
    assert not audience.present()


def test_a_late_word_of_views_that_were_given_up_does_not_bring_them_back():
    """After that only arriving anew (which asks for a whole frame) counts."""
    clock = Clock()
    audience = Audience(clock)
    audience.arrive("a")
    clock.now += PATIENCE + 1
    assert not audience.present()
    audience.hear()
    assert not audience.present()


def test_silence_while_the_kernel_cannot_hear_means_nothing():
    """A busy kernel in a front end without subshells keeps its views, and their patience starts afterwards."""
    clock, busy = Clock(), [True]
    audience = Audience(clock, lambda: busy[0])
    audience.arrive("a")
    clock.now += 10 * PATIENCE
    assert audience.present()
    busy[0] = False
    assert audience.present()
    clock.now += PATIENCE + 1
    assert not audience.present()


def test_a_flood_of_names_does_not_grow_without_bound():
    """A client that invents views costs a bounded amount of memory."""
    audience = Audience(Clock())
    for number in range(5000):
        audience.arrive(f"view {number}")
    assert len(audience) <= 1000


def test_a_view_is_expected_until_one_has_come():
    """As long as none has, nobody can have asked for what it missed."""
    audience = Audience(clock=lambda: 0.0)
    assert not audience.expecting
    audience.expect()
    assert audience.expecting
    audience.arrive("a")
    assert not audience.expecting
