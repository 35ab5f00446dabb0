"""Kernels of notebooks in a real Jupyter Server, and what runs in them."""

from __future__ import annotations

import contextlib
import http.client
import json
import queue
from pathlib import Path

from jupyter_client.blocking.client import BlockingKernelClient

from tests.patience import PATIENCE, until
from tests.server.conftest import TOKEN


class Notebook:
    """A notebook's session in a server, and a front end of its kernel."""

    def __init__(self, server, name, kernel="python3"):
        self.server = server
        wanted = {"path": name, "name": name.rpartition("/")[2], "type": "notebook", "kernel": {"name": kernel}}
        status, session = ask(server, "POST", "/api/sessions", wanted)
        assert status == 201, session
        self.kernel = session["kernel"]["id"]
        file = server.log.parent / "runtime" / f"kernel-{self.kernel}.json"
        self.file = str(file)
        self._connect()

    def _connect(self):
        self.client = BlockingKernelClient(connection_file=self.file)
        self.client.load_connection_file()
        self.client.start_channels(stdin=False, hb=False)
        until(self._ready, every=0.1)

    def _ready(self):
        """Return whether the kernel answers, and what it says to all is heard."""
        self.client.kernel_info()
        with contextlib.suppress(queue.Empty):
            return self.client.get_iopub_msg(timeout=1)
        return None

    def start(self, code):
        """Begin a cell; return its number once the kernel has said it."""
        request = self.client.execute(code)

        def began():
            message = self.client.get_iopub_msg(timeout=PATIENCE)
            mine = message["parent_header"].get("msg_id") == request
            return mine and message["msg_type"] == "execute_input" and message["content"]["execution_count"]

        return until(began)

    def run(self, code):
        """Run a cell to its end; return its number and the text that it printed."""
        number, text = self.start(code), ""
        while True:
            message = self.client.get_iopub_msg(timeout=PATIENCE)
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                return number, text
            assert message["msg_type"] != "error", message["content"]
            text += message["content"].get("text", "")

    def again(self):
        """Be a front end of the kernel that the server started in the place of one that died."""
        self.client.stop_channels()
        self._connect()

    def pid(self):
        """The kernel's pid."""
        return int(self.run("import os; print(os.getpid())")[1])

    def death(self):
        """How it ended, once the server says so."""
        return until(lambda: next((one for one in deaths(self.server) if one["kernel"] == self.kernel), None))

    def close(self):
        """Shut it down, as a front end does."""
        self.client.stop_channels()
        ask(self.server, "DELETE", f"/api/kernels/{self.kernel}")


def deaths(server):
    """What the server says of ends of kernels."""
    answer = server.ask("/procwidget/deaths", token=TOKEN)
    assert answer.status == 200, answer.body
    return answer.json()["deaths"]


def ask(server, method, path, body=None):
    """Send JSON to a server; return the status and what it answers."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    headers = {"Authorization": f"token {TOKEN}", "Content-Type": "application/json"}
    connection.request(method, server.base_url.rstrip("/") + path, body and json.dumps(body), headers)
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    return response.status, json.loads(text) if text else None


def executable(folder, name, program="/bin/sleep"):
    """A program under another name, as others see it."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_bytes(Path(program).resolve().read_bytes())
    path.chmod(0o755)
    return str(path)
