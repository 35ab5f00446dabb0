"""Who is watching."""

from __future__ import annotations

from procwidget.views.presence import PATIENCE, Presence


class Clock:
    """Monotonic seconds that a test moves."""

    now = 1000.0

    def __call__(self):
        return self.now


def test_a_view_that_falls_silent_is_gone():
    """Fifteen seconds without a word end the watching; a word in time prolongs it."""
    assert PATIENCE == 15.0
    clock = Clock()
    presence = Presence(clock)
    assert not presence.present()
    presence.arrive("a")
    clock.now += PATIENCE - 1
    presence.hear()
    clock.now += PATIENCE - 1
    assert presence.present()
    clock.now += 2
    assert not presence.present()


def test_a_view_that_leaves_is_gone_at_once():
    """A hidden tab says so, and is not waited for; the others stay."""
    presence = Presence(Clock())
    presence.arrive("a")
    presence.arrive("b")
    presence.leave("a")
    assert presence.present()
    presence.leave("b")
    assert not presence.present()


def test_one_word_is_good_for_all():
    """As long as one is heard the others need say nothing; after the last word all are gone together."""
    clock = Clock()
    presence = Presence(clock)
    presence.arrive("a")
    presence.arrive("crashed")
    for _ in range(10):
        clock.now += PATIENCE - 1
        presence.hear()
        assert presence.present()
    presence.leave("a")
    clock.now += PATIENCE
    assert not presence.present()
    assert len(presence) == 0


def test_who_is_expected_counts_until_somebody_comes():
    """A dashboard waits for its first view; that one's leaving is the end all the same."""
    clock = Clock()
    presence = Presence(clock)
    presence.expect()
    assert presence.present()
    presence.arrive("a")
    presence.leave("a")
    assert not presence.present()
    presence.expect()
    clock.now += PATIENCE
    assert not presence.present()


def test_a_late_word_of_views_that_were_given_up_does_not_bring_them_back():
    """After that only arriving anew (which asks for a whole frame) counts."""
    clock = Clock()
    presence = Presence(clock)
    presence.arrive("a")
    clock.now += PATIENCE + 1
    assert not presence.present()
    presence.hear()
    assert not presence.present()


def test_silence_while_the_kernel_cannot_hear_means_nothing():
    """A busy kernel in a front end without subshells keeps its views, and their patience starts afterwards."""
    clock, busy = Clock(), [True]
    presence = Presence(clock, lambda: busy[0])
    presence.arrive("a")
    clock.now += 10 * PATIENCE
    assert presence.present()
    busy[0] = False
    assert presence.present()
    clock.now += PATIENCE + 1
    assert not presence.present()


def test_a_flood_of_names_does_not_grow_without_bound():
    """A client that invents views costs a bounded amount of memory."""
    presence = Presence(Clock())
    for number in range(5000):
        presence.arrive(f"view {number}")
    assert len(presence) <= 1000


def test_a_view_is_expected_until_one_has_come():
    """As long as none has, nobody can have asked for what it missed."""
    presence = Presence(clock=lambda: 0.0)
    assert not presence.expecting
    presence.expect()
    assert presence.expecting
    presence.arrive("a")
    assert not presence.expecting
