"""What a Jupyter Server says of its kernels' notebooks, with managers that answer as its own do."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

from procwidget.jupyter.notebooks import ServerNotebooks


class Managers:
    """Sessions, kernels and specifications of a server; some of Jupyter's managers are asynchronous."""

    def __init__(self):
        self.sessions, self.kernels = [], {}

    async def list_sessions(self):
        return self.sessions

    def list_kernel_ids(self):
        return list(self.kernels)

    def get_kernel(self, kernel_id):
        return SimpleNamespace(provisioner=self.kernels[kernel_id])

    async def get_kernel_spec(self, name):
        if name != "ir":
            raise KeyError(name)
        return SimpleNamespace(language="R")

    def open(self, kernel_id, path, *, type="notebook", name="", kernel="ir", pid=7):
        self.sessions.append({"path": path, "name": name, "type": type, "kernel": {"id": kernel_id, "name": kernel}})
        self.kernels[kernel_id] = SimpleNamespace(pid=pid)


def notebooks_of(managers, now=lambda: 1000.0):
    return ServerNotebooks(managers, managers, managers, "/home/ann", now)


def test_kernel_has_the_notebook_of_its_session():
    """The path is absolute; a kernel says its name and language, and its pid."""
    managers = Managers()
    managers.open("one", "work/train.ipynb")
    managers.open("two", "console-2-0a1b", type="console", name="Console 2", kernel="odd")
    notebooks = notebooks_of(managers)
    known = asyncio.run(notebooks.refresh())
    assert known["one"] == ("train.ipynb", "/home/ann/work/train.ipynb", "ir", "R", None)
    assert known["one"].about(1000.0) == "/home/ann/work/train.ipynb, kernel ir (R)"
    assert known["two"] == ("Console 2", "Console 2", "odd", None, None)
    assert notebooks.pid_of("one") == 7
    assert notebooks.pid_of("three") is None


def test_renamed_notebook_has_its_new_name():
    """Jupyter Server changes the session when a notebook is renamed."""
    managers = Managers()
    managers.open("one", "train.ipynb")
    notebooks = notebooks_of(managers)
    asyncio.run(notebooks.refresh())
    managers.sessions[0]["path"] = "fit.ipynb"
    assert asyncio.run(notebooks.refresh())["one"].name == "fit.ipynb"


def test_closed_notebook_is_known_with_its_age():
    """A kernel that outlives its session keeps the name until it ends, and its age counts from when it was closed."""
    managers, now = Managers(), [1000.0]
    managers.open("one", "train.ipynb")
    notebooks = notebooks_of(managers, lambda: now[0])
    asyncio.run(notebooks.refresh())
    managers.sessions.clear()
    now[0] = 1060.0
    asyncio.run(notebooks.refresh())
    now[0] = 1240.0
    known = asyncio.run(notebooks.refresh())["one"]
    assert known.about(now[0]) == "/home/ann/train.ipynb, kernel ir (R), so called 3 min ago"
    managers.kernels.clear()
    assert not asyncio.run(notebooks.refresh())
