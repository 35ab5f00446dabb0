"""Makes the text of the package's page from README.md when the package is built: its links become absolute.

The address at which the project lives stands in one place, `Source` of `[project.urls]` in pyproject.toml. Until it is
there, links stay as they are, and `.ci/release.py` lets nothing be published.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_LINK = re.compile(r"(?P<image>!?)(?P<text>\[[^]]*\])\((?![a-z]+:|#)(?P<path>[^)]+)\)")


def with_absolute_links(text: str, address: str | None, version: str) -> str:
    """Return Markdown whose relative links lead to `version` of the repository at `address`, one as GitHub has them."""
    if not address:
        return text

    def absolute(link: re.Match[str]) -> str:
        kind = "raw" if link["image"] else "blob"
        return f"{link['image']}{link['text']}({address.rstrip('/')}/{kind}/v{version}/{link['path']})"

    return _LINK.sub(absolute, text)


class ReadmeHook(MetadataHookInterface):
    """What hatchling calls."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Set the package's page."""
        text = Path(self.root, "README.md").read_text(encoding="utf-8")
        address = metadata.get("urls", {}).get("Source")
        text = with_absolute_links(text, address, metadata["version"])
        metadata["readme"] = {"content-type": "text/markdown", "text": text}
