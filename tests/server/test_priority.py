"""Priority: the page's server and kernel run before others where the system lets them, and as all others if told so."""

import os

import psutil
import pytest

from procwidget.priority import RAISED


def permitted():
    """Whether the system lets this process raise a nice value: tried in a child."""
    child = os.fork()
    if child == 0:
        try:
            os.setpriority(os.PRIO_PROCESS, 0, RAISED)
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def nice_values(process):
    """The nice value of each thread of a process."""
    tasks = psutil.Process(process.pid).threads()
    return {os.getpriority(os.PRIO_PROCESS, task.id) for task in tasks}


@pytest.mark.parametrize("options", [(), ("--no-priority",)], ids=["usual", "--no-priority"])
def test_server_and_kernel_ask_for_priority(start, options):
    """All threads of both get it where that is permitted; without it, or where nobody wants it, nothing changes."""
    server = start(*options)
    server.visit()
    [kernel] = server.kernels()
    before = os.getpriority(os.PRIO_PROCESS, 0)
    expected = before if options or not permitted() else min(RAISED, before)
    assert nice_values(server.process) == {expected}
    assert nice_values(kernel) == {expected}
