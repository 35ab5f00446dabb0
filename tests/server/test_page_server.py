"""What the options make of a server and its dashboard, and what of its surroundings makes nothing of it."""

import json
import os
import socket
import subprocess

import pytest

from procwidget.server.security import NO_TOKEN, WRONG_HOST
from tests.kernel.look import SERVED, Look, connection_file
from tests.patience import until
from tests.server.conftest import TOKEN

ALL = {"path": "/procwidget/top-processes", "query": "?n=10000", "token": TOKEN}


@pytest.fixture
def two():
    """A process of ours, and one of another user."""
    if os.geteuid() != 0:
        pytest.skip("only root can start a process of another user")
    ours = subprocess.Popen(["sleep", "1000"])
    others = subprocess.Popen(["sleep", "1000"], user="nobody")
    yield ours.pid, others.pid
    for process in (ours, others):
        process.kill()
        process.wait()


@pytest.mark.parametrize("options", [("--own-processes",), ()])
def test_own_processes_alone_where_asked(request, two, options):
    """With --own-processes neither the routes nor the dashboard know another user's process; without, both do."""
    ours, others = two
    server = request.getfixturevalue("start")(*options) if options else request.getfixturevalue("served")

    def in_routes():
        pids = {row["pid"] for row in server.ask(**ALL).json()["top_processes"]}
        return pids if ours in pids else None

    with Look(connection_file(server.kernels()[0]), SERVED) as look:

        def in_dashboard():
            pids = look("[row['pid'] for row in dashboard.find('')]")
            return pids if ours in pids else None

        # Nobody may have watched for a while.
        look("dashboard.monitor.start()")
        # The user of a process that is new to a source is not known yet at the first look.
        for seen in (until(in_routes, every=0.2), until(in_dashboard, every=0.2)):
            assert (others in seen) == (not options)
        look("dashboard.monitor.stop()")


@pytest.fixture
def shared(start):
    """A server for other hosts."""
    return start("--ip", "0.0.0.0", "--allow-host", "Monitor.Example.")


def test_server_for_other_hosts_answers_to_its_names_and_to_any_address(shared):
    """Visitors come by the host's name, by an allowed one or by an address; a name of somebody else's is refused."""
    for host in (socket.gethostname(), "monitor.example", "localhost", "10.1.2.3", "[fe80::1]"):
        named = f"{host}:{shared.port}"
        assert shared.ask("/procwidget/metrics", token=TOKEN, host=named).status == 200, host
        assert NO_TOKEN in shared.ask("/", host=named).body
    for host in ("evil.example", f"{socket.gethostname()}.evil.example"):
        answer = shared.ask("/procwidget/metrics", token=TOKEN, host=host)
        assert (answer.status, answer.json()["message"]) == (403, WRONG_HOST)
    kernel = shared.kernels()[0]
    assert json.loads(kernel.environ()["PROCWIDGET_SERVED"])["allow_kill"] is False
    with Look(connection_file(kernel), "None") as look:
        until(lambda: "PROCWIDGET_SERVED" not in look("sorted(__import__('os').environ)"))  # nothing inherits it


def test_configuration_of_the_user_changes_nothing(start, folder):
    """Neither files in the working directory nor the user's own for Voilà, Jupyter and IPython are read."""
    ran = folder / "ran"
    ran.mkdir()
    code = f"open({str(ran)!r} + '/' + __file__.replace('/', '_'), 'w').close()\n"
    settings = {
        "Voila": {"token": "", "ip": "0.0.0.0", "config_file_paths": [str(folder)]},
        "VoilaConfiguration": {"theme": "dark", "show_tracebacks": True},
        "TokenOnly": {"token": ""},
        "IdentityProvider": {"token": ""},
        "ServerApp": {"token": "", "allow_origin": "*"},
    }
    names = ("voila", "pageserver", "jupyter_config", "jupyter_server_config", "jupyter_notebook_config")
    for directory in (folder, folder / "config"):
        directory.mkdir(exist_ok=True)
        for name in names:
            (directory / f"{name}.py").write_text(code)
            (directory / f"{name}.json").write_text(json.dumps(settings))
    ipython = folder / "ipython" / "profile_default"
    (ipython / "startup").mkdir(parents=True)
    for name in ("ipython_config.py", "ipython_kernel_config.py", "startup/00.py"):
        (ipython / name).write_text(code)
    kernel = folder / "data" / "kernels" / "python3"
    kernel.mkdir(parents=True)
    (kernel / "kernel.json").write_text(json.dumps({"argv": ["false"], "display_name": "x", "language": "python"}))
    # As the command starts: with `python -m` the working directory is where modules are looked for first.
    server = start(IPYTHONDIR=str(folder / "ipython"), JUPYTER_PREFER_ENV_PATH="0", PYTHONSAFEPATH="1")
    assert server.ask("/").status == 403
    page = server.ask("/", token=TOKEN)
    assert page.status == 200
    assert '"jupyterLabTheme": "light"' in page.body
    assert list(ran.iterdir()) == []
