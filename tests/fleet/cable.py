"""The network of a test's host: a virtual cable to a network namespace, which can be cut and mended; needs root."""

from __future__ import annotations

import os
import secrets
import subprocess

from tests.patience import until


class Cable:
    """A cable between here and the network namespace of a process.

    `here` is an address of this machine's loopback device, so who listens there goes on when the cable is cut;
    `there` is that of the other end. Both are of a range that nobody routes (RFC 2544).
    """

    def __init__(self) -> None:
        self.name = f"pw{secrets.token_hex(4)}"
        net, pair = 1 + secrets.randbelow(254), 4 * secrets.randbelow(63)
        self.here, self.there = f"198.18.{net}.{pair + 1}", f"198.18.{net}.{pair + 2}"
        _run("ip", "address", "add", f"{self.here}/32", "dev", "lo")

    @property
    def waits(self) -> str:
        """Lines of a shell that wait until this cable is plugged in."""
        return f"until ip address show dev {self.name}p 2>/dev/null | grep -q {self.there}; do sleep 0.05; done"

    def plug(self, process: subprocess.Popen[bytes]) -> None:
        """Lead it to a process that was started by `unshare --net`."""
        mine = os.stat("/proc/self/ns/net").st_ino
        until(lambda: os.stat(f"/proc/{process.pid}/ns/net").st_ino != mine)
        pid = str(process.pid)
        _run("ip", "link", "add", self.name, "type", "veth", "peer", "name", f"{self.name}p", "netns", pid)
        self.mend()
        inside = ("nsenter", "-t", pid, "-n", "ip")
        _run(*inside, "link", "set", "lo", "up")
        _run(*inside, "link", "set", f"{self.name}p", "up")
        _run(*inside, "route", "add", f"{self.here}/32", "dev", f"{self.name}p")
        _run(*inside, "address", "add", f"{self.there}/32", "dev", f"{self.name}p")

    def cut(self) -> None:
        """Let nothing through any more, either way."""
        # Without this what is sent would leave by this machine's own network.
        _run("ip", "route", "add", "unreachable", f"{self.there}/32", "metric", "999")
        _run("ip", "link", "set", self.name, "down")

    def mend(self) -> None:
        """Let everything through."""
        _run("ip", "link", "set", self.name, "up")
        _run("ip", "route", "add", f"{self.there}/32", "dev", self.name, "src", self.here)
        _run("ip", "route", "del", "unreachable", f"{self.there}/32", check=False)

    def close(self) -> None:
        """Take it away."""
        for command in (
            ("link", "del", self.name),
            ("route", "del", "unreachable", f"{self.there}/32"),
            ("address", "del", f"{self.here}/32", "dev", "lo"),
        ):
            _run("ip", *command, check=False)


def _run(*command: str, check: bool = True) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    assert not check or done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
