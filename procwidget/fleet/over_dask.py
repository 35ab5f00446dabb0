"""Carries a fleet over Dask: agents in its nannies, their rows as its events. The one file that imports `distributed`.

The plugins are sent by value and bring the core along, so nothing of procwidget has to be on the hosts. An agent is in
the nanny, which runs no user's code: a task that holds the GIL, or takes all memory, does not silence it.
Requests go to one nanny each, through the scheduler; a host that hangs keeps nobody else waiting.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import importlib.abc
import importlib.util
import json
import logging
import os
import ssl
import sys
import threading
import zlib
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import cloudpickle
from distributed import Client, NannyPlugin, WorkerPlugin
from distributed.comm import connect
from distributed.comm.core import CommClosedError, FatalCommClosedError
from distributed.security import Security

from procwidget import forking
from procwidget.errors import InvalidArgument, SourceUnavailable
from procwidget.fleet.core_archive import CoreArchive, core_archive
from procwidget.fleet.link import Listener, Peer

_log = logging.getLogger("procwidget")
_PATIENCE = 10.0
_LOOK_AGAIN = 30.0
"""Seconds after which the list of workers is asked for though nothing said that it has changed."""

_TOGETHER = 0.04
"""Seconds in which the scheduler gathers rows; the first goes at once."""

_WITHOUT_NANNY = "This worker has no nanny: while a task holds the GIL, nothing is heard from here."


class CoreFinder(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Imports the modules of a core from memory: a host needs no place for it."""

    def __init__(self, content: bytes) -> None:
        self._modules: dict[str, tuple[bool, str]] = json.loads(zlib.decompress(content))

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        """Return what finds a module of the core."""
        if fullname not in self._modules:
            return None
        return importlib.util.spec_from_loader(fullname, self, is_package=self.is_package(fullname))

    def is_package(self, fullname: str) -> bool:
        """Return whether it has modules in it."""
        return self._modules[fullname][0]

    def get_source(self, fullname: str) -> str:
        """Return its source, which tracebacks show too."""
        return self._modules[fullname][1]

    def get_code(self, fullname: str) -> Any:
        """Return what is executed."""
        return compile(self.get_source(fullname), f"<{fullname}>", "exec", dont_inherit=True)


def _load_core(name: str, digest: str, content: bytes) -> Any:
    """Return the module `attached` of the core; on a host, where this function comes without its module."""
    # Where the same procwidget runs already, as in a kernel with a LocalCluster, it is that.
    with contextlib.suppress(Exception):  # an older one may have nothing of the kind
        if sys.modules["procwidget.fleet.core_archive"].core_archive().digest == digest:
            return importlib.import_module("procwidget.fleet.attached")
    if name not in sys.modules:
        sys.meta_path.append(CoreFinder(content))
    return importlib.import_module(f"{name}.fleet.attached")


def _says_why_not(error: Exception) -> Callable[..., Any]:
    """Return what answers in the place of an agent that cannot start, as `failure.packed_failure` would."""
    _log.warning("procwidget cannot read this host", exc_info=error)
    text = f"procwidget cannot start there ({type(error).__name__}: {error})"
    said = zlib.compress(json.dumps({"error": text, "kind": "unavailable"}).encode("ascii"))

    async def handle(request: Any = None) -> bytes:
        return said

    return handle


class NannyAgent(NannyPlugin):
    """Has a nanny answer for the agent of its host."""

    idempotent = True

    def __init__(self, archive: CoreArchive) -> None:
        # Plain values: nothing of procwidget may be needed to unpickle this.
        self.name, self.digest, self.content = archive
        self.core: Any = None

    async def setup(self, nanny: Any) -> None:
        """Load the core in a thread, for that takes a while, and attach the agent."""
        try:
            self.core = await asyncio.to_thread(_load_core, self.name, self.digest, self.content)
            self.core.attach(nanny, self.name, "")
        except Exception as error:
            nanny.handlers[self.name] = _says_why_not(error)

    def teardown(self, nanny: Any) -> None:
        """Let go of the nanny."""
        if self.core is not None:
            self.core.detach(nanny, self.name)


class WorkerAgent(WorkerPlugin):
    """The same for a worker that has no nanny."""

    idempotent = True

    def __init__(self, archive: CoreArchive, note: str) -> None:
        self.name, self.digest, self.content = archive
        self.note = note
        self.core: Any = None

    async def setup(self, worker: Any) -> None:
        """Load the core and attach the agent, unless a nanny does."""
        if worker.nanny is None:
            try:
                self.core = await asyncio.to_thread(_load_core, self.name, self.digest, self.content)
                self.core.attach(worker, self.name, self.note)
            except Exception as error:
                worker.handlers[self.name] = _says_why_not(error)

    def teardown(self, worker: Any) -> None:
        """Let go of the worker."""
        if self.core is not None:
            self.core.detach(worker, self.name)


