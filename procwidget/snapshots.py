"""One sample, read at once: `procwidget.snapshot`. Runs in the caller's thread."""

from __future__ import annotations

import time
from collections.abc import Iterable

from procwidget.errors import InvalidArgument, number_between, whole_number_between
from procwidget.fields import ALIASES, HOST_ON_DEMAND, ON_DEMAND
from procwidget.nearest import did_you_mean
from procwidget.sample import Sample
from procwidget.sources import default_source
from procwidget.sources.base import Source

_LONGEST_WAIT = 5.0


def snapshot(
    interval: float = 0.2, top: int = 15, source: Source | None = None, *, fields: Iterable[str] = ()
) -> Sample:
    """Read this host once and return the sample: a plain dict that `json.dumps` takes.

    Two readings are taken, so that CPU figures and rates are real; it takes `interval` seconds. With `fields` of
    processes there is a third, for some of them come a reading later, and it takes twice as long. Where there are GPUs
    it waits for the first answer of their drivers, 5 s at most.

    Args:
        interval: seconds between the two readings, 0.02 to 60.
        top: how many `top_processes`, 0 to 100,000.
        source: what to read; `None` is the best source for this system.
        fields: what else to read: the fields that each process is to have, such as "priority", and of the host
            "sensors" and "tcp".

    Raises:
        InvalidArgument: an argument is out of range, or there is no such field.
        SourceUnavailable: this host cannot be read.
    """
    seconds = number_between("interval", interval, 0.02, 60)
    count = whole_number_between("top", top, 0, 100_000)
    reader = source if source is not None else default_source()
    reader.top = count
    wanted = frozenset(fields)
    known = (*ON_DEMAND, *HOST_ON_DEMAND)
    for key in wanted.difference(known):
        near = did_you_mean(key, known, ALIASES)
        raise InvalidArgument(f"There is no field {key!r} to read on demand{near}; there are {', '.join(known)}.")
    reader.wanted = wanted
    try:
        for _ in range(2 if wanted.intersection(ON_DEMAND) else 1):
            reader.read()
            time.sleep(seconds)
        sample, late = reader.read(), time.monotonic() + _LONGEST_WAIT
        # A GPU's driver may take seconds to start. Not every source has anything to wait for.
        while getattr(reader, "pending", False) and time.monotonic() < late:
            time.sleep(seconds)
            sample = reader.read()
        return sample
    finally:
        if source is None:
            reader.close()
