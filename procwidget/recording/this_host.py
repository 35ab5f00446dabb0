"""Finds the recording of this host: the one that a server of Jupyter or of the page writes, or the usual folder's.

Kernels use it to go back beyond their own history. Any thread may call; it reads a disk, and may block.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from procwidget.errors import ProcwidgetError
from procwidget.identity import boot_id
from procwidget.recording.day import Day
from procwidget.recording.folder import default_folder, files_in, host_name

RECORDING = "PROCWIDGET_RECORDING"
"""The environment variable in which a server that records tells its kernels the folder."""


def of_this_host() -> Path | None:
    """Return the folder with a recording of this host that has readings since it booted; `None` where there is none.

    Open it with `Recording(folder)`. It may also have readings from before: their `boot_id` is another.
    """
    told = os.environ.get(RECORDING)
    folders = [*([Path(told)] if told else []), default_folder()]
    return next((folder for folder in folders if _has_this_boot(folder)), None)


def _has_this_boot(folder: Path) -> bool:
    files = [file for file in files_in(folder) if file.name.startswith(f"{host_name()}-")]
    here = boot_id()
    for file in reversed(files):
        # One that was begun and has nothing in it yet says nothing; nor does one that cannot be read.
        with suppress(ProcwidgetError):
            day = Day(file)
            try:
                found = day.boot_id()
            finally:
                day.close()
            if found is not None:
                return here is None or found == here
    return False
