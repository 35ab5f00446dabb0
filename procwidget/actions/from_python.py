"""Signals processes from Python code: the same policy, proof of identity and audit log as a click in the table.

The code that calls is the confirmation, so there is no second step and no limit on how many a minute. A fresh reading
shows what is there now. Any thread may call; it waits for the processes to end.
"""

from __future__ import annotations

import difflib
import signal as signals
import time
from collections.abc import Mapping, Sequence
from typing import Any

from procwidget.actions.policy import SIGNALS, unknown_signal
from procwidget.actions.service import MOST_AT_ONCE, PATIENCE, SignalService
from procwidget.errors import ActionRefused, InvalidArgument
from procwidget.identity import TICKS_PER_SECOND
from procwidget.sample import Sample
from procwidget.sources import default_source

BY = "python"
"""Who it was, in the audit log."""

Target = int | Mapping[str, Any]
_NO_SIGNAL = ("refused", "changed", "not permitted")


def end(
    process: Target | Sequence[Target],
    signal: str | int = "TERM",
    *,
    patience: float = PATIENCE,
    allowed: bool = True,
) -> dict[str, Any] | list[dict[str, Any]]:
    """End a process, or send it another signal; the same rules hold as for a click in the table.

    Args:
        process: a pid, a process's dict of a sample, or a list of up to 500 of these. A dict is the safer way: nothing
            is sent to another process that got its pid.
        signal: such as "TERM", "KILL", "STOP", `signal.SIGINT`, or what is to be set: "renice 5", "ionice idle",
            "affinity 0-3", "oom 500". For a Jupyter kernel of this user also "kernel-interrupt", "kernel-restart" and
            "kernel-shutdown", which its server does.
        patience: seconds to wait for it to end.
        allowed: whether signals are on at all.

    Returns:
        `{"pid", "name", "identity", "result", "text"}`, for a list a list of these: `result` is "ended", "gone" (it
        was, already), "alive" (after `patience`), or "sent" for what ends no process; in a list also "refused",
        "changed" and "not permitted".

    Raises:
        InvalidArgument: there is no such signal, or `process` is none.
        ActionRefused: nothing was sent; the message says why.
    """
    if isinstance(process, (str, bytes)):
        raise InvalidArgument(
            f"process must be a pid, a process's dict as in a sample, or a list of these, not {process!r:.80};"
            " a program's processes are found by their name in sample['processes']."
        )
    many = not isinstance(process, (int, Mapping))
    wanted: list[Target] = list(process) if isinstance(process, Sequence) else [process]
    action = signal_name(signal)
    for one in wanted:
        _check(one)
    if not 0 < len(wanted) <= MOST_AT_ONCE:
        raise InvalidArgument(f"process must be a pid, a process's dict, or a list of 1 to {MOST_AT_ONCE} of these.")
    sample = _reading()
    refused: list[dict[str, Any]] = []
    identities: list[str] = []
    by_pid = {row["pid"]: row["identity"] for row in sample["processes"]}
    for one in wanted:
        identity = by_pid.get(one) if isinstance(one, int) else one["identity"]
        if identity is None:
            text = f"There is no process {one}, or it is not shown to you."
            refused.append({"pid": one, "name": None, "identity": None, "result": "refused", "text": text})
        else:
            identities.append(identity)
    outcomes: list[dict[str, Any]] = []
    if identities:
        service = SignalService(lambda: sample, allowed=allowed, other_users=True, patience=patience)
        try:
            outcomes = service.signal(identities, action, BY)
        finally:
            service.close()
    if not any(outcome["result"] not in _NO_SIGNAL for outcome in outcomes):
        raise ActionRefused(" ".join(_sentence(each["text"]) for each in (*refused, *outcomes)))
    return [*outcomes, *refused] if many else outcomes[0]


def signal_name(signal: object) -> str:
    """Return an action's name in the table's words, such as "SIGTERM" for "term" or 15.

    Raises:
        InvalidArgument: there is no such signal here; the message says which one was meant, if that is likely.
    """
    if isinstance(signal, int) and not isinstance(signal, bool):
        name = next((each.name for each in signals.Signals if each == signal), str(signal))
    elif isinstance(signal, str):
        name = signal.strip()
        upper = name.upper()
        name = next((each for each in SIGNALS if upper in (each, each.removeprefix("SIG"))), name)
    else:
        raise InvalidArgument(f"signal must be a name such as 'TERM' or a number, not {signal!r}.")
    if problem := unknown_signal(name):
        near = difflib.get_close_matches(name.upper().removeprefix("SIG"), [each[3:] for each in SIGNALS], 1)
        raise InvalidArgument(f"{problem[:-1]}; did you mean {near[0]!r}?" if near else problem)
    return name


def _check(one: object) -> None:
    if isinstance(one, Mapping):
        if not isinstance(one.get("identity"), str):
            raise InvalidArgument("process must be a pid, or a process's dict with its identity, as in a sample.")
    elif isinstance(one, bool) or not isinstance(one, int):
        raise InvalidArgument(f"process must be a pid, or a process's dict as in a sample, not {one!r}.")


def _reading() -> Sample:
    """Read this host once, not in the tick in which the youngest process started."""
    time.sleep(2 / TICKS_PER_SECOND)
    source = default_source()
    try:
        return source.read()
    finally:
        source.close()


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
