"""A confirmation that is cut short: by the end of its dashboard, a failure nobody thought of, or an interrupt."""

from __future__ import annotations

import signal

import pytest

from procwidget.actions.hold_and_send import PidfdTarget
from tests.patience import PATIENCE
from tests.unit.action_stage import Children, Host, act, asked, confirm, handles


def test_closing_ends_a_batch_before_its_next_signal(
    host: Host, children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was not signalled when the dashboard was closed is not signalled afterwards, and is told so."""
    first, second = children.sleeper(), children.sleeper()
    host.read()

    send = PidfdTarget.send

    def close_after(target: PidfdTarget, action: str) -> None:
        send(target, action)
        service.close()

    monkeypatch.setattr(PidfdTarget, "send", close_after)
    service = host.service(pidfds=True)
    question = service.ask([host.identity(child.pid) for child in (first, second)], "SIGKILL", "view")
    outcomes = confirm(service, question)["outcomes"]
    assert outcomes[1]["result"] == "refused"
    assert outcomes[1]["text"] == f"sleep ({second.pid}) was not signalled: this dashboard was closed meanwhile"
    assert first.wait(PATIENCE) == -signal.SIGKILL
    assert second.poll() is None
    assert host.log.read()[-1]["result"] == "refused"


def test_a_failure_at_one_process_does_not_abandon_the_others(
    host: Host, children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That outcome is said to be unknown, the others happen, and all of them stand in the log."""
    first, second = children.sleeper(), children.sleeper()
    host.read()
    send = PidfdTarget.send

    def fail_at_first(target: PidfdTarget, action: str) -> None:
        send(target, action)
        if target.pid == first.pid:
            raise RuntimeError("nobody thought of this")

    monkeypatch.setattr(PidfdTarget, "send", fail_at_first)
    service = host.service(pidfds=True)
    before = handles()
    question = service.ask([host.identity(child.pid) for child in (first, second)], "SIGTERM", "view")
    outcomes = confirm(service, question)["outcomes"]
    assert [outcome["result"] for outcome in outcomes] == ["unknown", "ended"]
    assert outcomes[0]["text"] == (
        f"procwidget failed at sleep ({first.pid}), which may have been signalled; the kernel's log says how"
    )
    assert [line["result"] for line in host.log.read() if line["event"] == "outcome"] == ["unknown", "ended"]
    assert handles() == before


def test_an_interrupt_leaves_every_signal_with_its_outcome_in_the_log(
    host: Host, children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Interrupted while it waits: what was sent stands as sent, and nothing is held any more."""
    child = children.sleeper()
    host.read()

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("procwidget.actions.service.wait_until_ended", interrupt)
    service = host.service()
    before = handles()
    with pytest.raises(KeyboardInterrupt):
        act(service, host.identity(child.pid), "SIGKILL")
    assert [(line["event"], line.get("result")) for line in host.log.read()] == [("signal", None), ("outcome", "sent")]
    assert handles() == before


def test_a_second_question_that_cannot_be_kept_holds_nothing(
    host: Host, children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Force kill could not be offered: what held the process is given back."""
    child = children.stubborn()
    host.read()
    service = host.service(patience=0.05)
    before = handles()
    question = asked(service, host.identity(child.pid), "SIGTERM")

    def fail() -> str:
        raise MemoryError

    monkeypatch.setattr("secrets.token_urlsafe", fail)
    with pytest.raises(MemoryError) as caught:
        confirm(service, question)
    assert caught.type is MemoryError
    assert handles() == before
