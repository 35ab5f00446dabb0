"""What follows from the options: who may end processes, which hosts are ours, what the kernel is told."""

import asyncio
import json
import time
from types import SimpleNamespace

import pytest
from tornado.httputil import HTTPHeaders

from procwidget.errors import InvalidArgument
from procwidget.server.options import SERVED, Options, is_loopback
from procwidget.server.security import CROSS_ORIGIN, WRONG_HOST, Gate, TokenOnly, page_policy


def request(host, **headers):
    return HTTPHeaders({"Host": host, **headers})


@pytest.mark.parametrize(
    ("given", "kills"),
    [
        ({}, True),
        ({"ip": "localhost"}, True),
        ({"ip": "::1"}, True),
        ({"ip": "127.0.0.2"}, True),
        ({"allow_hosts": ("localhost",)}, True),
        ({"ip": "0.0.0.0"}, False),
        ({"ip": "192.168.1.5"}, False),
        ({"ip": "myhost"}, False),
        # A proxy makes a loopback address everybody's; it shows in the name that visitors use.
        ({"allow_hosts": ("example.org",)}, False),
        ({"ip": "0.0.0.0", "allow_kill": True}, True),
        ({"allow_kill": False}, False),
    ],
)
def test_processes_are_ended_only_from_this_machine_unless_asked(given, kills):
    """Whoever serves others must say that they may send signals."""
    options = Options(**given)
    assert options.kills is kills
    assert json.loads(options.kernel_environment({})[SERVED])["allow_kill"] is kills


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("Monitor.Example", "monitor.example"),
        ("monitor.example.", "monitor.example"),
        ("münchen.example", "xn--mnchen-3ya.example"),
        ("MÜNCHEN.example.", "xn--mnchen-3ya.example"),
        ("straße.example", "xn--strae-oqa.example"),
        ("192.168.1.5", "192.168.1.5"),
        ("FE80:0:0::1", "[fe80::1]"),
    ],
)
def test_allowed_host_is_what_browsers_send(given, sent):
    """However a name is written, with capitals, umlauts or a dot at its end, a browser that goes there is let in."""
    [name] = Options(allow_hosts=(given,)).allow_hosts
    gate = Gate(frozenset({name}), any_address=False)
    assert gate.refusal(request(f"{sent}:8866", Origin=f"http://{sent}:8866")) is None
    assert gate.refusal(request(f"x{sent.strip('[]')}")) == WRONG_HOST


def test_kernel_gets_no_secrets():
    """Neither our token nor what a JupyterHub gives to its services, nor other secrets that the name tells."""
    secrets = ("PROCWIDGET_TOKEN", "JUPYTER_TOKEN", "JUPYTERHUB_API_TOKEN", "JPY_API_TOKEN", "CONFIGPROXY_AUTH_TOKEN")
    secrets += ("JUPYTERHUB_CRYPT_KEY", "AWS_SECRET_ACCESS_KEY", "OPENAI_API_KEY", "PGPASSWORD", "github_token")
    kept = {"PATH": "/bin", "LANG": "C", "PROCWIDGET_AUDIT": "x", "XDG_RUNTIME_DIR": "/run", "KEYBOARD": "de"}
    given = kept | dict.fromkeys(secrets, "hush")
    environment = Options().kernel_environment(given)
    assert "hush" not in environment.values()
    assert {name: environment[name] for name in kept} == kept


def test_each_server_has_its_own_token():
    """Nobody who knew yesterday's address gets in today; a given token stands."""
    assert Options().token != Options().token
    assert len(Options().token) >= 40
    assert Options(token="mine").token == "mine"
    assert "mine" not in repr(Options(token="mine"))


@pytest.mark.parametrize("given", ["/monitor/", "monitor", "/monitor", "monitor/"])
def test_base_url_is_written_one_way(given):
    """However the path is given, routes are below /monitor/."""
    assert Options(base_url=given).base_url == "/monitor/"
    assert Options(base_url="/").base_url == Options(base_url="").base_url == "/"


