"""Every no of the service on real processes, before a question and at its confirmation, each with its sentence."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from procwidget.actions.audit import AuditLog
from procwidget.errors import ActionRefused
from tests.patience import PATIENCE, until
from tests.unit.action_stage import Children, Clock, Host, act, asked, confirm, needs_root


def test_a_zombie_is_not_asked_for(host: Host, children: Children, pidfds: bool) -> None:
    """There is nothing to signal in a process that has ended already."""
    child = children.sleeper(collected=False)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    host.read()
    answer = host.service(pidfds=pidfds).ask([host.identity(child.pid)], "SIGTERM", "view")
    assert answer == {
        "result": "refused",
        "refusals": [f"sleep ({child.pid}) has ended: only its parent can collect it."],
    }


def test_one_that_ends_before_the_question_was_gone_already(host: Host, children: Children, pidfds: bool) -> None:
    """The row may be older than the process's end."""
    child = children.sleeper()
    host.read()
    child.kill()
    child.wait(PATIENCE)
    answer = host.service(pidfds=pidfds).ask([host.identity(child.pid)], "SIGTERM", "view")
    assert answer == {"result": "refused", "refusals": [f"sleep ({child.pid}) was gone already."]}


def test_every_step_stands_in_the_log_without_command_lines(host: Host, children: Children) -> None:
    """Two lines a signal, before and after it, and no argument of any process."""
    child = children.start("sleep", "1234.5678")
    host.read()
    act(host.service(), host.identity(child.pid), "SIGTERM")
    before, after = host.log.read()
    assert (before["event"], after["event"], after["result"]) == ("signal", "outcome", "ended")
    for line in (before, after):
        assert (line["pid"], line["name"], line["signal"], line["by"]) == (child.pid, "sleep", "SIGTERM", "view")
        assert line["identity"] == host.identity(child.pid)
    assert "1234.5678" not in host.log.path.read_text()


def test_the_line_is_written_before_the_signal(host: Host, children: Children) -> None:
    """Without a line there is no signal."""
    child = children.sleeper()
    host.read()
    host.log.path.mkdir()
    outcome = act(host.service(), host.identity(child.pid), "SIGTERM")
    assert outcome["result"] == "refused"
    assert outcome["text"].startswith(f"Nothing is signalled, because the audit log {host.log.path} cannot be written")
    with pytest.raises(psutil.TimeoutExpired):
        psutil.Process(child.pid).wait(0.1)


def test_a_log_that_breaks_after_the_signal_is_said(host: Host, children: Children) -> None:
    """The outcome that happened is told, and that the log misses it."""
    child = children.sleeper()
    host.read()

    class HalfLog(AuditLog):
        def append(self, record: object) -> None:
            if record["event"] == "outcome":  # type: ignore[index]
                raise ActionRefused("full")

    outcome = act(host.service(audit=HalfLog()), host.identity(child.pid), "SIGTERM")
    assert outcome["result"] == "ended"
    assert outcome["text"].endswith("; this outcome is missing in the audit log, which could not be written")


def test_another_users_process_is_refused_unless_allowed(host: Host, children: Children) -> None:
    """A real process of another user: left alone by default, ended when the service may."""
    needs_root()
    child = children.sleeper(user="nobody", group="nogroup")
    host.read()
    answer = host.service(other_users=False).ask([host.identity(child.pid)], "SIGTERM", "view")
    assert answer["refusals"] == [
        f"sleep ({child.pid}) belongs to nobody: other users' processes are not signalled here."
    ]
    assert act(host.service(other_users=True), host.identity(child.pid), "SIGTERM")["result"] == "ended"


def test_this_process_and_all_above_it_are_refused(host: Host) -> None:
    """On the real machine: the test's own process, every ancestor, pid 1."""
    sample = host.read()
    service = host.service()
    shown = {row["pid"] for row in sample["processes"]}
    protected = [os.getpid(), *(parent.pid for parent in psutil.Process().parents()), 1]
    for pid in shown.intersection(protected):
        answer = service.ask([host.identity(pid)], "SIGTERM", "view")
        assert answer["result"] == "refused"
        assert "signal" in answer["refusals"][0]
    assert os.getpid() in shown


