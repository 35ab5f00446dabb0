"""What a control group uses of its memory, in a real one: pages of files that can be dropped are not used, tmpfs is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from procwidget.sources.cgroup import Group, groups
from tests.patience import PATIENCE
from tests.unit.source_stage import MIB

READ = """
import json, os, sys
from procwidget.sources.linux.source import LinuxSource
sys.stdin.readline()
source = LinuxSource()
def used():
    return source.read()["limits"]["memory_used"]
found = [used()]
with open(sys.argv[1], "wb", buffering=0) as file:
    for _ in range(100):
        file.write(bytes(1 << 20))
    os.fsync(file.fileno())
for _ in range(4):
    with open(sys.argv[1], "rb") as file:
        while file.read(1 << 20):
            pass
found.append(used())
shared = os.memfd_create("shared")
for _ in range(50):
    os.write(shared, bytes(1 << 20))
found.append(used())
print(json.dumps(found))
"""


@pytest.fixture
def limited() -> Iterator[Group]:
    """A group of this kernel that may use 300 MiB."""
    own, mounts = Path("/proc/self/cgroup").read_bytes(), Path("/proc/self/mountinfo").read_bytes()
    bases = groups("memory", own, mounts)[-1:]
    if not bases:
        pytest.skip("no control group can be made here: no tree of them is mounted")
    folder = Path(bases[0].directory) / f"procwidget-test-{os.getpid()}"
    try:
        folder.mkdir()
        name = "memory.limit_in_bytes" if bases[0].version == 1 else "memory.max"
        (folder / name).write_text(str(300 * MIB))
        yield Group(folder.name, str(folder), bases[0].version)
    except OSError as error:
        pytest.skip(f"no control group with a memory limit can be made here: {error}")
    finally:
        with suppress(OSError):
            folder.rmdir()


def test_pages_of_files_are_not_used_and_those_of_tmpfs_are(limited: Group, tmp_path: Path) -> None:
    """100 MiB of a file that was read again and again leave the group as it was; 50 MiB of shared memory do not."""
    command = [sys.executable, "-c", READ, str(tmp_path / "large")]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        Path(limited.directory, "cgroup.procs").write_text(str(child.pid))
        first, after_file, after_shared = json.loads(child.communicate("go\n", timeout=PATIENCE)[0])
    finally:
        child.kill()
        child.wait()
    assert after_file - first < 30 * MIB
    assert 40 * MIB < after_shared - after_file < 80 * MIB
