"""Which processes the table offers no button for, and that the policy says the same of each."""

from __future__ import annotations

import os
from dataclasses import replace

from procwidget.actions.never import never_signalled
from procwidget.actions.policy import Protected

CONTEXT = Protected(
    pid=500,
    ancestors=frozenset({400, 300, 1}),
    server=frozenset({450, 300, 1}),
    user="ana",
    allowed=True,
    other_users=True,
)


def test_each_has_a_word_and_the_policys_sentence():
    """What runs the system, the page, its server and the kernel is named, each with why."""
    assert never_signalled(CONTEXT) == {
        "pids": {
            "1": ["init", "This process runs the whole system: it is never signalled."],
            "300": ["server", "This process is the Jupyter server of this page, or runs it: it is never signalled."],
            "400": ["parent", "This process runs the process that shows this page: it is never signalled."],
            "450": ["server", "This process is the Jupyter server of this page, or runs it: it is never signalled."],
            "500": ["itself", "This process is the process that shows this page: it does not signal itself."],
        },
        "kernel": ["kernel", "This process is part of the kernel: it is never signalled."],
    }


def test_where_no_kernel_thread_can_be_pid_2_is_a_process_like_others():
    """In a container pid 2 may be anything."""
    assert never_signalled(replace(CONTEXT, kthreadd=False))["kernel"] is None


def test_this_process_is_among_them():
    """Gathered now, it has this process and what runs it."""
    pids = never_signalled()["pids"]
    assert pids[str(os.getpid())][0] == "itself"
    assert pids["1"][0] == "init"
    assert str(os.getppid()) in pids
