"""Faults around a dashboard, not the host's: no file descriptors, names that hang, a front end that does not read."""

from __future__ import annotations

import zmq

from tests.kernel.conftest import answers
from tests.kernel.look import NOTES
from tests.patience import until

START = "from procwidget import Dashboard; d = Dashboard(interval=0.5); d"
CPU = "dashboard.history[-1]['cpu_usage'] if len(dashboard.history) else None"
WATCH = {"type": "watch", "view": "v", "on": True}
EXHAUST = """
import os, resource
limits, held = resource.getrlimit(resource.RLIMIT_NOFILE), []
resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir('/dev/fd')) + 3, limits[1]))
def take_all():
    try:
        while True:
            held.append(os.open('/dev/null', os.O_RDONLY))
    except OSError:
        pass
"""
RECOVER = """
resource.setrlimit(resource.RLIMIT_NOFILE, limits)
for file in held:
    os.close(file)
"""


def test_without_file_descriptors_the_poller_goes_on_and_says_so(kernel):
    """What cannot be read is unknown, a note says why, frames go on; when there are some again, so are the figures."""
    kernel.run(START)
    table = kernel.run("print(d.table.model_id)").strip()
    kernel.tell(table, WATCH)
    until(lambda: kernel.look(CPU) is not None)
    kernel.run(EXHAUST)

    def exhausted():
        # Again and again: a thread that had a file open for a moment gives one back, which is enough for a reading.
        kernel.run("take_all()")
        return "file descriptors" in str(kernel.look(NOTES))

    until(exhausted)
    kernel.next_frames(table, 3)
    until(lambda: exhausted() and kernel.look(CPU) is None)
    kernel.run(RECOVER)
    until(lambda: kernel.look(NOTES) == [])
    until(lambda: kernel.look(CPU) is not None)


def test_a_failure_after_a_confirmation_does_not_say_that_nothing_was_done(kernel):
    """A mistake of ours may come after the signal; before the question was answered there was none."""
    kernel.run(START)
    table = kernel.run("print(d.table.model_id)").strip()
    kernel.run("d.service.ask = d.service.confirm = lambda *_: 1 / 0")
    for kind, done in (("ask", "nothing was done"), ("confirm", "it may have been done all the same")):
        kernel.tell(table, {"type": kind, "view": "v", "request": kind})
        answer = kernel.answer(kind)
        assert answer["refusals"] == [f"procwidget failed here, and {done}; the kernel's log says how."]
        assert answer["unknown"] is (kind == "confirm")


def test_a_directory_server_that_hangs_holds_up_no_cell(kernel):
    """A user's name that does not come makes a question wait, and nothing else; when it comes, so does the question."""
    kernel.run(START)
    table = kernel.run("print(d.table.model_id)").strip()
    kernel.run("import subprocess; child = subprocess.Popen(['sleep', '1000'])")
    identity = kernel.child()
    kernel.run("import pwd, threading; come, known = threading.Event(), pwd.getpwuid")
    kernel.run("pwd.getpwuid = lambda uid: come.wait() and known(uid)")
    kernel.tell(table, {"type": "ask", "view": "v", "request": "q", "identities": [identity], "signal": "SIGTERM"})
    assert kernel.run("print('quick')").strip() == "quick"
    assert answers(kernel.messages, "q") == []
    kernel.run("come.set()")
    assert kernel.answer("q")["result"] == "question"
    kernel.run("pwd.getpwuid = known; child.kill(); child.wait(); d.close()")


def test_a_front_end_that_stopped_reading_costs_a_bounded_queue(kernel):
    """Fifty megabytes of frames to a reader that takes none: the kernel keeps only a part, and is quick for others."""
    kernel.run(START)
    stalled = zmq.Context.instance().socket(zmq.SUB)
    stalled.setsockopt(zmq.RCVHWM, 1)
    stalled.setsockopt(zmq.SUBSCRIBE, b"")
    stalled.connect(f"tcp://{kernel.manager.ip}:{kernel.manager.iopub_port}")
    try:
        kernel.forget()
        kernel.run("import psutil; me = psutil.Process(); before = me.memory_info().rss")
        for _ in range(25):
            # Few enough at a time for our own client, which does read.
            kernel.run("for _ in range(200): d.table.send({'type': 'nothing'}, [bytes(10_000)])")
        assert float(kernel.run("print((me.memory_info().rss - before) / 2**20)")) < 30
        assert kernel.run("print('quick')").strip() == "quick"
    finally:
        stalled.close(linger=0)
