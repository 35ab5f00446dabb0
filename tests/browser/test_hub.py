"""A real JupyterHub with two users of this system: each has what is theirs, and neither sees the other's notebooks.

It makes two users, which only root may, and an environment that they may read: `make nightly` runs it.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import View, opened
from tests.browser.servers import free_port, start_server, stop_server
from tests.browser.test_labextension import FIGURES, line
from tests.patience import until
from tests.server.notebook_kernels import Notebook

pytestmark = [pytest.mark.browser, pytest.mark.nightly, pytest.mark.timeout(600)]

CHECKOUT = Path(__file__).parents[2]
ADMIN = "the-token-of-the-tests-service"
CONFIG = """
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub_port}"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxy_port}"
c.ConfigurableHTTPProxy.command = [{proxy!r}]
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.Spawner.cmd = [{server!r}]
c.Spawner.http_timeout = c.Spawner.start_timeout = 120
c.JupyterHub.services = [{{"name": "tests", "api_token": {token!r}}}]
scopes = ["admin:users", "admin:servers", "tokens"]
c.JupyterHub.load_roles = [{{"name": "tests", "scopes": scopes, "services": ["tests"]}}]
"""
ROUTES = (
    *("deaths", "state?n=1000", "processes?n=1000", "events", "history", "metrics", "top-processes?n=1000"),
    *("processes?n=1000&query=notebook:{name}", "processes?n=1000&query={kernel}"),
    *("state?n=1000&search=notebook:{name}", "state?n=1000&search={kernel}"),
)
LOOK = """
import json, os, procwidget
from procwidget.sources.notebooks.server_link import ask_server
def asked(pid):
    try:
        return ask_server(pid, {"ask": "notebooks"}), ask_server(pid, {"ask": "cells"})
    except OSError as error:
        return type(error).__name__
"""
SEEN = """
import time
with procwidget.Monitor(interval=0.5) as monitor:
    monitor.want(monitor, ["notebook", "notebook_path"])
    until = time.monotonic() + 30
    while time.monotonic() < until:
        rows = {row["pid"]: row.get("notebook") for row in monitor.last["processes"]} if monitor.last else {}
        if rows.get(%(own)d) == %(name)r:
            break
        time.sleep(0.2)
seen = [rows.get(%(own)d), rows.get(%(other)d)]
print(json.dumps([*seen, asked(os.getppid())[0], asked(%(server)d), procwidget.cells()]))
"""


class Hub:
    """A hub, its users, and whoever asks its servers."""

    def __init__(self, folder: Path):
        self.folder, self.users = folder, [f"pw-{name}-{secrets.token_hex(3)}" for name in ("ana", "ben")]
        port, hub_port, proxy_port = free_port(), free_port(), free_port()
        self.url = f"http://127.0.0.1:{port}"
        config = folder / "jupyterhub_config.py"
        programs = {"proxy": str(folder / "node_modules/.bin/configurable-http-proxy")}
        programs["server"] = str(folder / "venv/bin/jupyterhub-singleuser")
        config.write_text(CONFIG.format(port=port, hub_port=hub_port, proxy_port=proxy_port, token=ADMIN, **programs))
        config.chmod(0o600)
        (folder / "hub").mkdir(mode=0o700)
        self.tokens = {}
        for user in self.users:
            subprocess.run(["useradd", "--create-home", "--shell", "/bin/sh", user], check=True)
        command = [str(folder / "venv/bin/jupyterhub"), "-f", str(config)]
        # The users' servers get little of this environment, and none of this checkout.
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        environment = {"PATH": path, "HOME": str(folder / "hub"), "LANG": "C.UTF-8"}
        self.process = start_server(
            command, self.url + "/hub/api/", folder / "log", env=environment, cwd=str(folder / "hub")
        )
        for user in self.users:
            self.ask(f"/hub/api/users/{user}", "POST", ADMIN)
            self.tokens[user] = self.ask(f"/hub/api/users/{user}/tokens", "POST", ADMIN, {})["token"]
            self.ask(f"/hub/api/users/{user}/server", "POST", ADMIN)
        for user in self.users:
            until(lambda user=user: self.ask(f"/hub/api/users/{user}", token=ADMIN)["servers"].get("", {}).get("ready"))

    def ask(self, path, method="GET", token=None, body=None):
        """Send JSON; return the answer, or the status of a refusal."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"token {token}", "Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                text = answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code
        return json.loads(text) if text.startswith(("{", "[")) else text

    def close(self):
        for user in self.users:
            self.ask(f"/hub/api/users/{user}/server", "DELETE", ADMIN)
        stop_server(self.process)
        for user in self.users:
            until(lambda user=user: subprocess.run(["userdel", "--remove", user], capture_output=True).returncode != 8)


class HubNotebook(Notebook):
    """A notebook of one user; its kernel is spoken to by root, who may read its connection file."""

    def __init__(self, hub, user, name):
        self.hub, self.user, self.name, self.token = hub, user, name, hub.tokens[user]
        wanted = {"path": name, "name": name, "type": "notebook", "kernel": {"name": "python3"}}
        session = hub.ask(f"/user/{user}/api/sessions", "POST", self.token, wanted)
        self.kernel = session["kernel"]["id"]
        self.file = f"/home/{user}/.local/share/jupyter/runtime/kernel-{self.kernel}.json"
        until(lambda: Path(self.file).exists())
        self._connect()
        self.run(LOOK)
        self.kernel_pid, self.server_pid = json.loads(self.run("print([os.getpid(), os.getppid()])")[1])

    def answers(self, other):
        """What this user's server answers, to questions about another's notebook too."""
        fields = {"name": other.name, "kernel": other.kernel}
        asked = [route.format(**fields) for route in ROUTES]
        return {route: self.hub.ask(f"/user/{self.user}/procwidget/{route}", token=self.token) for route in asked}


