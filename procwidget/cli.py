"""The command `procwidget`: serves the page, prints one sample as JSON, or says what is wrong. Runs on the main thread.

A user's mistake is one sentence on standard error and exit code 2, never a traceback.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import NoReturn

from procwidget import __version__, record_commands
from procwidget.errors import InvalidArgument, ProcwidgetError
from procwidget.fields import HOST_ON_DEMAND
from procwidget.nearest import did_you_mean
from procwidget.priority import raise_priority
from procwidget.server.settings import SETTINGS, collect, help_all, nearest_option
from procwidget.server.skipped_imports import leave_out
from procwidget.snapshots import snapshot
from procwidget.state.check import status

HELP = """\
Shows what uses CPU and memory on this machine, live, and ends it if you wish.

  procwidget                    open the dashboard in a browser, or print where
  procwidget --ip 0.0.0.0       let other hosts see it too, not end processes
  procwidget --dask ADDRESS     all hosts of a Dask cluster: tcp://10.0.0.1:8786
  procwidget snapshot --top 10  print a sample as JSON; top_processes has 10
  procwidget status             say what is wrong; exit code 0, 1 or 2 by level
  procwidget record FOLDER      keep readings, --fields too; replay FOLDER shows
  procwidget export FOLDER      print them: --csv, --json, --since 9:30, --until

  --port PORT         port to listen on (8866, or a free one if that is taken)
  --ip ADDRESS        address to listen on (127.0.0.1: only this machine)
  --no-browser        print the address, open nothing
  --token TOKEN       what visitors must bring (a new one; or PROCWIDGET_TOKEN)
  --view-token TOKEN  what visitors bring who may only look
  --allow-kill        let visitors end processes (default on this machine alone)
  --no-kill           let nobody end processes
  --own-processes     show only processes of the user who runs this
  --interval SECONDS  from reading to reading, 0.5 to 60 (2)
  --allow-host NAME   host name that visitors use; may be given several times
  --config FILE       settings as TOML (~/.config/procwidget.toml, if there)
  --help-all          all settings: theme, columns, sort, thresholds, units, TLS
  --seconds, --json   of status: how long to look (10), all it found as JSON
  --version, --help
"""

# Those of check plugins of monitoring systems.
_STATUS_CODES = {"normal": 0, "warning": 1, "critical": 2}
_UNKNOWN = 3

_UNKNOWN_COMMAND = re.compile(r"argument command: invalid choice: '(.*?)' \(")


class _Parser(argparse.ArgumentParser):
    commands: Sequence[str] = ()

    def error(self, message: str) -> NoReturn:
        if unknown := _UNKNOWN_COMMAND.match(message):
            near = did_you_mean(unknown[1], self.commands)
            there = ", ".join(self.commands)
            raise InvalidArgument(
                f"There is no command {unknown[1]!r}{near}; there are {there}. See procwidget --help."
            )
        raise InvalidArgument(f"{message[:1].upper()}{message[1:].rstrip('.')}; see procwidget --help.")

    def format_help(self) -> str:
        return HELP


def _require_options(arguments: Sequence[str]) -> None:
    """Name an option that does not exist: argparse would first take its value for a command."""
    known = {"-h", *re.findall("--[a-z-]+", HELP + help_all())}
    for argument in arguments:
        name = argument.partition("=")[0]
        if re.match("--?[A-Za-z]", name) and name not in known:
            near = nearest_option(name, known) if name.startswith("--") else None
            meant = f"; did you mean {near}?" if near else "."
            raise InvalidArgument(f"There is no option {name!r}{meant} See procwidget --help.")


class _HelpAll(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        print(help_all(), end="")
        parser.exit()


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line; an option that is not given is not there."""
    parser = _Parser(prog="procwidget", allow_abbrev=False, argument_default=argparse.SUPPRESS)
    parser.add_argument("--version", action="version", version=f"procwidget {__version__}")
    parser.add_argument("--help-all", action=_HelpAll, nargs=0)
    parser.add_argument("--config", default=None)
    _add_settings(parser)
    commands = parser.add_subparsers(dest="command", parser_class=_Parser)
    one = commands.add_parser("snapshot", allow_abbrev=False)
    one.add_argument("--top", dest="snapshot_top", default="15")
    look = commands.add_parser("status", allow_abbrev=False)
    look.add_argument("--seconds", default="10")
    look.add_argument("--json", action="store_true")
    record_commands.add_commands(commands)
    # The page's options may come after it, too.
    replay = commands.add_parser("replay", allow_abbrev=False, argument_default=argparse.SUPPRESS)
    replay.add_argument("path", nargs="?", default=None)
    _add_settings(replay)
    parser.commands = [*commands.choices]
    return parser


