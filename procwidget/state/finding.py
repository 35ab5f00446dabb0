"""What is wrong at one reading, as the modules beside this one find it and `Alerts` follows it. Pure."""

from __future__ import annotations

from typing import NamedTuple

from procwidget.sample import Process
from procwidget.state.causes import Cause
from procwidget.state.uses import Uses
from procwidget.thresholds import Level


class Finding(NamedTuple):
    """Something that is wrong, or, where its level is normal, only news.

    Attributes:
        kind: what it is, see `alerts.Alert`.
        identity: which of its kind; "" for the host's own figures.
        level: how bad it is.
        value: the figure, if it is one.
        what: how its sentence begins.
        process: the process that it is about, if it is one.
        uses: who may cause it; the sentence goes on with who does.
        more: how the sentence ends.
        hold: seconds after which it counts.
        short_of: what the machine is short of, if it is.
        cause: who causes it, where that is known at once.
        timed: whether the sentence says for how long.
        since: when it began, on the monotonic clock and in Unix seconds; `None` is when it is found first.
        at_least: whether it may have begun before that `since`, when nobody looked.
    """

    kind: str
    identity: str
    level: Level
    value: float | None
    what: str
    process: Process | None = None
    uses: Uses | None = None
    more: str = ""
    hold: float = 0.0
    short_of: str = ""
    cause: Cause | None = None
    timed: bool = True
    since: tuple[float, float] | None = None
    at_least: bool = False
