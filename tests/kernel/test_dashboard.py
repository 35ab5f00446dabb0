"""The dashboard in a real kernel, seen through its messages."""

from __future__ import annotations

import json

import pytest

from tests.kernel.conftest import frames
from tests.kernel.look import NOTES, POLLERS
from tests.patience import until

WIDGETS = "import ipywidgets.widgets.widget as module; print(len(module._instances))"


@pytest.mark.parametrize("runs", [10, pytest.param(50, marks=pytest.mark.nightly)])
def test_runs_of_a_cell_leave_one_poller_and_one_dashboard(kernel, runs):
    """Re-running the cell closes what its earlier run made: threads and widgets do not grow; close() leaves none."""
    kernel.run("from procwidget import Dashboard", cell="first")
    kernel.run("d = Dashboard(); d", cell="second")
    widgets = kernel.run(WIDGETS)
    for _ in range(runs):
        kernel.run("d = Dashboard(); d", cell="second")
    until(lambda: kernel.look(POLLERS) == 1)
    assert kernel.run(WIDGETS) == widgets
    kernel.run("d.close()")
    until(lambda: kernel.look(POLLERS) == 0)
    assert kernel.run(WIDGETS).strip() == "0"


def test_two_cells_share_one_poller(kernel):
    """Two dashboards of two cells live side by side on one poller thread."""
    kernel.run("from procwidget import Dashboard; a = Dashboard()", cell="a")
    kernel.run("d = Dashboard()", cell="d")
    assert kernel.look(POLLERS) == 1
    kernel.run("a.close()")
    assert kernel.look(POLLERS) == 1


def test_frames_come_tick_after_tick_with_sequence_numbers(kernel):
    """Frames go on, numbered without gaps, the first to a view whole."""
    kernel.run("from procwidget import Dashboard; d = Dashboard(interval=0.5); d")
    table = kernel.run("print(d.table.model_id)").strip()
    kernel.tell(table, {"type": "watch", "view": "v", "on": True})
    came = kernel.next_frames(table, 5)
    assert any(content["whole"] for content, _ in came)
    sequence = [content["seq"] for content, _ in came]
    assert sequence == list(range(sequence[0], sequence[0] + len(sequence)))


def test_a_view_that_comes_is_told_the_options_as_they_are(kernel):
    """Also what was set while its page loaded the script: of that nothing may have reached it."""
    kernel.run("from procwidget import Dashboard; d = Dashboard(); d")
    table = kernel.run("print(d.table.model_id)").strip()
    kernel.run("d.filter = 'python'")
    kernel.forget()
    kernel.tell(table, {"type": "watch", "view": "late", "on": True})
    until(lambda: "python" in filters_told(kernel.listen(0.5), table))


def filters_told(messages, table):
    """What the search box is to have, by the updates of a table among these messages."""
    updates = [m["content"]["data"] for m in messages if m["content"].get("comm_id") == table]
    return [update["state"]["options"]["filter"] for update in updates if "options" in update.get("state", {})]


def test_a_view_that_comes_later_dates_a_hanging_process_as_the_alert_does(kernel):
    """Each view's first frame says since when a stopped process hangs: the moment at which the kernel first saw it."""
    kernel.run("import os, signal, subprocess; child = subprocess.Popen(['sleep', '1000'])")
    try:
        kernel.run("os.kill(child.pid, signal.SIGSTOP)")
        kernel.run("from procwidget import Dashboard; d = Dashboard(); d")
        table = kernel.run("print(d.table.model_id)").strip()
        kernel.next_frames(table, 3)
        stopped = "row['pid'] == child.pid and row['status'] == 'stopped'"
        seen = f"[sample['time'] for sample in d.history if any({stopped} for row in sample['processes'])]"
        first = json.loads(kernel.run(f"print({seen})"))[0]
        kernel.tell(table, {"type": "watch", "view": "late", "on": True})
        content = until(
            lambda: next((content for content, _ in kernel.next_frames(table, 1) if content["whole"]), None)
        )
        assert first in [when for _, when in content["since"]]
        assert first < content["time"]
    finally:
        kernel.run("child.kill(); print(child.wait())")


