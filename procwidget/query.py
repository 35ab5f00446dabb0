"""The search language of the process table: `parse` makes a `Query` of a text, which says whether a row matches.

Pure; no threads. docs/search.md is the reference: the grammar, the tokens, every error's sentence. The browser has the
same language (views/js/search), and both are held to the cases of tests/query_cases.json.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from procwidget.errors import InvalidArgument, QueryError
from procwidget.fields import Field
from procwidget.lookups import KINDS, Lookup
from procwidget.pattern import fold
from procwidget.sample import Process
from procwidget.search_comparison import (
    BY_NAME,
    Predicate,
    can_have_unit,
    column_of,
    compare,
    compare_pattern,
    operator_takes,
    similar_name,
)

__all__ = ["Query", "QueryError", "parse"]

_SPACE = r" \t\n\v\f\r\u00a0\u3000"
_SPACES = re.compile(f"[{_SPACE}]*")
_BARE = re.compile(f"[^{_SPACE}()]+")
_OPERATOR = re.compile("!=|!~|>=|<=|==|=|>|<|~")
_COLON = re.compile(":")
_WITH_COLON = ("notebook",)
"""After these a colon is as good as `~`, as people write it of what has "port:" and "file:" beside it."""
_NAME = re.compile(rf"(?![0-9])(?:[A-Za-z0-9_]|[^\x00-\x7f{_SPACE}])+")
_LOOKUP = re.compile(f"({'|'.join(KINDS)}):", re.IGNORECASE)
_PATTERN = re.compile(rf"/(?:[^/\\]|\\.)+/(?=[{_SPACE})]|\Z)", re.DOTALL)
_KEYWORDS = ("and", "or", "not")
_MOST_SHOWN = 30
_DEEPEST = 50


@dataclass(frozen=True)
class Query:
    """A search that was understood.

    `text` is what was typed, `all` whether every row matches because nothing was asked, `keys` the fields compared,
    `lookups` the terms that are to be looked up before rows are matched.
    """

    text: str
    all: bool
    keys: frozenset[str]
    _predicate: Predicate
    lookups: tuple[Lookup, ...] = ()

    def matches(self, process: Process, now: float) -> bool:
        """Return whether a row matches.

        Args:
            process: a row of a sample.
            now: the sample's `time`, Unix seconds; ages count up to it.
        """
        return self._predicate(process, now)


class _Token(NamedTuple):
    """A parenthesis, a keyword or a term, and where it stands.

    Terms have a `predicate`, comparisons a `key` too, and what is to be looked up a `lookup`.
    """

    kind: str
    start: int
    end: int
    predicate: Predicate | None = None
    key: str = ""
    lookup: Lookup | None = None


class _Text(NamedTuple):
    """A piece of the text, as typed and as meant: without its quotes."""

    start: int
    end: int
    value: str


def parse(text: str, columns: Mapping[str, Field] = BY_NAME) -> Query:
    """Return the query that `text` is; an empty one, or one of spaces only, matches every row.

    Args:
        text: what was typed.
        columns: what it can name, by name; fields of processes usually.

    Raises:
        QueryError: the text is wrong; it says where, and what would be right.
        InvalidArgument: it is no text at all.
    """
    if not isinstance(text, str):
        raise InvalidArgument(f"A search must be text such as 'cpu>50 user=ana', not {text!r}.")
    tokens = _tokens(text, columns)
    if not tokens:
        return Query(text, True, frozenset(), lambda _row, _now: True)
    keys = frozenset(token.key for token in tokens if token.key)
    lookups = tuple(token.lookup for token in tokens if token.lookup)
    return Query(text, False, keys, _Parser(text, tokens).parse(), lookups)


def _tokens(text: str, columns: Mapping[str, Field]) -> list[_Token]:
    tokens: list[_Token] = []
    place = _skip_spaces(text, 0)
    while place < len(text):
        token = _token(text, place, columns)
        tokens.append(token)
        place = _skip_spaces(text, token.end)
    return tokens


def _token(text: str, place: int, columns: Mapping[str, Field]) -> _Token:
    if text[place] in "()":
        return _Token(text[place], place, place + 1)
    if text[place] in "\"'":
        quoted = _quoted(text, place)
        return _Token("term", place, quoted.end, _word(quoted.value))
    if kind := _LOOKUP.match(text, place):
        return _lookup(text, kind)
    if operator := _OPERATOR.match(text, place):
        raise QueryError(f"A column's name is missing before '{operator[0]}'; {_advice(operator[0])}", *operator.span())
    if head := _comparison_head(text, place):
        return _comparison(text, *head, columns)
    bare = _bare(text, place)
    if by_pid := _pid(text, bare):
        return by_pid
    if bare.value.lower() in _KEYWORDS:
        return _Token(bare.value.lower(), bare.start, bare.end)
    return _Token("term", bare.start, bare.end, _word(bare.value))


def _lookup(text: str, typed: re.Match[str]) -> _Token:
    kind, value = typed[1].lower(), _value(text, typed.end())
    if value is None:
        raise QueryError(f"A value is missing after '{typed[0]}'.", *typed.span())
    read, takes = KINDS[kind]
    meant = read(value.value)
    if meant is None:
        raise QueryError(f"{typed[0]} takes {takes}, not '{_shown(value.value)}'.", value.start, value.end)
    lookup = Lookup(kind, meant)
    return _Token("term", typed.start(), value.end, lambda row, _now: row["identity"] in lookup.found, lookup=lookup)


def _skip_spaces(text: str, place: int) -> int:
    found = _SPACES.match(text, place)
    return found.end() if found else place


def _comparison_head(text: str, place: int) -> tuple[re.Match[str], re.Match[str]] | None:
    """Return the column's name and the operator of the comparison that begins here, if one does."""
    name = _NAME.match(text, place)
    if not name:
        return None
    colon = _COLON.match(text, name.end()) if name[0].lower() in _WITH_COLON else None
    operator = colon or _OPERATOR.match(text, _skip_spaces(text, name.end()))
    if not operator:
        return None
    if name[0].lower() in _KEYWORDS and operator.start() > name.end():
        return None
    return name, operator


