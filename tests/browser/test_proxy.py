"""The served page behind a real nginx with TLS and a prefix, configured by the README's own lines."""

from __future__ import annotations

import os
import re
import shutil
import socket
import ssl
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import expect

from procwidget.server.security import NO_TOKEN, WRONG_HOST
from tests.browser.conftest import View, launch, wait_for_charts
from tests.browser.servers import TOKEN, free_port, stop_server
from tests.patience import PATIENCE, until
from tests.server.conftest import start_procwidget

pytestmark = pytest.mark.browser

NAME = "monitor.example"
README = Path(__file__).parents[2] / "README.md"
CONFIGURATION = """
daemon off;
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ }}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {site}
}}
"""


def program(name):
    """Where a program is; a machine without it fails, it does not skip."""
    path = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    assert path, f"the proxy's tests need {name}: run ./test, which installs it"
    return path


def command_of_readme():
    """The options that the README gives to procwidget for a page behind nginx, except for its port."""
    line = re.search(r"^procwidget --no-browser --port 8866 (.*)$", README.read_text(), re.MULTILINE)
    return line[1].split()


def site_of_readme(port, page_port, folder):
    """The README's nginx file, with this test's ports and certificate."""
    site = re.search(r"```nginx\n(.*?)```", README.read_text(), re.DOTALL)[1]
    changes = {
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "127.0.0.1:8866": f"127.0.0.1:{page_port}",
        "/etc/ssl/monitor.pem": f"{folder}/certificate.pem",
        "/etc/ssl/monitor.key": f"{folder}/key.pem",
    }
    for before, after in changes.items():
        assert site.count(before) == 1, before
        site = site.replace(before, after)
    return site


class Proxied:
    """procwidget and the nginx before it."""

    def __init__(self, folder: Path):
        self.folder, self.port = folder, free_port()
        self.address = f"https://{NAME}:{self.port}/monitor/"
        certificate = [program("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={NAME}"]
        certificate += ["-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem")]
        subprocess.run(certificate, check=True, capture_output=True)
        self.page_server = start_procwidget(folder, *command_of_readme())
        self.site = site_of_readme(self.port, self.page_server.port, folder)
        try:
            self.nginx = self._start_nginx(self.site)
        except BaseException:
            self.page_server.stop()
            raise

    def _start_nginx(self, site):
        folder = self.folder
        # Its workers would be of a user who cannot enter this folder.
        user = "user root;" if os.geteuid() == 0 else ""
        (folder / "nginx.conf").write_text(CONFIGURATION.format(folder=folder, site=site, user=user))
        with (folder / "nginx.log").open("wb") as output:
            process = subprocess.Popen(
                [program("nginx"), "-p", str(folder), "-c", str(folder / "nginx.conf")], stdout=output, stderr=output
            )

        def listens():
            assert process.poll() is None, (folder / "nginx.log").read_text()
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", self.port)) == 0

        try:
            until(listens, every=0.05)
        except AssertionError:
            stop_server(process)
            raise
        return process

    def ask(self, path="", host=NAME):
        """Return status and text of an answer that comes through nginx."""
        unverified = ssl._create_unverified_context()
        request = urllib.request.Request(f"https://127.0.0.1:{self.port}/monitor/{path}", headers={"Host": host})
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE, context=unverified) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def cut_off(self):
        """Have nginx answer as it does when it does not reach procwidget."""
        stop_server(self.nginx)
        self.nginx = self._start_nginx(self.site.replace("/monitor/ {", "/monitor/ { return 502;"))

    def connect_again(self, without=None):
        """Have nginx reach procwidget again, by the README's lines `without` those that contain something."""
        stop_server(self.nginx)
        lines = self.site.splitlines()
        self.nginx = self._start_nginx("\n".join(line for line in lines if without is None or without not in line))

    def restart_page_server(self):
        """Start a procwidget that was stopped where it was, with the same token."""
        self.page_server = start_procwidget(self.folder, *command_of_readme(), "--port", str(self.page_server.port))

    def stop(self):
        """End both."""
        stop_server(self.nginx)
        self.page_server.stop()


@pytest.fixture(scope="module")
def proxied(tmp_path_factory):
    """One proxy for these tests."""
    proxied = Proxied(tmp_path_factory.mktemp("p"))
    yield proxied
    proxied.stop()


