"""The command `procwidget`, started as a user starts it: what it prints, what it says to mistakes, what it leaves."""

import importlib.util
import json
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from procwidget import __version__
from procwidget.cli import build_parser, main
from procwidget.errors import SourceUnavailable
from tests.kernel.look import connection_file
from tests.patience import PATIENCE, until
from tests.server.conftest import TOKEN, start_procwidget


def run(*arguments, **options):
    """Run the command to its end."""
    command = [sys.executable, "-m", "procwidget", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, **options)


def test_snapshot_is_one_json_sample():
    """One line that any JSON reader takes, with as many top processes as asked for and rates since a first reading."""
    result = run("snapshot", "--top", "3")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.count("\n") == 1
    sample = json.loads(result.stdout, parse_constant=pytest.fail)
    assert len(sample["top_processes"]) == 3
    assert sample["processes"] and sample["interval"] > 0
    # For a fifth of a second a virtual machine may count no CPU time at all.
    assert sample["cpu_usage"] is None or 0 <= sample["cpu_usage"] <= 100


def test_snapshot_into_a_closed_pipe_is_no_error():
    """`procwidget snapshot | head -c 1` ends without a traceback."""
    command = f"{sys.executable} -m procwidget snapshot | head -c 1"
    result = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=PATIENCE)
    assert (result.stdout, result.stderr) == ("{", "")


def test_snapshot_that_cannot_be_written_gets_one_sentence():
    """Into a full disk: exit code 1 and why, no traceback, whatever is left in a buffer."""
    command = f"{sys.executable} -m procwidget snapshot --top 0 > /dev/full"
    result = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=PATIENCE)
    assert result.returncode == 1
    assert result.stderr == "procwidget: The sample could not be written: No space left on device.\n"


