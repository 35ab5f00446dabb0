"""Everything that the page's server answers: the page, its files, the kernel's WebSocket. Event loop's thread."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jupyter_server.base.handlers import FileFindHandler
from jupyter_server.services.kernels.handlers import KernelHandler
from jupyter_server.utils import url_path_join
from tornado import web
from tornado.iostream import StreamBufferFullError
from tornado.websocket import WebSocketClosedError
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

from procwidget.errors import SourceUnavailable
from procwidget.server.ask_routes import State, json_routes
from procwidget.server.capacity import ROOM
from procwidget.server.page import VIEWS, Page
from procwidget.server.routes import JsonRoute
from procwidget.server.script_bundle import Scripts
from procwidget.server.security import GATE, Guarded, may_act, page_policy
from procwidget.server.shared_kernel import VisitorConnection
from procwidget.views.scripts import script_path

PAGE = "procwidget_page"
SCRIPTS = "procwidget_scripts"

LARGEST_BACKLOG = 1 << 24
"""Bytes kept for a visitor who does not read; of 5,000 processes a whole frame has 1 MB."""

WIDGET_EXTENSIONS = (
    "@jupyter-widgets/jupyterlab-manager",
    "@voila-dashboards/widgets-manager8",
    "anywidget",
    "bqplot",
    "bqscales",
)
"""JupyterLab extensions that the dashboard needs. Whatever else the user installed is neither loaded nor served."""

TRY_AGAIN = 10
"""Seconds until a browser asks again for a page that could not start."""

_STATIC = Path(__file__).parent / "static"
_KERNEL = r"(?P<kernel_id>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"


class PageHandler(Guarded):
    """The dashboard's page."""

    @web.authenticated
    async def get(self) -> None:
        """Answer with the page; 503 with a sentence if the dashboard does not start."""
        page: Page = self.settings[PAGE]
        try:
            rendered = await page.render()
        except SourceUnavailable as error:
            raise web.HTTPError(503, f"{error} This page tries again every {TRY_AGAIN} seconds.") from error
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        frames = self.settings[GATE].frames
        self.set_header("Content-Security-Policy", page_policy(rendered.html, self.request.host, frames))
        if frames:
            # It knows no list of sites; the policy counts in every browser that the page works in.
            self.clear_header("X-Frame-Options")
        scripts: Scripts = self.settings[SCRIPTS]
        html = scripts.into(rendered.html, self.base_url)
        # The page shows no buttons that do nothing; that they do nothing is seen to where the messages come in.
        self.finish(html if may_act(self.current_user) else html.replace("<body ", '<body data-look-only="true" ', 1))

    def write_error(self, status_code: int, **details: Any) -> None:
        """Answer an error as everywhere, but let a page that could not start try again by itself.

        Open pages of other visitors reload here after the kernel died. `send_error` has cleared the headers set before.
        """
        if status_code == 503:
            self.set_header("Refresh", str(TRY_AGAIN))
        super().write_error(status_code, **details)


class WithoutSlash(Guarded):
    """The page's address as people type it, such as /monitor."""

    @web.authenticated
    @web.addslash
    def get(self) -> None:
        """Answer with the way to the page."""


class KernelModel(Guarded, KernelHandler):
    """Tells a page whether its kernel is still there."""

    def delete(self, kernel_id: str) -> None:
        """Answer 405: the kernel is everybody's."""
        raise web.HTTPError(405, "The kernel is shared by all visitors and ends by itself.")

    def options(self, *_: Any, **__: Any) -> None:
        """Answer 405."""
        raise web.HTTPError(405)


class KernelChannels(Guarded, VoilaKernelWebsocketHandler):
    """A page's WebSocket to the kernel."""

    connection: VisitorConnection | None = None

    @web.authenticated
    async def get(self, kernel_id: str) -> None:
        """Be the page's way to the kernel until it leaves; 400 for what is no WebSocket, 503 if too many are open."""
        if not _asks_for_websocket(self.request.headers):
            # tornado looks at that later, when the kernel expects a page already.
            raise web.HTTPError(400, "This address is for WebSockets.")
        with self.settings[ROOM].for_page():
            try:
                await super().get(kernel_id)  # type: ignore[misc]
            finally:
                # Nobody else does that for a socket that did not come as far as to be read from.
                self.on_close()

    async def open(self, kernel_id: str) -> None:
        """Connect the page to the kernel; what it does not read waits here, up to a bound.

        Where the kernel says nothing for a minute, the page is to try again.
        """
        self.ws_connection.stream.max_write_buffer_size = LARGEST_BACKLOG
        try:
            await super().open(kernel_id)
        except TimeoutError:
            self.close()

    def on_connection_close(self) -> None:
        """Take note that the other end is gone, also while a body was to come: tornado expects none here."""
        web.RequestHandler.on_connection_close(self)
        super().on_connection_close()

    def on_close(self) -> None:
        """Let go of the kernel."""
        if self.connection is not None:
            self.connection.disconnect()

    def write_message(self, message: Any, binary: bool = False) -> None:
        """Send a message to the page; a page that is gone by now is no error, and nobody waits for the answer."""
        if self.ws_connection is None:
            # While a connection closes, messages are packed in another way; Voilà would see billions of parts in them.
            return
        try:
            sent = super().write_message(message, binary)
        except WebSocketClosedError:
            return
        except StreamBufferFullError:
            # Closed at once: a farewell would have to wait behind all the rest.
            self.ws_connection.stream.close()
            return
        if sent is not None:
            sent.add_done_callback(lambda done: done.cancelled() or done.exception())


