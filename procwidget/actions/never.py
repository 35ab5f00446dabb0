"""Which processes are never signalled, whoever asks and whatever is switched on.

The table shows the reason in place of a button that would always be refused. What is allowed is still decided by
`policy.refusal` at every request; this only spares the click. Any thread may call it.
"""

from __future__ import annotations

from typing import Any, cast

import psutil

from procwidget.actions.policy import Protected, refusal
from procwidget.sample import Process


def never_signalled(context: Protected | None = None) -> dict[str, Any]:
    """Return why some processes are never signalled.

    Args:
        context: facts about this process; `None` gathers them now.

    Returns:
        `{"pids": {pid: [word, sentence]}, "kernel": [word, sentence]}`: pids as texts, for JSON; `kernel` is why the
        kernel's own threads are not, `None` where none of them can be seen. Empty where the facts cannot be read.
    """
    if context is None:
        try:
            context = Protected.now(allowed=True, other_users=True)
        except (psutil.Error, OSError):
            return {"pids": {}, "kernel": None}
    words = dict.fromkeys(context.ancestors, "parent")
    words |= dict.fromkeys(context.server, "server")
    words |= {context.pid: "itself", 1: "init"}
    return {
        "pids": {str(pid): [word, _why(pid, 0, context)] for pid, word in sorted(words.items())},
        "kernel": ["kernel", _why(2, 0, context)] if context.kthreadd else None,
    }


def _why(pid: int, ppid: int, context: Protected) -> str:
    """Return the policy's sentence about a process, without its name and pid."""
    row = {"pid": pid, "ppid": ppid, "name": "This process", "command": "", "user": context.user}
    row["identity"] = f"{pid}-0"
    sentence = refusal(cast(Process, row), "SIGTERM", context) or ""
    return sentence.replace(f" ({pid})", "", 1)