def test_a_tick_is_at_most_seven_messages(kernel):
    """The table is one message a tick, the summary one, the charts one a mark."""
    kernel.run("from procwidget import Dashboard; d = Dashboard(interval=0.5); d")
    table = kernel.run("print(d.table.model_id)").strip()
    kernel.next_frames(table, 3)
    kernel.messages.clear()
    ticks = len(kernel.next_frames(table, 5))
    assert len([message for message in kernel.messages if message["msg_type"] == "comm_msg"]) <= 7 * (ticks + 1)


def test_nobody_watching_means_nothing_sent_and_no_poller(kernel):
    """A dashboard that no view ever watched is left alone after a while, and polls again when one comes."""
    kernel.run("from procwidget import Dashboard; import procwidget.views.presence as a; a.PATIENCE = 1.0")
    kernel.run("d = Dashboard(interval=0.5); d")
    table = kernel.run("print(d.table.model_id)").strip()
    until(lambda: kernel.look(POLLERS) == 0)
    kernel.forget()
    assert frames(kernel.listen(2), table) == []
    kernel.run("a.PATIENCE = 1000.0")
    kernel.tell(table, {"type": "watch", "view": "v", "on": True})
    assert kernel.next_frames(table, 1)[0][0]["whole"]
    assert kernel.look(POLLERS) == 1


def test_a_process_is_ended_by_its_identity_in_two_steps(kernel):
    """Ask, confirm, outcome: a child of the kernel is really gone, and the words say so."""
    kernel.run("from procwidget import Dashboard; import subprocess; d = Dashboard(interval=0.5)")
    kernel.run("child = subprocess.Popen(['sleep', '1000'])")
    table = kernel.run("print(d.table.model_id)").strip()
    ask = {"type": "ask", "view": "v", "request": "r1", "identities": [kernel.child()], "signal": "SIGTERM"}
    kernel.tell(table, ask)
    question = kernel.answer("r1")
    assert question["result"] == "question", question
    shown = {"nonce": question["nonce"], "signal": ask["signal"], "identities": ask["identities"]}
    kernel.tell(table, {"type": "confirm", "view": "v", "request": "r2", **shown})
    kernel.run("child.wait()")
    outcome = kernel.answer("r2")
    assert outcome["outcomes"][0]["text"].startswith("Ended sleep ("), outcome


def test_signals_that_are_off_stay_off_whatever_a_client_writes(kernel):
    """allow_kill=False lives in Python: a synced trait overwritten by a client changes nothing."""
    kernel.run("from procwidget import Dashboard; import subprocess; d = Dashboard(interval=0.5, allow_kill=False)")
    kernel.run("child = subprocess.Popen(['sleep', '1000'])")
    table = kernel.run("print(d.table.model_id)").strip()
    identity = kernel.child()
    update = {"method": "update", "state": {"options": {"actions": True}}, "buffer_paths": []}
    kernel.client.shell_channel.send(kernel.client.session.msg("comm_msg", {"comm_id": table, "data": update}))
    kernel.tell(table, {"type": "ask", "view": "v", "request": "r1", "identities": [identity], "signal": "SIGTERM"})
    answer = kernel.answer("r1")
    assert answer["result"] == "refused"
    assert "switched off" in answer["refusals"][0]
    assert kernel.run("print(child.poll()); child.terminate(); child.wait()").split()[0] == "None"