class LeavingPage(Guarded):
    """Where Voilà's page asks to end its kernel when it is left."""

    @web.authenticated
    async def post(self, kernel_id: str) -> None:
        """Answer 204 and end nothing: other visitors may be looking."""
        self.set_status(204)


class Files(Guarded, FileFindHandler):
    """Scripts and styles of Voilà, of the page's template and of the widget libraries."""

    def parse_url_path(self, url_path: str) -> str:
        """Return the path below the static directories; 404 if a part of it leads out of where its address is."""
        if not {".", ".."}.isdisjoint(re.split(r"[/\\]", url_path)):
            raise web.HTTPError(404)
        return str(super().parse_url_path(url_path))

    def on_finish(self) -> None:
        """Remember a script that was there: the next visitor gets it early."""
        if self.get_status() in (200, 304):
            self.settings[SCRIPTS].asked(self.request.uri, self.absolute_path)


class ScriptsTogether(Guarded):
    """Most of the page's scripts as one."""

    @web.authenticated
    def get(self) -> None:
        """Answer with the script; its address changes with it, so a browser may keep it."""
        self.set_header("Content-Type", "text/javascript; charset=utf-8")
        self.set_header("Cache-Control", "private, max-age=31536000, immutable")
        self.finish(self.settings[SCRIPTS].together())

    def compute_etag(self) -> None:
        """Return none: it would hash megabytes for each visitor, and the address has a version."""


class OwnFiles(Guarded, web.StaticFileHandler):
    """The page's own scripts, and those and the styles of the dashboard's widgets."""


def _asks_for_websocket(headers: Mapping[str, str]) -> bool:
    return (
        headers.get("Upgrade", "").lower() == "websocket"
        and "upgrade" in re.split(r"\s*,\s*", headers.get("Connection", "").strip().lower())
        and headers.get("Sec-WebSocket-Version") == "13"
        and bool(headers.get("Sec-WebSocket-Key"))
    )


def _guarded(route: type[JsonRoute]) -> type[JsonRoute]:
    """Return a route behind the page's gate."""
    return type(f"Guarded{route.__name__}", (Guarded, route), {"__doc__": route.__doc__})


def page_handlers(base_url: str, static_paths: list[str], labextensions_path: list[str]) -> list[tuple[Any, ...]]:
    """Return every route of the page's server, as tornado takes them."""
    extensions = "|".join(WIDGET_EXTENSIONS)
    routes: list[tuple[Any, ...]] = [
        (r"/", PageHandler),
        *((path, _guarded(route)) for path, route in json_routes("/")),
        (r"/procwidget/state", _guarded(State)),
        (r"/procwidget/scripts\.js", ScriptsTogether),
        (r"/procwidget/([a-z_]+\.js)", OwnFiles, {"path": str(_STATIC)}),
        (rf"/procwidget/views/((?:{'|'.join(VIEWS)})\.(?:js|css))", OwnFiles, {"path": str(script_path(""))}),
        (rf"/api/kernels/{_KERNEL}", KernelModel),
        (rf"/api/kernels/{_KERNEL}/channels", KernelChannels),
        (rf"/voila/api/shutdown/{_KERNEL}", LeavingPage),
        (r"/voila/templates/lab/static/(.+)", Files, {"path": static_paths}),
        (r"/voila/static/(.+)", Files, {"path": static_paths}),
        (rf"/voila/labextensions/((?:{extensions})/static/.+)", Files, {"path": labextensions_path}),
    ]
    without = [(base_url.rstrip("/"), WithoutSlash)] if base_url != "/" else []
    return [*without, *((url_path_join(base_url, path), *rest) for path, *rest in routes)]
