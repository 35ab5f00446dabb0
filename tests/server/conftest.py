"""Real servers for these tests: one `procwidget` and one Jupyter Server a session, on loopback, ended by their pid."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psutil
import pytest

from tests.patience import PATIENCE, until

TOKEN = "a-token-for-tests"
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
PACKAGE = Path(__file__).parents[2] / "procwidget"


@dataclass
class Answer:
    """What a server answered."""

    status: int
    headers: http.client.HTTPMessage
    body: str

    def json(self):
        return json.loads(self.body)


class Server:
    """A server process that the tests started."""

    def __init__(self, process: subprocess.Popen, port: int, log: Path, base_url: str = "/"):
        self.process, self.port, self.log, self.base_url = process, port, log, base_url

    def ask(self, path="/", method="GET", *, query="", token=None, cookie=None, host=None, headers=None) -> Answer:
        """Send one request on a connection of its own; `token` goes into the Authorization header."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.putrequest(method, self.base_url.rstrip("/") + path + query, skip_host=True)
        connection.putheader("Host", host or f"127.0.0.1:{self.port}")
        if token is not None:
            connection.putheader("Authorization", f"token {token}")
        if cookie is not None:
            connection.putheader("Cookie", cookie)
        for name, value in (headers or {}).items():
            connection.putheader(name, value)
        connection.endheaders()
        response = connection.getresponse()
        answer = Answer(response.status, response.headers, response.read().decode())
        connection.close()
        return answer

    def visit(self) -> tuple[str, str]:
        """Open the page as a browser does: return its kernel's id and the cookie."""
        page = self.ask("/", query=f"?token={quote(TOKEN)}")
        assert page.status == 200, page.body
        return kernel_of(page.body), page.headers["Set-Cookie"].partition(";")[0]

    def kernels(self) -> list[psutil.Process]:
        """The kernel processes of this server."""
        found = []
        for child in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.NoSuchProcess):  # ZombieProcess is one
                if "ipykernel_launcher" in child.cmdline():
                    found.append(child)
        return found

    def stop(self, number: int = 15) -> int:
        """End the server and return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise


def assert_secure(headers):
    """Fail unless an answer's headers keep it to itself; only the page has a policy that allows anything."""
    assert {name: headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
    assert "Access-Control-Allow-Origin" not in headers


def kernel_of(page: str) -> str:
    """The kernel that a page names in its configuration."""
    config = re.search(r'<script id="jupyter-config-data"[^>]*>(.*?)</script>', page, re.DOTALL)
    return json.loads(config[1])["kernelId"]


def own_environment(folder: Path) -> dict[str, str]:
    """The environment of a process whose Jupyter and temporary files stay in `folder`."""
    directories = {name: str(folder / name) for name in ("config", "data", "runtime", "tmp")}
    for directory in directories.values():
        Path(directory).mkdir(parents=True, exist_ok=True)
    return {
        **os.environ,
        "JUPYTER_CONFIG_DIR": directories["config"],
        "JUPYTER_DATA_DIR": directories["data"],
        "JUPYTER_RUNTIME_DIR": directories["runtime"],
        "TMPDIR": directories["tmp"],
        "XDG_STATE_HOME": str(folder / "state"),
        "PROCWIDGET_AUDIT": str(folder / "audit.jsonl"),
        "PYTHONUNBUFFERED": "1",
    }


def _as_in_a_terminal():
    """Hear all signals, also where the tests themselves run under nohup or in the background."""
    for name in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        signal.signal(name, signal.SIG_DFL)


def start_procwidget(
    folder: Path,
    *options: str,
    wait: bool = True,
    token: str | None = TOKEN,
    program: str = "",
    under: tuple[str, ...] = (),
    **variables: str,
) -> Server:
    """Start `procwidget`, or a `program` that does it, on a free port; by default its page is ready on return.

    `under` is a command that starts it, such as `nohup`.
    """
    log = folder / "log"
    command = [*under, sys.executable, *(("-c", program) if program else ("-m", "procwidget"))]
    command += ["--no-browser", "--port", "0", *options]
    environment = own_environment(folder) | ({"PROCWIDGET_TOKEN": token} if token else {}) | variables
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, env=environment, cwd=folder, preexec_fn=_as_in_a_terminal
        )
    if not wait:
        return Server(process, 0, log)

    def address():
        assert process.poll() is None, log.read_text()
        return re.search(r"http://[^/]+:(\d+)(/\S*)\?token=", log.read_text())

    try:
        found = until(address, every=0.1)
    except AssertionError:
        process.kill()
        process.wait()
        raise
    return Server(process, int(found[1]), log, found[2])


