"""The names of a real Jupyter Server's notebooks, as who reads this host's processes sees them, and who does not."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest
from jupyter_client import BlockingKernelClient

from procwidget import end, snapshot
from procwidget.errors import ActionRefused
from procwidget.sources.notebooks.server_link import ask_server
from tests.patience import PATIENCE, until
from tests.server.conftest import TOKEN

FIELDS = ["notebook", "notebook_path"]
ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
LOOK_AS_NOBODY = f"""
import json, os
from procwidget import snapshot
snapshot(0.02, fields={FIELDS})  # imports what it needs, which nobody may not be able to read
os.setgroups([]), os.setgid(65534), os.setuid(65534)
rows = snapshot(0.3, fields={FIELDS})["processes"]
print(json.dumps([[row["pid"], row["notebook"], row["notebook_path"]] for row in rows]))
"""


def ask(server, method, path, /, **content):
    """Send a request of Jupyter's own API; return what the server answered."""
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    headers = {"Authorization": f"token {TOKEN}", "Content-Type": "application/json"}
    connection.request(method, server.base_url + path, json.dumps(content), headers)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    assert response.status < 300, body
    return json.loads(body) if body else None


@pytest.fixture(scope="module")
def train(jupyter):
    """A session of the notebook work/sleeps.ipynb on a Jupyter Server, with its kernel's pid; ended afterwards."""
    spec = jupyter.log.parent / "data" / "kernels" / "sleeper" / "kernel.json"
    spec.parent.mkdir(parents=True)
    argv = ["sh", "-c", "sleep 1000; :", "kernel", "{connection_file}"]
    spec.write_text(json.dumps({"argv": argv, "display_name": "Sleeper", "language": "sleep"}))
    kernel = {"name": "sleeper"}
    session = ask(jupyter, "POST", "api/sessions", path="work/sleeps.ipynb", type="notebook", name="", kernel=kernel)
    kernel_id = session["kernel"]["id"]

    yield session, kernel_pid(jupyter, kernel_id)
    ask(jupyter, "DELETE", f"api/kernels/{kernel_id}")


def kernel_pid(jupyter, kernel_id):
    """The pid of a kernel, as its command line says."""

    def pid():
        for child in psutil.Process(jupyter.process.pid).children():
            with contextlib.suppress(psutil.NoSuchProcess):
                if any(kernel_id in part for part in child.cmdline()):
                    return child.pid

    return until(pid)


def seen(pid):
    rows = snapshot(0.1, fields=FIELDS)["processes"]
    return next((row["notebook"], row["notebook_path"]) for row in rows if row["pid"] == pid)


def test_a_kernel_says_its_notebook_also_when_that_is_renamed(jupyter, train):
    """As the server's own sessions have it, below its folder; a server with a token and a base_url needs no word."""
    session, pid = train
    root = jupyter.log.parent / "root"
    assert seen(pid) == ("sleeps.ipynb", f"{root}/work/sleeps.ipynb, kernel sleeper (sleep)")
    ask(jupyter, "PATCH", f"api/sessions/{session['id']}", path="work/fit.ipynb")
    assert seen(pid)[0] == "fit.ipynb"
    ask(jupyter, "PATCH", f"api/sessions/{session['id']}", path="work/sleeps.ipynb")


def test_without_our_server_a_kernel_says_what_it_was_started_for(folder):
    """Jupyter Server gives each kernel the name of its notebook; of all else in an environment nothing is read."""
    path = "/home/ann/alone.ipynb"
    command = ["sh", "-c", "sleep 1000; :", "kernel", "/run/kernel-0f3a2b1c-0000-4000-8000-00000000000a.json"]
    kernel = subprocess.Popen(command, env=os.environ | {"JPY_SESSION_NAME": path}, start_new_session=True)
    try:
        name, where = seen(kernel.pid)
        assert name == "alone.ipynb"
        assert where.startswith(f"{path}, so called ")
    finally:
        for process in [*psutil.Process(kernel.pid).children(), kernel]:
            process.kill()
        kernel.wait()


