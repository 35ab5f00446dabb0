"""Users and command lines of processes: who is asked about gets both, as far and as soon as each can be had."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from procwidget.sources import blocking, users_and_commands
from procwidget.sources.users_and_commands import UNKNOWN, AttributeReader, Command
from tests.patience import PATIENCE, until


class Asked:
    """A process of a user who is a number, as a source remembers it."""

    def __init__(self, pid: int, owner: int | None) -> None:
        self.pid, self.owner, self.name, self.attributes = pid, owner, f"p{pid}", UNKNOWN


class Stage:
    """A reader whose users have names such as "user 7", one of whom, 13, nobody can name before the end."""

    def __init__(self) -> None:
        self.end = threading.Event()
        self.named: list[int] = []
        self.stuck: set[int] = set()
        """The pids of those whose command lines do not answer before the end."""
        self.commands: dict[int, str | None] = {}
        self.reader: AttributeReader[Asked] = AttributeReader(lambda asked: asked.owner, self._name, self._command)

    def _name(self, owner: int) -> str:
        self.named.append(owner)
        if owner == 13:
            self.end.wait(PATIENCE)
        return f"user {owner}"

    def _command(self, asked: Asked) -> Command:
        if asked.pid in self.stuck:
            self.end.wait(PATIENCE)
        command = self.commands.get(asked.pid, f"run {asked.pid}")
        return command, "run" if command else ""

    def tick(self) -> bool:
        for asked, found in self.reader.answers():
            asked.attributes = asked.attributes._replace(**found)
        return True

    def knows(self, *askers: Asked) -> bool:
        """Tick and return whether both are known of all of them."""
        self.tick()
        return all(asked.attributes.user and asked.attributes.command for asked in askers)


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    monkeypatch.setattr(blocking, "STUCK_AFTER", 0.05)
    made = Stage()
    yield made
    made.end.set()
    made.reader.close()


def test_each_user_is_looked_up_and_not_each_process(stage: Stage):
    """Thousands of processes belong to few users, and what knows their names may be far away."""
    askers = [Asked(pid, pid % 3) for pid in range(100)]
    for asked in askers:
        assert stage.reader.ask(asked)
    until(lambda: stage.knows(*askers))
    assert {asked.attributes.user for asked in askers} == {"user 0", "user 1", "user 2"}
    assert set(stage.named) == {0, 1, 2} and len(stage.named) < 10


def test_names_are_not_kept_without_end(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    """Where there are very many users they are forgotten and looked up again, and no process goes without."""
    monkeypatch.setattr(users_and_commands, "_MOST_NAMES", 2)
    for pid in range(100, 150):
        # The second belongs to a user who is known when it is asked about, and may be forgotten before it is told.
        askers = [Asked(pid, pid), Asked(pid + 100, 0)]
        for asked in askers:
            assert stage.reader.ask(asked)
        until(lambda askers=askers: stage.knows(*askers))
    assert stage.named.count(0) > 1


def test_what_cannot_be_read_any_more_stays_as_it_was(stage: Stage):
    """A zombie has no command line, and its user may be hidden; both are still worth knowing."""
    asked = Asked(1, 7)
    stage.reader.ask(asked)
    until(lambda: stage.knows(asked))
    asked.owner, stage.commands[1] = None, None
    assert stage.reader.ask(asked)
    until(lambda: stage.tick() and stage.reader.ask(asked))
    assert asked.attributes == ("user 7", "run 1", "run", False)


def test_a_process_that_takes_another_user_is_followed(stage: Stage):
    """One that starts as root and becomes somebody else, known or not, and root again."""
    asked = Asked(1, 0)
    for owner in (0, 7, 0, 0, 7):
        asked.owner = owner
        until(lambda: stage.tick() and stage.reader.ask(asked))
        until(lambda owner=owner: stage.tick() and asked.attributes.user == f"user {owner}")


def test_users_who_cannot_be_named_are_said(stage: Stage):
    """A directory server that does not answer: command lines and all other users are known, and a note says why."""
    unnamed, named = Asked(1, 13), Asked(2, 7)
    stage.reader.ask(unnamed)
    until(lambda: stage.tick() and stage.reader.notes())
    stage.reader.ask(named)
    until(lambda: stage.knows(named) and unnamed.attributes.command)
    assert unnamed.attributes == (None, "run 1", "run", False)
    assert stage.reader.notes() == ["The names of some users cannot be read: what knows them does not answer."]
    stage.end.set()
    until(lambda: stage.knows(unnamed))
    assert stage.reader.notes() == []


def test_where_no_more_is_waited_for_users_are_known(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    """Two threads are stuck and the queue of those behind them is full: the next one has a user all the same."""
    monkeypatch.setattr(blocking, "_MOST_WAITING", 1)
    for pid in (1, 2, 3):
        asked = Asked(pid, 7)
        stage.stuck.add(pid)
        assert stage.reader.ask(asked)
        until(lambda asked=asked: stage.tick() and asked.attributes.user and (asked.attributes.stuck or asked.pid == 3))
    late = Asked(4, 8)
    assert not stage.reader.ask(late)
    until(lambda: stage.tick() and late.attributes.user == "user 8")
    stage.end.set()
    until(lambda: stage.tick() and stage.reader.ask(late))
    until(lambda: stage.knows(late))


def test_processes_that_wait_for_a_name_are_not_kept_without_end(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    """Where a user cannot be named for hours, thousands of his processes may have ended; the newest ones wait."""
    monkeypatch.setattr(users_and_commands, "_MOST_UNNAMED", 5)
    askers = [Asked(pid, 13) for pid in range(20)]
    for asked in askers:
        stage.reader.ask(asked)
    stage.tick()
    stage.end.set()
    until(lambda: stage.knows(*askers[-5:]))
    assert not any(asked.attributes.user for asked in askers[:-5])
