"""Runs the page's server with checked options until a signal ends it. On the main thread.

It is Voilà with our notebook, one kernel for all visitors, and everything closed that the page does not need.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
import webbrowser
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from tornado.web import Application
from traitlets.config import Config
from voila.app import Voila

from procwidget.jupyter.death_log import DeathLog
from procwidget.priority import give_back
from procwidget.server.cached_reader import Reader
from procwidget.server.capacity import ROOM, Room, RoomyServer, open_files
from procwidget.server.handlers import PAGE, SCRIPTS, WIDGET_EXTENSIONS, page_handlers
from procwidget.server.observed import OBSERVED, Observed
from procwidget.server.options import Options, as_browsers_say, is_loopback
from procwidget.server.page import Page, notebook_path
from procwidget.server.routes import DEATHS, READER
from procwidget.server.script_bundle import Scripts
from procwidget.server.security import GATE, STRANGERS, Gate, NotHere, TokenOnly, cookie_secret
from procwidget.server.shared_kernel import OwnInterpreter, SharedKernel, VisitorConnection
from procwidget.server.tls import tls_context
from procwidget.sources import Source, default_source
from procwidget.sources.own_processes import OwnProcessesSource
from procwidget.state.alerts import Alerts
from procwidget.thresholds import Thresholds

LARGEST_MESSAGE = 1 << 20
"""Bytes of a visitor's message; the page's own are below 10 kB."""

LONGEST_HEAD = 20
"""Seconds from one request to the next one's last header; pages that are open ask every three."""

LARGEST_BODY, LONGEST_BODY = 1 << 16, 10
"""Bytes and seconds of a request's body; the page's own are empty."""

PING_MILLISECONDS = 10_000
"""A visitor who does not answer three of these is gone."""

_LONGEST_DIRECTORY = 33
"""Bytes for the directory of temporary files: a Unix socket's path has 103 at most on macOS, and ours take 70."""


class PageServer(Voila):
    """Serves the dashboard's page.

    Args:
        options: what the user asked for.
        sockets: where to listen.
        usual_nice: the nice value for what is started but not ours, `None` if it is the one that is.
    """

    def __init__(self, options: Options, sockets: list[socket.socket], usual_nice: int | None = None) -> None:
        self._usual_nice = usual_nice
        super().__init__(config=_configuration(options))
        self.options = options
        self._sockets = sockets
        self.port = 0 if options.unix_socket else sockets[0].getsockname()[1]
        self.log_level = logging.WARNING
        self.log.addFilter(_worth_telling)
        self.notebook_path = str(notebook_path())
        self.base_url = options.base_url
        self.ip = options.ip
        self.token = options.token
        self.cookie_secret = cookie_secret(str(options.token))
        # No configuration of the user's own Voilà, least of all `voila.py` from the working directory.
        self.config_file_paths: list[str] = []

    def start(self) -> None:
        """Serve until a signal ends it; returns when the kernel is gone and its files are removed.

        Raises:
            SourceUnavailable: the dashboard does not start.
        """
        self.connection_dir = tempfile.mkdtemp(prefix="procwidget-", dir=_temporary_directory())
        try:
            asyncio.run(self._serve())
        finally:
            shutil.rmtree(self.connection_dir, ignore_errors=True)

    async def _serve(self) -> None:
        stopped = asyncio.Event()
        asyncio.get_running_loop().set_exception_handler(_report)
        for name in ending_signals():
            _on_signal(name, stopped)
        make_source: Callable[[], Source] = OwnProcessesSource if self.options.own_processes else default_source
        reader = Reader(make_source)
        self.app = Application(**self._settings(reader))
        page = Page(self, notebook_path(), self._kernel_environment())
        self.app.settings[PAGE] = page
        self.app.add_handlers(".*$", page_handlers(self.base_url, self.static_paths, self.labextensions_path))
        server = RoomyServer(
            self.app,
            room=self.app.settings[ROOM],
            xheaders=is_loopback(self.ip),
            idle_connection_timeout=LONGEST_HEAD,
            max_body_size=LARGEST_BODY,
            body_timeout=LONGEST_BODY,
            ssl_options=tls_context(self.options),
        )
        starting = asyncio.ensure_future(page.render())
        stopping = asyncio.ensure_future(stopped.wait())
        try:
            await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if starting.done():
                starting.result()
                server.add_sockets(self._sockets)
                self._announce()
                await stopping
        finally:
            server.stop()
            if self.options.unix_socket is not None:
                with contextlib.suppress(OSError):
                    os.unlink(self.options.unix_socket)
            if not starting.done():
                # A thread of the kernel's client may start as its context ends, and complain of that at great length.
                threading.excepthook = lambda _: None
            starting.cancel()
            stopping.cancel()
            await asyncio.gather(starting, stopping, return_exceptions=True)
            await ZMQChannelsWebsocketConnection.close_all()
            await self.kernel_manager.close()
            reader.close()

    def _settings(self, reader: Reader) -> dict[str, Any]:
        settings: dict[str, Any] = self.init_settings()
        self.identity_provider.let_look(self.options.view_token, self.cookie_secret)
        return settings | {
            GATE: self._gate(),
            STRANGERS: set(),
            ROOM: Room(open_files()),
            SCRIPTS: Scripts(),
            READER: reader,
            OBSERVED: Observed(reader, Alerts(Thresholds.of(self.options.thresholds)), self.options.interval),
            DEATHS: DeathLog(),
            "allow_unauthenticated_access": False,
            "default_handler_class": NotHere,
            "websocket_max_message_size": LARGEST_MESSAGE,
            "ws_ping_interval": PING_MILLISECONDS,
            "log_function": lambda _handler: None,
        }

    def _gate(self) -> Gate:
        names = {"localhost", self.ip, *self.options.allow_hosts}
        if not is_loopback(self.ip):
            names |= {socket.gethostname(), socket.getfqdn()}
        return Gate(
            frozenset(map(as_browsers_say, names)),
            any_address=not is_loopback(self.ip),
            frames=self.options.allow_frames,
        )

    def _kernel_environment(self) -> dict[str, str]:
        own = {"IPYTHONDIR": os.path.join(self.connection_dir, "ipython")}
        return self.options.kernel_environment(os.environ) | own

    def _announce(self) -> None:
        options = self.options
        host = socket.gethostname() if self.ip in ("0.0.0.0", "::") else self.ip  # noqa: S104
        host = f"[{host}]" if ":" in host else host
        address = f"{'https' if options.certfile else 'http'}://{host}:{self.port}{self.base_url}"
        if options.unix_socket is not None:
            lines = [f"procwidget listens at {options.unix_socket}, and its token is {self.token}"]
        else:
            lines = [f"procwidget is at {address}?token={quote(str(self.token), safe='')}"]
            if options.view_token is not None:
                lines.append(f"Only to look: {address}?token={quote(options.view_token, safe='')}")
        if not options.quiet:
            print(*lines, "Ctrl-C ends it.", sep="\n", flush=True)
        if options.open_browser and options.unix_socket is None and _has_display():
            url = f"{address}?token={self.identity_provider.ticket()}"
            threading.Thread(target=self._open_browser, args=(url,), daemon=True).start()

    def _open_browser(self, url: str) -> None:
        # It is not ours, and is to run as if somebody else had started it.
        give_back(self._usual_nice)
        webbrowser.open(url)


