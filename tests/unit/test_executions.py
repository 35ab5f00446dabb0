"""Which cells a kernel runs, by what it says to all."""

from __future__ import annotations

import pytest

from procwidget.jupyter.executions import Executions, content_of, may_matter


def message(kind, at, request="a", parent="execute_request", **content):
    date = f"2026-01-01T00:00:{at:02}.000000Z"
    return {"msg_type": kind, "date": date}, {"msg_id": request, "msg_type": parent}, content


def test_a_cell_runs_from_its_number_to_idle():
    """Busy comes before the number, and is of what runs silently too."""
    executions = Executions()
    assert executions.take(*message("status", 1, execution_state="busy")) is None
    began = executions.take(*message("execute_input", 2, execution_count=12, code="secret"))
    assert executions.current == began and began and (began.number, began.shared) == (12, False)
    ended = executions.take(*message("status", 5, execution_state="idle"))
    assert ended and ended.ended is not None and ended.ended - ended.began == 3 and executions.current is None


def test_what_is_no_cell_is_none():
    """Completions, messages of widgets and what another program forges are none."""
    executions = Executions()
    executions.take(*message("execute_input", 2, parent="comm_msg", execution_count=1))
    executions.take({"msg_type": "execute_input", "date": "never"}, {"msg_id": "a", "msg_type": "execute_request"}, {})
    executions.take({"msg_type": "execute_input"}, {"msg_id": ["a"], "msg_type": "execute_request"}, {})
    assert executions.current is None
    assert executions.take(*message("status", 5, execution_state="idle")) is None


def test_cells_that_overlap_say_so():
    """Subshells run several at once: whose the cost is cannot be said."""
    executions = Executions()
    executions.take(*message("execute_input", 1, "a", execution_count=1))
    executions.take(*message("execute_input", 2, "b", execution_count=2))
    first = executions.take(*message("status", 3, "a", execution_state="idle"))
    second = executions.take(*message("status", 4, "b", execution_state="idle"))
    third = executions.take(*message("execute_input", 5, "c", execution_count=3))
    assert first and second and third and (first.shared, second.shared, third.shared) == (True, True, False)


@pytest.mark.parametrize(
    ("parts", "wanted"),
    [
        ([b"x", b"<IDS|MSG>", b"sig", b'{"msg_type": "status"}', b"{}", b"{}", b"{}"], True),
        ([b"x", b"<IDS|MSG>", b"sig", b'{"msg_type": "stream"}', b"{}", b"{}", b'{"text": "\\"status\\""}'], False),
        ([b"x"], False),
        ([b"<IDS|MSG>"], False),
    ],
)
def test_of_most_messages_only_the_kind_is_looked_at(parts, wanted):
    """A cell that prints much costs little here, and what it prints is never unpacked."""
    assert may_matter(parts) is wanted
    assert content_of(parts[:3]) == {}
