"""Remembers what each view asks for, such as fields or panels, and what all of them ask for together. No threads."""

from __future__ import annotations

_MOST_VIEWS = 1000


class Demands:
    """What views ask for; of too many views, whose names anybody may make up, the oldest are forgotten."""

    def __init__(self) -> None:
        self._of: dict[str, frozenset[str]] = {}
        self.union: frozenset[str] = frozenset()
        """What any view asks for."""

    def set(self, view: str, wanted: frozenset[str]) -> None:
        """Note what a view asks for, in place of what it asked for before."""
        self._of.pop(view, None)
        if wanted:
            self._of[view] = wanted
        if len(self._of) > _MOST_VIEWS:
            del self._of[next(iter(self._of))]
        self.union = frozenset[str]().union(*self._of.values())

    def clear(self) -> None:
        """Forget all."""
        self._of, self.union = {}, frozenset()
