"""Who is not there any more, seen from the kernel: when sending stops, when polling stops, and when neither does."""

from __future__ import annotations

import pytest

from tests.kernel.conftest import frames, running_kernel

POLLERS = "import threading; print(sum(t.name == 'procwidget-poller' for t in threading.enumerate()))"
SENT = "print(d.table._encoder._seq)"
WATCH = {"type": "watch", "view": "v", "on": True}


@pytest.fixture(scope="module")
def kernel():
    """One kernel for all of these."""
    with running_kernel() as kernel:
        kernel.run("from procwidget import Dashboard; import procwidget.views.audience as a")
        yield kernel


@pytest.fixture
def table(kernel):
    """The model id of a new dashboard's table, in a kernel that gives views up after a second."""
    kernel.run("a.PATIENCE = 1.0; d = Dashboard(interval=0.5); d")
    yield kernel.run("print(d.table.model_id)").strip()
    kernel.run("d.close(); d.monitor.stop()")


def test_a_busy_cell_without_subshells_is_not_nobody(kernel, table):
    """While a cell computes, a front end without subshells cannot be heard: frames go on, long past the patience."""
    kernel.tell(table, WATCH)
    kernel.run("")
    kernel.messages.clear()
    kernel.run("import time; end = time.monotonic() + 3.5\nwhile time.monotonic() < end: pass")
    assert len(frames(kernel.messages, table)) >= 5
    kernel.listen(2)
    assert frames(kernel.listen(1.5), table) == []
    assert kernel.run(POLLERS).strip() == "0"


@pytest.mark.parametrize("wish", ["d.monitor.start()", "d.on_alert(lambda alert: None)"])
def test_who_asked_to_go_on_gets_samples_and_nobody_gets_frames(kernel, table, wish):
    """Polling that Python asked for goes on without a view; sending does not."""
    kernel.run(wish)
    kernel.listen(2)
    sent, samples = kernel.run(SENT), int(kernel.run("print(len(d.history))"))
    assert [m for m in kernel.listen(2) if m["msg_type"] == "comm_msg"] == []
    assert kernel.run(SENT) == sent
    assert int(kernel.run("print(len(d.history))")) >= samples + 3


def test_a_view_that_comes_as_the_poller_leaves_is_served(kernel, table):
    """Arriving around the moment at which the last view is given up, three times: a whole frame, and then more."""
    for number in range(3):
        kernel.listen(1.3 + number / 5)
        kernel.messages.clear()
        kernel.tell(table, {**WATCH, "view": f"v{number}"})
        kernel.listen(1.2)
        came = [content for content, _ in frames(kernel.messages, table)]
        assert any(content["whole"] for content in came)
        assert len(came) >= 2, number


def test_an_interrupted_cell_does_not_end_the_poller(kernel, table):
    """KeyboardInterrupt strikes the cell; the dashboard goes on."""
    kernel.run("a.PATIENCE = 15.0")
    kernel.tell(table, WATCH)
    request = kernel.start("while True: pass")
    kernel.listen(1.5)
    kernel.manager.interrupt_kernel()
    came = kernel.listen(10, lambda m: m["msg_type"] == "error" and m["parent_header"].get("msg_id") == request)
    assert came[-1]["content"]["ename"] == "KeyboardInterrupt"
    assert len(frames(kernel.listen(1.5), table)) >= 2
    assert kernel.run(POLLERS).strip() == "1"


def test_questions_that_nobody_confirms_are_given_up_by_the_tick(kernel, table):
    """A question's hold on a process ends with its time, also when nobody asks anything again."""
    kernel.run(
        "import procwidget.actions.desk as desk, subprocess\n"
        "life, desk.NONCE_LIFE, a.PATIENCE = desk.NONCE_LIFE, 1.0, 15.0"
    )
    kernel.tell(table, WATCH)
    kernel.run("child = subprocess.Popen(['sleep', '1000'])")
    kernel.listen(1.5)
    identity = kernel.run(
        "print(*[row['identity'] for row in d.history[-1]['processes'] if row['pid'] == child.pid])"
    ).split()
    ask = {"type": "ask", "view": "v", "request": "r", "identities": identity, "signal": "SIGTERM"}
    kernel.tell(table, ask)
    assert kernel.run("print(len(d.desk._open))").strip() == "1"
    kernel.listen(2)
    assert kernel.run("desk.NONCE_LIFE = life; print(len(d.desk._open)); child.kill(); child.wait()").split()[0] == "0"