@pytest.fixture
def folder(tmp_path_factory):
    """A directory with a short path, for Unix sockets are below it; gone afterwards."""
    path = tmp_path_factory.mktemp("s")
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def start(folder):
    """Starts `procwidget` for one test, and ends it with the test, however that goes."""
    servers = []

    def begin(*options, **more):
        servers.append(start_procwidget(folder, *options, **more))
        return servers[-1]

    yield begin
    for server in servers:
        server.stop()


@pytest.fixture(scope="session")
def spares(tmp_path_factory):
    """Starts `procwidget` for one test after another, and ends all of them at last."""
    servers = []

    def begin():
        servers.append(start_procwidget(tmp_path_factory.mktemp("s")))
        return servers[-1]

    yield servers, begin
    for server in servers:
        server.stop()


@pytest.fixture
def spare(request, spares):
    """A `procwidget` whose kernel may be killed or held up, and which may be ended: the next test gets another then.

    It is new too after a test that failed. What is in its log may be an earlier test's.
    """
    servers, begin = spares
    server = servers[-1] if servers and servers[-1].process.poll() is None else begin()
    failed = request.session.testsfailed
    yield server
    if request.session.testsfailed > failed:
        server.stop()


@pytest.fixture(scope="session")
def served(tmp_path_factory):
    """One `procwidget` for all tests that leave it as they found it; it records."""
    folder = tmp_path_factory.mktemp("served")
    server = start_procwidget(folder, "--record", str(folder / "recording"))
    yield server
    assert server.stop() == 0, server.log.read_text()
    assert "Traceback" not in server.log.read_text()


def start_jupyter(folder: Path, *options: str, under: tuple[str, ...] = ()) -> Server:
    """Start a Jupyter Server in which the package's own configuration file enables the extension.

    `under` is a command that starts it, such as `unshare`.
    """
    environment = own_environment(folder)
    enabled = folder / "config" / "jupyter_server_config.d" / "procwidget.json"
    enabled.parent.mkdir()
    enabled.write_text((PACKAGE.parent / "jupyter_server_config.json").read_text())
    root = folder / "root"
    root.mkdir()
    log = folder / "log"
    command = [
        *under,
        sys.executable,
        "-m",
        "jupyter_server",
        "--no-browser",
        "--ip=127.0.0.1",
        "--port=0",
        "--allow-root",
    ]
    command += [f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={root}", "--ServerApp.base_url=/hub/me/"]
    command += options
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=environment)

    def information():
        assert process.poll() is None, log.read_text()
        for file in (folder / "runtime").glob("jpserver-*.json"):
            with contextlib.suppress(ValueError):  # not written to its end yet
                return json.loads(file.read_text())
        return None

    port = until(information, every=0.1)["port"]
    server = Server(process, port, log, "/hub/me/")

    def answers():
        try:
            return server.ask("/api").status == 200
        except ConnectionRefusedError:
            return False

    until(answers, every=0.1)
    return server


@pytest.fixture(scope="session")
def jupyter(tmp_path_factory):
    """One Jupyter Server with the extension for all tests; it records."""
    folder = tmp_path_factory.mktemp("jupyter")
    server = start_jupyter(folder, f"--Procwidget.record={folder / 'recording'}")
    yield server
    server.stop()
    # Kernels write into the same log, and Jupyter's own server how a kernel was shut down that was just starting.
    tracebacks = re.findall(r"Traceback.*\n(?: .*\n)*", server.log.read_text())
    assert not [one for one in tracebacks if f"{PACKAGE}{os.sep}" in one], server.log.read_text()
