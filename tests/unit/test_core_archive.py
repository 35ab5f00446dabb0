"""What hosts without procwidget get: an agent runs of that alone, and it is no more than an agent needs."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import venv
import zlib
from pathlib import Path

import cloudpickle
import psutil

from procwidget.fleet import over_dask
from procwidget.fleet.core_archive import core_archive

ROOT = Path(__file__).parents[2]

ON_THE_HOST = """
import asyncio, importlib.util, json, pickle, subprocess, sys, time
assert importlib.util.find_spec("procwidget") is None, "there is none on this host"
load, archive = pickle.load(sys.stdin.buffer)
attached = load(*archive)

class Nanny:
    class status:
        name = "running"
    scheduler = scheduler_addr = "tcp://scheduler"
    def __init__(self):
        self.handlers, self.loop, self.rows = {}, self, []
    def add_callback(self, call, *given):
        call(*given)
    def log_event(self, topic, message):
        self.rows.append(message)

name = archive[0]
agents = importlib.import_module(name + ".fleet.agent")
requests = importlib.import_module(name + ".fleet.requests")
portable = importlib.import_module(name + ".sources.portable.source")
report = {}
for source in (None, portable.PortableSource()):
    nanny = Nanny()
    make = lambda publish, note: agents.Agent(publish, source=source, note=note)
    attached.attach(nanny, "ask", "", make)
    def ask(do, **given):
        said = asyncio.run(nanny.handlers["ask"]({"do": do, "who": "me", "key": key, **given}))
        return said if do in ("table", "past") else requests.read_answer(said)
    key = None
    key = ask("hello")["key"]
    ask("lease", interval=0.5, pids=[])
    child = subprocess.Popen(["sleep", "30"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not nanny.rows:
        time.sleep(0.05)
    while not (found := ask("find", query=f"pid={child.pid}", most=5, sort="cpu")["rows"]) or not found[0]["user"]:
        time.sleep(0.05)
    details = ask("details", identity=found[0]["identity"], expensive=True, reveal=True)
    opened = ask("opened", identity=found[0]["identity"], reveal=True)
    wanted = ["oom_score", "pss", "gpus", "sensors", "notebook", "read", "written", "group"]
    table = ask("table", since=0, interval=0.5, wanted=wanted, in_sight=[])
    past = ask("past")
    question = ask("ask", identities=[found[0]["identity"]], signal="SIGTERM", by="me", pids=[])
    given = {"nonce": question["nonce"], "by": "me", "signal": "SIGTERM", "identities": [found[0]["identity"]]}
    outcome = ask("confirm", **given, pids=[])["outcomes"][0]["result"]
    child.wait()
    attached.detach(nanny, "ask")
    report[type(source).__name__] = [details["details"]["pid"] == child.pid, opened["result"], len(table) > 500,
                                     len(past) > 0, outcome]
print(json.dumps(report))
"""


def test_an_agent_runs_without_procwidget(tmp_path):
    """In an environment with what Dask has, and no procwidget, an agent reads, searches, looks closely and ends."""
    venv.create(tmp_path / "host", symlinks=True, with_pip=False)
    packages = next((tmp_path / "host" / "lib").glob("python*")) / "site-packages"
    for module in (psutil, cloudpickle):
        (packages / module.__name__).symlink_to(Path(module.__file__).parent)
    sent = cloudpickle.dumps((over_dask._load_core, tuple(core_archive())))
    environment = {"PROCWIDGET_AUDIT": str(tmp_path / "audit.jsonl"), "PATH": os.defpath}
    python = str(tmp_path / "host" / "bin" / "python")
    options = {"cwd": tmp_path, "env": environment, "capture_output": True, "timeout": 120}
    host = subprocess.run([python, "-c", ON_THE_HOST], input=sent, **options)
    assert host.returncode == 0, host.stderr.decode()
    expected = [True, "opened", True, True, "ended"]
    assert json.loads(host.stdout) == {"NoneType": expected, "PortableSource": expected}


def test_what_is_sent_keeps_its_lines():
    """A statement has the line that it has here, so that a traceback from a host leads to it."""
    name, _, content = core_archive()
    for module, (package, text) in json.loads(zlib.decompress(content)).items():
        place = ROOT / Path(*module.replace(name, "procwidget").split("."))
        path = place / "__init__.py" if package else place.with_suffix(".py")
        assert _lines(text) == _lines(path.read_text("utf-8")), module


def _lines(text):
    """The kind of each statement and its line."""
    return sorted(
        (node.lineno, type(node).__name__) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.stmt)
    )


def test_no_more_is_sent_than_an_agent_needs():
    """Neither views nor servers, and few enough bytes for a cluster of hundreds."""
    _, _, content = core_archive()
    modules = {module.partition(".")[2] for module in json.loads(zlib.decompress(content))}
    assert not [one for one in modules if one.startswith(("views", "server", "jupyter", "fleet.over_dask", "cli"))]
    assert {"fleet.attached", "sources.portable.source", "sources.gpus.drm"} <= modules
    assert len(content) < 160_000
