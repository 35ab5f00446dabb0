"""The page in frames of other sites, at a Unix socket, and where somebody looks every minute whether it is there."""

from __future__ import annotations

import http.client
import socket

from procwidget.server.security import CROSS_ORIGIN, NO_TOKEN, Gate, page_policy
from tests.patience import PATIENCE, until
from tests.server.conftest import TOKEN
from tests.server.test_options import request

FRAME = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}


def test_other_sites_frame_the_page_only_if_told():
    """Which of them do is for the browser to see, by the page's policy; pictures and scripts stay refused."""
    ours = frozenset({"localhost"})
    for frames, expected in (((), CROSS_ORIGIN), (("self",), CROSS_ORIGIN), (("https://a.example",), None)):
        assert Gate(ours, any_address=False, frames=frames).refusal(request("localhost", **FRAME)) == expected
    gate = Gate(ours, any_address=False, frames=("https://a.example",))
    assert gate.refusal(request("localhost", **FRAME | {"Sec-Fetch-Dest": "script"})) == CROSS_ORIGIN
    assert gate.refusal(request("localhost", **FRAME | {"Sec-Fetch-Mode": "no-cors"})) == CROSS_ORIGIN


def test_the_policy_names_who_may_frame():
    """Nobody, unless somebody was named."""
    assert "frame-ancestors 'none';" in page_policy("", "localhost")
    named = page_policy("", "localhost", ["self", "https://a.example"])
    assert "frame-ancestors 'self' https://a.example;" in named and "'none'; frame" in named


class AtSocket(http.client.HTTPConnection):
    """A connection to a Unix socket."""

    def __init__(self, path):
        super().__init__("localhost", timeout=PATIENCE)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


def ask(path, query="", address="/monitor/", **headers):
    """Ask for the page at a socket: status, headers."""
    connection = AtSocket(path)
    connection.request("GET", f"{address}{query}", headers=headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, answer.headers


PROGRAM = "import sys; from procwidget.cli import main; sys.argv[2:4] = []; sys.exit(main())"
"""Without the port that the tests give."""


def test_behind_a_proxy_at_a_socket(start, folder):
    """It has the token's way in alone, is this user's, says nothing, and is gone with the server."""
    path = folder / "socket"
    frames = ("--allow-frame", "self", "--allow-frame", "https://a.example")
    server = start("--unix-socket", str(path), "--quiet", "--base-url", "monitor", *frames, program=PROGRAM, wait=False)
    until(lambda: path.exists() or server.process.poll() is not None, every=0.1)
    assert path.stat().st_mode & 0o777 == 0o600
    token = {"Authorization": f"token {TOKEN}"}
    until(lambda: ask(path, **token)[0] == 200, every=0.2)
    assert server.log.read_text() == ""
    # Behind Jupyter an address may have Jupyter's token.
    status, headers = ask(path, "?token=another", **token)
    assert status == 200
    assert "frame-ancestors 'self' https://a.example;" in headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in headers
    assert "SameSite=Strict" in headers["Set-Cookie"]
    status, headers = ask(path, **token, **{"X-Forwarded-Proto": "https"})
    assert "SameSite=None" in headers["Set-Cookie"] and "Secure" in headers["Set-Cookie"]
    # People leave out the slash, and with it must not lose the token.
    status, headers = ask(path, "?token=another", address="/monitor", **token)
    assert (status, headers["Location"]) == (301, "/monitor/?token=another")
    # A JupyterHub looks every minute, without a token.
    status, headers = ask(path)
    assert (status, headers["X-Frame-Options"]) == (403, "DENY")
    assert [ask(path)[0] for _ in range(3)] == [403] * 3
    assert server.log.read_text().count(NO_TOKEN) == 1
    assert ask(path, "?token=guess")[0] == 403
    assert server.log.read_text().count(NO_TOKEN) == 2
    server.process.terminate()
    server.process.wait(PATIENCE)
    assert not path.exists()
