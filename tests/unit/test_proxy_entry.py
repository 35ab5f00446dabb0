"""The page in JupyterLab's Launcher: what jupyter-server-proxy is told, and that `procwidget` understands it."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import pytest

from procwidget.cli import build_parser
from procwidget.errors import InvalidArgument
from procwidget.server import listening, proxy_entry
from procwidget.server.options import Options
from procwidget.server.settings import collect

ROOT = Path(__file__).parents[2]
TRAITS = {"command", "environment", "timeout", "absolute_url", "unix_socket", "request_headers_override"}
TRAITS |= {"update_last_activity", "new_browser_tab", "launcher_entry"}
"""Of jupyter-server-proxy 4.6's ServerProcess: another would be refused."""

LAUNCHER_TRAITS = {"enabled", "icon_path", "title", "path_info", "category"}


def options(made):
    """What the command comes to when its places are filled in, as jupyter-server-proxy does."""
    filled = [part.format(base_url="/user/ana/", unix_socket="/run/s", port=8123) for part in made["command"]]
    python, alone, module, name, *arguments = filled
    assert (python, alone, module, name) == (sys.executable, "-P", "-m", "procwidget")
    given = vars(build_parser().parse_args(arguments))
    return collect({key: given[key] for key in given.keys() - {"command", "config"}}, made["environment"], "/dev/null")


def test_the_proxy_is_told_what_it_knows():
    """The entry point has the name that the page's path has, and no key is strange to jupyter-server-proxy."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    points = project["entry-points"]["jupyter_serverproxy_servers"]
    assert points == {proxy_entry.PATH: "procwidget.server.proxy_entry:entry"}
    made = proxy_entry.entry()
    assert made.keys() <= TRAITS and made["launcher_entry"].keys() <= LAUNCHER_TRAITS
    assert Path(made["launcher_entry"]["icon_path"]).is_file()


def test_the_token_is_known_to_the_proxy_alone():
    """It is on no command line and is not printed, it comes with each request, and each Jupyter has its own."""
    made = proxy_entry.entry()
    found = options(made)
    assert f"token {found.token}" == made["request_headers_override"]["Authorization"]
    assert found.quiet and not found.open_browser
    assert found.token not in " ".join(made["command"])
    assert found.token != options(proxy_entry.entry()).token


def test_the_page_is_at_a_socket_where_there_are_any(monkeypatch):
    """Other users of the machine cannot come to that at all; on Windows it is a port of loopback."""
    found = options(proxy_entry.entry())
    assert (found.unix_socket, found.port, found.base_url) == ("/run/s", None, "/user/ana/process-monitor/")
    assert (found.kills, found.allow_frames) == (True, ("self",))
    monkeypatch.delattr("socket.AF_UNIX")
    found = options(proxy_entry.entry())
    assert (found.unix_socket, found.port, found.ip) == (None, 8123, "127.0.0.1")


def test_without_the_page_there_is_no_tile(monkeypatch):
    """`pip install procwidget` beside jupyter-server-proxy offers nothing that cannot be."""
    assert proxy_entry.entry()["launcher_entry"]["enabled"]
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    assert not proxy_entry.entry()["launcher_entry"]["enabled"]


@pytest.mark.parametrize("given", ["", "https://a.example/path", "a.example", "*", "https://*.example", "https://a b"])
def test_who_may_frame_the_page_is_an_origin(given):
    """Anything else in the policy would mean something else, or nothing."""
    with pytest.raises(InvalidArgument, match="an origin like"):
        Options(allow_frames=(given,))
    assert Options(allow_frames=("https://A.example:8443", "self")).allow_frames == ("https://a.example:8443", "self")


def test_a_socket_that_cannot_be_is_one_sentence(tmp_path):
    """A file that is there stays there."""
    file = tmp_path / "notes.txt"
    file.write_text("mine")
    with pytest.raises(InvalidArgument, match="that file is no socket"):
        listening.listen(Options(unix_socket=str(file)))
    with pytest.raises(InvalidArgument, match="No such file"):
        listening.listen(Options(unix_socket=str(tmp_path / "nowhere" / "socket")))
    with pytest.raises(InvalidArgument, match="neither a port nor TLS"):
        Options(unix_socket="/run/s", port=0)
    assert file.read_text() == "mine"