@pytest.fixture(scope="module")
def resolving(chromium):
    """A browser for which the proxy's name is this machine."""
    browser = launch(chromium.browser_type, f"--host-resolver-rules=MAP {NAME} 127.0.0.1")
    yield browser
    browser.close()


@pytest.fixture
def visitor(resolving):
    """A page in it."""
    context = resolving.new_context(ignore_https_errors=True)
    yield context.new_page()
    context.close()


def test_page_is_live_through_a_proxy_with_tls_and_a_prefix(proxied, visitor):
    """Figures come over the proxy's WebSocket and move; nothing is asked of another address."""
    sockets, asked = [], []
    visitor.on("websocket", lambda opened: sockets.append(opened.url))
    visitor.on("request", lambda request: asked.append(request.url))
    visitor.goto(f"{proxied.address}?token={TOKEN}")
    view = View(visitor).wait()
    view.wait_for_others()
    channels = proxied.address.replace("https:", "wss:") + "api/kernels/"
    assert sockets and all(url.startswith(channels) for url in sockets)
    assert [url for url in asked if not url.startswith((proxied.address, "data:", "blob:"))] == []


def test_page_behind_a_proxy_only_shows(proxied, visitor):
    """Who comes through a proxy comes from anywhere, so no process can be ended from that page."""
    visitor.goto(f"{proxied.address}?token={TOKEN}")
    view = View(visitor).wait()
    rows = view.grid.locator("[data-pid]")
    expect(rows.nth(2)).to_be_visible()
    assert view.region.get_by_role("button", name=re.compile("^End ")).count() == 0


def test_cookie_behind_tls_never_travels_without_it(proxied, visitor):
    """The server sees HTTP only, and knows from the proxy that the browser sees HTTPS."""
    visitor.goto(f"{proxied.address}?token={TOKEN}")
    View(visitor).wait()
    cookies = [cookie for cookie in visitor.context.cookies() if "username" in cookie["name"]]
    assert [(cookie["secure"], cookie["httpOnly"], cookie["path"]) for cookie in cookies] == [(True, True, "/monitor/")]


def test_proxy_opens_no_other_way_in(proxied):
    """Through the proxy as without it: no token, no page; a foreign host name, no page whatever it brings."""
    assert proxied.ask() == (403, NO_TOKEN + "\n")
    assert proxied.ask(f"?token={TOKEN}", host="evil.example") == (403, WRONG_HOST + "\n")
    assert proxied.ask(f"?token={TOKEN}")[0] == 200


def test_a_server_that_is_gone_behind_its_proxy_is_told_and_its_return_heals_the_page(proxied, visitor):
    """The proxy answers in its place, and that is no sign of life; nobody has to load the page by hand."""
    visitor.goto(f"{proxied.address}?token={TOKEN}")
    view = View(visitor).wait()
    trouble = visitor.locator(".procwidget-trouble")
    proxied.page_server.stop()
    expect(trouble).to_contain_text("No connection to the server")
    proxied.restart_page_server()
    expect(visitor.locator(".procwidget-news")).to_contain_text("did not answer, and its kernel had ended: a new one")
    view.wait().wait_for_others()
    expect(trouble).to_have_text("")


def test_a_proxy_that_lost_its_server_for_a_while_leaves_no_page_behind(proxied, visitor):
    """Jupyter's client takes the proxy's answer for the kernel's end and gives up; the page does not."""
    visitor.goto(f"{proxied.address}?token={TOKEN}")
    view = View(visitor).wait()
    wait_for_charts(visitor)
    proxied.cut_off()
    expect(view.region.locator(".pw-headline")).to_have_text(
        "Nothing comes from the kernel: these figures stand still."
    )
    proxied.connect_again()
    expect(visitor.locator(".procwidget-news")).to_contain_text("did not answer; the page was loaded again.")
    view.wait().wait_for_others()


def test_a_proxy_that_passes_no_websockets_on_is_named(proxied, visitor):
    """Without the lines about it, all of the page comes but its figures."""
    proxied.connect_again(without="pgrade")
    try:
        visitor.clock.install()
        visitor.goto(f"{proxied.address}?token={TOKEN}")
        visitor.clock.fast_forward(16_000)
        expect(visitor.locator(".procwidget-trouble")).to_contain_text(
            "If a proxy is before the server, it may not pass WebSockets on."
        )
    finally:
        proxied.connect_again()
