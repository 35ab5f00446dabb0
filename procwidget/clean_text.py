"""Makes text that processes chose safe to show: names, command lines, users. Pure.

Process names are hostile input: they may hold control and bidirectional characters, bytes that are no text, or be very
long. Nothing of that may reach a terminal, JSON, a log or a page.
"""

from __future__ import annotations

import re

TEXT_LIMIT = 4096
"""Characters kept of a name or command line; longer ones end in "…"."""

# C0 and C1 controls, lone surrogates (undecodable bytes), bidirectional controls, zero-width characters, BOM. The two
# joiners (U+200C, U+200D) are part of how emoji, Persian and many scripts of India are written; after an ASCII
# character they join nothing and would only hide in it.
_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\ufff9-\ufffb]"
    "|(?<![^\x00-\x7f\u200c\u200d])[\u200c\u200d]"
)
_BREAKS = re.compile("[\t-\r\x85\u2028\u2029]")


def clean_text(text: str) -> str:
    """Return `text` as it may be shown: unprintable and bidirectional characters become "�", length is capped.

    Process names are chosen by whoever starts the process; this keeps them from moving a terminal's cursor,
    reversing a line or breaking JSON. Escaping for HTML is not done here: views set text, never markup.
    """
    if text.isascii() and text.isprintable() and len(text) <= TEXT_LIMIT:
        return text
    text = _UNPRINTABLE.sub("�", text)
    return text if len(text) <= TEXT_LIMIT else text[: TEXT_LIMIT - 1] + "…"


def clean_command(text: str) -> str:
    """Return a command line as `clean_text` does, but with a space for each tab and line break in its arguments."""
    if text.isascii() and text.isprintable() and len(text) <= TEXT_LIMIT:
        return text
    return clean_text(_BREAKS.sub(" ", text))
