"""Where the page's options come from: the command line, before the environment, before a file, before what is usual.

Each is declared once, in `SETTINGS`: its name in the file ("sort_by"), of which the variable (PROCWIDGET_SORT_BY) and
the option (--sort-by) are made. What is wrong is one sentence that says where it stands and what would be right. The
values themselves are checked by `Options`. Main thread.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

from procwidget.errors import InvalidArgument
from procwidget.nearest import did_you_mean, nearest
from procwidget.server.options import Options

FILE_NAME = "procwidget.toml"
_PREFIX = "PROCWIDGET_"
_NO_SETTINGS = (
    "PROCWIDGET_AUDIT",
    "PROCWIDGET_SERVED",
    "PROCWIDGET_CONFIG",
    "PROCWIDGET_BROWSER",
    "PROCWIDGET_RECORDING",
)
_WORDS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}

Kind = Literal["text", "whole", "number", "switch", "list", "thresholds", "folder"]


class Setting(NamedTuple):
    """One option of the page.

    `name` is its name in the file, `field` that in `Options` where it is another. `on` and `off` are the options of the
    command line for a switch; others have `--name` with a `value`.
    """

    name: str
    kind: Kind
    value: str
    help: str
    field: str = ""
    on: str = ""
    off: str = ""

    @property
    def variable(self) -> str:
        """Its environment variable."""
        return _PREFIX + self.name.upper()

    @property
    def option(self) -> str:
        """Its option of the command line, of a switch the first of them."""
        return (self.on or self.off) if self.kind == "switch" else f"--{self.name.replace('_', '-')}"


SETTINGS = (
    Setting("port", "whole", "PORT", "port to listen on (8866, or a free one if that is taken)"),
    Setting("ip", "text", "ADDRESS", "address to listen on (127.0.0.1: only this machine)"),
    Setting("token", "text", "TOKEN", "what visitors must bring (a new one each time)"),
    Setting("view_token", "text", "TOKEN", "what visitors bring who may only look"),
    Setting(
        "allow_kill",
        "switch",
        "",
        "let visitors end processes (on this machine alone)",
        "",
        "--allow-kill",
        "--no-kill",
    ),
    Setting("own_processes", "switch", "", "show only processes of the user who runs this", "", "--own-processes"),
    Setting("dask", "text", "ADDRESS", "show all hosts of a Dask cluster, such as tcp://10.0.0.1:8786, not this one"),
    Setting("interval", "number", "SECONDS", "from reading to reading, 0.5 to 60 (2)"),
    Setting("theme", "text", "THEME", "auto, light or dark; auto is as the visitor's system (auto)"),
    Setting("top", "whole", "ROWS", "rows in sight, 3 to 100 (15)"),
    Setting("sort_by", "text", "COLUMN", "sort the table by this at first, such as memory (cpu)"),
    Setting("columns", "list", "NAMES", "columns at first, such as pid,name,cpu,memory"),
    Setting("preset", "text", "VIEW", "a ready-made view at first: cpu, memory, disk, gpu or notebook"),
    Setting("panels", "list", "NAMES", "panels that are open at first, such as cpu,disks"),
    Setting("filter", "text", "SEARCH", "what is in the search box at first, such as 'cpu>50'"),
    Setting("thresholds", "thresholds", "PAIRS", "warning and critical, such as cpu=60/80,memory=90"),
    Setting("units", "text", "UNIT", "MiB (1,024 times 1,024 bytes) or MB (a million)"),
    Setting("network", "text", "UNIT", "bytes or bits a second (bytes)"),
    Setting("temperature", "text", "UNIT", "C or F (C)"),
    Setting("base_url", "text", "PATH", "path under which a reverse proxy serves this (/)"),
    Setting("allow_host", "list", "NAME", "host name that visitors use; may be given several times", "allow_hosts"),
    Setting("unix_socket", "text", "PATH", "listen there, and at no port; for this user's proxy"),
    Setting(
        "allow_frame",
        "list",
        "ORIGIN",
        "whose pages may frame this, such as https://example.org; several times too",
        "allow_frames",
    ),
    Setting("certfile", "text", "FILE", "serve with TLS: the certificate and those that vouch for it, as PEM"),
    Setting("keyfile", "text", "FILE", "its private key, as PEM"),
    Setting("idle", "number", "SECONDS", "end the kernel after so long without visitors (600)"),
    Setting("webhook", "text", "URL", "post each alert as JSON there"),
    Setting("record", "folder", "[FOLDER]", "keep every reading on disk, whether anybody looks or not"),
    Setting("keep", "text", "AGE", "delete recorded days after so long, such as 36h (7d)"),
    Setting("max_size", "text", "SIZE", "and the oldest where all are larger, such as 500M (1G)"),
    Setting("open_browser", "switch", "", "print the address, open nothing", "", "", "--no-browser"),
    Setting("quiet", "switch", "", "print no address: it has the token", "", "--quiet"),
    Setting("priority", "switch", "", "run like any other program, not before them (as root)", "", "", "--no-priority"),
)

_BY_NAME = {setting.name: setting for setting in SETTINGS}
_BY_VARIABLE = {setting.variable: setting for setting in SETTINGS}
_ALSO = {
    "sort": "sort_by",
    "kill": "allow_kill",
    "host": "allow_host",
    "browser": "open_browser",
    "refresh": "interval",
}


def collect(given: Mapping[str, Any], environment: Mapping[str, str], config: str | None = None) -> Options:
    """Return the options that hold.

    Args:
        given: of the command line, by name; text where the option takes a value.
        environment: such as `os.environ`.
        config: the file; `None` is PROCWIDGET_CONFIG, or procwidget.toml in the user's configuration directory.

    Raises:
        InvalidArgument: something is wrong; the sentence begins with where it stands.
    """
    path = config or environment.get("PROCWIDGET_CONFIG") or _usual_file(environment)
    values: dict[str, Any] = {}
    if path:
        values |= _checked(_of_file(Path(path)), f"{path}: ")
    values |= _checked(_of_environment(environment), "In the environment: ")
    for name, value in given.items():
        setting = _BY_NAME[name]
        values[setting.field or name] = from_text(setting, value) if isinstance(value, str) else value
    try:
        return Options(**values)
    except InvalidArgument as error:
        # The options call themselves as Python does.
        name, _, rest = str(error).partition(" ")
        if name in given:
            raise InvalidArgument(f"{_BY_NAME[name].option} {rest}") from error
        raise


def _checked(values: dict[str, Any], where: str) -> dict[str, Any]:
    """Return `values` if they can be; a certificate and its key may stand in different places."""
    try:
        Options(**{name: value for name, value in values.items() if name not in ("certfile", "keyfile")})
    except InvalidArgument as error:
        raise InvalidArgument(f"{where}{error}") from error
    return values


def _usual_file(environment: Mapping[str, str]) -> str | None:
    directory = environment.get("XDG_CONFIG_HOME", "")
    # The XDG base directory specification says to ignore a relative path.
    if not os.path.isabs(directory):
        directory = os.path.expanduser("~/.config")
    path = os.path.join(directory, FILE_NAME)
    return path if os.path.exists(path) else None


def _of_file(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            found, others_read = tomllib.load(file), os.fstat(file.fileno()).st_mode & 0o077
    except OSError as error:
        raise InvalidArgument(f"{path} cannot be read: {error.strerror or error}.") from error
    except ValueError as error:
        raise InvalidArgument(f"{path} is not TOML: {error}.") from error
    if others_read and os.name == "posix" and not {"token", "view_token", "view-token"}.isdisjoint(found):
        raise InvalidArgument(f"{path} has a token in it, and others can read it: chmod 600 it first.")
    values: dict[str, Any] = {}
    for key, value in found.items():
        setting = _BY_NAME.get(key.replace("-", "_"))
        if setting is None:
            meant = did_you_mean(key, _BY_NAME, _ALSO)
            raise InvalidArgument(f"{path}: there is no setting {key!r}{meant}; there are {', '.join(_BY_NAME)}.")
        values[setting.field or setting.name] = _of_toml(setting, value, path)
    return values


def _of_toml(setting: Setting, value: Any, path: Path) -> Any:
    if setting.kind == "switch" and not isinstance(value, bool):
        raise InvalidArgument(f"{path}: {setting.name} must be true or false, not {value!r}.")
    if setting.kind == "text" and not isinstance(value, str):
        raise InvalidArgument(f"{path}: {setting.name} must be a text in quotes, not {value!r}.")
    if setting.kind == "list" and not (isinstance(value, list) and all(isinstance(one, str) for one in value)):
        raise InvalidArgument(f'{path}: {setting.name} must be a list of texts such as ["name", "cpu"], not {value!r}.')
    if setting.kind == "folder" and not isinstance(value, (bool, str)):
        raise InvalidArgument(f"{path}: {setting.name} must be true, false or a folder in quotes, not {value!r}.")
    if setting.kind == "list":
        return tuple(value)
    return value


def _of_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, text in environment.items():
        if not name.startswith(_PREFIX) or name in _NO_SETTINGS:
            continue
        setting = _BY_VARIABLE.get(name)
        if setting is not None:
            values[setting.field or setting.name] = from_text(setting, text, f"{name}: ")
        elif (meant := nearest(name.removeprefix(_PREFIX).lower(), _BY_NAME, _ALSO)) is not None:
            # Others may have variables of that prefix for purposes of their own: a near miss alone is a mistake.
            raise InvalidArgument(f"There is no variable {name}; did you mean {_BY_NAME[meant].variable}?")
    return values


def from_text(setting: Setting, text: str, where: str = "") -> Any:
    """Return the value that a text of the environment or the command line is.

    Text that is no number stays: the check of the option knows what would be right.

    Raises:
        InvalidArgument: it cannot be a value of this setting.
    """
    match setting.kind:
        case "whole" | "number":
            try:
                return int(text) if setting.kind == "whole" else float(text)
            except ValueError:
                return text
        case "switch":
            if text.lower() not in _WORDS:
                raise InvalidArgument(f"{where}{setting.name} must be one of {', '.join(_WORDS)}, not {text!r}.")
            return _WORDS[text.lower()]
        case "folder":
            return _WORDS.get(text.lower(), text)
        case "list":
            return tuple(part.strip() for part in text.split(",") if part.strip())
        case "thresholds":
            return _thresholds(text, where)
    return text


def _thresholds(text: str, where: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part in filter(None, map(str.strip, text.split(","))):
        name, equals, values = part.partition("=")
        try:
            numbers = [float(number) for number in values.split("/")]
        except ValueError:
            numbers = []
        if not equals or len(numbers) not in (1, 2):
            raise InvalidArgument(f"{where}Thresholds are written as in cpu=60/80,memory=90, not {part!r}.")
        found[name.strip()] = tuple(numbers) if len(numbers) == 2 else numbers[0]
    return found


def nearest_option(name: str, known: Iterable[str]) -> str | None:
    """Return the option of the command line that `name` was probably meant to be."""
    also = {word: _BY_NAME[meant].option.removeprefix("--") for word, meant in _ALSO.items()}
    meant = nearest(name.removeprefix("--"), [option.removeprefix("--") for option in known], also)
    return meant and f"--{meant}"


def help_all() -> str:
    """Return what `procwidget --help-all` prints: every setting, with its three names."""
    lines = [
        "Every setting, as an option of the command line. The same in the environment, where --sort-by is",
        f"PROCWIDGET_SORT_BY, and in ~/.config/{FILE_NAME} or a file given with --config, where it is sort_by:",
        "",
        "    interval = 1",
        '    columns = ["name", "cpu", "memory"]',
        "    [thresholds]",
        "    cpu = [60, 80]",
        "",
        "The command line counts most, then the environment, then the file.",
        "",
    ]
    for setting in SETTINGS:
        names = ", ".join(filter(None, [setting.on, setting.off])) or f"{setting.option} {setting.value}"
        lines.append(f"  {names:<25} {setting.help}")
    return "\n".join(lines) + "\n"
