"""The commands `procwidget record` and `procwidget export`. Run on the main thread."""

from __future__ import annotations

import argparse
import csv
import json
import re
import signal
import sys
import time
from collections.abc import Iterator
from typing import Any

from procwidget.errors import InvalidArgument, SourceUnavailable
from procwidget.fields import FIELDS
from procwidget.moments import moment_of
from procwidget.monitor import Monitor
from procwidget.recording.recorder import KEEP, MAX_BYTES, Recorder
from procwidget.recording.recording import Recording

_SECONDS = {"m": 60.0, "h": 3600.0, "d": 86400.0, "w": 7 * 86400.0}
_BYTES = {"": 1.0, "k": 2.0**10, "m": 2.0**20, "g": 2.0**30, "t": 2.0**40}


def seconds_of(text: str) -> float:
    """Return the seconds of an age such as "7d", "12h" or "90m".

    Raises:
        InvalidArgument: it is none.
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([mhdw])", text.strip().lower())
    if not found:
        raise InvalidArgument(f"--keep takes an age such as 7d, 12h or 90m, not {text!r}.")
    return float(found[1]) * _SECONDS[found[2]]


def bytes_of(text: str) -> float:
    """Return the bytes of a size such as "1G" or "500M".

    Raises:
        InvalidArgument: it is none.
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?", text.strip().lower())
    if not found:
        raise InvalidArgument(f"--max-size takes a size such as 1G or 500M, not {text!r}.")
    return float(found[1]) * _BYTES[found[2]]


def add_commands(commands: Any) -> None:
    """Add the commands to those of the command line (what `add_subparsers` returned)."""
    record = commands.add_parser("record", allow_abbrev=False)
    record.add_argument("folder", nargs="?")
    record.add_argument("--keep", default=None)
    record.add_argument("--max-size", default=None)
    record.add_argument("--interval", default=2.0, type=float)
    record.add_argument("--fields", default="")
    export = commands.add_parser("export", allow_abbrev=False)
    export.add_argument("path", nargs="?")
    kind = export.add_mutually_exclusive_group()
    kind.add_argument("--csv", action="store_true")
    kind.add_argument("--json", action="store_true")
    export.add_argument("--since", dest="begin")
    export.add_argument("--until", dest="end")


def run(command: str, options: dict[str, Any]) -> int:
    """Run the command, "record" or "export", with its options; return its exit code.

    Raises:
        ProcwidgetError: the sentence says why it cannot.
    """
    given = argparse.Namespace(**options)
    return _record(given) if command == "record" else _export(given)


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


def _record(given: argparse.Namespace) -> int:
    monitor = Monitor(interval=given.interval)
    wanted = [key.strip() for key in given.fields.split(",") if key.strip()]
    known = [field.key for field in FIELDS if field.on_demand]
    for key in wanted:
        if key not in known:
            raise InvalidArgument(f"There is no field {key!r} to record; there are {', '.join(known)}.")
    recorder = Recorder(
        monitor,
        given.folder,
        keep=KEEP if given.keep is None else seconds_of(given.keep),
        max_bytes=MAX_BYTES if given.max_size is None else bytes_of(given.max_size),
    )
    monitor.want(recorder, wanted)
    stop: list[int] = []
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda number, _: stop.append(number))
    print(f"procwidget records into {recorder.folder} every {given.interval:g} s; end it with Ctrl+C.", flush=True)
    said: list[str] = []
    try:
        while not stop:
            time.sleep(0.5)
            notes = [*recorder.notes[:1], *([monitor.problem] if monitor.problem else [])]
            if notes and [note.split(":")[0] for note in notes] != said:
                said = [note.split(":")[0] for note in notes]
                print(f"procwidget: {' '.join(notes)}", file=sys.stderr, flush=True)
            elif not notes:
                said = []
    except KeyboardInterrupt:
        pass
    recorder.close()
    monitor.stop()
    print(f"{recorder.written:,} readings are in {recorder.folder}.", flush=True)
    if not recorder.written and recorder.lost:
        raise SourceUnavailable(recorder.problem or "Nothing could be recorded.")
    return 0


def _export(given: argparse.Namespace) -> int:
    with Recording(given.path) as recording:
        first, last = recording.times
        begin = first if given.begin is None else moment_of(given.begin, last)
        end = last if given.end is None else moment_of(given.end, last)
        samples = (sample for sample in recording if begin <= sample["time"] <= end)
        if given.json:
            for sample in samples:
                print(json.dumps(sample, allow_nan=False))
        else:
            writer = csv.writer(sys.stdout)
            keys = [field.key for field in FIELDS if field.stored and not field.on_demand]
            writer.writerow(["time", *keys])
            writer.writerows(_lines(samples, keys))
        sys.stdout.flush()
    return 0


def _lines(samples: Iterator[Any], keys: list[str]) -> Iterator[list[Any]]:
    for sample in samples:
        for row in sample["processes"]:
            yield [sample["time"], *[row[key] for key in keys]]
