"""What others build on: the public names, and what `Dashboard` says of itself to people and to tools."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

import procwidget
from procwidget import Dashboard, InvalidArgument, ProcwidgetError

NAMES = [
    "ActionRefused",
    "Dashboard",
    "Fleet",
    "InvalidArgument",
    "Monitor",
    "ProcwidgetError",
    "Recording",
    "SourceUnavailable",
    "Thresholds",
    "audit",
    "cells",
    "end",
    "snapshot",
    "status",
    "to_csv",
]

SHOWN = "interval, top, thresholds, allow_kill, sort_by, columns, filter, monitor, webhook, compact"
ARGUMENTS = f"{SHOWN}, interrupt_at, preset, panels, recording"


def test_public_names_are_these():
    """A name that goes breaks somebody's notebook; one that comes is a promise: either is decided here."""
    assert procwidget.__all__ == NAMES
    for name in NAMES:
        assert getattr(procwidget, name) is not None


def test_completion_offers_the_public_names_alone():
    """`procwidget.<TAB>` shows what there is to use, and not the modules and imports behind it."""
    assert dir(procwidget) == sorted([*NAMES, "__version__"])


def test_signature_tells_every_argument():
    """`Dashboard?` and completion show the arguments by name, not `*args, **kwargs`."""
    parameters = inspect.signature(Dashboard).parameters
    assert ", ".join(parameters) == ARGUMENTS
    assert not {one.kind for one in parameters.values()} & {
        inspect.Parameter.VAR_KEYWORD,
        inspect.Parameter.VAR_POSITIONAL,
    }


@pytest.mark.parametrize(
    ("given", "by_name", "sentence"),
    [
        ((), {"colum": ["pid"]}, f"Dashboard has no argument 'colum' (did you mean 'columns'?); it has {ARGUMENTS}."),
        ((), {"rows": 9}, f"Dashboard has no argument 'rows' (did you mean 'top'?); it has {ARGUMENTS}."),
        ((), {"refresh": 1}, f"Dashboard has no argument 'refresh' (did you mean 'interval'?); it has {ARGUMENTS}."),
        ((), {"kill": True}, f"Dashboard has no argument 'kill' (did you mean 'allow_kill'?); it has {ARGUMENTS}."),
        ((), {"zebra": 1}, f"Dashboard has no argument 'zebra'; it has {ARGUMENTS}."),
        ((2.0,), {"interval": 2.0}, f"Dashboard has multiple values for argument 'interval'; it has {ARGUMENTS}."),
        ((2, 15, None, None, "cpu", ["pid"]), {}, f"Dashboard has too many positional arguments; it has {ARGUMENTS}."),
    ],
)
def test_wrong_argument_gets_a_sentence(given, by_name, sentence):
    """One `except ProcwidgetError` catches it, and it says what would be right."""
    with pytest.raises(InvalidArgument) as caught:
        Dashboard(*given, **by_name)
    assert str(caught.value) == sentence
    assert isinstance(caught.value, ProcwidgetError)


def test_types_come_with_the_package():
    """Without this file type checkers take every name of the package for Any."""
    assert (Path(procwidget.__file__).parent / "py.typed").is_file()
