"""A kernel with an open dashboard that forks, as joblib, multiprocessing and DataLoader do."""

from __future__ import annotations

from tests.patience import PATIENCE

START = "from procwidget import Dashboard; d = Dashboard(interval=0.5); d"
WATCH = {"type": "watch", "view": "v", "on": True}
FORK = f"""
import os, threading, time, signal
import procwidget
from jupyter_client.session import Session

def ending(child):
    end = time.monotonic() + {PATIENCE / 4}
    while time.monotonic() < end:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "hung"

def child_can(act):
    child = os.fork()
    if child == 0:
        said = []
        Session.send = lambda *arguments, **_: said.append(arguments)
        try:
            act()
            os._exit(2 if said else 0)
        except BaseException as error:
            os.write(2, repr(error).encode())
            os._exit(1)
    return ending(child)

def everything():
    assert not d.monitor.running
    assert len(d.history) and d.history[-1] and d.history.columns("time")["time"]
    d.find("cpu>1"), d.selected, d.alerts, procwidget.audit()
    assert procwidget.snapshot(0.05)["process_count"]
    d.on_alert(print), d.table.present(), d.table.publish(d.monitor.last)
    d.monitor.start()
    before = len(d.history)
    while len(d.history) == before:
        time.sleep(0.02)
    d.monitor.stop()
    d.close()

def forked_while_held(lock):
    holds, enough = threading.Event(), threading.Event()
    def hold():
        with lock:
            holds.set()
            enough.wait()
    holder = threading.Thread(target=hold)
    holder.start()
    holds.wait()
    try:
        return child_can(everything)
    finally:
        enough.set()
        holder.join()
"""
OWNERS = "d.history, d.monitor, d.table, d.table._requests, d.service.confirmations"
LOCKS = f"[*(owner._lock for owner in ({OWNERS})), d._watching]"


def test_children_of_a_kernel_with_a_dashboard_never_hang_and_say_nothing(kernel):
    """Forked while any one lock is held, a child can use all of the dashboard and sends nothing; the parent goes on."""
    kernel.run(START)
    table = kernel.run("print(d.table.model_id)").strip()
    kernel.tell(table, WATCH)
    kernel.next_frames(table, 2)
    kernel.run(FORK)
    assert kernel.run(f"print([forked_while_held(lock) for lock in {LOCKS}])", seconds=300).strip() == str([0] * 6)
    # At whatever the poller is at.
    kernel.run("d.monitor.interval = 0.1")
    reads = "child_can(lambda: (len(d.history), d.history.columns('time'), d.table.present()))"
    assert kernel.run(f"print({{{reads} for _ in range(200)}})", seconds=300).strip() == "{0}"
    kernel.forget()
    kernel.next_frames(table, 2)
