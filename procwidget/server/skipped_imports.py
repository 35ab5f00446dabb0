"""Stops Jupyter Server from importing slow modules that the page never uses: the page starts seconds sooner."""

from __future__ import annotations

import sys

_UNUSED = ("rfc3987_syntax",)
"""Modules that their importers do without when they are missing.

`rfc3987_syntax` reads a grammar of internationalized addresses whenever it is imported, for 2 s of CPU, three quarters
of what the whole server takes. jsonschema has it check "iri" formats, and no schema here has one.
"""


def leave_out() -> None:
    """Have every later import of these modules fail as if they were not installed; those imported already stay."""
    for name in _UNUSED:
        # What Python's import system takes for "there is none".
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
