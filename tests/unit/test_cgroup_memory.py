"""What a control group uses of its memory, in a real one: pages of files that can be dropped are not used, tmpfs is."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.patience import PATIENCE
from tests.unit.cgroup_stage import small_group
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


def test_pages_of_files_are_not_used_and_those_of_tmpfs_are(tmp_path: Path) -> None:
    """100 MiB of a file that was read again and again leave the group as it was; 50 MiB of shared memory do not."""
    with small_group(300) as group:
        command = [sys.executable, "-c", READ, str(tmp_path / "large")]
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            Path(group.directory, "cgroup.procs").write_text(str(child.pid))
            first, after_file, after_shared = json.loads(child.communicate("go\n", timeout=PATIENCE)[0])
        finally:
            child.kill()
            child.wait()
    assert after_file - first < 30 * MIB
    assert 40 * MIB < after_shared - after_file < 80 * MIB
