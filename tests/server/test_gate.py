"""Who gets what from the page's server: every way to come, on every route, by every method, and the answer.

All refusals come from one method, `Guarded.prepare`. So not every situation is tried on every route by every method:
all routes and methods meet one situation, all situations meet each kind of handler, and one test shows that no handler
has another way in.
"""

import ast
import inspect
import re
import textwrap
from pathlib import Path

import pytest
from jupyter_core.paths import jupyter_path

from procwidget.server.handlers import page_handlers
from procwidget.server.security import CROSS_ORIGIN, NO_TOKEN, WRONG_HOST, Guarded, NotHere
from tests.server.conftest import TOKEN, assert_secure

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW")


def script_of(library):
    """A script of a widget library as it is installed here: its name has a hash in it."""
    folders = [Path(path) / library / "static" for path in jupyter_path("labextensions")]
    return next(f"/voila/labextensions/{library}/static/{found.name}" for f in folders for found in f.glob("remoteE*"))


OPEN = {
    # route: what a visitor's methods get; all others get 405
    "/": {"GET": 200},
    "/procwidget/metrics": {"GET": 200},
    "/procwidget/top-processes": {"GET": 200},
    "/procwidget/deaths": {"GET": 200},
    "/procwidget/processes": {"GET": 200},
    "/procwidget/process/1-0": {"GET": 404},
    "/procwidget/state": {"GET": 200},
    "/procwidget/events": {"GET": 200},
    "/procwidget/history": {"GET": 200},
    "/procwidget/visit_status.js": {"GET": 200, "HEAD": 200},
    "/procwidget/start.js": {"GET": 200, "HEAD": 200},
    "/procwidget/views/table.js": {"GET": 200, "HEAD": 200},
    "/procwidget/scripts.js": {"GET": 200},
    "/api/kernels/KERNEL": {"GET": 200},
    "/api/kernels/KERNEL/channels": {"GET": 400},  # not a WebSocket's handshake
    "/voila/api/shutdown/KERNEL": {"POST": 204},
    "/voila/static/voila.js": {"GET": 200, "HEAD": 200},
    "/voila/templates/lab/static/index.css": {"GET": 200, "HEAD": 200},
    script_of("anywidget"): {"GET": 200, "HEAD": 200},
}
CLOSED = (
    "/login",
    "/logout",
    "/tree",
    "/lab",
    "/favicon.ico",
    "/robots.txt",
    "/static/favicon.ico",
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


ADMITTED = {
    # situation: what the request of somebody brings who may come in
    "token in query": {"query": f"?token={TOKEN}"},
    "token in header": {"token": TOKEN},
    "cookie": {"cookie": "COOKIE"},
    "own origin": {"cookie": "COOKIE", "headers": {"Origin": "http://127.0.0.1:PORT"}},
    "localhost": {"token": TOKEN, "host": "localhost:PORT"},
    "link elsewhere": {
        "query": f"?token={TOKEN}",
        "headers": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"},
    },
}


HANDLERS = page_handlers("/", [], [])


def handler_of(route):
    """The class that answers a route."""
    path = route.replace("KERNEL", "01234567-89ab-cdef-0123-456789abcdef")
    return next((handler for pattern, handler, *_ in HANDLERS if re.fullmatch(pattern, path)), NotHere)


KINDS = {handler_of(route): route for route in ("/tree", *OPEN)}
"""Each class that answers requests, and a route of it."""


@pytest.fixture(scope="module")
def visit(served):
    """A visit: the kernel of the page, and the cookie that the token bought."""
    return served.visit()


@pytest.fixture
def ask(served, visit):
    """Asks as somebody in a situation does."""

    def real(value):
        if isinstance(value, dict):
            return {name: real(part) for name, part in value.items()}
        return value.replace("PORT", str(served.port)).replace("COOKIE", visit[1])

    def ask(route, method, brings):
        return served.ask(route.replace("KERNEL", visit[0]), method, **real(brings))

    return ask


def assert_refused(answer, method, sentence):
    """Fail unless an answer is the refusal, and tells nothing of what is at the address."""
    assert answer.status == 403, answer.body
    said = answer.json()["message"] if answer.body.startswith("{") else answer.body.strip()
    assert said == ("" if method == "HEAD" else sentence)
    assert "Set-Cookie" not in answer.headers or "expires" in answer.headers["Set-Cookie"]
    assert_secure(answer.headers)


@pytest.mark.parametrize("route", [*OPEN, *CLOSED])
def test_stranger_gets_403_and_learns_nothing(ask, route):
    """Whatever the route and the method, also those that do not exist: the same refusal."""
    for method in METHODS:
        assert_refused(ask(route, method, {}), method, NO_TOKEN)


@pytest.mark.parametrize("situation", REFUSED)
def test_each_kind_of_handler_refuses_whoever_may_not_come_in(ask, situation):
    """By the method that it has for visitors, and by one that there is nowhere, each handler says the same sentence."""
    brings, sentence = REFUSED[situation]
    for kind, route in KINDS.items():
        for method in (next(iter(OPEN.get(route, {"GET": 404}))), "BREW"):
            answer = ask(route, method, brings)
            try:
                assert_refused(answer, method, sentence)
            except AssertionError as error:
                raise AssertionError(f"{kind.__name__} at {route} by {method}: {error}") from error


def test_no_handler_has_a_way_in_of_its_own():
    """Every handler of the page's server lets requests in by `Guarded.prepare`, whatever their method and body.

    Only the one for addresses that are nothing adds to it: afterwards.
    """
    handlers = {handler for _, handler, *_ in HANDLERS} | {NotHere}
    assert KINDS.keys() == handlers, "a handler without a route among those that are asked"
    for handler in handlers:
        assert issubclass(handler, Guarded)
        assert handler.prepare is (NotHere if handler is NotHere else Guarded).prepare, handler
        assert handler.SUPPORTED_METHODS is Guarded.SUPPORTED_METHODS, handler
        assert handler.data_received is Guarded.data_received, handler
    (prepare,) = ast.parse(textwrap.dedent(inspect.getsource(NotHere.prepare))).body
    _docstring, first, *_ = prepare.body
    assert ast.unparse(first) == "await super().prepare()"


ODD = {
    "bytes that are no text, in a path": {"path": "/voila/static/%ff"},
    "bytes that are no text, in a token": {"query": f"?token={TOKEN}%ff"},
    "a form in pieces": {"headers": {"Content-Type": "multipart/form-data; boundary=x", "Content-Length": "5"}},
    "a form that is packed": {
        "headers": {"Content-Type": "application/x-www-form-urlencoded", "Content-Encoding": "x", "Content-Length": "5"}
    },
    "an address of a proxy": {"path": "example.org:443", "method": "CONNECT"},
    "no address": {"path": "*", "method": "OPTIONS"},
}


@pytest.mark.parametrize("oddity", ODD)
def test_odd_requests_of_strangers_get_403_too(served, oddity):
    """What tornado, or a route of any kind, would say of a path or a body is for visitors."""
    for route in KINDS.values():
        brings = {"path": route, "method": "POST"} | ODD[oddity]
        answer = served.ask(**brings)
        assert (answer.status, NO_TOKEN in answer.body) == (403, True), (route, answer.body)
        assert_secure(answer.headers)


@pytest.mark.parametrize("route", OPEN)
def test_visitor_gets_what_is_open_and_405_for_the_rest(served, ask, route):
    """With the cookie that the token bought: each route by its methods, and no other method changes anything."""
    for method in METHODS:
        answer = ask(route, method, ADMITTED["cookie"])
        assert answer.status == OPEN[route].get(method, 405), (method, answer.body)
        assert_secure(answer.headers)
    assert len(served.kernels()) == 1


@pytest.mark.parametrize("situation", ADMITTED)
def test_each_way_to_come_in_opens_every_route(served, ask, situation):
    """The token in the address, in the header, or the cookie it bought: each opens all that is open, and no more."""
    for route, methods in OPEN.items():
        (method, status), *_ = methods.items()
        answer = ask(route, method, ADMITTED[situation])
        assert answer.status == status, (route, answer.body)
        assert ask(route, "DELETE", ADMITTED[situation]).status == 405, route
        assert_secure(answer.headers)
    assert len(served.kernels()) == 1


@pytest.mark.parametrize("route", [*CLOSED, *TRAVERSALS])
def test_visitor_finds_nothing_else(served, ask, route):
    """What the page does not need is not there: no files, no contents, no login, no kernels to start or restart."""
    for method in ("GET", "POST", "DELETE"):
        answer = ask(route, method, {"cookie": "COOKIE"})
        assert answer.status in ((404,) if route in CLOSED else (403, 404, 405)), (method, answer.body)
        assert "root:" not in answer.body
        assert_secure(answer.headers)
    assert len(served.kernels()) == 1
