"""Who is not there any more, seen from the kernel: when sending stops, when polling stops, and when neither does."""

from __future__ import annotations

import time

import pytest

from tests.kernel.conftest import frames, running_kernel
from tests.kernel.look import POLLERS, PRESENT, SENT
from tests.patience import until

EXECUTING = "__import__('procwidget.views.ipython_state').views.ipython_state.executing()"
SAMPLES = "len(dashboard.history)"
WATCH = {"type": "watch", "view": "v", "on": True}
BUSY = """
import time
end, sent = time.monotonic() + 2.5, d.diagnostics()["frames"]
while time.monotonic() < end or d.diagnostics()["frames"] < sent + 5: pass
"""


@pytest.fixture(scope="module")
def kernel():
    """One kernel for all of these."""
    with running_kernel() as kernel:
        kernel.run("from procwidget import Dashboard; import procwidget.views.presence as a")
        yield kernel


@pytest.fixture
def table(kernel):
    """The model id of a new dashboard's table, in a kernel that gives views up after a second."""
    kernel.run("a.PATIENCE = 1.0; d = Dashboard(interval=0.5); d")
    yield kernel.run("print(d.table.model_id)").strip()
    kernel.run("d.close(); d.monitor.stop()")


def test_a_busy_cell_without_subshells_is_not_nobody(kernel, table):
    """While a cell computes, a front end without subshells cannot be heard: frames go on, long past the patience."""
    kernel.messages.clear()
    kernel.tell(table, WATCH)
    kernel.run(BUSY)
    assert len(frames(kernel.messages, table)) >= 5
    until(lambda: kernel.look(POLLERS) == 0)
    kernel.forget()
    assert frames(kernel.listen(1.5), table) == []


@pytest.mark.parametrize("wish", ["d.monitor.start()", "d.on_alert(lambda alert: None)"])
def test_who_asked_to_go_on_gets_samples_and_nobody_gets_frames(kernel, table, wish):
    """Polling that Python asked for goes on without a view; sending does not."""
    kernel.run(wish)
    until(lambda: not kernel.look(PRESENT))
    samples = kernel.look(SAMPLES)
    # A tick that had begun may still send.
    until(lambda: kernel.look(SAMPLES) > samples)
    sent = kernel.look(SENT)
    kernel.forget()
    until(lambda: kernel.look(SAMPLES) >= samples + 4)
    assert kernel.look(SENT) == sent
    kernel.run("")
    assert [message for message in kernel.messages if message["msg_type"] == "comm_msg"] == []


def test_who_asks_a_resting_dashboard_for_alerts_gets_samples(kernel, table):
    """A callback that is registered when nobody watches any more has the host read again."""
    until(lambda: kernel.look(POLLERS) == 0)
    samples = kernel.look(SAMPLES)
    kernel.run("d.on_alert(lambda alert: None)")
    until(lambda: kernel.look(SAMPLES) >= samples + 3)


def test_a_view_that_comes_as_the_poller_leaves_is_served(kernel, table):
    """Arriving around the moment at which the last view is given up, three times: a whole frame, and then more."""
    kernel.run("a.PATIENCE = 2.0")
    for number in range(3):
        kernel.listen(2.0 + number / 4)
        kernel.messages.clear()
        kernel.tell(table, {**WATCH, "view": f"v{number}"})
        kernel.first(lambda message: any(content["whole"] for content, _ in frames([message], table)))
        kernel.next_frames(table, 1)


def test_an_interrupted_cell_does_not_end_the_poller(kernel, table):
    """KeyboardInterrupt strikes the cell; the dashboard goes on."""
    kernel.run("a.PATIENCE = 1000.0")
    kernel.tell(table, WATCH)
    kernel.messages.clear()
    kernel.start("print('computing', flush=True)\nwhile True: pass")
    kernel.first(lambda message: message["msg_type"] == "stream")
    kernel.manager.interrupt_kernel()
    error = kernel.first(lambda message: message["msg_type"] == "error")
    assert error["content"]["ename"] == "KeyboardInterrupt"
    kernel.next_frames(table, 2)
    assert kernel.look(POLLERS) == 1


def test_questions_that_nobody_confirms_are_given_up_with_nobody_there(kernel, table):
    """A question's hold on a process ends with its time, also when its page is gone and no tick comes."""
    kernel.run(
        "import subprocess; from procwidget.actions import confirmations\n"
        "life, confirmations.NONCE_LIFE, a.PATIENCE = confirmations.NONCE_LIFE, 3.0, 1000.0"
    )
    kernel.tell(table, WATCH)
    kernel.run("child = subprocess.Popen(['sleep', '1000'])")
    ask = {"type": "ask", "view": "v", "request": "r", "identities": [kernel.child()], "signal": "SIGTERM"}
    kernel.messages.clear()
    kernel.tell(table, ask)
    assert kernel.answer("r")["result"] == "question"
    kernel.run("a.PATIENCE = 0.1")
    until(lambda: kernel.look(POLLERS) == 0)
    until(lambda: kernel.look("dashboard.diagnostics()['confirmations']") == 0)
    kernel.run("confirmations.NONCE_LIFE = life; child.kill(); child.wait()")


def test_who_comes_back_sees_figures_of_now_within_a_tick(kernel, table):
    """After a rest the first frame is of a reading taken then: not of one before it, and not an interval later."""
    until(lambda: kernel.look(POLLERS) == 0)
    kernel.run("d.monitor.interval = 30")
    kernel.run("a.PATIENCE = 1000.0")
    samples, now = kernel.look(SAMPLES), kernel.look("__import__('time').time()")
    kernel.messages.clear()
    kernel.tell(table, WATCH)
    came = time.monotonic()
    first = kernel.next_frames(table, 1)[0][0]
    assert time.monotonic() - came < 15
    assert first["whole"]
    assert first["time"] >= now
    assert kernel.look(SAMPLES) > samples


def test_a_monitor_that_was_stopped_reads_again_for_who_comes(kernel, table):
    """stop() is for all who watch then; a view that comes back, or another one, has frames again and again."""
    kernel.run("a.PATIENCE = 1000.0")
    kernel.tell(table, WATCH)
    kernel.next_frames(table, 1)
    kernel.run("d.monitor.start(); d.monitor.stop()")
    until(lambda: kernel.look(POLLERS) == 0)
    kernel.forget()
    kernel.tell(table, {**WATCH, "on": False})
    kernel.tell(table, WATCH)
    kernel.next_frames(table, 3)
    assert kernel.look(POLLERS) == 1


def test_a_dashboard_that_no_cell_made_is_left_alone_too():
    """Made in a message's callback, the first in its kernel, it is not taken for one whose cell still computes."""
    with running_kernel() as kernel:
        kernel.run(
            "import ipywidgets, procwidget.views.presence as a; from procwidget import Dashboard\n"
            "a.PATIENCE, later = 1.0, ipywidgets.Button()\n"
            "later.on_msg(lambda *_: globals().update(d=Dashboard(interval=0.5)))"
        )
        kernel.tell(kernel.run("print(later.model_id)").strip(), {"type": "go"})
        until(lambda: kernel.run("print(*{'d'} & set(globals()))").strip())
        assert not kernel.look(EXECUTING)
        until(lambda: kernel.look(POLLERS) == 0)
