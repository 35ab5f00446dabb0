"""Where options come from: a file, the environment, the command line, in this order of weight; a mistake says where."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from procwidget.errors import InvalidArgument
from procwidget.server.options import SERVED
from procwidget.server.settings import SETTINGS, collect, help_all
from procwidget.thresholds import Thresholds
from procwidget.views import arguments

FILE = """
interval = 5
theme = "dark"
sort_by = "mem"
columns = ["name", "cpu"]
allow-host = ["Monitor.Example"]
own_processes = true
[thresholds]
cpu = [60, 80]
memory = 90
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with settings, which is where it is found by itself too."""
    path = tmp_path / "procwidget.toml"
    path.write_text(FILE)
    return path


def test_each_source_counts_more_than_the_one_before(file: Path) -> None:
    """The file sets five things, the environment changes two of them, the command line one of these again."""
    environment = {"PROCWIDGET_INTERVAL": "3", "PROCWIDGET_THEME": "light", "PROCWIDGET_FILTER": "cpu>50"}
    options = collect({"interval": "1.5"}, environment, str(file))
    assert (options.interval, options.theme, options.filter) == (1.5, "light", "cpu>50")
    assert (options.sort_by, options.columns) == ("memory", ("name", "cpu"))
    assert (options.allow_hosts, options.own_processes) == (("monitor.example",), True)
    assert Thresholds.of(options.thresholds) == Thresholds(cpu=(60, 80), memory=(70, 90))


def test_the_file_is_found_by_itself_or_where_the_environment_says(file: Path, tmp_path: Path) -> None:
    """In the user's configuration directory; an explicit one instead of that; none is no mistake."""
    assert collect({}, {"XDG_CONFIG_HOME": str(tmp_path)}).interval == 5
    assert collect({}, {"HOME": "/", "XDG_CONFIG_HOME": "/nowhere"}).interval == 2
    assert collect({}, {"PROCWIDGET_CONFIG": str(file), "XDG_CONFIG_HOME": "/nowhere"}).interval == 5


def test_every_setting_is_read_from_the_environment() -> None:
    """Whatever its kind: numbers, words for yes and no, lists, thresholds."""
    given = {
        "PROCWIDGET_PORT": "9000",
        "PROCWIDGET_ALLOW_KILL": "no",
        "PROCWIDGET_OPEN_BROWSER": "0",
        "PROCWIDGET_COLUMNS": "pid, name",
        "PROCWIDGET_ALLOW_HOST": "a.example,b.example",
        "PROCWIDGET_THRESHOLDS": "cpu=80, swap=10/20",
        "PROCWIDGET_TOP": "30",
        "PROCWIDGET_UNITS": "MB",
        "PROCWIDGET_AUDIT": "/no/setting",
        "PROCWIDGET_OF_OTHERS": "none of ours",
    }
    options = collect({}, given | {"XDG_CONFIG_HOME": "/nowhere"})
    assert (options.port, options.kills, options.open_browser, options.top) == (9000, False, False, 30)
    assert (options.columns, options.allow_hosts) == (("pid", "name"), ("a.example", "b.example"))
    assert Thresholds.of(options.thresholds) == Thresholds(cpu=(60, 80), swap=(10, 20))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("intervall = 2", "there is no setting 'intervall' (did you mean 'interval'?); there are port, ip,"),
        ("sort = 'cpu'", "there is no setting 'sort' (did you mean 'sort_by'?)"),
        ("interval = 'often'", "The interval must be a number from 0.5 to 60, not 'often'."),
        ("columns = 'pid'", "columns must be a list of texts such as"),
        ("columns = ['pidd']", "There is no column 'pidd' (did you mean 'pid'?)"),
        ("allow_kill = 'no'", "allow_kill must be true or false, not 'no'."),
        ("theme = 5", "theme must be a text in quotes, not 5."),
        ("theme = 'drak'", "The theme must be auto, light or dark, not 'drak' (did you mean 'dark'?)."),
        ("interval = ", "is not TOML: "),
        ("[thresholds]\ncpu = [90, 60]", "The threshold cpu has its warning 90 above its critical 60."),
        ("[thresholds]\ncpus = 5", "There is no threshold 'cpus' (did you mean 'cpu'?)"),
        ("thresholds = 5", "thresholds must be Thresholds or a dict"),
    ],
)
def test_a_mistake_in_the_file_is_one_sentence_that_names_the_file(tmp_path: Path, text: str, says: str) -> None:
    """And says what would be right."""
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(InvalidArgument) as caught:
        collect({}, {}, str(path))
    assert str(caught.value).startswith(str(path))
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("PROCWIDGET_INTERVALL", "2", "There is no variable PROCWIDGET_INTERVALL; did you mean PROCWIDGET_INTERVAL?"),
        ("PROCWIDGET_ALLOW_KILL", "maybe", "PROCWIDGET_ALLOW_KILL: allow_kill must be one of 1, true, yes,"),
        ("PROCWIDGET_THRESHOLDS", "cpu", "PROCWIDGET_THRESHOLDS: Thresholds are written as in"),
        ("PROCWIDGET_PORT", "web", "In the environment: The port must be a whole number"),
    ],
)
def test_a_mistake_in_the_environment_names_the_variable(name: str, value: str, says: str) -> None:
    """Where it is a near miss of one; others may have variables of that prefix."""
    with pytest.raises(InvalidArgument) as caught:
        collect({}, {name: value, "XDG_CONFIG_HOME": "/nowhere"})
    assert str(caught.value).startswith(says)


def test_a_token_in_a_file_that_others_read_is_refused(tmp_path: Path) -> None:
    """It would be none any more."""
    path = tmp_path / "mine.toml"
    path.write_text("token = 'secret'")
    path.chmod(0o644)
    with pytest.raises(InvalidArgument, match=r"has a token in it, and others can read it: chmod 600 it first\.$"):
        collect({}, {}, str(path))
    path.chmod(0o600)
    assert collect({}, {}, str(path)).token == "secret"


def test_the_dashboard_shows_what_its_server_was_told(file: Path) -> None:
    """What goes to the kernel is what the dashboard takes, and it takes all of it."""
    options = collect({"units": "MB", "network": "bits", "temperature": "F", "top": "9"}, {}, str(file))
    told = json.loads(options.kernel_environment({})[SERVED])
    given = arguments.check(None, 15, None, None, "cpu", None, "", None, None, False, None, None, (), told)
    assert (given.interval, given.rows, given.sort) == (5.0, 9, (("memory", True),))
    assert (given.columns, given.thresholds) == (["name", "cpu"], Thresholds(cpu=(60, 80), memory=(70, 90)))
    assert told["view"]["units"] == {"decimal": True, "bits": True, "fahrenheit": True}
    told = json.loads(collect({"preset": "disk"}, {"PROCWIDGET_PANELS": "cpu, disks"}).kernel_environment({})[SERVED])
    given = arguments.check(None, 15, None, None, None, None, "", None, None, False, None, None, (), told)
    assert (given.preset, given.panels, given.sort) == ("disk", ["cpu", "disks"], (("written", True), ("read", True)))


def test_the_whole_help_has_every_setting() -> None:
    """With its option; how its other two names are made is said above."""
    text = help_all()
    assert [setting.option for setting in SETTINGS if setting.option not in text] == []
    assert max(map(len, text.splitlines())) <= 110
