"""Real control groups for tests, where this process may make some."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from procwidget.sources.cgroup import Group, groups
from tests.unit.source_stage import MIB


@contextmanager
def small_group(mebibytes: int) -> Iterator[Group]:
    """A group of this kernel that may use so much memory, and no swap."""
    own, mounts = Path("/proc/self/cgroup").read_bytes(), Path("/proc/self/mountinfo").read_bytes()
    bases = groups("memory", own, mounts)[-1:]
    if not bases:
        pytest.skip("no control group can be made here: no tree of them is mounted")
    folder = Path(bases[0].directory) / f"procwidget-test-{secrets.token_hex(4)}"
    names = ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes") if bases[0].version == 1 else ("memory.max",)
    try:
        folder.mkdir()
        for name in names:
            if (folder / name).exists() or name == names[0]:
                (folder / name).write_text(str(mebibytes * MIB))
        if (folder / "memory.swap.max").exists():
            (folder / "memory.swap.max").write_text("0")
    except OSError as error:
        pytest.skip(f"no control group with a memory limit can be made here: {error}")
    try:
        yield Group(folder.name, str(folder), bases[0].version)
    finally:
        with suppress(OSError):
            folder.rmdir()
