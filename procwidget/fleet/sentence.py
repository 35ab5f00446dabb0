"""The state of each host in a word and a sentence, and the one sentence about all of them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from procwidget.thresholds import Level
from procwidget.units import duration_text, plural

HostState = Literal["critical", "warning", "silent", "lost", "waiting", "normal"]
STATES: tuple[HostState, ...] = ("critical", "lost", "warning", "silent", "waiting", "normal")
"""From the worst on: in this order hosts are listed."""

_MOST_NAMED = 3
_LONGEST = 220


def state_of(level: Level | None, silent: float, lost_after: float) -> HostState:
    """Return the state of a host.

    Args:
        level: that of its newest row, `None` before the first.
        silent: for how many seconds it was not heard; 0 where all is as it should be.
        lost_after: seconds of silence from which on it is lost.
    """
    if silent:
        return "lost" if silent >= lost_after else "silent"
    return level or "waiting"


def silence_text(silent: float, workers: int, problem: str = "") -> str:
    """Return what is said of a host that is silent, and why if that is known."""
    gone = "" if workers else "; no worker of it is connected"
    why = f": {problem}" if problem else ""
    return f"Not heard for {duration_text(silent)}{gone}{why}"


def fleet_state(hosts: Sequence[dict[str, Any]], trouble: str) -> dict[str, Any]:
    """Return what is said of all hosts: `{"level", "text"}`.

    Args:
        hosts: as `Fleet.last` has them.
        trouble: why nothing is heard from anywhere; "" where that is not so.
    """
    if trouble:
        return {"level": "critical", "text": trouble}
    if not hosts:
        return {"level": "normal", "text": "No host of this cluster has been heard yet."}
    total = len(hosts)
    of_all = f"of {plural(total, 'host', 'hosts')}"
    short = [host for host in hosts if host["state"] in ("critical", "warning")]
    away = [host for host in hosts if host["state"] in ("silent", "lost") and not host.get("unread")]
    unread = [host for host in hosts if host.get("unread")]
    parts = []
    if short:
        is_are = "is" if len(short) == 1 else "are"
        lacks = any(host["short_of"] for host in short)
        named = "; ".join(_named(host) for host in short[:_MOST_NAMED])
        more = f"; and {len(short) - _MOST_NAMED} more" if len(short) > _MOST_NAMED else ""
        what = f"{is_are} short" if lacks else ("has" if len(short) == 1 else "have") + " a trouble"
        parts.append(f"{len(short)} {of_all} {what}: {named}{more}")
    for without, what in ((away, "not heard"), (unread, "without figures")):
        if without:
            count = f"{len(without)} {'more' if parts else of_all}"
            named = ", ".join(host["host"] for host in without[:_MOST_NAMED])
            more = f" and {len(without) - _MOST_NAMED} more" if len(without) > _MOST_NAMED else ""
            parts.append(f"{count} {what}: {named}{more}")
    if parts:
        bad = any(host["state"] in ("critical", "lost") for host in hosts)
        return {"level": "critical" if bad else "warning", "text": ". ".join(parts)}
    waiting = sum(host["state"] == "waiting" for host in hosts)
    if waiting:
        return {"level": "normal", "text": f"Waiting for {waiting} {of_all}."}
    subject = "The host is" if total == 1 else f"All {total} hosts are"
    busiest = max((host for host in hosts if host["cpu"] is not None), key=lambda host: host["cpu"], default=None)
    text = f"{subject} fine"
    if busiest and busiest["top_cpu"] and busiest["cpu"] >= 50:
        text += f". Busiest: {busiest['host']}, CPU {busiest['cpu']:.0f} %, {busiest['top_cpu']['name']}"
    return {"level": "normal", "text": text}


def _named(host: dict[str, Any]) -> str:
    """Return "node17 memory (train.py, ana)"."""
    what = ", ".join(host["short_of"])
    top = host["top_memory"] if "memory" in host["short_of"] else host["top_cpu"]
    who = f" ({top['name']}{', ' + top['user'] if top['user'] else ''})" if top and what else ""
    said = f" {what}{who}" if what else f": {host['text']}"
    return f"{host['host']}{said}"[:_LONGEST]
