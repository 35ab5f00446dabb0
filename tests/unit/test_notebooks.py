"""Which notebook processes belong to, as rows say it: with rows and answers that are given."""

from __future__ import annotations

import pytest

from procwidget.sources.notebooks.kernel_of_process import Membership
from procwidget.sources.notebooks.kernels import Told, kernel_id_of
from procwidget.sources.notebooks.notebook import Notebook, distinct_names
from procwidget.sources.notebooks.reader import NotebookReader
from procwidget.sources.scripted import make_process
from tests.patience import until
from tests.unit.fake_proc import FakeHost

ONE, TWO = "0f3a2b1c-0000-4000-8000-000000000001", "0f3a2b1c-0000-4000-8000-000000000002"
BOTH = frozenset({"notebook", "notebook_path"})
SERVER = 10


def kernel(pid, kernel_id=ONE, ppid=SERVER, **more):
    command = f"python -m ipykernel_launcher -f /run/kernel-{kernel_id}.json"
    return make_process(pid=pid, ppid=ppid, session=pid, name="python", command=command, **more)


def child(pid, ppid, session, name="worker"):
    return make_process(pid=pid, ppid=ppid, session=session, name=name, command=name)


class Host:
    """A host whose rows, kernels' environments and server say what a test gives them."""

    def __init__(self, *rows):
        self.rows, self.told, self.server, self.asked, self.now = list(rows), {}, {}, 0, 1000.0
        self.reader = NotebookReader(self._ask_kernel, self._ask, lambda: self.now, lambda: self.now)

    def _ask_kernel(self, kernel):
        return self.told.get(kernel.pid, Told())

    def _ask(self, pid, question):
        assert (pid, question) == (SERVER, {"ask": "notebooks"})
        self.asked += 1
        if self.server is None:
            raise ConnectionRefusedError
        return {"notebooks": {kernel: notebook._asdict() for kernel, notebook in self.server.items()}}

    def fill(self, wanted=BOTH):
        return {row["pid"]: row for row in self.reader.fill(self.rows, wanted)}

    def settled(self):
        """The rows once nothing is waited for."""

        def settled():
            rows = self.fill()
            return None if self.reader.pending else rows

        return until(settled, every=0.005)

    def names(self):
        return {pid: row["notebook"] for pid, row in self.settled().items()}


@pytest.fixture
def host():
    made = []

    def make(*rows):
        made.append(Host(*rows))
        return made[-1]

    yield make
    for one in made:
        one.reader.close()


@pytest.mark.parametrize(
    ("command", "kernel_id"),
    [
        (f"/usr/bin/python3 -m ipykernel_launcher -f /home/ann/runtime/kernel-{ONE}.json", ONE),
        (f"R --slave -e IRkernel::main() --args /run/kernel-{ONE}.json", ONE),
        (f"julia -i /opt/kernel.jl /run/kernel-{ONE}.json", ONE),
        (f"python -m ipykernel_launcher --f=/run/kernel-{ONE}.json", ONE),
        ("python -m ipykernel_launcher --f=/tmp/kernel-v3c0ffee0123456789.json", "v3c0ffee0123456789"),
        (f"jupyter-console --existing kernel-{ONE}.json", None),
        (f"tail -f /run/kernel-{ONE}.json", None),
        (f"/usr/bin/vim /run/kernel-{ONE}.json", None),
        (f"python -m ipykernel_launcher -f /run/kernel-{ONE}.json.old", None),
        ("python train.py kernel-5.json", None),
        ("", None),
        (None, None),
    ],
)
def test_a_kernel_is_known_by_its_connection_file(command, kernel_id):
    """In whichever order its language has the arguments; who only looks at the file is no kernel."""
    assert kernel_id_of(command) == kernel_id


def test_a_notebook_has_its_kernel_and_all_that_came_of_it(host):
    """Children, theirs, its session also when reparented, and what left the session once it was seen; no others."""
    rows = [kernel(20), child(21, 20, 20), child(22, 21, 20), child(23, 1, 20), child(24, 22, 24), child(25, 1, 25)]
    here = host(make_process(pid=SERVER, ppid=1, session=1, command="jupyter-lab"), *rows)
    here.told[20] = Told(own=True)
    here.server[ONE] = Notebook("train.ipynb", "/home/ann/train.ipynb", "python3", "python")
    assert here.names() == {SERVER: None, 25: None} | dict.fromkeys((20, 21, 22, 23, 24), "train.ipynb")
    assert here.fill()[24]["notebook_path"] == "/home/ann/train.ipynb, kernel python3 (python)"
    here.rows = [child(24, 1, 24), child(25, 1, 25), child(23, 1, 20)]
    assert here.names() == {24: "train.ipynb", 25: None, 23: "train.ipynb"}


def test_the_nearest_kernel_counts(host):
    """A kernel that a notebook starts, as papermill does, is not the notebook's."""
    here = host(kernel(20), kernel(30, TWO, ppid=20), child(31, 30, 30))
    here.told = {20: Told(True, Notebook("a.ipynb", "a.ipynb")), 30: Told(True, Notebook("b.ipynb", "b.ipynb"))}
    here.server = None
    assert here.names() == {20: "a.ipynb", 30: "b.ipynb", 31: "b.ipynb"}


