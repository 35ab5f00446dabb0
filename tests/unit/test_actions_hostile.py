"""A client that sends anything at all, in floods and from many threads: answered, bounded, nothing signalled."""

from __future__ import annotations

import json
import subprocess
import sys
import threading

import pytest

from procwidget.actions.confirmations import MOST_OF_VIEW, MOST_PENDING
from procwidget.errors import ActionRefused, InvalidArgument, ProcwidgetError
from tests.patience import PATIENCE
from tests.unit.action_stage import Children, Clock, Host, asked, confirm, handles

HUGE = "x" * 1_000_000
GARBAGE = [
    None,
    True,
    0,
    -1,
    1.5,
    float("nan"),
    "",
    HUGE,
    b"x",
    [],
    {},
    [[]],
    {"a": 1},
    object(),
    "\ud800",
    "a\nb",
    ["x"] * 501,
]


@pytest.mark.parametrize(
    "place", ["identities", "signal", "by", "nonce", "confirmed by", "confirmed signal", "confirmed"]
)
def test_any_garbage_gets_one_short_sentence(host: Host, identity: str, place: str) -> None:
    """Wrong types and sizes are refused with an error of ours that does not echo them, and nothing is sent."""
    service = host.service()
    for item in GARBAGE:
        question = asked(service, identity, "SIGTERM")
        calls = {
            "identities": lambda item=item: service.ask(item, "SIGTERM", "view"),
            "signal": lambda item=item: service.ask([identity], item, "view"),
            "by": lambda item=item: service.ask([identity], "SIGTERM", item),
            "nonce": lambda item=item, asked=question: confirm(service, asked | {"nonce": item}),
            "confirmed by": lambda item=item, asked=question: confirm(service, asked, item),
            "confirmed signal": lambda item=item, asked=question: confirm(service, asked, signal=item),
            "confirmed": lambda item=item, asked=question: confirm(service, asked, identities=item),
        }
        if place == "by" and isinstance(item, str) and 0 < len(item) <= 64:
            continue
        with pytest.raises(ProcwidgetError) as caught:
            calls[place]()
        assert len(str(caught.value)) < 200
        service.cancel(item, item)
        service.cancel(question["nonce"], "view")
    assert host.log.read() == []


def test_garbage_within_a_list_is_refused_too(host: Host, identity: str) -> None:
    """Every identity of the list is looked at before any process is."""
    for item in GARBAGE:
        if isinstance(item, str) and 0 < len(item) <= 64:
            continue
        with pytest.raises(InvalidArgument, match="The identity must be a text of 1 to 64 printable characters"):
            host.service().ask([identity, item], "SIGTERM", "view")


def test_one_process_named_twice_is_one(host: Host, identity: str) -> None:
    """Repeating an identity does not signal it twice."""
    question = host.service().ask([identity, identity], "SIGCONT", "view")
    assert len(question["targets"]) == 1


def test_a_flood_of_questions_holds_little(host: Host, identity: str) -> None:
    """A few questions a view and a dozen in all stay open, the oldest give way, and closing leaves no handle."""
    service = host.service()
    before = handles()
    first = asked(service, identity)
    for _ in range(50):
        asked(service, identity)
    assert handles() == before + MOST_OF_VIEW
    with pytest.raises(ActionRefused, match=r"^This confirmation gave way to newer ones: ask again\.$"):
        confirm(service, first)
    for view in range(200):
        asked(service, identity, view=f"view {view}")
    assert handles() == before + MOST_PENDING
    service.close()
    assert handles() == before


def test_refused_and_answered_questions_hold_nothing(host: Host, children: Children) -> None:
    """Whatever the end of a question, its handle is given back: no, gone, sent, alive, expired, cancelled."""
    sleeper, stubborn, gone = children.sleeper(), children.stubborn(), children.sleeper()
    host.read()
    clock = Clock()
    service = host.service(clock=clock, patience=0.05)
    gone.kill()
    gone.wait(PATIENCE)
    before = handles()
    service.ask([host.identity(gone.pid)], "SIGTERM", "view")
    confirm(service, asked(service, host.identity(sleeper.pid)))
    service.cancel(asked(service, host.identity(sleeper.pid))["nonce"], "view")
    offer = confirm(service, asked(service, host.identity(stubborn.pid), "SIGTERM"))["question"]
    assert handles() == before + 1
    confirm(service, offer)
    asked(service, host.identity(sleeper.pid))
    clock.ahead = 11
    service.cancel(asked(service, host.identity(sleeper.pid))["nonce"], "view")
    assert handles() == before


def test_a_refusal_after_the_process_was_held_lets_go_of_it(
    host: Host, identity: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it was not what was shown, or the question failed for a reason nobody thought of."""
    service = host.service()
    before = handles()
    shown = host.sample
    row = host.row(int(identity.split("-")[0]))
    host.sample = shown | {"processes": [row | {"ppid": 999_999}]}  # type: ignore[operator]
    assert service.ask([identity], "SIGTERM", "view")["result"] == "refused"
    assert handles() == before

    def fail() -> str:
        raise MemoryError

    host.sample = shown
    monkeypatch.setattr("secrets.token_urlsafe", fail)
    with pytest.raises(MemoryError) as caught:
        service.ask([identity], "SIGTERM", "view")
    assert caught.type is MemoryError
    assert handles() == before


def test_one_nonce_in_many_threads_is_used_once(host: Host, identity: str) -> None:
    """However many confirmations race, one wins."""
    service = host.service()
    question = asked(service, identity)
    barrier = threading.Barrier(8)
    won: list[object] = []
    lost: list[str] = []

    def try_it() -> None:
        barrier.wait()
        try:
            won.append(confirm(service, question))
        except ActionRefused as error:
            lost.append(str(error))

    threads = [threading.Thread(target=try_it) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert len(won) == 1
    assert lost == ["This confirmation was used already: ask again."] * 7
    assert [line["event"] for line in host.log.read()] == ["signal", "outcome"]


def test_no_file_descriptors_left_is_a_sentence(host: Host, identity: str) -> None:
    """When nothing can be opened any more nothing is signalled, and the answer says why."""
    program = """
import json, os, sys
from procwidget.actions.service import SignalService
from procwidget.errors import ActionRefused
sample = json.load(sys.stdin)
service = SignalService(lambda: sample, allowed=True, other_users=True)
hoard = []
for spare in range(6):
    try:
        while True:
            hoard.append(os.open("/dev/null", os.O_RDONLY))
    except OSError:
        pass
    for _ in range(spare):
        os.close(hoard.pop())
    try:
        answer = service.ask([sys.argv[1]], "SIGTERM", "view")
    except ActionRefused as error:
        answer = {"result": "refused", "refusals": [str(error)]}
    print(json.dumps(answer))
"""
    shell = ["sh", "-c", 'ulimit -n 40 && exec "$0" "$@"', sys.executable, "-c", program, identity]
    run = subprocess.run(shell, input=json.dumps(host.sample), capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    refused = [answer["refusals"][0] for answer in answers if answer["result"] == "refused"]
    assert answers[-1]["result"] == "question"
    assert len(refused) >= 2
    assert all("Too many open files" in sentence for sentence in refused)