def test_snapshot_loads_no_server():
    """One sample takes no seconds of imports: neither Voilà nor widgets."""
    code = (
        "import sys; from procwidget.cli import main; main(['snapshot', '--top', '0']); "
        "print(sorted({'voila', 'tornado', 'ipywidgets', 'IPython', 'bqplot'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE)
    assert result.stdout.splitlines()[-1] == "[]", result.stderr


def test_status_says_the_state_in_a_sentence_or_as_json():
    """Its exit code is the level's, as check plugins have it; both ways it is the same state."""
    told, data = run("status", "--seconds", "0.5"), run("status", "--seconds", "0.5", "--json")
    assert (told.stderr, data.stderr) == ("", "")
    assert told.stdout.count("\n") == 1
    state = json.loads(data.stdout, parse_constant=pytest.fail)
    assert set(state) == {"level", "text", "short_of", "causes"}
    for result in (told, data):
        assert result.returncode in (0, 1, 2)
    assert data.returncode == ["normal", "warning", "critical"].index(state["level"])


@pytest.mark.parametrize(
    ("level", "code"), [("normal", 0), ("warning", 1), ("critical", 2), (SourceUnavailable("No /proc."), 3)]
)
def test_the_exit_code_of_status_is_its_level(monkeypatch, capsys, level, code):
    """3 is unknown: a check that cannot be made is neither well nor critical."""

    def status(seconds):
        if isinstance(level, Exception):
            raise level
        return {"level": level, "text": f"It is {level} for {seconds:g} s", "short_of": [], "causes": []}

    monkeypatch.setattr("procwidget.cli.status", status)
    assert main(["status", "--seconds", "3"]) == code
    out, err = capsys.readouterr()
    assert out + err == ("procwidget: No /proc.\n" if code == 3 else f"It is {level} for 3 s\n")


@pytest.mark.parametrize("mistake", [["--seconds", "0"], ["--seconds", "long"], ["--second", "3"], ["--top", "3"]])
def test_a_mistake_is_no_state_of_the_machine(mistake, capsys):
    """2 would be critical, so for status a mistake is unknown too."""
    assert main(["status", *mistake]) == 3
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["snapshot", "--help"]])
def test_help_fits_one_screen(arguments, capsys):
    """24 lines of 80 characters, with what it is for and examples first."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    lines = capsys.readouterr().out.rstrip("\n").split("\n")
    assert ended.value.code == 0
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80
    assert next(place for place, line in enumerate(lines) if "procwidget snapshot" in line) < 6


def test_help_names_every_option(capsys):
    """What can be given is told."""
    for option in ("--help", "--help-all"):
        with pytest.raises(SystemExit):
            main([option])
    text = capsys.readouterr().out
    options = [option for action in build_parser()._actions for option in action.option_strings if option != "-h"]
    assert len(options) > 10
    assert [option for option in options if option not in text] == []


def test_version(capsys):
    """The version is the package's."""
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert (ended.value.code, capsys.readouterr().out) == (0, f"procwidget {__version__}\n")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--port", "eighty"], "The port must be a whole number from 0 to 65535, not 'eighty'."),
        (["--port", "70000"], "from 0 to 65535"),
        (["--interval", "0.1"], "from 0.5 to 60"),
        (["--interval", "nan"], "from 0.5 to 60"),
        (["--interval", "often"], "The interval must be a number from 0.5 to 60, not 'often'."),
        (["--idle", "0"], "The idle time"),
        (["--theme", "blue"], "auto, light or dark"),
        (["--token", ""], "token must not be empty"),
        (["--token", "  "], "token must not be empty"),
        (["--token", "ü"], "token must be of unaccented letters, digits and signs"),
        (["--token", "a\nb"], "token must be of unaccented letters, digits and signs"),
        (["--token", "mine "], "token must not begin or end with a space"),
        (["--base-url", "/a b/"], "a path such as /monitor/"),
        (["--base-url", "/../x"], "a path such as /monitor/"),
        (["--base-url", "https://example.org/x"], "a path such as /monitor/"),
        (["--allow-host", "example.org:8080"], "without port"),
        (["--allow-host", "*"], "without port"),
        (["--allow-host", "monitor..example"], "without port"),
        (["--allow-host", "."], "without port"),
        (["--ip", ""], "address to listen on"),
        (["--allow-kill", "--no-kill"], "not allowed with"),
        (["--no-such-option"], "There is no option '--no-such-option'"),
        (["--prot", "80"], "There is no option '--prot'; did you mean --port?"),
        (["-p", "80"], "There is no option '-p'. See"),
        (["--thme=dark"], "did you mean --theme?"),
        (["--webhook", "file:///etc/passwd"], "begins with https://"),
        (["--sort", "cpu"], "There is no option '--sort'; did you mean --sort-by?"),
        (["--sort-by", "memry"], "--sort-by must be a column, not 'memry' (did you mean 'memory'?); there are"),
        (["snapshto"], "There is no command 'snapshto' (did you mean 'snapshot'?); there are snapshot,"),
        (["--columns", "pid,comand"], "There is no column 'comand' (did you mean 'command'?)"),
        (["--top", "2"], "--top must be a whole number from 3 to 100, not 2."),
        (["--thresholds", "cpu:80"], "Thresholds are written as in cpu=60/80,memory=90, not 'cpu:80'."),
        (["--thresholds", "mem=80"], "There is no threshold 'mem' (did you mean 'memory'?)"),
        (["--units", "MIB"], "The unit must be MiB or MB, not 'MIB' (did you mean 'MiB'?)."),
        (["--view-token", "x", "--token", "x"], "The view token must be another than the token"),
        (["--certfile", "x.pem"], "TLS takes a certificate and its key: certfile is given, keyfile is not."),
        (["--config", "/no/such/file.toml"], "/no/such/file.toml cannot be read: No such file or directory."),
        (["--dask", "the cluster"], "A Dask scheduler's address is like tcp://10.0.0.1:8786, not 'the cluster'."),
        (["--dask", "tcp://scheduler"], "A Dask scheduler's address is like tcp://10.0.0.1:8786"),
        (["--dask", "tcp://scheduler:8786", "--own-processes"], "leave out --own-processes"),
        (["serve"], "'serve'"),
        (["snapshot", "--top", "-1"], "from 0 to 100000"),
        (["snapshot", "--top", "many"], "from 0 to 100000, not 'many'"),
        (["snapshot", "--tpo", "3"], "did you mean --top?"),
    ],
)
def test_mistake_gets_one_sentence(arguments, says, capsys):
    """Exit code 2 and one line that names what is wrong; no usage text, no traceback."""
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith("procwidget: ") and err.endswith(".\n")
    assert says in err


def test_a_cluster_without_dask_gets_one_sentence(monkeypatch, capsys):
    """Where the extra is not installed the sentence says how it is."""
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "distributed" else found(name))
    assert main(["--dask", "tcp://127.0.0.1:8786"]) == 1
    said = capsys.readouterr().err
    assert said == ("procwidget: The hosts of a cluster need Dask, which is missing: pip install 'procwidget[dask]'\n")


def test_port_in_use_gets_one_sentence(capsys):
    """Who asked for a port gets that one or is told."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["--no-browser", "--port", str(port)]) == 2
    said = capsys.readouterr().err
    assert said == f"procwidget: Port {port} is in use: give another --port, or 0 for a free one.\n"


@pytest.mark.parametrize("ip", ["256.1.1.1", "192.0.2.7", "no.such.host.invalid", "192.168..1", "x" * 64])
def test_impossible_address_gets_one_sentence(ip, capsys):
    """An address that is none, or is another machine's."""
    assert main(["--no-browser", "--port", "0", "--ip", ip]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"procwidget: This machine has no address '{ip}'")
    assert said.count("\n") == 1