def test_a_poller_that_raises_goes_on_and_says_so(kernel):
    """A source that fails is tried again; the summary says that the host could not be read."""
    kernel.run(
        "from procwidget import Dashboard, Monitor\n"
        "from procwidget.sources.scripted import ScriptedSource, make_sample\n"
        "class Failing(ScriptedSource):\n"
        "    broken = False\n"
        "    def read(self):\n"
        "        if self.broken: raise OSError('disk on fire')\n"
        "        return super().read()\n"
        "source = Failing([make_sample()])\n"
        "d = Dashboard(monitor=Monitor(source, interval=0.2))\n"
    )
    until(lambda: kernel.look(NOTES) == [])
    kernel.run("source.broken = True")
    until(lambda: "disk on fire" in str(kernel.look(NOTES)))
    kernel.run("source.broken = False")
    until(lambda: kernel.look(NOTES) == [])
    assert kernel.look(POLLERS) == 1


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        ("Dashboard(interval=0)", "interval must be a number from 0.5 to 60, not 0."),
        ("Dashboard(interval='2')", "interval must be a number from 0.5 to 60, not '2'."),
        ("Dashboard(top=0)", "top must be a whole number from 3 to 100, not 0."),
        ("Dashboard(sort_by='size')", "sort_by must be a column, not 'size'; there are pid, name"),
        ("Dashboard(allow_kill='no')", "allow_kill must be True, False or None, not 'no'."),
        ("Dashboard(thresholds={'cpu': (90, 10)})", "has its warning 90 above its critical 10."),
        ("Dashboard(columns='cpu')", "columns must be a list of names such as ['pid', 'name', 'cpu'], not 'cpu'."),
        ("Dashboard(columns=['size'])", "There is no column 'size'; there are pid, name"),
        ("Dashboard(filter='cpuu>5')", "cpuu"),
        ("Dashboard(monitor=3)", "monitor must be a procwidget.Monitor or None, not 3."),
        ("Dashboard(intervall=2)", "Dashboard has no argument 'intervall'"),
    ],
)
def test_a_wrong_argument_gets_one_sentence_and_no_traceback(call, sentence):
    """A user's mistake shows one line, in a kernel as in a script."""
    from procwidget import Dashboard, InvalidArgument

    with pytest.raises(InvalidArgument) as caught:
        eval(call, {"Dashboard": Dashboard})
    assert sentence in str(caught.value)
    assert caught.value._render_traceback_() == [f"{type(caught.value).__name__}: {caught.value}"]


def test_a_mistake_in_a_cell_shows_one_line(kernel):
    """IPython prints the sentence alone."""
    request = kernel.start("from procwidget import Dashboard; Dashboard(top=0)")
    error = kernel.first(lambda one: one["msg_type"] == "error" and one["parent_header"]["msg_id"] == request)
    assert error["content"]["traceback"] == ["InvalidArgument: top must be a whole number from 3 to 100, not 0."]


def test_the_selection_of_the_table_is_there_in_python(kernel):
    """What a view selects is `selected`, as plain dicts, and callbacks hear of it; find() searches as the page does."""
    kernel.run(
        "from procwidget import Dashboard; import os; d = Dashboard(interval=0.5)\n"
        "heard = []; d.on_select(heard.append)"
    )
    table = kernel.run("print(d.table.model_id)").strip()
    (identity,) = until(lambda: kernel.look("[row['identity'] for row in dashboard.find(f'pid={os.getpid()}')]"))
    kernel.tell(table, {"type": "select", "view": "v", "identities": [identity, "1-999", 7]})
    mine = "[p['pid'] for p in dashboard.selected] == [os.getpid()] == [p['pid'] for p in heard[-1]]"
    until(lambda: kernel.look(f"bool(heard) and {mine}"))
    kernel.tell(table, {"type": "select", "view": "v", "identities": "nonsense"})
    kernel.tell(table, {"type": "select", "view": "v", "identities": []})
    until(lambda: kernel.look("dashboard.selected") == [])


def test_details_come_on_demand_with_secrets_masked(kernel):
    """A view that asks for one process gets its details; the command line stays masked until it is revealed."""
    kernel.run(
        "from procwidget import Dashboard; import subprocess, sys; d = Dashboard(interval=0.5)\n"
        "child = subprocess.Popen([sys.executable, '-c', 'input()', '--password', 'hunter2'], stdin=subprocess.PIPE)"
    )
    table = kernel.run("print(d.table.model_id)").strip()
    identity = kernel.child()
    kernel.tell(table, {"type": "details", "view": "v", "request": "r1", "identity": identity})
    kernel.tell(table, {"type": "reveal", "view": "v", "request": "r2", "identity": identity})
    kernel.tell(table, {"type": "details", "view": "v", "request": "r3", "identity": "1-999999"})
    details = kernel.answer("r1")["details"]
    assert details["executable"] and details["memory"]["rss"] > 0 and details["parents"]
    assert "--password" in details["command"] and "hunter2" not in details["command"]
    assert len(details["history"]["time"]) >= 2
    assert "hunter2" in kernel.answer("r2")["command"]
    assert kernel.answer("r3")["refusals"] == ["This process is not there any more."]
    kernel.first(lambda message: "--password" in json.dumps([content for content, _ in frames([message], table)]))
    assert "hunter2" not in json.dumps([content for content, _ in frames(kernel.messages, table)])
    kernel.run("child.stdin.close(); child.wait()")
