"""Whether pidfds work is found out when a service is made; a want of descriptors is not taken for a want of pidfds."""

from __future__ import annotations

import errno
import os
import resource

import pytest

from procwidget.actions.hold_and_send import pidfds_work
from tests.unit.action_stage import Host, handles


def test_a_desk_made_while_descriptors_are_out_holds_by_pidfds_later(host: Host, identity: str) -> None:
    """That none was left when it was made says nothing about pidfds: the better hold is not lost for good."""
    if not pidfds_work():
        pytest.skip("this system has no pidfds")
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, limits[1]))
    try:
        service = host.service()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    before = handles()
    assert service.ask([identity], "SIGCONT", "view")["result"] == "question"
    assert handles() == before + 1


@pytest.mark.parametrize("problem", [errno.ENOSYS, errno.EPERM])
def test_where_pidfds_are_refused_there_are_none(monkeypatch: pytest.MonkeyPatch, problem: int) -> None:
    """An old kernel and a container that forbids them are told from descriptors that are out."""

    def refuse(_pid: int) -> int:
        raise OSError(problem, os.strerror(problem))

    monkeypatch.setattr(os, "pidfd_open", refuse, raising=False)
    assert not pidfds_work()