@pytest.mark.skipif(not ROOT, reason="only root can become another user")
def test_another_users_kernel_is_a_jupyter_kernel_and_no_more(jupyter, train):
    """Two users, each with a kernel: neither sees the name of the other's notebook, nor does the server tell it."""
    _, pid = train
    file = "/run/kernel-0f3a2b1c-0000-4000-8000-00000000000b.json"
    command = ["sh", "-c", "sleep 1000; :", "kernel", file]
    environment = {"PATH": os.environ["PATH"], "JPY_SESSION_NAME": "/home/bob/secret.ipynb"}
    theirs = subprocess.Popen(command, env=environment, user=65534, group=65534, start_new_session=True)
    try:
        assert seen(theirs.pid) == ("a Jupyter kernel", None)
        with pytest.raises(ActionRefused, match="is no process of this user"):
            end(theirs.pid, "kernel-shutdown")
        looked = subprocess.run(
            [sys.executable, "-c", LOOK_AS_NOBODY], capture_output=True, text=True, check=True, cwd="/"
        )
        rows = {pid: rest for pid, *rest in json.loads(looked.stdout)}
        assert rows[pid] == ["a Jupyter kernel", None]
        assert rows[theirs.pid][0] == "secret.ipynb"
        assert "sleeps.ipynb" not in looked.stdout
        asks = (
            f"import os, socket; from procwidget.sources.notebooks.server_link import address_of; os.setuid(65534);"
            f"s = socket.socket(socket.AF_UNIX); s.connect(address_of({jupyter.process.pid}));"
            "print(s.recv(100))"
        )
        told = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, check=True, cwd="/")
        assert told.stdout == "b''\n"
    finally:
        for process in [*psutil.Process(theirs.pid).children(), theirs]:
            process.kill()
        theirs.wait()


def ready(jupyter, kernel_id):
    """A client of a kernel that answers."""
    file = jupyter.log.parent / "runtime" / f"kernel-{kernel_id}.json"

    def begun():
        client = BlockingKernelClient(connection_file=str(file))
        client.load_connection_file()
        client.start_channels()
        try:
            client.wait_for_ready(PATIENCE)
        except RuntimeError:  # it says so of a kernel that is slow to start
            client.stop_channels()
            return None
        return client

    return until(begun)


def test_the_server_interrupts_restarts_and_shuts_down_a_kernel(jupyter, monkeypatch, tmp_path):
    """As Jupyter does, so that the server knows; each with a line in the audit log, and none for another process."""
    monkeypatch.setenv("PROCWIDGET_AUDIT", str(tmp_path / "audit.jsonl"))
    session = ask(jupyter, "POST", "api/sessions", path="a.ipynb", type="notebook", name="", kernel={"name": "python3"})
    kernel_id = session["kernel"]["id"]
    client = ready(jupyter, kernel_id)
    pid = kernel_pid(jupyter, kernel_id)
    wrong = ask_server(jupyter.process.pid, {"ask": "shutdown", "kernel": kernel_id, "pid": jupyter.process.pid})
    assert wrong == {"error": "its server has no such kernel, or has restarted it since"}
    busy = client.execute("while True: pass")
    until(lambda: client.get_iopub_msg(PATIENCE)["msg_type"] == "execute_input")
    name = f"{psutil.Process(pid).name()} ({pid})"
    told = end(pid, "kernel-interrupt")
    assert (told["result"], told["text"]) == ("sent", f"Interrupted the kernel of {name}")
    reply = until(lambda: (got := client.get_shell_msg(PATIENCE))["parent_header"]["msg_id"] == busy and got)
    assert reply["content"]["ename"] == "KeyboardInterrupt"
    assert end(pid, "kernel-restart")["text"] == f"Restarted the kernel of {name}"
    another = kernel_pid(jupyter, kernel_id)
    assert another != pid
    client.stop_channels()
    ready(jupyter, kernel_id).stop_channels()
    assert end(another, "kernel-shutdown")["result"] == "ended"
    assert kernel_id not in [kernel["id"] for kernel in ask(jupyter, "GET", "api/kernels")]
    lines = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]
    deeds = ["kernel-interrupt", "kernel-restart", "kernel-shutdown"]
    assert [line["signal"] for line in lines if line["event"] == "signal"] == deeds
    assert [line["result"] for line in lines if line["event"] == "outcome"] == ["sent", "ended", "ended"]
    with pytest.raises(ActionRefused, match="is no Jupyter kernel"):
        end(jupyter.process.pid, "kernel-restart")


def test_the_server_answers_this_user_whatever_is_asked(jupyter):
    """Nonsense has an answer that says so, or none; many may ask at once."""
    pid = jupyter.process.pid
    before = len(jupyter.log.read_text())
    assert "error" in ask_server(pid, {"ask": "secrets"})
    assert "error" in ask_server(pid, {})
    with ThreadPoolExecutor(20) as threads:
        assert all(
            "notebooks" in answer for answer in threads.map(lambda _: ask_server(pid, {"ask": "notebooks"}), range(60))
        )
    assert "Traceback" not in jupyter.log.read_text()[before:]
