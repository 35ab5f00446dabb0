"""Raw messages to every comm of a dashboard, from a client that means ill: each is answered or dropped."""

from __future__ import annotations

import json
import time

import pytest

from tests.kernel.conftest import answers, frames, running_kernel
from tests.patience import PATIENCE

START = "from procwidget import Dashboard; d = Dashboard(interval=0.5, {}); d"

STATE = """
import gc, json, os, threading
import ipywidgets.widgets.widget as module
from comm import get_comm_manager
gc.collect()
print(json.dumps({
    'threads': threading.active_count(),
    'pollers': sum(thread.name == 'procwidget-poller' for thread in threading.enumerate()),
    # Those of /proc come and go with the processes that are active.
    'files': sum(not os.path.realpath(f'/dev/fd/{fd}').startswith('/proc/') for fd in os.listdir('/dev/fd')),
    'widgets': len(module._instances),
    'comms': len(get_comm_manager().comms),
    'questions': len(d.service.confirmations),
}))
"""

TRAITS = """
import json
import ipywidgets.widgets.widget as module
moving = {'reading', 'x', 'y', 'max', 'tick_values'}
print(json.dumps({
    model: {name: value for name, value in widget.get_state().items() if name not in moving}
    for model, widget in module._instances.items()
}, default=lambda value: value.tobytes().hex() if isinstance(value, memoryview) else repr(value)))
"""

KINDS = ["watch", "fields", "panels", "ack", "whole", "ask", "confirm", "cancel", "details", "reveal", "select"]
KINDS += ["interval"]
KINDS += ["tell", "keep", "events", "thresholds", "expect", "notify"]
ODD = [None, True, 0, -1, 1e308, "", "x" * 100_000, [], [[]], [None] * 50, {}, {"a": {"b": [1]}}, "\ud800", "\x00"]


@pytest.fixture(scope="module")
def kernel():
    """One kernel for all of these."""
    with running_kernel() as kernel:
        yield kernel


@pytest.fixture(params=[True, False], ids=["signals on", "signals off"])
def attack(kernel, request):
    """A dashboard in a kernel, and what an attacker needs: every model's id, and a way to send anything."""

    class Attack:
        def __init__(self):
            self.kernel, self.allowed = kernel, request.param
            # Like a browser's: half a surrogate pair goes out as an escape.
            kernel.client.session.pack = lambda content: json.dumps(content, default=str).encode()
            kernel.run(START.format(f"allow_kill={request.param}"), cell="a")
            self.table, self.summary = kernel.run("print(d.table.model_id, d.summary.model_id)").split()
            self.models = kernel.run("import ipywidgets.widgets.widget as m; print(*m._instances)").split()
            self.send("comm_msg", self.table, {"method": "custom", "content": WATCH})
            kernel.next_frames(self.table, 1)

        def send(self, kind, comm, data=None, **more):
            content = {"comm_id": comm, "data": data, **more}
            kernel.client.shell_channel.send(kernel.client.session.msg(kind, content))

        def custom(self, comm, content):
            self.send("comm_msg", comm, {"method": "custom", "content": content})

        def signals(self):
            """How many signals were sent so far."""
            return int(kernel.run("print(d.diagnostics()['signals'])"))

        def state(self):
            return json.loads(kernel.run(STATE))

        def grown(self, before):
            """What is more than `before` and stays so: ipykernel closes a thread's pipe late."""
            deadline = time.monotonic() + PATIENCE
            while True:
                now = self.state()
                more = {key: (count, now[key]) for key, count in before.items() if now[key] > count}
                if not more or time.monotonic() > deadline:
                    return more
                kernel.listen(0.5)

        def traits(self):
            return json.loads(kernel.run(TRAITS))

        def live(self):
            """Whether frames still come, and a request is still answered."""
            kernel.messages.clear()
            self.custom(self.table, {**WATCH, "view": "friend"})
            ask = {"type": "ask", "view": "friend", "request": "q", "identities": ["1-1"], "signal": "SIGTERM"}
            self.custom(self.table, ask)
            kernel.answer("q")
            kernel.next_frames(self.table, 2)
            return len(answers(kernel.messages, "q")) == 1

    yield Attack()
    kernel.run("d.close()")


WATCH = {"type": "watch", "view": "v", "on": True}


def complaints(messages):
    """What the kernel wrote to its outputs: tracebacks and log lines of handlers that fell over."""
    kinds = [message for message in messages if message["msg_type"] in ("error", "stream")]
    return [
        message["content"] for message in kinds if "ename" in message["content"] or "rror" in str(message["content"])
    ]


