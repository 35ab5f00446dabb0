"""The Jupyter Server extension: its route for JupyterLab, its traits, its end."""

import asyncio
import http.client
import itertools
import json
import logging
import os
import subprocess
import sys
import threading
from types import SimpleNamespace

import psutil
import pytest
from traitlets.config import Config

from procwidget.server.cached_reader import Reader
from procwidget.server.extension import Procwidget
from procwidget.server.host_state import rows_of_kernels, use
from procwidget.server.routes import READER
from procwidget.sources.scripted import make_process, make_sample
from tests.patience import PATIENCE, until
from tests.server.conftest import TOKEN, own_environment

STATE = "/procwidget/state"


def post(server, path, body):
    """Send a JSON body to a server and return what it answers as JSON."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    head = {"Authorization": f"token {TOKEN}", "Content-Type": "application/json"}
    connection.request("POST", server.base_url.rstrip("/") + path, json.dumps(body), head)
    answer = json.loads(connection.getresponse().read())
    connection.close()
    return answer


def extension_of(**config):
    """An extension that is linked to a server that is none, and its log's messages."""
    serverapp = SimpleNamespace(
        config=Config({"Procwidget": config}),
        config_file_paths=[],
        extra_args=[],
        base_url="/",
        update_config=lambda config: None,
        web_app=SimpleNamespace(settings={"base_url": "/"}, routes=[]),
    )
    serverapp.web_app.add_handlers = lambda host, handlers: serverapp.web_app.routes.extend(handlers)
    extension = Procwidget()
    said = []
    handler = logging.Handler()
    handler.emit = lambda record: said.append(record.getMessage())
    extension.log = logging.Logger("test", logging.INFO)
    extension.log.addHandler(handler)
    extension._link_jupyter_server_extension(serverapp)
    extension.initialize()
    return extension, serverapp.web_app, said


def test_state_says_what_counts_and_what_is_wrong(jupyter):
    """One answer has all that the status bar shows."""
    state = jupyter.ask(STATE, token=TOKEN).json()
    assert state["interval"] == 2.0 and state["dashboard"].endswith("\nDashboard()")
    assert state["level"] in ("normal", "warning", "critical") and state["text"]
    assert state["effective"]["memory_used"] < state["effective"]["memory_total"]
    assert state["thresholds"]["memory"] == [70, 90]
    assert "processes" not in state


def test_kernel_is_counted_with_its_children(jupyter):
    """What a notebook takes is its kernel and all that the kernel started."""
    kernel = post(jupyter, "/api/kernels", {})["id"]

    def of_kernel():
        return {one["id"]: one for one in jupyter.ask(STATE, token=TOKEN).json()["kernels"]}.get(kernel)

    found = until(of_kernel)
    process = psutil.Process(found["pid"])
    assert "ipykernel_launcher" in process.cmdline()
    until(lambda: of_kernel()["memory"] == pytest.approx(process.memory_info().rss / 2**20, rel=0.3))


def test_processes_are_counted_with_the_kernel_they_came_from():
    """Also those whose parent has ended: they are in the kernel's session. Others are nobody's."""
    row = make_process
    sample = make_sample(
        processes=[
            row(pid=10, ppid=1, session=10, cpu=50.0, memory=100.0),
            row(pid=11, ppid=10, session=10, cpu=None, memory=20.0),
            row(pid=12, ppid=1, session=10, cpu=1.0, memory=3.0),
            row(pid=13, ppid=11, session=13, cpu=2.0, memory=4.0),
            row(pid=14, ppid=13, session=13, cpu=2.0, memory=4.0),
            row(pid=20, ppid=10, session=20, cpu=7.0, memory=8.0),
            row(pid=30, ppid=1, session=30, cpu=99.0, memory=999.0),
        ]
    )
    pids = {"a": 10, "b": 20, "gone": 40}
    assert [use(name, pids[name], rows) for name, rows in rows_of_kernels(sample, pids).items()] == [
        {"id": "a", "pid": 10, "cpu": 55.0, "memory": 131.0, "processes": 5},
        {"id": "b", "pid": 20, "cpu": 7.0, "memory": 8.0, "processes": 1},
    ]


def test_memory_that_workers_share_counts_once():
    """A pool of forked workers holds its parent's data once, not once for each: their shares are measured soon."""
    row = make_process
    forked = [row(pid=1, memory=200.0, pss=70.0), row(pid=2, memory=200.0, pss=60.0), row(pid=3, memory=9.0, pss=None)]
    assert use("a", 1, forked)["memory"] == 139.0
    # Alone it shares with nobody who is counted here.
    assert use("a", 1, forked[:1])["memory"] == 200.0


