"""Ways to read a host. A source is asked for a sample and gives one; it runs in the thread of whoever asks."""

from __future__ import annotations

import sys

from procwidget.errors import SourceUnavailable
from procwidget.sources.base import Source

__all__ = ["Source", "default_source"]


def default_source(top: int = 15) -> Source:
    """Return the best source for this system: its name is what `sample["source"]` says.

    Args:
        top: how many `top_processes` a sample carries.
    """
    if sys.platform.startswith("linux"):
        from procwidget.sources.linux.source import LinuxSource

        try:
            return LinuxSource(top)
        except SourceUnavailable:
            pass
    # It brings psutil, which takes a while to import.
    from procwidget.sources.portable.source import PortableSource

    return PortableSource(top)
