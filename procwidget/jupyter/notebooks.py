"""Which notebook each kernel of this Jupyter Server belongs to, as the server's own sessions say. On its event loop.

Sessions follow renames. A kernel whose notebook was closed keeps the name that it had, with the time until when.
"""

from __future__ import annotations

import inspect
import os
import time
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Literal

from procwidget.clean_text import clean_text
from procwidget.sources.notebooks.notebook import Notebook, notebook_of


class ServerNotebooks:
    """Knows the notebooks of a server's kernels.

    Args:
        sessions: the server's session manager.
        kernels: its kernel manager.
        specs: its kernel spec manager.
        root: the folder that it shows, `None` where that is no folder of this host.
        clock: Unix seconds.
    """

    def __init__(
        self, sessions: Any, kernels: Any, specs: Any, root: str | None, clock: Callable[[], float] = time.time
    ) -> None:
        self._sessions, self._kernels, self._specs, self._clock = sessions, kernels, specs, clock
        self._root = os.path.abspath(root) if root else None
        self._known: dict[str, Notebook] = {}
        self._languages: dict[str, str | None] = {}

    @classmethod
    def of_server(cls, server_app: Any) -> ServerNotebooks:
        """Return the notebooks of a running `ServerApp`."""
        root = getattr(server_app.contents_manager, "root_dir", None)
        return cls(server_app.session_manager, server_app.kernel_manager, server_app.kernel_spec_manager, root)

    @property
    def known(self) -> Mapping[str, Notebook]:
        """The notebooks by kernel id, as of the last `refresh`; kernels without one are not in it."""
        return MappingProxyType(self._known)

    async def refresh(self) -> Mapping[str, Notebook]:
        """Ask the server's sessions, and return what `known` is now."""
        now = self._clock()
        sessions = await _awaited(self._sessions.list_sessions())
        running = set(await _awaited(self._kernels.list_kernel_ids()))
        closed = {
            kernel_id: notebook if notebook.as_of is not None else notebook._replace(as_of=now)
            for kernel_id, notebook in self._known.items()
            if kernel_id in running
        }
        open_now: dict[str, Notebook] = {}
        for session in sessions:
            kernel = session.get("kernel") or {}
            notebook = notebook_of(session["path"], session["name"], session["type"], self._root)
            # Of several sessions on one kernel the first is the one that started it.
            if notebook is not None and kernel.get("id") is not None and kernel["id"] not in open_now:
                name = str(kernel.get("name") or "")
                language = await self._language(name)
                open_now[kernel["id"]] = notebook._replace(kernel=clean_text(name) or None, language=language)
        self._known = closed | open_now
        return self.known

    def pid_of(self, kernel_id: str) -> int | None:
        """Return the pid of a kernel; `None` where it is not a process of this host, or not there."""
        try:
            provisioner = self._kernels.get_kernel(kernel_id).provisioner
        except KeyError:
            return None
        pid = getattr(provisioner, "pid", None)
        return pid if isinstance(pid, int) else None

    async def act(self, act: Literal["interrupt", "restart", "shutdown"], kernel_id: str) -> None:
        """Do to a kernel what its server does when somebody asks for it in Jupyter."""
        await _awaited(getattr(self._kernels, f"{act}_kernel")(kernel_id))

    async def _language(self, name: str) -> str | None:
        if name not in self._languages:
            try:
                spec = await _awaited(self._specs.get_kernel_spec(name))
                self._languages[name] = clean_text(spec.language) or None
            except Exception:  # each manager of specifications has errors of its own; the name alone does as well
                self._languages[name] = None
        return self._languages[name]


async def _awaited(value: Any) -> Any:
    """Return what a manager answers: some are asynchronous and some are not."""
    return await value if inspect.isawaitable(value) else value
