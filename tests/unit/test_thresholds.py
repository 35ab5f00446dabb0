"""Values become levels."""

from __future__ import annotations

import pytest

from procwidget import InvalidArgument, Thresholds


@pytest.mark.parametrize(
    ("value", "level"),
    [
        (None, "normal"),
        (0.0, "normal"),
        (69.9, "normal"),
        (70.0, "warning"),
        (89.9, "warning"),
        (90.0, "critical"),
        (100, "critical"),
    ],
)
def test_defaults_are_seventy_and_ninety(value, level):
    """CPU and memory warn from 70 % on and are critical from 90 % on; unknown is normal."""
    assert Thresholds().level("cpu", value) == level
    assert Thresholds().level("memory", value) == level


def test_a_dict_changes_only_what_it_names():
    """A user's dict changes its pairs and leaves the others."""
    limits = Thresholds.of({"cpu": (10, 20)})
    assert limits.cpu == (10.0, 20.0)
    assert limits.memory == Thresholds().memory


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"cpu": (90, 70)}, "above"),
        ({"cpu": (-1, 70)}, "from 0"),
        ({"cpu": (float("nan"), 70)}, "nan"),
        ({"cpu": (70,)}, "pair"),
        ({"cpu": ("a", "b")}, "number"),
        ({"gpu": (1, 2)}, "gpu"),
        ({"hold": -1}, "from 0"),
        ({"hold": (1, 2)}, "number"),
        ({"process_hold": 4000}, "to 3600"),
        ([1, 2], "dict"),
    ],
)
def test_a_wrong_threshold_gets_a_sentence(wrong, word):
    """What is wrong is named, and what would be right."""
    with pytest.raises(InvalidArgument, match=word):
        Thresholds.of(wrong)


def test_a_level_that_is_on_ends_below_where_it_began():
    """Five points below, at small thresholds a tenth: one of 2 % must be able to end."""
    thresholds = Thresholds(swap=(2.0, 90.0))
    assert [thresholds.level("cpu", value, "critical") for value in (85.0, 84.9)] == ["critical", "warning"]
    assert [thresholds.level("cpu", value, "warning") for value in (89.0, 65.0, 64.9)] == [
        "warning",
        "warning",
        "normal",
    ]
    assert [thresholds.level("swap", value, "warning") for value in (1.8, 1.7, None)] == ["warning", "normal", "normal"]
    assert thresholds.level("cpu", 69.0) == "normal"