def _comparison(text: str, name: re.Match[str], operator: re.Match[str], columns: Mapping[str, Field]) -> _Token:
    column, typed = column_of(name[0], columns), operator[0]
    if column is None:
        meant = f"{name[0].lower()}:" if name[0].lower() in KINDS else similar_name(name[0], columns)
        more = f"did you mean {meant}?" if meant else _advice(typed)
        raise QueryError(f"There is no column '{_shown(name[0])}'; {more}", *name.span())
    sign = {"==": "=", ":": "~"}.get(typed, typed)
    pattern = _PATTERN.match(text, _skip_spaces(text, operator.end())) if column.kind.text and "~" in sign else None
    if pattern:
        return _pattern_term(column, sign, name, pattern)
    value = _with_unit(text, column, _value(text, operator.end()))
    if value is None:
        raise QueryError(f"A value is missing after '{name[0]}{typed}'.", name.start(), operator.end())
    if not operator_takes(column, sign):
        right = "text: use =, !=, ~ or !~" if column.kind.text else "a number: use =, !=, >, >=, < or <="
        raise QueryError(f"{name[0]} is {right}, not '{typed}'.", *operator.span())
    predicate = compare(column, sign, value.value)
    if predicate is None:
        takes = column.kind.takes
        sentence = f"{name[0]} takes {takes}, not '{_shown(value.value)}'."
        raise QueryError(sentence, value.start, value.end)
    return _Token("term", name.start(), value.end, predicate, column.key)


def _pattern_term(column: Field, sign: str, name: re.Match[str], pattern: re.Match[str]) -> _Token:
    """Return the term of a regular expression, which stands between slashes."""
    predicate = compare_pattern(column, sign, pattern[0][1:-1])
    if predicate is None:
        raise QueryError(f"'{_shown(pattern[0])}' is no regular expression that a search can have.", *pattern.span())
    return _Token("term", name.start(), pattern.end(), predicate, column.key)


def _with_unit(text: str, column: Field, value: _Text | None) -> _Text | None:
    """Return a value together with the unit that stands after it: "50 %"."""
    if value is None or text[value.start] != value.value[:1]:
        return value
    unit = _bare(text, _skip_spaces(text, value.end))
    if unit.start > value.end and can_have_unit(column, value.value, unit.value):
        return _Text(value.start, unit.end, value.value + unit.value)
    return value


def _pid(text: str, word: _Text) -> _Token | None:
    """Return the term "pid 1", which needs no operator; `None` where the word is none of that."""
    column = column_of(word.value) if word.value.lower() == "pid" else None
    number = _bare(text, _skip_spaces(text, word.end))
    if column is None or number.start == word.end or not re.fullmatch("[0-9]+", number.value):
        return None
    return _Token("term", word.start, number.end, compare(column, "=", number.value), column.key)


