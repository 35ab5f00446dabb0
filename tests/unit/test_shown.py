"""What a view shows is had in Python: the same rows, in the same order, with the same columns."""

from __future__ import annotations

import pytest

from procwidget.views.shown import Arrangement, shown


def row(pid: int, **facts: object) -> dict[str, object]:
    plain = {"pid": pid, "ppid": 1, "name": "sleep", "user": "ana", "cpu": 0.0, "command": "sleep 9", "started": 900.0}
    return plain | {"identity": f"{pid}-1", "status": "sleeping", "memory": 1.0} | facts


ROWS = [
    row(4, name="b", cpu=5.0),
    row(2, name="kthreadd", ppid=0, command=None, cpu=1.0),
    row(3, name="B", cpu=None),
    row(1, name="a", cpu=5.0),
]


def pids(**by: object) -> list[object]:
    arrangement = Arrangement((("cpu", True),), "", ("pid",), kernel_threads=True)._replace(**by)
    return [one["pid"] for one in shown(ROWS, 1000.0, arrangement)]


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ({}, [1, 4, 2, 3]),
        ({"sort": (("cpu", False),)}, [2, 1, 4, 3]),
        ({"sort": (("name", False), ("pid", True))}, [1, 4, 3, 2]),
        ({"filter": "name=b"}, [4, 3]),
        ({"kernel_threads": False}, [1, 4, 3]),
        ({"sort": ()}, [1, 2, 3, 4]),
    ],
)
def test_rows_come_as_the_view_has_them(by, expected):
    """Sorted by its keys, unknown last in both directions, equals by pid; searched; with or without kernel threads."""
    assert pids(**by) == expected


def test_each_has_the_shown_columns_in_their_order():
    """The trace is a picture; an age is computed; what is not read yet is unknown."""
    arrangement = Arrangement((), "name=a", ("name", "trace", "age", "read"), kernel_threads=True)
    (one,) = shown(ROWS, 1000.0, arrangement)
    assert list(one.items()) == [("name", "a"), ("age", 100.0), ("read", None)]
