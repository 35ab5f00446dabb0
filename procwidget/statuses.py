"""Every status of a process, declared once: the kernel's letters for it, the word shown, and whether it hangs.

The Linux source, the frames to the browser, the search language and the alerts read `STATUSES`; `npm run build` writes
it for the browser (running this file prints it as JSON), whose rows are coloured by the same rule. Pure data.
"""

from __future__ import annotations

import json
from typing import NamedTuple

HANGS_AFTER = 10.0
"""Seconds in a status in which a process does not get on, after which it counts as hanging."""


class Status(NamedTuple):
    """One status.

    Attributes:
        name: as rows have it; psutil calls it the same.
        letters: those of Linux in /proc/PID/stat; "" for what only other systems have.
        word: as the table shows it; a search takes either.
        hangs: how an alert says that a process hangs in it; "" where that is no trouble.
        needs_idle: whether any CPU time begins the count of `HANGS_AFTER` anew: one that was in this status at two
            readings may have run in between.
    """

    name: str
    letters: str
    word: str
    hangs: str = ""
    needs_idle: bool = False


STATUSES = (
    Status("running", "R", "running"),
    Status("sleeping", "S", "sleeping"),
    Status("disk-sleep", "D", "disk sleep", "hangs in uninterruptible sleep", needs_idle=True),
    Status("stopped", "T", "stopped", "is stopped"),
    Status("tracing-stop", "t", "traced", "is stopped by a debugger"),
    Status("zombie", "Z", "zombie", "is a zombie"),
    Status("dead", "Xx", "dead"),
    Status("idle", "I", "idle"),
    Status("parked", "P", "parked"),
    Status("wake-kill", "K", "wake-kill"),
    Status("waking", "W", "waking"),
    Status("locked", "", "locked"),
    Status("waiting", "", "waiting"),
    Status("suspended", "", "suspended"),
)
"""All of them. Frames send places in this list: a new one stands at its end."""

BY_LETTER = {letter.encode(): status.name for status in STATUSES for letter in status.letters}
"""Names by Linux's letters."""

WORDS = {status.name: status.word for status in STATUSES}
"""The words shown, by name."""

HANGING = {status.name: status for status in STATUSES if status.hangs}
"""Those in which a process does not get on, by name."""


def as_json() -> str:
    """Return `STATUSES`, without the letters, and `HANGS_AFTER` for the browser, as JSON."""
    statuses = [{key: value for key, value in status._asdict().items() if key != "letters"} for status in STATUSES]
    return json.dumps({"STATUSES": statuses, "HANGS_AFTER": HANGS_AFTER}, indent=2)


if __name__ == "__main__":
    print(as_json())
