"""Identities: made and taken apart in one place."""

from __future__ import annotations

import pytest

from procwidget.identity import identity_of, pid_of, start_ticks_of, ticks_of


def test_an_identity_gives_back_what_it_was_made_of():
    """Pid and start ticks, also where they are large."""
    identity = identity_of(4194303, 123456789012)
    assert (pid_of(identity), start_ticks_of(identity)) == (4194303, 123456789012)
    assert start_ticks_of(identity_of(7, ticks_of(12.34))) == 1234


@pytest.mark.parametrize("text", ["", "7", "-", "7-", "-7", "a-1", "1-b", "1-2-3", "1 -2", "\u0661-2x"])
def test_what_is_no_identity_has_no_pid(text):
    """Texts from browsers may be anything."""
    assert pid_of(text) is None
