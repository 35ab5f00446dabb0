"""How full filesystems are, and that one that never answers holds up nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from procwidget.sample import Filesystem
from procwidget.sources import blocking
from procwidget.sources.filesystems import EVERY, FilesystemReader, Mount, Usage, measure, parse_mounts
from tests.patience import until
from tests.unit.source_stage import LINUX

DISK = Mount("8:1", "/", "/dev/sda1", "ext4", False)
AWAY = Mount("0:50", "/data", "server:/data", "nfs4", False)
HERE = Mount("0:51", "/home", "server:/home", "nfs4", False)

# In a mount namespace of its own: /dev/shm has room for a mebibyte and 20 files.
STAGE = """
import json, subprocess, sys, time
from procwidget.sources import filesystems
from procwidget.sources.linux.source import LinuxSource
from procwidget.sources.portable.source import PortableSource
def mount(*words): subprocess.run(["mount", *words], check=True)
filesystems.EVERY = 0.0
mount("-t", "tmpfs", "-o", "size=1m,nr_inodes=20", "tmpfs", "/dev/shm")
for number in range(9):
    open(f"/dev/shm/{number}", "wb").write(bytes(100 << 10))
source = {"linux": LinuxSource, "portable": PortableSource}[sys.argv[1]]()
def shared(read_only):
    while True:
        for one in source.read()["filesystems"] or []:
            if one["mount"] == "/dev/shm" and one["read_only"] == read_only:
                return one
        time.sleep(0.05)
