"""The webhook: what is posted, where to, and what happens when that does not work. The servers are real ones."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from procwidget import Dashboard, InvalidArgument, Monitor
from procwidget.sources.scripted import ScriptedSource, make_sample
from procwidget.views import about_itself
from procwidget.webhook import Webhook, check_address
from tests.patience import until


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    """Whatever proxy this machine has, these servers are here."""
    monkeypatch.setenv("no_proxy", "*")


@contextmanager
def server(status=204, **headers):
    """A server on a free port while the block runs; gives its address and the requests that came."""
    came = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            came.append((self.command, self.path, self.headers["Content-Type"], json.loads(body)))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST

        def log_message(self, *_):
            pass

    made = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{made.server_port}/hook?key=1", came
    finally:
        made.shutdown()
        thread.join()
        made.server_close()


def test_each_alert_is_posted_with_its_host():
    """When it begins, changes its level and ends, in that order; one that goes on is not posted again."""
    with server() as (url, came):
        samples = [
            make_sample(
                monotonic=100.0 + 2 * place, time=5000.0 + 2 * place, cpu_usage=usage, processes=[], pressure=None
            )
            for place, usage in enumerate([75.0, 76.0, 95.0, 5.0, 5.0, 5.0, 5.0])
        ]
        monitor = Monitor(ScriptedSource(samples), webhook=url)
        for _ in samples:
            monitor._tick()
        until(lambda: len(came) == 3)
    assert {(method, path, kind) for method, path, kind, _ in came} == {("POST", "/hook?key=1", "application/json")}
    bodies = [body for *_, body in came]
    assert [(body["kind"], body["level"], body["state"]) for body in bodies] == [
        ("cpu", "warning", "began"),
        ("cpu", "critical", "changed"),
        ("cpu", "critical", "ended"),
    ]
    assert {body["host"] for body in bodies} == {"example"}
    assert [event["kind"] for event in monitor.events] == ["cpu"], "such a monitor notes them too"


def test_a_dashboard_with_a_webhook_posts_although_nobody_watches():
    """And the end of a process that somebody asked about."""
    with server() as (url, came):
        monitor = Monitor(ScriptedSource([make_sample(cpu_usage=97.0, pressure=None)]), interval=0.1)
        dashboard = Dashboard(monitor=monitor, webhook=url)
        try:
            dashboard.table.present = lambda: False
            until(lambda: came)
            assert monitor.running
            monitor.process_ends.add({**monitor.last["processes"][0], "identity": "9-9"}, 5000.0)
            until(lambda: len(came) == 2)
        finally:
            dashboard.close()
            monitor.stop()
    assert [body["kind"] for *_, body in came] == ["cpu", "process_end"]


def test_redirects_are_not_followed():
    """Whoever answers does not choose where alerts go."""
    with server() as (other, elsewhere), server(302, Location=other) as (url, came):
        hook = Webhook(url)
        hook.post({"kind": "cpu"})
        until(lambda: hook.problem)
        assert hook.problem == "The webhook at 127.0.0.1 answered 302, and redirects are not followed."
    assert (len(came), elsewhere) == (1, [])


def test_a_failure_is_said_in_the_notes_until_a_post_arrives():
    """The address, which is often a secret, is not in it."""
    monitor = Monitor(ScriptedSource([make_sample()]))
    with server(500) as (url, came):
        dashboard = Dashboard(monitor=monitor, webhook=url)
        monitor.stop()
        try:
            hook = dashboard._alerting._webhook
            hook.post({})
            until(lambda: hook.problem)
            notes = about_itself.notes(dashboard.monitor, dashboard._alerting.problem)
            assert notes[-1] == "The webhook at 127.0.0.1 answered 500."
        finally:
            dashboard.close()
    assert len(came) == 1


def test_failures_are_logged_once(caplog):
    """A webhook that is away for a day must not fill the log."""
    with server(500) as (url, came):
        hook = Webhook(url)
        for _ in range(3):
            hook.post({})
        until(lambda: len(came) == 3 and hook._thread is None)
    assert len([record for record in caplog.records if "webhook" in record.getMessage()]) == 1


def test_who_does_not_answer_holds_up_nothing():
    """The queue is bounded, and to post never waits."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hook = Webhook(f"http://127.0.0.1:{silent.getsockname()[1]}/", timeout=0.2)
        for _ in range(150):
            hook.post({})
        assert hook.problem == "The webhook at 127.0.0.1 answers too slowly, and some alerts were left out."
        hook._waiting.queue.clear()
        until(lambda: hook._thread is None)
        hook.post({})
        until(lambda: hook.problem == "The webhook at 127.0.0.1 did not answer within 0.2 s.")


def test_nobody_there_is_said():
    """One sentence, and no traceback."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    hook = Webhook(f"http://127.0.0.1:{port}/")
    hook.post({})
    assert "cannot be reached" in until(lambda: hook.problem)


@pytest.mark.parametrize(
    "wrong",
    [
        *(
            "",
            "example.org",
            "ftp://example.org/",
            "file:///etc/passwd",
            "javascript:1",
            "http://",
            "https:///x",
            7,
            None,
        ),
        *("http://user:secret@example.org/", "http://example.org:port/", "http://[::1", "http://example.org/a b"),
        *("http://example.org/\r\nX: y", "http://exämple.org/", "http://example.org/" + "x" * 3000),
    ],
)
def test_what_is_no_address_of_a_webhook_gets_a_sentence(wrong):
    """http and https alone, and nothing that would end up in a header; the address is not repeated."""
    with pytest.raises(InvalidArgument) as caught:
        check_address(wrong)
    assert "secret" not in str(caught.value)
    with pytest.raises(InvalidArgument):
        Dashboard(webhook=wrong if wrong is not None else 0)


@pytest.mark.parametrize("url", ["https://hooks.example.org/T0/B0/x", "http://127.0.0.1:9/", "http://[::1]:9/x"])
def test_an_address_stays_as_it_was_given(url):
    """With its path, query and port."""
    assert check_address(url) == url