def _value(text: str, place: int) -> _Text | None:
    """Return the value after an operator; `None` when none is there, only the next term."""
    start = _skip_spaces(text, place)
    if start == len(text) or text[start] in "()":
        return None
    if text[start] in "\"'":
        return _quoted(text, start)
    bare = _bare(text, start)
    if start > place and (bare.value.lower() in _KEYWORDS or _comparison_head(text, start)):
        return None
    return bare


def _quoted(text: str, place: int) -> _Text:
    end = text.find(text[place], place + 1)
    if end < 0:
        raise QueryError("This quote is not closed.", place, len(text))
    return _Text(place, end + 1, text[place + 1 : end])


def _bare(text: str, place: int) -> _Text:
    found = _BARE.match(text, place)
    end = found.end() if found else place
    return _Text(place, end, text[place:end])


def _word(word: str) -> Predicate:
    wanted = fold(word)

    def matches(row: Process, _now: float) -> bool:
        fields = (row["name"], row["command"], row["user"], str(row["pid"]))
        return any(field is not None and wanted in fold(field) for field in fields)

    return matches


def _advice(operator: str) -> str:
    return f"to look for text with '{operator}' in it, put it in quotes."


def _shown(text: str) -> str:
    return text if len(text) <= _MOST_SHOWN else text[: _MOST_SHOWN - 1] + "…"


class _Parser:
    """Turns tokens into one predicate: `or` binds least, then `and` or nothing between two terms, then `not`."""

    def __init__(self, text: str, tokens: Sequence[_Token]) -> None:
        self._text = text
        self._tokens = tokens
        self._next = 0
        self._depth = 0

    def parse(self) -> Predicate:
        predicate = self._any()
        if extra := self._peek():
            raise _unmatched(extra)
        return predicate

    def _peek(self, *kinds: str) -> _Token | None:
        """Return the next token if there is one, of one of these kinds if any are given."""
        if self._next == len(self._tokens):
            return None
        token = self._tokens[self._next]
        return token if not kinds or token.kind in kinds else None

    def _any(self) -> Predicate:
        choices = [self._all()]
        while self._peek("or"):
            self._next += 1
            choices.append(self._all())
        if len(choices) == 1:
            return choices[0]
        return lambda row, now: any(choice(row, now) for choice in choices)

    def _all(self) -> Predicate:
        terms = [self._not()]
        while token := self._peek("and", "not", "(", "term"):
            self._next += token.kind == "and"
            terms.append(self._not())
        if len(terms) == 1:
            return terms[0]
        return lambda row, now: all(term(row, now) for term in terms)

    def _not(self) -> Predicate:
        depth = self._depth
        while token := self._peek("not"):
            self._go_deeper(token)
        negated = (self._depth - depth) % 2 == 1
        predicate = self._term()
        self._depth = depth
        return (lambda row, now: not predicate(row, now)) if negated else predicate

    def _term(self) -> Predicate:
        token = self._peek("term", "(")
        if token is None:
            raise self._missing()
        if token.predicate is not None:
            self._next += 1
            return token.predicate
        self._go_deeper(token)
        predicate = self._any()
        if not self._peek(")"):
            raise _unmatched(token)
        self._next += 1
        self._depth -= 1
        return predicate

    def _go_deeper(self, token: _Token) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise QueryError(f"Parentheses and 'not' go at most {_DEEPEST} deep.", token.start, token.end)
        self._next += 1

    def _missing(self) -> QueryError:
        """Return what is wrong where a term should stand and none does."""
        before = self._tokens[self._next - 1] if self._next else None
        here = self._peek()
        if before and before.kind in _KEYWORDS:
            return QueryError(f"Something is missing after '{self._typed(before)}'.", before.start, before.end)
        if here and here.kind in _KEYWORDS:
            return QueryError(f"Something is missing before '{self._typed(here)}'.", here.start, here.end)
        if before and here:
            return QueryError("There is nothing between these parentheses.", before.start, here.end)
        return _unmatched(before or self._tokens[self._next])

    def _typed(self, token: _Token) -> str:
        return self._text[token.start : token.end]


def _unmatched(parenthesis: _Token) -> QueryError:
    other = ")" if parenthesis.kind == "(" else "("
    return QueryError(f"There is no '{other}' for this '{parenthesis.kind}'.", parenthesis.start, parenthesis.end)