def _introduce(client: str, dask_scheduler: Any = None) -> tuple[int, str, int]:
    """Return the pid, boot id and pid namespace of the process that runs this; on the scheduler.

    From now on it sends this client the rows of a tick together: each in a message of its own costs both far more.
    """
    with contextlib.suppress(AttributeError, KeyError):
        dask_scheduler.client_comms[client].interval = _TOGETHER
    boot, namespace = "", 0
    with contextlib.suppress(OSError), open("/proc/sys/kernel/random/boot_id") as file:
        boot = file.read().strip()
    with contextlib.suppress(OSError):
        namespace = os.stat("/proc/self/ns/pid").st_ino
    return os.getpid(), boot, namespace


def _within(seconds: float, call: Callable[..., Any], *given: Any) -> Any:
    """Return what a call returns, `None` if it takes longer or fails: then it goes on in its thread, and is logged."""
    came: list[Any] = []

    def run() -> None:
        try:
            came.append(call(*given))
        except Exception:
            _log.warning("Some host of the cluster could not do what procwidget asked", exc_info=True)

    thread = threading.Thread(target=run, name="procwidget-dask-call", daemon=True)
    thread.start()
    thread.join(seconds)
    return came[0] if came else None


def _knock(address: str, security: Security | None, seconds: float) -> None:
    """See whether a scheduler lets anybody in at an address.

    Raises:
        InvalidArgument: it is no address.
        SourceUnavailable: it does not; the message says why.
    """
    if address.startswith("inproc:"):
        return

    async def knock() -> None:
        given = (security or Security()).get_connection_args("client")
        comm = await connect(address, timeout=seconds, **given)
        await comm.close()

    try:
        # In a thread, for in a notebook this one has a loop that runs.
        with ThreadPoolExecutor(1, "procwidget-dask-call") as thread:
            thread.submit(asyncio.run, knock()).result()
    except (ssl.SSLError, FileNotFoundError, PermissionError) as error:
        raise SourceUnavailable(f"The TLS files of Dask's configuration cannot be used: {error}.") from None
    except ValueError as error:
        raise InvalidArgument(
            f"{address!r} is no address of a scheduler, such as 'tcp://10.0.0.1:8786': {error}."
        ) from None
    except TypeError as error:
        if "ssl_context" not in str(error):
            raise
        raise SourceUnavailable(
            f"{address} is an address with TLS, and Dask knows no certificates: its configuration "
            "distributed.comm.tls says which files have them, or Fleet takes a Client that has them."
        ) from None
    except FatalCommClosedError:
        why = "its certificate is not of an authority that this client trusts (distributed.comm.tls.ca-file)"
        raise SourceUnavailable(f"No scheduler can be reached at {address}: {why}.") from None
    except OSError as error:
        why = str(error).rpartition(">: ")[2].rstrip(".")
        closed = address.startswith("tcp:") and isinstance(error, CommClosedError)
        tls = ". One that wants TLS is at an address that begins with tls://" if closed else ""
        raise SourceUnavailable(f"No scheduler can be reached at {address}: {why}{tls}.") from None


cloudpickle.register_pickle_by_value(sys.modules[__name__])


