"""A confirmation is good once, for ten seconds, for its view, its processes and its signal; and ten a minute."""

from __future__ import annotations

import threading

import pytest

from procwidget.errors import ActionRefused
from tests.patience import until
from tests.unit.action_stage import Clock, Host, handles, nonce_of


def test_a_nonce_is_used_once(host: Host, identity: str) -> None:
    """The same confirmation again is refused, and sends nothing."""
    desk = host.desk()
    nonce = nonce_of(desk, identity)
    desk.confirm(nonce, "view")
    with pytest.raises(ActionRefused, match=r"^This confirmation was used already: ask again\.$"):
        desk.confirm(nonce, "view")
    assert [line["event"] for line in host.log.read()] == ["signal", "outcome"]


def test_a_nonce_expires(host: Host, identity: str) -> None:
    """Ten seconds, then it is good for nothing."""
    clock = Clock()
    desk = host.desk(clock=clock)
    nonce = nonce_of(desk, identity)
    clock.ahead = 10.1
    with pytest.raises(ActionRefused, match=r"^This confirmation came more than 10 s after its question: ask again\.$"):
        desk.confirm(nonce, "view")


def waiting() -> int:
    """Return how many threads wait for the end of a question."""
    return sum(thread.name == "procwidget-questions" for thread in threading.enumerate())


def test_a_question_that_nobody_confirms_lets_go_by_itself(
    host: Host, identity: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody asks anything again: its time over, what held the process is given back, and so is the thread."""
    until(lambda: not waiting())
    monkeypatch.setattr("procwidget.actions.desk.NONCE_LIFE", 0.3)
    before, desk = handles(), host.desk()
    for _ in range(2):
        late = nonce_of(desk, identity)
        nonce_of(desk, identity, view="another")
        assert waiting() <= 1
        until(lambda: handles() == before)
        until(lambda: not waiting())
    with pytest.raises(ActionRefused, match="after its question: ask again"):
        desk.confirm(late, "view")


def test_a_desk_that_closes_leaves_no_thread(host: Host, identity: str) -> None:
    """What waits for the end of a question does not outlive its desk."""
    until(lambda: not waiting())
    desk = host.desk()
    nonce_of(desk, identity)
    assert waiting() == 1
    desk.close()
    until(lambda: not waiting())


def test_a_nonce_is_good_for_its_view_only(host: Host, identity: str) -> None:
    """Another view can neither use nor cancel it; its own still can."""
    desk = host.desk()
    nonce = nonce_of(desk, identity)
    desk.cancel(nonce, "other")
    with pytest.raises(ActionRefused, match=r"^This confirmation belongs to another view: ask again\.$"):
        desk.confirm(nonce, "other")
    assert desk.confirm(nonce, "view")["outcomes"][0]["result"] == "sent"


def test_a_nonce_is_good_for_its_signal_only(host: Host, identity: str) -> None:
    """A view that says it confirms something else gets a no."""
    desk = host.desk()
    nonce = nonce_of(desk, identity)
    with pytest.raises(ActionRefused, match=r"^This confirmation is for SIGCONT and nothing else: ask again\.$"):
        desk.confirm(nonce, "view", signal="SIGKILL")


def test_a_nonce_is_good_for_its_processes_only(host: Host, identity: str) -> None:
    """A view that says it confirms another row gets a no."""
    desk = host.desk()
    nonce = nonce_of(desk, identity)
    with pytest.raises(ActionRefused, match=r"^This confirmation is for other processes: ask again\.$"):
        desk.confirm(nonce, "view", identities=["1-1"])
    assert desk.confirm(nonce, "view", signal="SIGCONT", identities=[identity])["result"] == "outcome"


def test_a_cancelled_nonce_is_refused(host: Host, identity: str) -> None:
    """What the user gave up does not happen."""
    desk = host.desk()
    nonce = nonce_of(desk, identity)
    desk.cancel(nonce, "view")
    with pytest.raises(ActionRefused, match=r"^This confirmation was cancelled: ask again\.$"):
        desk.confirm(nonce, "view")


def test_an_unknown_nonce_is_refused(host: Host) -> None:
    """Guessing leads nowhere."""
    with pytest.raises(ActionRefused, match=r"^This confirmation is not known: ask again\.$"):
        host.desk().confirm("A" * 43, "view")


def test_a_nonce_of_another_desk_is_refused(host: Host, identity: str) -> None:
    """Two dashboards do not share questions."""
    nonce = nonce_of(host.desk(), identity)
    with pytest.raises(ActionRefused, match="is not known"):
        host.desk().confirm(nonce, "view")


def test_ten_signals_a_minute_and_no_more(host: Host, identity: str) -> None:
    """The eleventh is refused, at the question already, until the first is a minute old."""
    clock = Clock()
    desk = host.desk(clock=clock)
    spare = nonce_of(desk, identity)
    for _ in range(10):
        desk.confirm(nonce_of(desk, identity), "view")
    with pytest.raises(ActionRefused, match=r"^At most 10 signals a minute are sent: try again in \d\d s\.$"):
        desk.ask([identity], "SIGCONT", "view")
    with pytest.raises(ActionRefused, match="At most 10 signals a minute"):
        desk.confirm(spare, "view")
    clock.ahead = 30
    with pytest.raises(ActionRefused, match="At most 10 signals a minute"):
        desk.ask([identity], "SIGCONT", "view")
    assert len(host.log.read()) == 20
    host.read()
    clock.ahead = 61
    host.sample = host.sample | {"monotonic": clock()}  # type: ignore[operator]
    assert desk.confirm(nonce_of(desk, identity), "view")["outcomes"][0]["result"] == "sent"
