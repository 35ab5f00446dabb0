"""The commands `procwidget record` and `procwidget export`. Run on the main thread."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from procwidget.errors import InvalidArgument, SourceUnavailable
from procwidget.export import write_csv
from procwidget.fields import FIELDS
from procwidget.monitor import Monitor
from procwidget.recording.recorder import Recorder
from procwidget.recording.recording import Recording
from procwidget.server.settings import collect
from procwidget.sources.own_processes import OwnProcessesSource


def add_commands(commands: Any) -> None:
    """Add the commands to those of the command line (what `add_subparsers` returned)."""
    record = commands.add_parser("record", allow_abbrev=False)
    record.add_argument("folder", nargs="?")
    # What is not given stays away: it may stand before the command, in the environment or in the settings' file.
    for name in ("--keep", "--max-size", "--interval"):
        record.add_argument(name, default=argparse.SUPPRESS)
    record.add_argument("--fields", default="")
    export = commands.add_parser("export", allow_abbrev=False)
    export.add_argument("path", nargs="?")
    kind = export.add_mutually_exclusive_group()
    kind.add_argument("--csv", action="store_true")
    kind.add_argument("--json", action="store_true")
    export.add_argument("--since", dest="begin")
    export.add_argument("--until", dest="end")


def record(given: dict[str, Any], environment: Mapping[str, str]) -> int:
    """Record until a signal comes, with the options of the command line; return the exit code.

    Raises:
        ProcwidgetError: the sentence says why it cannot.
    """
    folder, fields = given.pop("folder"), given.pop("fields")
    # The page's readings are for eyes; a recording's may be further apart.
    interval = given.pop("interval", None)
    options = collect(given, environment, given.pop("config"))
    source = OwnProcessesSource() if options.own_processes else None
    seconds: Any = options.interval if interval is None else number_of(interval)
    monitor = Monitor(source, seconds)
    wanted = [key.strip() for key in fields.split(",") if key.strip()]
    known = [field.key for field in FIELDS if field.on_demand]
    for key in wanted:
        if key not in known:
            raise InvalidArgument(f"There is no field {key!r} to record; there are {', '.join(known)}.")
    recorder = Recorder(
        monitor,
        folder or (options.record if isinstance(options.record, str) else None),
        keep=options.keep,
        max_size=options.max_size,
    )
    monitor.want(recorder, wanted)
    ended = threading.Event()
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: ended.set())
    print(f"procwidget records into {recorder.folder} every {monitor.interval:g} s; end it with Ctrl+C.", flush=True)
    with suppress(KeyboardInterrupt):
        ended.wait()
    recorder.close()
    monitor.stop()
    print(f"{recorder.written:,} readings are in {recorder.folder}.", flush=True)
    if not recorder.written and recorder.lost:
        raise SourceUnavailable(recorder.problem or "Nothing could be recorded.")
    return 0


def number_of(text: str) -> float | str:
    """Return the number that an option has; text that is none stays, for the check that knows what would be right."""
    try:
        return float(text)
    except ValueError:
        return text


def readable(path: str | None) -> str:
    """Return the whole path of a recording, `None` being the usual one, once it was seen to have readings.

    Raises:
        InvalidArgument: there is none, or nothing in it.
        SourceUnavailable: it cannot be read.
    """
    with Recording(path) as recording:
        if not len(recording):
            raise InvalidArgument(f"The recording {recording.path} has no reading yet.")
        return str(recording.path.resolve())


def export(given: dict[str, Any]) -> int:
    """Print a recording, with the options of the command line; return the exit code.

    Raises:
        ProcwidgetError: the sentence says why it cannot.
    """
    with Recording(given["path"]) as recording:
        samples = recording.during(given["begin"], given["end"])
        if given["json"]:
            for sample in samples:
                print(json.dumps(sample, allow_nan=False))
        else:
            write_csv(samples, sys.stdout, "processes")
        sys.stdout.flush()
    return 0
