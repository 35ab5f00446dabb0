"""Who gets what from the page's server: every route against every way to come, each with its expected answer."""

import re
import socket
from pathlib import Path

import pytest
from jupyter_core.paths import jupyter_path

from procwidget.server.security import CROSS_ORIGIN, NO_TOKEN, WRONG_HOST
from tests.patience import PATIENCE
from tests.server.conftest import TOKEN

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def anywidget_script():
    """A script of a widget library as it is installed here: its name has a hash in it."""
    folders = [Path(path) / "anywidget" / "static" for path in jupyter_path("labextensions")]
    return next(f"/voila/labextensions/anywidget/static/{found.name}" for f in folders for found in f.glob("remoteE*"))


OPEN = {
    # route: (status of GET for a visitor, methods that are answered otherwise than by 405)
    "/": (200, {}),
    "/procwidget/metrics": (200, {}),
    "/procwidget/top-processes": (200, {}),
    "/procwidget/visit.js": (200, {"HEAD": 200}),
    "/procwidget/scripts.js": (200, {}),
    "/api/kernels/KERNEL": (200, {}),
    "/api/kernels/KERNEL/channels": (400, {}),  # not a WebSocket's handshake
    "/voila/api/shutdown/KERNEL": (405, {"POST": 204}),
    "/voila/static/voila.js": (200, {"HEAD": 200}),
    "/voila/templates/lab/static/index.css": (200, {"HEAD": 200}),
    anywidget_script(): (200, {"HEAD": 200}),
}
CLOSED = (
    "/login",
    "/logout",
    "/tree",
    "/lab",
    "/favicon.ico",
    "/metrics",
    "/api",
    "/api/me",
    "/api/contents",
    "/api/contents/dashboard.ipynb",
    "/api/kernels",
    "/api/kernelspecs",
    "/api/sessions",
    "/api/terminals",
    "/api/kernels/KERNEL/interrupt",
    "/api/kernels/KERNEL/restart",
    "/files/dashboard.ipynb",
    "/voila/files/dashboard.ipynb",
    "/voila/files/logo.png",
    "/voila/tree",
    "/voila/render/dashboard.ipynb",
    "/voila/api/contents",
    "/voila/api/themes/",
    "/voila/query/KERNEL",
    "/voila/execution/KERNEL",
    "/voila/labextensions/jupyterlab_pygments/package.json",
    "/voila/labextensions/anywidget/package.json",
    "/voila/templates/base/static/voila.js",
    "/procwidget",
    "/procwidget/",
    "/procwidget/metrics/",
    "/procwidget/security.py",
    "/dashboard.ipynb",
)
TRAVERSALS = (
    "/voila/static/../../../../../../etc/passwd",
    "/voila/static/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "/voila/templates/lab/static/../../../../../../../../../etc/passwd",
    "/voila/labextensions/anywidget/static/../../../../../../../../../etc/passwd",
    "/voila/static//etc/passwd",
    "/voila/labextensions/anywidget/static/../../jupyterlab_pygments/package.json",
    "/voila/labextensions/anywidget/static/%2e%2e/%2e%2e/jupyterlab_pygments/package.json",
    "/voila/labextensions/anywidget/static/..%2f../jupyterlab_pygments/package.json",
    "/voila/labextensions/anywidget/static/..%5c../jupyterlab_pygments/package.json",
    "/voila/labextensions/anywidget/static/../package.json",
    "/voila/labextensions/anywidget/static/./../package.json",
    "/voila/static/./voila.js",
)
REFUSED = {
    # situation: (what the request brings, the sentence that it gets)
    "no token": ({}, NO_TOKEN),
    "wrong token in query": ({"query": "?token=wrong"}, NO_TOKEN),
    "empty token in query": ({"query": "?token="}, NO_TOKEN),
    "token and something": ({"query": f"?token={TOKEN}x"}, NO_TOKEN),
    "undecodable token": ({"query": "?token=%F0%9F%94%91"}, NO_TOKEN),
    "wrong token in header": ({"token": "wrong"}, NO_TOKEN),
    "forged cookie": ({"cookie": "username-127-0-0-1-PORT=visitor"}, NO_TOKEN),
    "wrong host": ({"token": TOKEN, "host": "evil.example:80"}, WRONG_HOST),
    "host that begins like ours": ({"token": TOKEN, "host": "localhost.evil.example"}, WRONG_HOST),
    "another address": ({"token": TOKEN, "host": "10.1.2.3"}, WRONG_HOST),
    "no sensible host": ({"token": TOKEN, "host": "[::1"}, WRONG_HOST),
    "other origin": ({"token": TOKEN, "headers": {"Origin": "http://evil.example"}}, CROSS_ORIGIN),
    "other port": ({"token": TOKEN, "headers": {"Origin": "http://127.0.0.1:1"}}, CROSS_ORIGIN),
    "opaque origin": ({"token": TOKEN, "headers": {"Origin": "null"}}, CROSS_ORIGIN),
    "embedded elsewhere": (
        {"token": TOKEN, "headers": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}},
        CROSS_ORIGIN,
    ),
    "framed elsewhere": (
        {
            "token": TOKEN,
            "headers": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
        },
        CROSS_ORIGIN,
    ),
}


@pytest.fixture(scope="module")
def visit(served):
    """A visit: the kernel of the page, and the cookie that the token bought."""
    return served.visit()


def path_of(route, visit):
    return route.replace("KERNEL", visit[0])


