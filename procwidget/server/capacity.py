"""Limits connections and open pages by the system's limit of open files (RLIMIT_NOFILE).

Whoever can connect takes a descriptor, token or not, and an open page takes five. Where all are taken nobody gets in,
and the log fills with that. All but `open_files` runs on the event loop's thread.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tornado import web
from tornado.httpserver import HTTPServer
from tornado.iostream import IOStream

if sys.platform != "win32":
    import resource

ROOM = "procwidget_room"

MOST_FILES = 4096
"""Descriptors that the server asks the system for: enough for the pages that one process can serve."""

MOST_PAGES = 200
"""ZeroMQ has 1023 sockets for a process, and a page takes four of them while it connects."""

FULL = "As many pages are open as this server has room for: close one, or try again later."

_FEW_FILES = 512
_CONNECTION_SHARE, _PAGE_SHARE = 8, 20


def open_files() -> int:
    """Return how many files this process may have open; the limit is raised before, also for the kernel to come."""
    if sys.platform == "win32":
        return _FEW_FILES  # `select` takes no more
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= MOST_FILES:
        return MOST_FILES
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(MOST_FILES, hard)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (OSError, ValueError):
        return soft  # a sandbox may forbid it
    return wanted


class Room:
    """Room for connections and for open pages.

    Args:
        files: how many descriptors there are for both; what is left is for the server itself.
    """

    def __init__(self, files: int) -> None:
        self.connections = files // _CONNECTION_SHARE
        self._pages = min(MOST_PAGES, files // _PAGE_SHARE)
        self._open = 0

    @contextmanager
    def for_page(self) -> Iterator[None]:
        """Keep room for a page while it is open; 503 if there is none."""
        if self._open >= self._pages:
            raise web.HTTPError(503, FULL)
        self._open += 1
        try:
            yield
        finally:
            self._open -= 1


class RoomyServer(HTTPServer):
    """Hangs up on whoever is in the way of a new connection when there are too many.

    That is one that asks for nothing, or else one that does not take its answer. So while somebody opens connections
    without end, a page still comes: its requests are asked at once.
    """

    def initialize(self, application: web.Application, room: Room, **options: Any) -> None:  # type: ignore[override]
        """Set up the server as tornado's, with `room`."""
        super().initialize(application, **options)
        self._room = room

    def handle_stream(self, stream: IOStream, address: tuple[Any, ...]) -> None:
        """Take a new connection if there is room, or if somebody else can be hung up on."""
        if len(self._connections) >= self._room.connections and not self._hang_up():
            stream.close()
        else:
            super().handle_stream(stream, address)

    def _hang_up(self) -> bool:
        for waits in (IOStream.reading, IOStream.writing):
            for connection in self._connections:
                if waits(connection.stream):
                    connection.stream.close()
                    return True
        return False
