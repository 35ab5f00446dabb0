"""What stands in the answers of the page's server, and in its log, to be seen or kept: headers, scripts, cookies."""

import json
import re
import time

import pytest
from tornado.web import create_signed_value

from procwidget.server.security import cookie_secret
from tests.server.conftest import TOKEN, assert_secure
from tests.server.test_gate import script_of

FILE = "/voila/static/voila.js"
ANSWERS = {
    # kind: (what is asked, the status it gets)
    "the page": ({"path": "/", "token": TOKEN}, 200),
    "figures": ({"path": "/procwidget/metrics", "token": TOKEN}, 200),
    "scripts": ({"path": "/procwidget/scripts.js", "token": TOKEN}, 200),
    "our file": ({"path": "/procwidget/visit_status.js", "token": TOKEN}, 200),
    "a file": ({"path": FILE, "token": TOKEN}, 200),
    "a file's head": ({"path": FILE, "method": "HEAD", "token": TOKEN}, 200),
    "a part of a file": ({"path": FILE, "token": TOKEN, "headers": {"Range": "bytes=0-9"}}, 206),
    "no part of a file": ({"path": FILE, "token": TOKEN, "headers": {"Range": "bytes=99999999-"}}, 416),
    "a file that is known": (
        {"path": FILE, "token": TOKEN, "headers": {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}},
        304,
    ),
    "nothing": (
        {"path": "/voila/api/shutdown/00000000-0000-0000-0000-000000000000", "method": "POST", "token": TOKEN},
        204,
    ),
    "a wrong parameter": ({"path": "/procwidget/metrics", "query": "?n=3", "token": TOKEN}, 400),
    "no token": ({"path": "/"}, 403),
    "a wrong host": ({"path": "/", "token": TOKEN, "host": "evil.example"}, 403),
    "no such address": ({"path": "/nothing", "token": TOKEN}, 404),
    "no such file": ({"path": "/voila/static/nothing.js", "token": TOKEN}, 404),
    "no such kernel": ({"path": "/api/kernels/00000000-0000-0000-0000-000000000000", "token": TOKEN}, 404),
    "a wrong method": ({"path": "/procwidget/metrics", "method": "POST", "token": TOKEN}, 405),
    "an unknown method": ({"path": "/", "method": "BREW", "token": TOKEN}, 405),
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_every_kind_of_answer_carries_the_security_headers(served, kind):
    """Also errors, and files that Voilà serves without any; tests of their own have 101, 500 and 503."""
    asked, status = ANSWERS[kind]
    answer = served.ask(**asked)
    assert answer.status == status, answer.body
    assert_secure(answer.headers)


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
    script = script_of("bqscales")
    for query in ("?v=0123abcd", f"?token={TOKEN}", "?v=%22%3E%3Cb%3E"):
        assert served.ask(script, query=query, token=TOKEN).status == 200
    assert served.ask("/voila/static/no-such.js", token=TOKEN).status == 404
    links = re.findall(r'<link rel="preload" as="script" href="([^"]+)">', served.ask("/", token=TOKEN).body)
    assert f"{script}?v=0123abcd" in links
    assert [link for link in links if "token" in link or "%" in link or "no-such" in link] == []


def test_cookie_is_for_this_session_and_site_alone(served):
    """No script reads it, no other site sends it, and it ends with the browser."""
    cookie = served.ask("/", query=f"?token={TOKEN}").headers["Set-Cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "expires" not in cookie
    assert TOKEN not in cookie


def cookie_of(server, days, token=TOKEN):
    """A cookie that the server would have given so many days ago."""
    name = f"username-127-0-0-1-{server.port}"
    user = dict.fromkeys(("username", "name", "display_name", "initials", "color", "avatar_url"), "visitor")
    then = time.time() - days * 86400
    return f"{name}={create_signed_value(cookie_secret(token), name, json.dumps(user), clock=lambda: then).decode()}"


@pytest.mark.parametrize(("days", "status"), [(0, 200), (364, 200), (366, 403)])
def test_cookie_is_good_for_a_year(served, days, status):
    """A page on a wall may stay open for months; what somebody finds years later opens nothing."""
    assert served.ask("/procwidget/metrics", cookie=cookie_of(served, days)).status == status


def test_cookie_of_another_token_is_worth_nothing(served):
    """Who knows how cookies are made needs the token all the same."""
    assert served.ask("/", cookie=cookie_of(served, 0, TOKEN + "x")).status == 403


def test_cookie_outlives_its_server_and_ends_with_its_token(start):
    """The server starts anew on its port: a page with the given token's cookie goes on, one with another's does not."""
    server = start()
    _, cookie = server.visit()
    for token, status in ((TOKEN, 200), ("another-token", 403)):
        server.stop()
        server = start("--port", str(server.port), token=token)
        assert server.ask("/", cookie=cookie).status == status


def test_words_of_strangers_are_not_in_the_log(served):
    """What a log keeps, others read: refused requests are noted without their query, and without what was a cookie."""
    old = f"username-127-0-0-1-{served.port}={TOKEN}|1|x"
    for brings in (
        {"query": f"?token={TOKEN}x"},
        {"query": f"?token={TOKEN}%ff"},
        {"path": "/nothing", "query": f"?token={TOKEN}"},
        {"path": "/procwidget/metrics", "query": f"?n={TOKEN}%ff"},
        {"cookie": old},
    ):
        served.ask(**brings)
    own_words = [line for line in served.log.read_text().splitlines() if "procwidget is at" not in line]
    assert own_words and not [line for line in own_words if TOKEN in line]