@pytest.mark.parametrize("situation", REFUSED)
@pytest.mark.parametrize("route", [*OPEN, *CLOSED])
def test_stranger_gets_403_and_learns_nothing(served, visit, route, situation):
    """Whatever the route, also one that does not exist, and whatever the method: the same refusal."""
    brings, sentence = REFUSED[situation]
    if "cookie" in brings:
        brings = {"cookie": brings["cookie"].replace("PORT", str(served.port))}
    for method in ("GET", "POST", "DELETE"):
        answer = served.ask(path_of(route, visit), method, **brings)
        assert answer.status == 403, (method, answer.body)
        said = answer.json()["message"] if answer.body.startswith("{") else answer.body.strip()
        assert said == sentence
        assert "Set-Cookie" not in answer.headers or "expires" in answer.headers["Set-Cookie"]
        assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("way", ["query", "header", "cookie", "own origin", "localhost", "link elsewhere"])
@pytest.mark.parametrize("route", OPEN)
def test_visitor_gets_what_is_open(served, visit, route, way):
    """The token in the address, in the header, or the cookie it bought: each opens every route, to our own pages."""
    ways = {
        "query": {"query": f"?token={TOKEN}"},
        "header": {"token": TOKEN},
        "cookie": {"cookie": visit[1]},
        "own origin": {"cookie": visit[1], "headers": {"Origin": f"http://127.0.0.1:{served.port}"}},
        "localhost": {"token": TOKEN, "host": f"localhost:{served.port}"},
        "link elsewhere": {
            "query": f"?token={TOKEN}",
            "headers": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"},
        },
    }
    answer = served.ask(path_of(route, visit), **ways[way])
    assert answer.status == OPEN[route][0], answer.body
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("method", METHODS[1:])
@pytest.mark.parametrize("route", OPEN)
def test_visitor_gets_405_for_other_methods(served, visit, route, method):
    """Nothing can be written, ended or configured over HTTP."""
    status = OPEN[route][1].get(method, 405)
    assert served.ask(path_of(route, visit), method, cookie=visit[1]).status == status
    assert len(served.kernels()) == 1


@pytest.mark.parametrize("route", [*CLOSED, *TRAVERSALS])
def test_visitor_finds_nothing_else(served, visit, route):
    """What the page does not need is not there: no files, no contents, no login, no kernels to start or restart."""
    for method in ("GET", "POST"):
        answer = served.ask(path_of(route, visit), method, cookie=visit[1])
        assert answer.status in ((404,) if route in CLOSED else (403, 404, 405)), (method, answer.body)
        assert "root:" not in answer.body
    assert len(served.kernels()) == 1


@pytest.mark.parametrize("route", ["/", "/procwidget/metrics", "/voila/static/voila.js", "/nothing"])
@pytest.mark.parametrize("token", [TOKEN, None])
def test_every_answer_carries_the_security_headers(served, route, token):
    """Also errors, and files that Voilà serves without any."""
    headers = served.ask(route, token=token).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy


def test_page_allows_its_own_scripts_alone(served):
    """No script runs that is not a file of ours or known by its hash: text that became markup by mistake stays dead."""
    page = served.ask("/", token=TOKEN)
    scripts = re.search(r"script-src ([^;]*)", page.headers["Content-Security-Policy"])[1].split()
    assert "'unsafe-inline'" not in scripts and "'unsafe-eval'" not in scripts
    assert [source for source in scripts if not source.startswith("'sha256-")] == ["'self'", "blob:"]
    assert page.headers["Cache-Control"] == "no-store"


def test_page_takes_nothing_from_elsewhere(served):
    """Hosts without internet show the page as it is meant, and nobody else learns that it was opened."""
    page = served.ask("/", token=TOKEN).body
    assert re.findall(r"""(?:src|href)=["'](?:https?:)?//[^"']+""", page) == []
    assert TOKEN not in page


def test_page_names_the_scripts_that_browsers_asked_for(served):
    """The next browser fetches them side by side; an address with a token or with anything odd is not repeated."""
    script = anywidget_script()
    for query in ("?v=0123abcd", f"?token={TOKEN}", "?v=%22%3E%3Cb%3E"):
        assert served.ask(script, query=query, token=TOKEN).status == 200
    assert served.ask("/voila/static/no-such.js", token=TOKEN).status == 404
    links = re.findall(r'<link rel="preload" as="script" href="([^"]+)">', served.ask("/", token=TOKEN).body)
    assert f"{script}?v=0123abcd" in links
    assert [link for link in links if "token" in link or "%" in link or "no-such" in link] == []


@pytest.mark.parametrize(("promised", "sent"), [(100_000_000, 0), (70_000, 0), (1000, 999)])
def test_nobody_waits_for_a_body(served, promised, sent):
    """Who promises a body, large or never sent, is hung up on: it would be kept in memory before any check."""
    with socket.create_connection(("127.0.0.1", served.port), PATIENCE) as connection:
        head = f"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {promised}\r\n\r\n"
        connection.sendall(head.encode() + b"x" * sent)
        said = b""
        while received := connection.recv(4096):
            said += received
    assert said.startswith(b"HTTP/1.1 400 ") or not said
    assert served.ask("/procwidget/metrics", token=TOKEN).status == 200


def test_cookie_is_for_this_session_and_site_alone(served):
    """No script reads it, no other site sends it, and it ends with the browser."""
    cookie = served.ask("/", query=f"?token={TOKEN}").headers["Set-Cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "expires" not in cookie
    assert TOKEN not in cookie


def test_token_is_not_in_the_log(served):
    """What a log keeps, others read: refused requests are noted without their query."""
    served.ask("/", query=f"?token={TOKEN}x")
    served.ask("/nothing", query=f"?token={TOKEN}")
    own_words = [line for line in served.log.read_text().splitlines() if "procwidget is at" not in line]
    assert own_words and not [line for line in own_words if TOKEN in line]