def test_no_trait_can_be_set_by_a_client(attack):
    """Scripts, markup, options, children and layouts stay as Python made them, in every model of the dashboard."""
    before = attack.traits()
    markup = "<img src=x onerror=alert(1)>"
    for model in attack.models:
        state = {"_esm": "export default {}", "_css": "*{display:none}", "value": markup, "title": markup}
        state |= {"options": {"actions": True, "rows": 10**9}, "thresholds": {}, "children": [], "marks": []}
        state |= {
            "layout": None,
            "display": "none",
            "visibility": "hidden",
            "_view_name": "x",
            "_dom_classes": [markup],
        }
        for part in [state, *({name: value} for name, value in state.items())]:
            attack.send("comm_msg", model, {"method": "update", "state": part, "buffer_paths": []})
        attack.send("comm_msg", model, {"method": "update", "state": {"y": [1]}, "buffer_paths": [["y"]]})
        attack.send("comm_msg", attack.summary, {"method": "update", "state": {"reading": {"notes": [markup]}}})
    assert attack.traits() == before
    assert markup not in attack.kernel.run("print(d.summary.reading)")
    assert set(before) == set(attack.models)
    assert not [message for message in attack.kernel.messages if "echo_update" in str(message["content"])]
    assert attack.live()


def test_a_widget_that_one_client_closes_stays_open_for_the_others(attack):
    """A comm_close reaches no one else, however often it comes; close() in Python still closes all."""
    before = attack.state()
    for _ in range(3):
        for model in attack.models:
            attack.send("comm_close", model, {})
    assert attack.live()
    assert attack.grown(before) == {}
    attack.kernel.run("d.close()")
    after = attack.state()
    assert (after["widgets"], after["comms"], after["pollers"]) == (0, 0, 0)


def test_messages_of_every_shape_are_answered_or_dropped(attack):
    """Odd values in every place of every message: no handler falls over, nothing is signalled, frames go on."""
    before = attack.state()
    sent = attack.signals()
    for odd in ODD:
        for model in attack.models:
            attack.send("comm_msg", model, odd)
            attack.send("comm_msg", model, {"method": odd})
            attack.custom(model, odd)
        for kind in (*KINDS, odd):
            for content in (
                {"type": kind, "view": odd, "request": odd},
                {"type": kind, "view": "h", "request": "r", "on": odd, "seq": odd, "seconds": odd, "nonce": odd},
                {"type": kind, "view": "h", "request": odd, "identities": odd, "identity": odd, "signal": odd},
                {"type": kind, "view": "h", "request": "r", "identities": [odd], "signal": "SIGTERM"},
            ):
                attack.custom(attack.table, content)
                attack.custom(attack.summary, content)
    assert attack.live()
    assert complaints(attack.kernel.messages) == []
    assert attack.grown(before) == {}
    assert attack.signals() == sent


def test_a_confirmation_that_is_stolen_or_replayed_signals_once_at_most(attack):
    """Sent by another view and then twenty times in a row: one signal where they are on, none where they are off."""
    attack.kernel.run("import subprocess; child = subprocess.Popen(['sleep', '1000'])")
    before = attack.signals()
    shown = {"signal": "SIGCONT", "identities": [attack.kernel.child()]}
    attack.kernel.messages.clear()
    attack.custom(attack.table, {"type": "ask", "view": "v", "request": "q", **shown})
    question = attack.kernel.answer("q")
    assert question["result"] == ("question" if attack.allowed else "refused")
    confirm = {"type": "confirm", "nonce": question.get("nonce", "guess"), **shown}
    attack.custom(attack.table, {**confirm, "view": "thief", "request": "stolen"})
    why = "belongs to another view" if attack.allowed else "is not known"
    assert attack.kernel.answer("stolen")["refusals"] == [f"This confirmation {why}: ask again."]
    for _ in range(20):
        attack.custom(attack.table, {**confirm, "view": "v", "request": "r"})
    while len(came := answers(attack.kernel.messages, "r")) < 20:
        assert attack.kernel.listen(PATIENCE, lambda message: answers([message], "r"))
    assert [answer["result"] for answer in came].count("outcome") == attack.allowed
    assert attack.signals() - before == attack.allowed
    assert attack.kernel.run("print(child.poll()); child.kill(); child.wait()").split()[0] == "None"


def test_requests_beyond_the_allowance_are_refused_at_once(attack):
    """However cheap each may be: of two hundred at once the first are looked at, and most are not."""
    time.sleep(2)  # What earlier requests took of the allowance is given back.
    for number in range(200):
        attack.custom(attack.table, {"type": "ask", "view": "h", "request": f"q{number}"})
    refusals = [attack.kernel.answer(f"q{number}")["refusals"][0] for number in range(200)]
    too_many = [refusal.startswith("Too many requests at once") for refusal in refusals]
    assert not any(too_many[:20])
    assert sum(too_many) > 20


