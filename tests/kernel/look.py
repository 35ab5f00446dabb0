"""A look into a kernel that somebody else uses: an expression enters, its value leaves; no cell and no output."""

from __future__ import annotations

import json

from jupyter_client.blocking.client import BlockingKernelClient

from tests.patience import PATIENCE

POLLERS = "sum(t.name == 'procwidget-poller' for t in __import__('threading').enumerate())"
SENT = "dashboard.diagnostics()['frames']"
PRESENT = "dashboard.diagnostics()['present']"
SERVED = (
    "next(one for one in __import__('ipywidgets').widgets.widget._instances.values()"
    " if isinstance(one, __import__('procwidget').Dashboard))"
)
"""Finds the dashboard of a served kernel, which has one and no name for it."""
NOTES = "dashboard.summary.reading.get('notes')"


def connection_file(kernel):
    """The file that says how to connect to a kernel, given its process."""
    command = kernel.cmdline()
    return command[command.index("-f") + 1]


class Look:
    """Asks a kernel for figures, beside whoever uses it.

    Args:
        connection_file: the kernel's.
        find: the expression that is called `dashboard` in what is asked.
    """

    def __init__(self, connection_file, find):
        self.client = BlockingKernelClient(connection_file=str(connection_file))
        self.client.load_connection_file()
        self.client.start_channels(shell=True, iopub=False, stdin=False, hb=False, control=False)
        self.find = find

    def __call__(self, expression):
        code = f"(lambda dashboard: __import__('json').dumps({expression}))({self.find})"
        self.client.execute("", silent=True, store_history=False, user_expressions={"it": code})
        reply = self.client.get_shell_msg(timeout=PATIENCE)["content"]["user_expressions"]["it"]
        assert reply["status"] == "ok", reply
        return json.loads(eval(reply["data"]["text/plain"]))

    def close(self):
        """Let go of the kernel; forgotten, it would hold up the end of the tests."""
        self.client.stop_channels()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
