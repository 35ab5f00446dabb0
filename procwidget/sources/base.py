"""The Source protocol: one way to read a host.

A source turns a host into samples. Its methods are called from one thread at a time (the poller's, or the
caller's of `snapshot`), never concurrently.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from procwidget.sample import Sample
from procwidget.sources.kernel_counts import PressureAverages

Averages = Callable[[], PressureAverages | None]


def averages_of(source: object) -> Averages | None:
    """Return what tells the last minute of a source's host; `None` where the source knows no more than it reads."""
    return getattr(source, "pressure_averages", None)


class Source(Protocol):
    """Reads a host.

    The contract, which `tests/unit/test_source_contract.py` holds every source to:

    * The first `read()` has `interval` `None` and every rate that needs two readings `None`.
    * A process that vanishes while it is read leaves the sample; what may not be read is `None`; `read` raises only
      when the host as a whole cannot be read.
    * Rows that did not change are the same objects as in the sample before; a row is never changed once handed out.
    * CPU percent comes from this source's own differences, keyed by identity: a reused pid starts anew.
    * A process whose command line does not answer holds up nobody: its row is `stuck`, and the others are read.
    * Text is clean in the sense of `procwidget.clean_text.clean_text`.

    It may have `pressure_averages()`, which returns what the system itself has kept of the last minute: then what has
    lasted need not be waited for.
    """

    name: str
    """What `sample["source"]` says."""

    top: int
    """How many `top_processes` a sample carries."""

    wanted: frozenset[str]
    """What to read on demand: each row of the next sample has exactly these of `fields.ON_DEMAND`, and the sample
    those of `fields.HOST_ON_DEMAND`, which are `None` else. Names that a source does not know are ignored."""

    in_sight: frozenset[str]
    """The identities of the processes that views show, for what is read of a few only; empty for all."""

    @property
    def notes(self) -> list[str]:
        """What a reader of the newest sample should know, a sentence each, such as that some processes are hidden."""
        ...

    def read(self) -> Sample:
        """Take one reading.

        Raises:
            SourceUnavailable: the host cannot be read at all.
        """
        ...

    def close(self) -> None:
        """Give back what the source holds; reading afterwards is an error."""
        ...
