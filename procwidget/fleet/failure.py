"""What went wrong on a host, on its way to who asked: an answer is made of it there, and here it is raised."""

from __future__ import annotations

import json
import logging
import zlib
from typing import Any

from procwidget.clean_text import clean_text
from procwidget.errors import ActionRefused, InvalidArgument, ProcwidgetError, SourceUnavailable

_log = logging.getLogger("procwidget")
_KINDS: dict[str, type[ProcwidgetError]] = {
    "refused": ActionRefused,
    "invalid": InvalidArgument,
    "unavailable": SourceUnavailable,
}
_LONGEST = 1000


def packed_failure(error: Exception) -> bytes:
    """Return the answer to a request that failed; what is no sentence of ours is logged."""
    kind, text = "failed", str(error)
    if isinstance(error, ProcwidgetError):
        kind = next((name for name, one in _KINDS.items() if isinstance(error, one)), "refused")
    else:
        _log.error("A request of a fleet failed", exc_info=error)
        text = f"procwidget failed on that host ({type(error).__name__}); the log of its nanny says how."
    return zlib.compress(json.dumps({"error": text, "kind": kind}).encode("ascii"))


def raise_failure(said: dict[str, Any]) -> None:
    """Raise what a host said that went wrong there, if it said so.

    Raises:
        ProcwidgetError: it did.
    """
    if "error" in said:
        raise _KINDS.get(str(said.get("kind")), ProcwidgetError)(clean_text(str(said["error"]))[:_LONGEST])
