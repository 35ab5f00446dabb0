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
    clock = Clock()
    audience = Audience(clock)
    assert not audience.present()
    audience.arrive("a")
    clock.now += PATIENCE - 1
    audience.hear("a")
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


def test_a_late_word_of_a_view_that_was_given_up_does_not_bring_it_back():
    """After it was given up, only arriving anew (which asks for a whole frame) counts."""
    clock = Clock()
    audience = Audience(clock)
    audience.arrive("a")
    clock.now += PATIENCE + 1
    assert not audience.present()
    audience.hear("a")
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
