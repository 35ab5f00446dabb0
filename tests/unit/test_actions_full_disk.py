"""A disk that is full under the audit log: nothing is signalled, nothing half-written stays, and space mends it.

Run as a script this file is the stage: in a mount namespace of its own it mounts a disk of a few pages, fills it, and
acts with the log on it; what happened leaves as JSON.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest

from procwidget.actions.audit import AuditLog
from tests.unit.action_stage import Children, Host, act

PAGE = 4096


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What happened on the stage; where nothing can be mounted, the reason, and a failure if CI asks."""
    namespace = ["unshare", "--mount"]
    if os.geteuid() != 0:
        namespace += ["--user", "--map-root-user"]
    disk = tmp_path_factory.mktemp("disk")
    mount = ["mount", "-t", "tmpfs", "-o", f"size={8 * PAGE}", "tmpfs", str(disk)]
    why = None
    try:
        probe = subprocess.run([*namespace, *mount], capture_output=True, text=True, timeout=60)
        if probe.returncode:
            why = f"no disk can be filled here: {probe.stderr.strip()}"
    except FileNotFoundError:
        why = "no disk can be filled here: there is no unshare(1)"
    if why is None:
        shown = ["sh", "-c", '"$@" && exec "$PYTHON" -m tests.unit.test_actions_full_disk "$DISK"', "sh", *mount]
        stage = subprocess.run(
            [*namespace, *shown],
            env={**os.environ, "PYTHON": sys.executable, "DISK": str(disk)},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert stage.returncode == 0, stage.stderr
        assert list(disk.iterdir()) == [], "the disk was mounted outside of its namespace"
        return json.loads(stage.stdout)
    if os.environ.get("CI") == "true":
        pytest.fail(why)
    pytest.skip(why)


def test_with_a_full_disk_nothing_is_signalled(report: dict[str, Any]) -> None:
    """The refusal names the log and the reason, each time, and the process lives."""
    for outcome in report["full"]:
        assert outcome["result"] == "refused"
        expected = "Nothing is signalled, because the audit log LOG cannot be written: No space left on device."
        assert outcome["text"] == expected
    assert report["lived"]


def test_with_a_full_disk_nothing_half_written_stays(report: dict[str, Any]) -> None:
    """The last page had room for a part of the line; the log is what it was before, to the byte."""
    assert 0 < report["room"] < PAGE
    assert report["after"] == report["before"]


def test_space_mends_it(report: dict[str, Any]) -> None:
    """As soon as there is space again the signal is sent, and the log has every line whole."""
    assert report["freed"]["result"] == "ended"
    assert report["warnings"] == []
    assert report["events"] == ["before", "signal", "outcome"]


def test_a_disk_that_fills_after_the_signal_is_said(report: dict[str, Any]) -> None:
    """The signal was sent and stands in the log; that its outcome does not is part of what is told."""
    late = report["late"]
    assert late["result"] == "sent"
    assert late["text"].endswith("; this outcome is missing in the audit log, which could not be written")
    assert report["late events"] == ["before", "signal"]


def _fill(disk: Path) -> Path:
    filler = disk / "filler"
    with filler.open("ab", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * PAGE)
    try:
        (disk / "more").write_bytes(b"x")
    except OSError as error:
        assert error.errno == errno.ENOSPC
    return filler


class _FillsAfterSignal(AuditLog):
    def append(self, record: Any) -> None:
        super().append(record)
        if record["event"] == "signal":
            _fill(self.path.parent)


def _play(disk: Path) -> dict[str, Any]:
    children, log = Children(), AuditLog(disk / "audit.jsonl")
    host = Host(log)
    told: dict[str, Any] = {}
    child = children.sleeper()
    host.read()
    identity = host.identity(child.pid)
    # A line is some 300 bytes: the page that it would begin on has room for less.
    log.append({"event": "before", "filler": "x" * (PAGE - 150)})
    told["room"] = -log.path.stat().st_size % PAGE
    told["before"] = log.path.read_text()
    filler = _fill(disk)
    told["full"] = [act(host.service(), identity, "SIGTERM") for _ in range(2)]
    for outcome in told["full"]:
        outcome["text"] = outcome["text"].replace(str(log.path), "LOG")
    told["lived"] = child.poll() is None
    told["after"] = log.path.read_text()
    filler.unlink()
    told["freed"] = act(host.service(), identity, "SIGTERM")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        told["events"] = [record["event"] for record in log.read()]
    told["warnings"] = [str(warning.message) for warning in caught]
    log.path.unlink()

    log = _FillsAfterSignal(disk / "audit.jsonl")
    log.append({"event": "before", "filler": "x" * (PAGE - 150)})
    child = children.sleeper()
    host.read()
    told["late"] = act(host.service(audit=log), host.identity(child.pid), "SIGCONT")
    told["late events"] = [record["event"] for record in log.read()]
    host.close()
    children.close()
    return told


if __name__ == "__main__":
    print(json.dumps(_play(Path(sys.argv[1]))))
