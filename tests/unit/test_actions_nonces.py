"""A confirmation is good once, for ten seconds, for its view, its processes and its signal; and ten a minute."""

from __future__ import annotations

import threading

import pytest

from procwidget.actions.confirmations import MOST_CONFIRMATIONS, RATE_SECONDS
from procwidget.errors import ActionRefused
from procwidget.rate_limit import RateLimit
from tests.patience import until
from tests.unit.action_stage import Children, Clock, Host, asked, confirm, handles


def test_a_nonce_is_used_once(host: Host, identity: str) -> None:
    """The same confirmation again is refused, and sends nothing."""
    service = host.service()
    question = asked(service, identity)
    confirm(service, question)
    with pytest.raises(ActionRefused, match=r"^This confirmation was used already: ask again\.$"):
        confirm(service, question)
    assert [line["event"] for line in host.log.read()] == ["signal", "outcome"]


def test_a_nonce_expires(host: Host, identity: str) -> None:
    """Ten seconds, then it is good for nothing."""
    clock = Clock()
    service = host.service(clock=clock)
    question = asked(service, identity)
    clock.ahead = 10.1
    with pytest.raises(ActionRefused, match=r"^This confirmation came more than 10 s after its question: ask again\.$"):
        confirm(service, question)


def waiting() -> int:
    """Return how many threads wait for the end of a question."""
    return sum(thread.name == "procwidget-confirmations" for thread in threading.enumerate())


def test_a_question_that_nobody_confirms_lets_go_by_itself(
    host: Host, identity: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody asks anything again: its time over, what held the process is given back, and so is the thread."""
    until(lambda: not waiting())
    monkeypatch.setattr("procwidget.actions.confirmations.NONCE_LIFE", 0.3)
    before, service = handles(), host.service()
    for _ in range(2):
        late = asked(service, identity)
        asked(service, identity, view="another")
        assert waiting() <= 1
        until(lambda: handles() == before)
        until(lambda: not waiting())
    with pytest.raises(ActionRefused, match="after its question: ask again"):
        confirm(service, late)


def test_a_desk_that_closes_leaves_no_thread(host: Host, identity: str) -> None:
    """What waits for the end of a question does not outlive its service."""
    until(lambda: not waiting())
    service = host.service()
    asked(service, identity)
    assert waiting() == 1
    service.close()
    until(lambda: not waiting())


def test_a_nonce_is_good_for_its_view_only(host: Host, identity: str) -> None:
    """Another view can neither use nor cancel it; its own still can."""
    service = host.service()
    question = asked(service, identity)
    service.cancel(question["nonce"], "other")
    with pytest.raises(ActionRefused, match=r"^This confirmation belongs to another view: ask again\.$"):
        confirm(service, question, "other")
    assert confirm(service, question)["outcomes"][0]["result"] == "sent"


def test_a_nonce_is_good_for_its_signal_only(host: Host, identity: str) -> None:
    """A view that says it confirms something else gets a no."""
    service = host.service()
    question = asked(service, identity)
    with pytest.raises(ActionRefused, match=r"^This confirmation is for SIGCONT and nothing else: ask again\.$"):
        confirm(service, question, signal="SIGKILL")


def test_a_nonce_is_good_for_its_processes_only(host: Host, identity: str) -> None:
    """A view that says it confirms another row gets a no."""
    service = host.service()
    question = asked(service, identity)
    with pytest.raises(ActionRefused, match=r"^This confirmation is for other processes: ask again\.$"):
        confirm(service, question, identities=["1-1"])
    assert confirm(service, question)["result"] == "outcome"


def test_a_cancelled_nonce_is_refused(host: Host, identity: str) -> None:
    """What the user gave up does not happen."""
    service = host.service()
    question = asked(service, identity)
    service.cancel(question["nonce"], "view")
    with pytest.raises(ActionRefused, match=r"^This confirmation was cancelled: ask again\.$"):
        confirm(service, question)


def test_an_unknown_nonce_is_refused(host: Host) -> None:
    """Guessing leads nowhere."""
    with pytest.raises(ActionRefused, match=r"^This confirmation is not known: ask again\.$"):
        host.service().confirm("A" * 43, "view", "SIGCONT", ["1-1"])


def test_a_nonce_of_another_desk_is_refused(host: Host, identity: str) -> None:
    """Two dashboards do not share questions."""
    question = asked(host.service(), identity)
    with pytest.raises(ActionRefused, match="is not known"):
        confirm(host.service(), question)


def test_ten_confirmations_a_minute_and_no_more(host: Host, identity: str) -> None:
    """The eleventh is refused, at the question already, until the first is a minute old."""
    clock = Clock()
    service = host.service(clock=clock)
    spare = asked(service, identity)
    for _ in range(10):
        confirm(service, asked(service, identity))
    with pytest.raises(ActionRefused, match=r"^At most 10 confirmations a minute are taken: try again in \d\d s\.$"):
        service.ask([identity], "SIGCONT", "view")
    with pytest.raises(ActionRefused, match="At most 10 confirmations a minute"):
        confirm(service, spare)
    clock.ahead = 30
    with pytest.raises(ActionRefused, match="At most 10 confirmations a minute"):
        service.ask([identity], "SIGCONT", "view")
    assert len(host.log.read()) == 20
    host.read()
    clock.ahead = 61
    host.sample = host.sample | {"monotonic": clock()}  # type: ignore[operator]
    assert confirm(service, asked(service, identity))["outcomes"][0]["result"] == "sent"


TOO_MANY = "At most 10 confirmations a minute"


@pytest.fixture
def six(host: Host, children: Children) -> list[str]:
    """Six sleeping children, as the newest reading shows them."""
    pids = [children.sleeper().pid for _ in range(6)]
    host.read()
    return [host.identity(pid) for pid in pids]


def test_a_batch_counts_as_one(host: Host, six: list[str]) -> None:
    """The limit is one on confirmations: six processes at once are one of ten, and after ten the next is refused."""
    service = host.service()
    for _ in range(10):
        assert len(confirm(service, service.ask(six, "SIGCONT", "view"))["outcomes"]) == 6
    with pytest.raises(ActionRefused, match=TOO_MANY):
        service.ask(six[:1], "SIGCONT", "view")
    assert service.sent == 60


def test_all_dashboards_of_a_process_have_one_rate(host: Host, six: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Another service is no way to send more: unless told otherwise they count together."""
    monkeypatch.setattr("procwidget.actions.service.OF_THIS_PROCESS", RateLimit(MOST_CONFIRMATIONS, RATE_SECONDS))
    one, other = host.service(rate=None), host.service(rate=None)
    for _ in range(10):
        confirm(one, one.ask(six[:1], "SIGCONT", "view"))
    with pytest.raises(ActionRefused, match=TOO_MANY):
        other.ask(six, "SIGCONT", "view")
