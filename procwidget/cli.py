"""The command `procwidget`: serves the page, or prints one sample as JSON. Runs on the main thread.

A user's mistake is one sentence on standard error and exit code 2, never a traceback.
"""

from __future__ import annotations

import argparse
import difflib
import importlib.util
import json
import os
import re
import sys
from collections.abc import Sequence
from typing import NoReturn

from procwidget import __version__, record_commands
from procwidget.errors import InvalidArgument, ProcwidgetError
from procwidget.monitor import snapshot
from procwidget.priority import raise_priority
from procwidget.server.options import Options
from procwidget.server.skipped_imports import leave_out

HELP = """\
Shows what uses CPU and memory on this machine, live, and ends it if you wish.

  procwidget                    open the dashboard in a browser, or print where
  procwidget --ip 0.0.0.0       let other hosts see it too, not end processes
  procwidget snapshot --top 10  print a sample as JSON; top_processes has 10
  procwidget record FOLDER      record every reading; --keep 7d --max-size 1G
                                --interval 2 --fields read_total,written_total
  procwidget export FOLDER      print a recording as CSV, or --json; --from 10:32
                                --to 10:40 for a part of it

  --port PORT         port to listen on (8866, or a free one if that is taken)
  --ip ADDRESS        address to listen on (127.0.0.1: only this machine)
  --no-browser        print the address, open nothing
  --token TOKEN       what visitors must bring (a new one; or PROCWIDGET_TOKEN)
  --allow-kill        let visitors end processes (default on this machine alone)
  --no-kill           let nobody end processes
  --own-processes     show only processes of the user who runs this
  --interval SECONDS  from reading to reading, 0.5 to 60 (2)
  --theme THEME       light or dark (light)
  --base-url PATH     path under which a reverse proxy serves this (/)
  --allow-host NAME   host name that visitors use; may be given several times
  --idle SECONDS      end the kernel after so long without visitors (600)
  --no-priority       run like any other program, not before them (as root)
  --version, --help
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise InvalidArgument(f"{message[:1].upper()}{message[1:].rstrip('.')}; see procwidget --help.")

    def format_help(self) -> str:
        return HELP


def _whole(text: str) -> int | str:
    """Return the number that an option has; text that is none stays, for the check that knows what would be right."""
    try:
        return int(text)
    except ValueError:
        return text


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _require_options(arguments: Sequence[str]) -> None:
    """Name an option that does not exist: argparse would first take its value for a command."""
    known = {"-h", *re.findall("--[a-z-]+", HELP)}
    for argument in arguments:
        name = argument.partition("=")[0]
        if re.match("--?[A-Za-z]", name) and name not in known:
            near = difflib.get_close_matches(name, known, 1) if name.startswith("--") else []
            meant = f"; did you mean {near[0]}?" if near else "."
            raise InvalidArgument(f"There is no option {name!r}{meant} See procwidget --help.")


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = _Parser(prog="procwidget", allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"procwidget {__version__}")
    parser.add_argument("--port", type=_whole)
    parser.add_argument("--ip", default="127.0.0.1")
    parser.add_argument("--no-browser", action="store_true")
    parser.add_argument("--token", default=os.environ.get("PROCWIDGET_TOKEN"))
    kill = parser.add_mutually_exclusive_group()
    kill.add_argument("--allow-kill", action="store_true")
    kill.add_argument("--no-kill", action="store_true")
    parser.add_argument("--own-processes", action="store_true")
    parser.add_argument("--interval", type=_number, default=2.0)
    parser.add_argument("--theme", default="light")
    parser.add_argument("--base-url", default="/")
    parser.add_argument("--allow-host", action="append", default=[])
    parser.add_argument("--idle", type=_number, default=600.0)
    parser.add_argument("--no-priority", action="store_true")
    commands = parser.add_subparsers(dest="command", parser_class=_Parser)
    one = commands.add_parser("snapshot", allow_abbrev=False)
    one.add_argument("--top", type=_whole, default=15)
    record_commands.add_commands(commands)
    return parser


def _print(sample: str) -> None:
    try:
        print(sample, flush=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        _discard_output()
        raise ProcwidgetError(f"The sample could not be written: {error.strerror}.") from error


def _discard_output() -> None:
    # What is left in the buffer, too: the interpreter would complain of it when it ends.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code: 0, 2 for a user's mistake, 1 if this host cannot be read or served."""
    try:
        arguments = sys.argv[1:] if arguments is None else arguments
        _require_options(arguments)
        given = build_parser().parse_args(arguments)
        if given.command == "snapshot":
            _print(json.dumps(snapshot(top=given.top), allow_nan=False))
            return 0
        if given.command in ("record", "export"):
            return record_commands.run(given)
        options = Options(
            port=given.port,
            ip=given.ip,
            token=given.token,
            base_url=given.base_url,
            allow_hosts=tuple(given.allow_host),
            allow_kill=True if given.allow_kill else False if given.no_kill else None,
            own_processes=given.own_processes,
            interval=given.interval,
            theme=given.theme,
            idle=given.idle,
            open_browser=not given.no_browser,
            priority=not given.no_priority,
        )
        if importlib.util.find_spec("voila") is None:
            raise ProcwidgetError("The page needs more than is installed here: pip install 'procwidget[page]'")
        # These take seconds to import: a mistake and a snapshot need not wait for them.
        from procwidget.server.listening import listen

        sockets = listen(options)
        # Before what takes longest on a slow machine, and after what may be a mistake.
        usual_nice = raise_priority() if options.priority else None
        leave_out()
        from procwidget.server.launcher import serve

        serve(options, sockets, usual_nice)
    except ProcwidgetError as error:
        print(f"procwidget: {error}", file=sys.stderr)
        return 2 if isinstance(error, InvalidArgument) else 1
    except BrokenPipeError:
        # Whoever read the sample, such as `head`, has seen enough.
        _discard_output()
    except KeyboardInterrupt:
        return 130
    return 0