def test_broken_notebook_kernel_gets_one_sentence(start, folder):
    """A dashboard that cannot start is told as such, and nothing stays behind."""
    (folder / "sitecustomize.py").write_text("import sys; sys.modules['bqplot'] = None\n")
    server = start(wait=False, PYTHONPATH=str(folder))
    assert server.process.wait(PATIENCE) == 1
    said = server.log.read_text()
    assert "procwidget: The dashboard could not start: " in said
    assert "Traceback" not in said


@pytest.mark.parametrize("name", ["SIGHUP", "SIGQUIT"])
@pytest.mark.parametrize("ignored", [False, True])
def test_signals_that_end_the_server(name, ignored):
    """Ctrl-C's, the one that asks to end, and those of a closed terminal; but none that was to be ignored."""
    from procwidget.server import page_server  # with Voilà, seconds that no other test here needs

    former = signal.signal(getattr(signal, name), signal.SIG_IGN if ignored else signal.SIG_DFL)
    try:
        endings = page_server.ending_signals()
    finally:
        signal.signal(getattr(signal, name), former)
    assert endings[:2] == [signal.SIGINT, signal.SIGTERM]
    assert (getattr(signal, name) in endings) is not ignored


NIGHTLY = pytest.mark.nightly


@pytest.mark.parametrize(
    "ending",
    [
        signal.SIGINT,
        signal.SIGHUP,
        # The server that all tests share is ended by it.
        pytest.param(signal.SIGTERM, marks=NIGHTLY),
        pytest.param(signal.SIGQUIT, marks=NIGHTLY),
    ],
)
def test_stop_leaves_nothing(start, ending):
    """Ctrl-C, a closed terminal: no kernel, no connection file, no socket, no line of complaint; the exit code is 0."""
    server = start(token=None)
    [kernel] = server.kernels()
    connection = Path(connection_file(kernel))
    assert connection.parent.stat().st_mode & 0o077 == 0
    assert json.loads(connection.read_text())["transport"] == "ipc"
    assert server.stop(ending) == 0
    assert not kernel.is_running()
    assert not connection.parent.exists()
    address, hint = server.log.read_text().splitlines()
    assert re.fullmatch(rf"procwidget is at http://127\.0\.0\.1:{server.port}/\?token=[0-9a-f]{{48}}", address)
    assert hint == "Ctrl-C ends it."


@pytest.fixture(scope="module")
def nohup(tmp_path_factory):
    """A server that outlives its terminal, with a token of all that may have to be written otherwise in an address."""
    server = start_procwidget(tmp_path_factory.mktemp("s"), under=("nohup",), token="a+b&c=d#e %41/?")
    yield server
    server.stop()


def test_nohup_keeps_its_word(nohup):
    """What was started to outlive its terminal does: a signal that was to be ignored is."""
    server = nohup
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    ignored = int(re.search(r"SigIgn:\s*(\w+)", status)[1], 16)
    assert ignored >> (signal.SIGHUP - 1) & 1
    server.process.send_signal(signal.SIGHUP)
    assert server.ask("/").status == 403


@pytest.mark.parametrize("after", [pytest.param(0.9, marks=NIGHTLY), 1.4, pytest.param(2.0, marks=NIGHTLY)])
def test_stop_while_starting_leaves_nothing(start, after):
    """Ctrl-C a second after the command, the kernel half started: it ends too."""
    server = start(wait=False)
    time.sleep(after)
    started = psutil.Process(server.process.pid).children(recursive=True)
    server.stop(signal.SIGTERM)
    until(lambda: not [child for child in started if child.is_running()])
    assert "Traceback" not in server.log.read_text()


def test_printed_address_opens_the_page(nohup):
    """Whatever the token is made of, the address can be copied as it stands."""
    server = nohup
    _, _, query = re.search(r"http://\S+", server.log.read_text())[0].partition("/?")
    assert server.ask("/", query=f"?{query}").status == 200


def test_kernel_gets_no_token(served):
    """The dashboard's process has no use for the token, and its environment is inherited by whatever it starts."""
    [kernel] = served.kernels()
    environment = kernel.environ()
    assert TOKEN not in " ".join(environment.values())
    served_as = {
        "allow_kill": True,
        "own_processes": False,
        "interval": 2.0,
        "priority": True,
        "webhook": None,
        "replay": None,
        "dask": None,
    }
    told = json.loads(environment["PROCWIDGET_SERVED"])
    del told["view"]
    assert told == served_as
