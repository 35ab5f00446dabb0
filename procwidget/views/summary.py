"""The head of the dashboard in words: what is wrong, meters, facts and controls, made of each sample.

All words are made here; the browser lays them out. What has changed of a reading goes to the browser with the table's
frame, and js/connection/link.js gives it to this widget's model there. A page that requests the widget's state gets the
trait. Only the poller's thread writes the trait; what the browser says arrives in the kernel's threads and goes to the
`on_interval` callback.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Sequence
from typing import Any

import traitlets

from procwidget.errors import InvalidArgument, ProcwidgetError
from procwidget.rate_limit import RateLimit
from procwidget.sample import Sample
from procwidget.state.alerts import Alert
from procwidget.state.sentence import State
from procwidget.thresholds import Thresholds
from procwidget.units import UNKNOWN, bytes_text, duration_text, network_rate_text, percent_text, plural, rate_text
from procwidget.views import protocol
from procwidget.views.comm_guard import guard
from procwidget.views.gpu_panel import gpu_meters
from procwidget.views.pressure_words import pressure_words
from procwidget.views.scripts import ScriptedWidget, script

_MOST_ALERTS = 6
_LONGEST_REFUSAL = 200
_MOST_REQUESTS = 20, 4.0
"""Requests that are answered, in how many seconds."""

_NOT_HERE = "This cannot be changed here."
_log = logging.getLogger("procwidget")


class Summary(ScriptedWidget):
    """The widget above the charts.

    Args:
        on_interval: called with the seconds that a visitor chose; raises `InvalidArgument` for what cannot be.
        answer: called with a request about alerts; returns the result, or raises `ProcwidgetError`.
        on_notify: called when a page says that it wants to show notifications, again every minute.
        name: the dashboard's, by which its parts know each other where a front end shows them apart.
    """

    _esm = script("summary.js")
    _css = script("summary.css")
    reading = traitlets.Dict().tag(sync=True)
    name = traitlets.Unicode().tag(sync=True)

    def __init__(
        self,
        on_interval: Callable[[object], None],
        answer: Callable[[protocol.HeadRequest], dict[str, Any]] = lambda _request: protocol.refusal(_NOT_HERE),
        on_notify: Callable[[], object] = lambda: None,
        name: str = "",
    ) -> None:
        super().__init__(name=name)
        self._on_interval = on_interval
        self._answer = answer
        self._on_notify = on_notify
        self._requests = RateLimit(*_MOST_REQUESTS)
        self._told: dict[str, Any] = {}
        self.on_msg(self._handle)
        guard(self, custom=True)

    def send_state(self, key: Any = None) -> None:
        """Send the state to whoever asks for it; a reading as such goes another way, see `part`."""
        if key != "reading":
            super().send_state(key)

    def part(self, *, whole: bool) -> dict[str, Any]:
        """Return what has changed of the reading since the part before, or all of it."""
        told, self._told = self._told, self.reading
        if whole or not told:
            return {"model": self.model_id, "whole": True, "values": self.reading}
        changed = {key: value for key, value in self.reading.items() if key not in told or value != told[key]}
        return {"model": self.model_id, "values": changed}

    def say(self, problem: str) -> None:
        """Show why there is no reading, at once."""
        self.reading = {**self.reading, "notes": [problem]}
        self.send_state({"reading"})
        self._told = self.reading

    def _handle(self, _widget: object, content: object, _buffers: object) -> None:
        message = protocol.parse(content)
        if isinstance(message, protocol.Interval):
            seconds = message.seconds
            try:
                # Anything else may be nested too deeply to be told in words.
                if not isinstance(seconds, (int, float)):
                    raise InvalidArgument("The interval must be a number of seconds.")
                self._on_interval(seconds)
            except InvalidArgument as error:
                self.send({"type": "refused", "text": str(error)[:_LONGEST_REFUSAL]})
        elif isinstance(message, protocol.Notify):
            self._on_notify()
        elif isinstance(message, protocol.HeadRequest) and message.name is not None:
            self.send(protocol.answer(message.name, self._fulfil(message)))

    def _fulfil(self, request: protocol.HeadRequest) -> dict[str, Any]:
        if not self._requests.take():
            return protocol.refusal("Too many requests at once: try again.")
        try:
            return self._answer(request)
        except ProcwidgetError as error:
            return protocol.refusal(str(error)[:_LONGEST_REFUSAL])
        except Exception:
            _log.exception("A request failed")
            return protocol.refusal("procwidget failed here, and nothing was done; the kernel's log says how.")


def describe(
    sample: Sample,
    alerts: list[Alert],
    state: State,
    thresholds: Thresholds,
    interval: float,
    notes: list[str],
    cost: str | None,
) -> dict[str, Any]:
    """Return what the summary shows of a sample, in words and JSON-able numbers.

    Args:
        sample: the reading.
        alerts: those of it that are not expected, the worst first.
        state: what they come to.
        thresholds: of meters.
        interval: seconds from reading to reading.
        notes: what else is to be said, in sentences.
        cost: what procwidget itself takes.
    """
    # The sentence says the first; one fact is red once.
    first, others = alerts[0] if alerts else None, alerts[1:]
    listed: list[dict[str, Any]] = [
        {"level": alert["level"], "text": alert["text"], "kind": alert["kind"], "about": alert["about"]}
        for alert in others[:_MOST_ALERTS]
    ]
    if len(others) > _MOST_ALERTS:
        listed.append({"level": "warning", "text": f"and {len(others) - _MOST_ALERTS} more"})
    sentence: dict[str, Any] = {"level": state["level"], "text": state["text"], "cause": first and first["cause"]}
    if first:
        sentence |= {"kind": first["kind"], "about": first["about"]}
    return {
        "time": sample["time"],
        "interval": interval,
        "headline": sentence,
        "meters": [*_meters(sample, thresholds), *gpu_meters(sample, thresholds)],
        "cores": _cores(sample, thresholds),
        "rates": _rates(sample),
        "facts": _facts(sample),
        "pressure": pressure_words(sample["pressure"]),
        "alerts": listed,
        "alert_count": len(others),
        "notes": notes,
        "cost": None if cost is None else {"text": cost},
    }


def _meters(sample: Sample, thresholds: Thresholds) -> list[dict[str, Any]]:
    memory, counts = sample["memory"], sample["effective"]
    of_memory = _of(counts["memory_used"], counts["memory_total"])
    if counts["memory_cgroup"]:
        of_memory += f" for {counts['memory_cgroup']}"
    swap, of_swap = None, ""
    if memory:
        swap = memory["swap_usage"]
        of_swap = _of(memory["swap_used"], memory["swap_total"]) if memory["swap_total"] else "none"
    bounds = thresholds.as_dict()
    return [
        {
            "key": f"{pair}_usage",
            "card": card,
            "label": label,
            "value": value,
            "max": 100,
            "text": percent_text(value),
            "detail": detail,
            "level": thresholds.level(pair, value),
            "bounds": bounds[pair],
        }
        for pair, card, label, value, detail in (
            ("cpu", "cpu", "CPU", counts["cpu_usage"], _of_cores(sample)),
            ("memory", "memory", "Memory", counts["memory_usage"], of_memory),
            ("swap", "memory", "Swap", swap, of_swap),
        )
    ]


def _rates(sample: Sample) -> list[dict[str, Any]]:
    disk, network = sample["disk"], sample["network"]
    return [
        {
            "key": key,
            "label": label,
            "text": words(None if one is None or other is None else one + other),
            "detail": f"{first} {words(one)} · {second} {words(other)}",
        }
        for key, label, words, first, one, second, other in (
            ("disk", "Disk", rate_text, "read", disk["read"], "write", disk["written"]),
            ("network", "Network", network_rate_text, "in", network["received"], "out", network["sent"]),
        )
    ]


def _cores(sample: Sample, thresholds: Thresholds) -> list[dict[str, Any]]:
    values = sample["per_cpu"]
    # The numbers of CPUs that are offline are left out.
    numbers: Sequence[int | None] = sample["cpu_numbers"] or [None for _ in values]
    return [
        # A tenth is more than is shown, and of hundreds of cores the digits behind it are most of the message.
        {
            "number": number,
            "value": None if value is None else math.floor(10 * value) / 10,
            "level": thresholds.level("cpu", value),
        }
        for number, value in zip(numbers, values, strict=True)
    ]


def _of_cores(sample: Sample) -> str:
    limits, cores, counts = sample["limits"], len(sample["per_cpu"]), sample["effective"]
    usage, cpus, group = counts["cpu_usage"], counts["cpus"], counts["cpu_cgroup"]
    if group is not None and usage is not None:
        used = f"{usage / 100 * cpus:.2f} of {cpus:g} {'core' if cpus == 1 else 'cores'}"
        return f"{used} (host {percent_text(sample['cpu_usage'])}) for {group}"
    of_cores = plural(cores, "core") if cores else ""
    if limits and limits["cpus"] is not None:
        of_cores += f", {limits['cpus']:g} for {limits['cpu_cgroup']}"
    shares = sample["cpu_times"]
    for word, share in (("wait", shares["iowait"]), ("steal", shares["steal"])) if shares else ():
        if share is not None and share >= 1:
            of_cores += f" · {word} {percent_text(share)}"
    return of_cores


def _of(part: float | None, whole: float | None) -> str:
    if part is None or whole is None:
        return ""
    value, unit = bytes_text(part).split()
    total = bytes_text(whole)
    return f"{value} of {total}" if total.endswith(unit) else f"{value} {unit} of {total}"


def _facts(sample: Sample) -> list[dict[str, str]]:
    load = sample["load_average"]
    started, ended = sample["started"], sample["ended"]
    facts = [
        ("Host", sample["host"]),
        ("Uptime", duration_text(sample["uptime"])),
        ("Load", " ".join(f"{value:.2f}" for value in load) if load else UNKNOWN),
        ("Processes", f"{sample['process_count']:,}"),
        ("Threads", UNKNOWN if sample["thread_count"] is None else f"{sample['thread_count']:,}"),
        ("Since last", UNKNOWN if started is None or ended is None else f"{started:,} started, {ended:,} ended"),
    ]
    return [{"label": label, "text": text} for label, text in facts]
