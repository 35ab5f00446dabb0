"""Terms of a search that no row can answer: who has a port, `port:8888`, or a file open, `file:data.csv`.

The search language (`query.py`) makes a `Lookup` of each such term. Whoever searches finds the processes out
(`procwidget.details.holders`) and writes their identities into it; until then nothing matches it. Pure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

_MOST_PORT_DIGITS = 5
_LARGEST_PORT = 65535


@dataclass(eq=False)
class Lookup:
    """One such term; `found` has the identities of the processes that it finds."""

    kind: str
    value: str
    found: frozenset[str] = frozenset()


def _port(value: str) -> str | None:
    number = int(value) if value.isascii() and value.isdigit() and len(value) <= _MOST_PORT_DIGITS else 0
    return str(number) if 0 < number <= _LARGEST_PORT else None


KINDS: dict[str, tuple[Callable[[str], str | None], str]] = {
    "port": (_port, "a number from 1 to 65535"),
    "file": (lambda value: value or None, "a part of a file's path"),
}
"""By the word before the colon: what makes a value of what was typed, `None` of what is none, and what is right."""