def test_shares_are_measured_of_those_who_are_named():
    """Of the processes of a kernel with children, and of nobody where there is none."""
    code = "import os, sys; held = bytearray(99 << 20); os.fork(); os.fork(); print(flush=True); sys.stdin.read()"
    process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    reader = Reader(sleep=lambda seconds: None, clock=itertools.count(step=5).__next__)

    def rows(sample):
        return [row for row in sample["processes"] if row["pid"] == process.pid or row["ppid"] == process.pid]

    async def measure():
        assert all("pss" not in row for row in rows(await reader.sample()))
        while True:
            family = rows(await reader.sample())
            reader.measure_shares(row["identity"] for row in family)
            if len(family) == 3 and all(row.get("pss") for row in family):
                return family

    try:
        process.stdout.readline()
        family = asyncio.run(asyncio.wait_for(measure(), PATIENCE))
        assert use("a", process.pid, family)["memory"] < 0.6 * sum(row["memory"] for row in family)
    finally:
        process.communicate(b"")
        reader.close()


def test_search_finds_processes_and_keeps_secrets(jupyter):
    """The panel's table is searched as the dashboard's; what is masked cannot be found by guessing it."""
    needle = f"needle-of-{os.getpid()}"
    code = "import sys; sys.stdin.read()"
    process = subprocess.Popen([sys.executable, "-c", code, needle, "--password=hunter2"], stdin=subprocess.PIPE)
    try:

        def ask(search):
            return jupyter.ask(STATE, token=TOKEN, query=f"?n=3&sort=memory&search={search}").json()

        until(lambda: [row["pid"] for row in ask(needle)["processes"]] == [process.pid])
        assert "hunter2" not in str(ask(needle))
        assert ask("hunter2")["found"] == 0
        assert "takes a number" in ask("cpu%3Dx")["problem"]
    finally:
        process.communicate(b"")


def test_wrong_trait_is_one_sentence_and_turns_it_off():
    """Half a configuration might show what was to be hidden: so nothing is served, and the log says why."""
    _, web_app, said = extension_of(interval=0.1, own_processes=True)
    assert web_app.routes == [] and READER not in web_app.settings
    assert said == [
        "procwidget is off until its configuration is right: "
        "c.Procwidget.interval: The interval must be a number from 0.5 to 60, not 0.1."
    ]


@pytest.mark.parametrize(
    ("config", "call"),
    [
        ({}, "Dashboard()"),
        ({"interval": 5, "allow_kill": False}, "Dashboard(interval=5, allow_kill=False)"),
        ({"interval": "5", "filter": "cpu>50"}, "Dashboard(interval=5.0, filter='cpu>50')"),
        ({"thresholds": {"cpu": (60, 80)}}, "Dashboard(thresholds={'cpu': (60, 80)})"),
        ({"own_processes": True, "top": 7}, "Dashboard(top=7, monitor=Monitor(OwnProcessesSource()))"),
    ],
)
def test_traits_are_the_arguments_of_the_monitor_that_is_opened(config, call):
    """What is set for the server, in a file or as text on the command line, holds for what JupyterLab opens."""
    extension, web_app, said = extension_of(**config)
    assert (extension.dashboard_code().splitlines()[-1], said) == (call, [])
    assert "/procwidget/state" in [route[0] for route in web_app.routes]


def test_reader_ends_with_the_server():
    """A server that stops leaves no thread of ours."""
    extension, web_app, _ = extension_of(own_processes=True)

    async def read_and_stop():
        sample = await web_app.settings[READER].sample()
        await extension.stop_extension()
        return sample

    sample = asyncio.run(read_and_stop())
    me = psutil.Process().username()
    assert {row["user"] for row in sample["processes"]} == {me}
    assert "procwidget-reader" not in " ".join(thread.name for thread in threading.enumerate())


def test_jupyter_procwidget_is_a_command(tmp_path):
    """`jupyter procwidget` is `procwidget`."""
    command = [sys.executable, "-m", "jupyter", "procwidget", "--version"]
    said = subprocess.run(command, capture_output=True, text=True, env=own_environment(tmp_path), timeout=120)
    assert said.stdout.startswith("procwidget "), said.stderr