found = [shared(False)]
mount("-o", "remount,ro", "/dev/shm")
found.append(shared(True))
source.close()
print(json.dumps(found))
"""


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def named(found: list[Filesystem] | None) -> dict[str, tuple[object, ...]]:
    return {one["mount"]: (one["used"], one["stuck"]) for one in found or []}


@pytest.mark.skipif(not LINUX, reason="this mounts a tmpfs as Linux does")
@pytest.mark.parametrize("source", ["linux", "portable"])
def test_a_filesystem_that_is_full_or_read_only_is_told(source: str):
    """For real: 900 of 1,024 KiB, 10 of 20 inodes, and then it is mounted anew to be read only."""
    apart = ["unshare", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"]), "--mount"]
    answer = subprocess.run([*apart, sys.executable, "-c", STAGE, source], capture_output=True, text=True)
    if "unshare" in answer.stderr:
        pytest.skip(f"no mount namespace can be had here: {answer.stderr.strip()}")
    assert answer.returncode == 0, answer.stderr
    first, then = json.loads(answer.stdout)
    assert (first["type"], first["total"], first["used"]) == ("tmpfs", 1 << 20, 900 << 10)
    assert first["usage"] == pytest.approx(100 * 900 / 1024)
    assert (first["inodes"], first["inodes_used"], first["inodes_usage"]) == (20, 10, 50)
    assert then == {**first, "read_only": True}


def test_one_that_never_answers_holds_up_nothing(monkeypatch: pytest.MonkeyPatch):
    """It is stuck and its figures are unknown; the disk goes on to be asked, and so are others of its kind."""
    monkeypatch.setattr(blocking, "STUCK_AFTER", 0.05)
    clock, back, asked = Clock(), threading.Event(), list[str]()

    def answer(point: str) -> Usage | None:
        asked.append(point)
        if point == AWAY.point:
            back.wait()
        return Usage(1000, 10 * len(asked), 500, None, None)

    reader = FilesystemReader(lambda: [AWAY, DISK, HERE], answer, clock)
    found = until(lambda: named(found) if len(found := reader.read() or []) == 3 else None, every=0.02)
    assert found["/data"] == (None, True)
    assert not found["/"][1] and not found["/home"][1]
    clock.now += EVERY
    for place in ("/", "/home"):
        assert until(lambda place=place: named(reader.read())[place] > found[place], every=0.02)
    assert named(reader.read())["/data"] == (None, True)
    assert asked.count("/data") == 1
    back.set()
    assert until(lambda: not named(reader.read())["/data"][1], every=0.02)
    reader.close()


def test_they_are_asked_once_in_a_while(monkeypatch: pytest.MonkeyPatch):
    """What a tick does in between is to hand out the same list."""
    clock, lists = Clock(), list[int]()

    def mounts() -> list[Mount]:
        lists.append(1)
        return [DISK]

    reader = FilesystemReader(mounts, lambda point: Usage(1000, 400, 100, 10, 5), clock)
    first = until(reader.read, every=0.02)
    assert first == [
        {
            **{"mount": "/", "device": "/dev/sda1", "type": "ext4", "total": 1000, "used": 400, "available": 100},
            **{"usage": 80, "inodes": 10, "inodes_used": 5, "inodes_usage": 50, "read_only": False, "stuck": False},
        }
    ]
    for _ in range(10):
        clock.now += EVERY / 20
        assert reader.read() is first
    assert len(lists) == 1
    clock.now += EVERY
    reader.read()
    assert len(lists) == 2
    reader.close()


@pytest.mark.parametrize(
    ("lines", "points"),
    [
        ("8:1 / / rw - ext4 /dev/sda1 rw|8:2 / /home rw - xfs /dev/sda2 rw", "/ /home"),
        ("0:5 / /proc rw - proc proc rw|0:6 / /sys rw - sysfs sysfs rw|0:7 / /run rw - tmpfs tmpfs rw", ""),
        ("0:8 / /dev/shm rw - tmpfs shm rw|0:9 / /tmp rw - tmpfs tmpfs rw", "/dev/shm /tmp"),
        ("7:1 / /snap/core/1 ro - squashfs /dev/loop1 ro|11:0 / /media/cd ro - iso9660 /dev/sr0 ro", ""),
        # A container: its layers, and files of the host's disk; the writable place is the one shown.
        ("0:40 / / rw - overlay overlay rw|8:1 /hosts /etc/hosts ro - ext4 /dev/sda1 rw"
         "|8:1 /vol /data/volume rw - ext4 /dev/sda1 rw", "/ /data/volume"),
        ("0:41 / /var/lib/docker/overlay2/ab/merged rw - overlay overlay rw", ""),
        (r"0:42 / /mnt/my\040disk rw - nfs4 server:/a\040b rw|0:43 / /net rw - autofs auto rw", "/mnt/my disk"),
        ("0:44 / /tank rw - zfs tank rw|0:45 / /tank/a rw - zfs tank/a rw", "/tank /tank/a"),
        ("0:46 / /gvfs rw - fuse.gvfsd-fuse gvfsd rw|0:47 / /remote rw - fuse.sshfs host: rw", "/remote"),
        ("8:1 / /mnt rw - ext4 /dev/sda1 rw|8:2 / /mnt rw - ext4 /dev/sdb1 rw|nonsense|8:3 / - ext4", "/mnt"),
    ],
)  # fmt: skip
def test_what_can_become_full_is_listed_once(lines: str, points: str):
    """Not what stores nothing, what is always full, and what is mounted a second time."""
    raw = "".join(f"22 1 {line}\n".replace(" - ", " shared:1 - ") for line in lines.split("|"))
    mounts = parse_mounts(raw.encode())
    assert [mount.point for mount in mounts] == (points.split() if "my" not in points else [points])
    assert not any(mount.read_only for mount in mounts)


@pytest.mark.parametrize("options", ["ro - ext4 /dev/sda1 rw", "rw - ext4 /dev/sda1 ro"])
def test_read_only_is_the_mount_or_the_whole_filesystem(options: str):
    """The kernel makes a disk with errors read-only as a whole."""
    assert [mount.read_only for mount in parse_mounts(f"22 1 8:1 / / {options}\n".encode())] == [True]


def test_a_place_that_cannot_be_asked_is_left_out(tmp_path: Path):
    """A file, and nothing at all, are no filesystem of their own."""
    (tmp_path / "file").touch()
    assert measure(str(tmp_path / "file")) is None and measure(str(tmp_path / "none")) is None
    assert measure(str(tmp_path)) is not None