def test_a_child_that_is_seen_before_the_kernels_command_line_gets_its_notebook(host):
    """Command lines come a reading late."""
    here = host(make_process(pid=20, ppid=SERVER, session=20, command=None), child(21, 20, 20))
    here.told[20] = Told(True, Notebook("a.ipynb", "a.ipynb"))
    here.server = None
    assert here.names() == {20: None, 21: None}
    here.rows[0] = kernel(20)
    assert here.names() == {20: "a.ipynb", 21: "a.ipynb"}


def test_another_users_kernel_has_no_name(host):
    """Not even where its command line claims the id of one's own kernel, whose notebook the server knows."""
    here = host(kernel(20, user="ann"), kernel(30, user="bob"), child(31, 30, 30))
    here.told[20] = Told(own=True)
    here.server[ONE] = Notebook("train.ipynb", "/home/ann/train.ipynb")
    assert here.names() == {20: "train.ipynb", 30: "a Jupyter kernel", 31: "a Jupyter kernel"}
    assert here.fill()[30]["notebook_path"] is None


def test_without_a_server_of_ours_the_kernel_says_what_it_was_started_for(host):
    """With its age, for that does not follow renames; a kernel that says nothing has its id."""
    here = host(kernel(20), kernel(30, TWO))
    here.told = {20: Told(True, Notebook("train.ipynb", "/home/ann/train.ipynb", as_of=820.0)), 30: Told(own=True)}
    here.server = None
    assert here.names() == {20: "train.ipynb", 30: "a Jupyter kernel"}
    assert here.fill()[20]["notebook_path"] == "/home/ann/train.ipynb, so called 3 min ago"
    assert here.fill()[30]["notebook_path"] == f"kernel id {TWO}"


def test_what_a_server_said_stays_known_with_its_age_when_it_is_gone(host):
    """A server that ends leaves kernels behind at times."""
    here = host(kernel(20))
    here.told[20] = Told(own=True)
    here.server[ONE] = Notebook("train.ipynb", "/home/ann/train.ipynb")
    assert here.names() == {20: "train.ipynb"}
    here.server, here.rows = None, [kernel(20, ppid=1)]
    here.now += 120
    assert here.settled()[20]["notebook_path"] == "/home/ann/train.ipynb, so called 2 min ago"


def test_a_renamed_notebook_has_its_new_name_soon(host):
    """The server is asked again after some seconds, not at each reading."""
    here = host(kernel(20))
    here.told[20] = Told(own=True)
    here.server[ONE] = Notebook("train.ipynb", "/home/ann/train.ipynb")
    assert here.names() == {20: "train.ipynb"}
    here.server[ONE] = Notebook("fit.ipynb", "/home/ann/fit.ipynb")
    assert here.names() == {20: "train.ipynb"}
    assert here.asked == 1
    here.now += 6
    until(lambda: here.names() == {20: "fit.ipynb"}, every=0.005)
    assert here.asked == 2


def test_notebooks_of_one_name_are_told_apart():
    """By as much of their paths as it takes; several kernels of one notebook have one name."""
    paths = {"1": "/a/x/n.ipynb", "2": "/b/x/n.ipynb", "3": "/b/m.ipynb", "4": "/b/x/n.ipynb", "5": "n.ipynb"}
    names = distinct_names({key: Notebook(path.rsplit("/", 1)[-1], path) for key, path in paths.items()})
    assert names == {"1": "a/x/n.ipynb", "2": "b/x/n.ipynb", "3": "m.ipynb", "4": "b/x/n.ipynb", "5": "n.ipynb"}


def test_who_wants_no_notebooks_pays_nothing(host):
    """The rows are the very same, and nobody is asked; rows that did not change are the same objects."""
    here = host(kernel(20))
    here.told[20] = Told(own=True)
    assert here.reader.fill(here.rows, frozenset({"unit"})) is here.rows
    assert here.asked == 0
    first = here.settled()
    assert here.fill()[20] is first[20]


def test_where_there_is_no_kernel_nothing_is_done(tmp_path, monkeypatch):
    """A dashboard always wants these fields: rows have them all the same; a kernel that comes is found."""
    host = FakeHost(tmp_path)
    source = host.source()
    source.wanted = BOTH
    with monkeypatch.context() as patched:
        patched.setattr(Membership, "update", None)
        rows = [source.read()["processes"], source.read()["processes"]]
    assert [[row["notebook"], row["notebook_path"]] for row in rows[0]] == [[None, None]]
    assert [id(row) for row in rows[1]] == [id(row) for row in source._processes.rows]
    host.add(7, b"python", nice=0)
    host.write("7/cmdline", f"python\0-m\0ipykernel_launcher\0-f\0/run/kernel-{ONE}.json\0")

    def named():
        host.publish()
        host.pass_time(15.0)
        host.run(7, 0.5)
        return [row["notebook"] for row in source.read()["processes"]] == [None, "a Jupyter kernel"]

    until(named)
    source.wanted = frozenset()
    assert all("notebook" not in row for row in source.read()["processes"])
    source.wanted = BOTH
    host.end(7)
    source.read()
    with monkeypatch.context() as patched:
        patched.setattr(Membership, "update", None)
        source.read()
    source.close()
