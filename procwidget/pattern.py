"""Regular expressions of the search: the part of them that Python and browsers read alike, checked and rewritten.

`compile_pattern` takes what stands between the slashes of `name~/…/` and returns a pattern for folded text, or `None`
for what is no such expression. What could take for ever is none: a repeated group has no repeats and no choices in it.
Pure; docs/search.md says what is known, and the browser has the same rules (views/js/search/pattern.js).
"""

from __future__ import annotations

import re

_LONGEST = 200
_DEEPEST = 10
_MOST_TIMES = 1000
_SETS = {"d": "0-9", "w": "a-z0-9_", "s": r" \t\n\r\f\v"}
_SPECIAL = frozenset("\\^$.*+?()[]{}|/")
_TIMES = re.compile(r"\{([0-9]{1,4})(,([0-9]{0,4}))?\}")


class _Wrong(Exception):
    """It is no regular expression, or none that is known here."""


def compile_pattern(source: str) -> re.Pattern[str] | None:
    """Return the pattern that finds `source` in text folded as `fold` does; `None` when it is none."""
    if not 0 < len(source) <= _LONGEST:
        return None
    reader = _Reader(source)
    try:
        text, _ = reader.choices(0)
        if reader.at < len(source):
            return None
        return re.compile(text, re.ASCII)
    except _Wrong:
        return None


def fold(text: str) -> str:
    """Return text as it is compared, upper and lower case alike; both of Greek's small sigmas are one letter."""
    return text.lower().replace("ς", "σ")


class _Reader:
    """Reads a source from left to right and writes it anew."""

    def __init__(self, source: str) -> None:
        self._source = source
        self.at = 0

    def _peek(self) -> str:
        return self._source[self.at : self.at + 1]

    def _take(self) -> str:
        letter = self._peek()
        if not letter:
            raise _Wrong
        self.at += 1
        return letter

    def choices(self, depth: int) -> tuple[str, bool]:
        """Read up to a closing parenthesis or the end; return it, and whether a repeat of it could take for ever."""
        if depth > _DEEPEST:
            raise _Wrong
        text, wild = self._sequence(depth)
        while self._peek() == "|":
            self._take()
            more, _ = self._sequence(depth)
            text, wild = f"{text}|{more}", True
        return text, wild

    def _sequence(self, depth: int) -> tuple[str, bool]:
        text, wild = "", False
        while self._peek() not in ("", "|", ")"):
            piece, repeats, within = self._piece(depth)
            times = self._times()
            if times is not None:
                if not repeats or (within and times != "?"):
                    raise _Wrong
                piece += times
                if self._peek() == "?":
                    piece += self._take()
            wild = wild or within or times is not None
            text += piece
        return text, wild

    def _piece(self, depth: int) -> tuple[str, bool, bool]:
        """Return what is read, whether it can be repeated, and whether a repeat of it could take for ever."""
        letter = self._take()
        if letter == "(":
            if self._source.startswith("?:", self.at):
                self.at += 2
            text, wild = self.choices(depth + 1)
            if self._take() != ")":
                raise _Wrong
            return f"(?:{text})", True, wild
        if letter == "[":
            return self._set(), True, False
        if letter == ".":
            return r"[^\n]", True, False
        if letter in "^$":
            return (letter if letter == "^" else r"\Z"), False, False
        if letter == "\\":
            return self._escape()
        if letter in "*+?{":
            raise _Wrong
        return _literal(letter), True, False

    def _escape(self) -> tuple[str, bool, bool]:
        letter = self._take()
        if letter.lower() in _SETS:
            return f"[{'^' if letter.isupper() else ''}{_SETS[letter.lower()]}]", True, False
        if letter in "bB":
            return f"\\{letter}", False, False
        return _literal(_plain(letter)), True, False

    def _set(self) -> str:
        text = "[^" if self._peek() == "^" and self._take() else "["
        begun = len(text)
        while self._peek() != "]":
            first = self._member()
            if len(first) > 1:
                text += first
                continue
            text += _member_literal(first)
            if self._peek() == "-" and self._source[self.at + 1 : self.at + 2] not in ("", "]"):
                self._take()
                last = self._member()
                if len(last) > 1 or first > last:
                    raise _Wrong
                text += f"-{_member_literal(last)}"
        self._take()
        if len(text) == begun:
            raise _Wrong
        return f"{text}]"

    def _member(self) -> str:
        """Return a folded letter of a set, or more than one letter: a set in it."""
        letter = self._take()
        if letter == "\\":
            letter = self._take()
            if letter in _SETS:
                return _SETS[letter]
            letter = _plain(letter)
        folded = fold(letter)
        return folded if len(folded) == 1 else letter

    def _times(self) -> str | None:
        letter = self._peek()
        if letter and letter in "*+?":
            return self._take()
        if letter != "{":
            return None
        found = _TIMES.match(self._source, self.at)
        if not found:
            raise _Wrong
        least, most = int(found[1]), int(found[3]) if found[3] else None
        if least > _MOST_TIMES or (most is not None and not least <= most <= _MOST_TIMES):
            raise _Wrong
        self.at = found.end()
        return found[0]


def _plain(letter: str) -> str:
    # Letters and digits after a backslash mean something, and not the same everywhere.
    if letter.isascii() and letter.isalnum():
        raise _Wrong
    return letter


def _literal(letter: str) -> str:
    folded = "".join(f"\\{one}" if one in _SPECIAL else one for one in fold(letter))
    return folded if len(folded) <= 2 else f"(?:{folded})"


def _member_literal(letter: str) -> str:
    return f"\\{letter}" if letter in "\\]^-[" else letter
