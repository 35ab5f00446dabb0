"""Files that one browser requested are sent to the next one in a single bundle. Runs in the event loop's thread.

Voilà, its widget manager and the widget libraries come as a hundred files that request one another, level by level, so
the first visitor waits for many round trips. Most files only put modules on a list for their loader (`webpackChunk…`,
`rspackChunk…`), and the loader does not request again what it finds there when it starts: these go into the bundle.
Files that do more than that stay as they are, and the page names them early.
"""

from __future__ import annotations

import hashlib
import re
from html import escape
from pathlib import Path

_ADDRESS = re.compile(r"(?:/(?!\.\.?/)[A-Za-z0-9@._-]+)+\.js(?:\?v=[0-9a-f]{1,64})?")
_NAME = r"self(?:\.(?:web|rs)packChunk\w+|\[\"(?:web|rs)packChunk\w+\"\])"
_ONLY_LISTS_MODULES = re.compile(
    rf"\s*(?:\"use strict\";\s*)?\({_NAME}\s*=\s*{_NAME}\s*\|\|\s*\[\]\)\.push\(\[".encode()
)
LATER = '<template id="procwidget-later">'
"""Where the page has what it loads after the first figures."""
_COMMENT = re.compile(rb"\s*/\*.*?\*/", re.DOTALL)


class Scripts:
    """The scripts that browsers asked for."""

    def __init__(self) -> None:
        self._lists: dict[str, bytes] = {}
        self._early: dict[str, str] = {}
        self._together: bytes | None = None
        self._version = ""

    def asked(self, address: str, path: str) -> None:
        """Remember a script that was served: `path` is its file, `address` has a version in it at most."""
        if path in self._lists or path in self._early or not _ADDRESS.fullmatch(address):
            return
        code = Path(path).read_bytes()
        start = code
        while comment := _COMMENT.match(start):
            start = start[comment.end() :]
        if _ONLY_LISTS_MODULES.match(start):
            self._lists[path] = code
            self._together = None
        else:
            self._early[path] = address

    def together(self) -> bytes:
        """Return the files that only list modules as one script; empty before anybody asked for any."""
        if self._together is None:
            # In a function of its own each stays strict or not, as it was written.
            parts = [b"(()=>{" + code + b"\n})();\n" for code in self._lists.values()]
            self._together = b"".join(parts)
            self._version = hashlib.sha256(self._together).hexdigest()[:20]
        return self._together

    def into(self, html: str, base_url: str) -> str:
        """Return the page with these scripts in it: the one file before Voilà's own script, all named before that.

        They stand where the page finds them after the first figures: until then they would only be in the way.
        """
        addresses = list(self._early.values())
        if self.together():
            ours = f"{base_url}procwidget/scripts.js?v={self._version}"
            addresses.insert(0, ours)
            entry = f'<script src="{base_url}voila/static/voila.js"'
            html = html.replace(entry, f'<script src="{ours}"></script>\n{entry}', 1)
        links = (f'<link rel="preload" as="script" href="{escape(address)}">' for address in addresses)
        return html.replace(LATER, LATER + "".join(links), 1)
