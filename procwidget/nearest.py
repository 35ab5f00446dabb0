"""Which of the names there are was probably meant by one that is none, as words for the end of a sentence. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

_LONGEST = 100


def nearest(given: object, known: Iterable[str], also: Mapping[str, str] | None = None) -> str | None:
    """Return the name that was probably meant; `None` when none is like it.

    Args:
        given: what somebody wrote.
        known: the names there are.
        also: other words for some of them, such as `{"refresh": "interval"}`.
    """
    if not isinstance(given, str) or len(given) > _LONGEST:
        return None
    names, others = list(known), dict(also or {})
    word = given.lower().replace("-", "_")
    found = others.get(word)
    if found is None:
        spelled = {name.lower().replace("-", "_"): name for name in reversed(names)}
        close = difflib.get_close_matches(word, [*spelled, *others], 1)
        found = (others.get(close[0]) or spelled[close[0]]) if close else None
    if found is None and len(word) > 2:
        # "cpu" is no letter or two away from "cpu_usage", and yet it is clear.
        found = next((name for name in names if name.startswith(word) or word.startswith(name + "_")), None)
    return found if found in names else None


def did_you_mean(given: object, known: Iterable[str], also: Mapping[str, str] | None = None) -> str:
    """Return `" (did you mean 'interval'?)"`, or nothing when no name is like what was given."""
    meant = nearest(given, known, also)
    return f" (did you mean {meant!r}?)" if meant else ""
