"""What runs this process is protected also where /proc hides a part of it: nobody's, above root's, above nobody's."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.unit.action_stage import needs_root

PROGRAM = """
import json, os, subprocess, time
from procwidget.actions.service import SignalService
from procwidget.actions.policy import Protected
from procwidget.sources.portable.source import PortableSource

def ask(pid):
    [row] = [row for row in sample["processes"] if row["pid"] == pid]
    return service.ask([row["identity"]], "SIGTERM", "view")

def become_nobody():
    os.setgroups([]); os.setgid(65534); os.setuid(65534)

sample = PortableSource().read()
service = SignalService(lambda: sample, allowed=True, other_users=True)
ask(os.getpid())  # what Python imports late may be out of nobody's reach
child = os.fork()
if child == 0:
    become_nobody()
    os._exit(Protected.now(allowed=True, other_users=True).hidden_until is not None)
told = {"below 1": os.waitpid(child, 0)[1]}
playing, play = os.pipe()
running, run = os.pipe()
top = os.fork()
if top == 0:
    top = os.getpid()
    hidden = os.fork()
    if hidden > 0:
        os.close(play)
        become_nobody()
        os.execvp("sleep", ["sleep", "1000"])
    os.close(run)
    hidden, bottom = os.getpid(), os.fork()
    if bottom > 0:
        os.close(play)
        os.waitpid(bottom, 0)
        os._exit(0)
    become_nobody()
    os.read(running, 1)  # until the one at the top runs its program
    time.sleep(0.025)  # not in the tick in which this process started
    young = subprocess.Popen(["sleep", "1000"])
    time.sleep(0.025)
    sample = PortableSource().read()
    protected = Protected.now(allowed=True, other_users=True)
    told |= {"top": ask(top), "young": ask(young.pid), "hidden": hidden in protected.ancestors, "pid": top}
    print(json.dumps(told), flush=True)
    os._exit(0)
os.close(play)
os.close(run)
os.read(playing, 1)
"""


@pytest.mark.parametrize("hidepid", [1, 2])
def test_what_may_be_above_a_hidden_parent_is_not_signalled(hidepid: int) -> None:
    """The topmost is refused though nothing says what it is; what is younger than the chain can be ended."""
    needs_root()
    # In a pid namespace of its own: what is started there ends with it, and the host's /proc stays as it is.
    script = f'mount -t proc -o hidepid={hidepid} proc /proc && exec "$@"'
    namespace = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", script, "sh"]
    stage = subprocess.run([*namespace, sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60)
    assert stage.stdout, stage.stderr
    told = json.loads(stage.stdout)
    assert told["top"] == {
        "result": "refused",
        "refusals": [
            f"sleep ({told['pid']}) may be one of those that run the process that shows this page, "
            "some of which are hidden here (hidepid): it is not signalled."
        ],
    }
    assert told["young"]["result"] == "question", told
    assert told["hidden"]
    assert told["below 1"] == 0, "nothing runs pid 1, so below it nothing is hidden"