@pytest.mark.parametrize(
    "given", [{"port": True}, {"port": 80.5}, {"interval": "2"}, {"theme": "Dark"}, {"token": "é"}]
)
def test_wrong_types_are_refused_in_a_sentence(given):
    """The options check themselves, not only the command line."""
    with pytest.raises(InvalidArgument, match=r"must .*\.$"):
        Options(**given)


def test_loopback_is_known_by_address_and_by_one_name():
    """Names that merely look local are not."""
    assert all(map(is_loopback, ("127.0.0.1", "127.9.9.9", "::1", "localhost", "LOCALHOST")))
    assert not any(map(is_loopback, ("0.0.0.0", "::", "10.0.0.1", "localhost.example", "127.0.0.1.example", "")))


@pytest.mark.parametrize(
    ("host", "local", "shared"),
    [
        ("localhost:8866", True, True),
        ("LocalHost.:8866", True, True),
        ("127.0.0.1", True, True),
        ("[::1]:8866", True, True),
        ("monitor.example:443", True, True),
        ("192.168.1.5:8866", False, True),
        ("[fe80::1]:8866", False, True),
        ("evil.example", False, False),
        ("monitor.example.evil.example", False, False),
        ("", False, False),
        ("user@localhost@evil.example", False, False),
        ("[::1", False, False),
    ],
)
def test_only_our_hosts_are_answered(host, local, shared):
    """A foreign name that was pointed at this machine is refused; bare addresses are fine where others may come."""
    names = frozenset({"localhost", "monitor.example"})
    for any_address, expected in ((False, local), (True, shared)):
        refusal = Gate(names, any_address=any_address).refusal(request(host))
        assert refusal == (None if expected else WRONG_HOST)


def test_origin_is_compared_with_host_and_port():
    """Another port of the same machine is another site: somebody else's program may listen there."""
    gate = Gate(frozenset({"localhost"}), any_address=False)
    assert gate.refusal(request("localhost:8866", Origin="http://localhost:8866")) is None
    assert gate.refusal(request("localhost:8866", Origin="https://LOCALHOST:8866")) is None
    for origin in ("http://localhost:8867", "http://localhost", "http://127.0.0.1:8866", "null", "", "nonsense://["):
        assert gate.refusal(request("localhost:8866", Origin=origin)) == CROSS_ORIGIN, origin


def test_ticket_opens_once_and_not_for_long(monkeypatch):
    """What stands on a browser's command line for all to see is worth nothing a moment later."""

    class Handler:
        def __init__(self, token):
            self.token_given = token
            self.token = "secret"
            self.request = SimpleNamespace(headers={})

        def get_argument(self, _name, _default):
            return self.token_given

    provider = TokenOnly(token="secret")

    def opens(token):
        return asyncio.run(provider.get_user_token(Handler(token))) is not None

    ticket = provider.ticket()
    assert opens(ticket)
    assert not opens(ticket)
    assert opens("secret") and opens("secret")
    late, now = provider.ticket(), time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 61)
    assert not opens(late)
    assert not opens("")


def test_page_policy_names_each_inline_script():
    """Scripts in the page run by their hash, data and files need none."""
    page = '<script>a()</script><script src="x.js"></script><script type="application/json">{}</script>'
    policy = page_policy(page, "localhost:1")
    assert policy.count("'sha256-") == 1
    assert "connect-src 'self' ws://localhost:1 wss://localhost:1" in policy


def test_the_kernel_is_told_of_a_webhook_and_lives_without_visitors():
    """Alerts are found in the kernel: one that is ended while nobody looks would tell nobody."""
    from procwidget.server.page_server import _configuration

    url = "https://hooks.example.org/T0/x"
    options = Options(webhook=url)
    environment = options.kernel_environment({"PROCWIDGET_WEBHOOK": url})
    assert json.loads(environment[SERVED])["webhook"] == url
    assert "PROCWIDGET_WEBHOOK" not in environment
    assert url not in repr(options)
    assert _configuration(options).MappingKernelManager.cull_idle_timeout == 0
    assert _configuration(Options()).MappingKernelManager.cull_idle_timeout == 600
    with pytest.raises(InvalidArgument, match="webhook"):
        Options(webhook="file:///etc/passwd")
