"""Makes docs/dashboard.png: the page of a small web server that is short of CPU, as root on Linux: `make picture`.

What it shows are real processes, in namespaces of their own (processes, mounts, host name), whose names, users and
load are made up; the browser is outside. It takes two minutes, for the page waits for one of pressure before it calls
that a shortage.
"""

from __future__ import annotations

import os
import pwd
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

SECONDS = 85
HERE = "/opt/procwidget"
PERL = """
use Time::HiRes qw(time sleep);
my ($name, $title, $busy, $size, $user) = @ARGV;
$0 = $title;
open(my $comm, ">", "/proc/self/comm"); print $comm $name; close($comm);
my $held = "x" x ($size << 20);
$> = $< = $user;
while (1) {
    my $until = time + $busy * 0.1;
    while (time < $until) {}
    sleep(0.1 * (1 - $busy) + 0.02);
}
"""
USERS = {"www-data": 33, "backup": 34, "mysql": 971, "redis": 972, "ana": 2001, "ben": 2002}
PROCESSES = [
    *[("php-fpm", "php-fpm: pool www", 0.8 + 0.01 * at, 24 + at % 4, "www-data") for at in range(9)],
    ("python3", "python3 train.py --epochs 40", 0.8, 410, "ana"),
    ("node", "node server.js --port 3000", 0.3, 130, "ana"),
    ("backup", "backup --daily /srv", 0.2, 20, "backup"),
    ("mysqld", "/usr/sbin/mysqld --defaults-file=/etc/mysql/my.cnf", 0.05, 310, "mysql"),
    ("java", "java -Xmx2g -jar indexer.jar", 0.03, 960, "ben"),
    *[
        ("nginx", f"nginx: {kind} process", 0.02, 12, user)
        for kind, user in (("master", "root"), ("worker", "www-data"))
    ],
    ("redis-server", "redis-server 127.0.0.1:6379", 0.02, 16, "redis"),
    *[
        (name, f"/usr/sbin/{name}", 0.0, 3 + at, "root")
        for at, name in enumerate(("cron", "rsyslogd", "sshd", "chronyd"))
    ],
]


def stage(port: str, token: str) -> None:
    """Start the processes and serve the page, as the first process of the namespaces."""
    socket.sethostname("web")
    with tempfile.NamedTemporaryFile("w", suffix="-passwd") as users:
        users.write(Path("/etc/passwd").read_text(encoding="utf-8"))
        known = {entry.pw_name for entry in pwd.getpwall()}
        users.writelines(f"{name}:x:{uid}:{uid}::/:/bin/sh\n" for name, uid in USERS.items() if name not in known)
        users.flush()
        os.chmod(users.name, 0o644)
        subprocess.run(["mount", "--bind", users.name, "/etc/passwd"], check=True)
        # Where it stands on this machine is nobody's business.
        subprocess.run(["mount", "-t", "tmpfs", "none", "/opt"], check=True)
        os.mkdir(HERE)
        subprocess.run(["mount", "--bind", ROOT, HERE], check=True)
        page = ["-m", "procwidget", "--no-browser", f"--port={port}", f"--token={token}", "--interval=2"]
        server = subprocess.Popen([f"{HERE}/.venv/bin/python", *page], cwd="/", stdin=subprocess.DEVNULL)
        sys.stdin.readline()  # it answers
        for name, title, busy, size, user in PROCESSES:
            uid = str(pwd.getpwnam(user).pw_uid)
            # Whatever else this machine does, these take the CPUs; the page comes before them.
            subprocess.Popen(
                ["nice", "-n", "-7", "perl", "-e", PERL, name, title, str(busy), str(size), uid],
                stdin=subprocess.DEVNULL,
            )
        server.wait()


def main(path: str) -> None:
    """Write the picture to `path`."""
    from tests.browser.conftest import browsing, opened
    from tests.browser.servers import free_port, start_server

    port, token = str(free_port()), secrets.token_hex(24)
    apart = ["unshare", "--pid", "--fork", "--kill-child", "--mount", "--mount-proc", "--uts"]
    command = [*apart, sys.executable, __file__, "--stage", port, token]
    address = f"http://127.0.0.1:{port}/"
    with tempfile.TemporaryDirectory() as folder:
        server = start_server(
            command, f"{address}procwidget/metrics?token={token}", Path(folder) / "log", stdin=subprocess.PIPE
        )
        server.stdin.write(b"go\n")
        server.stdin.flush()
        try:
            with browsing() as browser, opened(browser) as (page, _errors):
                page.goto(f"{address}?token={token}")
                page.locator("[data-pid]").first.wait_for()
                time.sleep(SECONDS)
                page.screenshot(path=path)
        finally:
            server.send_signal(signal.SIGKILL)
            server.wait()


if __name__ == "__main__":
    if sys.argv[1] == "--stage":
        stage(sys.argv[2], sys.argv[3])
    else:
        main(sys.argv[1])
