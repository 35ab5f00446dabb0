"""The search language: text and rows enter, matches or a mistake leave. The page is held to the same cases."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procwidget.errors import InvalidArgument, ProcwidgetError, QueryError
from procwidget.fields import SEARCHED
from procwidget.query import parse

TABLE = json.loads((Path(__file__).parent.parent / "query_cases.json").read_text(encoding="utf-8"))
ROWS, NOW = TABLE["processes"], TABLE["now"]
DOCUMENT = (Path(__file__).parent.parent.parent / "docs" / "search.md").read_text(encoding="utf-8")

# Text of the pieces that the language is made of, which random characters would seldom make.
WORDS = "cpu mem user age nonsense or and not ( ) \" ' = != ~ !~ > <= 5 1.5g 2h dd 日本 🐍 - ."
PIECES = st.lists(st.sampled_from([*WORDS.split(" "), " "]), max_size=14).map("".join)
TEXTS = st.one_of(PIECES, st.text(max_size=30))


def pids(text: str) -> list[int]:
    query = parse(text)
    for lookup in query.lookups:
        lookup.found = frozenset(TABLE["lookups"].get(f"{lookup.kind}:{lookup.value}", ()))
    return [row["pid"] for row in ROWS if query.matches(row, NOW)]


def understood(text: str) -> bool:
    try:
        parse(text)
    except QueryError:
        return False
    return True


@pytest.mark.parametrize("case", TABLE["cases"], ids=lambda case: case["query"][:40] or "empty")
def test_the_table_of_cases_holds(case: dict[str, Any]) -> None:
    """Every case finds its rows, or fails with its sentence at its place."""
    if "pids" in case:
        assert pids(case["query"]) == case["pids"]
        return
    with pytest.raises(QueryError) as caught:
        parse(case["query"])
    assert {"start": caught.value.start, "end": caught.value.end, "text": str(caught.value)} == case["error"]


def test_the_table_covers_the_language() -> None:
    """Every column under every name, and every operator, is in a case that finds something and leaves something."""
    telling = [case["query"].lower() for case in TABLE["cases"] if 0 < len(case.get("pids", [])) < len(ROWS)]
    names = [name for column in SEARCHED for name in column.names]
    for piece in [*names, "=", "!=", "~", "!~", ">", ">=", "<", "<=", "==", "or", "and", "not", "("]:
        assert any(piece in query for query in telling), piece
    assert sum("error" in case for case in TABLE["cases"]) > 80


@given(TEXTS)
def test_any_text_is_understood_or_pointed_at(text: str) -> None:
    """No text breaks the parser: it is understood, or an error points at some of its characters."""
    try:
        query = parse(text)
    except QueryError as error:
        assert 0 <= error.start < error.end <= len(text)
        assert str(error).endswith((".", "?"))
        return
    assert query.text == text
    assert query.all == (text.strip(" \t\n\v\f\r\u00a0\u3000") == "")
    for row in ROWS:
        query.matches(row, NOW)


@given(PIECES.filter(understood), PIECES.filter(understood))
def test_not_or_and_side_by_side_are_those_of_sets(one: str, other: str) -> None:
    """What `not`, `or` and standing side by side find is the complement, the union and the intersection."""
    every, first, second = pids(""), set(pids(one)), set(pids(other))
    if one.strip() and other.strip():
        assert set(pids(f"not ({one})")) == set(every) - first
        assert set(pids(f"({one}) or ({other})")) == first | second
        assert set(pids(f"({one}) ({other})")) == set(pids(f"({one}) and ({other})")) == first & second


@given(st.text(max_size=6).filter(lambda text: '"' not in text))
def test_quoted_text_is_looked_for_as_it_is(text: str) -> None:
    """Anything between quotes is one word: what has it in it is found."""
    found = pids(f'"{text}"')
    for row in ROWS:
        fields = [field for field in (row["name"], row["command"], row["user"], str(row["pid"])) if field is not None]
        if any(text in field for field in fields):
            assert row["pid"] in found


def test_an_error_is_one_of_ours_and_is_shown_without_a_traceback() -> None:
    """One `except ProcwidgetError` catches it, as does `except ValueError`; IPython shows the sentence."""
    with pytest.raises(InvalidArgument) as caught:
        parse("cpuu>50")
    assert isinstance(caught.value, ProcwidgetError)
    assert isinstance(caught.value, ValueError)
    assert caught.value._render_traceback_() == ["QueryError: There is no column 'cpuu'; did you mean cpu?"]


def test_what_is_no_text_is_refused_in_a_sentence() -> None:
    """A number instead of text is an error of ours that shows what would be right."""
    with pytest.raises(InvalidArgument, match=r"A search must be text such as 'cpu>50 user=ana', not 50\."):
        parse(50)  # type: ignore[arg-type]


def test_ages_count_up_to_the_sample() -> None:
    """The same row is older in a later sample."""
    row = next(row for row in ROWS if row["pid"] == 301)
    query = parse("age>1h")
    assert not query.matches(row, NOW)
    assert query.matches(row, NOW + 3600)


def test_a_long_text_is_parsed_at_once() -> None:
    """A hundred thousand words, spaces or quotes neither break the parser nor make it slow."""
    for text in ("dd " * 100_000, "a" + " " * 300_000, "a" * 300_000 + "=1", "''" * 100_000, "a " * 100_000 + "= x"):
        understood(text)


def test_the_document_names_every_column_and_sentence() -> None:
    """docs/search.md, from which the page's half is written, has every column name in order and every error."""
    names = [name for column in SEARCHED for name in column.names]
    table = DOCUMENT.partition("<!-- fields")[2].partition("<!-- /fields -->")[0]
    listed = [name for line in table.splitlines() for name in re.findall("`([a-z_]+)`", "|".join(line.split("|")[:3]))]
    assert listed == names
    for sentence in (
        "This quote is not closed.",
        "Something is missing before 'KEYWORD'.",
        "Something is missing after 'KEYWORD'.",
        "There is nothing between these parentheses.",
        "There is no '(' for this ')'.",
        "There is no ')' for this '('.",
        "Parentheses and 'not' go at most 50 deep.",
    ):
        assert sentence in DOCUMENT
    for column in SEARCHED:
        assert column.kind.takes in DOCUMENT
