"""Every refusal over a real comm, as a page gets it: each has its sentence, and nothing is signalled."""

from __future__ import annotations

import json
import os
from itertools import count

import pytest

from tests.kernel.conftest import running_kernel
from tests.patience import until

START = """
import os, subprocess
from procwidget import Dashboard
from procwidget.actions import confirmations, service
child = subprocess.Popen(['sleep', '1000'])
d = Dashboard(interval=0.5)
print(d.table.model_id)
"""

IDENTITY = "next((row['identity'] for row in dashboard.monitor.last['processes'] if row['pid'] == {}), None)"


class Page:
    """What a page says to the table of the kernel's dashboard, and what it is told."""

    def __init__(self, kernel, log):
        self.kernel = kernel
        kernel.run(f"import os; os.environ['PROCWIDGET_AUDIT'] = {str(log)!r}")
        self.table = kernel.run(START).strip()
        self._requests = count()
        kernel.tell(self.table, {"type": "watch", "view": "v", "on": True})
        self.child = kernel.child()

    def says(self, **content):
        """Send a request and return its answer."""
        request = f"r{next(self._requests)}"
        self.kernel.tell(self.table, {"view": "v", "request": request, **content})
        return self.kernel.answer(request)

    def ask(self, *identities, signal="SIGCONT"):
        """Ask whether to signal processes."""
        return self.says(type="ask", identities=list(identities) or [self.child], signal=signal)

    def confirm(self, question, **said):
        """Confirm a question as the page does; `said` is what is said otherwise."""
        identities = [target["identity"] for target in question["targets"]]
        shown = {"nonce": question["nonce"], "signal": question["signal"], "identities": identities}
        return self.says(type="confirm", **shown | said)

    def identity(self, pid):
        """The identity of a process, once a reading shows it."""
        return until(lambda: self.kernel.look(IDENTITY.format(pid)), every=0.1)

    def log(self):
        """What stands in the audit log."""
        return json.loads(self.kernel.run("import json, procwidget; print(json.dumps(procwidget.audit()))"))


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """A page of a dashboard in a kernel of its own."""
    with running_kernel() as kernel:
        page = Page(kernel, tmp_path_factory.mktemp("audit") / "audit.jsonl")
        yield page
        kernel.run("child.kill(); child.wait(); d.close()")


@pytest.fixture(autouse=True)
def fresh(page):
    """Each test has ten signals of its own."""
    page.kernel.run("d.service.rate = service.RateLimit(service.MOST_CONFIRMATIONS, service.RATE_SECONDS)")


def refused(answer):
    """The one sentence of a refusal."""
    assert answer["result"] == "refused", answer
    [sentence] = answer["refusals"]
    return sentence


def test_what_is_never_signalled_is_refused_by_name(page):
    """Pid 1, the kernel itself, what runs it, and what the newest reading does not show."""
    kernel = int(page.kernel.run("print(os.getpid())"))
    said = {pid: refused(page.ask(page.identity(pid))) for pid in (1, kernel, os.getpid())}
    assert said[1].endswith(" (1) runs the whole system: it is never signalled.")
    assert said[kernel].endswith(f" ({kernel}) is the process that shows this page: it does not signal itself.")
    assert said[os.getpid()].endswith(
        (
            f" ({os.getpid()}) runs the process that shows this page: it is never signalled.",
            f" ({os.getpid()}) is the Jupyter server of this page, or runs it: it is never signalled.",
        )
    )
    assert refused(page.ask("7-7")) == "Process 7 as it was shown is not in the newest reading: not signalled."


def test_a_confirmation_is_good_for_what_was_shown_and_once(page):
    """Another view, signal or row, none named at all, a guess, and the same once more: each is told what is wrong."""
    before = page.log()
    question = page.ask()
    wrong = {
        "belongs to another view": {"view": "w"},
        "is for SIGCONT and nothing else": {"signal": "SIGKILL"},
        "is for other processes": {"identities": ["7-7"]},
        "is not known": {"nonce": "guess"},
    }
    for why, said in wrong.items():
        assert refused(page.confirm(question, **said)) == f"This confirmation {why}: ask again."
    bare = refused(page.says(type="confirm", nonce=question["nonce"]))
    assert bare == "This confirmation is for SIGCONT and nothing else: ask again."
    rowless = refused(page.says(type="confirm", nonce=question["nonce"], signal="SIGCONT"))
    assert rowless == "This confirmation is for other processes: ask again."
    assert page.log() == before
    assert page.confirm(question)["outcomes"][0]["result"] == "sent"
    assert refused(page.confirm(question)) == "This confirmation was used already: ask again."
    assert [line["event"] for line in page.log()[len(before) :]] == ["signal", "outcome"]


def test_a_question_that_is_too_old_is_refused(page):
    """The page is told that its confirmation came late."""
    page.kernel.run("life, confirmations.NONCE_LIFE = confirmations.NONCE_LIFE, 1.0")
    question = page.ask()
    until(lambda: page.kernel.look("len(dashboard.service.confirmations)") == 0)
    said = refused(page.confirm(question))
    page.kernel.run("confirmations.NONCE_LIFE = life")
    assert said == "This confirmation came more than 1 s after its question: ask again."


def test_too_many_signals_are_refused(page):
    """The eleventh of a minute, also for a page of another dashboard in the same kernel."""
    page.kernel.run("d.service.rate.take(10)")
    assert refused(page.ask()).startswith("At most 10 confirmations a minute are taken: try again in ")
    page.kernel.run("service.OF_THIS_PROCESS.take(10); other = Dashboard(interval=0.5)")
    table, page.table = page.table, page.kernel.run("print(other.table.model_id)").strip()
    said = refused(page.ask())
    page.table = table
    page.kernel.run("other.close()")
    assert said.startswith("At most 10 confirmations a minute are taken: try again in ")


def test_without_an_audit_line_nothing_is_signalled(page):
    """Where the log cannot be written the outcome says so, with the log's name."""
    page.kernel.run("log, os.environ['PROCWIDGET_AUDIT'] = os.environ['PROCWIDGET_AUDIT'], '/dev/null/audit.jsonl'")
    [outcome] = page.confirm(page.ask(signal="SIGTERM"))["outcomes"]
    page.kernel.run("os.environ['PROCWIDGET_AUDIT'] = log")
    assert outcome["result"] == "refused"
    assert outcome["text"] == (
        "Nothing is signalled, because the audit log /dev/null/audit.jsonl cannot be written: File exists."
    )
    assert page.kernel.run("print(child.poll())").strip() == "None"