def test_what_a_client_says_does_not_come_back_at_length(attack):
    """A refusal never quotes megabytes to everybody who watches."""
    attack.kernel.messages.clear()
    attack.custom(attack.summary, {"type": "interval", "seconds": "9" * 2_000_000})
    attack.custom(
        attack.table, {"type": "ask", "view": "h", "request": "r", "identities": ["9" * 2_000_000], "signal": "SIGTERM"}
    )
    attack.kernel.answer("r")
    comms = [message["content"] for message in attack.kernel.messages if message["msg_type"] == "comm_msg"]
    texts = [json.dumps(content) for content in comms]
    own = [text for text in texts if '"refused"' in text]
    assert len(own) == 2
    assert max(map(len, own)) < 1000


@pytest.mark.parametrize(
    "attack", [True, pytest.param(False, marks=pytest.mark.nightly)], indirect=True, ids=["signals on", "signals off"]
)
def test_a_flood_leaves_nothing_behind_and_the_poller_on_time(attack):
    """More than two thousand messages: threads, files, widgets and questions stay as they were, frames go on."""
    before = attack.state()
    attack.kernel.run("import subprocess; child = subprocess.Popen(['sleep', '1000'])")
    identity = attack.kernel.child()
    attack.kernel.messages.clear()
    for number in range(300):
        ask = {"type": "ask", "view": f"h{number}", "request": "r", "identities": [identity], "signal": "SIGTERM"}
        attack.custom(attack.table, {"type": "whole", "view": "h"})
        attack.custom(attack.table, {"type": "ack", "view": f"h{number}", "seq": number})
        attack.custom(attack.table, {"type": "watch", "view": f"h{number}", "on": True})
        attack.custom(attack.table, {"type": "confirm", "view": "h", "request": "r", "nonce": f"guess{number}"})
        attack.custom(attack.table, {"type": "details", "view": "h", "request": "r", "identity": identity})
        attack.custom(attack.summary, {"type": "interval", "seconds": 0.5 + number % 2})
        attack.send("comm_msg", attack.models[number % len(attack.models)], {"method": "request_state"})
        if number % 20 == 0:
            attack.custom(attack.table, {"type": "select", "view": "h", "identities": ["x" * 10_000] * 500})
            attack.custom(attack.table, ask)
    assert attack.live()
    sent = sum(len(buffer) for _, buffers in frames(attack.kernel.messages, attack.table) for buffer in buffers)
    attack.custom(attack.summary, {"type": "interval", "seconds": 0.5})
    assert attack.kernel.run("print(child.poll()); child.kill(); child.wait()").split()[0] == "None"
    assert attack.grown(before) == {}
    assert sent < 20_000_000


@pytest.mark.parametrize("attack", [True], indirect=True)
def test_who_asks_a_served_kernel_for_all_states_without_end_costs_the_others_little(attack):
    """Three hundred comms of pages that never close theirs: few stay, few get megabytes, and a new page is answered."""
    attack.kernel.run("%load_ext procwidget.views.control_comm")
    comms = attack.state()["comms"]

    def ask(name, data):
        open_control(attack, name)
        attack.send("comm_msg", name, data)

    attack.kernel.messages.clear()
    for number in range(300):
        ask(f"page{number}", {"method": "request_states"} if number % 3 else ODD[number % len(ODD)])
    assert attack.state()["comms"] <= comms + 100
    states = [m for m in attack.kernel.messages if "update_states" in str(m["content"].get("data", {}).get("method"))]
    assert 0 < len(states) < 80
    assert complaints(attack.kernel.messages) == []
    attack.kernel.listen(2.5)
    ask("newcomer", {"method": "request_states"})
    answer = attack.kernel.first(lambda m: m["content"].get("comm_id") == "newcomer")
    assert answer["content"]["data"]["method"] == "update_states"


@pytest.mark.parametrize("attack", [True], indirect=True)
def test_nobody_takes_a_widgets_place(attack):
    """A comm that a client opens under a widget's name leaves the widget where it was, for everybody."""
    attack.kernel.run("%load_ext procwidget.views.control_comm")
    before = attack.state()
    attack.kernel.messages.clear()
    for model in attack.models:
        open_control(attack, model)
        open_control(attack, model, version="0.9")
        attack.send("comm_close", model, {})
    assert attack.live()
    assert [message for message in attack.kernel.messages if message["msg_type"] == "comm_close"] == []
    assert attack.grown(before) == {}


def open_control(attack, name, version="1.0.0"):
    """Open a control comm, as a page does that wants all widgets' states."""
    content = {"comm_id": name, "data": {}, "target_name": "jupyter.widget.control"}
    message = attack.kernel.client.session.msg("comm_open", content, metadata={"version": version})
    attack.kernel.client.shell_channel.send(message)
