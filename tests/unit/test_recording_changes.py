"""What a recording writes of a reading is what differs from the one before, and that makes the later one again."""

from __future__ import annotations

import json
import random

import pytest

from procwidget.recording.changes import changes
from procwidget.recording.patch import applied, difference
from procwidget.sources.scripted import make_process


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"a": 1, "b": [1, 2], "c": {"d": None}}, {"a": 1, "b": [1, 3], "c": {"d": 4.5}}),
        ({"a": 1}, {"b": 2}),
        ({"a": [1]}, {"a": [1, 2]}),
        ({"a": {"=": 1}}, {"a": {"=": 2}}),
        ([], {}),
        (1, True),
        (None, {"a": None}),
    ],
)
def test_difference_makes_the_later_value(before, after):
    """Of what was and what differs, what is."""
    found = applied(before, json.loads(json.dumps(difference(before, after))))
    assert found == after and json.dumps(found) == json.dumps(after)
    assert difference(after, after) == {}


@pytest.mark.parametrize("others", [0, 3, 40, 300])
@pytest.mark.parametrize("by_pid", [True, False])
def test_changed_rows_and_those_that_are_gone_are_found_in_any_order(others, by_pid):
    """Also where a pid is another process's, and where more begin and end than are looked for one by one."""
    chance = random.Random(others)
    before = [make_process(pid=pid) for pid in range(1, 400)]
    after = [dict(row, cpu=5.0) if chance.random() < 0.1 else row for row in before]
    for _ in range(others):
        del after[chance.randrange(len(after))]
    after += [make_process(pid=500 + at) for at in range(others)]
    after[7] = make_process(pid=after[7]["pid"], identity="another")
    if not by_pid:
        chance.shuffle(after)
    old, new = ({row["identity"]: row for row in rows} for rows in (before, after))
    changed, gone = changes(before, after)
    assert changed == [row for row in after if old.get(row["identity"]) is not row]
    assert sorted(gone) == sorted(old.keys() - new.keys()) and len(gone) == others + 1
    assert changes([], after) == (after, []) and changes(after, after) == ([], [])
