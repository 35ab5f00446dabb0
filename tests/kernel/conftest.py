"""A real kernel, made as new for each test that asks for one, with every comm message recorded."""

from __future__ import annotations

import contextlib
import os
import queue
import tempfile
import time

import pytest
from jupyter_client.manager import KernelManager

from tests.kernel.look import Look
from tests.patience import PATIENCE, until

PATIENT = "setattr(__import__('procwidget.views.presence').views.presence, 'PATIENCE', 1000.0)"
"""A slow test is not nobody: unless it says otherwise, no view is given up in it."""

CHILD = (
    "next((row['identity'] for sample in dashboard.history[-2:-1] for row in sample['processes']"
    " if row['pid'] == child.pid), None)"
)
"""In two readings it is surely not one that had only just started."""


AS_NEW = """
from ipywidgets.widgets.widget import _instances
from procwidget import Dashboard
from procwidget.monitor import shared_monitor
for widget in sorted(_instances.values(), key=lambda widget: not isinstance(widget, Dashboard)):
    widget.close()
shared_monitor().stop()
shared_monitor().interval = 2.0
assert not _instances
get_ipython().reset(new_session=False)
"""
"""Closes what a test made: dashboards first, for they close their own widgets."""


class Kernel:
    """Runs cells as a front end does, and keeps what the kernel publishes."""

    def __init__(self, manager):
        self.manager = manager
        self.client = manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=PATIENCE)
        # It knows the kernel's dashboard as d, and asking it does not count as a cell that computes.
        self.look = Look(manager.connection_file, "d")
        self.messages = []

    def start(self, code, cell=None):
        """Ask for a cell to be run; returns the request's id at once."""
        message = self.client.session.msg(
            "execute_request",
            {"code": code, "silent": False, "store_history": False, "user_expressions": {}, "allow_stdin": False},
            metadata={} if cell is None else {"cellId": cell},
        )
        self.client.shell_channel.send(message)
        return message["header"]["msg_id"]

    def listen(self, seconds, until=lambda message: False):
        """Record what is published for `seconds`, or until a message that `until` accepts; returns what came."""
        came = []
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            try:
                message = self.client.get_iopub_msg(timeout=left)
            except queue.Empty:
                break
            came.append(message)
            if until(message):
                break
        self.messages += came
        return came

    def first(self, wanted):
        """The first message, of those that came or come, for which `wanted` is true; fails if none comes."""
        for message in self.messages:
            if wanted(message):
                return message
        came = self.listen(PATIENCE, wanted)
        assert came and wanted(came[-1]), "the kernel did not publish it"
        return came[-1]

    def answer(self, request):
        """The first answer to a request."""
        return answers([self.first(lambda message: answers([message], request))], request)[0]

    def next_frames(self, comm, count):
        """The next so many frames of a table: (content, buffers)."""
        came = []
        while len(found := frames(came, comm)) < count:
            more = self.listen(PATIENCE, lambda message: frames([message], comm))
            assert more and frames(more, comm), "no frame came"
            came += more
        return found

    def forget(self):
        """Let go of all that was published until now."""
        self.run("")
        self.messages.clear()

    def child(self):
        """The identity of the process that the kernel calls `child`, once it may be signalled."""
        return until(lambda: self.look(CHILD), every=0.1)

    def run(self, code, cell=None, seconds=PATIENCE):
        """Run a cell to its end and return what it printed; an error in it fails the test."""
        request = self.start(code, cell)

        def ended(message):
            idle = message["msg_type"] == "status" and message["content"]["execution_state"] == "idle"
            return idle and message["parent_header"].get("msg_id") == request

        came = self.listen(seconds, ended)
        assert came and ended(came[-1]), f"the cell did not end within {seconds} s"
        own = [message for message in came if message["parent_header"].get("msg_id") == request]
        errors = [message["content"] for message in own if message["msg_type"] == "error"]
        assert not errors, "\n".join(errors[0]["traceback"])
        return "".join(message["content"]["text"] for message in own if message["msg_type"] == "stream")

    def tell(self, comm, content):
        """Send a custom message to a widget, as a browser does."""
        message = self.client.session.msg(
            "comm_msg", {"comm_id": comm, "data": {"method": "custom", "content": content}}
        )
        self.client.shell_channel.send(message)

    def close(self):
        self.look.close()
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@contextlib.contextmanager
def running_kernel():
    """A kernel while the block runs."""
    manager = KernelManager(kernel_name="python3")
    with tempfile.TemporaryDirectory() as state:
        manager.start_kernel(env={**os.environ, "XDG_STATE_HOME": state})
        kernel = Kernel(manager)
        try:
            kernel.run(PATIENT)
            yield kernel
        finally:
            kernel.close()


@pytest.fixture(scope="package")
def kernels():
    """Kernels that are idle, and a function that starts one."""
    with contextlib.ExitStack() as running:
        yield [], lambda: running.enter_context(running_kernel())


@pytest.fixture
def kernel(request, kernels):
    """A kernel that is as new; one in which a test failed is lent to nobody again."""
    idle, start = kernels
    kernel, failed = idle.pop() if idle else start(), request.session.testsfailed
    yield kernel
    if request.session.testsfailed == failed:
        kernel.run(AS_NEW)
        kernel.run(PATIENT)
        kernel.messages.clear()
        idle.append(kernel)


def frames(messages, comm=None):
    """The frames among messages: (content, buffers), of one table or of all."""
    found = []
    for message in messages:
        if message["msg_type"] == "comm_msg" and (comm is None or message["content"]["comm_id"] == comm):
            data = message["content"]["data"]
            if data.get("method") == "custom" and data["content"].get("type") == "frame":
                found.append((data["content"], message["buffers"]))
    return found


def answers(messages, request):
    """The answers to one request."""
    contents = (
        message["content"]["data"].get("content", {}) for message in messages if message["msg_type"] == "comm_msg"
    )
    return [content for content in contents if content.get("type") == "answer" and content["request"] == request]
