"""Ten troubles, started for real one after another, and the sentence that a newcomer would read of each.

Run as root on Linux: `python -m tests.benchmarks.staged_troubles [NAME …]`. What needs root or a command that is not
here is left out, and that is said. Each is looked at with `procwidget status`, and ended before the next; nothing is
left behind. It loads the machine for some minutes.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

LOOK = 14
"""Seconds for which each is looked at."""

_CPUS = os.cpu_count() or 1
_SPIN = "import hashlib, os\nwhile True: hashlib.pbkdf2_hmac('sha256', b'', b'', 10**5)"
_HOLD = """
import sys, time
held = bytearray(int(sys.argv[1]) << 20)
held[::4096] = b"x" * len(held[::4096])
time.sleep(600)
"""
_REREAD = """
import mmap, random, sys
with open(sys.argv[1], "r+b") as file:
    pages = mmap.mmap(file.fileno(), 0)
while True:
    pages[random.randrange(len(pages))]
"""
_WRITE = """
import os, sys
file = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_SYNC)
block = os.urandom(1 << 22)
while True:
    os.pwrite(file, block, 0)
"""
_ZOMBIES = "import os, time\nfor _ in range(40):\n    if os.fork() == 0: os._exit(0)\ntime.sleep(600)"
_BUILD = f"""
import subprocess, sys
running = []
while True:
    running = [job for job in running if job.poll() is None]
    while len(running) < {4 * _CPUS}:
        running.append(subprocess.Popen([sys.argv[1]]))
    running[0].wait()
"""
_COMPILE = "import time\nuntil = time.process_time() + 1.5\nwhile time.process_time() < until: sum(range(1000))"
_SERVE = "import socket\ns = socket.create_server(('10.9.0.2', 5000))\nc, _ = s.accept()\nwhile c.recv(1 << 20): pass"
_SEND = """
import socket
line, data = socket.create_connection(("10.9.0.2", 5000)), b"x" * (1 << 20)
while True:
    line.sendall(data)
"""


class CannotBeStaged(Exception):
    """What is missing here."""


class Stage:
    """What one trouble is made of, and how it is looked at.

    `around` is the command that `procwidget status` runs under, as one that enters a namespace.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.around: list[str] = []
        self.leaving = contextlib.ExitStack()

    def program(self, name: str, code: str) -> str:
        """Write a program that is called so, and return where."""
        path = self.folder / name
        path.write_text(f"#!{sys.executable} -SE\n{code}")
        path.chmod(0o755)
        return str(path)

    def start(self, *command: str, around: list[str] | None = None) -> subprocess.Popen[bytes]:
        """Start a process of the trouble; it, and all that it starts, ends with it."""
        process = subprocess.Popen([*(around or []), *command], start_new_session=True, stderr=subprocess.DEVNULL)
        self.leaving.callback(_end, process)
        return process

    def run(self, *command: str) -> None:
        """Run a command to its end."""
        if shutil.which(command[0]) is None:
            raise CannotBeStaged(f"there is no {command[0]}")
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise CannotBeStaged(f"{' '.join(command[:3])}: {done.stderr.strip()}")

    def group(self, mebibytes: int) -> Path:
        """Make a control group with so much memory."""
        root = Path("/sys/fs/cgroup")
        new = (root / "cgroup.controllers").exists()
        group = (root if new else root / "memory") / f"procwidget-staged-{os.getpid()}"
        limit = "memory.max" if new else "memory.limit_in_bytes"
        try:
            group.mkdir()
            (group / limit).write_text(str(mebibytes << 20))
        except OSError as error:
            raise CannotBeStaged(f"no control group of memory can be made: {error}") from error
        self.leaving.callback(_remove, group)
        return group


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _remove(group: Path) -> None:
    for _ in range(50):
        try:
            group.rmdir()
        except OSError:
            time.sleep(0.1)
        else:
            return


def _within(group: Path) -> list[str]:
    return ["sh", "-c", f'echo $$ > {group}/cgroup.procs && exec "$@"', "sh"]


def nothing(_stage: Stage) -> None:
    """Nothing is wrong."""


def cpu_hog(stage: Stage) -> None:
    """One program takes all CPUs, and more than there are want to run."""
    hog = stage.program("train.py", _SPIN)
    for _ in range(4 * _CPUS):
        stage.start(hog)


def one_busy_process(stage: Stage) -> None:
    """One process takes one core: no trouble."""
    stage.start(stage.program("train.py", _SPIN))


def build_storm(stage: Stage) -> None:
    """A build: many compilers, none of which lives for long."""
    stage.start(stage.program("make", _BUILD), stage.program("cc1plus", _COMPILE))


def memory_hog(stage: Stage) -> None:
    """A container whose memory is nearly full, looked at from within."""
    group = stage.group(300)
    inside = [*_within(group), "unshare", "--pid", "--fork", "--mount-proc"]
    hog = stage.program("load_data.py", _HOLD)
    script = f'{hog} 262 & hog=$!; sleep 1; "$@"; code=$?; kill $hog; exit $code'
    stage.around = [*inside, "sh", "-c", script, "sh"]


def thrashing(stage: Stage) -> None:
    """A process in a small control group reads its file again and again, for it does not fit; seen from outside."""
    group = stage.group(48)
    data = stage.folder / "data"
    with data.open("wb") as file:
        for _ in range(200):
            file.write(os.urandom(1 << 20))
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    query = stage.program("query.py", _REREAD)
    for _ in range(2 * _CPUS):
        stage.start(query, str(data), around=_within(group))