def serve(options: Options, sockets: list[socket.socket], usual_nice: int | None = None) -> None:
    """Serve the dashboard's page on `sockets` until a signal ends it; for `usual_nice` see `PageServer`.

    Raises:
        SourceUnavailable: the dashboard does not start.
    """
    logging.getLogger("tornado.general").addFilter(_worth_telling)
    server = PageServer(options, sockets, usual_nice)
    server.initialize(argv=[])
    # Voilà's handler needs a loop that runs; ours come with the loop.
    for name in ending_signals()[1:]:
        signal.signal(name, lambda *_: sys.exit(0))
    server.start()


def _worth_telling(record: logging.LogRecord) -> bool:
    # Of Jupyter Server's timeout of pings, which nobody can set otherwise; of visitors who just leave, or speak no TLS;
    # and of the kernel's rest while nobody looks, which is as it should be.
    untold = ("The websocket_ping_timeout", "Got events for closed stream", "SSL Error on", "Culling 'idle'")
    return not record.getMessage().startswith(untold)


def _configuration(options: Options) -> Config:
    config = Config()
    voila = config.VoilaConfiguration
    voila.template = "lab"
    voila.theme = "dark" if options.theme == "dark" else "light"
    voila.show_tracebacks = False
    voila.extension_allowlist = list(WIDGET_EXTENSIONS)
    voila.multi_kernel_manager_class = SharedKernel
    voila.kernel_spec_manager_class = OwnInterpreter
    config.Voila.identity_provider_class = TokenOnly
    config.Voila.kernel_websocket_connection_class = VisitorConnection
    kernels = config.MappingKernelManager
    kernels.buffer_offline_messages = False
    kernels.allow_tracebacks = False
    # With a webhook somebody is told of alerts also while nobody looks.
    kernels.cull_idle_timeout = 0 if options.webhook else max(1, round(options.idle))
    kernels.cull_interval = max(1, min(60, round(options.idle / 2)))
    if os.name == "posix":
        config.KernelManager.transport = "ipc"
    # A kernel that died is gone: its widgets would not come back with it. The next page starts a new one.
    config.KernelRestarter.restart_limit = 0
    config.KernelRestarter.time_to_dead = 1.0
    return config


def _temporary_directory() -> str | None:
    if os.name == "posix" and len(tempfile.gettempdir()) > _LONGEST_DIRECTORY:
        return "/tmp"  # noqa: S108 - mkdtemp makes a directory of its own in it, for this user alone
    return None


def ending_signals() -> list[signal.Signals]:
    """Return which signals end the server: Ctrl-C's first, not those that `nohup` or a shell told it to ignore."""
    more = [getattr(signal, name) for name in ("SIGHUP", "SIGQUIT") if hasattr(signal, name)]
    heard = [name for name in more if signal.getsignal(name) is not signal.SIG_IGN]
    return [signal.SIGINT, signal.SIGTERM, *heard]


def _report(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    # What waits for a kernel or a visitor is cancelled when they go: nobody is left to hear of it.
    if not isinstance(context.get("exception"), asyncio.CancelledError):
        loop.default_exception_handler(context)


def _on_signal(name: signal.Signals, stopped: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    try:
        loop.add_signal_handler(name, stopped.set)
    except NotImplementedError:
        # Windows has no signal handlers in event loops.
        signal.signal(name, lambda *_: loop.call_soon_threadsafe(stopped.set))


def _has_display() -> bool:
    if sys.platform in ("win32", "darwin"):
        return "SSH_CONNECTION" not in os.environ
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
