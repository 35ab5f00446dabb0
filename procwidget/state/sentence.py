"""Makes the one sentence that answers first, with its level and what it is about, of the alerts. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypedDict

from procwidget.sample import Process, Sample
from procwidget.state.causes import Cause, process_text
from procwidget.thresholds import Level
from procwidget.units import duration_text

if TYPE_CHECKING:
    from procwidget.state.alerts import Alert


MEASURING = "Measuring…"
"""What is said until there are rates: before the second reading nobody knows whether all is well."""


class State(TypedDict):
    """What a machine lacks at one moment, and why.

    `text` is one sentence, `level` how bad it is. `short_of` has what there is too little of, the worst first: "cpu",
    "memory", "disk", "space", "limit" (of a control group), "gpu", "network". `causes` are who and what causes the
    alerts, in their order, each once; both are empty where all is well.
    """

    level: Level
    text: str
    short_of: list[str]
    causes: list[Cause]


class News(NamedTuple):
    """Something that is no trouble, and worth a word where there is none.

    `kind` and `text` are as an alert's; `value` is percent of a core for a process.
    """

    kind: str
    text: str
    value: float | None
    process: Process | None
    seconds: float
    at_least: bool


def for_text(seconds: float, *, at_least: bool = False) -> str:
    """Return how a sentence says how long something has lasted, or how long at least where nobody looked before."""
    if seconds < 1:
        return "now" if at_least else "just now"
    return f"for {'at least ' if at_least else ''}{duration_text(seconds)}"


def state_of(alerts: list[Alert], news: list[News], sample: Sample | None, *, waits: bool = False) -> State:
    """Return the state of a moment: the worst alert and how many more, or that all is well and who is busiest.

    A process that takes a core is what a machine is for, and so is a CPU that is busy: without tasks that wait neither
    is a trouble.

    Args:
        alerts: what is wrong, the worst first.
        news: what else is worth a word.
        sample: what they are of. Where neither its CPU nor its memory is known, and before there are rates, nothing is
            called calm.
        waits: whether tasks wait for the CPU, though not for long enough to call it short.
    """
    if alerts:
        worst, more = alerts[0], len(alerts) - 1
        text = worst["text"] + (f", and {more} more" if more else "")
        short_of = dict.fromkeys(alert["short_of"] for alert in alerts if alert["short_of"])
        causes: list[Cause] = []
        for alert in alerts:
            if (cause := alert["cause"]) and all(_key(cause) != _key(other) for other in causes):
                causes.append(cause)
        return {"level": worst["level"], "text": text, "short_of": list(short_of), "causes": causes}
    return {"level": "normal", "text": _calm(news, sample, waits), "short_of": [], "causes": []}


def _key(cause: Cause) -> tuple[str, str, str]:
    return cause["kind"], cause["name"], cause["query"]


def _calm(news: list[News], sample: Sample | None, waits: bool) -> str:
    if sample is None or sample["interval"] is None:
        return MEASURING
    full = next((one for one in news if one.kind == "cpu"), None)
    if full:
        return f"{'Busy' if waits else 'Busy, not short'}: {full.text}"
    text = "Calm"
    if sample["effective"]["cpu_usage"] is None and sample["effective"]["memory_usage"] is None:
        text = "CPU and memory cannot be read here"
    busy = [one for one in news if one.kind == "process_cpu"]
    network = next((one.text for one in news if one.kind == "network"), None)
    if busy:
        text = f"{text}. Busiest: {_busy(max(busy, key=lambda one: one.value or 0.0))}"
    return f"{text}. Network: {network}" if network else text


def _busy(news: News) -> str:
    """Return who is busy, with how many cores and for how long."""
    process, cores = news.process, (news.value or 0.0) / 100
    name = f"{process_text(process)}, " if process else ""
    much = "one core" if 0.95 <= cores < 1.05 else f"{cores:.1f} {'of a core' if cores < 1 else 'cores'}"
    return f"{name}{much} {for_text(news.seconds, at_least=news.at_least)}"