def test_the_jupyter_server_is_refused(host: Host, children: Children, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process that Jupyter names as this kernel's server is not signalled, though nothing else protects it."""
    server = children.sleeper()
    monkeypatch.setenv("JPY_PARENT_PID", str(server.pid))
    host.read()
    answer = host.service().ask([host.identity(server.pid)], "SIGTERM", "view")
    assert answer["refusals"] == [
        f"sleep ({server.pid}) is the Jupyter server of this page, or runs it: it is never signalled."
    ]


def test_one_that_became_protected_meanwhile_is_refused(
    host: Host, identity: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Policy is asked at the confirmation again, with the facts of then."""
    service = host.service()
    question = asked(service, identity, "SIGTERM")
    monkeypatch.setenv("JPY_PARENT_PID", identity.split("-")[0])
    outcome = confirm(service, question)["outcomes"][0]
    assert outcome["result"] == "refused"
    assert "is the Jupyter server of this page" in outcome["text"]
    assert host.log.read() == []


def test_kernel_threads_are_refused(host: Host) -> None:
    """Where they are visible (not in a container) none of them can be asked for."""
    sample = host.read()
    threads = [row for row in sample["processes"] if row["ppid"] == 2 and psutil.Process(row["pid"]).exe() == ""]
    if not threads:
        if Path("/proc/2/comm").exists() and Path("/proc/2/comm").read_text() == "kthreadd\n":
            pytest.fail("this host shows kernel threads, and the sample has none")
        pytest.skip("in this pid namespace there are no kernel threads")
    for row in threads[:10]:
        answer = host.service().ask([row["identity"]], "SIGKILL", "view")
        assert "is part of the kernel: it is never signalled." in answer["refusals"][0]


def test_what_the_newest_reading_does_not_show_is_refused(host: Host, identity: str) -> None:
    """Unknown identities, and those of earlier processes with a pid in use, name nothing."""
    pid = identity.split("-")[0]
    answer = host.service().ask([f"{pid}-1", "99999999-5", "nonsense"], "SIGTERM", "view")
    assert answer["refusals"] == [
        f"Process {name} as it was shown is not in the newest reading: not signalled."
        for name in (pid, "99999999", "nonsense")
    ]


def test_before_the_first_reading_nothing_is_signalled(host: Host) -> None:
    """No sample, no signal."""
    with pytest.raises(ActionRefused, match="There is no reading of the processes yet"):
        host.service().ask(["5-5"], "SIGTERM", "view")


def test_an_old_reading_is_refused(host: Host, identity: str) -> None:
    """A poller that stands still shows what may not be there any more; a slow one does not count as still."""
    clock = Clock()
    clock.ahead = 40
    with pytest.raises(ActionRefused, match=r"^The newest reading is 4\d s old: wait for the next before you signal"):
        host.service(clock=clock).ask([identity], "SIGTERM", "view")
    host.sample = host.sample | {"interval": 60.0}  # type: ignore[operator]
    assert host.service(clock=clock).ask([identity], "SIGTERM", "view")["result"] == "question"


def test_a_reading_of_another_boot_is_refused(host: Host, identity: str) -> None:
    """Samples that were recorded elsewhere can be shown, and their pids mean nothing here."""
    host.sample = host.sample | {"boot_id": "5b1d7a52-0000-4000-8000-000000000000"}  # type: ignore[operator]
    with pytest.raises(ActionRefused, match="The processes shown are not those of this host since its last start"):
        host.service().ask([identity], "SIGTERM", "view")


def test_one_that_started_with_the_reading_waits_for_the_next(host: Host, identity: str) -> None:
    """In the tick of its start a pid could be given away and keep its start ticks, so that reading does not do."""
    tick = 1 / os.sysconf("SC_CLK_TCK")
    # The largest difference is that of the two clocks; a pause between their readings makes the others smaller.
    asleep = max(time.clock_gettime(time.CLOCK_BOOTTIME) - time.monotonic() for _ in range(100))
    started = int(identity.split("-")[1]) * tick - asleep
    sample = host.sample
    host.sample = sample | {"monotonic": started + 0.9 * tick}  # type: ignore[operator]
    assert host.service().ask([identity], "SIGTERM", "view")["refusals"] == [
        f"sleep ({identity.split('-')[0]}) had only just started: it can be signalled after the next reading."
    ]
    host.sample = sample | {"monotonic": started + 1.1 * tick}  # type: ignore[operator]
    # A pause between the service's own readings of the two clocks is a refusal too.
    until(lambda: host.service().ask([identity], "SIGTERM", "view")["result"] == "question")


def test_switched_off_is_switched_off_for_raw_requests_too(host: Host, identity: str) -> None:
    """The switch lives here, not in the page."""
    with pytest.raises(ActionRefused, match="Signals are switched off here: this page only shows processes"):
        host.service(allowed=False).ask([identity], "SIGTERM", "view")


def test_the_system_is_asked_before_the_user_is(host: Host, identity: str) -> None:
    """A process that this user may not signal is refused at the question: run as nobody, against root's child."""
    needs_root()
    program = """
import json, os, sys
from procwidget.actions.service import SignalService
sample = json.load(sys.stdin)
service = SignalService(lambda: sample, allowed=True, other_users=True)
service.ask([sys.argv[1]], "SIGTERM", "root")  # what Python imports late may be out of nobody's reach
os.setgroups([]); os.setgid(65534); os.setuid(65534)
print(json.dumps(service.ask([sys.argv[1]], "SIGTERM", "view")))
"""
    run = subprocess.run(
        [sys.executable, "-c", program, identity], input=json.dumps(host.sample), capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    pid = identity.split("-")[0]
    assert json.loads(run.stdout)["refusals"] == [f"Not permitted to signal sleep ({pid}): it belongs to root."]


def test_lowering_a_nice_value_needs_an_administrator(host: Host, children: Children, pidfds: bool) -> None:
    """Of one's own process too, and that is what the outcome says: not that it belongs to oneself."""
    needs_root()
    child = children.sleeper(user="nobody", group="nogroup")
    program = """
import json, os, pathlib, sys, tempfile
from procwidget.actions.service import SignalService, AuditLog
sample = json.load(sys.stdin)
SignalService(lambda: sample, allowed=True, other_users=True).ask([sys.argv[1]], "SIGTERM", "root")
os.setgroups([]); os.setgid(65534); os.setuid(65534)
with tempfile.TemporaryDirectory() as folder:
    options = {"audit": AuditLog(pathlib.Path(folder, "audit")), "pidfds": sys.argv[2] == "True"}
    service = SignalService(lambda: sample, allowed=True, other_users=True, **options)
    nonce = service.ask([sys.argv[1]], "renice -5", "view")["nonce"]
    print(json.dumps(service.confirm(nonce, "view", "renice -5", [sys.argv[1]])["outcomes"]))
    service.close()
"""
    sample = json.dumps(host.read())
    command = (sys.executable, "-c", program, host.identity(child.pid), str(pidfds))
    [outcome] = json.loads(subprocess.check_output(command, input=sample, text=True))
    why = f"Only an administrator may lower the nice value of sleep ({child.pid})"
    assert (outcome["result"], outcome["text"]) == ("not permitted", why)
