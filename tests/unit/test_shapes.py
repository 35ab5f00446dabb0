"""Values taken apart into a shape and figures."""

from __future__ import annotations

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procwidget.shapes import find, put_together, take_apart

_LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
_VALUES = st.recursive(_LEAVES, lambda parts: st.lists(parts) | st.dictionaries(st.text(), parts), max_leaves=20)


def typed(value):
    """A value with the type of each of its parts, for 1, 1.0 and True are equal."""
    if isinstance(value, dict):
        return [(key, typed(part)) for key, part in value.items()]
    if isinstance(value, list):
        return [typed(part) for part in value]
    return type(value), value


@given(_VALUES)
def test_what_is_taken_apart_is_put_together_as_it_was(value):
    """Whatever JSON can say comes back equal and of the same types, large numbers too."""
    figures = array("d")
    assert typed(put_together(take_apart(value, figures), figures)) == typed(value)


def test_values_that_differ_in_figures_only_have_one_shape():
    """That is what makes a sample small: its shape is that of the sample before."""
    first, second = (
        take_apart({"a": [number, None], "b": {"c": number / 3}, "name": "x"}, array("d")) for number in (1, 2)
    )
    assert first == second
    assert first != take_apart({"a": [1.0, None], "b": {"c": 1 / 3}, "name": "x"}, array("d"))


def test_what_is_known_in_a_list_may_change_and_the_shape_stays():
    """A disk that had no request has no latency; such a change must not cost a shape a sample."""
    shapes = [
        take_apart({"disks": [{"name": "sda", "latency": latency}]}, array("d")) for latency in (1.5, None, 0.25, None)
    ]
    assert len(set(shapes)) == 1
    assert take_apart({"of": None}, array("d")) != take_apart({"of": 1.5}, array("d"))


def test_a_part_is_found_without_the_others():
    """A path of keys leads to it; of what is unknown every part is unknown; all else is refused."""
    value, figures = {"a": [1.5, 2.5], "b": {"c": 3, "d": {"e": 4.5}}, "none": None, "text": "t"}, array("d")
    shape = take_apart(value, figures)
    for path in (["a"], ["b"], ["b", "c"], ["b", "d", "e"], ["none"], ["none", "of", "it"], ["text"]):
        wanted = value
        for key in path:
            wanted = wanted and wanted[key]
        part, start = find(shape, path)
        assert put_together(part, figures, start) == wanted
    for path in (["x"], ["b", "x"], ["text", "x"], ["a", "x"]):
        with pytest.raises(KeyError):
            find(shape, path)
