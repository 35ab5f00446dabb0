"""What stands in the answers of the page's server, and in its log, to be seen or kept: headers, scripts, cookies."""

import re

import pytest

from tests.server.conftest import TOKEN, assert_secure
from tests.server.test_gate import script_of

FILE = "/voila/static/voila.js"
ANSWERS = {
    # kind: (what is asked, the status it gets)
    "the page": ({"path": "/", "token": TOKEN}, 200),
    "figures": ({"path": "/procwidget/metrics", "token": TOKEN}, 200),
    "scripts": ({"path": "/procwidget/scripts.js", "token": TOKEN}, 200),
    "our file": ({"path": "/procwidget/visit.js", "token": TOKEN}, 200),
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


def test_words_of_strangers_are_not_in_the_log(served):
    """What a log keeps, others read: refused requests are noted without their query."""
    for brings in (
        {"query": f"?token={TOKEN}x"},
        {"query": f"?token={TOKEN}%ff"},
        {"path": "/nothing", "query": f"?token={TOKEN}"},
        {"path": "/procwidget/metrics", "query": f"?n={TOKEN}%ff"},
    ):
        served.ask(**brings)
    own_words = [line for line in served.log.read_text().splitlines() if "procwidget is at" not in line]
    assert own_words and not [line for line in own_words if TOKEN in line]