def _add_settings(parser: argparse.ArgumentParser) -> None:
    for setting in SETTINGS:
        if setting.kind == "folder":
            parser.add_argument(setting.option, dest=setting.name, nargs="?", const=True)
            continue
        if setting.kind != "switch":
            action = "append" if setting.name in ("allow_host", "allow_frame") else "store"
            parser.add_argument(setting.option, dest=setting.name, action=action)
            continue
        either = parser.add_mutually_exclusive_group()
        for option, word in ((setting.on, "store_true"), (setting.off, "store_false")):
            if option:
                either.add_argument(option, dest=setting.name, action=word)


def _print(text: str, what: str) -> None:
    try:
        print(text, flush=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        _discard_output()
        raise ProcwidgetError(f"The {what} could not be written: {error.strerror}.") from error


def _discard_output() -> None:
    # What is left in the buffer, too: the interpreter would complain of it when it ends.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code: 0, 2 for a user's mistake, 1 if this host cannot be read or served.

    `status` ends with 0, 1 or 2 for normal, warning or critical, and with 3 where nothing can be said.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        _require_options(arguments)
        given = vars(build_parser().parse_args(arguments))
        command = given.pop("command", None)
        if command == "snapshot":
            top = given["snapshot_top"]
            found = snapshot(top=int(top) if top.isdecimal() else top, fields=HOST_ON_DEMAND)
            _print(json.dumps(found, allow_nan=False), "sample")
            return 0
        if command == "status":
            state = status(record_commands.number_of(given["seconds"]))  # type: ignore[arg-type]
            _print(json.dumps(state, allow_nan=False) if given["json"] else state["text"], "state")
            return _STATUS_CODES[state["level"]]
        if command == "record":
            return record_commands.record(given, os.environ)
        if command == "export":
            return record_commands.export(given)
        path = record_commands.readable(given.pop("path")) if command == "replay" else None
        options = replace(collect(given, os.environ, given.pop("config")), replay=path)
        if importlib.util.find_spec("voila") is None:
            raise ProcwidgetError("The page needs more than is installed here: pip install 'procwidget[page]'")
        if options.dask is not None and importlib.util.find_spec("distributed") is None:
            raise ProcwidgetError("The hosts of a cluster need Dask, which is missing: pip install 'procwidget[dask]'")
        if path is not None and not options.quiet:
            _print(f"procwidget opens the recording {path}; the page's address follows.", "address")
        # These take seconds to import: a mistake and a snapshot need not wait for them.
        from procwidget.server.listening import listen
        from procwidget.server.served_recording import recorded
        from procwidget.server.tls import tls_context

        tls_context(options)
        sockets = listen(options)
        # Before what takes longest on a slow machine, and after what may be a mistake.
        usual_nice = raise_priority() if options.priority else None
        with recorded(options):
            leave_out()
            from procwidget.server.page_server import serve

            serve(options, sockets, usual_nice)
    except ProcwidgetError as error:
        print(f"procwidget: {error}", file=sys.stderr)
        if "status" in arguments:
            return _UNKNOWN
        return 2 if isinstance(error, InvalidArgument) else 1
    except BrokenPipeError:
        # Whoever read the sample, such as `head`, has seen enough.
        _discard_output()
    except KeyboardInterrupt:
        return 130
    return 0