def frames_of(page):
    """What a page gets by WebSockets from now on."""
    frames = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: frames.append(frame)))
    return frames


def readable_python():
    """A Python that every user may run, in whose environment the users' servers are."""
    for python in (sys.executable, "/usr/bin/python3"):
        check = ["runuser", "-u", "nobody", "--", python, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
        if subprocess.run(check, capture_output=True, cwd="/").returncode == 0:
            return os.path.realpath(python)
    pytest.skip("no Python 3.11 or newer that other users may run")


@pytest.fixture(scope="module")
def hub():
    """The hub with both users' servers."""
    if os.geteuid() != 0 or not shutil.which("useradd"):
        pytest.skip("only root can make users")
    folder = Path(tempfile.mkdtemp(prefix="procwidget-hub-"))
    folder.chmod(0o755)
    made = None
    try:
        python = str(folder / "venv/bin/python")
        subprocess.run(["uv", "venv", "-q", "--python", readable_python(), folder / "venv"], check=True)
        packages = ["jupyterhub>=6,<7", "jupyterlab", str(CHECKOUT)]
        subprocess.run(["uv", "pip", "install", "-q", "--python", python, *packages], check=True)
        npm = ["npm", "install", "--silent", "--prefix", folder, "configurable-http-proxy"]
        subprocess.run(npm, check=True, capture_output=True)
        made = Hub(folder)
        yield made
    finally:
        if made is not None:
            made.close()
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def notebooks(hub):
    """One of each user, with cells that have run."""
    opened = [HubNotebook(hub, user, f"secret-{secrets.token_hex(4)}.ipynb") for user in hub.users]
    for one in opened:
        # A folder and a worker say more of a notebook than its kernel does.
        one.run("import subprocess, sys; worker = subprocess.Popen([sys.executable, '-c', 'input()'], stdin=-1)")
        until(lambda one=one: one.run("print(bool(procwidget.cells()))")[1] == "True\n", every=0.5)
    yield opened
    for one in opened:
        one.client.stop_channels()


def test_each_has_a_dashboard_routes_and_names_of_their_own_and_no_others(notebooks):
    """In the table, by search, at the routes and at the server's socket; a kernel of another user is but a kernel."""
    for mine, other in (notebooks, notebooks[::-1]):
        values = {"own": mine.kernel_pid, "other": other.kernel_pid, "server": other.server_pid, "name": mine.name}
        own, others, known, refused, cells = json.loads(mine.run(SEEN % values)[1])
        assert (own, others, refused) == (mine.name, "a Jupyter kernel", "PermissionError")
        assert list(known["notebooks"]) == [mine.kernel] and {one["kernel"] for one in cells} == {mine.kernel}
        answers = mine.answers(other)
        state = answers["state?n=1000"]
        assert [one["id"] for one in state["kernels"]] == [mine.kernel]
        assert {mine.kernel_pid, other.kernel_pid} <= {row["pid"] for row in state["processes"]}
        for route, answer in answers.items():
            assert not isinstance(answer, int), (route, answer)
            said = json.dumps({**answer, "query": None} if isinstance(answer, dict) else answer)
            assert not re.search(f"{other.kernel}|{other.name}", said), route
        assert answers[f"processes?n=1000&query={other.kernel}"]["processes"] == []
        assert mine.hub.ask(f"/user/{other.user}/procwidget/deaths", token=mine.token) == 403


def test_each_has_jupyterlabs_line_and_a_dashboard_with_nothing_of_others(hub, notebooks, chromium):
    """In a browser, behind the hub: frames carry command lines, and those of a kernel have its id."""
    for mine, other in (notebooks, notebooks[::-1]):
        with opened(chromium) as (page, errors):
            frames = frames_of(page)
            page.goto(f"{hub.url}/user/{mine.user}/lab")
            page.locator("input[name=username]").fill(mine.user)
            page.locator("input[name=password]").fill("any")
            page.get_by_role("button", name="Sign in").click()
            expect(line(page)).to_contain_text(FIGURES)
            page.locator(".jp-LauncherCard").filter(has_text="Process Monitor").click()
            view = View(page).wait()
            view.show_only(f"pid={other.kernel_pid}")
            expect(view.row(other.kernel_pid)).to_be_visible()
            assert errors == []
        sent = b"".join(one.encode() if isinstance(one, str) else one for one in frames)
        assert str(other.kernel_pid).encode() in sent
        assert not re.search(f"{other.kernel}|{other.name}".encode(), sent)


def test_a_death_is_its_users_alone(notebooks):
    """The other's server, log and dashboards hear nothing of it."""
    mine, other = notebooks
    os.kill(other.kernel_pid, 9)
    path = f"/user/{other.user}/procwidget/deaths"
    death = until(lambda: other.hub.ask(path, token=other.token)["deaths"], every=0.2)[-1]
    assert (death["notebook"], death["signal"]) == (other.name, "SIGKILL")
    assert mine.answers(other)["deaths"]["deaths"] == []
    home = Path(f"/home/{other.user}/.local/state/procwidget/kernel-deaths.jsonl")
    assert home.stat().st_mode & 0o077 == 0
    events = "print([one['kind'] for one in procwidget.Dashboard().events if one['kind'] == 'kernel_death'])"
    assert mine.run(events)[1] == "[]\n"