class DaskLink:
    """A cluster of Dask.

    It has a client of its own: topics that the user's client follows stay that one's.

    Args:
        cluster: a `distributed.Client`, or the address of a scheduler such as "tcp://10.0.0.1:8786".
    """

    def __init__(self, cluster: Any) -> None:
        if isinstance(cluster, str):
            self._address, self._security = cluster, None
        elif getattr(cluster, "scheduler", None) is not None:
            self._address, self._security = cluster.scheduler.address, cluster.security
        else:
            raise InvalidArgument(
                "Fleet takes a distributed.Client, or a scheduler's address such as 'tcp://10.0.0.1:8786', "
                f"not {cluster!r}."
            )
        self.name = self._address
        self._archive = core_archive()
        self._client: Client | None = None
        self._of_parent: Client | None = None
        self._listener: Listener | None = None
        self._scheduler_id, self._for_workers = "", False
        self._core_pids: dict[str, list[int]] = {}
        self._changed = threading.Event()
        self._closed = threading.Event()
        self._interval = 2.0
        forking.register(self)

    def after_fork(self) -> None:
        """In a forked child: there is no connection. The parent's is held: closing it would wait for its loop."""
        self._changed, self._closed = threading.Event(), threading.Event()
        self._of_parent, self._client = self._client, None

    def open(self, listener: Listener) -> None:
        """Connect, and keep agents and subscriptions alive from now on.

        Raises:
            InvalidArgument: the address is none.
            SourceUnavailable: the scheduler cannot be reached.
        """
        self._listener = listener
        self._connect()
        threading.Thread(target=self._keep, name="procwidget-dask", daemon=True).start()

    def _connect(self) -> None:
        # First without a client: one that cannot connect waits 20 s when it is collected as garbage, in any thread.
        _knock(self._address, self._security, _PATIENCE)
        self._client = Client(
            self._address, security=self._security, set_as_default=False, name="procwidget", timeout=_PATIENCE
        )
        self._scheduler_id = ""

    def _keep(self) -> None:
        """Look after the connection until it is closed; in a thread of its own."""
        waited = _LOOK_AGAIN
        while not self._closed.is_set():
            # What changes is told; that a scheduler is another one is asked for.
            pause = 1.0 if not self._scheduler_id else max(1.0, min(2.0, self._interval))
            changed = self._changed.wait(pause)
            if self._closed.is_set():
                return
            if changed:
                # Workers come and go several at a time.
                self._closed.wait(0.1)
            self._changed.clear()
            waited += pause
            try:
                if self._client is None or self._client.status == "closed":
                    self._tell("The scheduler cannot be reached: trying again.")
                    self._connect()
                known = self._scheduler_id
                assert self._client is not None
                identity = self._call(self._client.scheduler.identity(n_workers=0))
                if identity["id"] != known:
                    self._install()
                    self._scheduler_id = identity["id"]
                if changed or identity["id"] != known or waited >= _LOOK_AGAIN:
                    waited = 0.0
                    self._tell_peers()
                self._tell("")
            except SourceUnavailable as error:
                self._scheduler_id = ""
                self._tell(f"{error} Trying again.")
            except Exception as error:  # whatever the cluster does, this goes on
                if not self._closed.is_set():
                    self._scheduler_id = ""
                    self._tell(f"The scheduler does not answer ({type(error).__name__}): trying again.")

    def _tell(self, sentence: str) -> None:
        if self._listener is not None:
            self._listener.take_trouble(sentence)

    def _call(self, coroutine: Any, seconds: float = _PATIENCE) -> Any:
        """Return what a coroutine returns, run in the client's loop."""
        if self._client is None:
            coroutine.close()
            raise OSError("there is no connection")
        bounded = asyncio.wait_for(coroutine, seconds)
        return asyncio.run_coroutine_threadsafe(bounded, self._client.loop.asyncio_loop).result(seconds + 1.0)

    def _install(self) -> None:
        """Register agents and subscribe, anew after a scheduler has restarted: it knows nothing of us then."""
        client = self._client
        assert client is not None
        client.subscribe_topic(self._archive.name, self._take_row)
        client.subscribe_topic("all", self._take_news)
        # A host that hangs keeps the answer back; the others have it all the same.
        _within(5.0, client.register_plugin, NannyAgent(self._archive))
        self._for_workers = False
        where = _within(5.0, client.run_on_scheduler, _introduce, client.id)
        self._core_pids = {f"{where[1]}/{where[2]}": [where[0]]} if where else {}

    def _take_row(self, event: Any) -> None:
        if self._listener is not None:
            self._listener.take_row(event[1])

    def _take_news(self, event: Any) -> None:
        match event:
            case (_, {"action": "add-worker" | "remove-worker"}):
                self._changed.set()

    def _tell_peers(self) -> None:
        assert self._client is not None
        workers = self._call(self._client.scheduler.identity(n_workers=-1))["workers"]
        peers = [
            Peer(worker["nanny"] or address, address, "nanny" if worker["nanny"] else "worker")
            for address, worker in workers.items()
        ]
        if not self._for_workers and any(peer.kind == "worker" for peer in peers):
            # The first that has no nanny, which may come at any time.
            self._for_workers = True
            _within(5.0, self._client.register_plugin, WorkerAgent(self._archive, _WITHOUT_NANNY))
        if self._listener is not None:
            self._listener.take_peers(peers)

    def request(self, peer: Peer, request: dict[str, Any]) -> Future[Any]:
        """Ask the agent behind one nanny or worker."""
        if self._client is None or self._client.status != "running":
            failed: Future[Any] = Future()
            failed.set_exception(SourceUnavailable("The scheduler cannot be reached just now."))
            return failed
        return asyncio.run_coroutine_threadsafe(self._request(peer, request), self._client.loop.asyncio_loop)

    async def _request(self, peer: Peer, request: dict[str, Any]) -> Any:
        assert self._client is not None
        message = {"op": self._archive.name, "request": request}
        try:
            answers = await self._client.scheduler.broadcast(
                msg=message, workers=[peer.via], nanny=peer.kind == "nanny", on_error="return"
            )
        except Exception as error:
            raise SourceUnavailable(f"No worker of this host is connected just now ({type(error).__name__}).") from None
        answer = answers.get(peer.via) if isinstance(answers, dict) else None
        if answer is None or isinstance(answer, bytes):
            return answer
        if isinstance(answer, (list, tuple)) and all(isinstance(one, bytes) for one in answer):
            return answer
        raise SourceUnavailable("This host does not answer just now.")

    def core_pids(self) -> dict[str, list[int]]:
        """Return the scheduler's pid, by its boot and pid namespace."""
        return self._core_pids

    def set_interval(self, seconds: float) -> None:
        """Note how often rows come."""
        self._interval = seconds

    def close(self) -> None:
        """Unsubscribe; the agents rest when nobody asks them any more, and go with their nannies."""
        self._closed.set()
        self._changed.set()
        if self._client is not None:
            with contextlib.suppress(Exception):
                # Else the scheduler would tell it that it has left.
                for topic in (self._archive.name, "all"):
                    self._client.unsubscribe_topic(topic)
                self._client.close(timeout=2)
