"""What is known of the end of a kernel that nobody asked for, and the sentence that says it. Pure.

A sentence has facts and how certain they are: a signal and a counter that rose are facts, "out of memory" would be a
guess. Nothing of a user's code is in it; a cell is its number.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypedDict

from procwidget.clean_text import clean_text
from procwidget.machine import signal_name
from procwidget.units import bytes_text, duration_text

_FAULTS = {
    "SIGSEGV": "compiled code used memory that it may not use",
    "SIGBUS": "compiled code used memory that is not there",
    "SIGABRT": "compiled code gave up (abort)",
    "SIGILL": "compiled code had an instruction that this CPU does not know",
    "SIGFPE": "compiled code had an error in arithmetic",
}
_MUCH = 0.9
"""Part of the memory that counts from which on it is said that so much was in use."""

_LONGEST_NAME = 100

_FRESH = 3.0
"""Seconds: an older reading has its age said."""


class Death(TypedDict):
    """How a kernel ended.

    `time` is in Unix seconds; `notebook` its name, such as "train.ipynb", and `path` where it is, `None` where they are
    not known; `kernel` the kernel's id; `cell` the number of the cell that ran, `None` for none, and `seconds` for how
    long it had; `signal` such as "SIGKILL", or `None` and an exit `status`; `oom` whether the system's counter of
    processes killed for want of memory rose with it; `memory` what it held and `limit` what it could, in bytes.
    """

    time: float
    notebook: str | None
    path: str | None
    kernel: str
    cell: int | None
    seconds: float | None
    signal: str | None
    status: int | None
    oom: bool
    memory: int | None
    limit: int | None
    text: str


class Evidence(NamedTuple):
    """What was seen of a kernel around its end.

    `memory` is what it held `age` seconds before, and `used` of `limit` what all together did, in bytes; `oom_kills` by
    how much the counter of its control group rose, or the system's, in the last `watched` seconds, `None` where there
    is none; `group` the control group whose counter that is. `enders` are programs that run here and end others when
    memory is short; `full` the folders on whose disks there is no room.
    """

    memory: int | None = None
    age: float = 0.0
    used: int | None = None
    limit: int | None = None
    oom_kills: int | None = None
    watched: float = 0.0
    group: str | None = None
    enders: Sequence[str] = ()
    full: Sequence[str] = ()


def death_of(
    code: int,
    time: float,
    kernel: str,
    notebook: tuple[str, str] | None,
    cell: tuple[int | None, float] | None,
    seen: Evidence,
    heard: bool = True,
) -> Death:
    """Return how a kernel ended.

    Args:
        code: its return code, negative for a signal, as `subprocess.Popen` has it.
        time: when, in Unix seconds.
        kernel: its id.
        notebook: the name and path of its notebook.
        cell: the number of the cell that ran and since when, in Unix seconds.
        seen: what else is known.
        heard: whether it was heard which cells run; if not, nothing is said of them.
    """
    signal = signal_name(-code) if code < 0 else None
    oom = signal == "SIGKILL" and bool(seen.oom_kills)
    number, seconds = (cell[0], max(0.0, time - cell[1])) if cell else (None, None)
    who = f"{clean_text(notebook[0])[:_LONGEST_NAME]}'s kernel" if notebook else f"The kernel {kernel[:8]}"
    if signal is None:
        what = f"ended by itself with exit status {code}"
    else:
        what = f"{'crashed' if signal in _FAULTS else 'was killed' if signal == 'SIGKILL' else 'was ended'} ({signal})"
    where = " while no cell ran" if heard else ""
    if cell and seconds is not None:
        where = f" in {'a cell' if number is None else f'In [{number}]'} after {duration_text(seconds)}"
    reason = "".join(f"; {part}" for part in _reasons(signal, oom, seen))
    return {
        "time": time,
        "notebook": notebook[0] if notebook else None,
        "path": notebook[1] if notebook else None,
        "kernel": kernel,
        "cell": number,
        "seconds": seconds,
        "signal": signal,
        "status": None if signal else code,
        "oom": oom,
        "memory": seen.memory,
        "limit": seen.limit,
        "text": f"{who} {what}{where}{_holding(seen)}{reason}.",
    }


def _holding(seen: Evidence) -> str:
    if seen.memory is None:
        return ""
    of = "" if seen.limit is None else f" of {bytes_text(seen.limit)}"
    age = f" {duration_text(seen.age)} before" if seen.age >= _FRESH else ""
    return f", holding {bytes_text(seen.memory)}{of}{age}"


def _reasons(signal: str | None, oom: bool, seen: Evidence) -> list[str]:
    if signal in _FAULTS:
        full = [f"there is no room left in {' and '.join(seen.full)}"] if seen.full and signal == "SIGBUS" else []
        return [_FAULTS[signal], *full]
    if signal not in ("SIGKILL", "SIGTERM"):
        return []
    reasons = []
    whose = f"the OOM counter of its control group {seen.group}" if seen.group else "Linux's OOM counter"
    if oom:
        reasons.append(f"{whose} rose in the same {max(1, round(seen.watched))} s")
    elif seen.oom_kills is not None:
        reasons.append(f"{whose} did not rise, so a process sent the signal")
    if seen.used is not None and seen.limit and seen.used >= _MUCH * seen.limit:
        reasons.append(f"{bytes_text(seen.used)} of memory were in use")
    if not oom and seen.enders:
        are = "ends" if len(seen.enders) == 1 else "end"
        reasons.append(f"{' and '.join(seen.enders)} {are} processes here when memory is short")
    return reasons