def disk_hog(stage: Stage) -> None:
    """A process writes, and all wait until it is on the disk."""
    writer = stage.program("backup.py", _WRITE)
    for number in range(4):
        stage.start(writer, str(stage.folder / f"written{number}"))


def full_filesystem(stage: Stage) -> None:
    """A filesystem of its own is full."""
    image, mount = stage.folder / "image", stage.folder / "data"
    mount.mkdir()
    with image.open("wb") as file:
        file.truncate(64 << 20)
    stage.run("mkfs.ext4", "-q", "-m", "0", str(image))
    stage.run("mount", "-o", "loop", str(image), str(mount))
    stage.leaving.callback(subprocess.run, ["umount", str(mount)], check=False)
    with contextlib.suppress(OSError), (mount / "log").open("wb") as file:
        while True:
            file.write(b"x" * (1 << 20))
            file.flush()


def network_hog(stage: Stage) -> None:
    """A process sends as fast as the line carries; looked at from its side of the line."""
    stage.run("unshare", "-n", "true")
    here, there = stage.start("unshare", "-n", "sleep", "600"), stage.start("unshare", "-n", "sleep", "600")
    time.sleep(0.5)
    enter, other = (["nsenter", "-t", str(one.pid), "-n"] for one in (here, there))
    stage.run(*enter, "ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", str(there.pid))
    for side, address in ((enter, "10.9.0.1/24"), (other, "10.9.0.2/24")):
        stage.run(*side, "ip", "addr", "add", address, "dev", "eth0")
        stage.run(*side, "ip", "link", "set", "eth0", "up")
    stage.start(stage.program("sink.py", _SERVE), around=other)
    time.sleep(1)
    stage.start(stage.program("upload.py", _SEND), around=enter)
    stage.around = enter


def steal(stage: Stage) -> None:
    """Other virtual machines on the same hardware take the CPUs: a /proc/stat that says so stands over the real one."""
    fake = stage.folder / "stat"
    fake.write_text(_stat(1))
    move = f"""
import os, time
from tests.benchmarks.staged_troubles import _stat
file, began = os.open({str(fake)!r}, os.O_WRONLY), time.monotonic() - 1
while True:
    os.pwrite(file, _stat(time.monotonic() - began).encode(), 0)
    time.sleep(0.2)
"""
    stage.run("unshare", "-m", "true")
    stage.start(sys.executable, "-c", move)
    stage.around = ["unshare", "-m", "sh", "-c", f'mount --bind {fake} /proc/stat && exec "$@"', "sh"]


def _stat(seconds: float) -> str:
    """Return a /proc/stat of which 94 % were stolen, and 1 % used."""
    ticks = int(seconds * 100)
    # Always as long: whoever reads it while it is written finds it whole.
    used, idle, stolen = (f"{ticks * percent // 100:012}" for percent in (1, 5, 94))
    times = f"{used} 0 0 {idle} 0 0 0 {stolen} 0 0"
    cpus = "".join(f"cpu{number} {times}\n" for number in range(_CPUS))
    whole = " ".join(f"{int(part) * _CPUS:0{len(part)}}" for part in times.split())
    return f"cpu  {whole}\n{cpus}intr 0\nctxt 1\nbtime 1700000000\nprocesses 1\nprocs_running 1\nprocs_blocked 0\n"


def zombie_farm(stage: Stage) -> None:
    """A parent does not wait for its children, which ended long since."""
    stage.start(stage.program("supervisord", _ZOMBIES))


TROUBLES: list[Callable[[Stage], None]] = [
    nothing,
    one_busy_process,
    cpu_hog,
    build_storm,
    memory_hog,
    thrashing,
    disk_hog,
    full_filesystem,
    network_hog,
    steal,
    zombie_farm,
]


@contextlib.contextmanager
def staged(trouble: Callable[[Stage], None]) -> Iterator[Stage]:
    """Have a trouble while the block runs.

    Raises:
        CannotBeStaged: something that it takes is missing here.
    """
    # On a disk, not in memory.
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        stage = Stage(Path(folder))
        with stage.leaving:
            trouble(stage)
            time.sleep(1)
            yield stage


def sentence_of(stage: Stage, seconds: float) -> dict[str, object]:
    """Return the state that `procwidget status` tells of it."""
    command = [sys.executable, "-m", "procwidget", "status", "--json", "--seconds", str(seconds)]
    done = subprocess.run([*stage.around, *command], capture_output=True, text=True, check=False)
    if not done.stdout.startswith("{"):
        raise CannotBeStaged(f"no state was told: {done.stderr.strip()}")
    state: dict[str, object] = json.loads(done.stdout)
    return state


def main() -> None:
    """Stage each trouble, and print its sentence."""
    by_name = {trouble.__name__: trouble for trouble in TROUBLES}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"only these of {', '.join(by_name)}")
    parser.add_argument("--seconds", type=float, default=LOOK, help=f"how long each is looked at ({LOOK})")
    options = parser.parse_args()
    for name in set(options.names) - by_name.keys():
        parser.error(f"there is no trouble {name!r}; there are {', '.join(by_name)}")
    for name in options.names or by_name:
        print(f"{name.replace('_', ' ')}: {by_name[name].__doc__}")
        try:
            with staged(by_name[name]) as stage:
                state = sentence_of(stage, options.seconds)
        except CannotBeStaged as why:
            print(f"  not staged: {why}\n")
            continue
        print(f"  {state['level']}: {state['text']}")
        print(
            f"  short of {state['short_of']}; causes {[cause['query'] or cause['name'] for cause in state['causes']]}\n"
        )  # type: ignore[attr-defined]
        sys.stdout.flush()


if __name__ == "__main__":
    main()
